//! The writer's queue, in two classes: appends of rooms, because players wait for them, and everything else.
//!
//! Full, it says so: an append is refused at once (its room keeps what it has and tries again), another operation
//! waits for a place among a bounded number of others.
//!
//! While there is nothing but [patient](crate::Operation::PATIENT) operations, batches keep a distance, so that each
//! commit is shared by more of them; anything else ends that wait at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use metrics::Gauge;
use parking_lot::{Condvar, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::StoreError;
use crate::sqlite::job::{AppendJob, Job};
use crate::sqlite::options::{
    BATCH_APPENDS_MAX, BATCH_BULK_MAX, PATIENT_MAX, PATIENT_MS, QUEUE_APPEND_BYTES_MAX, QUEUE_APPENDS_MAX,
    QUEUE_BULK_MAX, QUEUE_WAITERS_MAX,
};

/// What one commit will try to take.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) appends: VecDeque<AppendJob>,
    pub(crate) bulk: VecDeque<Box<dyn Job>>,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.appends.is_empty() && self.bulk.is_empty()
    }
}

#[derive(Default)]
struct Waiting {
    appends: VecDeque<AppendJob>,
    rooms: usize,
    bytes: usize,
    bulk: VecDeque<Box<dyn Job>>,
    /// Those of `bulk` that are not patient.
    hurried: usize,
    closing: bool,
    writer: Writer,
    /// When the newest batch was handed out.
    newest: Option<Instant>,
}

/// What the writer waits for.
#[derive(Default, PartialEq, Eq)]
enum Writer {
    /// Nothing: it works.
    #[default]
    Works,
    /// Anything.
    Sleeps,
    /// Something that is not patient.
    Gathers,
}

impl Waiting {
    /// The next batch should not begin before this.
    fn gathers_until(&self) -> Option<Instant> {
        let all_patient = self.hurried == 0 && self.appends.is_empty() && !self.closing;
        if !all_patient || self.bulk.is_empty() || self.bulk.len() >= PATIENT_MAX {
            return None;
        }
        self.newest
            .map(|newest| newest + Duration::from_millis(PATIENT_MS))
            .filter(|until| *until > Instant::now())
    }
}

pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    ready: Condvar,
    places: Arc<Semaphore>,
    waiters: AtomicUsize,
    append_depth: Gauge,
    bulk_depth: Gauge,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Mutex::default(),
            ready: Condvar::new(),
            places: Arc::new(Semaphore::new(QUEUE_BULK_MAX)),
            waiters: AtomicUsize::new(0),
            append_depth: metrics::gauge!("longhouse_store_queue_depth", "class" => "append"),
            bulk_depth: metrics::gauge!("longhouse_store_queue_depth", "class" => "bulk"),
        }
    }

    /// A place among the operations that wait; the job keeps it until it is answered.
    pub(crate) async fn place(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let _waiter = Waiter::enter(&self.waiters)?;
        Arc::clone(&self.places).acquire_owned().await.map_err(|_| StoreError::Closed)
    }

    pub(crate) fn push(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let mut waiting = self.waiting.lock();
        if waiting.closing {
            return Err(StoreError::Closed);
        }
        let patient = job.is_patient();
        waiting.hurried += usize::from(!patient);
        waiting.bulk.push_back(job);
        let goes_on = patient && waiting.writer == Writer::Gathers && waiting.bulk.len() < PATIENT_MAX;
        if !goes_on {
            self.wake(waiting);
        }
        Ok(())
    }

    /// Takes it in, or answers it at once.
    pub(crate) fn push_append(&self, job: AppendJob) {
        let mut waiting = self.waiting.lock();
        let rooms = waiting.rooms.saturating_add(job.rooms.len());
        let bytes = waiting.bytes.saturating_add(job.bytes);
        let full = rooms > QUEUE_APPENDS_MAX || bytes > QUEUE_APPEND_BYTES_MAX;
        let refused = if waiting.closing {
            Some(StoreError::Closed)
        } else {
            (full && !waiting.appends.is_empty()).then_some(StoreError::Busy)
        };
        if let Some(error) = refused {
            // Its callback may use the store.
            drop(waiting);
            return job.refuse(&error);
        }
        waiting.rooms = rooms;
        waiting.bytes = bytes;
        waiting.appends.push_back(job);
        self.wake(waiting);
    }

    fn wake(&self, waiting: parking_lot::MutexGuard<'_, Waiting>) {
        let waits = waiting.writer != Writer::Works;
        drop(waiting);
        if waits {
            self.ready.notify_one();
        }
    }

    /// The next batch; waits for one. `None`: the queue is closed and empty.
    pub(crate) fn wait(&self) -> Option<Batch> {
        let mut waiting = self.waiting.lock();
        loop {
            if let Some(until) = waiting.gathers_until() {
                waiting.writer = Writer::Gathers;
                self.ready.wait_until(&mut waiting, until);
                waiting.writer = Writer::Works;
                continue;
            }
            let batch = self.next(&mut waiting);
            if !batch.is_empty() {
                waiting.newest = Some(Instant::now());
                return Some(batch);
            }
            if waiting.closing {
                return None;
            }
            waiting.writer = Writer::Sleeps;
            self.ready.wait(&mut waiting);
            waiting.writer = Writer::Works;
        }
    }

    /// The next batch, perhaps empty.
    pub(crate) fn take(&self) -> Batch {
        self.next(&mut self.waiting.lock())
    }

    fn next(&self, waiting: &mut Waiting) -> Batch {
        let mut batch = Batch::default();
        let mut rooms = 0;
        while rooms < BATCH_APPENDS_MAX
            && let Some(job) = waiting.appends.pop_front()
        {
            rooms += job.rooms.len();
            waiting.bytes -= job.bytes;
            batch.appends.push_back(job);
        }
        waiting.rooms -= rooms;
        if waiting.bulk.len() <= BATCH_BULK_MAX {
            std::mem::swap(&mut batch.bulk, &mut waiting.bulk);
        } else {
            batch.bulk.extend(waiting.bulk.drain(..BATCH_BULK_MAX));
        }
        waiting.hurried -= batch.bulk.iter().filter(|job| !job.is_patient()).count();
        self.append_depth.set(waiting.rooms as f64);
        self.bulk_depth.set(waiting.bulk.len() as f64);
        batch
    }

    /// Puts what a batch had no time for where it was.
    pub(crate) fn put_back(&self, mut rest: Batch) {
        let mut waiting = self.waiting.lock();
        while let Some(job) = rest.appends.pop_back() {
            waiting.rooms += job.rooms.len();
            waiting.bytes += job.bytes;
            waiting.appends.push_front(job);
        }
        while let Some(job) = rest.bulk.pop_back() {
            waiting.hurried += usize::from(!job.is_patient());
            waiting.bulk.push_front(job);
        }
    }

    /// From now on nothing is taken in; what is there is still done.
    pub(crate) fn close(&self) {
        self.waiting.lock().closing = true;
        self.places.close();
        self.ready.notify_all();
    }
}

