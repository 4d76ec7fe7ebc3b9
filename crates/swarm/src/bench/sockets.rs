//! `bench sockets`: many idle sockets, each logged in and with a seat in a room, and what one costs the server.

use super::{Common, runtime};
use crate::client::{Http, Joined, Keys, Login, Socket};
use crate::dice::Dice;
use crate::limits::raise_open_files;
use crate::process_memory::resident_bytes;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use wire::envelope::Format;

const SOCKETS_MAX: usize = 500_000;
/// Sockets from one local address: far below the ports that one address has, so that a run of 10,000 tests it too.
const SOCKETS_PER_ADDRESS: usize = 5_000;
/// Sockets that are set up at once.
const SETUPS_MAX: usize = 64;

/// Which room a socket sits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rooms {
    /// A farm of its own
    Farm,
    /// Ledgers of `--per-room` players
    Ledger,
}

/// Idle sockets, each logged in and with a seat
#[derive(Args, Clone, Debug)]
pub struct Sockets {
    #[command(flatten)]
    pub common: Common,
    /// How many sockets
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    pub count: usize,
    /// Rooms they sit in
    #[arg(long, value_enum, default_value_t = Rooms::Ledger)]
    pub rooms: Rooms,
    /// Players in one ledger
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub per_room: usize,
    /// Process of the server, to read its memory
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// Sockets asked for.
    pub asked: usize,
    /// Sockets that opened and joined.
    pub opened: usize,
    /// Sockets still open at the end.
    pub held: usize,
    /// How long they were held.
    pub seconds: f64,
    /// Resident memory of the server before the first of them, with all that the
    /// first login, room and thread cost once: the figure is an upper bound.
    pub before_bytes: Option<u64>,
    /// Resident memory of the server with all of them.
    pub with_bytes: Option<u64>,
    /// The difference, for each socket.
    pub bytes_each: Option<f64>,
    /// The first failure.
    pub fault: Option<String>,
}

/// Runs it against a server.
pub fn measure(target: &Target, args: &Sockets) -> Result<Held> {
    if !(1..=SOCKETS_MAX).contains(&args.count) || args.per_room == 0 {
        bail!("--count is 1 to {SOCKETS_MAX}, --per-room at least 1");
    }
    raise_open_files(args.count as u64 + 1024)?;
    runtime()?.block_on(tokio::task::LocalSet::new().run_until(hold(target, args)))
}

async fn hold(target: &Target, args: &Sockets) -> Result<Held> {
    let keys = args.common.keys();
    let run = args.common.run_name();
    let memory = |pid: Option<u32>| pid.map(resident_bytes).transpose();
    let before_bytes = memory(args.pid)?;
    let shared = Arc::new(Shared {
        target: target.clone(),
        keys,
        run,
        next: AtomicUsize::new(0),
        count: args.count,
        rooms: args.rooms,
        per_room: args.per_room,
    });
    let progress = Progress::new("sockets open", args.count as u64);
    let (sender, mut receiver) = tokio::sync::mpsc::channel(SETUPS_MAX);
    for _ in 0..SETUPS_MAX.min(args.count) {
        tokio::task::spawn_local(set_up(shared.clone(), sender.clone()));
    }
    drop(sender);
    let (mut opened, mut fault) = (0, None);
    let mut holders = Vec::with_capacity(args.count);
    while let Some(result) = receiver.recv().await {
        progress.step();
        match result {
            Ok(socket) => {
                opened += 1;
                // Each is held from now on, because the server asks every few seconds whether it is there.
                holders.push(tokio::task::spawn_local(listen(socket)));
            }
            Err(error) => _ = fault.get_or_insert_with(|| format!("{error:#}")),
        }
    }
    progress.done();
    let length = Duration::from_secs_f64(args.common.seconds);
    let holding = Progress::new("sockets held", length.as_millis() as u64);
    let begin = Instant::now();
    while begin.elapsed() < length {
        tokio::time::sleep(Duration::from_millis(100)).await;
        holding.at(begin.elapsed().as_millis() as u64);
    }
    holding.done();
    let with_bytes = memory(args.pid)?;
    let mut held = 0;
    for holder in holders {
        if holder.is_finished() {
            let error = holder.await.context("a holder panicked")?;
            fault.get_or_insert_with(|| format!("{error:#}"));
        } else {
            held += 1;
            holder.abort();
        }
    }
    let bytes_each = match (before_bytes, with_bytes) {
        (Some(before), Some(with)) if opened > 0 => Some(with.saturating_sub(before) as f64 / opened as f64),
        _ => None,
    };
    let seconds = args.common.seconds;
    Ok(Held { asked: args.count, opened, held, seconds, before_bytes, with_bytes, bytes_each, fault })
}

