//! The host of many rooms: a state machine of its own that takes [`Ask`]s one by one and acts on the world through
//! [`Outside`]. It has no thread, no clock and no store; a worker (`worker.rs`) or the simulator drives it.
//!
//! Commands are executed at once and in arrival order. What they changed is handed to the store at the next
//! [`flush`](Host::flush), together for all rooms, and what they promised is said when the store's receipt comes
//! back as [`Ask::Appended`]. A room whose inputs the store did not take, or whose rules panicked, is thrown away
//! and rebuilt from the store; every other room goes on.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kernel::{AnyRules, Epoch, Lasting, Refusal, Room, RoomId, Seq};
use metrics::{Counter, Histogram};
use store::RoomAppend;
use tokio::sync::oneshot;
use wire::envelope::{Envelope, Error, ErrorCode, Message};
use wire::payload::ClosingCode;

use super::ask::{Ask, Keep, LoadError, Loaded};
use super::clockwork::Fate;
use super::directory::{Directory, RoomInfo};
use super::live::{Appended, Carried, LiveRoom, What};
use super::past::Past;
use super::resume::ResumeKey;
use super::served::By;
use super::{CommandError, RoomError, RoomsConfig, unavailable};
use crate::session::{Answer, Delivery, Session};

/// Asks that wait for a room to be loaded; further ones are told to try again.
pub(crate) const LOADING_ASKS_MAX: usize = 4_096;
/// Milliseconds after which a room that the store could not load is tried again.
pub(crate) const RELOAD_MS: i64 = 500;
/// Awake rooms that move to a published content in one turn of their worker.
const MOVED_AT_ONCE: usize = 16;

/// The figure of those who watch.
const SPECTATORS: &str = "longhouse_room_spectators";

/// What the host needs done. None of these waits; answers come back as asks.
pub(crate) trait Outside {
    /// Makes inputs durable; answered by [`Ask::Appended`] with the same rooms in the same order.
    fn append(&mut self, rooms: Vec<RoomId>, appends: Vec<RoomAppend>);
    /// Takes the room's next epoch and reads it; answered by [`Ask::Loaded`].
    fn load(&mut self, room: RoomId);
    /// Reads what a room that has come to input `now` was, or would be; answered by [`Ask::Earlier`].
    fn load_earlier(&mut self, room: RoomId, past: Past, now: Seq, lasting: Option<Lasting>);
    /// Writes a snapshot; answered by [`Ask::Saved`].
    fn save(&mut self, room: RoomId, epoch: Epoch, machine: Box<dyn Room>, keep: Keep);
    /// Notes in the store that a room is closed by a fault.
    fn close(&mut self, room: RoomId, fault: String);
    /// Asks something of a room, here or in another host.
    fn send(&mut self, ask: Ask);
    /// A clock that only runs forwards.
    fn monotonic_us(&self) -> u64;
    /// The processor time of this thread, where that can be known.
    fn thread_us(&self) -> Option<u64>;
}

/// What every part of the host gets to see.
pub(crate) struct Context<'a> {
    pub outside: &'a mut dyn Outside,
    pub config: &'a RoomsConfig,
    pub resume: &'a ResumeKey,
    pub directory: &'a Directory,
    pub now_ms: i64,
    pub monotonic_us: u64,
    figures: &'a Figures,
}

impl Context<'_> {
    pub fn match_id(&self, room: RoomId) -> String {
        format!("{room}.{}", self.config.cluster)
    }

    /// Notes how long commands waited for their answers.
    pub fn answered(&mut self, answers: &[Answer], asked_us: u64) {
        let accepted = answers.iter().filter(|answer| answer.verdict.is_ok()).count() as u64;
        self.counted(accepted, answers.len() as u64 - accepted, asked_us);
    }

    /// Notes what letting time pass took, and how late it was.
    pub fn stepped(&self, wall_us: u64, thread_us: Option<u64>, late_ms: i64) {
        self.figures.step_seconds.record(wall_us as f64 / 1e6);
        if let Some(thread_us) = thread_us {
            self.figures.step_cpu_seconds.record(thread_us as f64 / 1e6);
        }
        self.figures.step_late_seconds.record(late_ms.max(0) as f64 / 1e3);
    }

    /// Notes how long commands waited for their room.
    pub fn waited(&self, asked_us: u64) {
        self.figures.wait_seconds.record(self.monotonic_us.saturating_sub(asked_us) as f64 / 1e6);
    }

    /// Notes how long commands waited that were accepted or refused.
    pub fn counted(&mut self, accepted: u64, refused: u64, asked_us: u64) {
        let seconds = self.monotonic_us.saturating_sub(asked_us) as f64 / 1e6;
        self.figures.answer_seconds.record(seconds);
        self.figures.accepted.increment(accepted);
        self.figures.refused.increment(refused);
    }
}

