//! One awake room: its machine, who is present, and what may be said once it is durable.
//!
//! The rule that everything here serves: **nothing is said before what it says is committed.** Answers, views,
//! updates, messages to other rooms and snapshots wait in one queue, each with the input it depends on, and leave
//! it in order as the store hands out receipts.
//!
//! This file holds the room's inputs; `live/commit.rs` their way to the store and back, `live/rebuild.rs` what happens when
//! that fails, `live/rewind.rs` going back, `live/serve.rs` what server code asks for. Who sits and listens is in `presence.rs`, what happens by the clock in
//! `clockwork.rs`, and between inputs in `running.rs`.

mod commit;
mod rebuild;
mod rewind;
mod serve;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use kernel::{
    Act, AnyRules, At, Audience, CommandId, EffectKey, Epoch, Input, Outbox, Refusal, Room, RoomId,
    RowWriter, Seat, Seq, Taken,
};
use store::{EventKeep, RestorePoint, StoreEffect, UserId};
use tokio::sync::oneshot;

pub(crate) use rebuild::Carried;

use rewind::Rewind;

use super::RoomError;
use super::ask::{Ask, Keep, Loaded, Resume, RoomCommand};
use super::gallery::Gallery;
use super::host::Context;
use super::past::Turned;
use super::presence::Presence;
use super::recent::{Moment, Recent};
use super::served::{Answered, CommandError, Viewer};
use crate::events;
use crate::session::{Answer, Session, SessionId};

/// Bytes of inputs that a room gathers for its next row, while the store is busy with the one before. A command that does not
/// fit is to be sent again; a row that no append takes would cost the room its memory, and everybody their commands.
pub(crate) const ROW_BYTES_MAX: usize = store::APPEND_BYTES_MAX / 2;
/// Rooms whose steps are shorter than this do not gather.
const GATHERED_STEP_MS_MIN: u32 = 20;

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
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) out: Outbox,
    pub(super) seats: BTreeMap<UserId, Seat>,
    pub(super) users: BTreeMap<Seat, UserId>,
    pub(super) presences: BTreeMap<SessionId, Presence>,
    /// Seats without a presence, and when they are left.
    pub(super) grace: BTreeMap<Seat, i64>,
    pub(super) recent: Recent,
    pub(super) gallery: Option<Gallery>,
    pub(super) joins: Vec<SessionId>,
    pub(super) leaves: Vec<wire::envelope::UserPresence>,
    /// When the next gathered updates may be sent.
    pub(super) next_send_ms: i64,
    /// Somebody waits for what was taken and is not with the store yet.
    awaited: bool,
    /// Until when its row gathers, by the host.
    pub(super) gathered_ms: Option<i64>,
    /// Since when nobody is here and nothing waits.
    pub(super) quiet_since_ms: i64,
    pub(super) saved: Saved,
    hash_seq: Seq,
    hash_ms: i64,
    /// How long the last hash took, in microseconds.
    hash_us: u64,
    state_bytes: u64,
    label: String,
    /// The seats that computers may play, as old as the label.
    pub(super) served: Vec<Seat>,
    /// Anybody may have its log, by the rules, as was said with the newest row.
    pub(super) log_is_open: bool,
    label_ms: i64,
    /// Durable messages to other rooms without an answer. Of each receiver's, only the first is under way: a receiver
    /// remembers the newest that it took, so none may overtake another, not even one that is sent again.
    outgoing: BTreeMap<RoomId, VecDeque<EffectKey>>,
    /// Rules that the room moves to as soon as a row of its own can begin.
    moving: Option<Arc<dyn AnyRules>>,
    /// Inputs wait here while a rewind needs the room to itself.
    rewind: Option<Rewind>,
    pub(super) held: VecDeque<Ask>,
    /// Commands of the batch at hand that were answered; tells which one a panic belongs to.
    batch_done: usize,
    had_outstanding: bool,
    /// The server goes down: no more time passes.
    pub(super) ending: bool,
    /// The timer that the host has set for it.
    pub timer: Option<i64>,
}

/// What goes to the store together with the row.
#[derive(Default)]
struct RowParts {
    seats: Vec<(Seat, UserId)>,
    effects: Vec<StoreEffect>,
    events: Vec<EventKeep>,
    points: Vec<RestorePoint>,
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
    /// The room's time of the newest moment that was kept of it.
    pub moment_ms: i64,
    /// Snapshots of points that are still to be written.
    pub keeping: usize,
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
    /// A session may watch.
    Watched {
        session: Arc<Session>,
        cid: String,
    },
    /// A view for those who watch.
    Keyframe {
        view: Vec<u8>,
        jump: bool,
    },
    Update {
        at: At,
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
    Save(Box<dyn Room>, Keep),
    /// What stood before a marked input.
    Keep(Box<dyn Room>),
    /// Server code's command.
    Told {
        result: Result<Answered, CommandError>,
        reply: oneshot::Sender<Result<Answered, CommandError>>,
        asked_us: u64,
    },
    /// What somebody sees who only looks.
    Peeked {
        viewer: Viewer,
        view: Vec<u8>,
        reply: oneshot::Sender<Option<Vec<u8>>>,
    },
    /// The room was taken back, or a command out of it.
    Turned {
        turned: Turned,
        reply: oneshot::Sender<Result<Turned, RoomError>>,
    },
    /// The server goes down: save, and tell everybody to come back.
    WrapUp,
}

impl What {
    /// Nobody waits for it.
    fn is_patient(&self) -> bool {
        match self {
            Self::Update { .. } => true,
            Self::Answers { answers, .. } => answers.iter().all(Answer::is_unheard),
            _ => false,
        }
    }
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
        let runs = loaded.room.pace().runs;
        // Of a room that runs, clients may have seen steps that come out differently now: those get a view.
        let told = Moment { seq, step: if runs { u64::MAX } else { 0 } };
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
            recent: Recent::after(told, loaded.room.memory().at, runs),
            gallery: None,
            joins: Vec::new(),
            leaves: Vec::new(),
            next_send_ms: 0,
            awaited: true,
            gathered_ms: None,
            quiet_since_ms: context.now_ms,
            saved: Saved {
                inputs: loaded.inputs,
                bytes: 0,
                replay_us: loaded.replay_us,
                size: 0,
                saving: false,
                due: false,
                moment_ms: loaded.room.memory().at.ms,
                keeping: 0,
            },
            hash_seq: seq,
            hash_ms: context.now_ms,
            hash_us: 0,
            state_bytes: 0,
            label: loaded.room.label(),
            served: loaded.room.served(),
            log_is_open: loaded.room.log_is_open(),
            label_ms: context.now_ms,
            outgoing: BTreeMap::new(),
            moving: None,
            rewind: None,
            held: VecDeque::new(),
            batch_done: 0,
            had_outstanding: !loaded.room.memory().outstanding.is_empty(),
            ending: false,
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

