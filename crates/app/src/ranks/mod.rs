//! Ranks: how many records of a period stand before one, without asking the store.
//!
//! **Purpose.** The store keeps records in the order of ranks, but counting there reads all that stand before. Here
//! the keys of a period lie in an order-statistic structure ([`Order`], about 34 bytes a record), so that the rank of
//! one among a million takes about a microsecond.
//!
//! **How it stays exact.** Every move of a record has a number in its period, given by the store's transaction, and
//! says which key went and which came. A key carries the number of the move that made it, so it is never made twice.
//! The store tells of every commit in its order, before it tells the caller and whether or not the caller is still there
//! ([`store::Store::write_told`]); its thread only puts the moves down. Whoever writes or looks next takes in what lies
//! there, each move once, in that order ([`Ranks::take_in`]). So each owner is counted once at most, as the
//! owner stood after some commit, and a write that has returned is counted.
//!
//! **How it begins.** A period is read from the store when somebody first asks for it: by one reader, in pages in the
//! order of owners, while the others wait. A page says which moves it has seen; those that come meanwhile are put
//! aside and taken in at the end. After a restart it is read again.
//!
//! **What it costs.** At most [`ENTRIES_MAX`] keys and [`PERIODS_MAX`] periods are held; the least used go first and
//! are read again when needed. A single period above the limit has no ranks: they read as 0.
//!
//! **Not here.** Records, names, permissions, which period is now.

mod build;
mod counted;
mod order;
mod period;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use metrics::Gauge;
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Changed, Operation, PeriodId, RankChange, RankKey, StoreError};

use crate::core::Core;
use period::{Period, State};

pub use order::Order;

/// Keys held in memory, about 34 bytes each.
pub const ENTRIES_MAX: usize = 16_000_000;
/// Periods held in memory.
pub const PERIODS_MAX: usize = 20_000;
/// Moves that are put down before the store's thread takes them in itself.
const MOVES_WAITING_MAX: usize = 100_000;

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// 1 is the best; 0 where ranks are not counted.
    pub rank: u64,
    /// Records in the period; 0 where ranks are not counted.
    pub count: u64,
}

/// See the module. Clones share it.
#[derive(Clone)]
pub struct Ranks {
    inner: Arc<Inner>,
}

struct Inner {
    core: Core,
    held: Mutex<HashMap<PeriodId, Arc<Period>>>,
    moves: Moves,
    /// Counts uses, so that the least used period is known.
    uses: AtomicU64,
    entries: AtomicUsize,
    entries_gauge: Gauge,
    entries_max: usize,
    periods_max: usize,
}

/// Committed moves that are still to be taken in.
#[derive(Default)]
struct Moves {
    /// In the order of their commits.
    waiting: Mutex<Vec<RankChange>>,
    /// Those, and those that somebody is taking in.
    count: AtomicUsize,
    /// Held while moves are taken in: one after the other.
    turn: Mutex<()>,
}

impl Ranks {
    /// None yet; they are read when somebody asks.
    pub fn new(core: &Core) -> Self {
        Self::with_limits(core, ENTRIES_MAX, PERIODS_MAX)
    }