/// Handles of the figures that every step or batch of commands touches; looking them up each time costs more than the rest.
struct Figures {
    wait_seconds: Histogram,
    answer_seconds: Histogram,
    step_seconds: Histogram,
    step_cpu_seconds: Histogram,
    step_late_seconds: Histogram,
    accepted: Counter,
    refused: Counter,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            wait_seconds: metrics::histogram!("longhouse_room_wait_seconds"),
            answer_seconds: metrics::histogram!("longhouse_room_answer_seconds"),
            step_seconds: metrics::histogram!("longhouse_room_step_seconds"),
            step_cpu_seconds: metrics::histogram!("longhouse_room_step_cpu_seconds"),
            step_late_seconds: metrics::histogram!("longhouse_room_step_late_seconds"),
            accepted: metrics::counter!("longhouse_room_commands_total", "answer" => "accepted"),
            refused: metrics::counter!("longhouse_room_commands_total", "answer" => "refused"),
        }
    }
}

/// What a host uses for all its rooms, apart from them, so that a room can be worked on beside it.
struct Shared {
    config: Arc<RoomsConfig>,
    resume: ResumeKey,
    directory: Arc<Directory>,
    figures: Figures,
}

impl Shared {
    fn context<'a>(&'a self, outside: &'a mut dyn Outside, now: (i64, u64)) -> Context<'a> {
        let Self { config, resume, directory, figures } = self;
        Context { outside, config, resume, directory, now_ms: now.0, monotonic_us: now.1, figures }
    }
}

enum Slot {
    Awake(Box<LiveRoom>),
    Loading {
        asks: VecDeque<Ask>,
        carried: Option<Box<Carried>>,
    },
    /// The store could not be asked; until then it is not asked again.
    Failed {
        until_ms: i64,
        why: Refusal,
    },
    /// Its log has a fault; an operator is needed.
    Closed {
        why: String,
    },
}

pub(crate) struct Host {
    rooms: HashMap<RoomId, Slot>,
    timers: BTreeSet<(i64, RoomId)>,
    dirty: Vec<RoomId>,
    /// Those whose rows gather, and until when; each is here once.
    gathering: BTreeSet<(i64, RoomId)>,
    shared: Shared,
    closing: Option<oneshot::Sender<()>>,
    finished: bool,
    /// Messages for rooms that could not take them, and rooms that could not be read, and when they are tried
    /// again. Bounded by [`kernel::OUTSTANDING_MAX`] for each sender and one for each room.
    again: VecDeque<(i64, Ask)>,
    /// Awake rooms that are to move to other rules, a few at a time; each is here once.
    moving: VecDeque<(RoomId, Arc<dyn AnyRules>)>,
}

impl Host {
    pub fn new(config: Arc<RoomsConfig>, resume: ResumeKey, directory: Arc<Directory>) -> Self {
        Self {
            rooms: HashMap::new(),
            timers: BTreeSet::new(),
            dirty: Vec::new(),
            gathering: BTreeSet::new(),
            shared: Shared { config, resume, directory, figures: Figures::default() },
            closing: None,
            finished: false,
            again: VecDeque::new(),
            moving: VecDeque::new(),
        }
    }

    /// When [`tick`](Self::tick) next has something to do.
    pub fn next_due(&self) -> Option<i64> {
        if !self.moving.is_empty() {
            return Some(i64::MIN);
        }
        let again = self.again.front().map(|(due, _)| *due);
        let timer = self.timers.first().map(|(due, _)| *due);
        let gathered = self.gathering.first().map(|(until, _)| *until);
        [again, timer, gathered].into_iter().flatten().min()
    }

