//! The gallery of a room: those who only watch, some time behind. What the room told is kept here until its time comes,
//! encoded once for however many there are.
//!
//! A newcomer is shown the newest *keyframe* (a whole view) whose time has come and what was told after it, and then
//! hears what the others hear. It knows nothing of rules, logs and commits: what is put in is durable and public.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use kernel::RoomId;
use wire::payload::Kind;

use crate::session::{Delivery, Session, SessionId, UPDATES_BYTES_MAX};

/// Those who may watch one room; a further one is refused.
pub const SPECTATORS_MAX: usize = 65_536;
/// Milliseconds after which a keyframe is taken, if something was told since the last.
pub(crate) const KEYFRAME_MS: i64 = 10_000;
/// Milliseconds between two keyframes, whatever the reason for the next.
pub(crate) const KEYFRAME_MS_MIN: i64 = 1_000;
/// Bytes of updates after which a keyframe is taken earlier: a newcomer's outbox must hold all since the keyframe.
pub(crate) const KEYFRAME_BYTES: usize = UPDATES_BYTES_MAX / 4;
/// Bytes that wait for their time, beside one keyframe. What does not fit is left out, and a keyframe taken as soon as
/// may be stands for it.
pub(crate) const GALLERY_BYTES_MAX: usize = 8 << 20;
/// Payloads that wait for their time; past that as with bytes.
pub(crate) const GALLERY_PAYLOADS_MAX: usize = 16_384;

pub(crate) struct Gallery {
    room: RoomId,
    delay_ms: i64,
    /// In the order of their times. What stands before `due` was shown; the newest shown keyframe comes first.
    payloads: VecDeque<Told>,
    due: usize,
    bytes: usize,
    watchers: BTreeMap<SessionId, Watcher>,
    /// When the newest keyframe was asked for, and the bytes told since.
    keyframe_ms: Option<i64>,
    since: usize,
    /// It was asked for and is not here yet.
    asked: bool,
    /// Something was left out: until the next keyframe nothing can follow.
    lost: bool,
}

struct Watcher {
    session: Arc<Session>,
    /// It was shown a keyframe and all after it.
    live: bool,
}

struct Told {
    ms: i64,
    what: What,
    data: Bytes,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    /// For newcomers; the others know it all. Where the room made a jump, it is for everybody.
    Keyframe {
        jump: bool,
    },
    Updates,
}

impl Gallery {
    pub fn new(room: RoomId, delay_ms: i64) -> Self {
        Self {
            room,
            delay_ms,
            payloads: VecDeque::new(),
            due: 0,
            bytes: 0,
            watchers: BTreeMap::new(),
            keyframe_ms: None,
            since: 0,
            asked: false,
            lost: false,
        }
    }

    /// Lets somebody in, who is shown what there is to show at [`play`](Self::play). `false`: it is full.
    pub fn enter(&mut self, session: Arc<Session>) -> bool {
        if self.watchers.len() >= SPECTATORS_MAX && !self.watchers.contains_key(&session.id) {
            return false;
        }
        self.watchers.insert(session.id, Watcher { session, live: false });
        true
    }

    /// Somebody goes, or was not there.
    pub fn exit(&mut self, session: SessionId) -> Option<Arc<Session>> {
        self.watchers.remove(&session).map(|watcher| watcher.session)
    }

    /// Somebody was skipped forward, and is shown the newest keyframe again. `false`: not of these.
    pub fn again(&mut self, session: SessionId) -> bool {
        let watcher = self.watchers.get_mut(&session);
        watcher.is_some_and(|watcher| {
            watcher.live = false;
            true
        })
    }

    pub fn watches(&self, session: SessionId) -> bool {
        self.watchers.contains_key(&session)
    }

    pub fn room(&self) -> RoomId {
        self.room
    }

    pub fn len(&self) -> usize {
        self.watchers.len()
    }

    /// Everybody goes.
    pub fn empty(&mut self) -> Vec<Arc<Session>> {
        std::mem::take(&mut self.watchers).into_values().map(|watcher| watcher.session).collect()
    }

