//! How often a player may ask to go back: each time a part of the farm's log is replayed, twice where nothing is kept near.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use app::ports::Clock;
use app::rpc::RpcError;
use server::rates::{Buckets, Rate, now_ns};
use store::UserId;

/// Calls of one player that may come at once; then one comes back every [`WINDOW`] / `CALLS_MAX`. Dry runs count too.
const CALLS_MAX: u32 = 20;
const WINDOW: Duration = Duration::from_secs(60);

/// Counts calls by player.
pub struct Often {
    calls: Buckets,
    secret: RandomState,
}

impl Often {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        let rate = Rate::new(CALLS_MAX, WINDOW).expect("more than none are allowed");
        Self { calls: Buckets::new(rate), secret: RandomState::new() }
    }

    /// One more call, unless it is too many.
    pub fn take(&self, clock: &dyn Clock, player: UserId) -> Result<(), RpcError> {
        let taken = self.calls.take(self.secret.hash_one(player.0), now_ns(clock));
        taken.map_err(|wait| {
            let seconds = wait.as_millis().div_ceil(1_000);
            RpcError::TooMuch(format!("too many restores: try again in {seconds} s").into())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now_ms(&self) -> i64 {
            0
        }
        fn monotonic_us(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn each_player_has_some_and_they_come_back() {
        let (often, clock) = (Often::new(), Hand(AtomicU64::new(7_000_000)));
        let take = |player| often.take(&clock, UserId(player));
        for _ in 0..CALLS_MAX {
            assert_eq!(take(1), Ok(()));
        }
        let much = RpcError::TooMuch("too many restores: try again in 3 s".into());
        assert_eq!((take(1), take(2)), (Err(much.clone()), Ok(())));
        clock.0.fetch_add(3_000_000, Ordering::Relaxed);
        assert_eq!((take(1), take(1)), (Ok(()), Err(much)));
    }
}
