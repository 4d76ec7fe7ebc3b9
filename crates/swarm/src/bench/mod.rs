//! Measurements: closed loops (so many on their way) and open ones (so many a second), after a warm-up, on the
//! client protocol. Nothing here judges; figures stand beside goals in the report only.

mod all;
mod cases;
mod durable;
pub mod fanout;
mod farms;
mod figures;
mod fill;
mod ground;
mod http;
mod matchmaker;
mod metrics;
mod movement;
mod players;
mod report;
mod requests;
mod sockets;
mod sovereign;
mod stalls;
mod startup;
#[cfg(test)]
mod talk_tests;
mod transfers;

use crate::client::Keys;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use figures::Figures;
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What to measure.
#[derive(Subcommand, Clone, Debug)]
pub enum Bench {
    /// Durable transfers in one ledger room
    Durable(durable::Durable),
    /// Idle sockets, each logged in and with a seat
    Sockets(sockets::Sockets),
    /// Logins, accounts, saves and ranks over keep-alive connections
    Http(http::HttpBench),
    /// The ranks alone: written, listed, and one player's among many
    Ranks(http::HttpBench),
    /// Relayed matches whose members talk at a rate
    Relay(fanout::Fanout),
    /// Chat rooms whose members talk at a rate
    Chat(fanout::Fanout),
    /// One interval of the matchmaker with thousands of tickets that wait
    Matchmaker(matchmaker::MatchmakerBench),
    /// Rooms with rules whose players move at a rate
    Rooms(fanout::Fanout),
    /// Players who move in rooms: here, in a Colyseus server, and as bare socket calls
    Movement(movement::Movement),
    /// Far more farms than are played at a time, waking and falling asleep
    Farms(farms::Farms),
    /// Wars with players on real sockets
    Sovereign(sovereign::Wars),
    /// A bare echo: the limit of this machine's socket calls
    Echo(Echo),
    /// Every measurement with a goal, and a report of them
    All(all::All),
}

/// What every measurement takes.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The server
    #[arg(long, default_value = "http://127.0.0.1:7350", value_name = "URL")]
    pub target: String,
    /// Allow a server that is not on this machine
    #[arg(long)]
    pub remote: bool,
    /// The server's key
    #[arg(long, default_value = "defaultkey", value_name = "KEY")]
    pub server_key: String,
    /// How long to measure
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS")]
    pub seconds: f64,
    /// How long to run before measuring
    #[arg(long, default_value_t = 2.0, value_name = "SECONDS")]
    pub warm_up: f64,
    /// Also write the figures here, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Longest measurement.
const SECONDS_MAX: f64 = 3_600.0;

impl Common {
    /// The server, if every bound holds.
    pub fn target(&self) -> Result<Target> {
        if !(0.1..=SECONDS_MAX).contains(&self.seconds) || !(0.0..=SECONDS_MAX).contains(&self.warm_up) {
            bail!("--seconds is 0.1 to {SECONDS_MAX}, --warm-up 0 to {SECONDS_MAX}");
        }
        Target::parse(&self.target, self.remote)
    }

    /// The keys.
    pub fn keys(&self) -> Keys {
        Keys::new(&self.server_key)
    }

    /// A name that no other run has, for devices.
    pub fn run_name(&self) -> String {
        format!("{:08x}", crate::dice::Dice::seed_of_now() as u32)
    }

    /// Prints rows and writes them as JSON if asked to.
    fn show(&self, rows: &[Figures]) -> Result<()> {
        println!("{}", Figures::head());
        for row in rows {
            println!("{row}");
        }
        self.write_json(&rows)
    }

    fn write_json(&self, value: &impl Serialize) -> Result<()> {
        if let Some(path) = &self.json {
            let text = serde_json::to_string_pretty(value)?;
            std::fs::write(path, text + "\n")
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(())
    }
}

/// How envelopes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
pub enum WireFormat {
    /// Binary
    Protobuf,
    /// Text
    Json,
}

impl WireFormat {
    /// As tables name it.
    pub fn name(self) -> &'static str {
        match self {
            WireFormat::Protobuf => "protobuf",
            WireFormat::Json => "json",
        }
    }
}

impl From<WireFormat> for wire::envelope::Format {
    fn from(format: WireFormat) -> Self {
        match format {
            WireFormat::Protobuf => wire::envelope::Format::Protobuf,
            WireFormat::Json => wire::envelope::Format::Json,
        }
    }
}

/// A bare echo: the limit of this machine's socket calls
#[derive(Args, Clone, Debug)]
pub struct Echo {
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub shape: durable::Shape,
    /// An echo server that runs already (`swarm echo`); else one is started for this run
    #[arg(long, value_name = "ADDRESS")]
    pub echo_server: Option<SocketAddr>,
    /// Bytes of one frame
    #[arg(long, default_value_t = 110, value_name = "BYTES")]
    pub frame_bytes: usize,
}

/// A runtime on this thread: setting up is not what is measured.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// The command.
pub fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Durable(args) => durable::run(args),
        Bench::Sockets(args) => sockets::run(args),
        Bench::Http(args) => http::run(args),
        Bench::Ranks(args) => http::run(&args.ranks_only()),
        Bench::Relay(args) => fanout::run(fanout::Kind::Relay, args),
        Bench::Matchmaker(args) => matchmaker::run(args),
        Bench::Rooms(args) => fanout::run(fanout::Kind::Rooms, args),
        Bench::Movement(args) => movement::run(args),
        Bench::Sovereign(args) => sovereign::run(args),
        Bench::Chat(args) => fanout::run(fanout::Kind::Chat, args),
        Bench::Farms(args) => farms::run(args),
        Bench::All(args) => all::run(args),
        Bench::Echo(args) => {
            args.common.target()?;
            let row = durable::measure_echo(args.echo_server, &args.common, &args.shape, args.frame_bytes)?;
            args.common.show(&[row])
        }
    }
}
