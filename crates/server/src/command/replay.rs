//! `longhouse replay`: runs a room's log again, checks every hash that is in it, and compares the end with what the
//! newest snapshot leads to. A server may be running.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::config::Loaded;
use crate::serve::Games;
use anyhow::{Context, Result, bail};
use app::rooms::Library;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Replayed, RoomId, Seq, Start};
use serde_json::json;
use store::{LogSizeOf, SharedRead};

use super::flags::Replay;

/// A replay that takes longer shows its progress.
const QUIET: Duration = Duration::from_secs(2);

/// Replays, and fails if anything differs.
pub fn replay(loaded: &Loaded, games: &Games, ask: &Replay) -> Result<ExitCode> {
    let id = ask.room.split('.').next().unwrap_or_default();
    let room: RoomId = id.parse().with_context(|| format!("{:?} is no room id", ask.room))?;
    let store = SharedRead::open(&loaded.config.data)?;
    let library = games.library(&loaded.config)?;
    let size = store.read_now(LogSizeOf { room })?;
    if size.chunks == 0 {
        bail!("there is no log of room {room} in {}", loaded.config.data.display());
    }
    let last = ask.to.unwrap_or(size.last_seq).min(size.last_seq);
    let start = if ask.from_snapshot { Start::Snapshot } else { Start::Open };

    let begun = Instant::now();
    let replayed = follow(&store, &library, room, start, last)?;
    let took = begun.elapsed();
    let state = replayed.room.context("the log is empty")?;
    let (hash, rules) = (state.hash(), state.rules().to_string());
    let per_second = replayed.inputs as f64 / took.as_secs_f64().max(1e-9);

    // The same place by the shorter way, as the server would wake the room.
    let woken = follow(&store, &library, room, Start::Snapshot, last)?.room.context("the log is empty")?;
    let equal = woken.hash() == hash;
    if ask.json {
        let line = json!({
            "room": room.to_string(),
            "rules": rules,
            "to": last,
            "inputs": replayed.inputs,
            "seconds": took.as_secs_f64(),
            "inputs_per_second": per_second.round(),
            "hash": hash.to_string(),
            "hashes_checked": replayed.hashes,
            "equals_snapshot": equal,
        });
        println!("{line}");
    } else {
        println!("room      {room}");
        println!("rules     {rules}");
        println!(
            "inputs    {} up to {last}, in {:.3} s: {per_second:.0} a second",
            replayed.inputs,
            took.as_secs_f64()
        );
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

/// Follows the log with a progress bar, which only shows if it takes long.
fn follow(store: &SharedRead, library: &Library, room: RoomId, start: Start, last: u64) -> Result<Replayed> {
    let begun = Instant::now();
    let mut bar = None;
    let mut progress = |inputs: u64| {
        if bar.is_none() && begun.elapsed() > QUIET {
            bar = Some(progress_bar(last));
        }
        if let Some(bar) = &bar {
            bar.set_position(inputs);
        }
    };
    let replayed = app::rooms::replay(store, library, room, start, Some(Seq(last)), &mut progress);
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(replayed?)
}

fn progress_bar(last: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} inputs, {per_sec}, {eta} left")
            .expect("the template is well-formed");
    ProgressBar::new(last).with_style(style)
}
