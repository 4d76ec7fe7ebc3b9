//! `bench durable`: transfers per second that the server says are durable, in one ledger room.

use super::figures::Figures;
use super::players::{LEDGER_ACCOUNTS, open_ledger, seat};
use super::transfers::Transfers;
use super::{Common, WireFormat, runtime};
use crate::dice::Dice;
use crate::load::echo::{EchoServer, EchoTalk};
use crate::load::{self, Pace, Plan};
use crate::target::Target;
use anyhow::{Result, bail};
use clap::Args;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Connections of one run.
pub const CONNECTIONS_MAX: usize = 20_000;
/// Commands on their way on one connection.
pub const IN_FLIGHT_MAX: usize = 4_096;

/// How much at once.
#[derive(Args, Clone, Debug)]
pub struct Shape {
    /// Connections, each of a player of its own
    #[arg(long, default_value_t = 8, value_name = "N")]
    pub connections: usize,
    /// Commands on their way on each connection (closed loop)
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub in_flight: usize,
    /// Commands a second over all connections instead (open loop); latency counts from when each was due
    #[arg(long, value_name = "PER_SECOND")]
    pub rate: Option<f64>,
    /// Threads of the load
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub threads: usize,
}

impl Shape {
    /// The pace, if every bound holds.
    pub fn pace(&self) -> Result<Pace> {
        if !(1..=CONNECTIONS_MAX).contains(&self.connections) {
            bail!("--connections is 1 to {CONNECTIONS_MAX}");
        }
        if !(1..=IN_FLIGHT_MAX).contains(&self.in_flight) {
            bail!("--in-flight is 1 to {IN_FLIGHT_MAX}");
        }
        match self.rate {
            None => Ok(Pace::Closed(self.in_flight)),
            Some(rate) if (0.1..=10_000_000.0).contains(&rate) => Ok(Pace::Open(rate)),
            Some(_) => bail!("--rate is 0.1 to 10,000,000"),
        }
    }

    /// The plan of a run.
    pub fn plan(&self, common: &Common) -> Result<Plan> {
        Ok(Plan {
            pace: self.pace()?,
            warm_up: Duration::from_secs_f64(common.warm_up),
            measure: Duration::from_secs_f64(common.seconds),
            threads: self.threads,
        })
    }

    /// How a table names it.
    pub fn name(&self) -> String {
        match self.rate {
            None => format!("{} × {}", self.connections, self.in_flight),
            Some(rate) => format!("{} at {rate:.0}/s", self.connections),
        }
    }
}

/// Durable transfers in one ledger room
#[derive(Args, Clone, Debug)]
pub struct Durable {
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub shape: Shape,
    /// Format of the envelope
    #[arg(long, value_enum, default_value_t = WireFormat::Protobuf)]
    pub format: WireFormat,
    /// Measure a bare echo of the same shape too, and print the ratio
    #[arg(long)]
    pub echo: bool,
}

/// Runs it against a server.
pub fn measure(
    target: &Target,
    common: &Common,
    shape: &Shape,
    format: WireFormat,
) -> Result<(Figures, usize)> {
    let plan = shape.plan(common)?;
    let run = common.run_name();
    let name = format.name();
    let format = format.into();
    let (match_id, seated) = runtime()?.block_on(async {
        let keys = common.keys();
        let match_id = open_ledger(target, &keys, &run).await?;
        let seated = seat(target, &keys, &run, &match_id, shape.connections, format).await?;
        anyhow::Ok((match_id, seated))
    })?;
    let mut dice = Dice::new(Dice::seed_of_now());
    let mut frame_bytes = 0;
    let connections = seated
        .into_iter()
        .map(|(stream, kept)| {
            let talk = Transfers::new(format, &match_id, LEDGER_ACCOUNTS, Dice::new(dice.number()));
            frame_bytes = talk.request_bytes();
            (stream, kept, talk)
        })
        .collect();
    let outcome = load::run("durable transfers", connections, &plan)?;
    if let Some(fault) = &outcome.fault {
        eprintln!("swarm: {} connections broke; the first: {fault}", outcome.broken);
    }
    let figures = Figures::of(format!("transfers {} {}", shape.name(), name), &outcome);
    Ok((figures, frame_bytes))
}

/// Runs the bare echo, against a server given or one of our own.
pub fn measure_echo(
    address: Option<SocketAddr>,
    common: &Common,
    shape: &Shape,
    frame_bytes: usize,
) -> Result<Figures> {
    let plan = shape.plan(common)?;
    let own = match address {
        Some(_) => None,
        None => Some(EchoServer::start(SocketAddr::from(([127, 0, 0, 1], 0)))?),
    };
    let address = match (&own, address) {
        (Some(server), _) => server.address(),
        (None, Some(address)) => address,
        (None, None) => bail!("there is no echo server"),
    };
    let mut connections = Vec::with_capacity(shape.connections);
    for _ in 0..shape.connections {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        connections.push((stream, Vec::new(), EchoTalk::new(frame_bytes)));
    }
    let outcome = load::run("bare echo", connections, &plan)?;
    Ok(Figures::of(format!("bare echo {}", shape.name()), &outcome))
}

/// The command.
pub fn run(args: &Durable) -> Result<()> {
    let target = args.common.target()?;
    let (figures, frame_bytes) = measure(&target, &args.common, &args.shape, args.format)?;
    let mut rows = vec![figures];
    if args.echo {
        rows.push(measure_echo(None, &args.common, &args.shape, frame_bytes)?);
    }
    args.common.show(&rows)?;
    if let [durable, echo] = &rows[..] {
        println!("of the bare echo: {:.2}", durable.per_second / echo.per_second);
    }
    Ok(())
}