    /// The same with other limits.
    pub fn with_limits(core: &Core, entries_max: usize, periods_max: usize) -> Self {
        let inner = Inner {
            core: core.clone(),
            held: Mutex::default(),
            moves: Moves::default(),
            uses: AtomicU64::new(0),
            entries: AtomicUsize::new(0),
            entries_gauge: metrics::gauge!("longhouse_ranks_records"),
            entries_max,
            periods_max,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Runs an operation that moves records, and takes its moves in after the commit, whether or not the caller waits
    /// for it to the end.
    pub async fn write<O, V>(&self, operation: O) -> Result<V, StoreError>
    where
        O: Operation<Output = Changed<V>> + Sync,
        V: Serialize + DeserializeOwned + Send + 'static,
    {
        // What waits in the store must not hold the store in turn.
        let inner = Arc::downgrade(&self.inner);
        let told = move |outcome: Result<&Changed<V>, &StoreError>| {
            let Some(ranks) = inner.upgrade().map(|inner| Ranks { inner }) else { return };
            match outcome {
                Ok(done) => ranks.put_down(&done.changes),
                Err(StoreError::Unknown(_)) => ranks.forget_all(),
                Err(_) => {}
            }
        };
        let done = self.inner.core.write_told(operation, told).await?;
        self.take_in();
        Ok(done.into_inner().value)
    }

    /// Keeps committed moves for whoever comes next.
    fn put_down(&self, changes: &[RankChange]) {
        let mut waiting = self.inner.moves.waiting.lock();
        waiting.extend_from_slice(changes);
        self.inner.moves.count.fetch_add(changes.len(), Ordering::Release);
        let full = waiting.len() > MOVES_WAITING_MAX;
        drop(waiting);
        if full {
            self.take_in();
        }
    }

    /// Takes in what was committed until now.
    fn take_in(&self) {
        let Moves { waiting, count, turn } = &self.inner.moves;
        if count.load(Ordering::Acquire) == 0 {
            return;
        }
        let _turn = turn.lock();
        let moves = mem::take(&mut *waiting.lock());
        moves.iter().for_each(|change| self.take(*change));
        count.fetch_sub(moves.len(), Ordering::Release);
    }

    /// How a key stands in its period: one that is not there is given the place it would have.
    pub async fn standing(&self, period: PeriodId, key: RankKey) -> Result<Standing, StoreError> {
        let found = self.with(period, |counted| Standing {
            rank: counted.order.before(&key) as u64 + 1,
            count: counted.order.len() as u64,
        });
        Ok(found.await?.unwrap_or_default())
    }

    /// The standings of many keys, seen at one moment.
    pub async fn standings(&self, period: PeriodId, keys: &[RankKey]) -> Result<Vec<Standing>, StoreError> {
        let found = self.with(period, |counted| {
            let count = counted.order.len() as u64;
            let rank = |key| counted.order.before(key) as u64 + 1;
            keys.iter().map(|key| Standing { rank: rank(key), count }).collect::<Vec<_>>()
        });
        Ok(found.await?.unwrap_or_else(|| vec![Standing::default(); keys.len()]))
    }

    /// Records in a period.
    pub async fn count(&self, period: PeriodId) -> Result<u64, StoreError> {
        Ok(self.with(period, |counted| counted.order.len() as u64).await?.unwrap_or_default())
    }

    /// Keys held, and the bytes they take.
    pub fn held(&self) -> (usize, usize) {
        let periods: Vec<_> = self.inner.held.lock().values().cloned().collect();
        let of = |period: &Arc<Period>| match &*period.state.lock() {
            State::Ready(counted) => (counted.order.len(), counted.bytes()),
            _ => (0, 0),
        };
        periods.iter().map(of).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Drops a period from memory: of a board that is gone.
    pub fn forget(&self, period: PeriodId) {
        if let Some(period) = self.inner.held.lock().remove(&period) {
            self.empty(&period);
        }
    }

    /// Drops everything of a board.
    pub fn forget_board(&self, board: i64) {
        let mut gone = Vec::new();
        self.inner.held.lock().retain(|id, period| {
            if id.board == board {
                gone.push(Arc::clone(period));
            }
            id.board != board
        });
        gone.iter().for_each(|period| self.empty(period));
    }

    /// Drops everything: it is unknown what was committed.
    fn forget_all(&self) {
        let periods: Vec<_> = self.inner.held.lock().values().cloned().collect();
        periods.iter().for_each(|period| self.empty(period));
    }

    fn take(&self, change: RankChange) {
        let period = self.period(change.period);
        let mut state = period.state.lock();
        match &mut *state {
            State::Empty | State::TooMany => {}
            State::Reading(aside) => aside.put(change),
            State::Ready(counted) => {
                let before = counted.order.len();
                let fits = counted.take(change);
                let after = counted.order.len();
                self.counted(before, after);
                drop(state);
                if !fits {
                    tracing::error!(?change, "what is counted is not what the store holds; it is read again");
                    self.empty(&period);
                } else if after > before {
                    self.make_room(&period);
                }
            }
        }
    }

    /// Looks at a period, after reading it if that has not been done. `None`: it is too large to be counted.
    async fn with<R>(
        &self,
        id: PeriodId,
        look: impl FnOnce(&counted::Counted) -> R,
    ) -> Result<Option<R>, StoreError> {
        loop {
            self.take_in();
            // Anew each time: the period may have been dropped from memory meanwhile.
            let period = self.period(id);
            let mut changed = pin!(period.changed.notified());
            changed.as_mut().enable();
            let build = {
                let mut state = period.state.lock();
                match &mut *state {
                    State::Ready(counted) => return Ok(Some(look(counted))),
                    State::TooMany => return Ok(None),
                    State::Reading(_) => false,
                    State::Empty => {
                        *state = State::Reading(period::Aside::default());
                        true
                    }
                }
            };
            if build {
                self.build(&period).await?;
            } else {
                changed.await;
            }
        }
    }

    /// The period's place in memory. Where there are too many, the least used that nobody holds go.
    fn period(&self, id: PeriodId) -> Arc<Period> {
        let now = self.inner.uses.fetch_add(1, Ordering::Relaxed);
        let mut held = self.inner.held.lock();
        if let Some(period) = held.get(&id) {
            period.used.store(now, Ordering::Relaxed);
            return Arc::clone(period);
        }
        let mut gone = None;
        if held.len() >= self.inner.periods_max {
            let idle = held.values().filter(|period| Arc::strong_count(period) == 1);
            let least = idle.min_by_key(|period| period.used.load(Ordering::Relaxed)).map(|period| period.id);
            gone = least.and_then(|least| held.remove(&least));
        }
        let period = Arc::new(Period::new(id, now));
        held.insert(id, Arc::clone(&period));
        drop(held);
        if let Some(gone) = gone {
            self.empty(&gone);
        }
        period
    }

    /// Drops the least used periods until the rest fits.
    fn make_room(&self, keep: &Arc<Period>) {
        while self.inner.entries.load(Ordering::Relaxed) > self.inner.entries_max {
            let mut periods: Vec<_> = self.inner.held.lock().values().cloned().collect();
            periods.retain(|period| !Arc::ptr_eq(period, keep) && period.is_ready());
            let least = periods.into_iter().min_by_key(|period| period.used.load(Ordering::Relaxed));
            match least {
                Some(least) => self.empty(&least),
                None => {
                    // Nothing else is held: this one alone is too large.
                    self.replace(keep, State::TooMany);
                    return;
                }
            }
        }
    }

    fn empty(&self, period: &Arc<Period>) {
        self.replace(period, State::Empty);
    }

    /// Puts another state in the place of what was counted. A reading that is under way ends as it will: it sees the
    /// newest of the store and nothing else.
    fn replace(&self, period: &Arc<Period>, with: State) {
        let mut state = period.state.lock();
        match &mut *state {
            State::Reading(aside) => aside.spoil(),
            State::Ready(counted) => {
                self.counted(counted.order.len(), 0);
                *state = with;
            }
            State::Empty | State::TooMany => *state = with,
        }
        drop(state);
        period.changed.notify_waiters();
    }

    /// Keeps the number of all keys.
    fn counted(&self, before: usize, after: usize) {
        if after == before {
            return;
        }
        if after > before {
            self.inner.entries.fetch_add(after - before, Ordering::Relaxed);
            self.inner.entries_gauge.increment((after - before) as f64);
        } else {
            self.inner.entries.fetch_sub(before - after, Ordering::Relaxed);
            self.inner.entries_gauge.decrement((before - after) as f64);
        }
    }
}
