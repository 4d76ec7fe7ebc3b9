//! Fills a server through its front door: accounts, rooms, one busy ledger, one busy farm.

use super::players::{LEDGER_ACCOUNTS, open_ledger, seat};
use super::requests::{Part, Requests, Varies};
use super::startup::Size;
use super::transfers::Transfers;
use super::{Common, runtime};
use crate::client::{Http, Joined, Keys, Login, Socket};
use crate::dice::Dice;
use crate::load::{self, Pace, Plan};
use crate::target::Target;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use wire::envelope::Format;
use wire::payload::{Command, Flags, Kind};

/// Connections that fill.
const CONNECTIONS: usize = 32;
/// One stretch; tokens are renewed between two, because they may live for a minute only.
const STRETCH: Duration = Duration::from_secs(10);
/// Stretches without any progress.
const IDLE_STRETCHES_MAX: u32 = 3;
/// A farmer sends one shear in this time: as many as the rules allow.
const SHEAR_MS: u64 = 50;

/// What there is now.
#[derive(Clone, Debug)]
pub struct Filled {
    /// Accounts made.
    pub accounts: u64,
    /// Rooms opened.
    pub rooms: u64,
    /// Match id of the busy ledger.
    pub ledger: String,
    /// Device of the ledger's first player.
    pub host: String,
    /// Match id of the busy farm.
    pub farm: String,
}

/// Fills; ends with seconds of transfers, so that a kill after it finds a full write-ahead log.
pub fn fill(target: &Target, common: &Common, size: Size) -> Result<Filled> {
    let run = common.run_name();
    let keys = common.keys();
    let (farm, farmer) = Farmer::start(target, &keys, &run)?;

    let device_path = "/v2/account/authenticate/device?create=true";
    let accounts = many(target, "accounts", size.accounts, |count| {
        let (run, count) = (run.clone(), count.clone());
        let body: Part = Box::new(move |_, body| {
            let number = count.fetch_add(1, Ordering::Relaxed);
            write!(body, r#"{{"id":"swarm-{run}-fill-{number:09}"}}"#).expect("a Vec takes every byte");
        });
        Ok((device_path.to_owned(), keys.basic().to_owned(), body))
    })?;
    let rooms = many(target, "rooms", size.rooms, |count| {
        let login = runtime()?.block_on(async {
            let mut http = Http::connect(target).await?;
            Login::device(&mut http, &keys, &format!("swarm-{run}-opener")).await
        })?;
        let setup = json!({ "rules": "ledger", "setup": { "accounts": 10, "balance": 1000 } });
        let text = Value::String(setup.to_string()).to_string();
        let count = count.clone();
        let body: Part = Box::new(move |_, body| {
            count.fetch_add(1, Ordering::Relaxed);
            body.extend_from_slice(text.as_bytes());
        });
        Ok(("/v2/rpc/room_open".to_owned(), login.bearer, body))
    })?;

    let (ledger, seated) = runtime()?.block_on(async {
        let ledger = open_ledger(target, &keys, &run).await?;
        let seated = seat(target, &keys, &run, &ledger, 8, Format::Protobuf).await?;
        anyhow::Ok((ledger, seated))
    })?;
    let connections = seated
        .into_iter()
        .enumerate()
        .map(|(index, (stream, kept))| {
            let dice = Dice::new(Dice::seed_of_now() ^ index as u64);
            (stream, kept, Transfers::new(Format::Protobuf, &ledger, LEDGER_ACCOUNTS, dice))
        })
        .collect();
    let measure = Duration::from_secs_f64(size.load_seconds);
    let plan = Plan { pace: Pace::Closed(64), warm_up: Duration::ZERO, measure, threads: 1 };
    load::run("transfers before the kill", connections, &plan)?;
    farmer.stop()?;
    Ok(Filled { accounts, rooms, host: format!("swarm-{run}-host"), ledger, farm })
}

/// Sends requests in stretches until there were enough: how many were accepted.
fn many(
    target: &Target,
    what: &str,
    wanted: u64,
    make: impl Fn(&Arc<AtomicU64>) -> Result<(String, String, Part)>,
) -> Result<u64> {
    let sent = Arc::new(AtomicU64::new(0));
    let (mut accepted, mut idle) = (0, 0);
    while accepted < wanted {
        let mut connections = Vec::with_capacity(CONNECTIONS);
        for _ in 0..CONNECTIONS {
            let (path, authorization, body) = make(&sent)?;
            let stream = TcpStream::connect(target.address)?;
            stream.set_nodelay(true)?;
            let talk = Requests::new(&target.host, "POST", &path, &authorization, Varies::Body(body));
            connections.push((stream, Vec::new(), talk));
        }
        let plan = Plan { pace: Pace::Closed(1), warm_up: Duration::ZERO, measure: STRETCH, threads: 1 };
        let label = format!("{what}: {accepted} of {wanted}");
        let outcome = load::run(&label, connections, &plan)?;
        accepted += outcome.accepted;
        idle = if outcome.accepted == 0 { idle + 1 } else { 0 };
        if idle == IDLE_STRETCHES_MAX {
            bail!("the server makes no more {what}: {} refused in the last stretch", outcome.refused);
        }
    }
    Ok(accepted)
}

/// Someone who shears all the while, so that one farm has a history.
struct Farmer {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Result<()>>,
}

impl Farmer {
    fn start(target: &Target, keys: &Keys, run: &str) -> Result<(String, Self)> {
        let device = format!("swarm-{run}-farmer");
        let (match_id, socket) = {
            let runtime = runtime()?;
            let (match_id, token) = runtime.block_on(async {
                let mut http = Http::connect(target).await?;
                let login = Login::device(&mut http, keys, &device).await?;
                let match_id = login.room(&mut http, "room_mine", "farm", json!({})).await?;
                anyhow::Ok((match_id, login.token))
            })?;
            (match_id, (runtime, token))
        };
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, target, room) = (stop.clone(), target.clone(), match_id.clone());
        let (runtime, token) = socket;
        let thread = std::thread::Builder::new()
            .name("farmer".into())
            .spawn(move || runtime.block_on(shear(&target, &token, &room, &stopped)))?;
        Ok((match_id, Farmer { stop, thread }))
    }

    fn stop(self) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        match self.thread.join() {
            Ok(result) => result,
            Err(_) => bail!("the farmer panicked"),
        }
    }
}

async fn shear(target: &Target, token: &str, room: &str, stop: &AtomicBool) -> Result<()> {
    let mut socket = Socket::open(target, token, Format::Protobuf, None, Dice::new(2)).await?;
    if let Joined::Refused(code, why) = socket.join(room, BTreeMap::new()).await? {
        bail!("the farm may not be joined: {why} (code {code})");
    }
    let body = farm::Command::Shear { count: 1 }.encode();
    let mut ticks = tokio::time::interval(Duration::from_millis(SHEAR_MS));
    let mut number = 0u128;
    while !stop.load(Ordering::Relaxed) {
        tokio::select! {
            heard = socket.next() => drop(heard?),
            _ = ticks.tick() => {
                number += 1;
                let mut payload = Vec::new();
                Command { flags: Flags::MESSAGE_PACK, id: number, seen: 0, body: &body }.write(&mut payload);
                socket.push(room, Kind::Command.op_code(), &payload);
                socket.flush().await?;
            }
        }
    }
    Ok(())
}
