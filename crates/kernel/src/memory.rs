//! What the house itself remembers of a room, beside the rules' state: its place in the log, who is seated, which
//! commands were taken, which messages, and which effects still wait for an answer. It is part of the snapshot and
//! of the hash, because it decides what later inputs do.

use std::collections::BTreeMap;

use crate::{At, CommandId, EffectKey, RoomId, Seat, Seq};

/// Commands remembered for each seat, newest first to stay. A client may have at most this many in flight, so
/// that whatever it sends again is still remembered.
pub const COMMANDS_REMEMBERED: usize = 128;
/// Effects that may wait for an answer; while so many do, commands are refused.
pub const OUTSTANDING_MAX: usize = 4_096;
/// Rooms that may ever have sent a message here; a further one is refused.
pub const SENDERS_MAX: usize = 65_536;
/// Seats of a room; a further one is refused.
pub const SEATS_MAX: usize = 65_536;

/// The house's part of a room's state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Memory {
    /// The room.
    pub room: RoomId,
    /// The newest input.
    pub seq: Seq,
    /// Its time.
    pub at: At,
    /// When the room was opened, by the host's clock.
    pub opened_ms: i64,
    /// Every seat that was ever taken or gave a command.
    pub seats: BTreeMap<Seat, SeatMemory>,
    /// The newest message taken from each sender.
    pub taken: BTreeMap<RoomId, EffectKey>,
    /// Effects whose answer has not been logged.
    pub outstanding: BTreeMap<EffectKey, Outstanding>,
}

/// What is remembered of a seat.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SeatMemory {
    /// Somebody sits there now (or is within the grace time).
    pub joined: bool,
    pub(crate) commands: Window,
}

/// An effect that waits for its answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outstanding {
    /// The rules' tag, if they asked for the answer. A rewind takes it away: the rules no longer know of the effect.
    pub tag: Option<u64>,
    /// For a message: to whom and what, so that it can be sent again. `None`: the store answers.
    pub message: Option<(RoomId, Vec<u8>)>,
}

impl Memory {
    pub(crate) fn new(room: RoomId, ms: i64) -> Self {
        Self {
            room,
            seq: Seq(0),
            at: At { ms, step: 0 },
            opened_ms: ms,
            seats: BTreeMap::new(),
            taken: BTreeMap::new(),
            outstanding: BTreeMap::new(),
        }
    }

    /// Is the seat taken now?
    pub fn joined(&self, seat: Seat) -> bool {
        self.seats.get(&seat).is_some_and(|seat| seat.joined)
    }
}

/// The newest commands of one seat and the sequence numbers they were given, in a ring.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Window {
    /// Low halves of the ids, apart, so that the usual miss reads half the memory.
    low: Vec<u64>,
    high: Vec<u64>,
    seqs: Vec<Seq>,
    /// The oldest entry, once the ring is full.
    oldest: usize,
}

impl Window {
    /// The input that this id was given, if it is remembered.
    pub fn find(&self, id: CommandId) -> Option<Seq> {
        let (low, high) = (id.0 as u64, (id.0 >> 64) as u64);
        let chunks = self.low.chunks(16).enumerate();
        for (chunk, ids) in chunks {
            // Without an early end, the compiler compares many at once.
            if ids.iter().fold(false, |any, &other| any | (other == low)) {
                let start = chunk * 16;
                let hit = (start..start + ids.len()).find(|&i| self.low[i] == low && self.high[i] == high);
                if let Some(i) = hit {
                    return Some(self.seqs[i]);
                }
            }
        }
        None
    }

    /// Remembers one more, and forgets the oldest if there are too many.
    pub fn remember(&mut self, id: CommandId, seq: Seq) {
        let (low, high) = (id.0 as u64, (id.0 >> 64) as u64);
        if self.low.len() < COMMANDS_REMEMBERED {
            self.low.push(low);
            self.high.push(high);
            self.seqs.push(seq);
            return;
        }
        let i = self.oldest;
        (self.low[i], self.high[i], self.seqs[i]) = (low, high, seq);
        self.oldest = (i + 1) % COMMANDS_REMEMBERED;
    }

    /// Oldest first, which is how snapshots keep it.
    pub fn iter(&self) -> impl Iterator<Item = (CommandId, Seq)> {
        let len = self.low.len();
        (0..len).map(move |i| {
            let i = (self.oldest + i) % len;
            (CommandId((self.high[i] as u128) << 64 | self.low[i] as u128), self.seqs[i])
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_window_is_a_bounded_list(ids in prop::collection::vec((0u128..300).prop_map(|id| id | id << 64), 0..600)) {
            let mut window = Window::default();
            let mut model: Vec<(CommandId, Seq)> = Vec::new();
            for (id, seq) in ids.into_iter().map(CommandId).zip((1..).map(Seq)) {
                let known = model.iter().find(|(other, _)| *other == id).map(|(_, seq)| *seq);
                prop_assert_eq!(window.find(id), known);
                if known.is_none() {
                    window.remember(id, seq);
                    model.push((id, seq));
                    if model.len() > COMMANDS_REMEMBERED {
                        model.remove(0);
                    }
                }
                prop_assert_eq!(window.iter().collect::<Vec<_>>(), model.clone());
            }
        }
    }
}
