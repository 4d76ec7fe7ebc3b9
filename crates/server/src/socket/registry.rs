//! Every open socket: found by login when it is logged out, swept with pings, closed together at the end.
//!
//! One task sweeps them all, a few at a time, so that fifty thousand sockets need no timer each.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use app::session::{Session, SessionId};
use metrics::{counter, gauge};
use parking_lot::Mutex;
use store::FamilyId;
use tokio::sync::Notify;
use wire::websocket::CloseCode;

use super::line::{Line, Pinged};
use crate::config::Socket;

/// The sweeper runs so often, each time over its share of the sockets.
const SWEEP: Duration = Duration::from_millis(250);
/// Pings sent before other work gets its turn.
const PINGS_AT_ONCE: usize = 64;

type Key = (FamilyId, SessionId);

#[derive(Clone)]
struct Entry {
    session: Arc<Session>,
    line: Arc<Line>,
}

/// See the module.
pub struct Sockets {
    open: Mutex<BTreeMap<Key, Entry>>,
    emptied: Notify,
    started: Instant,
    /// Seconds since `started` plus one, kept by the sweeper so that nobody else asks the system.
    second: AtomicU32,
}

impl Default for Sockets {
    fn default() -> Self {
        Self {
            open: Mutex::default(),
            emptied: Notify::new(),
            started: Instant::now(),
            second: AtomicU32::new(1),
        }
    }
}

/// A listed socket; unlisted when dropped.
pub(super) struct Listed<'a> {
    sockets: &'a Sockets,
    key: Key,
}

impl Sockets {
    /// Lists a socket.
    pub(super) fn enter(&self, session: &Arc<Session>, line: &Arc<Line>) -> Listed<'_> {
        let key = (line.family, session.id);
        line.hear(self.second());
        let mut open = self.open.lock();
        open.insert(key, Entry { session: Arc::clone(session), line: Arc::clone(line) });
        gauge!("longhouse_sockets").set(open.len() as f64);
        counter!("longhouse_sockets_opened_total").increment(1);
        Listed { sockets: self, key }
    }

    /// The registry's clock; never 0.
    pub(super) fn second(&self) -> u32 {
        self.second.load(Ordering::Relaxed)
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.lock().len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Closes the sockets of a login that was ended.
    pub fn close_family(&self, family: FamilyId) {
        let of_family = (family, SessionId(0))..=(family, SessionId(u128::MAX));
        let found: Vec<_> = self.open.lock().range(of_family).map(|(_, entry)| entry.clone()).collect();
        for entry in found {
            entry.session.close(CloseCode::POLICY.0, "the session was logged out");
        }
    }

    /// Closes every socket with these last words.
    pub fn close_all(&self, code: u16, reason: &str) {
        let all: Vec<_> = self.open.lock().values().cloned().collect();
        for entry in all {
            entry.session.close(code, reason);
        }
    }

    /// Waits until none is open.
    pub async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.is_empty() {
                return;
            }
            emptied.await;
        }
    }

    /// Pings each socket once every `ping_seconds` and closes the silent ones. Never returns.
    pub async fn sweep(&self, config: &Socket) {
        let mut ticks = tokio::time::interval(SWEEP);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let share = SWEEP.as_secs_f64() / f64::from(config.ping_seconds);
        let (mut due, mut after) = (0.0, Bound::Unbounded);
        loop {
            ticks.tick().await;
            let second = u32::try_from(self.started.elapsed().as_secs() + 1).unwrap_or(u32::MAX);
            self.second.store(second, Ordering::Relaxed);
            let mut open = self.len();
            due = (due + open as f64 * share).min(open as f64);
            while due >= 1.0 && open > 0 {
                let some = self.next(after, (due as usize).min(PINGS_AT_ONCE));
                due -= some.len() as f64;
                after = match some.last() {
                    Some((key, _)) => Bound::Excluded(*key),
                    None => Bound::Unbounded,
                };
                // An empty page only says that the next one starts at the beginning; twice in a row cannot be.
                open = if some.is_empty() { self.len() } else { open };
                for (_, entry) in some {
                    if entry.line.ping(second, config.pong_seconds_max) == Pinged::Silent {
                        entry.session.close(CloseCode::POLICY.0, "no answer to pings");
                    }
                }
                tokio::task::yield_now().await;
            }
        }
    }

    fn next(&self, after: Bound<Key>, count: usize) -> Vec<(Key, Entry)> {
        let open = self.open.lock();
        open.range((after, Bound::Unbounded)).take(count).map(|(key, entry)| (*key, entry.clone())).collect()
    }
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        let mut open = self.sockets.open.lock();
        open.remove(&self.key);
        gauge!("longhouse_sockets").set(open.len() as f64);
        if open.is_empty() {
            drop(open);
            self.sockets.emptied.notify_waiters();
        }
    }
}
