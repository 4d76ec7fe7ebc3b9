//! `bench all`: every measurement with a goal, one after another, and the report.

use super::durable::{Shape, measure as measure_durable, measure_echo};
use super::http::{HttpBench, measure as measure_http};
use super::report::{Report, write};
use super::sockets::{Held, Rooms, Sockets, measure as measure_sockets};
use super::startup::{Size, measure as measure_startup};
use super::{Common, WireFormat, runtime};
use crate::limits::open_files_max;
use crate::machine::Machine;
use crate::server_process::{ServerProcess, program};
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};

/// Every measurement with a goal, and a report of them
#[derive(Args, Clone, Debug)]
pub struct All {
    /// Measure this server, without what needs its process: memory and starting [default: start one]
    #[arg(long, value_name = "URL")]
    pub target: Option<String>,
    /// The server's program [default: `longhouse` beside this program]
    #[arg(long, value_name = "FILE")]
    pub server: Option<PathBuf>,
    /// Where to write the report. What stands there after the line `## Notes` stays
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Also write the figures here, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS")]
    pub seconds: f64,
    /// Everything small, to see that it works; the figures mean nothing
    #[arg(long)]
    pub quick: bool,
}

/// The command.
pub fn run(args: &All) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("swarm-bench-").tempdir()?;
    let base = folder.path();
    let machine = Machine::here(base);
    let program = match &args.target {
        Some(_) => None,
        None => Some(program(args.server.as_deref())?),
    };
    let mut report = Report::new(machine, args.quick);
    measure_load(args, program.as_deref(), base, &mut report)?;
    if let Some(program) = &program {
        let (small, large) = if args.quick { (200, 1_000) } else { (10_000, 50_000) };
        // A server of ours has the limits that we have; each socket is a file for it.
        let large =
            large.min(usize::try_from(open_files_max()).unwrap_or(usize::MAX).saturating_sub(FILES_SPARE));
        let rows = [(small, Rooms::Ledger, 100), (small, Rooms::Farm, 1), (large, Rooms::Ledger, 100)];
        for (index, (count, rooms, per_room)) in rows.into_iter().enumerate() {
            let held =
                measure_held(program, &base.join(format!("sockets-{index}")), args, count, rooms, per_room)?;
            report.sockets.push((format!("{count} sockets, {}", name_of(rooms)), held));
        }
        let size = if args.quick {
            Size { accounts: 2_000, rooms: 200, load_seconds: 1.0 }
        } else {
            Size { accounts: 1_000_000, rooms: 100_000, load_seconds: args.seconds }
        };
        report.startup = Some(measure_startup(program, base, &common(args, ""), size)?);
    }
    if let Some(path) = &args.json {
        std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    let text = write(&report);
    println!("{text}");
    if let Some(path) = &args.report {
        let notes =
            std::fs::read_to_string(path).ok().and_then(|old| old.find(NOTES).map(|at| old[at..].to_owned()));
        let notes = notes.unwrap_or_else(|| format!("{NOTES}\n"));
        std::fs::write(path, format!("{text}\n{notes}"))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

/// Files that server and swarm need beside the sockets.
const FILES_SPARE: usize = 1_500;

/// What people add to the report stands below this line.
const NOTES: &str = "## Notes\n";

fn name_of(rooms: Rooms) -> &'static str {
    match rooms {
        Rooms::Farm => "a farm each",
        Rooms::Ledger => "100 in a ledger",
    }
}

fn common(args: &All, target: &str) -> Common {
    let (seconds, warm_up) = if args.quick { (1.0, 0.5) } else { (args.seconds, 3.0) };
    Common {
        target: target.to_owned(),
        remote: false,
        server_key: "defaultkey".to_owned(),
        seconds,
        warm_up,
        json: None,
    }
}

/// Everything that needs no more than a server: transfers beside the echo, and HTTP.
fn measure_load(args: &All, program: Option<&Path>, base: &Path, report: &mut Report) -> Result<()> {
    let runtime = runtime()?;
    let data = base.join("load");
    std::fs::create_dir_all(&data)?;
    let server = match program {
        Some(program) => Some(runtime.block_on(ServerProcess::start(program, &data))?),
        None => None,
    };
    let target = match (&server, &args.target) {
        (Some(server), _) => server.target.clone(),
        (None, Some(url)) => Target::parse(url, false)?,
        (None, None) => bail!("there is no server"),
    };
    let common = common(args, &target.host);
    let wide = Shape { connections: if args.quick { 50 } else { 500 }, in_flight: 1, rate: None, threads: 1 };
    let deep = Shape { connections: 8, in_flight: 64, rate: None, threads: 1 };
    let open = Shape { rate: Some(if args.quick { 1_000.0 } else { 100_000.0 }), ..deep.clone() };
    for (shape, format, echo) in [
        (&deep, WireFormat::Protobuf, true),
        (&deep, WireFormat::Json, false),
        (&wide, WireFormat::Protobuf, true),
        (&open, WireFormat::Protobuf, false),
    ] {
        let (figures, frame_bytes) = measure_durable(&target, &common, shape, format)?;
        report.figures.push(figures);
        if echo {
            report.figures.push(measure_echo(None, &common, shape, frame_bytes)?);
        }
    }
    let http = HttpBench::whole(common.clone(), if args.quick { 1_000 } else { 300_000 });
    report.figures.extend(measure_http(&target, &http)?);
    match server {
        Some(server) => runtime.block_on(server.stop()),
        None => Ok(()),
    }
}

/// Idle sockets on a server of their own, so that its memory is theirs.
fn measure_held(
    program: &Path,
    data: &Path,
    args: &All,
    count: usize,
    rooms: Rooms,
    per_room: usize,
) -> Result<Held> {
    std::fs::create_dir_all(data)?;
    let runtime = runtime()?;
    let server = runtime.block_on(ServerProcess::start(program, data))?;
    let common = common(args, &server.target.host);
    let sockets = Sockets { common, count, rooms, per_room, pid: server.pid() };
    let held = measure_sockets(&server.target, &sockets)?;
    runtime.block_on(server.kill())?;
    Ok(held)
}
