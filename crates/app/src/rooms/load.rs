//! Rooms out of the store: waking, recovery, what a room was at an earlier input, and snapshots into the store.

use std::sync::Arc;

use bytes::Bytes;
use kernel::{
    AnyRules, At, Course, Epoch, Fault, Lasting, LogSource, Refusal, Replayed, Room, RoomId, Row, RulesId,
    Seq, Start, TakeOutError, Unreadable,
};
use store::{
    AnswersOf, ClaimRoom, FoundSnapshot, LatestSnapshot, LoadLog, PruneLog, RoomState, SeatsOf, Store,
    StoreError, ThinSnapshots,
};

use super::RoomError;
use super::ask::{LoadError, Loaded};
use super::library::Library;
use super::past::{Past, Recalled, Turn};
use crate::ports::{Clock, Reads};

/// Bytes of log that one read brings.
const PAGE_BYTES_MAX: u64 = 4 << 20;
/// Rows that one transaction removes.
const PRUNE_ROWS_MAX: u32 = 256;

/// A room's log in the store.
pub(crate) struct StoredLog<'a, S> {
    pub store: &'a S,
    pub library: &'a Library,
    pub room: RoomId,
    pub progress: &'a mut dyn FnMut(u64),
    /// What never changes in it, if somebody has it at hand.
    pub lasting: Option<Lasting>,
}

impl<S: Reads> LogSource for StoredLog<'_, S> {
    fn snapshot(&mut self, mut not_after: Seq) -> Result<Option<Vec<u8>>, Unreadable> {
        loop {
            let latest = LatestSnapshot { room: self.room, at_or_before: not_after };
            let found = self.store.read_now(latest).map_err(unreadable)?;
            match found {
                FoundSnapshot::None => return Ok(None),
                FoundSnapshot::Whole(snapshot) => return Ok(Some(snapshot.body)),
                // An older one and more of the log lead to the same room.
                FoundSnapshot::Damaged { seq, why } => {
                    tracing::warn!(room = %self.room, %seq, %why, "a snapshot is damaged; an older one is used");
                    not_after = Seq(seq.0.saturating_sub(1));
                }
            }
        }
    }

    fn rows(&mut self, after: Seq) -> Result<Vec<Row>, Unreadable> {
        let load = LoadLog { room: self.room, after, bytes_max: PAGE_BYTES_MAX };
        let page = self.store.read_now(load).map_err(unreadable)?;
        let row = |chunk: store::LogChunk| Row {
            first: chunk.first_seq,
            last: chunk.last_seq,
            sum: chunk.sum,
            body: Bytes::from(chunk.body),
        };
        Ok(page.chunks.into_iter().map(row).collect())
    }

    fn rules(&mut self, id: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable> {
        self.library.rules(self.store, id)
    }

    fn lasting(&self) -> Option<Lasting> {
        self.lasting.clone()
    }

    fn progress(&mut self, inputs: u64) {
        (self.progress)(inputs);
    }
}

fn unreadable(error: StoreError) -> Unreadable {
    Unreadable(error.to_string())
}

/// Follows the log of a room in the store, up to and with `to` if given. `progress` hears how many inputs were
/// taken so far, now and then.
pub fn replay<S: Reads>(
    store: &S,
    library: &Library,
    room: RoomId,
    start: Start,
    to: Option<Seq>,
    progress: &mut dyn FnMut(u64),
) -> Result<Replayed, Fault> {
    kernel::replay(room, &mut StoredLog { store, library, room, progress, lasting: None }, start, to)
}

/// Takes a room's next epoch. From here on no earlier holder can append.
pub(crate) async fn claim(store: &Store, room: RoomId, holder: &str) -> Result<Epoch, LoadError> {
    let claimed = store.write(ClaimRoom { room, holder: holder.into() }).await?.into_inner();
    let row = claimed.ok_or(LoadError::Gone)?;
    match row.state {
        RoomState::Open => Ok(row.epoch),
        RoomState::Faulted(_) => {
            Err(LoadError::Closed("its log is damaged; the operator has been told".into()))
        }
        RoomState::Ended => Err(LoadError::Closed("it has come to its end".into())),
    }
}

