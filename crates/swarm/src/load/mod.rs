//! The load loop: many connections on one thread, by epoll, as near to the system calls as it gets. The server that
//! is measured shares the machine, so every cycle spent here is taken from it.
//!
//! What is said on a connection is a [`Talk`]; when it is said is a [`Pace`]. One read for all that came, one write
//! for all that may go.

mod drive;
pub mod echo;
pub mod fan;
mod talk;
#[cfg(test)]
mod tests;
mod threads;

pub use talk::{Reply, Talk};
pub use threads::{Plan, run};

use std::time::Duration;

/// When requests are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// This many on their way on each connection; the next goes when one comes back.
    Closed(usize),
    /// This many a second over all connections, whatever comes back. Latency counts from the moment at which a
    /// request should have gone.
    Open(f64),
}

/// Requests that may be on their way on one connection of an open loop; then it waits, and the wait is measured.
pub const OPEN_IN_FLIGHT_MAX: usize = 4096;

/// Longest wait for the last replies when time is over.
pub const DRAIN_MS_MAX: u64 = 5_000;

/// What a run gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Nanoseconds of each reply after the warm-up.
    pub latency: hdrhistogram::Histogram<u64>,
    /// Replies after the warm-up that say yes.
    pub accepted: u64,
    /// Replies after the warm-up that say no.
    pub refused: u64,
    /// Connections that broke.
    pub broken: u64,
    /// Requests without a reply at the end.
    pub unanswered: u64,
    /// How long was measured.
    pub measured: Duration,
    /// Why the first connection broke.
    pub fault: Option<String>,
}

impl Outcome {
    /// Nothing yet.
    pub fn new(measured: Duration) -> Self {
        let latency = hdrhistogram::Histogram::new_with_bounds(1_000, 120_000_000_000, 3)
            .expect("a microsecond to two minutes at three digits is within its range");
        Outcome { latency, accepted: 0, refused: 0, broken: 0, unanswered: 0, measured, fault: None }
    }

    /// Adds another thread's part.
    pub fn merge(&mut self, other: Outcome) {
        self.latency.add(&other.latency).expect("both have the same bounds");
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.broken += other.broken;
        self.unanswered += other.unanswered;
        self.fault = self.fault.take().or(other.fault);
    }

    /// Replies a second that say yes.
    pub fn per_second(&self) -> f64 {
        self.accepted as f64 / self.measured.as_secs_f64()
    }
}
