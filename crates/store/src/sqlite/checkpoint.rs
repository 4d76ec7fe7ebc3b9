//! Keeps the write-ahead log small while the writer goes on.
//!
//! Past the soft bound a thread with its own connection copies pages into the database: most of the work, and none
//! of the writer's time. It never quite catches up with a busy writer, so when little is left, the writer copies
//! that itself between two batches, and the log starts again from its beginning. A reader that stays may keep it
//! from that; at the hard bound the writer waits for readers, whose time is bounded.
//!
//! SQLite syncs the database only in the copy that reaches the log's end, which is the writer's: it would wait there
//! for the disk to take all that the thread has copied. So the thread presses its own copies to the disk. No
//! durability rests on that; the writer's sync finds little left to do.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use metrics::{Gauge, Histogram};
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;

use crate::StoreError;
use crate::sqlite::options::{Options, WAL_WAIT_MS_MAX};
use crate::sqlite::tx::store_error;

/// Pages that the writer copies itself: a few milliseconds.
const REST_PAGES_MAX: u64 = 1_024;
/// Between two tries while the writer waits for readers.
const PAUSE_MAX: Duration = Duration::from_millis(16);
/// A page in the log has a header.
const FRAME_HEADER_BYTES: u64 = 24;

/// The log's size, as the writer and the thread both see it. In pages.
pub(crate) struct Wal {
    pages: AtomicU64,
    copied: AtomicU64,
    page_bytes: u64,
    soft: u64,
    hard: u64,
    bytes: Gauge,
    /// Time of the thread's copies, beside the writer.
    beside_seconds: Histogram,
    /// Time of the writer's own copies and waits: nothing commits meanwhile.
    writer_seconds: Histogram,
    work: Mutex<Work>,
    wanted: Condvar,
}

#[derive(Default, PartialEq, Eq)]
enum Work {
    #[default]
    None,
    Wanted,
    Running,
    Closing,
}

impl Wal {
    /// Watches the writer's commits.
    pub(crate) fn watch(conn: &mut Connection, options: &Options) -> Result<Arc<Self>, StoreError> {
        let page_bytes: u32 =
            conn.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(store_error)?;
        let page_bytes = u64::from(page_bytes);
        let pages = |bytes: u64| (bytes / (page_bytes + FRAME_HEADER_BYTES)).max(1);
        let wal = Arc::new(Self {
            pages: AtomicU64::new(0),
            copied: AtomicU64::new(0),
            page_bytes,
            soft: pages(options.wal_soft_bytes),
            hard: pages(options.wal_hard_bytes.max(options.wal_soft_bytes)),
            bytes: metrics::gauge!("longhouse_store_wal_bytes"),
            beside_seconds: metrics::histogram!("longhouse_store_checkpoint_seconds", "by" => "thread"),
            writer_seconds: metrics::histogram!("longhouse_store_checkpoint_seconds", "by" => "writer"),
            work: Mutex::default(),
            wanted: Condvar::new(),
        });
        // A log that the last process left: how large it is shows with the first commit, or here.
        let (left, copied) = checkpoint(conn, CheckpointMode::NOOP)?;
        wal.set(left, copied);
        let seen = Arc::clone(&wal);
        conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            seen.pages.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))
        .map_err(store_error)?;
        Ok(wal)
    }

    fn set(&self, pages: u64, copied: u64) {
        self.pages.store(pages, Ordering::Relaxed);
        self.copied.store(copied, Ordering::Relaxed);
    }

    /// Bytes of the log that are in use.
    pub(crate) fn bytes(&self) -> u64 {
        self.pages.load(Ordering::Relaxed) * (self.page_bytes + FRAME_HEADER_BYTES)
    }

    /// The thread: copies when asked. `database` is the file that `conn` copies into.
    pub(crate) fn serve(&self, conn: &Connection, database: &File) {
        loop {
            let mut work = self.work.lock();
            while *work == Work::None {
                self.wanted.wait(&mut work);
            }
            if *work == Work::Closing {
                return;
            }
            *work = Work::Running;
            drop(work);
            let started = Instant::now();
            match checkpoint(conn, CheckpointMode::PASSIVE) {
                Ok((_, copied)) => {
                    if let Err(error) = database.sync_data() {
                        tracing::warn!(%error, "the database could not be synced beside the writer");
                    }
                    self.copied.store(copied, Ordering::Relaxed);
                }
                Err(error) => tracing::warn!(%error, "the write-ahead log could not be copied"),
            }
            self.beside_seconds.record(started.elapsed());
            let mut work = self.work.lock();
            if *work == Work::Running {
                *work = Work::None;
            }
            drop(work);
            self.wanted.notify_all();
        }
    }

    pub(crate) fn close(&self) {
        *self.work.lock() = Work::Closing;
        self.wanted.notify_all();
    }
}

