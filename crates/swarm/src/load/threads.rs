//! Spreads connections over threads and shows progress meanwhile.

use super::drive::drive;
use super::{Outcome, Pace, Talk};
use crate::progress::Progress;
use anyhow::{Context as _, Result, bail};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How a run goes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// When requests are sent.
    pub pace: Pace,
    /// Not measured.
    pub warm_up: Duration,
    /// Measured.
    pub measure: Duration,
    /// Threads of the load.
    pub threads: usize,
}

/// Runs a talk on each connection. With each come bytes that were read before and not understood.
pub fn run<T: Talk>(
    what: &str,
    connections: Vec<(std::net::TcpStream, Vec<u8>, T)>,
    plan: &Plan,
) -> Result<Outcome> {
    if connections.is_empty() {
        bail!("there are no connections");
    }
    let threads = plan.threads.clamp(1, connections.len());
    let total = connections.len();
    let mut parts: Vec<Vec<_>> = (0..threads).map(|_| Vec::new()).collect();
    for (index, connection) in connections.into_iter().enumerate() {
        parts[index % threads].push(connection);
    }
    let counters: Vec<AtomicU64> = (0..threads).map(|_| AtomicU64::new(0)).collect();
    let length = plan.warm_up + plan.measure;
    let progress = Progress::new(what, length.as_millis() as u64);
    std::thread::scope(|scope| {
        let running: Vec<_> = parts
            .into_iter()
            .zip(&counters)
            .map(|(part, counter)| {
                let share = part.len() as f64 / total as f64;
                scope.spawn(move || drive(part, plan, share, counter))
            })
            .collect();
        let begin = Instant::now();
        let mut last = (Instant::now(), 0);
        while running.iter().any(|thread| !thread.is_finished()) {
            std::thread::sleep(Duration::from_millis(50));
            let done = counters.iter().map(|counter| counter.load(Ordering::Relaxed)).sum::<u64>();
            if last.0.elapsed() > Duration::from_millis(500) {
                let rate = (done - last.1) as f64 / last.0.elapsed().as_secs_f64();
                progress.say(&format!("{rate:.0}/s"));
                last = (Instant::now(), done);
            }
            progress.at(begin.elapsed().min(length).as_millis() as u64);
        }
        progress.done();
        let mut outcome = Outcome::new(plan.measure);
        for thread in running {
            let part = thread.join().ok().context("a load thread panicked")??;
            outcome.merge(part);
        }
        Ok(outcome)
    })
}
