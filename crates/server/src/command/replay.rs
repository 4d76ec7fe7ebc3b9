//! `longhouse replay`: runs a room's log again, checks every hash that is in it, and compares the end with what the
//! newest snapshot leads to. The log lies in a data folder, where a server may be running, or in a file.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::config::Loaded;
use crate::serve::Games;
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Replayed, Room, RoomId, Seq, Start};
use serde_json::json;
use store::{LogSizeOf, SharedRead};

use super::flags::Replay;
use super::log_file::LogFile;

/// A replay that takes longer shows its progress.
const QUIET: Duration = Duration::from_secs(2);

/// Follows a log from somewhere, and hears how many inputs were taken.
type Follow<'a> = dyn FnMut(Start, &mut dyn FnMut(u64)) -> Result<Replayed> + 'a;

/// Replays, and fails if anything differs.
pub fn replay(loaded: &Loaded, games: &Games, ask: &Replay) -> Result<ExitCode> {
    let library = games.library(&loaded.config)?;
    if let Some(path) = &ask.file {
        let mut file = LogFile::open(path, &library)?;
        let (room, last) = (file.room, ask.to.unwrap_or(file.last.0).min(file.last.0));
        return report(ask, room, last, &mut |start, progress| {
            let source = &mut file.source(progress);
            Ok(kernel::replay(room, source, start, Some(Seq(last)))?)
        });
    }
    let room = ask.room.as_deref().unwrap_or_default();
    let id = room.split('.').next().unwrap_or_default();
    let room: RoomId = id.parse().with_context(|| format!("{room:?} is no room id"))?;
    let store = SharedRead::open(&loaded.config.data)?;
    let size = store.read_now(LogSizeOf { room })?;
    if size.chunks == 0 {
        bail!("there is no log of room {room} in {}", loaded.config.data.display());
    }
    let last = ask.to.unwrap_or(size.last_seq).min(size.last_seq);
    report(ask, room, last, &mut |start, progress| {
        Ok(app::rooms::replay(&store, &library, room, start, Some(Seq(last)), progress)?)
    })
}

fn report(ask: &Replay, room: RoomId, last: u64, follow: &mut Follow<'_>) -> Result<ExitCode> {
    let start = if ask.from_snapshot { Start::Snapshot } else { Start::Open };
    let begun = Instant::now();
    let replayed = with_progress(follow, start, last)?;
    let took = begun.elapsed().as_secs_f64().max(1e-9);
    let state = replayed.room.context("the log is empty")?;
    let (hash, rules) = (state.hash(), state.rules().to_string());
    let per_second = replayed.inputs as f64 / took;
    let times = speed(state.as_ref(), replayed.passed_ms, took);

    // The same place by the shorter way, as the server would wake the room.
    let woken = with_progress(follow, Start::Snapshot, last)?.room.context("the log is empty")?;
    let equal = woken.hash() == hash;
    if ask.json {
        let line = json!({
            "room": room.to_string(),
            "rules": rules,
            "to": last,
            "inputs": replayed.inputs,
            "seconds": took,
            "inputs_per_second": per_second.round(),
            "room_seconds": replayed.passed_ms as f64 / 1e3,
            "times_real_time": times.map(f64::round),
            "hash": hash.to_string(),
            "hashes_checked": replayed.hashes,
            "equals_snapshot": equal,
        });
        println!("{line}");
    } else {
        println!("room      {room}");
        println!("rules     {rules}");
        println!("inputs    {} up to {last}, in {took:.3} s: {per_second:.0} a second", replayed.inputs);
        if let Some(times) = times {
            println!(
                "time      {:.3} s of the room: {times:.0} times real time",
                replayed.passed_ms as f64 / 1e3
            );
        }
        println!("hash      {hash}");
        println!("checked   {} hashes in the log, all equal", replayed.hashes);
        println!("snapshot  {}", if equal { "leads to the same state" } else { "LEADS TO ANOTHER STATE" });
    }
    if !equal {
        let other = woken.hash();
        bail!("room {room}: at input {last} the snapshot leads to {other}, the whole log to {hash}");
    }
    Ok(ExitCode::SUCCESS)
}

/// How many times faster than it happened. Only of a room whose time is work: in another, most of it is nothing.
fn speed(room: &dyn Room, passed_ms: i64, seconds: f64) -> Option<f64> {
    room.pace().runs.then(|| passed_ms as f64 / 1e3 / seconds)
}

/// Follows the log with a progress bar, which only shows if it takes long.
fn with_progress(follow: &mut Follow<'_>, start: Start, last: u64) -> Result<Replayed> {
    let begun = Instant::now();
    let mut bar = None;
    let replayed = follow(start, &mut |inputs: u64| {
        if bar.is_none() && begun.elapsed() > QUIET {
            bar = Some(progress_bar(last));
        }
        if let Some(bar) = &bar {
            bar.set_position(inputs);
        }
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    replayed
}

fn progress_bar(last: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} inputs, {per_sec}, {eta} left")
            .expect("the template is well-formed");
    ProgressBar::new(last).with_style(style)
}
