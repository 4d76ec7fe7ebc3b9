//! How much of something each of many keys may do in a time: a table of a fixed size, so that strangers cannot fill
//! memory with keys.
//!
//! Each key has one number, the time at which its allowance is whole again (the *virtual schedule* of GCRA, ITU-T
//! I.371). A key that is not in the table has its whole allowance, so one whose time has come may be forgotten. When a
//! row is full, the key that is nearest to whole is forgotten first.

use std::time::Duration;

use parking_lot::Mutex;

/// Rows of the table; each has a lock of its own.
const ROWS: usize = 8_192;
/// Keys in a row.
const WAYS: usize = 8;

/// How many in what time. All of them may come at once; then they come back one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Nanoseconds until one comes back.
    interval_ns: u64,
    /// How far the schedule may run ahead of time.
    tolerance_ns: u64,
}

impl Rate {
    /// `count` in `time`; `None` for zero, which is without limit.
    pub fn new(count: u32, time: Duration) -> Option<Self> {
        let whole = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let interval_ns = whole.checked_div(count.into())?.max(1);
        Some(Self { interval_ns, tolerance_ns: interval_ns.saturating_mul(u64::from(count) - 1) })
    }

    /// Takes one at `now_ns`: the schedule's next state, or how long to wait for one.
    pub fn take(self, schedule_ns: u64, now_ns: u64) -> Result<u64, Duration> {
        let schedule = schedule_ns.max(now_ns);
        match (schedule - now_ns).checked_sub(self.tolerance_ns) {
            None | Some(0) => Ok(schedule.saturating_add(self.interval_ns)),
            Some(wait) => Err(Duration::from_nanos(wait)),
        }
    }
}

/// One key's place in a row.
#[derive(Clone, Copy, Default)]
struct Way {
    key: u64,
    schedule_ns: u64,
}

/// A rate for each key.
pub struct Buckets {
    rate: Rate,
    rows: Box<[Mutex<[Way; WAYS]>]>,
}

impl Buckets {
    /// With every key's allowance whole.
    pub fn new(rate: Rate) -> Self {
        Self { rate, rows: (0..ROWS).map(|_| Mutex::new([Way::default(); WAYS])).collect() }
    }

    /// Takes one from the key's allowance, or says how long to wait.
    pub fn take(&self, key: u64, now_ns: u64) -> Result<(), Duration> {
        let mut row = self.row(key).lock();
        let way = match row.iter().position(|way| way.key == key) {
            Some(known) => known,
            None => {
                let nearest = row.iter().enumerate().min_by_key(|(_, way)| way.schedule_ns);
                let at = nearest.map_or(0, |(at, _)| at);
                row[at] = Way { key, schedule_ns: 0 };
                at
            }
        };
        row[way].schedule_ns = self.rate.take(row[way].schedule_ns, now_ns)?;
        Ok(())
    }

    /// Has the key anything left? Takes nothing.
    pub fn look(&self, key: u64, now_ns: u64) -> Result<(), Duration> {
        let row = self.row(key).lock();
        let known = row.iter().find(|way| way.key == key);
        known.map_or(Ok(()), |way| self.rate.take(way.schedule_ns, now_ns).map(drop))
    }

    fn row(&self, key: u64) -> &Mutex<[Way; WAYS]> {
        // Keys are hashes under a secret, so any of their bits will do.
        &self.rows[key as usize % ROWS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const SECOND: u64 = 1_000_000_000;

    fn per_second(count: u32) -> Rate {
        Rate::new(count, Duration::from_secs(1)).expect("a rate")
    }

    #[test]
    fn all_at_once_and_then_one_by_one() {
        let buckets = Buckets::new(per_second(4));
        for _ in 0..4 {
            assert_eq!(buckets.take(1, 10 * SECOND), Ok(()));
        }
        assert_eq!(buckets.look(1, 10 * SECOND), Err(Duration::from_millis(250)));
        assert_eq!(buckets.take(1, 10 * SECOND), Err(Duration::from_millis(250)));
        assert_eq!(buckets.take(2, 10 * SECOND), Ok(()), "each key for itself");
        assert_eq!(buckets.take(1, 10 * SECOND + SECOND / 4), Ok(()));
        assert_eq!(buckets.take(1, 10 * SECOND + SECOND / 4), Err(Duration::from_millis(250)));
        // Whole again, and no more than that.
        for _ in 0..4 {
            assert_eq!(buckets.take(1, 100 * SECOND), Ok(()));
        }
        assert!(buckets.take(1, 100 * SECOND).is_err());
    }

    #[test]
    fn zero_is_no_rate_and_one_is_one() {
        assert_eq!(Rate::new(0, Duration::from_secs(1)), None);
        let one = per_second(1);
        let after = one.take(0, SECOND).expect("the first");
        assert_eq!(one.take(after, SECOND), Err(Duration::from_secs(1)));
        assert!(one.take(after, 2 * SECOND).is_ok());
    }

    #[test]
    fn within_any_time_no_more_than_the_rate_and_one_burst() {
        // Against a plain count of what was let through, with askers that come in fits.
        let (rate, count) = (per_second(50), 50);
        let (mut schedule, mut taken, mut state) = (0, Vec::new(), 7u64);
        let mut now = SECOND;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            now += if state >> 60 == 0 { SECOND } else { state >> 44 };
            if let Ok(next) = rate.take(schedule, now) {
                schedule = next;
                taken.push(now);
            }
        }
        for (i, from) in taken.iter().enumerate().step_by(97) {
            for window in [SECOND / 10, SECOND, 10 * SECOND] {
                let within = taken[i..].iter().take_while(|at| *at - from <= window).count() as u64;
                assert!(within <= count + count * window / SECOND + 1, "{within} in {window} ns");
            }
        }
    }

    #[test]
    fn strangers_push_out_whom_they_hurt_least() {
        let buckets = Buckets::new(per_second(10));
        // Spent: it is the last to be forgotten.
        let spent = 5u64;
        while buckets.take(spent, SECOND).is_ok() {}
        let mut known = HashMap::new();
        for i in 1..1_000u64 {
            let key = spent + i * ROWS as u64;
            known.insert(key, buckets.take(key, SECOND));
        }
        assert!(known.values().all(Result::is_ok));
        assert!(buckets.take(spent, SECOND).is_err(), "the spent key was forgotten");
    }
}
