//! Reading a period from the store: once, by one reader, in pages.

use std::future::poll_fn;
use std::mem;
use std::sync::Arc;
use std::task::Poll;

use store::{RankPage, StoreError};

use super::Ranks;
use super::counted::Counted;
use super::period::{Period, State};

/// Records read at once: well under a millisecond.
const PAGE_RECORDS: u32 = 1_000;

/// Ends a reading that was not finished, so that somebody else begins it.
struct Reading<'a> {
    period: &'a Arc<Period>,
    finished: bool,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if !self.finished {
            *self.period.state.lock() = State::Empty;
            self.period.changed.notify_waiters();
        }
    }
}

impl Ranks {
    /// Reads and publishes a period whose state is `Reading`.
    pub(super) async fn build(&self, period: &Arc<Period>) -> Result<(), StoreError> {
        let mut reading = Reading { period, finished: false };
        let mut counted = Counted::default();
        let mut after = None;
        loop {
            let page = RankPage { period: period.id, after, limit: PAGE_RECORDS };
            let page = self.inner.core.read(page).await?;
            counted.page(page.seq, &page.keys);
            match page.keys.last() {
                Some((last, _)) if page.keys.len() == PAGE_RECORDS as usize => after = Some(*last),
                _ => break,
            }
            if counted.order.len() > self.inner.entries_max {
                break;
            }
            let_others_run().await;
        }
        counted.pages_read();
        let mut state = period.state.lock();
        let aside = match mem::replace(&mut *state, State::Empty) {
            State::Reading(aside) => aside.changes(),
            // Only the reader ends a reading.
            State::Empty | State::Ready(_) | State::TooMany => None,
        };
        reading.finished = true;
        if counted.order.len() > self.inner.entries_max {
            *state = State::TooMany;
        } else if let Some(changes) = aside {
            let mut odd = false;
            for change in changes {
                odd |= !counted.take(change);
            }
            if odd {
                tracing::error!(period = ?period.id, "moves of a period do not follow from what was read of it");
            }
            self.counted(0, counted.order.len());
            *state = State::Ready(Box::new(counted));
            drop(state);
            self.make_room(period);
        }
        period.changed.notify_waiters();
        Ok(())
    }
}

/// Gives the thread to others once.
async fn let_others_run() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
