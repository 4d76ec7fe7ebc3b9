//! `bench http`: what a second of keep-alive connections gets done: logins, accounts, saves and ranks.

use super::cases::{Case, Prepared, prepare};
use super::figures::Figures;
use super::requests::Requests;
use super::{Common, runtime};
use crate::load::{self, Pace, Plan};
use crate::target::Target;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum as _};
use std::net::TcpStream;
use std::time::Duration;

const CONNECTIONS_MAX: usize = 10_000;
const KEYS_MAX: u64 = 10_000_000;

/// Logins, accounts, saves and ranks over keep-alive connections
#[derive(Args, Clone, Debug)]
pub struct HttpBench {
    #[command(flatten)]
    pub common: Common,
    /// Keep-alive connections, one request on its way on each
    #[arg(long, default_value_t = 32, value_name = "N")]
    pub connections: usize,
    /// Requests a second over all connections (open loop)
    #[arg(long, value_name = "PER_SECOND")]
    pub rate: Option<f64>,
    /// Threads of the load
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub threads: usize,
    /// What to measure [default: all]
    #[arg(long, value_enum, value_name = "CASE")]
    pub only: Vec<Case>,
    /// Saves that are written and read, and players with a rank
    #[arg(long, default_value_t = 300_000, value_name = "N")]
    pub keys: u64,
    /// The key of server callers
    #[arg(long, default_value = "defaulthttpkey", value_name = "KEY")]
    pub http_key: String,
}

impl HttpBench {
    /// All cases, as `bench all` wants them.
    pub fn whole(common: Common, keys: u64) -> Self {
        let http_key = "defaulthttpkey".to_owned();
        HttpBench { common, connections: 32, rate: None, threads: 1, only: Vec::new(), keys, http_key }
    }
}

/// Runs the cases against a server.
pub fn measure(target: &Target, args: &HttpBench) -> Result<Vec<Figures>> {
    if !(1..=CONNECTIONS_MAX).contains(&args.connections) {
        bail!("--connections is 1 to {CONNECTIONS_MAX}");
    }
    if !(args.connections as u64..=KEYS_MAX).contains(&args.keys) {
        bail!("--keys is the number of connections to {KEYS_MAX}");
    }
    let run = args.common.run_name();
    let runtime = runtime()?;
    let cases = if args.only.is_empty() { Case::value_variants() } else { &args.only };
    let mut rows = Vec::new();
    for case in cases {
        let prepared = runtime.block_on(prepare(*case, target, args, &run))?;
        rows.push(phase(target, args, case.name(), prepared)?);
    }
    Ok(rows)
}

fn phase(target: &Target, args: &HttpBench, name: &str, prepared: Prepared) -> Result<Figures> {
    let plan = Plan {
        pace: args.rate.map_or(Pace::Closed(1), Pace::Open),
        warm_up: Duration::from_secs_f64(args.common.warm_up),
        measure: Duration::from_secs_f64(args.common.seconds),
        threads: args.threads,
    };
    let mut connections = Vec::with_capacity(args.connections);
    for make in prepared.bodies {
        let stream = TcpStream::connect(target.address)?;
        stream.set_nodelay(true)?;
        let talk =
            Requests::new(&target.host, prepared.method, &prepared.path, &make.authorization, make.body);
        connections.push((stream, Vec::new(), talk));
    }
    let outcome = load::run(name, connections, &plan)?;
    Ok(Figures::of(format!("{name}, {} connections", args.connections), &outcome))
}

/// The command.
pub fn run(args: &HttpBench) -> Result<()> {
    let rows = measure(&args.common.target()?, args)?;
    args.common.show(&rows)
}
