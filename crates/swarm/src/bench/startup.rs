//! How fast a server is there: on an empty folder, and killed with a million accounts, many rooms and a full
//! write-ahead log; and how fast a room with a long history answers then.

use super::fill::{self, Filled};
use super::{Common, runtime};
use crate::client::{Heard, Http, Joined, Login, Socket};
use crate::dice::Dice;
use crate::progress::Progress;
use crate::server_process::{ServerProcess, replay};
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use wire::envelope::Format;
use wire::payload::{Accepted, Command, Flags, Kind, Payload};

/// Starts on an empty folder, of which the median counts.
const EMPTY_STARTS: usize = 5;
/// Longest wait for a room's answer.
const ROOM_ANSWER_MS_MAX: u64 = 60_000;

/// How much there is before the kill.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Accounts.
    pub accounts: u64,
    /// Rooms.
    pub rooms: u64,
    /// Seconds of transfers in one room, up to the kill.
    pub load_seconds: f64,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Startup {
    /// Milliseconds until ready, on an empty folder.
    pub empty_ms: f64,
    /// Accounts before the kill.
    pub accounts: u64,
    /// Rooms before the kill.
    pub rooms: u64,
    /// Bytes of the write-ahead log after the kill.
    pub wal_bytes: u64,
    /// Milliseconds until ready, after the kill.
    pub full_ms: f64,
    /// Inputs of the room that was killed under load.
    pub room_inputs: u64,
    /// Milliseconds from the start of the process to that room's answer to a new command.
    pub room_answers_ms: f64,
    /// Milliseconds of that in the room: from the join to the answer.
    pub room_wakes_ms: f64,
    /// Inputs a second that the replay of the ledger does, and of how many.
    pub ledger_replay: (f64, u64),
    /// Inputs a second that the replay of a farm does, and of how many.
    pub farm_replay: (f64, u64),
}

/// Milliseconds until ready on an empty folder: the median.
pub fn measure_empty(program: &Path, base: &Path) -> Result<f64> {
    let progress = Progress::new("start, empty", EMPTY_STARTS as u64);
    let mut times = Vec::new();
    for round in 0..EMPTY_STARTS {
        let data = base.join(format!("empty-{round}"));
        std::fs::create_dir_all(&data)?;
        times.push(runtime()?.block_on(async {
            let server = ServerProcess::start(program, &data).await?;
            let ready_in = server.ready_in;
            server.stop().await?;
            anyhow::Ok(ready_in)
        })?);
        progress.step();
    }
    progress.done();
    times.sort_unstable();
    Ok(times[EMPTY_STARTS / 2].as_secs_f64() * 1e3)
}

/// Fills a folder, kills the server under load, and starts it again.
pub fn measure(program: &Path, base: &Path, common: &Common, size: Size) -> Result<Startup> {
    let empty_ms = measure_empty(program, base)?;
    let data = base.join("full");
    std::fs::create_dir_all(&data)?;
    let runtime = runtime()?;
    let server = runtime.block_on(ServerProcess::start(program, &data))?;
    let filled = fill::fill(&server.target, common, size)?;
    // The load ends, and the server dies before it can put anything in order.
    runtime.block_on(server.kill())?;
    let wal_bytes = std::fs::read_dir(&data)?
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().ends_with("-wal"))
        .filter_map(|entry| entry.metadata().ok())
        .map(|meta| meta.len())
        .sum();

    let begin = Instant::now();
    let server = runtime.block_on(ServerProcess::start(program, &data))?;
    let full_ms = server.ready_in.as_secs_f64() * 1e3;
    let (wake, _) = runtime.block_on(first_answer(&server.target, common, &filled))?;
    let room_answers_ms = begin.elapsed().as_secs_f64() * 1e3;
    runtime.block_on(server.stop())?;

    let speed = |answer: &Value| {
        let inputs = answer["inputs"].as_u64().unwrap_or_default();
        (answer["inputs_per_second"].as_f64().unwrap_or_default(), inputs)
    };
    let ledger_replay = speed(&runtime.block_on(replay(program, &data, &filled.ledger))?);
    let farm_replay = speed(&runtime.block_on(replay(program, &data, &filled.farm))?);
    Ok(Startup {
        empty_ms,
        accounts: filled.accounts,
        rooms: filled.rooms,
        wal_bytes,
        full_ms,
        room_inputs: ledger_replay.1,
        room_answers_ms,
        room_wakes_ms: wake.as_secs_f64() * 1e3,
        ledger_replay,
        farm_replay,
    })
}

/// Logs in, joins the room that was under load and sends it one command: how long the room took.
async fn first_answer(target: &Target, common: &Common, filled: &Filled) -> Result<(Duration, Accepted)> {
    let mut http = Http::connect(target).await?;
    let login = Login::device(&mut http, &common.keys(), &filled.host).await?;
    let mut socket = Socket::open(target, &login.token, Format::Protobuf, None, Dice::new(1)).await?;
    let begin = Instant::now();
    if let Joined::Refused(code, why) = socket.join(&filled.ledger, BTreeMap::new()).await? {
        bail!("the killed room may not be joined: {why} (code {code})");
    }
    let (mut body, mut payload) = (Vec::new(), Vec::new());
    ledger::Command::Transfer { from: 0, to: 1, amount: 1 }.encode(&mut body);
    let id = u128::from(Dice::seed_of_now()) << 64 | 1;
    Command { flags: Flags::NONE, id, seen: 0, body: &body }.write(&mut payload);
    socket.push(&filled.ledger, Kind::Command.op_code(), &payload);
    socket.flush().await?;
    let answering = async {
        loop {
            let Heard::Data(data) = socket.next().await? else { continue };
            match Payload::decode(&data)? {
                Payload::Accepted(accepted) if accepted.id == id => return Ok(accepted),
                Payload::Refused(refused) => bail!("the killed room refuses: {}", refused.reason),
                _ => {}
            }
        }
    };
    let accepted = timeout(Duration::from_millis(ROOM_ANSWER_MS_MAX), answering)
        .await
        .context("the killed room does not answer")??;
    Ok((begin.elapsed(), accepted))
}
