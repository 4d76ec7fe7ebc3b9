//! The queue of one worker: bounded for those who can wait, never blocking for the worker itself and the store.
//!
//! An ask that nobody waits for does not wake a worker that wakes by itself soon: waking a thread costs more than the ask.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::sync::{Semaphore, TryAcquireError};

use super::ask::Ask;

/// Asks of clients that may wait for one worker. Past that, sockets wait and are not read.
pub(crate) const INBOX_ASKS_MAX: usize = 16_384;

pub(crate) struct Inbox {
    queue: Mutex<Queue>,
    filled: Condvar,
    places: Semaphore,
    /// Microseconds that an ask which nobody waits for may lie here.
    patience_us: u64,
}

#[derive(Default)]
struct Queue {
    asks: Vec<(Ask, bool)>,
    asleep: bool,
    /// When the worker wakes by itself, in microseconds of the forward clock.
    wakes_us: u64,
    /// The worker took asks that nobody waits for: where those are, more come.
    patient: bool,
    /// The worker has ended.
    closed: bool,
}

impl Inbox {
    pub fn new(patience_us: u64) -> Self {
        let places = Semaphore::new(INBOX_ASKS_MAX);
        Self { queue: Mutex::default(), filled: Condvar::new(), places, patience_us }
    }

    /// Puts a client's ask in, after waiting for a place.
    pub async fn put(&self, ask: Ask) {
        // Closed, there is nobody to ask any more.
        if let Ok(place) = self.places.acquire().await {
            place.forget();
            self.push(ask, true);
        }
    }

    /// The same if there is a place now; otherwise gives it back.
    pub fn try_put(&self, ask: Ask) -> Result<(), Ask> {
        match self.places.try_acquire() {
            Ok(place) => {
                place.forget();
                self.push(ask, true);
                Ok(())
            }
            // Closed, there is nobody to ask any more.
            Err(TryAcquireError::Closed) => Ok(()),
            Err(TryAcquireError::NoPermits) => Err(ask),
        }
    }

    /// Puts in what the store or another room says. These are bounded by what was asked of them: one group of
    /// appends, one load and one snapshot for each room, and [`kernel::OUTSTANDING_MAX`] messages.
    pub fn tell(&self, ask: Ask) {
        self.push(ask, false);
    }

    fn push(&self, ask: Ask, placed: bool) {
        let waits_until = ask.patient_since_us().map(|since| since.saturating_add(self.patience_us));
        let mut queue = self.queue.lock();
        if queue.closed {
            // Who waits for an answer hears that there will be none; that may ask something else, so not under the lock.
            drop(queue);
            return drop(ask);
        }
        queue.asks.push((ask, placed));
        queue.patient |= waits_until.is_some();
        if waits_until.is_some_and(|until| queue.asleep && queue.wakes_us <= until) {
            return;
        }
        if std::mem::take(&mut queue.asleep) {
            drop(queue);
            self.filled.notify_one();
        }
    }

    /// Wakes the worker with nothing in its hands.
    pub fn nudge(&self) {
        self.filled.notify_one();
    }

