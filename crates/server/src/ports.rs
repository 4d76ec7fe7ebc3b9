//! The real time, randomness and runtime behind `app`'s ports.

mod steady;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use app::ports::{Clock, Entropy, Spawn, Task};
use steady::Steady;

/// The system's clocks; its time of day never goes back.
pub struct SystemClock {
    began: Instant,
    day: Steady,
}

impl SystemClock {
    /// Counts its monotonic time from now.
    pub fn new() -> Self {
        Self { began: Instant::now(), day: Steady::new(day_ms(), 0) }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        self.day.at(day_ms(), i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn thread_us(&self) -> Option<u64> {
        let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let us = spent.tv_sec.checked_mul(1_000_000)?.checked_add(spent.tv_nsec / 1_000)?;
        u64::try_from(us).ok()
    }
}

/// The system's time of day, in milliseconds since 1970.
fn day_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The system's randomness.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn u128(&self) -> u128 {
        let mut bytes = [0; 16];
        // Keys and ids must not be guessable: without randomness there is nothing sensible left to do.
        getrandom::fill(&mut bytes).expect("the system gives randomness once it has started");
        u128::from_ne_bytes(bytes)
    }
}

/// The tokio runtime that this is made in.
pub struct TokioSpawn(tokio::runtime::Handle);

impl TokioSpawn {
    /// Over the runtime that runs this code.
    pub fn current() -> Self {
        Self(tokio::runtime::Handle::current())
    }
}

impl Spawn for TokioSpawn {
    fn task(&self, task: Task) {
        drop(self.0.spawn(task));
    }

    fn blocking(&self, work: Box<dyn FnOnce() + Send>) {
        drop(self.0.spawn_blocking(work));
    }
}
