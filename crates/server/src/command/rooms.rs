//! `longhouse rooms`: what rooms there are, whether they take inputs, how large their logs are. A server may be
//! running.

use std::process::ExitCode;

use crate::config::Loaded;
use anyhow::Result;
use serde_json::json;
use store::{ListRooms, ListedRoom, LogSize, LogSizeOf, RoomState, SharedRead};

use super::flags::Rooms;

/// Rooms read from the store at a time.
const PAGE_ROOMS: u32 = 500;

/// Lists rooms, the newest first.
pub fn rooms(loaded: &Loaded, ask: &Rooms) -> Result<ExitCode> {
    let store = SharedRead::open(&loaded.config.data)?;
    if !ask.json {
        println!(
            "{:<36}  {:<12} {:<8} {:>6} {:>12} {:>12} {:>8}  fault",
            "room", "rules", "state", "seats", "inputs", "log bytes", "rows"
        );
    }
    let (mut before, mut left) = (None, ask.limit);
    while left > 0 {
        let limit = left.min(PAGE_ROOMS);
        let page = store.read_now(ListRooms { before, open_only: ask.open, limit })?;
        for room in &page {
            let size = store.read_now(LogSizeOf { room: room.row.id })?;
            if ask.json { print_json(room, size) } else { print_line(room, size) }
        }
        let count = u32::try_from(page.len()).unwrap_or(limit);
        let Some(last) = page.last().filter(|_| count == limit) else { break };
        before = Some(last.row.id);
        left -= count;
    }
    Ok(ExitCode::SUCCESS)
}

fn state(state: &RoomState) -> (&'static str, &str) {
    match state {
        RoomState::Open => ("open", ""),
        RoomState::Faulted(why) => ("faulted", why),
        RoomState::Ended => ("ended", ""),
    }
}

fn print_line(room: &ListedRoom, size: LogSize) {
    let (state, fault) = state(&room.row.state);
    println!(
        "{:<36}  {:<12} {:<8} {:>6} {:>12} {:>12} {:>8}  {}",
        room.row.id.to_string(),
        room.row.rules,
        state,
        room.seats,
        size.last_seq,
        size.bytes,
        size.chunks,
        fault.lines().next().unwrap_or_default()
    );
}

fn print_json(room: &ListedRoom, size: LogSize) {
    let (state, fault) = state(&room.row.state);
    let line = json!({
        "room": room.row.id.to_string(),
        "rules": room.row.rules,
        "state": state,
        "fault": fault,
        "seats": room.seats,
        "epoch": room.row.epoch.0,
        "created_ms": room.row.created_ms,
        "label": room.row.label,
        "first_seq": size.first_seq,
        "last_seq": size.last_seq,
        "log_bytes": size.bytes,
        "log_rows": size.chunks,
    });
    println!("{line}");
}