    /// Takes one ask.
    pub fn handle(&mut self, outside: &mut dyn Outside, now: (i64, u64), ask: Ask) {
        match ask {
            Ask::Appended { rooms, results } => {
                for (room, result) in rooms.into_iter().zip(results) {
                    self.with_room(outside, now, room, |live, context| {
                        match live.appended(context, result) {
                            Appended::Fine => Ok(()),
                            Appended::Lost(why) => Err(why),
                        }
                    });
                }
            }
            Ask::Loaded { room, result } => self.loaded(outside, now, room, result),
            Ask::Shutdown { reply } => self.shut_down(outside, now, reply),
            Ask::Published { rules } => self.published(&rules),
            ask => {
                if let Some(room) = ask.room() {
                    self.ask_room(outside, now, room, ask);
                }
            }
        }
        self.finish_shutdown();
    }

    fn ask_room(&mut self, outside: &mut dyn Outside, now: (i64, u64), room: RoomId, ask: Ask) {
        if (self.closing.is_some() || self.finished) && !matches!(ask, Ask::Saved { .. } | Ask::Gone { .. }) {
            return self.refuse(
                outside,
                now.0,
                ask,
                &unavailable("the server is going down; come back in a moment"),
            );
        }
        match self.rooms.get_mut(&room) {
            Some(Slot::Awake(live)) if live.is_held() && waits_for_rewind(&ask) => {
                if live.held.len() < LOADING_ASKS_MAX {
                    live.held.push_back(ask);
                } else {
                    self.refuse(outside, now.0, ask, &unavailable("the room is busy; try again"));
                }
            }
            Some(Slot::Awake(_)) => {
                let earlier = matches!(ask, Ask::Earlier { .. });
                self.ask_live(outside, now, room, ask);
                if earlier {
                    self.resume_held(outside, now, room);
                }
            }
            Some(Slot::Loading { asks, .. }) => match asks.len() < LOADING_ASKS_MAX {
                true => asks.push_back(ask),
                false => self.refuse(outside, now.0, ask, &unavailable("the room is starting; try again")),
            },
            Some(Slot::Failed { until_ms, why }) if *until_ms > now.0 => {
                let why = why.clone();
                self.refuse(outside, now.0, ask, &why);
            }
            Some(Slot::Closed { why }) => {
                let why = Refusal::new(Refusal::CLOSED, format!("the room is closed: {why}"));
                self.refuse(outside, now.0, ask, &why);
            }
            Some(Slot::Failed { .. }) | None => {
                // A session that is not in a sleeping room, and has nothing to ask of it, does not wake it.
                if let Ask::Commands { .. } | Ask::Leave { .. } = ask {
                    let why = Refusal::new(Refusal::NOT_SEATED, "you are not in this room");
                    return self.refuse(outside, now.0, ask, &why);
                }
                if let Ask::Gone { .. }
                | Ask::Refresh { .. }
                | Ask::Saved { .. }
                | Ask::Earlier { .. }
                | Ask::Migrate { .. } = ask
                {
                    return;
                }
                if let Ask::Peek { reply, .. } = ask {
                    let _ = reply.send(None);
                    return;
                }
                // A computer plays where people do.
                if let Ask::Command { by: By::Seat(_), .. } = ask {
                    return self.refuse(outside, now.0, ask, &unavailable("the room sleeps"));
                }
                // Everything else wakes the room, messages and answers of other rooms as well.
                self.rooms.insert(room, Slot::Loading { asks: VecDeque::from([ask]), carried: None });
                outside.load(room);
            }
        }
    }

