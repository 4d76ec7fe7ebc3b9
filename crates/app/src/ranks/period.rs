//! One period's place in memory, counted or not.

use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;
use store::{PeriodId, RankChange};
use tokio::sync::Notify;

use super::counted::Counted;

/// Moves put aside while a period is read. With more, it is read again.
const ASIDE_MAX: usize = 1_000_000;

pub(super) struct Period {
    pub(super) id: PeriodId,
    pub(super) state: Mutex<State>,
    /// Told when the state has changed.
    pub(super) changed: Notify,
    /// When it was last used, in uses of all periods.
    pub(super) used: AtomicU64,
}

pub(super) enum State {
    /// Nobody has asked yet.
    Empty,
    /// Somebody reads it from the store.
    Reading(Aside),
    /// Counted.
    Ready(Box<Counted>),
    /// Above the limit: not counted.
    TooMany,
}

/// What came while a period was read.
#[derive(Default)]
pub(super) struct Aside {
    changes: Vec<RankChange>,
    spoilt: bool,
}

impl Period {
    pub(super) fn new(id: PeriodId, used: u64) -> Self {
        Self { id, state: Mutex::new(State::Empty), changed: Notify::new(), used: AtomicU64::new(used) }
    }

    pub(super) fn is_ready(&self) -> bool {
        matches!(&*self.state.lock(), State::Ready(_))
    }
}

impl Aside {
    pub(super) fn put(&mut self, change: RankChange) {
        if self.changes.len() < ASIDE_MAX {
            self.changes.push(change);
        } else {
            self.spoil();
        }
    }

    /// The reading does not count.
    pub(super) fn spoil(&mut self) {
        self.spoilt = true;
        self.changes = Vec::new();
    }

    /// The moves in the order in which they came; `None`: the reading does not count.
    pub(super) fn changes(self) -> Option<Vec<RankChange>> {
        (!self.spoilt).then_some(self.changes)
    }
}
