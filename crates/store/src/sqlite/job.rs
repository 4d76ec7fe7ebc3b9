//! What stands in the queue: an operation or a list of appends, what came of it, and who wants to know.

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tracing::Span;

use crate::rooms::{AppendReceipt, RoomAppend, append_room};
use crate::sqlite::core::{Savepoints, guarded};
use crate::sqlite::tx::poll_once;
use crate::{AppendError, Committed, Operation, StoreError};

/// What came of one room's append.
pub type Appended = Result<Committed<AppendReceipt>, AppendError>;

/// Called once, after the commit, with one answer for each append in their order. It runs on the writer's thread, so
/// it hands on and does not work.
pub type AppendDone = Box<dyn FnOnce(Vec<Appended>) + Send>;

/// An operation of any kind, with its caller.
pub(crate) trait Job: Send {
    /// It may wait for others to share a commit with.
    fn is_patient(&self) -> bool;
    /// Runs it and keeps its result.
    fn run(&mut self, savepoints: &mut Savepoints<'_>);
    /// Tells the caller, after the commit.
    fn done(self: Box<Self>, commit: &Result<(), StoreError>);
}

/// Hears what came of an operation, after the commit and before the caller does. It runs on the writer's thread, for one
/// operation after the other in the order of their commits, so it hands on and does not work.
pub(crate) type Told<T> = Box<dyn FnOnce(Result<&T, &StoreError>) + Send>;

pub(crate) struct WriteJob<O: Operation> {
    operation: O,
    span: Span,
    result: Result<O::Output, StoreError>,
    told: Option<Told<O::Output>>,
    reply: oneshot::Sender<Result<Committed<O::Output>, StoreError>>,
    // Its place in the queue, free again when the job is done.
    _place: OwnedSemaphorePermit,
}

impl<O: Operation> WriteJob<O> {
    pub(crate) fn new(
        operation: O,
        told: Option<Told<O::Output>>,
        reply: oneshot::Sender<Result<Committed<O::Output>, StoreError>>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self { operation, span: Span::current(), result: Err(StoreError::Closed), told, reply, _place: place }
    }
}

impl<O: Operation> Job for WriteJob<O> {
    fn is_patient(&self) -> bool {
        O::PATIENT
    }

    fn run(&mut self, savepoints: &mut Savepoints<'_>) {
        let _caller = self.span.enter();
        let operation = &self.operation;
        self.result = savepoints.run(|tx| poll_once(operation.run(tx)));
        if let Err(StoreError::Panicked(panic)) = &self.result {
            tracing::error!(operation = std::any::type_name::<O>(), panic, "an operation panicked");
        }
    }

    fn done(self: Box<Self>, commit: &Result<(), StoreError>) {
        let result = match commit {
            Ok(()) => self.result,
            Err(error) => self.result.and_then(|_| Err(error.clone())),
        };
        if let Some(told) = self.told {
            guarded(|| told(result.as_ref()));
        }
        let result = result.map(Committed::new);
        // The caller may have gone away; the operation stays done.
        let _ = self.reply.send(result);
    }
}

pub(crate) struct AppendJob {
    pub(crate) rooms: Vec<RoomAppend>,
    pub(crate) bytes: usize,
    span: Span,
    results: Vec<Result<AppendReceipt, AppendError>>,
    done: Option<AppendDone>,
}

impl AppendJob {
    pub(crate) fn new(rooms: Vec<RoomAppend>, done: AppendDone) -> Self {
        let bytes = rooms.iter().map(|room| room.body.len()).sum();
        Self { rooms, bytes, span: Span::current(), results: Vec::new(), done: Some(done) }
    }

    pub(crate) fn run(&mut self, savepoints: &mut Savepoints<'_>) {
        let _caller = self.span.enter();
        self.results.reserve_exact(self.rooms.len());
        for room in &self.rooms {
            let result = if room.is_plain() {
                savepoints.plain(|tx| poll_once(append_room(tx, room)))
            } else {
                savepoints.run(|tx| poll_once(append_room(tx, room)))
            };
            self.results.push(result);
        }
    }

    pub(crate) fn done(mut self, commit: &Result<(), StoreError>) {
        let results = std::mem::take(&mut self.results);
        self.answer(results.into_iter().map(|result| match commit {
            Ok(()) => result.map(Committed::new),
            Err(error) => result.and_then(|_| Err(error.clone().into())),
        }));
    }

    /// Answers without having tried.
    pub(crate) fn refuse(mut self, error: &StoreError) {
        let count = self.rooms.len();
        self.answer((0..count).map(|_| Err(error.clone().into())));
    }

    fn answer(&mut self, results: impl Iterator<Item = Appended>) {
        if let Some(done) = self.done.take() {
            done(results.collect());
        }
    }
}

impl Drop for AppendJob {
    /// Whoever waits is answered, whatever becomes of the queue.
    fn drop(&mut self) {
        let count = self.rooms.len();
        guarded(|| self.answer((0..count).map(|_| Err(StoreError::Closed.into()))));
    }
}
