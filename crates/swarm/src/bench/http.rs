//! `bench http`: logins, accounts and new accounts per second over keep-alive connections.

use super::figures::Figures;
use super::requests::{Body, Requests};
use super::{Common, runtime};
use crate::client::{Http, Login};
use crate::load::{self, Pace, Plan};
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Result, bail};
use clap::Args;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Known devices that log in again and again.
const KNOWN_DEVICES: u64 = 1_000;
const CONNECTIONS_MAX: usize = 10_000;

/// Device logins, account reads and new accounts over HTTP
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
}

/// Runs the three against a server.
pub fn measure(target: &Target, args: &HttpBench) -> Result<Vec<Figures>> {
    if !(1..=CONNECTIONS_MAX).contains(&args.connections) {
        bail!("--connections is 1 to {CONNECTIONS_MAX}");
    }
    let common = &args.common;
    let run = common.run_name();
    let keys = common.keys();
    runtime()?.block_on(async {
        let mut http = Http::connect(target).await?;
        let progress = Progress::new("known devices", KNOWN_DEVICES);
        for index in 0..KNOWN_DEVICES {
            Login::device(&mut http, &keys, &known(&run, index)).await?;
            progress.step();
        }
        progress.done();
        anyhow::Ok(())
    })?;
    let login_path = "/v2/account/authenticate/device?create=true";
    let mut rows = Vec::new();

    let name = run.clone();
    rows.push(phase(target, args, "known login", "POST", login_path, keys.basic(), &|connection| {
        let name = name.clone();
        let first = connection as u64 * 37;
        Box::new(move |number, body| device_body(body, &known(&name, (first + number) % KNOWN_DEVICES)))
    })?);

    // A token may live for a minute only, so it is fetched just before it is used.
    let login = runtime()?.block_on(async {
        let mut http = Http::connect(target).await?;
        Login::device(&mut http, &keys, &known(&run, 0)).await
    })?;
    rows.push(phase(target, args, "get account", "GET", "/v2/account", &login.bearer, &|_| {
        Box::new(|_, _| {})
    })?);

    let fresh = Arc::new(AtomicU64::new(0));
    rows.push(phase(target, args, "new account", "POST", login_path, keys.basic(), &|_| {
        let (name, fresh) = (run.clone(), fresh.clone());
        Box::new(move |_, body| {
            let number = fresh.fetch_add(1, Ordering::Relaxed);
            device_body(body, &format!("swarm-{name}-new-{number:09}"));
        })
    })?);
    Ok(rows)
}

fn known(run: &str, index: u64) -> String {
    format!("swarm-{run}-known-{index:06}")
}

fn device_body(body: &mut Vec<u8>, device: &str) {
    write!(body, r#"{{"id":"{device}"}}"#).expect("a Vec takes every byte");
}

fn phase(
    target: &Target,
    args: &HttpBench,
    name: &str,
    method: &'static str,
    path: &str,
    authorization: &str,
    make: &dyn Fn(usize) -> Body,
) -> Result<Figures> {
    let plan = Plan {
        pace: args.rate.map_or(Pace::Closed(1), Pace::Open),
        warm_up: Duration::from_secs_f64(args.common.warm_up),
        measure: Duration::from_secs_f64(args.common.seconds),
        threads: args.threads,
    };
    let mut connections = Vec::with_capacity(args.connections);
    for index in 0..args.connections {
        let stream = TcpStream::connect(target.address)?;
        stream.set_nodelay(true)?;
        let talk = Requests::new(&target.host, method, path, authorization, make(index));
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