struct Shared {
    target: Target,
    keys: Keys,
    run: String,
    next: AtomicUsize,
    count: usize,
    rooms: Rooms,
    per_room: usize,
}

/// One worker: sets up sockets until all are, with one HTTP connection and at most one ledger at a time.
async fn set_up(shared: Arc<Shared>, done: tokio::sync::mpsc::Sender<Result<Socket>>) {
    let mut http = None;
    let mut ledger = None;
    loop {
        let index = shared.next.fetch_add(1, Ordering::Relaxed);
        if index >= shared.count {
            return;
        }
        let result = one(&shared, index, &mut http, &mut ledger).await;
        if result.is_err() {
            http = None;
        }
        if done.send(result).await.is_err() {
            return;
        }
    }
}

async fn one(
    shared: &Shared,
    index: usize,
    http: &mut Option<Http>,
    ledger: &mut Option<(String, usize)>,
) -> Result<Socket> {
    let http = match http {
        Some(http) => http,
        None => http.insert(Http::connect(&shared.target).await?),
    };
    let login = Login::device(http, &shared.keys, &format!("swarm-{}-{index:06}", shared.run)).await?;
    let match_id = match (shared.rooms, ledger.take()) {
        (Rooms::Farm, _) => login.room(http, "room_mine", "farm", json!({})).await?,
        (Rooms::Ledger, Some((match_id, places))) => {
            *ledger = (places > 1).then(|| (match_id.clone(), places - 1));
            match_id
        }
        (Rooms::Ledger, None) => {
            let setup = json!({ "accounts": 2, "balance": 100 });
            let match_id = login.room(http, "room_open", "ledger", setup).await?;
            *ledger = (shared.per_room > 1).then(|| (match_id.clone(), shared.per_room - 1));
            match_id
        }
    };
    let from = (index >= SOCKETS_PER_ADDRESS && shared.target.address.ip() == Ipv4Addr::LOCALHOST)
        .then(|| IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2 + (index / SOCKETS_PER_ADDRESS) as u8)));
    let dice = Dice::new(index as u64);
    let mut socket = Socket::open(&shared.target, &login.token, Format::Protobuf, from, dice).await?;
    match socket.join(&match_id, BTreeMap::new()).await? {
        Joined::In => Ok(socket),
        Joined::Refused(code, why) => bail!("a join was refused: {why} (code {code})"),
    }
}

/// Answers pings until the socket breaks: the reason.
async fn listen(mut socket: Socket) -> anyhow::Error {
    loop {
        if let Err(error) = socket.next().await {
            return error;
        }
    }
}

/// The command.
pub fn run(args: &Sockets) -> Result<()> {
    let target = args.common.target()?;
    let held = measure(&target, args)?;
    args.common.write_json(&held)?;
    println!(
        "{} of {} sockets opened, {} held for {:.0} s",
        held.opened, held.asked, held.held, held.seconds
    );
    if let (Some(before), Some(with), Some(each)) = (held.before_bytes, held.with_bytes, held.bytes_each) {
        println!(
            "server memory: {:.1} MB before, {:.1} MB with them, {:.1} KB each",
            before as f64 / 1e6,
            with as f64 / 1e6,
            each / 1024.0
        );
    }
    match held.fault {
        Some(fault) if held.held < held.asked => bail!("not every socket held; the first failure: {fault}"),
        _ => Ok(()),
    }
}
