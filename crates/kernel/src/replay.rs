//! From a log back to a room: recovery after a crash, waking, `longhouse replay`, rewinds and cheat review are all
//! this one function. It checks what it reads and names the place of whatever does not fit.

mod playback;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::without::Courses;
use crate::{
    AnyRules, At, Frozen, Hash128, Input, Lasting, Outbox, ReadRow, Refusal, Room, RoomId, Row, RulesId, Seq,
    Taken, Unreadable,
};

pub use playback::{Playback, Shown};

/// Inputs shown when a hash differs.
pub const LAST_INPUTS_SHOWN: usize = 8;
/// Rewinds and removals inside the past of one that are followed before the log is given up.
pub const REWIND_DEPTH_MAX: u32 = 64;
pub(crate) const TOO_DEEP: &str = "too many rewinds lie inside one another";

/// Where a log comes from. Pages are small, so that a reader holds no long transaction.
pub trait LogSource {
    /// The newest snapshot that is not after this input.
    fn snapshot(&mut self, not_after: Seq) -> Result<Option<Vec<u8>>, Unreadable>;
    /// The rows that hold inputs after this one, in order: a page of them; empty at the end.
    fn rows(&mut self, after: Seq) -> Result<Vec<Row>, Unreadable>;
    /// The rules that a row or snapshot names.
    fn rules(&mut self, id: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable>;
    /// What is known to [last](crate::Room::lasting) of the room: restoring it is then quicker.
    fn lasting(&self) -> Option<Lasting> {
        None
    }
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
    /// The room's time that passed in them, in milliseconds.
    pub passed_ms: i64,
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
    Replay::of(room, source, to.unwrap_or(Seq(u64::MAX)), 0).run(start)
}

/// What a room goes back to by a rewind that follows input `now` to the state just after input `to`, or when time had
/// passed up to `step` after it: that state, and the answers that were logged since to effects that it waits for. An
/// answer is a fact about the world outside, and a rewind does not undo the world: without them a deposit on its way
/// would be lost.
pub fn earlier(
    room: RoomId,
    source: &mut dyn LogSource,
    to: Seq,
    step: Option<u64>,
    now: Seq,
) -> Result<Box<dyn Room>, Fault> {
    Replay::of(room, source, to, 0).earlier(step, now)
}

/// The newest input, up to `now`, that came no later than in a step; `None` if the log begins after it.
pub fn input_of_step(
    room: RoomId,
    source: &mut dyn LogSource,
    step: u64,
    now: Seq,
) -> Result<Option<Seq>, Fault> {
    let mut found = None;
    each_input(room, source, Seq(0), now, &mut |_, seq, at, _| {
        if at.step <= step {
            found = Some(seq);
        }
        Ok(())
    })?;
    Ok(found)
}

/// The newest input of a log that has input `after`.
pub fn newest_input(room: RoomId, source: &mut dyn LogSource, after: Seq) -> Result<Seq, Fault> {
    let mut newest = after;
    each_input(room, source, after, Seq(u64::MAX), &mut |_, seq, _, _| {
        newest = seq;
        Ok(())
    })?;
    Ok(newest)
}

/// What is done with an input of a log: its number, its time, what it ran under, and itself.
type Each<'a> = dyn FnMut(&mut dyn LogSource, Seq, At, (&RulesId, &Input<'_>)) -> Result<(), Fault> + 'a;

/// Reads the inputs after one, up to and with `to`, in order and without a gap; the log may begin later.
pub(crate) fn each_input(
    room: RoomId,
    source: &mut dyn LogSource,
    after: Seq,
    to: Seq,
    each: &mut Each<'_>,
) -> Result<(), Fault> {
    let mut expected = (after > Seq(0)).then(|| after.next());
    let mut newest = after;
    while newest < to {
        let rows = source.rows(newest).map_err(|why| Fault::Unreadable { room, why })?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if let Some(expected) = expected.filter(|expected| row.first > *expected) {
                return Err(Fault::Missing { room, expected, found: row.first });
            }
            let corrupt = |what| Fault::Corrupt { room, first: row.first, what };
            let read = ReadRow::read(room, &row).map_err(corrupt)?;
            for input in read.inputs() {
                let (seq, at, input) = input.map_err(corrupt)?;
                if seq > newest && seq <= to {
                    each(&mut *source, seq, at, (&read.rules, &input))?;
                }
            }
            newest = row.last;
            expected = Some(row.last.next());
        }
    }
    Ok(())
}

