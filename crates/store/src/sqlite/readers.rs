//! Reads, inline on the calling thread: a known login is two page lookups, and a change of thread would cost more
//! than it.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use metrics::Histogram;
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::sqlite::core::exec;
use crate::sqlite::files::{self, Role};
use crate::sqlite::options::Options;
use crate::sqlite::tx::{SqliteTx, poll_once, store_error};
use crate::{Operation, StoreError};

/// Steps of SQLite's machine between two looks at the clock: about 20 µs.
const STEPS_PER_LOOK: i32 = 1_000;

pub(crate) struct Readers {
    /// Empty once closed.
    slots: Box<[Mutex<Option<Reader>>]>,
    free: Semaphore,
    seconds: Histogram,
}

impl Readers {
    pub(crate) fn open(path: &Path, role: Role, options: &Options) -> Result<Self, StoreError> {
        let count = options.readers.max(1);
        let slots = (0..count)
            .map(|_| Ok(Mutex::new(Some(Reader::new(files::open(path, role, options)?, options)?))))
            .collect::<Result<_, StoreError>>()?;
        Ok(Self {
            slots,
            free: Semaphore::new(count),
            seconds: metrics::histogram!("longhouse_store_read_seconds"),
        })
    }

    /// Waits, without blocking the thread, until a connection is free.
    pub(crate) async fn read<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError> {
        let _permit = self.free.acquire().await.map_err(|_| StoreError::Closed)?;
        self.read_now(&operation)
    }

    /// Waits, if it must, by blocking the thread; with a permit it need not.
    pub(crate) fn read_now<O: Operation>(&self, operation: &O) -> Result<O::Output, StoreError> {
        let started = Instant::now();
        let first = slot_of_thread(self.slots.len());
        let free = (0..self.slots.len()).find_map(|i| self.slots[(first + i) % self.slots.len()].try_lock());
        let mut reader = free.unwrap_or_else(|| self.slots[first].lock());
        let result = reader.as_mut().map_or(Err(StoreError::Closed), |reader| reader.read(operation));
        drop(reader);
        self.seconds.record(started.elapsed());
        result
    }
}

impl Readers {
    /// Closes every connection, each after the read that it is in. Later reads are refused.
    pub(crate) fn close(&self) {
        for slot in &self.slots {
            slot.lock().take();
        }
    }
}

/// Each thread has a connection that it tries first, whose pages are warm.
fn slot_of_thread(slots: usize) -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static MINE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    MINE.with(Cell::get) % slots
}

/// One connection that only reads.
pub(crate) struct Reader {
    conn: Connection,
    begun: Instant,
    /// When the read that runs must have ended: nanoseconds after `begun`.
    until: Arc<AtomicU64>,
    max: Duration,
    slow: Duration,
}

impl Reader {
    pub(crate) fn new(mut conn: Connection, options: &Options) -> Result<Self, StoreError> {
        let (begun, until) = (Instant::now(), Arc::new(AtomicU64::new(u64::MAX)));
        let watched = Arc::clone(&until);
        conn.progress_handler(
            STEPS_PER_LOOK,
            Some(move || begun.elapsed().as_nanos() > u128::from(watched.load(Ordering::Relaxed))),
        )
        .map_err(store_error)?;
        Ok(Self { conn, begun, until, max: options.read_max, slow: options.slow_statement })
    }

    pub(crate) fn read<O: Operation>(&mut self, operation: &O) -> Result<O::Output, StoreError> {
        let until = (self.begun.elapsed() + self.max).as_nanos();
        self.until.store(u64::try_from(until).unwrap_or(u64::MAX), Ordering::Relaxed);
        let result = read_on(&mut self.conn, operation, self.slow);
        self.until.store(u64::MAX, Ordering::Relaxed);
        result
    }
}

/// One read of several statements sees one state.
pub(crate) fn read_on<O: Operation>(
    conn: &mut Connection,
    operation: &O,
    slow: Duration,
) -> Result<O::Output, StoreError> {
    exec(conn, "BEGIN")?;
    let result = poll_once(operation.run(&mut SqliteTx::new(conn, slow)));
    // Nothing was changed: ending it this way cannot fail for want of space.
    if !conn.is_autocommit() {
        exec(conn, "ROLLBACK")?;
    }
    result
}
