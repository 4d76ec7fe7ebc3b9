//! One awake room: its machine, who is present, and what may be said once it is durable.
//!
//! The rule that everything here serves: **nothing is said before what it says is committed.** Answers, views,
//! updates, messages to other rooms and snapshots wait in one queue, each with the input it depends on, and leave
//! it in order as the store hands out receipts.
//!
//! This file holds the room's life between inputs and commits; who sits and listens is in `presence.rs`, what
//! happens by the clock in `clockwork.rs`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use kernel::{
    Act, Audience, EffectKey, Epoch, Input, Outbox, Refusal, Room, RoomId, RowWriter, Seat, Seq, Taken,
};
use store::{AppendError, AppendReceipt, Committed, RoomAppend, StoreEffect, UserId};
use tokio::sync::oneshot;
use wire::payload::ClosingCode;

use super::RoomError;
use super::ask::{Ask, Loaded, Resume, Rewound, RoomCommand};
use super::host::Context;
use super::presence::{Presence, Recent};
use crate::session::{Answer, Session, SessionId};

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
/// A snapshot is never taken before the log since the last is this many times its size.
pub(crate) const SNAPSHOT_SIZE_FACTOR: u64 = 4;
/// Milliseconds between two looks at a room's label.
pub(crate) const LABEL_MS: i64 = 1_000;

pub(crate) struct LiveRoom {
    pub id: RoomId,
    pub(super) machine: Box<dyn Room>,
    pub(super) epoch: Epoch,
    /// Inputs taken and not yet handed to the store.
    writer: RowWriter,
    row: RowParts,
    /// The last input of the append that the store has.
    in_flight: Option<Seq>,
    pub(super) committed: Seq,
    /// In the order of the inputs they wait for.
    waiting: VecDeque<Waiting>,
    out: Outbox,
    pub(super) seats: BTreeMap<UserId, Seat>,
    pub(super) users: BTreeMap<Seat, UserId>,
    pub(super) presences: BTreeMap<SessionId, Presence>,
    /// Seats without a presence, and when they are left.
    pub(super) grace: BTreeMap<Seat, i64>,
    pub(super) recent: Recent,
    pub(super) joins: Vec<SessionId>,
    pub(super) leaves: Vec<wire::envelope::UserPresence>,
    /// When the next gathered updates may be sent.
    pub(super) next_send_ms: i64,
    /// Since when nobody is here and nothing waits.
    pub(super) quiet_since_ms: i64,
    pub(super) saved: Saved,
    hash_seq: Seq,
    hash_ms: i64,
    state_bytes: u64,
    label: String,
    label_ms: i64,
    /// Durable messages to other rooms without an answer. Of each receiver's, only the first is under way: a receiver
    /// remembers the newest that it took, so none may overtake another, not even one that is sent again.
    outgoing: BTreeMap<RoomId, VecDeque<EffectKey>>,
    /// Inputs wait here while a rewind needs the room to itself.
    rewind: Option<Rewind>,
    pub(super) held: VecDeque<Ask>,
    /// Commands of the batch at hand that were answered; tells which one a panic belongs to.
    batch_done: usize,
    had_outstanding: bool,
    /// The timer that the host has set for it.
    pub timer: Option<i64>,
}

/// What goes to the store together with the row.
#[derive(Default)]
struct RowParts {
    seats: Vec<(Seat, UserId)>,
    effects: Vec<StoreEffect>,
    answered: Vec<EffectKey>,
}

/// How far the room is saved.
pub(super) struct Saved {
    pub inputs: u64,
    pub bytes: u64,
    pub replay_us: u64,
    pub size: u64,
    pub saving: bool,
    /// The next row must be followed by a snapshot whatever its size (after a migration or a rewind).
    pub due: bool,
}

struct Rewind {
    to: Seq,
    /// The store was asked; until it answers, the room takes nothing.
    asked: bool,
    reply: oneshot::Sender<Result<Rewound, RoomError>>,
}

