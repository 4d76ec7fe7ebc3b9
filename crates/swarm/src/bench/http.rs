//! `bench http`: what a second of keep-alive connections gets done: logins, accounts, saves and ranks.

use super::cases::{Case, Prepared, RANKS, prepare};
use super::figures::Figures;
use super::ground::Ground;
use super::requests::Requests;
use super::stalls::Stalls;
use super::{Common, runtime};
use crate::load::{self, Pace, Plan};
use crate::target::Target;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum as _};
use serde::Serialize;
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
    /// Saves that are written and read
    #[arg(long, default_value_t = 300_000, value_name = "N")]
    pub keys: u64,
    /// Players with a rank
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    pub records: u64,
    /// The key of server callers
    #[arg(long, default_value = "defaulthttpkey", value_name = "KEY")]
    pub http_key: String,
}

impl HttpBench {
    /// All cases, as `bench all` wants them.
    pub fn whole(common: Common, keys: u64, records: u64) -> Self {
        let http_key = "defaulthttpkey".to_owned();
        HttpBench {
            common,
            connections: 32,
            rate: None,
            threads: 1,
            only: Vec::new(),
            keys,
            records,
            http_key,
        }
    }

    /// The same with the cases of ranks alone, unless it names its own.
    pub fn ranks_only(&self) -> Self {
        let only = if self.only.is_empty() { RANKS.to_vec() } else { self.only.clone() };
        HttpBench { only, ..self.clone() }
    }

    /// The cases it has.
    pub fn cases(&self) -> &[Case] {
        if self.only.is_empty() { Case::value_variants() } else { &self.only }
    }
}

/// What one case gave.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// What was asked.
    pub case: Case,
    /// How fast.
    pub figures: Figures,
    /// What the store did meanwhile, if the case writes.
    pub stalls: Option<Stalls>,
}

/// Runs the cases against a server; each is announced first.
pub fn measure(target: &Target, args: &HttpBench, announce: &mut dyn FnMut(&str)) -> Result<Vec<Asked>> {
    if !(1..=CONNECTIONS_MAX).contains(&args.connections) {
        bail!("--connections is 1 to {CONNECTIONS_MAX}");
    }
    if !(args.connections as u64..=KEYS_MAX).contains(&args.keys) || !(1..=KEYS_MAX).contains(&args.records) {
        bail!("--keys is the number of connections to {KEYS_MAX}, --records 1 to {KEYS_MAX}");
    }
    let mut ground = Ground::new(args.common.run_name());
    let runtime = runtime()?;
    let mut rows = Vec::new();
    for case in args.cases().iter().copied() {
        announce(&case.title(args));
        let prepared = runtime.block_on(prepare(case, target, args, &mut ground))?;
        rows.push(if case.writes() {
            let (figures, stalls) = Stalls::around(target, || phase(target, args, case, prepared))?;
            Asked { case, figures, stalls: Some(stalls) }
        } else {
            Asked { case, figures: phase(target, args, case, prepared)?, stalls: None }
        });
    }
    Ok(rows)
}

fn phase(target: &Target, args: &HttpBench, case: Case, prepared: Prepared) -> Result<Figures> {
    let plan = Plan {
        pace: args.rate.map_or(Pace::Closed(1), Pace::Open),
        warm_up: Duration::from_secs_f64(args.common.warm_up),
        measure: Duration::from_secs_f64(args.common.seconds),
        threads: args.threads,
    };
    let mut connections = Vec::with_capacity(prepared.connections.len());
    for asks in prepared.connections {
        let stream = TcpStream::connect(target.address)?;
        stream.set_nodelay(true)?;
        let talk =
            Requests::new(&target.host, prepared.method, &prepared.path, &asks.authorization, asks.varies);
        connections.push((stream, Vec::new(), talk));
    }
    let outcome = load::run(case.name(), connections, &plan)?;
    Ok(Figures::of(case.title(args), &outcome))
}

/// The command.
pub fn run(args: &HttpBench) -> Result<()> {
    let asked = measure(&args.common.target()?, args, &mut |_| {})?;
    println!("{}", Figures::head());
    for row in &asked {
        println!("{}", row.figures);
    }
    for row in &asked {
        if let Some(stalls) = &row.stalls {
            println!("{}: {stalls}", row.case.name());
        }
    }
    args.common.write_json(&asked)
}
