//! A worker: one thread that drives one [`Host`]. Rooms are dealt to workers by their id and stay.
//!
//! The thread takes what waits, hands it to the host, lets the host flush, and sleeps until something comes or a
//! timer is due. While the store is busy with one commit the next inputs gather by themselves.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kernel::{Epoch, Lasting, Room, RoomId, Seq};
use store::{CloseRoom, RoomAppend, Store};
use tokio::sync::Semaphore;

use super::ask::{Ask, Keep, LoadError};
use super::desk::ToDesk;
use super::host::{Host, Outside};
use super::inbox::Inbox;
use super::library::Library;
use super::load;
use super::past::Past;
use super::replays::Replays;
use crate::ports::{Clock, Spawn};

/// Milliseconds between two sums of the rooms' figures.
const FIGURES_MS: i64 = 5_000;

/// Everything outside that a worker uses; shared by all of a process.
pub(crate) struct Surroundings {
    pub store: Store,
    pub library: Arc<Library>,
    pub clock: Arc<dyn Clock>,
    pub spawn: Arc<dyn Spawn>,
    pub inboxes: Vec<Inbox>,
    pub holder: String,
    pub retain_ms: i64,
    /// Places for those who read sleeping rooms.
    pub peeks: Semaphore,
    /// Places for those who make parts of a room's past.
    pub replaying: Semaphore,
    /// Pasts that somebody may go on with.
    pub replays: Replays,
    /// Contents are published one after the other.
    pub publishing: Semaphore,
    /// One content is checked at a time.
    pub checking: Arc<Semaphore>,
    /// Called when rooms have told events and those are durable.
    pub on_events: OnceLock<Box<dyn Fn() + Send + Sync>>,
    /// Called with what rooms tell the desk.
    pub on_desk: OnceLock<Box<dyn Fn(ToDesk) + Send + Sync>>,
}

impl Surroundings {
    /// The inbox of a room's worker. The low bits of a room's id are random.
    pub fn inbox(&self, room: RoomId) -> &Inbox {
        &self.inboxes[(room.0 % self.inboxes.len() as u128) as usize]
    }
}

pub(crate) struct Worker {
    around: Arc<Surroundings>,
    index: usize,
    host: Host,
    batch: Vec<(Ask, bool)>,
    figures_ms: i64,
    figures: Vec<&'static str>,
}

struct Hands {
    around: Arc<Surroundings>,
    index: usize,
}

impl Worker {
    pub fn new(around: Arc<Surroundings>, index: usize, host: Host) -> Self {
        Self { around, index, host, batch: Vec::new(), figures_ms: 0, figures: Vec::new() }
    }

    fn now(&self) -> (i64, u64) {
        (self.around.clock.now_ms(), self.around.clock.monotonic_us())
    }

    /// Does everything that there is to do now; `wait` lets it sleep for something first.
    pub fn turn(&mut self, wait: bool) -> bool {
        let (now_ms, now_us) = self.now();
        let wait = match (wait, self.host.next_due()) {
            (false, _) => Some(Duration::ZERO),
            (true, None) if self.around.replays.is_empty() => None,
            (true, None) => Some(Duration::from_millis(FIGURES_MS.unsigned_abs())),
            (true, Some(due)) => {
                let ms = due.saturating_sub(now_ms).clamp(0, FIGURES_MS);
                Some(Duration::from_millis(ms.unsigned_abs()))
            }
        };
        let mut batch = std::mem::take(&mut self.batch);
        self.around.inboxes[self.index].take(now_us, wait, &mut batch);
        let busy = !batch.is_empty();
        let hands = &mut Hands { around: self.around.clone(), index: self.index };
        for (ask, _) in batch.drain(..) {
            let now = self.now();
            self.host.handle(hands, now, ask);
        }
        self.batch = batch;
        let now = self.now();
        self.host.tick(hands, now);
        self.host.flush(hands, now);
        self.report(now.0);
        busy
    }

    fn report(&mut self, now_ms: i64) {
        if now_ms - self.figures_ms < FIGURES_MS {
            return;
        }
        self.figures_ms = now_ms;
        self.around.replays.forget_old(now_ms);
        let worker = self.index.to_string();
        let waiting = self.around.inboxes[self.index].len();
        metrics::gauge!("longhouse_room_inbox_depth", "worker" => worker.clone()).set(waiting as f64);
        let (awake, sums) = self.host.figures();
        metrics::gauge!("longhouse_rooms_awake", "worker" => worker.clone()).set(awake as f64);
        // Figures that no room reports any more fall to zero.
        self.figures.iter().filter(|name| !sums.contains_key(*name)).for_each(|name| {
            metrics::gauge!(*name, "worker" => worker.clone()).set(0.0);
        });
        self.figures = sums.keys().copied().collect();
        for (name, value) in sums {
            metrics::gauge!(name, "worker" => worker.clone()).set(value as f64);
        }
    }