/// Reads a claimed room. Keeps its thread busy.
pub(crate) fn load(
    store: &Store,
    library: &Library,
    clock: &dyn Clock,
    room: RoomId,
    epoch: Epoch,
) -> Result<Box<Loaded>, LoadError> {
    let begun = clock.monotonic_us();
    let replayed = replay(store, library, room, Start::Snapshot, None, &mut |_| {}).map_err(Box::new)?;
    let replay_us = clock.monotonic_us().saturating_sub(begun);
    let seats = store.read_now(SeatsOf { room })?;
    let answers = store.read_now(AnswersOf { room })?;
    let answers = answers
        .into_iter()
        .map(|(key, answer)| (key, answer.map_err(|(code, reason)| Refusal::new(code, reason))));
    let inputs = replayed.inputs;
    let machine = replayed.room.ok_or(LoadError::Gone)?;
    let newer = newest_of(library, machine.as_ref(), machine.at(clock.now_ms()));
    Ok(Box::new(Loaded { room: machine, newer, epoch, seats, answers: answers.collect(), inputs, replay_us }))
}

/// The room under the newest rules of its game, if those are others than it has and it can move to them. One that cannot
/// lives on under the rules it has, which this program carries.
pub(crate) fn newest_of(library: &Library, room: &dyn Room, at: At) -> Option<Box<dyn Room>> {
    let newest = library.newest(&room.rules().name).filter(|newest| newest.id() != room.rules())?;
    let id = room.memory().room;
    let moved = moved_to(newest.as_ref(), room, at);
    moved
        .inspect_err(
            |error| tracing::error!(room = %id, %error, to = %newest.id(), "the room cannot move on"),
        )
        .ok()
}

/// The room moved to other rules. Rules that panic over it are rules that it cannot move to.
pub(crate) fn moved_to(rules: &dyn AnyRules, room: &dyn Room, at: At) -> Result<Box<dyn Room>, String> {
    unpanicked(|| rules.migrate(room, at)).and_then(|moved| moved.map_err(|error| error.0))
}

/// Does something with rules that may panic; what is told of a panic is no more than that.
pub(crate) fn unpanicked<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).map_err(|_| "its rules panicked".to_owned())
}

/// Removes the rows of a log that are older than a time and that a kept snapshot stands for.
pub(crate) async fn prune(store: &Store, room: RoomId, before_ms: i64) -> Result<(), StoreError> {
    let (_, oldest) = store.read(ThinSnapshots { room }).await?;
    let Some(before) = oldest else { return Ok(()) };
    let limit = PRUNE_ROWS_MAX;
    while store.write(PruneLog { room, before, before_ms, limit }).await?.into_inner() == u64::from(limit) {}
    Ok(())
}

/// What a room would be by an operator's wish that follows input `now`, or the newest one. Keeps its thread busy.
pub(crate) fn recall(
    store: &Store,
    library: &Library,
    room: RoomId,
    past: Past,
    now: Option<Seq>,
    lasting: Option<Lasting>,
) -> Result<Recalled, RoomError> {
    let progress = &mut |_| {};
    let log = &mut StoredLog { store, library, room, progress, lasting };
    let unreadable = |fault: Fault| RoomError::Unreadable(fault.to_string());
    let recalled = || {
        let now = match now {
            Some(now) => now,
            None => kernel::newest_input(room, log, Seq(0)).map_err(unreadable)?,
        };
        if now == Seq(0) {
            return Err(RoomError::NoSuchRoom);
        }
        let (to, step) = match past {
            Past::To(to) => (to, None),
            Past::Step(step) => {
                let to = kernel::input_of_step(room, log, step, now).map_err(unreadable)?;
                (to.ok_or(RoomError::NoSuchPoint { head: now })?, Some(step))
            }
            Past::Without(seq) => {
                let course = kernel::without(room, log, seq, now).map_err(|error| match error {
                    TakeOutError::Fault(fault) => unreadable(fault),
                    error => RoomError::NotTakenOut(error.to_string()),
                })?;
                let Course { room, fallen, more } = course;
                return Ok(Recalled { room, turn: Turn::Without { seq, fallen, more } });
            }
        };
        let room = kernel::earlier(room, log, to, step, now).map_err(unreadable)?;
        Ok(Recalled { room, turn: Turn::Back { to, step } })
    };
    unpanicked(recalled).unwrap_or_else(|why| Err(RoomError::Unreadable(why)))
}