    /// Something is asked of an awake room.
    fn ask_live(&mut self, outside: &mut dyn Outside, now: (i64, u64), room: RoomId, ask: Ask) {
        if let Ask::Commands { session, commands, asked_us, .. } = ask {
            let mut faults = None;
            self.with_room(outside, now, room, |live, context| {
                let batch = AssertUnwindSafe(|| live.commands(context, &session, &commands, asked_us));
                if catch_unwind(batch).is_ok() {
                    return Ok(());
                }
                faults = Some(live.fault_answers(&commands));
                Err(unavailable("the room starts again; send the command once more"))
            });
            if let Some(answers) = faults {
                session.answer(room, answers);
            }
            return;
        }
        if let Ask::Command { by, id, body, reply, asked_us, .. } = ask {
            let mut reply = Some(reply);
            self.with_room(outside, now, room, |live, context| {
                let take = AssertUnwindSafe(|| live.command(context, by, id, &body));
                let Ok(result) = catch_unwind(take) else {
                    return Err(unavailable("the room starts again; send the command once more"));
                };
                if let Some(reply) = reply.take() {
                    live.tell(context, result, reply, asked_us);
                }
                Ok(())
            });
            if let Some(reply) = reply {
                let fault =
                    Refusal::new(Refusal::FAULT, "the rules failed on this command; it was not taken");
                let _ = reply.send(Err(CommandError::Refused(fault)));
            }
            return;
        }
        self.with_room(outside, now, room, |live, context| {
            let act = AssertUnwindSafe(|| match ask {
                Ask::Join { session, cid, resume, .. } => live.join(context, session, cid, resume),
                Ask::Watch { session, cid, .. } => live.watch(context, session, cid),
                Ask::Leave { session, cid, .. } => {
                    live.leave(context, &session);
                    session.push(Delivery::Message(Box::new(Envelope::ack(cid))));
                }
                Ask::Gone { session, .. } => drop(live.leave(context, &session)),
                Ask::Refresh { session, .. } => live.refresh(context, session.id),
                Ask::Rewind { past, reply, .. } => live.rewind(context, past, reply),
                Ask::Message { from, key, body, .. } => live.message(context, from, key, body),
                Ask::Answered { key, outcome, .. } => live.effect_result(context, key, outcome),
                Ask::Earlier { result, .. } => live.earlier(context, result),
                Ask::Saved { bytes, ok, keep, .. } => live.was_saved(bytes, ok, keep),
                Ask::Peek { viewer, reply, .. } => live.peek(context, viewer, reply),
                Ask::Migrate { rules, .. } => live.move_on(context, rules),
                Ask::Wake { .. }
                | Ask::Commands { .. }
                | Ask::Command { .. }
                | Ask::Published { .. }
                | Ask::Loaded { .. }
                | Ask::Appended { .. }
                | Ask::Shutdown { .. } => {}
            });
            catch_unwind(act).map_err(|_| unavailable("the room's rules failed; it starts again"))
        });
    }

