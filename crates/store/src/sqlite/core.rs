//! The writer's core: runs a batch in one transaction and commits it. It has no thread and waits for nothing but the
//! disk, so a server's thread and a simulator's loop drive the same code.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use metrics::Histogram;
use rusqlite::Connection;

use crate::sqlite::job::{AppendJob, Job};
use crate::sqlite::options::{BATCH_BULK_MS_MIN, BATCH_MS_MAX, CommitFault, FaultHook};
use crate::sqlite::queue::Batch;
use crate::sqlite::tx::{SqliteTx, panic_text, store_error};
use crate::{AppendError, StoreError};

pub(crate) struct Core {
    pub(crate) conn: Connection,
    pub(crate) slow: Duration,
    fault: Option<FaultHook>,
    /// By hand, batches are not cut by time: that would make a run depend on the machine.
    timed: bool,
    commit_seconds: Histogram,
    commit_operations: Histogram,
}

/// A batch that was tried: answers are owed, and what did not fit goes back to the queue.
pub(crate) struct Tried {
    appends: Vec<AppendJob>,
    bulk: Vec<Box<dyn Job>>,
    commit: Result<(), StoreError>,
    /// Operations that were run.
    pub(crate) count: usize,
    /// What time did not allow.
    pub(crate) rest: Batch,
}

impl Core {
    pub(crate) fn new(conn: Connection, slow: Duration, fault: Option<FaultHook>, timed: bool) -> Self {
        Self {
            conn,
            slow,
            fault,
            timed,
            commit_seconds: metrics::histogram!("longhouse_store_commit_seconds"),
            commit_operations: metrics::histogram!("longhouse_store_commit_operations"),
        }
    }

    /// Runs and commits as much of the batch as time allows; at least one of each class that is in it.
    pub(crate) fn run(&mut self, mut batch: Batch) -> Tried {
        let mut tried =
            Tried { appends: Vec::new(), bulk: Vec::new(), commit: Ok(()), count: 0, rest: Batch::default() };
        let begun = exec(&mut self.conn, "BEGIN IMMEDIATE");
        let started = Instant::now();
        let mut savepoints = Savepoints { conn: &mut self.conn, slow: self.slow, lost: begun.err() };
        while let Some(mut job) = batch.appends.pop_front() {
            job.run(&mut savepoints);
            tried.count += job.rooms.len();
            tried.appends.push(job);
            if self.timed && started.elapsed() >= Duration::from_millis(BATCH_MS_MAX) {
                break;
            }
        }
        let bulk_until = started.elapsed().max(Duration::from_millis(BATCH_MS_MAX - BATCH_BULK_MS_MIN))
            + Duration::from_millis(BATCH_BULK_MS_MIN);
        while let Some(mut job) = batch.bulk.pop_front() {
            job.run(&mut savepoints);
            tried.count += 1;
            tried.bulk.push(job);
            if self.timed && started.elapsed() >= bulk_until {
                break;
            }
        }
        let lost = savepoints.lost.take();
        tried.rest = batch;
        tried.commit = match lost {
            Some(error) => {
                self.rollback();
                Err(error)
            }
            None => {
                let committing = Instant::now();
                let outcome = self.commit();
                self.commit_seconds.record(committing.elapsed());
                self.commit_operations.record(tried.count as f64);
                outcome
            }
        };
        if let Err(error) = &tried.commit {
            tracing::error!(%error, operations = tried.count, "a batch was not committed");
        }
        tried
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let fault = self.fault.as_mut().and_then(|fault| fault());
        match fault {
            Some(CommitFault::Full) => {
                self.rollback();
                return Err(StoreError::Full);
            }
            Some(CommitFault::LostBefore) => {
                self.rollback();
                return Err(StoreError::Unknown("as a test asked".into()));
            }
            Some(CommitFault::LostAfter) | None => {}
        }
        if let Err(error) = exec(&mut self.conn, "COMMIT") {
            self.rollback();
            // With no space the commit mark was not written. With any other failure (a sync, above all) it may have
            // been, and may come back after a crash.
            return Err(match error {
                StoreError::Full => StoreError::Full,
                other => StoreError::Unknown(other.to_string()),
            });
        }
        match fault {
            Some(_) => Err(StoreError::Unknown("as a test asked".into())),
            None => Ok(()),
        }
    }

    fn rollback(&mut self) {
        if !self.conn.is_autocommit()
            && let Err(error) = exec(&mut self.conn, "ROLLBACK")
        {
            tracing::error!(%error, "a failed transaction could not be rolled back");
        }
    }
}

impl Tried {
    /// Calls everybody back. Outside of any lock: callbacks may use the store.
    pub(crate) fn answer(self) {
        for job in self.appends {
            guarded(|| job.done(&self.commit));
        }
        for job in self.bulk {
            guarded(|| job.done(&self.commit));
        }
    }
}

/// Calls somebody back whose panic is not ours.
pub(crate) fn guarded(callback: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(callback)) {
        tracing::error!(panic = panic_text(panic.as_ref()), "a completion panicked");
    }
}

pub(crate) fn exec(conn: &mut Connection, sql: &str) -> Result<(), StoreError> {
    conn.prepare_cached(sql).and_then(|mut prepared| prepared.raw_execute()).map(|_| ()).map_err(store_error)
}

/// An error that may be the store's own.
pub(crate) trait Failure: From<StoreError> {
    fn of_store(&self) -> Option<&StoreError>;
}

impl Failure for StoreError {
    fn of_store(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl Failure for AppendError {
    fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// Runs operations of one transaction so that a failed one leaves no trace.
pub(crate) struct Savepoints<'c> {
    conn: &'c mut Connection,
    slow: Duration,
    /// Why the whole transaction is lost, if it is.
    lost: Option<StoreError>,
}

impl Savepoints<'_> {
    /// Runs something that may be several statements.
    pub(crate) fn run<R, E: Failure>(
        &mut self,
        operation: impl FnOnce(&mut SqliteTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.intact()?;
        self.step("SAVEPOINT operation")?;
        let result = operation(&mut SqliteTx::new(self.conn, self.slow));
        if let Err(error) = &result {
            self.notice(error);
            self.intact()?;
            self.step("ROLLBACK TO operation")?;
        }
        self.step("RELEASE operation")?;
        result
    }

    /// Runs something whose only change is a single statement, which is atomic by itself.
    pub(crate) fn plain<R, E: Failure>(
        &mut self,
        operation: impl FnOnce(&mut SqliteTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.intact()?;
        let result = operation(&mut SqliteTx::new(self.conn, self.slow));
        if let Err(error) = &result {
            self.notice(error);
        }
        result
    }

    fn intact(&self) -> Result<(), StoreError> {
        self.lost.clone().map_or(Ok(()), Err)
    }

    /// SQLite answers some errors (a full disk, a failing one) by rolling back everything.
    fn notice(&mut self, error: &impl Failure) {
        if self.conn.is_autocommit() && self.lost.is_none() {
            let of_store = error.of_store().cloned();
            self.lost = Some(
                of_store.unwrap_or_else(|| StoreError::Engine("the transaction was rolled back".into())),
            );
        }
    }

    /// A savepoint that cannot be begun or ended leaves the transaction in a state that nobody knows.
    fn step(&mut self, sql: &str) -> Result<(), StoreError> {
        exec(self.conn, sql).inspect_err(|error| self.lost = Some(error.clone()))
    }
}