/// Counts those who wait for a place.
struct Waiter<'a>(&'a AtomicUsize);

impl<'a> Waiter<'a> {
    fn enter(waiters: &'a AtomicUsize) -> Result<Self, StoreError> {
        let counted = Self(waiters);
        if waiters.fetch_add(1, Ordering::Relaxed) >= QUEUE_WAITERS_MAX {
            return Err(StoreError::Busy);
        }
        Ok(counted)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::core::Savepoints;

    struct Any {
        patient: bool,
    }

    impl Job for Any {
        fn is_patient(&self) -> bool {
            self.patient
        }

        fn run(&mut self, _savepoints: &mut Savepoints<'_>) {}

        fn done(self: Box<Self>, _commit: &Result<(), StoreError>) {}
    }

    /// A queue right after a batch, with these in it.
    fn queue(jobs: &[bool]) -> Queue {
        let queue = Queue::new();
        queue.waiting.lock().newest = Some(Instant::now() + Duration::from_secs(3_600));
        jobs.iter().for_each(|&patient| queue.push(Box::new(Any { patient })).unwrap());
        queue
    }

    #[test]
    fn only_patient_operations_wait_for_more() {
        let check = |jobs: &[bool], waits: bool| {
            assert_eq!(queue(jobs).waiting.lock().gathers_until().is_some(), waits, "{}", jobs.len());
        };
        check(&[], false);
        check(&[true], true);
        check(&[true, true], true);
        check(&[true, false, true], false);
        check(&vec![true; PATIENT_MAX - 1], true);
        check(&vec![true; PATIENT_MAX], false);
        let queue = queue(&[true]);
        queue.close();
        assert!(queue.waiting.lock().gathers_until().is_none(), "a closing store waits for nobody");
        let first = Queue::new();
        first.push(Box::new(Any { patient: true })).unwrap();
        assert!(first.waiting.lock().gathers_until().is_none(), "nothing was committed just now");
    }

    #[test]
    fn what_is_put_back_still_hurries() {
        let queue = queue(&[true, false]);
        let batch = queue.take();
        assert_eq!((batch.bulk.len(), queue.waiting.lock().hurried), (2, 0));
        queue.put_back(batch);
        assert!(queue.waiting.lock().gathers_until().is_none());
        assert_eq!(queue.wait().map(|batch| batch.bulk.len()), Some(2));
        assert_eq!(queue.waiting.lock().hurried, 0);
    }
}