/// Something that is said once the room is committed up to an input.
pub(super) struct Waiting {
    pub upto: Seq,
    pub what: What,
}

pub(super) enum What {
    Answers {
        session: Arc<Session>,
        answers: Vec<Answer>,
        asked_us: u64,
    },
    /// A session is in: the match, and what it must know.
    Joined {
        session: SessionId,
        cid: String,
        resume: Option<Resume>,
        view: Vec<u8>,
    },
    View {
        session: SessionId,
        view: Vec<u8>,
    },
    Update {
        to: Audience,
        body: Vec<u8>,
    },
    Message {
        key: EffectKey,
        to: RoomId,
    },
    /// A message's answer is logged.
    Heard {
        key: EffectKey,
        to: RoomId,
    },
    /// A message of another room is taken.
    Took {
        from: RoomId,
        key: EffectKey,
        body: Vec<u8>,
    },
    Save(Box<dyn Room>),
    Rewound {
        to: Seq,
        reply: oneshot::Sender<Result<Rewound, RoomError>>,
    },
    /// The server goes down: save, and tell everybody to come back.
    WrapUp,
}

/// What outlives a room whose memory was thrown away, until it is rebuilt.
pub(crate) struct Carried {
    presences: BTreeMap<SessionId, Presence>,
    waiting: VecDeque<Waiting>,
    held: VecDeque<Ask>,
    why: Refusal,
}

/// A room's fate after an append.
pub(crate) enum Appended {
    Fine,
    /// Its memory is ahead of a log that did not follow: throw it away.
    Lost(Refusal),
}

impl LiveRoom {
    pub fn new(id: RoomId, loaded: Loaded, context: &mut Context<'_>) -> Self {
        let seq = loaded.room.memory().seq;
        let mut room = Self {
            id,
            epoch: loaded.epoch,
            writer: RowWriter::default(),
            row: RowParts::default(),
            in_flight: None,
            committed: seq,
            waiting: VecDeque::new(),
            out: Outbox::new(),
            seats: loaded.seats.iter().map(|(seat, user)| (*user, *seat)).collect(),
            users: loaded.seats.into_iter().collect(),
            presences: BTreeMap::new(),
            grace: BTreeMap::new(),
            recent: Recent::after(seq),
            joins: Vec::new(),
            leaves: Vec::new(),
            next_send_ms: 0,
            quiet_since_ms: context.now_ms,
            saved: Saved {
                inputs: loaded.inputs,
                bytes: 0,
                replay_us: loaded.replay_us,
                size: 0,
                saving: false,
                due: false,
            },
            hash_seq: seq,
            hash_ms: context.now_ms,
            state_bytes: 0,
            label: loaded.room.label(),
            label_ms: context.now_ms,
            outgoing: BTreeMap::new(),
            rewind: None,
            held: VecDeque::new(),
            batch_done: 0,
            had_outstanding: !loaded.room.memory().outstanding.is_empty(),
            timer: None,
            machine: loaded.room,
        };
        if let Some(newer) = loaded.newer {
            room.migrated(newer);
        }
        for (key, outcome) in loaded.answers {
            room.effect_result(context, key, outcome);
        }
        for (key, waits) in &room.machine.memory().outstanding {
            if let Some((to, _)) = &waits.message {
                room.outgoing.entry(*to).or_default().push_back(*key);
            }
        }
        room.outgoing.keys().for_each(|to| room.send_first(context, *to));
        room.leave_the_absent(context);
        room
    }

    /// The newest input taken, durable or not.
    pub fn head(&self) -> Seq {
        self.machine.memory().seq
    }

    pub fn label(&self) -> &str {
        &self.label
    }

    /// Everything it took is durable and nothing waits.
    pub fn settled(&self) -> bool {
        self.writer.is_empty() && self.in_flight.is_none() && self.waiting.is_empty() && self.rewind.is_none()
    }

