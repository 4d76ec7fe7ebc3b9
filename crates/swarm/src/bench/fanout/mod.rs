//! `bench relay`, `bench chat` and `bench rooms`: what reaches the others when members of groups talk at a rate, how late, and what
//! it costs the server, beside a bare fan of the same bytes to as many sockets.

mod bare;
mod drive;
mod gather;
mod voices;

use super::{Common, WireFormat, runtime};
use crate::target::Target;
use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;
use std::fmt;
use std::time::Duration;
use wire::envelope::Format;

pub use crate::load::fan::serve;
pub use bare::Fan;
pub use drive::{Crowd, Heard, Plan, Voice, run as drive};
pub use voices::Bare;

const MEMBERS_MAX: usize = 15_000;

/// Members of groups who talk at a rate
#[derive(Args, Clone, Debug)]
pub struct Fanout {
    #[command(flatten)]
    pub common: Common,
    /// Groups
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub groups: usize,
    /// Members of each group
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub members: usize,
    /// Messages a second of each member
    #[arg(long, default_value_t = 20.0, value_name = "PER_SECOND")]
    pub rate: f64,
    /// Bytes of one message
    #[arg(long, default_value_t = 64, value_name = "BYTES")]
    pub bytes: usize,
    /// Format of the envelope
    #[arg(long, value_enum, default_value = "protobuf")]
    pub format: WireFormat,
    /// The server's process, for its processor time
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// Chat is kept: each message is written before it is sent
    #[arg(long)]
    pub kept: bool,
    /// Also measure a bare fan
    #[arg(long)]
    pub bare: bool,
    /// Moves in rooms have no id, and are not answered when they are taken
    #[arg(long)]
    pub unanswered: bool,
}

/// Where they talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Kind {
    Relay,
    Chat,
    Rooms,
}

/// What a rate gave, and a bare fan at the same rate.
#[derive(Clone, Debug, Serialize)]
pub struct Fanned {
    /// Where they talked.
    pub kind: Kind,
    /// Messages were written before they were sent.
    pub kept: bool,
    /// Format of the envelope.
    pub format: WireFormat,
    /// Messages a second of each member.
    pub rate: f64,
    /// The server.
    pub talk: FanFigures,
    /// The bare fan, if it was asked for.
    pub bare: Option<FanFigures>,
}

impl Fanned {
    /// Everything that was said arrived, and no socket was closed.
    pub fn arrived(&self) -> bool {
        self.talk.closed == 0 && self.talk.delivered > 0.999
    }

    /// The server's processor time for one delivery, beside the bare fan's.
    pub fn of_bare(&self) -> Option<f64> {
        Some(self.talk.cpu_us? / self.bare.as_ref()?.cpu_us?)
    }

    /// The rows of a table.
    pub fn rows(&self) -> impl Iterator<Item = &FanFigures> {
        std::iter::once(&self.talk).chain(&self.bare)
    }
}

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct FanFigures {
    /// What was measured.
    pub name: String,
    /// Deliveries a second.
    pub per_second: f64,
    /// Of those that should have come.
    pub delivered: f64,
    /// Median from the moment at which a message was due to its delivery.
    pub p50_ms: f64,
    /// 99 of 100 are faster.
    pub p99_ms: f64,
    /// 999 of 1,000 are faster.
    pub p999_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Bytes on the wire for one delivery, with all that comes beside.
    pub bytes_each: f64,
    /// Processor time of the server for one delivery.
    pub cpu_us: Option<f64>,
    /// Sockets that were closed.
    pub closed: u64,
}

impl FanFigures {
    /// From what was heard in so many seconds.
    pub fn of(name: String, heard: &drive::Heard, seconds: f64) -> Self {
        let ms = |quantile: f64| heard.latency.value_at_quantile(quantile) as f64 / 1e6;
        FanFigures {
            name,
            per_second: heard.deliveries as f64 / seconds,
            delivered: heard.deliveries as f64 / heard.expected.max(1) as f64,
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
            p999_ms: ms(0.999),
            max_ms: heard.latency.max() as f64 / 1e6,
            bytes_each: heard.bytes as f64 / heard.came.max(1) as f64,
            cpu_us: heard.cpu_seconds.map(|cpu| cpu * 1e6 / heard.deliveries.max(1) as f64),
            closed: heard.closed,
        }
    }