    /// Works on an awake room, then looks after its timer and whether it must be flushed or given up.
    fn with_room(
        &mut self,
        outside: &mut dyn Outside,
        now: (i64, u64),
        room: RoomId,
        work: impl FnOnce(&mut LiveRoom, &mut Context<'_>) -> Result<(), Refusal>,
    ) {
        let Some(Slot::Awake(live)) = self.rooms.get_mut(&room) else { return };
        let context = &mut self.shared.context(outside, now);
        match work(live, context) {
            Ok(()) => {
                if live.is_dirty() {
                    let until = live.gathers_until(context).filter(|_| self.closing.is_none());
                    match (until, live.gathered_ms) {
                        (None, _) => self.dirty.push(room),
                        (Some(until), Some(earlier)) if earlier <= until => {}
                        (Some(until), later) => {
                            if let Some(later) = later {
                                self.gathering.remove(&(later, room));
                            }
                            self.gathering.insert((until, room));
                            live.gathered_ms = Some(until);
                        }
                    }
                }
                let due = live.due(context);
                if let Some(due) = due
                    && live.timer.is_none_or(|timer| due < timer)
                {
                    if let Some(timer) = live.timer.replace(due) {
                        self.timers.remove(&(timer, room));
                    }
                    self.timers.insert((due, room));
                }
            }
            Err(why) => self.rebuild(outside, room, why),
        }
    }

    fn rebuild(&mut self, outside: &mut dyn Outside, room: RoomId, why: Refusal) {
        let Some(Slot::Awake(live)) = self.rooms.remove(&room) else { return };
        tracing::warn!(%room, %why, "the room's memory is thrown away and read again");
        metrics::counter!("longhouse_room_rebuilds_total").increment(1);
        if let Some(timer) = live.timer {
            self.timers.remove(&(timer, room));
        }
        let carried = Some(Box::new(live.give_up(why)));
        self.rooms.insert(room, Slot::Loading { asks: VecDeque::new(), carried });
        outside.load(room);
    }

    fn loaded(
        &mut self,
        outside: &mut dyn Outside,
        now: (i64, u64),
        room: RoomId,
        result: Result<Box<Loaded>, LoadError>,
    ) {
        let Some(Slot::Loading { mut asks, mut carried }) = self.rooms.remove(&room) else { return };
        let error = match result {
            Ok(loaded) => {
                let made = self.wake(outside, now, room, *loaded, carried.take());
                match made {
                    Ok(mut first) => {
                        first.append(&mut asks);
                        for ask in first {
                            self.ask_room(outside, now, room, ask);
                        }
                        return;
                    }
                    Err(why) => {
                        outside.close(room, why.clone());
                        LoadError::Closed(why)
                    }
                }
            }
            Err(error) => error,
        };
        if let Some(carried) = &mut carried {
            asks.append(&mut carried.held());
        }
        let (why, code, slot) = match error {
            LoadError::Gone => {
                (Refusal::new(Refusal::NO_ROOM, "there is no such room"), ClosingCode::RoomFault, None)
            }
            LoadError::Closed(why) => {
                let refusal = Refusal::new(Refusal::CLOSED, format!("the room is closed: {why}"));
                (refusal, ClosingCode::RoomFault, Some(Slot::Closed { why }))
            }
            LoadError::Fault(fault) => {
                tracing::error!(%room, %fault, "the room's log cannot be followed; the room is closed");
                metrics::counter!("longhouse_room_faults_total").increment(1);
                let why = fault.to_string();
                outside.close(room, why.clone());
                // What is wrong with the log is for operators, not for players.
                let why_told = "its log is damaged; the operator has been told".to_owned();
                let refusal = Refusal::new(Refusal::CLOSED, format!("the room is closed: {why_told}"));
                (refusal, ClosingCode::RoomFault, Some(Slot::Closed { why: why_told }))
            }
            LoadError::Store(error) => {
                tracing::warn!(%room, %error, "the store could not load the room");
                let why = match error {
                    store::StoreError::Full => unavailable("the server's disk is full; try again later"),
                    _ => unavailable("the room cannot be read now; try again"),
                };
                let slot = Slot::Failed { until_ms: now.0 + RELOAD_MS, why: why.clone() };
                // It may have messages under way; nobody else would think of waking it.
                self.again.push_back((now.0 + RELOAD_MS, Ask::Wake { room }));
                (why, ClosingCode::GoingDown, Some(slot))
            }
        };
        if let Some(slot) = slot {
            self.rooms.insert(room, slot);
        }
        if let Some(carried) = carried {
            asks.extend(carried.dismiss(room, code, &why));
        }
        for ask in asks {
            self.refuse(outside, now.0, ask, &why);
        }
    }

    /// Puts a loaded room in its place. Returns what must be asked of it first; an error says why it cannot live.
    fn wake(
        &mut self,
        outside: &mut dyn Outside,
        now: (i64, u64),
        room: RoomId,
        loaded: Loaded,
        carried: Option<Box<Carried>>,
    ) -> Result<VecDeque<Ask>, String> {
        let context = &mut self.shared.context(outside, now);
        let made = catch_unwind(AssertUnwindSafe(|| {
            let mut live = LiveRoom::new(room, loaded, context);
            if live.machine.pace().advance_ms > 0 {
                live.advance(context);
            }
            let first = carried.map_or_else(VecDeque::new, |carried| live.adopt(context, *carried));
            live.list(context);
            (live, first)
        }));
        let (live, first) = made.map_err(|_| "its rules fail as it wakes".to_owned())?;
        self.rooms.insert(room, Slot::Awake(Box::new(live)));
        self.with_room(outside, now, room, |_, _| Ok(()));
        Ok(first)
    }

    /// The awake rooms of these rules move on, a few at each [`tick`](Self::tick); those that are being read may have
    /// been read too early, and are told again.
    fn published(&mut self, rules: &Arc<dyn AnyRules>) {
        let mut awake = Vec::new();
        for (room, slot) in &mut self.rooms {
            match slot {
                Slot::Awake(live) if live.machine.rules().name == rules.id().name => awake.push(*room),
                // One for each content, whatever else waits.
                Slot::Loading { asks, .. } => {
                    asks.push_back(Ask::Migrate { room: *room, rules: rules.clone() });
                }
                Slot::Awake(_) | Slot::Failed { .. } | Slot::Closed { .. } => {}
            }
        }
        awake.sort_unstable();
        // Whatever still waits for an older content moves to this one at once.
        self.moving.retain(|(_, older)| older.id().name != rules.id().name);
        self.moving.extend(awake.into_iter().map(|room| (room, rules.clone())));
    }

    fn resume_held(&mut self, outside: &mut dyn Outside, now: (i64, u64), room: RoomId) {
        let Some(Slot::Awake(live)) = self.rooms.get_mut(&room) else { return };
        if !live.is_held() && !live.held.is_empty() {
            for ask in std::mem::take(&mut live.held) {
                self.ask_room(outside, now, room, ask);
            }
        }
    }

    /// Does what is due by the clock.
    pub fn tick(&mut self, outside: &mut dyn Outside, now: (i64, u64)) {
        while self.again.front().is_some_and(|(due, _)| *due <= now.0)
            && let Some((_, ask)) = self.again.pop_front()
        {
            self.handle(outside, now, ask);
        }
        for _ in 0..MOVED_AT_ONCE {
            let Some((room, rules)) = self.moving.pop_front() else { break };
            self.ask_room(outside, now, room, Ask::Migrate { room, rules });
        }
        while let Some((due, room)) = self.timers.first().copied()
            && due <= now.0
        {
            self.timers.remove(&(due, room));
            let mut fate = Fate::Stay;
            self.with_room(outside, now, room, |live, context| {
                live.timer = None;
                let act = catch_unwind(AssertUnwindSafe(|| live.on_time(context)));
                fate = act.map_err(|_| unavailable("the room's rules failed; it starts again"))?;
                Ok(())
            });
            if fate == Fate::Sleep
                && let Some(Slot::Awake(live)) = self.rooms.remove(&room)
            {
                if let Some(timer) = live.timer {
                    self.timers.remove(&(timer, room));
                }
                self.shared.directory.remove(room);
            }
        }
        self.finish_shutdown();
    }

    /// Hands what was taken to the store, all rooms together.
    pub fn flush(&mut self, outside: &mut dyn Outside, now: (i64, u64)) {
        let (mut rooms, mut appends) = (Vec::new(), Vec::new());
        while let Some((until, room)) = self.gathering.first().copied()
            && (until <= now.0 || self.closing.is_some())
        {
            self.gathering.remove(&(until, room));
            self.dirty.push(room);
        }
        for room in std::mem::take(&mut self.dirty) {
            let Some(Slot::Awake(live)) = self.rooms.get_mut(&room) else { continue };
            live.gathered_ms = None;
            if !live.is_dirty() {
                continue;
            }
            let context = &mut self.shared.context(outside, now);
            match catch_unwind(AssertUnwindSafe(|| live.flush(context))) {
                Ok(Some(append)) => {
                    rooms.push(room);
                    appends.push(append);
                }
                Ok(None) => {}
                Err(_) => {
                    self.rebuild(outside, room, unavailable("the room's rules failed; it starts again"))
                }
            }
        }
        if !appends.is_empty() {
            outside.append(rooms, appends);
        }
    }

    fn shut_down(&mut self, outside: &mut dyn Outside, now: (i64, u64), reply: oneshot::Sender<()>) {
        self.closing = Some(reply);
        let mut awake: Vec<RoomId> = self.rooms.keys().copied().collect();
        awake.sort_unstable();
        for room in awake {
            self.with_room(outside, now, room, |live, context| {
                live.wrap_up(context);
                Ok(())
            });
        }
    }

    /// Once all rooms are durable and saved, whoever asked for the end is told.
    fn finish_shutdown(&mut self) {
        if self.closing.is_none() {
            return;
        }
        let busy = |slot: &Slot| match slot {
            Slot::Awake(live) => !live.settled() || live.is_saving(),
            Slot::Loading { .. } => true,
            Slot::Failed { .. } | Slot::Closed { .. } => false,
        };
        if !self.rooms.values().any(busy)
            && let Some(reply) = self.closing.take()
        {
            self.rooms.clear();
            self.timers.clear();
            self.finished = true;
            // The asker has a deadline of its own and may be gone.
            let _ = reply.send(());
        }
    }

    /// The answer to an ask that cannot be taken.
    fn refuse(&mut self, outside: &mut dyn Outside, now_ms: i64, ask: Ask, why: &Refusal) {
        let error = |session: &Session, cid: String, code| {
            let error = Error::new(code, why.reason.clone());
            session.push(Delivery::Message(Box::new(Envelope::new(cid, Message::Error(error)))));
        };
        match ask {
            Ask::Join { session, cid, .. } | Ask::Watch { session, cid, .. } => {
                let gone = why.code == Refusal::NO_ROOM;
                error(
                    &session,
                    cid,
                    if gone { ErrorCode::MatchNotFound } else { ErrorCode::MatchJoinRejected },
                );
            }
            // Leaving a room that one is not in is fine.
            Ask::Leave { session, cid, .. } => session.push(Delivery::Message(Box::new(Envelope::ack(cid)))),
            Ask::Commands { room, session, commands, .. } => {
                let ids = commands.into_iter().map(|command| command.id);
                session.answer(room, ids.map(|id| Answer { id, verdict: Err(why.clone()) }).collect());
            }
            Ask::Rewind { reply, .. } => {
                drop(reply.send(Err(RoomError::Unavailable(why.reason.to_string()))))
            }
            Ask::Command { reply, .. } => drop(reply.send(Err(why.clone().into()))),
            // What the store has can still be looked at.
            Ask::Peek { reply, .. } => drop(reply.send(None)),
            // Going down, nothing is tried again: the sender's log has the message, and sends it when it wakes.
            Ask::Message { .. } if self.closing.is_some() || self.finished => {}
            Ask::Message { .. } if why.code == Refusal::UNAVAILABLE => {
                self.again.push_back((now_ms + RELOAD_MS, ask));
            }
            Ask::Message { from, key, .. } => {
                outside.send(Ask::Answered { room: from, key, outcome: Err(why.clone()) });
            }
            _ => {}
        }
    }

    /// The host was shut down and has nothing left to do.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Rooms in memory, and the rules' figures summed over them.
    pub fn figures(&self) -> (usize, BTreeMap<&'static str, i64>) {
        let mut sums = BTreeMap::new();
        let mut awake = 0;
        for slot in self.rooms.values() {
            if let Slot::Awake(live) = slot {
                awake += 1;
                *sums.entry(SPECTATORS).or_default() += live.spectators() as i64;
                live.machine.gauges(&mut |name, value| *sums.entry(name).or_default() += value);
            }
        }
        (awake, sums)
    }
}

impl LiveRoom {
    /// Puts the room's line in the directory.
    pub(super) fn list(&self, context: &Context<'_>) {
        context.directory.put(RoomInfo {
            id: self.id,
            rules: self.machine.rules().name.clone(),
            label: self.label().to_owned(),
            size: self.presences.len(),
            log_is_open: self.log_is_open,
            served: self.served.clone(),
        });
    }

    /// The server goes down: save, and tell everybody to come back.
    fn wrap_up(&mut self, context: &mut Context<'_>) {
        self.settle(context);
        self.ending = true;
        self.later(context, What::WrapUp);
    }
}

/// Facts and answers go to a room even while it waits for a rewind.
fn waits_for_rewind(ask: &Ask) -> bool {
    !matches!(ask, Ask::Earlier { .. } | Ask::Saved { .. } | Ask::Gone { .. })
}