pub(crate) struct Replay<'a> {
    room: RoomId,
    source: &'a mut dyn LogSource,
    to: Seq,
    inputs: u64,
    hashes: u64,
    depth: u32,
}

/// Makes of a room just after input `to` what a rewind after input `now` goes back to.
pub(crate) fn go_back(
    id: RoomId,
    source: &mut dyn LogSource,
    room: &mut dyn Room,
    to: Seq,
    step: Option<u64>,
    now: Seq,
) -> Result<(), Fault> {
    let mut out = Outbox::for_replay();
    if let Some(step) = step {
        room.pass(room.at_step(step), &mut out);
    }
    if room.memory().outstanding.is_empty() {
        return Ok(());
    }
    each_input(id, source, to, now, &mut |_, seq, at, (_, input)| {
        if !matches!(input, Input::EffectResult { key, .. } if room.memory().outstanding.contains_key(key)) {
            return Ok(());
        }
        room.skip_to(Seq(seq.0 - 1));
        let refused =
            |why: Refusal| Fault::Refused { room: id, seq, kind: input.kind(), why: why.to_string() };
        // What it causes was caused when it was first taken. In a room that runs, it comes at once: the steps until
        // then are those that are undone.
        let at = if room.pace().runs { room.passed() } else { at };
        room.take(at, input, &mut out).map_err(refused)?;
        Ok(())
    })
}

impl<'a> Replay<'a> {
    pub(crate) fn of(room: RoomId, source: &'a mut dyn LogSource, to: Seq, depth: u32) -> Self {
        Self { room, source, to, inputs: 0, hashes: 0, depth }
    }
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
            room = Some(rules.restore(frozen, self.source.lasting().as_ref()).map_err(unreadable)?);
        }
        let began_ms = room.as_deref().map(|room: &dyn Room| room.memory().at.ms);
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
        let passed_ms = room.as_ref().map_or(0, |room| {
            let memory = room.memory();
            memory.at.ms.saturating_sub(began_ms.unwrap_or(memory.opened_ms))
        });
        Ok(Replayed { room, inputs: self.inputs, hashes: self.hashes, passed_ms })
    }

    /// The state just after input `to`, and nothing else.
    pub(crate) fn state(self) -> Result<Box<dyn Room>, Fault> {
        let room = self.room;
        let nothing = || Fault::Unreadable { room, why: Unreadable("there is nothing to go back to".into()) };
        self.run(Start::Snapshot)?.room.ok_or_else(nothing)
    }

    fn earlier(self, step: Option<u64>, now: Seq) -> Result<Box<dyn Room>, Fault> {
        let Replay { room: id, source, to, depth, .. } = self;
        let mut room = Replay::of(id, &mut *source, to, depth).state()?;
        go_back(id, source, room.as_mut(), to, step, now)?;
        Ok(room)
    }

    fn deeper(&self) -> Option<u32> {
        (self.depth < REWIND_DEPTH_MAX).then_some(self.depth + 1)
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
            (Some(now), Input::Rewind { to, step }) => {
                let deeper = self.deeper().ok_or_else(|| refused(TOO_DEEP.into()))?;
                let inner = Replay::of(self.room, self.source, *to, deeper);
                let earlier = inner.earlier(*step, Seq(seq.0 - 1))?;
                let rewound = now.rewind(at, *to, earlier.as_ref());
                rewound.map_err(|refusal| refused(refusal.to_string()))?;
            }
            (Some(now), Input::Without { seq: out }) => {
                let deeper = self.deeper().ok_or_else(|| refused(TOO_DEEP.into()))?;
                let other = Courses::of(self.room, self.source, deeper).without(*out, Seq(seq.0 - 1))?;
                let taken_out = now.take_out(at, *out, other.as_ref());
                taken_out.map_err(|refusal| refused(refusal.to_string()))?;
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