    /// Is it time to ask for a keyframe? Where nothing is held back, each newcomer has one of its own.
    pub fn wants_keyframe(&self, now_ms: i64) -> bool {
        if self.watchers.is_empty() || self.asked {
            return false;
        }
        let Some(last) = self.keyframe_ms else { return true };
        let age = now_ms.saturating_sub(last);
        if self.delay_ms == 0 && self.watchers.values().any(|watcher| !watcher.live) {
            return true;
        }
        let old = self.delay_ms > 0 && self.since > 0 && age >= KEYFRAME_MS;
        let much = self.delay_ms > 0 && self.since >= KEYFRAME_BYTES;
        old || ((much || self.lost) && age >= KEYFRAME_MS_MIN)
    }

    /// A keyframe is on its way.
    pub fn keyframe_asked(&mut self, now_ms: i64) {
        self.keyframe_ms = Some(now_ms);
        (self.since, self.asked) = (0, true);
    }

    /// Takes a whole view in. `jump`: it does not follow from what was told before.
    pub fn keyframe(&mut self, now_ms: i64, data: Bytes, jump: bool) {
        self.asked = false;
        let mut jump = jump || std::mem::take(&mut self.lost);
        if self.bytes + data.len() > GALLERY_BYTES_MAX && !self.payloads.is_empty() {
            // It alone is left, and so it stands for what everybody would have heard until then.
            self.forget();
            jump = true;
        }
        self.push(now_ms, What::Keyframe { jump }, data);
    }

    /// The room was built again: a keyframe that was on its way is gone, and what follows does not follow from what was.
    pub fn rebuilt(&mut self) {
        (self.asked, self.lost) = (false, true);
    }

    /// Takes in what everybody is told.
    pub fn updates(&mut self, now_ms: i64, data: Bytes) {
        if self.lost || self.keyframe_ms.is_none() {
            return;
        }
        self.since += data.len();
        let fits = self.bytes + data.len() <= GALLERY_BYTES_MAX
            && self.payloads.len() < GALLERY_PAYLOADS_MAX
            // More than an outbox takes would be skipped by everybody.
            && data.len() < UPDATES_BYTES_MAX / 2;
        if fits {
            self.push(now_ms, What::Updates, data);
        } else {
            self.lost = true;
        }
    }

    fn push(&mut self, now_ms: i64, what: What, data: Bytes) {
        // A clock that goes back must not bring anything forward.
        let ms = self.payloads.back().map_or(now_ms, |last| last.ms.max(now_ms));
        self.bytes += data.len();
        self.payloads.push_back(Told { ms, what, data });
    }

    fn forget(&mut self) {
        self.payloads.clear();
        (self.due, self.bytes) = (0, 0);
    }

    /// When something is to be shown next, or a keyframe taken for what was left out.
    pub fn next_due(&self) -> Option<i64> {
        if self.watchers.is_empty() {
            return None;
        }
        let next = self.payloads.get(self.due).map(|told| told.ms.saturating_add(self.delay_ms));
        let again = (self.lost && !self.asked)
            .then(|| self.keyframe_ms.unwrap_or_default().saturating_add(KEYFRAME_MS_MIN));
        next.into_iter().chain(again).min()
    }

    /// Shows whatever time has come, and newcomers what came before.
    pub fn play(&mut self, now_ms: i64) {
        self.catch_up();
        while let Some(told) = self.payloads.get(self.due)
            && told.ms.saturating_add(self.delay_ms) <= now_ms
        {
            for watcher in self.watchers.values_mut() {
                let shown = match told.what {
                    What::Keyframe { jump } => jump || !watcher.live,
                    What::Updates => watcher.live,
                };
                if shown {
                    watcher.live = true;
                    show(self.room, watcher, told);
                }
            }
            if let What::Keyframe { .. } = told.what {
                self.bytes -= self.payloads.drain(..self.due).map(|told| told.data.len()).sum::<usize>();
                self.due = 0;
            }
            self.due += 1;
        }
        if self.delay_ms == 0 && self.due == self.payloads.len() {
            self.forget();
        }
    }

    fn catch_up(&mut self) {
        if self.due == 0 {
            return;
        }
        for watcher in self.watchers.values_mut().filter(|watcher| !watcher.live) {
            watcher.live = true;
            self.payloads.iter().take(self.due).for_each(|told| show(self.room, watcher, told));
        }
    }
}

fn show(room: RoomId, watcher: &Watcher, told: &Told) {
    let kind = match told.what {
        What::Keyframe { .. } => Kind::View,
        What::Updates => Kind::Updates,
    };
    watcher.session.push(Delivery::Payload { room, kind, data: told.data.clone() });
}

#[cfg(test)]
#[path = "gallery_tests.rs"]
mod tests;
