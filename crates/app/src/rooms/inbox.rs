//! The queue of one worker: bounded for those who can wait, never blocking for the worker itself and the store.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::sync::Semaphore;

use super::ask::Ask;

/// Asks of clients that may wait for one worker. Past that, sockets wait and are not read.
pub(crate) const INBOX_ASKS_MAX: usize = 16_384;

pub(crate) struct Inbox {
    queue: Mutex<Queue>,
    filled: Condvar,
    places: Semaphore,
}

#[derive(Default)]
struct Queue {
    asks: Vec<(Ask, bool)>,
    asleep: bool,
}

impl Inbox {
    pub fn new() -> Self {
        Self { queue: Mutex::default(), filled: Condvar::new(), places: Semaphore::new(INBOX_ASKS_MAX) }
    }

    /// Puts a client's ask in, after waiting for a place.
    pub async fn put(&self, ask: Ask) {
        // Closed, there is nobody to ask any more.
        if let Ok(place) = self.places.acquire().await {
            place.forget();
            self.push(ask, true);
        }
    }

    /// Puts in what the store or another room says. These are bounded by what was asked of them: one group of
    /// appends, one load and one snapshot for each room, and [`kernel::OUTSTANDING_MAX`] messages.
    pub fn tell(&self, ask: Ask) {
        self.push(ask, false);
    }

    fn push(&self, ask: Ask, placed: bool) {
        let mut queue = self.queue.lock();
        queue.asks.push((ask, placed));
        if std::mem::take(&mut queue.asleep) {
            drop(queue);
            self.filled.notify_one();
        }
    }

    /// Wakes the worker with nothing in its hands.
    pub fn nudge(&self) {
        self.filled.notify_one();
    }

    /// Takes everything, in order; waits for something until a time has passed (`None`: for ever).
    pub fn take(&self, wait: Option<Duration>, into: &mut Vec<(Ask, bool)>) {
        let mut queue = self.queue.lock();
        if queue.asks.is_empty() && wait != Some(Duration::ZERO) {
            queue.asleep = true;
            match wait {
                Some(wait) => drop(self.filled.wait_for(&mut queue, wait)),
                None => self.filled.wait(&mut queue),
            }
            queue.asleep = false;
        }
        std::mem::swap(&mut queue.asks, into);
        drop(queue);
        let placed = into.iter().filter(|(_, placed)| *placed).count();
        if placed > 0 {
            self.places.add_permits(placed);
        }
    }

    /// Takes nothing more from clients: the worker has ended.
    pub fn close(&self) {
        self.places.close();
        self.queue.lock().asks.clear();
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.queue.lock().asks.len()
    }
}
