//! From the room to the store and back: rows, hashes, snapshots; and what a receipt sets free.

use kernel::{Pace, Refusal, Seq};
use store::{AppendError, AppendReceipt, Committed, RoomAppend};
use wire::payload::ClosingCode;

use super::{Appended, LiveRoom, Waiting, What};
use crate::rooms::ask::{Ask, Keep};
use crate::rooms::host::{Context, GOING_DOWN};
use crate::rooms::unavailable;

/// Inputs after which the state's hash is logged again.
pub(crate) const HASH_INPUTS: u64 = 4_096;
/// Milliseconds after which an active room's hash is logged even so.
pub(crate) const HASH_MS: i64 = 10_000;
/// Bytes of state for which one more input must pass between two hashes, so that hashing stays a small part of
/// the work of a large room.
pub(crate) const HASH_STATE_BYTES_PER_INPUT: u64 = 64;
/// Bytes of log after which a snapshot is taken.
pub(crate) const SNAPSHOT_LOG_BYTES: u64 = 8 << 20;
/// Microseconds of work since the snapshot after which the next is taken: so long would a replay last.
pub(crate) const SNAPSHOT_REPLAY_US: u64 = 200_000;
/// The same for a room that runs, where the passing of time is work as well: so long may its players wait when they
/// come back after a crash.
pub(crate) const SNAPSHOT_RUN_US: u64 = 1_000_000;
/// Milliseconds between two hashes of a room that runs, for each microsecond that the last one took: one step in many
/// thousands waits for it.
pub(crate) const HASH_GAP_MS_PER_US: u64 = 10;
/// A snapshot is never taken before the log since the last is this many times its size.
pub(crate) const SNAPSHOT_SIZE_FACTOR: u64 = 4;
/// Milliseconds between two looks at a room's label, unless its log has just opened: a game that is over says so at once.
pub(crate) const LABEL_MS: i64 = 1_000;

impl LiveRoom {
    /// Hands what was taken to the store. Called only while [`is_dirty`](Self::is_dirty).
    pub fn flush(&mut self, context: &mut Context<'_>) -> Option<RoomAppend> {
        let moment = self.moment_due();
        let snapshot = moment || self.snapshot_due();
        let hash = snapshot && !self.machine.pace().runs || self.hash_due(context);
        if snapshot || hash {
            self.settle(context);
        }
        let head = self.head();
        let inputs = head.0 - self.committed.0;
        self.saved.inputs += inputs;
        self.saved.bytes += self.writer.len() as u64;
        let hash = hash.then(|| self.hash_now(context));
        if snapshot {
            if moment {
                self.saved.moment_ms = self.machine.memory().at.ms;
            }
            self.saved.saving = true;
            self.saved.due = false;
            (self.saved.inputs, self.saved.bytes, self.saved.replay_us) = (0, 0, 0);
            let keep = if moment { Keep::Moment } else { Keep::Newest };
            self.waiting.push_back(Waiting { upto: head, what: What::Save(self.machine.fork(), keep) });
        }
        let row = self.writer.finish(self.id, self.machine.rules(), hash)?;
        self.in_flight = Some(row.last);
        self.awaited = false;
        let parts = std::mem::take(&mut self.row);
        let outstanding = !self.machine.memory().outstanding.is_empty();
        let wake_at = (outstanding != self.had_outstanding).then_some(outstanding.then_some(0));
        self.had_outstanding = outstanding;
        let append = RoomAppend {
            room: self.id,
            epoch: self.epoch,
            first_seq: row.first,
            last_seq: row.last,
            at_ms: self.machine.memory().at.ms,
            sum: row.sum,
            body: row.body.into(),
            new_seats: parts.seats,
            effects: parts.effects,
            events: parts.events,
            points: parts.points,
            answered: parts.answered,
            wake_at,
            label: self.new_label(context),
        };
        self.go_on_moving(context);
        Some(append)
    }

    fn hash_due(&self, context: &Context<'_>) -> bool {
        let since_ms = context.now_ms - self.hash_ms;
        if self.machine.pace().runs {
            // Its inputs may be many and its state large, and nobody's step may wait for a hash often.
            let gap_ms = self.hash_us.saturating_mul(HASH_GAP_MS_PER_US);
            return since_ms >= HASH_MS && since_ms.unsigned_abs() >= gap_ms;
        }
        let hash_after = HASH_INPUTS.max(self.state_bytes / HASH_STATE_BYTES_PER_INPUT);
        self.head().0 - self.hash_seq.0 >= hash_after
            || (since_ms >= HASH_MS && self.state_bytes < SNAPSHOT_LOG_BYTES)
    }

    fn hash_now(&mut self, context: &Context<'_>) -> kernel::Hash128 {
        (self.hash_seq, self.hash_ms) = (self.head(), context.now_ms);
        let begun = context.outside.monotonic_us();
        let hash = self.machine.hash();
        self.hash_us = context.outside.monotonic_us().saturating_sub(begun);
        hash
    }

    fn new_label(&mut self, context: &Context<'_>) -> Option<String> {
        let log_is_open = self.machine.log_is_open();
        if log_is_open == self.log_is_open && context.now_ms - self.label_ms < LABEL_MS {
            return None;
        }
        self.label_ms = context.now_ms;
        let served = self.machine.served();
        if (&served, log_is_open) != (&self.served, self.log_is_open) {
            (self.served, self.log_is_open) = (served, log_is_open);
            self.list(context);
        }
        let label = self.machine.label();
        if label == self.label {
            return None;
        }
        self.label = label;
        self.list(context);
        Some(self.label.clone())
    }

