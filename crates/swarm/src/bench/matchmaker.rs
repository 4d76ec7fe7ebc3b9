//! `bench matchmaker`: how long one interval takes with thousands of tickets that wait, and whether sockets feel it.
//!
//! The tickets are the hard kind: each finds many others that suit it, and none of them wants it back.

use super::metrics::Page;
use super::{Common, runtime};
use crate::client::{Heard, Http, Login, Socket};
use crate::dice::Dice;
use crate::limits::raise_open_files;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use wire::envelope::{Envelope, Format, MatchmakerAdd, Message, Ping};

/// The protocol lets one session wait with so many.
const TICKETS_PER_SOCKET: usize = 3;
const TICKETS_MAX: usize = 45_000;
/// Pause between two pings.
const PING_MS: u64 = 5;
/// Kinds of players who are not let play with other kinds.
const REGIONS: u64 = 20;

/// One interval with thousands of tickets that wait
#[derive(Args, Clone, Debug)]
pub struct MatchmakerBench {
    #[command(flatten)]
    pub common: Common,
    /// Tickets that wait
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    pub tickets: usize,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Waited {
    /// Tickets that waited.
    pub tickets: usize,
    /// Intervals that were run meanwhile.
    pub intervals: u64,
    /// How long one of them took, on average.
    pub interval_ms: f64,
    /// None took longer than this.
    pub longest_ms: Option<f64>,
    /// Median of a ping and its answer on another socket.
    pub ping_p50_ms: f64,
    /// 99 of 100 pings were faster.
    pub ping_p99_ms: f64,
    /// The slowest.
    pub ping_max_ms: f64,
}

/// Runs it against a server.
pub fn measure(target: &Target, args: &MatchmakerBench) -> Result<Waited> {
    if !(1..=TICKETS_MAX).contains(&args.tickets) {
        bail!("--tickets is 1 to {TICKETS_MAX}");
    }
    raise_open_files((args.tickets / TICKETS_PER_SOCKET) as u64 + 1_024)?;
    runtime()?.block_on(tokio::task::LocalSet::new().run_until(wait(target, args)))
}

async fn wait(target: &Target, args: &MatchmakerBench) -> Result<Waited> {
    let (keys, run) = (args.common.keys(), args.common.run_name());
    let mut http = Http::connect(target).await?;
    let progress = Progress::new("tickets", args.tickets as u64);
    let mut dice = Dice::new(1);
    let mut holders = Vec::new();
    let mut left = args.tickets;
    while left > 0 {
        let login = Login::device(&mut http, &keys, &format!("swarm-{run}-{left:06}")).await?;
        let own = Dice::new(dice.number());
        let mut socket = Socket::open(target, &login.token, Format::Protobuf, None, own).await?;
        for _ in 0..left.min(TICKETS_PER_SOCKET) {
            let cid = socket.ask(ticket(&mut dice)).await?;
            answer(&mut socket, &cid).await?;
            left -= 1;
            progress.step();
        }
        // Held from now on: a socket that answers no ping loses its tickets.
        holders.push(tokio::task::spawn_local(async move { while socket.next().await.is_ok() {} }));
    }
    progress.done();

    let login = Login::device(&mut http, &keys, &format!("swarm-{run}-prober")).await?;
    let mut prober = Socket::open(target, &login.token, Format::Protobuf, None, Dice::new(2)).await?;
    let before = Page::read(target).await?;
    let length = Duration::from_secs_f64(args.common.seconds);
    let progress = Progress::new("pings", length.as_millis() as u64);
    let begin = Instant::now();
    let mut pings = Histogram::<u64>::new_with_bounds(1_000, 60_000_000_000, 3)?;
    while begin.elapsed() < length {
        let sent = Instant::now();
        let cid = prober.ask(Message::Ping(Ping {})).await?;
        answer(&mut prober, &cid).await?;
        pings.saturating_record(sent.elapsed().as_nanos() as u64);
        progress.at(begin.elapsed().as_millis() as u64);
        tokio::time::sleep(Duration::from_millis(PING_MS)).await;
    }
    progress.done();
    let spent = Page::read(target).await?.since(&before, "longhouse_matchmaker_interval_seconds", "");
    if holders.iter().any(tokio::task::JoinHandle::is_finished) {
        bail!("some sockets with tickets were closed");
    }
    Ok(Waited {
        tickets: args.tickets,
        intervals: spent.count,
        interval_ms: spent.mean_ms(),
        longest_ms: spent.longest_ms,
        ping_p50_ms: pings.value_at_quantile(0.5) as f64 / 1e6,
        ping_p99_ms: pings.value_at_quantile(0.99) as f64 / 1e6,
        ping_max_ms: pings.max() as f64 / 1e6,
    })
}

fn ticket(dice: &mut Dice) -> Message {
    let (region, skill) = (dice.below(REGIONS), dice.below(1_000) as f64);
    Message::MatchmakerAdd(MatchmakerAdd {
        min_count: 2,
        max_count: 4,
        query: format!("+properties.region:r{region} +properties.skill:>{skill}"),
        string_properties: BTreeMap::from([("region".to_owned(), format!("r{region}"))]),
        numeric_properties: BTreeMap::from([("skill".to_owned(), skill)]),
        count_multiple: None,
    })
}

async fn answer(socket: &mut Socket, cid: &str) -> Result<()> {
    let answering = async {
        loop {
            if let Heard::Other(Envelope { cid: found, message }) = socket.next().await?
                && found == cid
            {
                return match message {
                    Some(Message::Error(error)) => bail!("{} (code {})", error.message, error.code),
                    _ => Ok(()),
                };
            }
        }
    };
    timeout(Duration::from_secs(20), answering).await.context("no answer")?
}

/// The command.
pub fn run(args: &MatchmakerBench) -> Result<()> {
    let found = measure(&args.common.target()?, args)?;
    args.common.write_json(&found)?;
    println!(
        "{} tickets: {} intervals of {:.1} ms; pings meanwhile p50 {:.2} ms, p99 {:.2} ms, max {:.1} ms",
        found.tickets,
        found.intervals,
        found.interval_ms,
        found.ping_p50_ms,
        found.ping_p99_ms,
        found.ping_max_ms
    );
    Ok(())
}
