//! Ranks: how many records of a period stand before one, without asking the store.
//!
//! **Purpose.** The store keeps records in the order of ranks, but counting there reads all that stand before. Here
//! the keys of a period lie in an order-statistic structure ([`Order`], about 34 bytes a record), so that the rank of
//! one among a million takes about a microsecond.
//!
//! **How it stays exact.** Every move of a record has a number in its period, given by the store's transaction, and
//! says which key went and which came. A key carries the number of the move that made it, so it is never made twice.
//! Moves are taken in after their commit, each once, in the order of each owner's own: a move whose old key has not
//! come yet waits until its maker has ([`Counted::take`]). The write's future outlives its caller: one that is dropped
//! half-way is finished by whoever comes next ([`Ranks::write`]), so no committed move is lost.
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
mod unfinished;

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;

use metrics::Gauge;
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Changed, Operation, PeriodId, RankChange, RankKey, StoreError};

use crate::core::Core;
use counted::Taken;
use period::{Period, State};
use unfinished::{Unfinished, Work};

pub use order::Order;

/// Keys held in memory, about 34 bytes each.
pub const ENTRIES_MAX: usize = 16_000_000;
/// Periods held in memory.
pub const PERIODS_MAX: usize = 20_000;

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
    unfinished: Unfinished,
    /// Counts uses, so that the least used period is known.
    uses: AtomicU64,
    entries: AtomicUsize,
    entries_gauge: Gauge,
    entries_max: usize,
    periods_max: usize,
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
            unfinished: Unfinished::default(),
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
        // What others left is done before our own write is, and costs nothing then; but it must not pile up.
        if self.inner.unfinished.is_full() {
            self.finish_others().await;
        }
        // What is kept unfinished is kept in here: it must not hold us in turn.
        let (core, ranks) = (self.inner.core.clone(), Arc::downgrade(&self.inner));
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let work: Work = Box::pin(async move {
            let done = core.write(operation).await.map(store::Committed::into_inner);
            if let Some(inner) = ranks.upgrade() {
                let ranks = Ranks { inner };
                match &done {
                    Ok(done) => done.changes.iter().for_each(|change| ranks.take(*change)),
                    Err(StoreError::Unknown(_)) => ranks.forget_all(),
                    Err(_) => {}
                }
            }
            // Nobody may be waiting any more.
            let _ = sender.send(done);
        });
        self.inner.unfinished.drive(work).await;
        self.finish_others().await;
        let Changed { value, changes } = receiver.await.map_err(|_| StoreError::Closed)??;
        for change in changes {
            self.taken(change).await;
        }
        Ok(value)
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

    /// Takes in a committed move.
    fn take(&self, change: RankChange) {
        let period = self.period(change.period);
        let mut state = period.state.lock();
        match &mut *state {
            State::Empty | State::TooMany => {}
            State::Reading(aside) => aside.put(change),
            State::Ready(counted) => {
                let before = counted.order.len();
                let taken = counted.take(change);
                let after = counted.order.len();
                self.counted(before, after);
                drop(state);
                if taken != Taken::Waits {
                    period.changed.notify_waiters();
                }
                if after > before {
                    self.make_room(&period);
                }
            }
        }
    }

    /// Waits until a move has been taken in: one of the same owner may have to come first.
    async fn taken(&self, change: RankChange) {
        let period = self.period(change.period);
        loop {
            let mut changed = pin!(period.changed.notified());
            let mut kept = pin!(self.inner.unfinished.kept.notified());
            changed.as_mut().enable();
            kept.as_mut().enable();
            let waits = match &*period.state.lock() {
                State::Ready(counted) => counted.waits(&change),
                _ => false,
            };
            if !waits {
                return;
            }
            self.finish_others().await;
            // Its maker came, or its maker's caller went away and left the rest to us.
            poll_fn(|context| {
                let came = changed.as_mut().poll(context).is_ready();
                if came | kept.as_mut().poll(context).is_ready() { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
    }

    /// Looks at a period, after reading it if that has not been done. `None`: it is too large to be counted.
    async fn with<R>(
        &self,
        id: PeriodId,
        look: impl FnOnce(&counted::Counted) -> R,
    ) -> Result<Option<R>, StoreError> {
        self.finish_others().await;
        let period = self.period(id);
        loop {
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

    async fn finish_others(&self) {
        if self.inner.unfinished.any() {
            self.inner.unfinished.finish().await;
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
