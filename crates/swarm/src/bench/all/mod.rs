//! `bench all`: every measurement with a goal, one after another, and the report.

mod rounds;
mod stages;

use super::Common;
use super::report::{Report, write};
use crate::machine::Machine;
use crate::server_process::program;
use anyhow::{Context as _, Result};
use clap::Args;
use rounds::Rounds;
use std::path::PathBuf;

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
    if let Err(error) = Rounds::new(args, program.as_deref(), base).run(&mut report) {
        // What was found is shown, and the report of an earlier run, which is whole, stays.
        println!("{}", write(&report));
        return Err(error);
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

/// What people add to the report stands below this line.
const NOTES: &str = "## Notes\n";

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
