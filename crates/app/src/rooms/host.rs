//! The host of many rooms: a state machine of its own that takes [`Ask`]s one by one and acts on the world through
//! [`Outside`]. It has no thread, no clock and no store; a worker (`worker.rs`) or the simulator drives it.
//!
//! Commands are executed at once and in arrival order. What they changed is handed to the store at the next
//! [`flush`](Host::flush), together for all rooms, and what they promised is said when the store's receipt comes
//! back as [`Ask::Appended`]. A room whose inputs the store did not take, or whose rules panicked, is thrown away
//! and rebuilt from the store; every other room goes on.
//!
//! This file holds the rooms and their turns; `host/asks.rs` what is asked of them, `host/waking.rs` how they come into
//! memory, `host/ending.rs` the end, `host/outside.rs` what the host has around it.

mod asks;
mod ending;
mod outside;
mod waking;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kernel::{AnyRules, Refusal, RoomId};
use tokio::sync::oneshot;

pub(crate) use ending::GOING_DOWN;
pub(crate) use outside::{Context, Outside};
use outside::{Figures, Shared};

use super::ask::Ask;
use super::clockwork::Fate;
use super::directory::Directory;
use super::live::{Appended, Carried, LiveRoom};
use super::resume::ResumeKey;
use super::{RoomsConfig, unavailable};

/// Milliseconds after which a room that the store could not load is tried again.
pub(crate) const RELOAD_MS: i64 = 500;
/// Awake rooms that move to a published content in one turn of their worker.
const MOVED_AT_ONCE: usize = 16;

/// The figure of those who watch.
const SPECTATORS: &str = "longhouse_room_spectators";

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

#[cfg(test)]
mod tests;