    /// It waits for nobody outside: no effect is without its answer.
    pub fn at_rest(&self) -> bool {
        self.settled() && self.machine.memory().outstanding.is_empty()
    }

    /// Wants to be flushed.
    pub fn is_dirty(&self) -> bool {
        !self.writer.is_empty() && self.in_flight.is_none()
    }

    /// While a rewind is under way, everything else waits.
    pub fn is_held(&self) -> bool {
        self.rewind.is_some()
    }

    /// Takes one input now, by the host's clock.
    pub(super) fn take(&mut self, context: &mut Context<'_>, input: &Input<'_>) -> Result<Taken, Refusal> {
        self.take_at(context.now_ms, input)
    }

    pub(super) fn take_at(&mut self, ms: i64, input: &Input<'_>) -> Result<Taken, Refusal> {
        let at = self.machine.at(ms);
        let taken = self.machine.take(at, input, &mut self.out)?;
        if let Taken::New(seq) = taken {
            self.writer.push(seq, at, input);
            if !self.out.updates().is_empty() || !self.out.effects().is_empty() {
                self.note_outbox(seq);
            }
        }
        Ok(taken)
    }

    fn note_outbox(&mut self, seq: Seq) {
        for update in self.out.take_updates() {
            if update.transient {
                self.recent.transient(update.to, update.body);
            } else {
                self.waiting.push_back(Waiting {
                    upto: seq,
                    what: What::Update { to: update.to, body: update.body },
                });
            }
        }
        for (effect, index) in self.out.take_effects().into_iter().zip(0..) {
            let key = EffectKey { seq, index };
            match effect.act {
                Act::Wallet { seat, currency, amount } => {
                    // A seat that nobody ever took has no wallet; the rules named it by mistake, and the effect is
                    // left to the store to refuse by user 0, which does not exist.
                    let user = self.users.get(&seat).copied().unwrap_or(UserId(0));
                    let conditional = effect.answer.is_some();
                    self.row.effects.push(StoreEffect { key, conditional, user, currency, amount });
                }
                Act::Message { room, .. } => {
                    self.waiting.push_back(Waiting { upto: seq, what: What::Message { key, to: room } });
                }
            }
        }
    }

    /// Takes a batch of one session's commands and answers them once they are durable.
    pub fn commands(
        &mut self,
        context: &mut Context<'_>,
        session: &Arc<Session>,
        commands: &[RoomCommand],
        asked_us: u64,
    ) {
        self.batch_done = 0;
        let seat = self.presences.get(&session.id).map(|presence| presence.seat);
        let mut answers = Vec::with_capacity(commands.len());
        for RoomCommand { id, body, .. } in commands {
            let verdict = match seat {
                Some(seat) => self.take(context, &Input::Command { seat, id: *id, body }),
                None => Err(Refusal::new(Refusal::NOT_SEATED, "you are not in this room")),
            };
            let verdict = verdict.map(|(Taken::New(seq) | Taken::Repeat(seq))| seq);
            answers.push(Answer { id: *id, verdict });
            self.batch_done += 1;
        }
        self.later(context, What::Answers { session: session.clone(), answers, asked_us });
        self.saved.replay_us += context.outside.monotonic_us().saturating_sub(context.monotonic_us);
    }

    /// After a panic in [`commands`](Self::commands): the answers to that batch.
    pub fn fault_answers(&self, commands: &[RoomCommand]) -> Vec<Answer> {
        let verdict = |index: usize| match index == self.batch_done {
            true => Refusal::new(Refusal::FAULT, "the rules failed on this command; it was not taken"),
            false => super::unavailable("the room starts again; send the command once more"),
        };
        let ids = commands.iter().enumerate();
        ids.map(|(index, command)| Answer { id: command.id, verdict: Err(verdict(index)) }).collect()
    }