    /// The table's head.
    pub fn head() -> String {
        format!(
            "{:<38} {:>12} {:>9} {:>8} {:>8} {:>9} {:>8} {:>7} {:>10} {:>7}",
            "",
            "deliveries/s",
            "arrived",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "max ms",
            "bytes",
            "µs CPU each",
            "closed"
        )
    }
}

impl fmt::Display for FanFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpu = self.cpu_us.map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.2}"));
        write!(
            f,
            "{:<38} {:>12.0} {:>8.1}% {:>8.2} {:>8.2} {:>9.2} {:>8.2} {:>7.0} {cpu:>10} {:>7}",
            self.name,
            self.per_second,
            self.delivered * 100.0,
            self.p50_ms,
            self.p99_ms,
            self.p999_ms,
            self.max_ms,
            self.bytes_each,
            self.closed
        )
    }
}

impl Fanout {
    /// Every number is within its bounds.
    pub fn check(&self) -> Result<()> {
        let members = self.groups.saturating_mul(self.members);
        if self.members < 2 || !(2..=MEMBERS_MAX).contains(&members) {
            bail!("--members is at least 2, and all groups together have at most {MEMBERS_MAX}");
        }
        if !(0.01..=10_000.0).contains(&self.rate) || !(8..=3_000).contains(&self.bytes) {
            bail!("--rate is 0.01 to 10,000, --bytes 8 to 3,000");
        }
        Ok(())
    }

    /// How a run of these members goes, with so many deliveries of each message.
    pub fn plan(&self, pid: Option<u32>, reach: usize) -> drive::Plan {
        drive::Plan {
            per_second: self.rate * (self.groups * self.members) as f64,
            warm_up: Duration::from_secs_f64(self.common.warm_up),
            measure: Duration::from_secs_f64(self.common.seconds),
            pid,
            reach: reach as u64,
        }
    }
}

/// Measures against a server, and a bare fan beside it if asked to.
pub fn measure(target: &Target, kind: Kind, args: &Fanout) -> Result<Fanned> {
    args.check()?;
    let format = Format::from(args.format);
    let members = runtime()?.block_on(gather::gather(target, kind, args, format))?;
    let word = match kind {
        Kind::Relay => "relay",
        Kind::Chat if args.kept => "kept chat",
        Kind::Chat => "chat",
        Kind::Rooms => "rooms",
    };
    // A relayed match does not send back to the sender; the others do.
    let back = kind != Kind::Relay;
    let reach = if back { args.members } else { args.members - 1 };
    let shape = format!("{} × {} at {}/s", args.groups, args.members, args.rate);
    let name = format!("{word} {shape} {}", args.format.name());
    let heard = drive::run(&name, members, &args.plan(args.pid, reach))?;
    if let Some(fault) = &heard.fault {
        eprintln!("swarm: the first socket that was closed: {fault}");
    }
    let talk = FanFigures::of(name, &heard, args.common.seconds);
    let bare = match args.bare {
        // The same bytes: as many for each delivery as came from the server.
        true => Some(measure_bare(args, talk.bytes_each.round().max(8.0) as usize, back, reach, &shape)?),
        false => None,
    };
    Ok(Fanned { kind, kept: args.kept, format: args.format, rate: args.rate, talk, bare })
}

fn measure_bare(
    args: &Fanout,
    frame_bytes: usize,
    back: bool,
    reach: usize,
    shape: &str,
) -> Result<FanFigures> {
    let fan = bare::Fan::start(frame_bytes, back)?;
    let members = fan.members(args, frame_bytes)?;
    let heard = drive::run("a bare fan", members, &args.plan(Some(fan.pid()), reach))?;
    Ok(FanFigures::of(format!("bare fan {shape}"), &heard, args.common.seconds))
}

/// The command.
pub fn run(kind: Kind, args: &Fanout) -> Result<()> {
    let fanned = measure(&args.common.target()?, kind, args)?;
    println!("{}", FanFigures::head());
    for row in fanned.rows() {
        println!("{row}");
    }
    if let Some(ratio) = fanned.of_bare() {
        println!("processor time of the bare fan's: {ratio:.2} ×");
    }
    args.common.write_json(&fanned)
}
