//! The store as the rest of the program holds it: a handle that many may share.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};

use kernel::{Epoch, RoomId, Seq};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::migrations::Migration;
use crate::rooms::{
    DropSnapshot, RoomAppend, SNAPSHOT_PART_BYTES_MAX, SaveSnapshotPart, SnapshotSaved, ThinSnapshots,
};
use crate::sqlite::checkpoint::{Keeper, Wal};
use crate::sqlite::core::{Core, exec};
use crate::sqlite::files::{self, DirectoryLock, Role};
use crate::sqlite::job::{AppendDone, AppendJob, Told, WriteJob};
use crate::sqlite::migrate;
use crate::sqlite::options::Options;
use crate::sqlite::queue::Queue;
use crate::sqlite::readers::{Readers, read_on};
use crate::{Committed, Operation, StoreError};

/// Parts of an old snapshot that one operation removes.
const DROP_PARTS_MAX: u32 = 16;

/// Where a store opened by hand lives.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a directory, as a server's.
    Directory(PathBuf),
    /// In memory, gone with the handle.
    Memory,
}

/// A handle of an open store. Clones share it; it closes when the last one goes.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue>,
    engine: Engine,
    wal: Option<Arc<Wal>>,
    /// Goes last: the directory is ours until every connection is closed.
    lock: Mutex<Option<DirectoryLock>>,
}

enum Engine {
    /// A writer and a checkpointer on threads, readers where they are called.
    Threads { readers: Readers, threads: Mutex<Vec<JoinHandle<()>>> },
    /// Everything on the caller's thread.
    Manual(Mutex<ManualEngine>),
}

struct ManualEngine {
    core: Core,
    keeper: Option<Keeper>,
}

impl Store {
    /// Opens a directory: takes it for this process, migrates it up, starts the writer.
    pub fn open(dir: &Path, options: Options) -> Result<Self, StoreError> {
        let mut lock = DirectoryLock::take(dir)?;
        let path = files::database(dir);
        let mut writer = files::open(&path, Role::Writer, &options)?;
        migrate::up(&mut writer, Migration::newest())?;
        let wal = Wal::watch(&mut writer, &options)?;
        let checkpointer = files::open(&path, Role::Checkpointer, &options)?;
        let readers = Readers::open(&path, Role::Reader, &options)?;
        let queue = Arc::new(Queue::new());
        let keeper = Keeper::new(Arc::clone(&wal), true, files::BUSY);
        let core = Core::new(writer, options.slow_statement, options.fault, true);
        let (copying, database) = (Arc::clone(&wal), lock.database(dir)?);
        let copier = spawn("store-checkpoint", move || copying.serve(&checkpointer, &database))?;
        let (taking, stopping) = (Arc::clone(&queue), Arc::clone(&wal));
        let writer = spawn("store-writer", move || {
            write_until_closed(core, keeper, &taking, || {
                stopping.close();
                let _ = copier.join();
            });
        })?;
        let engine = Engine::Threads { readers, threads: Mutex::new(vec![writer]) };
        Ok(Self { inner: Arc::new(Inner { queue, engine, wal: Some(wal), lock: Mutex::new(Some(lock)) }) })
    }

    /// Opens a store without threads: nothing is written until [`pump`](Self::pump) is called, and reads run where
    /// they are called, in no time of the clock.
    pub fn open_manual(place: Place, options: Options) -> Result<Self, StoreError> {
        let (mut conn, lock) = match &place {
            Place::Memory => (files::open_memory(&options)?, None),
            Place::Directory(dir) => {
                let lock = DirectoryLock::take(dir)?;
                (files::open(&files::database(dir), Role::Writer, &options)?, Some(lock))
            }
        };
        migrate::up(&mut conn, Migration::newest())?;
        let wal = match place {
            Place::Memory => None,
            Place::Directory(_) => Some(Wal::watch(&mut conn, &options)?),
        };
        let keeper = wal.clone().map(|wal| Keeper::new(wal, false, files::BUSY));
        let core = Core::new(conn, options.slow_statement, options.fault, false);
        let engine = Engine::Manual(Mutex::new(ManualEngine { core, keeper }));
        Ok(Self {
            inner: Arc::new(Inner { queue: Arc::new(Queue::new()), engine, wal, lock: Mutex::new(lock) }),
        })
    }

    /// By hand: runs and commits what waits, as one batch, and answers. How many operations that were; 0 for a
    /// store that has its own thread.
    pub fn pump(&self) -> usize {
        let Engine::Manual(engine) = &self.inner.engine else { return 0 };
        let batch = self.inner.queue.take();
        if batch.is_empty() {
            return 0;
        }
        let mut engine = engine.lock();
        let tried = engine.core.run(batch);
        let ManualEngine { core, keeper } = &mut *engine;
        if let Some(keeper) = keeper {
            keeper.look(&core.conn);
        }
        drop(engine);
        let count = tried.count;
        tried.answer();
        count
    }

    /// Runs an operation and answers after its commit. Waits for a place in the queue if it is full. Once queued,
    /// the operation runs even if the caller goes away.
    pub async fn write<O: Operation>(&self, operation: O) -> Result<Committed<O::Output>, StoreError> {
        self.queued(operation, None).await
    }

    /// The same; `told` hears of what was queued even if the caller goes away: after the commit, before the caller, on
    /// the writer's thread, and for one operation after the other in the order of their commits. It hands on and does
    /// not work.
    pub async fn write_told<O: Operation>(
        &self,
        operation: O,
        told: impl FnOnce(Result<&O::Output, &StoreError>) + Send + 'static,
    ) -> Result<Committed<O::Output>, StoreError> {
        self.queued(operation, Some(Box::new(told))).await
    }