    /// Another room's message.
    pub fn message(&mut self, context: &mut Context<'_>, from: RoomId, key: EffectKey, body: Vec<u8>) {
        match self.take(context, &Input::Message { from, key, body: &body }) {
            Ok(_) => self.later(context, What::Took { from, key, body }),
            Err(refusal) => context.outside.send(Ask::Answered { room: from, key, outcome: Err(refusal) }),
        }
    }

    /// The answer to an effect of this room. One that is not waited for is dropped.
    pub fn effect_result(&mut self, context: &mut Context<'_>, key: EffectKey, outcome: Result<(), Refusal>) {
        let waits = self.machine.memory().outstanding.get(&key);
        let to = waits.and_then(|waits| waits.message.as_ref()).map(|(to, _)| *to);
        match self.take(context, &Input::EffectResult { key, outcome }) {
            Ok(Taken::New(_)) => match to {
                Some(to) => self.later(context, What::Heard { key, to }),
                None => self.row.answered.push(key),
            },
            Ok(Taken::Repeat(_)) => {}
            Err(refusal) => {
                tracing::error!(room = %self.id, %refusal, "the rules refuse an answer, which is a fact")
            }
        }
    }

    fn send_first(&self, context: &mut Context<'_>, to: RoomId) {
        let Some(key) = self.outgoing.get(&to).and_then(|queue| queue.front()) else { return };
        // Nothing is answered that was not sent, so it is still among the outstanding.
        if let Some((_, body)) =
            self.machine.memory().outstanding.get(key).and_then(|waits| waits.message.clone())
        {
            context.outside.send(Ask::Message { room: to, from: self.id, key: *key, body });
        }
    }

    /// The room has become this one by a logged `Migrate`, which stands alone in its row.
    fn migrated(&mut self, newer: Box<dyn Room>) {
        tracing::info!(room = %self.id, from = %self.machine.rules(), to = %newer.rules(), "the room moves on");
        self.machine = newer;
        let memory = self.machine.memory();
        self.writer.push(memory.seq, memory.at, &Input::Migrate);
        self.saved.due = true;
    }

    /// Does a thing once all that was taken so far is durable.
    pub(super) fn later(&mut self, context: &mut Context<'_>, what: What) {
        let upto = self.head();
        if upto <= self.committed && self.waiting.is_empty() {
            self.release(context, what);
        } else {
            self.waiting.push_back(Waiting { upto, what });
        }
    }

    /// Hands what was taken to the store. Called only while [`is_dirty`](Self::is_dirty).
    pub fn flush(&mut self, context: &mut Context<'_>) -> Option<RoomAppend> {
        let head = self.head();
        let inputs = head.0 - self.committed.0;
        self.saved.inputs += inputs;
        self.saved.bytes += self.writer.len() as u64;
        let snapshot = self.snapshot_due();
        let hash_after = HASH_INPUTS.max(self.state_bytes / HASH_STATE_BYTES_PER_INPUT);
        let hash_due = head.0 - self.hash_seq.0 >= hash_after
            || (context.now_ms - self.hash_ms >= HASH_MS && self.state_bytes < SNAPSHOT_LOG_BYTES);
        let hash = (hash_due || snapshot).then(|| {
            (self.hash_seq, self.hash_ms) = (head, context.now_ms);
            self.machine.hash()
        });
        if snapshot {
            self.saved.saving = true;
            self.saved.due = false;
            (self.saved.inputs, self.saved.bytes, self.saved.replay_us) = (0, 0, 0);
            self.waiting.push_back(Waiting { upto: head, what: What::Save(self.machine.fork()) });
        }
        let row = self.writer.finish(self.id, self.machine.rules(), hash)?;
        self.in_flight = Some(row.last);
        let parts = std::mem::take(&mut self.row);
        let outstanding = !self.machine.memory().outstanding.is_empty();
        let wake_at = (outstanding != self.had_outstanding).then_some(outstanding.then_some(0));
        self.had_outstanding = outstanding;
        Some(RoomAppend {
            room: self.id,
            epoch: self.epoch,
            first_seq: row.first,
            last_seq: row.last,
            at_ms: self.machine.memory().at.ms,
            sum: row.sum,
            body: row.body.into(),
            new_seats: parts.seats,
            effects: parts.effects,
            answered: parts.answered,
            wake_at,
            label: self.new_label(context),
        })
    }