    /// Takes everything, in order; waits for something until a time after `now_us` has passed (`None`: for ever).
    pub fn take(&self, now_us: u64, wait: Option<Duration>, into: &mut Vec<(Ask, bool)>) {
        let mut queue = self.queue.lock();
        if queue.asks.is_empty() && wait != Some(Duration::ZERO) {
            let patience =
                std::mem::take(&mut queue.patient).then(|| Duration::from_micros(self.patience_us));
            let wait = wait.into_iter().chain(patience).min();
            queue.asleep = true;
            queue.wakes_us = wait.map_or(u64::MAX, |wait| now_us.saturating_add(wait.as_micros() as u64));
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

    /// Takes nothing more: the worker has ended.
    pub fn close(&self) {
        self.places.close();
        let mut queue = self.queue.lock();
        queue.closed = true;
        let rest = std::mem::take(&mut queue.asks);
        drop(queue);
        drop(rest);
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.queue.lock().asks.len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};
    use std::time::Instant;

    use super::*;
    use crate::rooms::RoomCommand;
    use crate::session::{Session, SessionId};
    use kernel::{CommandId, RoomId};
    use store::UserId;
    use tokio::sync::oneshot::error::TryRecvError;

    /// Only ends tests that would hang.
    const DEADLINE: Duration = Duration::from_secs(20);

    fn commands(ids: &[u128], asked_us: u64) -> Ask {
        let room = RoomId(1);
        let command = |id: &u128| RoomCommand { room, id: CommandId(*id), body: Default::default() };
        let session = Session::new(SessionId(1), UserId(1), "ada".into());
        Ask::Commands { room, session, commands: ids.iter().map(command).collect(), asked_us }
    }

    #[test]
    fn who_waits_for_nothing_wakes_no_worker_that_wakes_soon() {
        // The worker wakes by itself at 50 ms; patience is 10 ms.
        let check = |ask: Ask, wakes: bool| {
            let inbox = Inbox::new(10_000);
            {
                let mut queue = inbox.queue.lock();
                (queue.asleep, queue.wakes_us) = (true, 50_000);
            }
            inbox.tell(ask);
            assert_eq!(!inbox.queue.lock().asleep, wakes);
            assert_eq!(inbox.len(), 1);
        };
        check(commands(&[0], 45_000), false);
        check(commands(&[0, 0], 40_000), false);
        check(commands(&[0], 39_999), true);
        check(commands(&[0, 7], 45_000), true);
        check(commands(&[7], 45_000), true);
        check(Ask::Wake { room: RoomId(1) }, true);
    }

    #[test]
    fn after_patient_asks_a_worker_sleeps_no_longer_than_they_may_lie() {
        let inbox = Inbox::new(1_000);
        let mut taken = Vec::new();
        inbox.tell(commands(&[0], 0));
        inbox.take(0, None, &mut taken);
        assert_eq!(taken.len(), 1);
        // Nothing comes and nobody nudges: it returns by itself, although it was to wait for much longer.
        taken.clear();
        let begun = Instant::now();
        inbox.take(0, Some(DEADLINE), &mut taken);
        assert!(taken.is_empty() && begun.elapsed() < DEADLINE);
    }

    #[test]
    fn who_asks_when_the_worker_has_ended_hears_so() {
        let inbox = Inbox::new(1_000);
        let ask = || {
            let (reply, answer) = tokio::sync::oneshot::channel();
            (Ask::Shutdown { reply }, answer)
        };
        let (before, mut waits) = ask();
        inbox.tell(before);
        // A client that has its place, and is about to put its ask there.
        inbox.places.try_acquire().unwrap().forget();
        inbox.close();
        assert!(waits.try_recv().is_err_and(|error| error == TryRecvError::Closed));
        let (late, mut waits) = ask();
        inbox.push(late, true);
        assert!(waits.try_recv().is_err_and(|error| error == TryRecvError::Closed), "it waits for ever");
        assert_eq!(inbox.len(), 0);
    }

    #[test]
    fn a_worker_that_sleeps_for_good_is_woken_by_any_ask() {
        let inbox = Arc::new(Inbox::new(1_000));
        let (tell, told) = mpsc::sync_channel(1);
        let worker = Arc::clone(&inbox);
        std::thread::spawn(move || {
            let mut taken = Vec::new();
            worker.take(0, None, &mut taken);
            let _ = tell.send(taken.len());
        });
        let end = Instant::now() + DEADLINE;
        while !inbox.queue.lock().asleep {
            assert!(Instant::now() < end, "the worker does not sleep");
            std::thread::yield_now();
        }
        inbox.tell(commands(&[0], 0));
        assert_eq!(told.recv_timeout(DEADLINE), Ok(1));
    }
}