    async fn queued<O: Operation>(
        &self,
        operation: O,
        told: Option<Told<O::Output>>,
    ) -> Result<Committed<O::Output>, StoreError> {
        let place = self.inner.queue.place().await?;
        let (reply, answer) = oneshot::channel();
        self.inner.queue.push(Box::new(WriteJob::new(operation, told, reply, place)))?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// The same on a plain thread, which it blocks. By hand it pumps.
    pub fn write_now<O: Operation>(&self, operation: O) -> Result<Committed<O::Output>, StoreError> {
        struct Unpark(Thread);
        impl Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut written = pin!(self.write(operation));
        loop {
            if let Poll::Ready(result) = written.as_mut().poll(&mut context) {
                return result;
            }
            if self.pump() == 0 && matches!(self.inner.engine, Engine::Threads { .. }) {
                thread::park();
            }
        }
    }

    /// Appends inputs of rooms, each with all that it causes or not at all, and calls back after the commit with
    /// one answer for each. Full, it calls back at once, on this thread, with `Busy`.
    pub fn append(&self, rooms: Vec<RoomAppend>, done: AppendDone) {
        self.inner.queue.push_append(AppendJob::new(rooms, done));
    }

    /// Runs an operation that only reads, on this thread.
    pub async fn read<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError> {
        match &self.inner.engine {
            Engine::Threads { readers, .. } => readers.read(operation).await,
            Engine::Manual(engine) => read_by_hand(engine, &operation),
        }
    }

    /// The same on a plain thread, which it blocks while every connection is busy.
    pub fn read_now<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError> {
        match &self.inner.engine {
            Engine::Threads { readers, .. } => readers.read_now(&operation),
            Engine::Manual(engine) => read_by_hand(engine, &operation),
        }
    }

    /// Saves a snapshot, part by part among everybody else's work, and then thins out the room's older ones. A `moment`
    /// stays longer than others.
    pub async fn save_snapshot(
        &self,
        room: RoomId,
        epoch: Epoch,
        seq: Seq,
        at_ms: i64,
        body: Vec<u8>,
        moment: bool,
    ) -> Result<SnapshotSaved, StoreError> {
        let parts = body.len().div_ceil(SNAPSHOT_PART_BYTES_MAX).max(1);
        let parts =
            u32::try_from(parts).map_err(|_| StoreError::NotStorable("a snapshot above 2^50 bytes"))?;
        // The first part last: it is what makes the snapshot seen.
        for part in (0..parts).rev() {
            let from = part as usize * SNAPSHOT_PART_BYTES_MAX;
            let body = body[from..body.len().min(from + SNAPSHOT_PART_BYTES_MAX)].to_vec();
            let part = SaveSnapshotPart { room, epoch, seq, part, parts, at_ms, body, moment };
            let saved = self.write(part).await?;
            if !saved.into_inner() {
                return Ok(SnapshotSaved::StaleEpoch);
            }
        }
        let (unwanted, _) = self.read(ThinSnapshots { room }).await?;
        for seq in unwanted {
            let limit = DROP_PARTS_MAX;
            while self.write(DropSnapshot { room, seq, limit }).await?.into_inner() == u64::from(limit) {}
        }
        Ok(SnapshotSaved::Saved)
    }

    /// Bytes of the write-ahead log that are in use.
    pub fn wal_bytes(&self) -> u64 {
        self.inner.wal.as_ref().map_or(0, |wal| wal.bytes())
    }

    /// Takes nothing more in, finishes what is queued, and leaves an empty write-ahead log. Blocks until then.
    /// Other handles find the store closed. Its directory is free for another one.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl Inner {
    fn close(&self) {
        self.queue.close();
        match &self.engine {
            Engine::Threads { threads, readers } => {
                let mut ours = true;
                for thread in threads.lock().drain(..) {
                    // A callback may hold the last handle, and it runs on the writer's thread.
                    if thread.thread().id() == thread::current().id() {
                        ours = false;
                    } else if thread.join().is_err() {
                        tracing::error!("the writer's thread panicked");
                    }
                }
                readers.close();
                // Nobody has it open any more, whoever still holds a handle: another store may.
                if ours {
                    self.lock.lock().take();
                }
            }
            Engine::Manual(_) => {
                let mut rest = self.queue.take();
                rest.bulk.clear();
                rest.appends.clear();
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn read_by_hand<O: Operation>(engine: &Mutex<ManualEngine>, operation: &O) -> Result<O::Output, StoreError> {
    let core = &mut engine.lock().core;
    let slow = core.slow;
    // The one connection writes as well: for the time of a read it must not, as a reader's never does.
    exec(&mut core.conn, "PRAGMA query_only = 1")?;
    let result = read_on(&mut core.conn, operation, slow);
    exec(&mut core.conn, "PRAGMA query_only = 0")?;
    result
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| StoreError::Engine(format!("cannot start the thread {name}: {error}")))
}

/// The writer's thread: a loop around the core.
fn write_until_closed(mut core: Core, mut keeper: Keeper, queue: &Queue, stop_copier: impl FnOnce()) {
    while let Some(batch) = queue.wait() {
        let mut tried = core.run(batch);
        queue.put_back(std::mem::take(&mut tried.rest));
        tried.answer();
        keeper.look(&core.conn);
    }
    stop_copier();
    keeper.finish(&core.conn);
}
