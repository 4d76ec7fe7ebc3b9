//! From a log back to a room: recovery after a crash, waking, `longhouse replay`, rewinds and cheat review are all
//! this one function. It checks what it reads and names the place of whatever does not fit.

mod playback;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::{
    AnyRules, At, Frozen, Hash128, Input, Outbox, ReadRow, Refusal, Room, RoomId, Row, RulesId, Seq, Taken,
    Unreadable,
};

pub use playback::{Playback, Shown};

/// Inputs shown when a hash differs.
pub const LAST_INPUTS_SHOWN: usize = 8;
/// Rewinds inside the past of a rewind that are followed before the log is given up.
pub const REWIND_DEPTH_MAX: u32 = 64;

/// Where a log comes from. Pages are small, so that a reader holds no long transaction.
pub trait LogSource {
    /// The newest snapshot that is not after this input.
    fn snapshot(&mut self, not_after: Seq) -> Result<Option<Vec<u8>>, Unreadable>;
    /// The rows that hold inputs after this one, in order: a page of them; empty at the end.
    fn rows(&mut self, after: Seq) -> Result<Vec<Row>, Unreadable>;
    /// The rules that a row or snapshot names.
    fn rules(&mut self, id: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable>;
    /// Called as inputs are taken, with how many so far.
    fn progress(&mut self, _inputs: u64) {}
}

/// Where to begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// With the first input, which takes as long as the room's history but trusts nothing else.
    Open,
    /// With the newest snapshot.
    Snapshot,
}

/// A room rebuilt.
pub struct Replayed {
    /// The room. `None` if the log is empty.
    pub room: Option<Box<dyn Room>>,
    /// Inputs taken.
    pub inputs: u64,
    /// Logged hashes that were compared, all equal.
    pub hashes: u64,
}

/// Why a log could not be followed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// Rows are missing.
    #[error("room {room}: inputs {} to {} are missing from the log", expected.0, found.0 - 1)]
    Missing {
        /// The room.
        room: RoomId,
        /// The first that is missing.
        expected: Seq,
        /// The next that is there.
        found: Seq,
    },
    /// A row repeats inputs.
    #[error("room {room}: a row of the log begins at input {found}, which an earlier row holds already")]
    Repeated {
        /// The room.
        room: RoomId,
        /// Where the row begins.
        found: Seq,
    },
    /// A row cannot be read.
    #[error("room {room}: the log row that begins at input {first} is damaged: {what}")]
    Corrupt {
        /// The room.
        room: RoomId,
        /// Where the row begins.
        first: Seq,
        /// What is wrong.
        what: String,
    },
    /// The rules refuse what they once took.
    #[error("room {room}: input {seq} ({kind}) was taken once and is now refused: {why}")]
    Refused {
        /// The room.
        room: RoomId,
        /// The input.
        seq: Seq,
        /// Its kind.
        kind: &'static str,
        /// The refusal.
        why: String,
    },
    /// The same inputs led to another state.
    #[error("room {room}: after input {seq} the state's hash is {found}, the log says {logged}; last inputs:\n{}", last.join("\n"))]
    Differs {
        /// The room.
        room: RoomId,
        /// After which input.
        seq: Seq,
        /// The hash in the log.
        logged: Hash128,
        /// The hash now.
        found: Hash128,
        /// The inputs before it, newest last.
        last: Vec<String>,
    },
    /// A snapshot, rules or the store cannot be read.
    #[error("room {room}: {why}")]
    Unreadable {
        /// The room.
        room: RoomId,
        /// What.
        why: Unreadable,
    },
}

/// Follows a room's log, up to and with input `to` if one is given.
pub fn replay(
    room: RoomId,
    source: &mut dyn LogSource,
    start: Start,
    to: Option<Seq>,
) -> Result<Replayed, Fault> {
    Replay { room, source, to: to.unwrap_or(Seq(u64::MAX)), inputs: 0, hashes: 0, depth: 0 }.run(start)
}

/// What a room goes back to by a rewind that follows input `now` to the state just after input `to`: that state,
/// and the answers that were logged since to effects that it waits for. An answer is a fact about the world outside,
/// and a rewind does not undo the world: without them a deposit on its way would be lost.
pub fn earlier(room: RoomId, source: &mut dyn LogSource, to: Seq, now: Seq) -> Result<Box<dyn Room>, Fault> {
    Replay { room, source, to, inputs: 0, hashes: 0, depth: 0 }.earlier(now)
}