    /// Runs until it is shut down.
    pub fn run(mut self) {
        while !self.host.is_finished() {
            self.turn(true);
        }
        self.around.inboxes[self.index].close();
    }
}

impl Outside for Hands {
    fn append(&mut self, rooms: Vec<RoomId>, appends: Vec<RoomAppend>) {
        let (around, index) = (self.around.clone(), self.index);
        let told = appends.iter().any(|append| !append.events.is_empty());
        let done = Box::new(move |results| {
            around.inboxes[index].tell(Ask::Appended { rooms, results });
            // Whether or not the store could say that they are kept: a lane that finds nothing sleeps again.
            if told && let Some(ring) = around.on_events.get() {
                ring();
            }
        });
        self.around.store.append(appends, done);
    }

    fn load(&mut self, room: RoomId) {
        let around = self.around.clone();
        self.around.spawn.task(Box::pin(async move {
            let claimed = load::claim(&around.store, room, &around.holder).await;
            let reader = around.clone();
            let tell = move |result| reader.inbox(room).tell(Ask::Loaded { room, result });
            match claimed {
                Err(error) => tell(Err(error)),
                Ok(epoch) => {
                    let reader = around.clone();
                    around.spawn.blocking(Box::new(move || {
                        let read =
                            || load::load(&reader.store, &reader.library, reader.clock.as_ref(), room, epoch);
                        tell(guarded(room, read));
                    }));
                }
            }
        }));
    }

    fn load_earlier(&mut self, room: RoomId, past: Past, now: Seq, lasting: Option<Lasting>) {
        let around = self.around.clone();
        self.around.spawn.blocking(Box::new(move || {
            let result = load::recall(&around.store, &around.library, room, past, Some(now), lasting);
            around.inbox(room).tell(Ask::Earlier { room, result });
        }));
    }

    fn save(&mut self, room: RoomId, epoch: Epoch, machine: Box<dyn Room>, keep: Keep) {
        let around = self.around.clone();
        self.around.spawn.blocking(Box::new(move || {
            let memory = machine.memory();
            let (at, at_ms) = (memory.seq, memory.at.ms);
            let body = match load::unpanicked(|| machine.snapshot()) {
                Ok(body) => body,
                Err(why) => {
                    tracing::error!(%room, %at, %why, "a snapshot was not made; the log has everything");
                    return around.inbox(room).tell(Ask::Saved { room, bytes: 0, ok: false, keep });
                }
            };
            let bytes = body.len();
            let tasks = around.spawn.clone();
            tasks.task(Box::pin(async move {
                let saved = around.store.save_snapshot(room, epoch, at, at_ms, body, keep == Keep::Moment).await;
                let ok = saved.is_ok();
                if let Err(error) = saved {
                    tracing::warn!(%room, %at, %error, "a snapshot was not written; the log has everything");
                }
                around.inbox(room).tell(Ask::Saved { room, bytes, ok, keep });
                if keep != Keep::Point
                    && around.retain_ms > 0
                    && let Err(error) = load::prune(&around.store, room, around.clock.now_ms() - around.retain_ms).await
                {
                    tracing::warn!(%room, %error, "old log rows were not removed; the next snapshot tries again");
                }
            }));
        }));
    }

    fn close(&mut self, room: RoomId, fault: String) {
        let around = self.around.clone();
        self.around.spawn.task(Box::pin(async move {
            let epoch = match around.store.read_now(store::RoomGet { room }) {
                Ok(Some(row)) => row.epoch,
                _ => return,
            };
            if let Err(error) = around.store.write(CloseRoom { room, epoch, fault: Some(fault) }).await {
                tracing::warn!(%room, %error, "the store was not told that the room is closed");
            }
        }));
    }

    fn send(&mut self, ask: Ask) {
        if let Some(room) = ask.room() {
            self.around.carry(room, ask);
        }
    }

    fn monotonic_us(&self) -> u64 {
        self.around.clock.monotonic_us()
    }

    fn thread_us(&self) -> Option<u64> {
        self.around.clock.thread_us()
    }
}

/// Rules that panic on their own log close their room and nothing else.
fn guarded<T>(room: RoomId, read: impl FnOnce() -> Result<T, LoadError>) -> Result<T, LoadError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let why = kernel::Unreadable("its rules panicked while its log was read".into());
        Err(LoadError::Fault(Box::new(kernel::Fault::Unreadable { room, why })))
    })
}
