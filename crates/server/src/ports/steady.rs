//! A time of day that does not go back when the system's does.
//!
//! Rooms that run pass their steps by it, so an hour that came twice would be an hour in which every war stands still. Set
//! back, it goes on a tenth slower than the seconds do until it has met the system's again; set forward, or asleep with its
//! machine, it follows at once. A server that starts afterwards begins with the system's.

use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::Mutex;

/// How much slower it goes while it is ahead of the system's: a millisecond in so many.
const SLOWER_BY: i64 = 10;
/// Milliseconds that two truncated clocks differ by without meaning it.
const JITTER_MS: i64 = 1;
/// Who asked last so long ago is not slowed for the time since.
const ASKED_MS_MAX: i64 = 1_000;

/// What is added to milliseconds that never go back to have the time of day.
pub(super) struct Steady {
    offset_ms: AtomicI64,
    /// When the offset was taken back last, in milliseconds that never go back. Only who is ahead of the system waits for it.
    slowed_ms: Mutex<i64>,
}

impl Steady {
    pub fn new(day_ms: i64, since_ms: i64) -> Self {
        Self { offset_ms: AtomicI64::new(day_ms - since_ms), slowed_ms: Mutex::new(since_ms) }
    }

    /// The time of day where the system says `day_ms`, and `since_ms` have passed since some beginning.
    pub fn at(&self, day_ms: i64, since_ms: i64) -> i64 {
        let wanted = day_ms - since_ms;
        let offset = self.offset_ms.load(Ordering::Relaxed);
        if wanted > offset {
            return since_ms + self.offset_ms.fetch_max(wanted, Ordering::Relaxed).max(wanted);
        }
        if wanted >= offset - JITTER_MS {
            return since_ms + offset;
        }
        let mut slowed_ms = self.slowed_ms.lock();
        let passed = since_ms - *slowed_ms;
        if passed > ASKED_MS_MAX {
            *slowed_ms = since_ms;
        } else if passed >= SLOWER_BY {
            let offset = self.offset_ms.load(Ordering::Relaxed);
            self.offset_ms.store(wanted.max(offset - passed / SLOWER_BY), Ordering::Relaxed);
            *slowed_ms = since_ms;
        }
        since_ms + self.offset_ms.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks every `every_ms` for `ms`, with a system that is `off_ms` beside the true time. The last answer, less the true time.
    fn pass(steady: &Steady, true_ms: &mut i64, ms: i64, every_ms: i64, off_ms: i64) -> i64 {
        let end = *true_ms + ms;
        let mut last = i64::MIN;
        while *true_ms < end {
            *true_ms += every_ms;
            let now = steady.at(*true_ms + off_ms, *true_ms);
            assert!(now >= last, "from {last} back to {now}");
            last = now;
        }
        last - *true_ms
    }

    #[test]
    fn it_never_goes_back_and_meets_the_system_again() {
        for every_ms in [1, 3, 7, 10, 11, 50, 333, 1_000] {
            let (steady, mut at) = (Steady::new(0, 0), 0);
            assert_eq!(pass(&steady, &mut at, 5_000, every_ms, 0), 0, "every {every_ms} ms");
            // An hour forward at once; half a minute back, and half of that after 150 s, all of it after 300 and a little.
            assert_eq!(pass(&steady, &mut at, every_ms, every_ms, 3_600_000), 3_600_000);
            let half = pass(&steady, &mut at, 150_000, every_ms, 3_570_000);
            assert!((3_583_000..3_590_000).contains(&half), "every {every_ms} ms: {half}");
            let met = pass(&steady, &mut at, 330_000, every_ms, 3_570_000);
            assert!((3_570_000..=3_570_001).contains(&met), "every {every_ms} ms: {met}");
            // And forward again.
            assert_eq!(pass(&steady, &mut at, every_ms, every_ms, 3_580_000), 3_580_000);
        }
    }

    #[test]
    fn who_asks_seldom_is_not_thrown_back() {
        let steady = Steady::new(100_000, 0);
        assert_eq!(steady.at(160_000, 60_000), 160_000);
        // A minute back, found by a question an hour later.
        assert_eq!(steady.at(3_700_000 - 60_000, 3_600_000), 3_700_000);
        assert_eq!(steady.at(3_700_100 - 60_000, 3_600_100), 3_700_090);
    }
}