struct Replay<'a> {
    room: RoomId,
    source: &'a mut dyn LogSource,
    to: Seq,
    inputs: u64,
    hashes: u64,
    depth: u32,
}

impl Replay<'_> {
    fn run(mut self, start: Start) -> Result<Replayed, Fault> {
        let id = self.room;
        let unreadable = |why| Fault::Unreadable { room: id, why };
        let mut room = None;
        if start == Start::Snapshot
            && let Some(bytes) = self.source.snapshot(self.to).map_err(unreadable)?
        {
            let frozen = Frozen::read(id, &bytes).map_err(unreadable)?;
            let rules = self.source.rules(&frozen.rules).map_err(unreadable)?;
            room = Some(rules.restore(frozen).map_err(unreadable)?);
        }
        let mut out = Outbox::for_replay();
        let mut last = VecDeque::new();
        'log: loop {
            let after = room.as_deref().map_or(Seq(0), |room: &dyn Room| room.memory().seq);
            if after >= self.to {
                break;
            }
            let rows = self.source.rows(after).map_err(unreadable)?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let expected = room.as_ref().map_or(Seq(1), |room| room.memory().seq.next());
                if row.first > self.to {
                    break 'log;
                }
                self.row(&mut room, &row, expected, &mut out, &mut last)?;
            }
        }
        if let Some(room) = &room
            && self.to != Seq(u64::MAX)
            && room.memory().seq < self.to
        {
            return Err(unreadable(Unreadable(format!("the log ends at input {}", room.memory().seq))));
        }
        Ok(Replayed { room, inputs: self.inputs, hashes: self.hashes })
    }

    fn earlier(self, now: Seq) -> Result<Box<dyn Room>, Fault> {
        let (id, to, depth) = (self.room, self.to, self.depth);
        let unreadable = |why| Fault::Unreadable { room: id, why };
        let source = self.source;
        let inner = Replay { room: id, source: &mut *source, to, inputs: 0, hashes: 0, depth };
        let mut room = inner.run(Start::Snapshot)?.room;
        let room_then =
            room.as_mut().ok_or_else(|| unreadable(Unreadable("nothing to go back to".into())))?;
        let (mut after, mut out) = (to, Outbox::for_replay());
        while after < now && !room_then.memory().outstanding.is_empty() {
            let rows = source.rows(after).map_err(unreadable)?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                // An answer may have been there.
                if row.first > after.next() {
                    return Err(Fault::Missing { room: id, expected: after.next(), found: row.first });
                }
                let corrupt = |what| Fault::Corrupt { room: id, first: row.first, what };
                for input in ReadRow::read(id, &row).map_err(corrupt)?.inputs() {
                    let (seq, at, input) = input.map_err(corrupt)?;
                    let waits = matches!(&input, Input::EffectResult { key, .. }
                        if room_then.memory().outstanding.contains_key(key));
                    if waits && seq > to && seq <= now {
                        room_then.skip_to(Seq(seq.0 - 1));
                        let refused = |refusal: Refusal| Fault::Refused {
                            room: id,
                            seq,
                            kind: input.kind(),
                            why: refusal.to_string(),
                        };
                        // What it causes was caused when it was first taken. In a room that runs, it comes at once:
                        // the steps until then are those that are undone.
                        let at = if room_then.pace().runs { room_then.passed() } else { at };
                        room_then.take(at, &input, &mut out).map_err(refused)?;
                    }
                }
                after = row.last;
            }
        }
        room.ok_or_else(|| unreadable(Unreadable("nothing to go back to".into())))
    }

    fn row(
        &mut self,
        room: &mut Option<Box<dyn Room>>,
        row: &Row,
        expected: Seq,
        out: &mut Outbox,
        last: &mut VecDeque<String>,
    ) -> Result<(), Fault> {
        let id = self.room;
        if row.first > expected {
            return Err(Fault::Missing { room: id, expected, found: row.first });
        }
        // What stood before a marked input may lie within a row: the first row after such a snapshot is entered there.
        let within = row.first < expected && row.last >= expected && self.inputs == 0 && room.is_some();
        if row.first < expected && !within {
            return Err(Fault::Repeated { room: id, found: row.first });
        }
        let corrupt = |what| Fault::Corrupt { room: id, first: row.first, what };
        let read = ReadRow::read(id, row).map_err(corrupt)?;
        let mut whole = true;
        last.clear();
        for input in read.inputs() {
            let (seq, at, input) = input.map_err(corrupt)?;
            if seq < expected {
                continue;
            }
            if seq > self.to {
                whole = false;
                break;
            }
            self.input(room, &read.rules, seq, at, &input, out)?;
            self.inputs += 1;
            if self.inputs.is_multiple_of(4_096) {
                self.source.progress(self.inputs);
            }
            // Only a row that is checked needs its story told.
            if read.hash.is_some() && seq.0 + LAST_INPUTS_SHOWN as u64 > row.last.0 {
                last.push_back(format!("  {seq} at {} ms: {}", at.ms, describe(&input)));
                if last.len() > LAST_INPUTS_SHOWN {
                    last.pop_front();
                }
            }
        }
        if let (true, Some(logged), Some(room)) = (whole, read.hash, room.as_ref()) {
            let found = room.hash();
            if found != logged {
                let last = last.iter().cloned().collect();
                return Err(Fault::Differs { room: id, seq: row.last, logged, found, last });
            }
            self.hashes += 1;
        }
        Ok(())
    }

    fn input(
        &mut self,
        room: &mut Option<Box<dyn Room>>,
        id: &RulesId,
        seq: Seq,
        at: At,
        input: &Input<'_>,
        out: &mut Outbox,
    ) -> Result<(), Fault> {
        let refused = |why: String| Fault::Refused { room: self.room, seq, kind: input.kind(), why };
        match (room.as_mut(), input) {
            (None, Input::Open { setup, seed }) => {
                let rules =
                    self.source.rules(id).map_err(|why| Fault::Unreadable { room: self.room, why })?;
                let opened = rules.open(self.room, at.ms, setup, *seed);
                *room = Some(opened.map_err(|refusal| refused(refusal.to_string()))?);
            }
            (None, _) => return Err(refused("the room is not open".into())),
            (Some(now), Input::Migrate) => {
                now.pass(at, out);
                let rules =
                    self.source.rules(id).map_err(|why| Fault::Unreadable { room: self.room, why })?;
                let next = rules.migrate(now.as_ref(), at).map_err(|why| refused(why.0))?;
                *room = Some(next);
            }
            (Some(now), Input::Rewind { to }) => {
                if self.depth >= REWIND_DEPTH_MAX {
                    return Err(refused("too many rewinds lie inside one another".into()));
                }
                let inner = Replay {
                    room: self.room,
                    source: self.source,
                    to: *to,
                    inputs: 0,
                    hashes: 0,
                    depth: self.depth + 1,
                };
                let earlier = inner.earlier(Seq(seq.0 - 1))?;
                now.rewind(at, *to, earlier.as_ref()).map_err(|refusal| Fault::Refused {
                    room: self.room,
                    seq,
                    kind: "rewind",
                    why: refusal.to_string(),
                })?;
            }
            (Some(now), _) => {
                if now.rules() != id {
                    return Err(refused(format!("it ran under {id}, the room is under {}", now.rules())));
                }
                match now.take(at, input, out) {
                    Ok(Taken::New(number)) if number == seq => {}
                    Ok(taken) => return Err(refused(format!("it was taken as {taken:?}"))),
                    Err(refusal) => return Err(refused(refusal.to_string())),
                }
            }
        }
        Ok(())
    }
}

fn describe(input: &Input<'_>) -> String {
    let hex = |bytes: &[u8]| bytes.iter().take(24).map(|byte| format!("{byte:02x}")).collect::<String>();
    match input {
        Input::Command { seat, body, .. } => {
            format!("command of seat {}, {} bytes {}", seat.0, body.len(), hex(body))
        }
        Input::Join { seat } | Input::Leave { seat } => format!("{} of seat {}", input.kind(), seat.0),
        Input::Message { from, key, .. } => format!("message {}.{} of room {from}", key.seq, key.index),
        Input::EffectResult { key, .. } => format!("answer to effect {}.{}", key.seq, key.index),
        other => other.kind().to_owned(),
    }
}
