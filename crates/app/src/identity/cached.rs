//! Something of an issuer that is kept for a while: its description, its keys. Fetched by one asker at a time; the others
//! wait for that one. While the issuer cannot be reached, what is there is used for a bounded time longer.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::IdentityError;

/// Fetched again after this long.
pub const FRESH_MS_MAX: u64 = 600_000;
/// Used for this long where it cannot be fetched again.
pub const STALE_MS_MAX: u64 = 86_400_000;
/// Not fetched again sooner than this, whoever asks and however it went.
pub const REFETCH_MS_MIN: u64 = 5_000;

pub struct Cached<T> {
    state: Mutex<State<T>>,
    /// One fetch at a time. Who waits here is bounded by the connections.
    gate: Semaphore,
}

struct State<T> {
    value: Option<Arc<T>>,
    /// Of the value.
    fetched_ms: u64,
    /// Of the last fetch, good or bad.
    tried_ms: Option<u64>,
}

impl<T> State<T> {
    fn within(&self, now_ms: u64, age_ms_max: u64) -> Option<Arc<T>> {
        let young = now_ms.saturating_sub(self.fetched_ms) < age_ms_max;
        self.value.clone().filter(|_| young)
    }

    fn tried_lately(&self, now_ms: u64) -> bool {
        self.tried_ms.is_some_and(|tried| now_ms.saturating_sub(tried) < REFETCH_MS_MIN)
    }
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State { value: None, fetched_ms: 0, tried_ms: None }),
            gate: Semaphore::new(1),
        }
    }
}

impl<T> Cached<T> {
    /// What is kept, fetched if it is not there or no longer fresh. `now_ms` runs only forwards.
    pub async fn get<F>(&self, now_ms: impl Fn() -> u64, fetch: F) -> Result<Arc<T>, IdentityError>
    where
        F: Future<Output = Result<T, IdentityError>>,
    {
        if let Some(value) = self.state.lock().within(now_ms(), FRESH_MS_MAX) {
            return Ok(value);
        }
        let _turn = self.gate.acquire().await.map_err(|_| IdentityError::Busy)?;
        {
            let (state, now) = (self.state.lock(), now_ms());
            if let Some(value) = state.within(now, FRESH_MS_MAX) {
                return Ok(value);
            }
            if state.tried_lately(now) {
                return state.within(now, STALE_MS_MAX).ok_or(IdentityError::Later);
            }
        }
        let fetched = fetch.await;
        let (mut state, now) = (self.state.lock(), now_ms());
        state.tried_ms = Some(now);
        match fetched {
            Ok(value) => {
                let value = Arc::new(value);
                state.value = Some(Arc::clone(&value));
                state.fetched_ms = now;
                Ok(value)
            }
            Err(error) => match state.within(now, STALE_MS_MAX) {
                Some(value) => {
                    tracing::warn!(%error, "an issuer could not be asked; what it said before is used");
                    Ok(value)
                }
                None => Err(error),
            },
        }
    }

    /// Something newer than `old`, if there is by now; fetches it unless that was done a moment ago.
    pub async fn newer<F>(
        &self,
        old: &Arc<T>,
        now_ms: impl Fn() -> u64,
        fetch: F,
    ) -> Result<Option<Arc<T>>, IdentityError>
    where
        F: Future<Output = Result<T, IdentityError>>,
    {
        let changed = |state: &State<T>| state.value.clone().filter(|value| !Arc::ptr_eq(value, old));
        let _turn = self.gate.acquire().await.map_err(|_| IdentityError::Busy)?;
        {
            let state = self.state.lock();
            if let Some(value) = changed(&state) {
                return Ok(Some(value));
            }
            if state.tried_lately(now_ms()) {
                return Ok(None);
            }
        }
        let fetched = fetch.await;
        let (mut state, now) = (self.state.lock(), now_ms());
        state.tried_ms = Some(now);
        let value = Arc::new(fetched?);
        state.value = Some(Arc::clone(&value));
        state.fetched_ms = now;
        Ok(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn fetched_once_kept_for_a_while_and_a_while_longer_in_need() {
        let cached = Cached::<u32>::default();
        let now = Cell::new(1_000);
        let clock = || now.get();
        let good = |value: u32| async move { Ok(value) };
        let bad = async || Err(IdentityError::Later);
        assert_eq!(*cached.get(clock, good(1)).await.unwrap(), 1);
        now.set(now.get() + FRESH_MS_MAX - 1);
        assert_eq!(*cached.get(clock, good(2)).await.unwrap(), 1, "still fresh");
        now.set(now.get() + 1);
        assert_eq!(*cached.get(clock, bad()).await.unwrap(), 1, "better old than none");
        now.set(now.get() + REFETCH_MS_MIN - 1);
        assert_eq!(*cached.get(clock, good(3)).await.unwrap(), 1, "asked a moment ago");
        now.set(now.get() + 1);
        assert_eq!(*cached.get(clock, good(4)).await.unwrap(), 4);
        now.set(now.get() + STALE_MS_MAX);
        assert!(cached.get(clock, bad()).await.is_err(), "too old");
    }

    #[tokio::test]
    async fn newer_is_asked_for_at_a_bounded_rate() {
        let cached = Cached::<u32>::default();
        let now = Cell::new(1_000);
        let clock = || now.get();
        let good = |value: u32| async move { Ok(value) };
        let first = cached.get(clock, good(1)).await.unwrap();
        assert!(cached.newer(&first, clock, good(2)).await.unwrap().is_none());
        now.set(now.get() + REFETCH_MS_MIN);
        assert_eq!(*cached.newer(&first, clock, good(3)).await.unwrap().unwrap(), 3);
        assert_eq!(*cached.newer(&first, clock, good(4)).await.unwrap().unwrap(), 3, "is there already");
    }
}
