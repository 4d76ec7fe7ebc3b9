//! Writes whose callers went away. The store finishes them all the same, so somebody must hear what became of them.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// A write together with the taking-in of its moves.
pub(super) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Works that are kept before a new write has to finish them first.
const UNFINISHED_MAX: usize = 1_024;

/// Work that was dropped half-way: one for each caller that went away since the last one came.
#[derive(Default)]
pub(super) struct Unfinished {
    works: Mutex<Vec<Work>>,
    count: AtomicUsize,
    /// Told when there is another one.
    pub(super) kept: Notify,
}

impl Unfinished {
    /// Is there any?
    pub(super) fn any(&self) -> bool {
        self.count.load(Ordering::Acquire) > 0
    }

    /// So many that they come first? Writes that have begun may still add theirs: one each.
    pub(super) fn is_full(&self) -> bool {
        self.count.load(Ordering::Acquire) >= UNFINISHED_MAX
    }

    /// Does a work to its end; dropped before that, the work is kept for the next one who comes.
    pub(super) async fn drive(&self, work: Work) {
        struct Driven<'a>(Option<Work>, &'a Unfinished);
        impl Drop for Driven<'_> {
            fn drop(&mut self) {
                // A work that panicked cannot go on.
                if let Some(work) = self.0.take().filter(|_| !std::thread::panicking()) {
                    self.1.keep(work);
                }
            }
        }
        let mut driven = Driven(Some(work), self);
        if let Some(work) = &mut driven.0 {
            work.await;
        }
        driven.0 = None;
    }

    fn keep(&self, work: Work) {
        self.works.lock().push(work);
        self.count.fetch_add(1, Ordering::Release);
        self.kept.notify_waiters();
    }

    /// Does all of them to their end.
    pub(super) async fn finish(&self) {
        loop {
            let Some(work) = self.works.lock().pop() else { return };
            self.count.fetch_sub(1, Ordering::AcqRel);
            self.drive(work).await;
        }
    }
}