fn checkpoint(conn: &Connection, mode: CheckpointMode) -> Result<(u64, u64), StoreError> {
    let (pages, copied) = conn.wal_checkpoint_v2(None::<&str>, mode).map_err(store_error)?;
    Ok((u64::try_from(pages).unwrap_or(0), u64::try_from(copied).unwrap_or(0)))
}

/// The writer's part, between batches.
pub(crate) struct Keeper {
    wal: Arc<Wal>,
    /// There is a thread to ask; by hand there is none, and the writer does it all.
    threaded: bool,
    /// The size at which to ask, try or wait again, so that a reader that stays costs little.
    ask_at: u64,
    rest_at: u64,
    wait_at: u64,
    busy: Duration,
}

impl Keeper {
    pub(crate) fn new(wal: Arc<Wal>, threaded: bool, busy: Duration) -> Self {
        let (soft, hard) = (wal.soft, wal.hard);
        Self { wal, threaded, ask_at: soft, rest_at: soft, wait_at: hard, busy }
    }

    /// Called after each commit, with the writer's connection.
    pub(crate) fn look(&mut self, conn: &Connection) {
        let pages = self.wal.pages.load(Ordering::Relaxed);
        self.wal.bytes.set(self.wal.bytes() as f64);
        if pages < self.wal.soft {
            return;
        }
        let rest = pages.saturating_sub(self.wal.copied.load(Ordering::Relaxed));
        if pages >= self.wait_at {
            self.wait(conn, pages);
        } else if !self.threaded {
            if pages >= self.rest_at {
                self.rest(conn, pages);
            }
        } else if rest > REST_PAGES_MAX {
            if pages >= self.ask_at {
                self.ask(pages);
            }
        } else if pages >= self.rest_at && self.is_idle() {
            self.rest(conn, pages);
        }
    }

    fn is_idle(&self) -> bool {
        *self.wal.work.lock() == Work::None
    }

    fn ask(&mut self, pages: u64) {
        let mut work = self.wal.work.lock();
        if *work == Work::None {
            *work = Work::Wanted;
            self.ask_at = pages + REST_PAGES_MAX;
            self.wal.wanted.notify_all();
        }
    }

    /// Copies what is left and starts the log again, if nobody reads it right now.
    fn rest(&mut self, conn: &Connection, pages: u64) {
        let started = Instant::now();
        if !self.restart(conn) {
            self.rest_at = pages + REST_PAGES_MAX / 4;
        }
        self.wal.writer_seconds.record(started.elapsed());
    }

    /// Waits for the thread and for readers.
    fn wait(&mut self, conn: &Connection, pages: u64) {
        let started = Instant::now();
        let until = started + Duration::from_millis(WAL_WAIT_MS_MAX);
        let mut work = self.wal.work.lock();
        while matches!(*work, Work::Wanted | Work::Running)
            && !self.wal.wanted.wait_until(&mut work, until).timed_out()
        {}
        drop(work);
        // SQLite can wait by itself, but then for the very place at which it found an old reader, and never sees that
        // newer ones, which would not hinder it, take turns there. Each try looks afresh.
        let mut pause = Duration::from_millis(1);
        let mut emptied = self.restart(conn);
        while !emptied && Instant::now() < until {
            std::thread::sleep(pause);
            pause = (pause * 2).min(PAUSE_MAX);
            emptied = self.restart(conn);
        }
        let waited = started.elapsed();
        self.wal.writer_seconds.record(waited);
        let ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        if emptied {
            tracing::info!(pages, ms, "the writer waited until the write-ahead log was empty");
        } else {
            tracing::warn!(
                pages,
                ms,
                "a reader that does not end keeps the write-ahead log from being emptied"
            );
            self.wait_at = pages + self.wal.soft;
        }
    }

    fn restart(&mut self, conn: &Connection) -> bool {
        let restarted = conn
            .busy_timeout(Duration::ZERO)
            .map_err(store_error)
            .and_then(|()| checkpoint(conn, CheckpointMode::RESTART));
        if let Err(error) = conn.busy_timeout(self.busy) {
            tracing::warn!(%error, "a connection's patience could not be set");
        }
        if restarted.is_ok() {
            self.wal.set(0, 0);
            (self.ask_at, self.rest_at, self.wait_at) = (self.wal.soft, self.wal.soft, self.wal.hard);
        }
        restarted.is_ok()
    }

    /// Leaves an empty log behind, if nobody reads it.
    pub(crate) fn finish(&mut self, conn: &Connection) {
        match checkpoint(conn, CheckpointMode::TRUNCATE) {
            Ok(_) => self.wal.set(0, 0),
            Err(error) => tracing::warn!(%error, "the write-ahead log is left for the next start"),
        }
    }
}