    fn new_label(&mut self, context: &Context<'_>) -> Option<String> {
        if context.now_ms - self.label_ms < LABEL_MS {
            return None;
        }
        self.label_ms = context.now_ms;
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
        !self.saved.saving && (self.saved.due || large || self.saved.replay_us >= SNAPSHOT_REPLAY_US)
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
                return Appended::Lost(super::unavailable(match error {
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
                What::Update { to, body } => self.recent.push(waiting.upto, to, body),
                what => self.release(context, what),
            }
        }
    }

    fn release(&mut self, context: &mut Context<'_>, what: What) {
        match what {
            What::Answers { session, answers, asked_us } => {
                context.answered(&answers, asked_us);
                session.answer(self.id, answers);
            }
            What::Joined { session, cid, resume, view } => self.let_in(context, session, cid, resume, view),
            What::View { session, view } => self.show(session, view),
            What::Update { to, body } => self.recent.push(self.committed, to, body),
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
            What::Save(room) => context.outside.save(self.id, self.epoch, room),
            What::Rewound { to, reply } => {
                // The operator may have gone; the rewind stands.
                let _ = reply.send(Ok(Rewound { seq: self.committed, to, standing: Vec::new() }));
                self.show_everybody(context);
            }
            What::WrapUp => {
                self.send(context);
                self.dismiss_all(
                    context,
                    ClosingCode::GoingDown,
                    "the server is going down; come back in a moment",
                );
                self.save_now(context);
            }
        }
    }

    /// A snapshot was written, or not.
    pub fn was_saved(&mut self, bytes: usize, ok: bool) {
        self.saved.saving = false;
        self.saved.size = bytes as u64;
        // One that failed is tried again with the next row.
        self.saved.due |= !ok;
    }

    /// Saves a settled room whose log has grown since its snapshot.
    pub fn save_now(&mut self, context: &mut Context<'_>) {
        if !self.saved.saving && self.saved.inputs > 0 {
            self.saved.saving = true;
            (self.saved.inputs, self.saved.bytes, self.saved.replay_us) = (0, 0, 0);
            context.outside.save(self.id, self.epoch, self.machine.fork());
        }
    }

    /// Begins a rewind: the room takes nothing else until it is done.
    pub fn rewind(
        &mut self,
        context: &mut Context<'_>,
        to: Seq,
        reply: oneshot::Sender<Result<Rewound, RoomError>>,
    ) {
        if self.rewind.is_some() || to >= self.head() || to < Seq(1) {
            let _ = reply.send(Err(RoomError::NoSuchPoint { head: self.head() }));
            return;
        }
        self.rewind = Some(Rewind { to, asked: false, reply });
        self.go_on_rewinding(context);
    }

    /// Once everything that was taken is durable, asks the store what the room was.
    fn go_on_rewinding(&mut self, context: &mut Context<'_>) {
        if !self.writer.is_empty() || self.in_flight.is_some() {
            return;
        }
        if let Some(rewind) = self.rewind.as_mut().filter(|rewind| !rewind.asked) {
            rewind.asked = true;
            context.outside.load_earlier(self.id, rewind.to, self.committed);
        }
    }

    /// The store has read what the room was. Nothing was taken since it was asked.
    pub fn earlier(&mut self, context: &mut Context<'_>, earlier: Result<Box<dyn Room>, String>) {
        let Some(Rewind { to, reply, .. }) = self.rewind.take() else { return };
        let at = self.machine.at(context.now_ms);
        let rewound = earlier.and_then(|earlier| {
            self.machine.rewind(at, to, earlier.as_ref()).map_err(|refusal| refusal.to_string())
        });
        match rewound {
            Ok(seq) => {
                self.writer.push(seq, at, &Input::Rewind { to });
                self.saved.due = true;
                self.recent = Recent::after(seq);
                self.later(context, What::Rewound { to, reply });
            }
            Err(why) => drop(reply.send(Err(RoomError::Unreadable(why)))),
        }
    }

    /// Throws the room's memory away and keeps who is here and what was promised, for the rebuilt one.
    pub fn give_up(self, why: Refusal) -> Carried {
        let Self { presences, waiting, held, rewind, .. } = self;
        if let Some(rewind) = rewind {
            let _ = rewind.reply.send(Err(RoomError::Unavailable("the room starts again".into())));
        }
        Carried { presences, waiting, held, why }
    }

    /// Takes over what was promised before its memory was thrown away: what the log holds is said, everything else
    /// gets the error.
    pub fn adopt(&mut self, context: &mut Context<'_>, carried: Carried) -> VecDeque<Ask> {
        let mut again = VecDeque::new();
        self.presences = carried.presences;
        for presence in self.presences.values_mut() {
            presence.live = false;
        }
        self.grace.retain(|seat, _| !self.presences.values().any(|presence| presence.seat == *seat));
        for Waiting { upto, what } in carried.waiting {
            match what {
                What::Answers { session, mut answers, asked_us } => {
                    for answer in &mut answers {
                        if answer.verdict.as_ref().is_ok_and(|seq| *seq > self.committed) {
                            answer.verdict = Err(carried.why.clone());
                        }
                    }
                    self.release(context, What::Answers { session, answers, asked_us });
                }
                What::Joined { session, cid, .. } => {
                    if let Some(presence) = self.presences.remove(&session) {
                        let session = presence.session.clone();
                        again.push_back(Ask::Join { room: self.id, session, cid, resume: None });
                    }
                }
                // Its sender waits for an answer; the log says whether it was taken.
                What::Took { from, key, body } => {
                    again.push_back(Ask::Message { room: self.id, from, key, body });
                }
                What::Rewound { to, reply } => {
                    let done = upto <= self.committed;
                    let lost = || RoomError::Unavailable("the room starts again".into());
                    let _ = reply.send(if done {
                        Ok(Rewound { seq: upto, to, standing: Vec::new() })
                    } else {
                        Err(lost())
                    });
                }
                What::WrapUp => self.later(context, What::WrapUp),
                // Fresh views replace updates, loading has sent the log's messages again.
                What::View { .. }
                | What::Update { .. }
                | What::Message { .. }
                | What::Heard { .. }
                | What::Save(_) => {}
            }
        }
        again.extend(carried.held);
        self.rejoin_the_present(context);
        self.show_everybody(context);
        again
    }

    pub(super) fn new_seat(&mut self, seat: Seat, user: UserId) {
        self.seats.insert(user, seat);
        self.users.insert(seat, user);
        self.row.seats.push((seat, user));
    }
}

impl Carried {
    /// Tells everybody that the room does not come back for now. Returns the messages of other rooms whose senders
    /// still wait for an answer.
    pub fn dismiss(self, room: RoomId, code: ClosingCode, refusal: &Refusal) -> Vec<Ask> {
        let why = &refusal.reason;
        let mut messages = Vec::new();
        for Waiting { what, .. } in self.waiting {
            match what {
                What::Answers { session, mut answers, .. } => {
                    answers.iter_mut().for_each(|answer| answer.verdict = Err(refusal.clone()));
                    session.answer(room, answers);
                }
                What::Took { from, key, body } => messages.push(Ask::Message { room, from, key, body }),
                _ => {}
            }
        }
        for presence in self.presences.into_values() {
            presence.dismiss(room, code, why);
        }
        messages
    }

    /// What still waits to be asked of the room.
    pub fn held(&mut self) -> VecDeque<Ask> {
        std::mem::take(&mut self.held)
    }
}
