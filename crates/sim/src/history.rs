//! What players were told, and whether the logs agree.

use std::collections::BTreeMap;

use app::rooms::{Library, replay};
use kernel::{CommandId, Hash128, Input, ReadRow, Refusal, RoomId, Row, Seq, Start};
use ledger::Command;
use store::{LoadLog, Store};

use crate::world::digest;

/// Bytes of log read at a time.
const PAGE_BYTES: u64 = 1 << 20;

/// Everything that players sent and heard.
#[derive(Clone, Default)]
pub struct History {
    sent: BTreeMap<CommandId, (RoomId, Command)>,
    accepted: BTreeMap<CommandId, (RoomId, Seq)>,
    refused: BTreeMap<CommandId, (RoomId, Refusal)>,
    notes: Vec<String>,
}

impl History {
    pub(crate) fn sent(&mut self, room: RoomId, id: CommandId, command: Command) {
        self.sent.insert(id, (room, command));
    }

    /// A command was answered.
    pub fn answered(&mut self, room: RoomId, id: CommandId, verdict: Result<Seq, Refusal>) {
        match verdict {
            Ok(seq) => drop(self.accepted.insert(id, (room, seq))),
            Err(refusal) => drop(self.refused.insert(id, (room, refusal))),
        }
    }

    pub(crate) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    /// How many commands were accepted.
    pub fn accepted(&self) -> usize {
        self.accepted.len()
    }

    /// A hash of all that was heard, in order.
    pub fn digest(&self) -> Hash128 {
        digest(&self.notes)
    }
}

/// Compares the logs with what was told: everything accepted is in its room's log under its number, nothing refused
/// is, nothing is there twice; and no coin was made or lost over all rooms and wallets. The text says what is wrong.
pub fn check(
    store: &Store,
    library: &Library,
    rooms: &[RoomId],
    coins: u64,
    history: &History,
) -> Result<(), String> {
    let mut logged: BTreeMap<CommandId, (RoomId, Seq)> = BTreeMap::new();
    let mut found = 0u64;
    for room in rooms {
        for (seq, id) in commands(store, *room)? {
            if let Some((_, first)) = logged.insert(id, (*room, seq)) {
                return Err(format!("command {id:?} is in the log twice, at {first} and {seq}"));
            }
        }
        let whole = replay(store, library, *room, Start::Open, None, &mut |_| {})
            .map_err(|fault| fault.to_string())?;
        let short = replay(store, library, *room, Start::Snapshot, None, &mut |_| {})
            .map_err(|fault| fault.to_string())?;
        let (whole, short) = (whole.room.ok_or("no room")?, short.room.ok_or("no room")?);
        if whole.hash() != short.hash() {
            return Err(format!("room {room} is another one from its snapshot than from its beginning"));
        }
        if !whole.memory().outstanding.is_empty() {
            return Err(format!("room {room} still waits for answers: {:?}", whole.memory().outstanding));
        }
        let mut view = Vec::new();
        whole.view(whole.memory().at, kernel::Seat(0), &mut view);
        found += u64::from_le_bytes(view[..8].try_into().map_err(|_| "a short view")?);
        let entries = store::LedgerOfRoom { room: *room, after: Seq(0), limit: 1_000_000 };
        let entries = store.read_now(entries).map_err(|error| error.to_string())?;
        found = entries.iter().fold(found, |sum, entry| sum.wrapping_add_signed(entry.amount));
    }
    for (id, at) in &history.accepted {
        if logged.get(id) != Some(at) {
            return Err(format!("command {id:?} was accepted as {at:?}, the log has {:?}", logged.get(id)));
        }
    }
    for (id, (_, refusal)) in &history.refused {
        if let Some(at) = logged.get(id) {
            return Err(format!("command {id:?} was refused ({refusal}) and is in the log at {at:?}"));
        }
    }
    if let Some(id) = logged.keys().find(|id| !history.sent.contains_key(id)) {
        return Err(format!("command {id:?} is in the log and nobody sent it"));
    }
    if found != coins {
        return Err(format!("there were {coins} coins, now there are {found}"));
    }
    Ok(())
}

fn commands(store: &Store, room: RoomId) -> Result<Vec<(Seq, CommandId)>, String> {
    let (mut after, mut all) = (Seq(0), Vec::new());
    loop {
        let page = store
            .read_now(LoadLog { room, after, bytes_max: PAGE_BYTES })
            .map_err(|error| error.to_string())?;
        if page.chunks.is_empty() {
            return Ok(all);
        }
        for chunk in page.chunks {
            let row =
                Row { first: chunk.first_seq, last: chunk.last_seq, sum: chunk.sum, body: chunk.body.into() };
            for input in ReadRow::read(room, &row)?.inputs() {
                if let (seq, _, Input::Command { id, .. }) = input? {
                    all.push((seq, id));
                }
            }
            after = row.last;
        }
    }
}