    fn snapshot_due(&self) -> bool {
        let large = self.saved.bytes >= SNAPSHOT_LOG_BYTES.max(self.saved.size * SNAPSHOT_SIZE_FACTOR);
        let replay_us = if self.machine.pace().runs { SNAPSHOT_RUN_US } else { SNAPSHOT_REPLAY_US };
        !self.saved.saving && (self.saved.due || large || self.saved.replay_us >= replay_us)
    }

    /// A room that runs is kept now and then on its way.
    fn moment_due(&self) -> bool {
        let Pace { runs, keep_ms, .. } = self.machine.pace();
        let since_ms = self.machine.memory().at.ms.saturating_sub(self.saved.moment_ms);
        runs && keep_ms > 0 && !self.saved.saving && since_ms >= i64::from(keep_ms)
    }

    /// The store has answered the append.
    pub fn appended(
        &mut self,
        context: &mut Context<'_>,
        result: Result<Committed<AppendReceipt>, AppendError>,
    ) -> Appended {
        let Some(last) = self.in_flight.take() else { return Appended::Fine };
        let receipt = match result {
            Ok(receipt) => receipt.into_inner(),
            Err(error) => {
                tracing::error!(room = %self.id, through = %last, %error, "inputs were not made durable");
                return Appended::Lost(unavailable(match error {
                    AppendError::StaleEpoch => "the room has moved; join again",
                    AppendError::Store(store::StoreError::Full) => {
                        "the server's disk is full; try again later"
                    }
                    _ => "the room starts again; send the command once more",
                }));
            }
        };
        self.committed = last;
        for (key, outcome) in receipt.answers {
            let outcome = outcome.map_err(|(code, reason)| Refusal::new(code, reason));
            self.effect_result(context, key, outcome);
        }
        self.release_due(context);
        self.send_due(context);
        self.go_on_rewinding(context);
        Appended::Fine
    }

    pub(super) fn release_due(&mut self, context: &mut Context<'_>) {
        while let Some(waiting) = self.waiting.pop_front() {
            if waiting.upto > self.committed {
                self.waiting.push_front(waiting);
                break;
            }
            match waiting.what {
                What::Update { at, to, body } => self.recent.push(waiting.upto, at, to, body),
                what => self.release(context, waiting.upto, what),
            }
        }
    }

    pub(super) fn release(&mut self, context: &mut Context<'_>, upto: Seq, what: What) {
        match what {
            What::Answers { session, answers, asked_us } => {
                context.answered(&answers, asked_us);
                session.answer(self.id, answers);
            }
            What::Joined { session, cid, resume, view } => {
                self.let_in(context, upto, session, cid, resume, view);
            }
            What::View { session, view } => self.show(session, view),
            What::Update { at, to, body } => self.recent.push(upto, at, to, body),
            What::Message { key, to } => {
                let queue = self.outgoing.entry(to).or_default();
                queue.push_back(key);
                if queue.len() == 1 {
                    self.send_first(context, to);
                }
            }
            What::Heard { key, to } => {
                let queue = self.outgoing.entry(to).or_default();
                queue.retain(|other| *other != key);
                if queue.is_empty() {
                    self.outgoing.remove(&to);
                }
                self.send_first(context, to);
            }
            What::Took { from, key, .. } => {
                context.outside.send(Ask::Answered { room: from, key, outcome: Ok(()) })
            }
            What::Watched { session, cid } => self.let_watch(context, &session, cid),
            What::Keyframe { view, jump } => self.show_keyframe(context, upto, view, jump),
            What::Save(room, keep) => context.outside.save(self.id, self.epoch, room, keep),
            What::Keep(room) => context.outside.save(self.id, self.epoch, room, Keep::Point),
            What::Told { result, reply, asked_us } => {
                let accepted = u64::from(result.is_ok());
                context.counted(accepted, 1 - accepted, asked_us);
                // Whoever asked may have gone; what was taken stands.
                let _ = reply.send(result);
            }
            What::Peeked { view, reply, .. } => drop(reply.send(Some(view))),
            What::Turned { turned, reply } => {
                // The operator may have gone; what was done stands.
                let _ = reply.send(Ok(turned));
                self.show_everybody(context);
            }
            What::WrapUp => {
                self.send(context, upto);
                self.dismiss_all(context, ClosingCode::GoingDown, GOING_DOWN);
                self.save_now(context);
            }
        }
    }

    /// A snapshot was written, or not.
    pub fn was_saved(&mut self, bytes: usize, ok: bool, keep: Keep) {
        if keep == Keep::Point {
            self.saved.keeping = self.saved.keeping.saturating_sub(1);
            return;
        }
        self.saved.saving = false;
        self.saved.size = bytes as u64;
        // One that failed is tried again with the next row.
        self.saved.due |= !ok;
        if !ok && keep == Keep::Moment {
            self.saved.moment_ms = i64::MIN;
        }
    }

    /// Saves a settled room whose log has grown since its snapshot.
    pub fn save_now(&mut self, context: &mut Context<'_>) {
        if !self.saved.saving && self.saved.inputs > 0 {
            self.saved.saving = true;
            (self.saved.inputs, self.saved.bytes, self.saved.replay_us) = (0, 0, 0);
            context.outside.save(self.id, self.epoch, self.machine.fork(), Keep::Newest);
        }
    }

    /// Snapshots of it are being written.
    pub fn is_saving(&self) -> bool {
        self.saved.saving || self.saved.keeping > 0
    }
}