    /// Until when its row gathers before it is flushed; `None`: not at all.
    ///
    /// What somebody waits for is written at the next multiple of `gather_ms`, together with other rooms'. What nobody waits for is
    /// written when its updates are due: they could not be sent before.
    pub fn gathers_until(&self, context: &Context<'_>) -> Option<i64> {
        let (gather_ms, step_ms) = (context.config.gather_ms, self.machine.pace().step_ms);
        if gather_ms <= 0 || step_ms < GATHERED_STEP_MS_MIN {
            return None;
        }
        let next = context.now_ms - context.now_ms.rem_euclid(gather_ms) + gather_ms;
        Some(if self.awaited { next } else { self.next_send_ms.clamp(next, next + i64::from(step_ms)) })
    }

    /// A row that gathered is with the store, or goes there now.
    pub(super) fn row_is_near(&self, context: &Context<'_>) -> bool {
        match self.gathered_ms {
            Some(until) => until <= context.now_ms,
            None => self.in_flight.is_some() && self.gathers_until(context).is_some(),
        }
    }

    /// While a rewind is under way, everything else waits.
    pub fn is_held(&self) -> bool {
        self.rewind.is_some()
    }

    /// Takes one input now, by the host's clock.
    pub(super) fn take(&mut self, context: &mut Context<'_>, input: &Input<'_>) -> Result<Taken, Refusal> {
        self.take_at(context, context.now_ms, input)
    }

    pub(super) fn take_at(
        &mut self,
        context: &mut Context<'_>,
        ms: i64,
        input: &Input<'_>,
    ) -> Result<Taken, Refusal> {
        let at = self.machine.at(ms);
        // First, so that a refusal loses nothing of what passing time tells.
        self.pass_to(context, at);
        let taken = self.machine.take(at, input, &mut self.out)?;
        if let Taken::New(seq) = taken {
            self.writer.push(seq, at, input);
            if !self.out.updates().is_empty() || !self.out.effects().is_empty() {
                self.note_outbox(seq, at);
            }
            if let Some(mark) = self.out.take_mark() {
                self.note_point(at.ms, mark.why, mark.before);
            }
        }
        Ok(taken)
    }

    fn note_outbox(&mut self, seq: Seq, at: At) {
        for update in self.out.take_updates() {
            if update.transient {
                self.recent.transient(at, update.to, update.body);
            } else {
                self.waiting.push_back(Waiting {
                    upto: seq,
                    what: What::Update { at, to: update.to, body: update.body },
                });
            }
        }
        for (effect, index) in self.out.take_effects().into_iter().zip(0..) {
            self.awaited = true;
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
                Act::Event { seat, name, properties } => {
                    let user = self.users.get(&seat).copied();
                    let at_ms = self.machine.memory().at.ms;
                    self.row.events.push(events::of_room(self.id, user, name, properties, at_ms));
                }
            }
        }
    }

    /// Takes a command, if its row has room for it.
    pub(super) fn take_command(
        &mut self,
        context: &mut Context<'_>,
        seat: Seat,
        id: CommandId,
        body: &[u8],
    ) -> Result<Taken, Refusal> {
        if self.writer.len() + body.len() > ROW_BYTES_MAX {
            return Err(super::unavailable("the store is slow; send the command again in a moment"));
        }
        self.take(context, &Input::Command { seat, id, body })
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
        context.waited(asked_us);
        let seat = self.presences.get(&session.id).map(|presence| presence.seat);
        let mut answers = Vec::with_capacity(commands.len());
        for RoomCommand { id, body, .. } in commands {
            let verdict = match seat {
                Some(seat) => self.take_command(context, seat, *id, body),
                None if self.is_watched_by(session.id) => {
                    Err(Refusal::new(Refusal::WATCHES, "you only watch this room"))
                }
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

    /// The room has become this one by a logged `Migrate`, which stands first in its row.
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
            self.release(context, upto, what);
        } else {
            self.awaited |= !what.is_patient();
            self.waiting.push_back(Waiting { upto, what });
        }
    }

    pub(super) fn new_seat(&mut self, seat: Seat, user: UserId) {
        self.seats.insert(user, seat);
        self.users.insert(seat, user);
        self.row.seats.push((seat, user));
    }
}
