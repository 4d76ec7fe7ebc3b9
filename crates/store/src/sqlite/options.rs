//! The engine's bounds, and the few things that a caller may set.

use std::fmt;
use std::time::Duration;

/// Appends of rooms in one commit. More wait for the next.
pub const BATCH_APPENDS_MAX: usize = 16_384;
/// Other operations in one commit. More wait for the next.
pub const BATCH_BULK_MAX: usize = 4_096;
/// A batch that has run this long is committed, and what is left of it waits for the next.
pub const BATCH_MS_MAX: u64 = 5;
/// Other operations have this long in each batch, however much the rooms append.
pub const BATCH_BULK_MS_MIN: u64 = 1;
/// So long after the beginning of a commit, operations that are in no hurry begin the next one.
pub const PATIENT_MS: u64 = 4;
/// So many of them are not kept waiting for more.
pub const PATIENT_MAX: usize = 256;
/// Appends of rooms that wait. One more is answered with `Busy`.
pub const QUEUE_APPENDS_MAX: usize = 65_536;
/// Bytes of the bodies of appends that wait. An append beyond it is answered with `Busy`, unless it is alone.
pub const QUEUE_APPEND_BYTES_MAX: usize = 64 << 20;
/// Other operations that wait for the writer. One more waits for a place.
pub const QUEUE_BULK_MAX: usize = 16_384;
/// Callers that wait for a place. One more is answered with `Busy`.
pub const QUEUE_WAITERS_MAX: usize = 65_536;
/// A read that takes longer ends with `ReadTooLong`: an open read keeps the write-ahead log from being emptied.
pub const READ_MS_MAX: u64 = 1_000;
/// Connections that read at the same time.
pub const READERS: usize = 8;
/// From this size on the write-ahead log is copied into the database, while the writer goes on.
pub const WAL_SOFT_BYTES: u64 = 32 << 20;
/// At this size the writer waits until the write-ahead log is empty.
pub const WAL_HARD_BYTES: u64 = 192 << 20;
/// The writer waits at most so long for readers then. It goes on with a warning if one will not end.
pub const WAL_WAIT_MS_MAX: u64 = 2 * READ_MS_MAX;
/// A statement that takes longer is a line in the log.
pub const SLOW_STATEMENT_MS: u64 = 100;

/// How hard a commit is pressed to the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Synchronous {
    /// Every commit is synced before it is answered.
    #[default]
    Full,
    /// Nothing is synced: a power cut loses what was acknowledged. For simulations, and to show that tests see it.
    Off,
}

/// What a test does to a commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CommitFault {
    /// The disk is full; nothing is committed.
    Full,
    /// It fails, and nobody knows whether it happened; it did not.
    LostBefore,
    /// It fails, and nobody knows whether it happened; it did.
    LostAfter,
}

/// Asked before each commit.
pub type FaultHook = Box<dyn FnMut() -> Option<CommitFault> + Send>;

/// What a caller may set. The default is right for a server.
pub struct Options {
    /// How hard a commit is pressed to the disk.
    pub synchronous: Synchronous,
    /// Connections that read at the same time; at least 1.
    pub readers: usize,
    /// A read that takes longer is ended.
    pub read_max: Duration,
    /// From this size on the write-ahead log is copied while the writer goes on.
    pub wal_soft_bytes: u64,
    /// At this size the writer waits until the write-ahead log is empty.
    pub wal_hard_bytes: u64,
    /// A statement that takes longer is a line in the log.
    pub slow_statement: Duration,
    /// SQLite's layer over the file system, by the name under which a test has registered it.
    pub vfs: Option<String>,
    /// Faults that a test puts into commits.
    pub fault: Option<FaultHook>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            synchronous: Synchronous::Full,
            readers: READERS,
            read_max: Duration::from_millis(READ_MS_MAX),
            wal_soft_bytes: WAL_SOFT_BYTES,
            wal_hard_bytes: WAL_HARD_BYTES,
            slow_statement: Duration::from_millis(SLOW_STATEMENT_MS),
            vfs: None,
            fault: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("synchronous", &self.synchronous)
            .field("readers", &self.readers)
            .field("wal_soft_bytes", &self.wal_soft_bytes)
            .field("wal_hard_bytes", &self.wal_hard_bytes)
            .finish_non_exhaustive()
    }
}
