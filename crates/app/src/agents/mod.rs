//! Outside workers: programs that play seats which no person plays, and do jobs for the server and for rooms.
//!
//! | file | idea |
//! | --- | --- |
//! | `mod.rs` | [`Agents`], the handle |
//! | `words.rs` | what workers and the desk say to each other, whatever carries it |
//! | `desk/` | who gets what and when, as a state machine without clock, rooms or store |
//! | `perform.rs` | does what the desk says |
//! | `connection.rs` | one worker |
//! | `give.rs` | jobs of server code |
//! | `ends.rs`, `post.rs` | ends of jobs into the store, and from there to the rooms that gave them |
//! | `asked.rs` | jobs of rooms |
//! | `waiters.rs` | who waits for ends |
//! | `memories.rs` | what workers want to remember |
//!
//! A worker's commands are logged inputs like anyone's. Whatever a worker does or fails to do, the rules go on without it.

mod asked;
mod connection;
pub mod desk;
mod ends;
mod give;
mod memories;
mod perform;
mod post;
#[cfg(test)]
mod tests;
mod waiters;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::{EffectKey, Seq};
use parking_lot::Mutex;
use store::{AgentJob, AgentJobsOpen, AgentJobsPrune, AgentJobsUntold, AgentMemoryPrune, StoreError};
use tokio::sync::Notify;

pub use connection::Connection;
pub use desk::DeskSettings;
pub use give::{Job, JobError, JobId, JobResult};
pub use memories::MEMORIES_WAITING_BYTES_MAX;
pub use post::ROOM_JOBS_MAX;
pub use words::*;

use crate::core::Core;
use crate::ports::Spawn;
use crate::rooms::Rooms;
use connection::Line;
use desk::Desk;
use memories::Memories;
use post::{Letter, Post};
use waiters::Waiters;

/// Jobs that may be open at a time; a further one is refused.
pub const JOBS_OPEN_MAX: usize = 10_000;
/// Milliseconds between two looks at which seats computers may play.
const SEATS_MS: i64 = 250;
/// Milliseconds between two writes of what workers want to remember.
const MEMORIES_MS: i64 = 1_000;
/// Rooms whose seats are dealt out.
const ROOMS_SERVED_MAX: usize = 1_024;
/// Rows in one read or one removal.
const PAGE_ROWS: u32 = 500;
/// What nobody wrote to for so long is forgotten, and so are jobs that ended so long ago.
const KEPT_MS: i64 = 30 * 86_400_000;

/// See the module.
#[derive(Clone)]
pub struct Agents(Arc<Inner>);

struct Inner {
    core: Core,
    rooms: Rooms,
    spawn: Arc<dyn Spawn>,
    /// Rung when ends of jobs are noted, because each tells an event.
    bell: Box<dyn Fn() + Send + Sync>,
    state: Mutex<State>,
    stirred: Notify,
}

struct State {
    desk: Desk,
    lines: BTreeMap<WorkerId, Line>,
    memories: Memories,
    /// Ends that wait for the store; bounded by [`JOBS_OPEN_MAX`].
    ends: Vec<ends::End>,
    noting: bool,
    /// Who waits for a job's end.
    waiters: Waiters,
    post: Post,
    seats_at_ms: i64,
    memories_at_ms: i64,
}

impl Agents {
    /// Nobody is here yet. `bell` wakes the consumers of events.
    pub fn new(
        core: &Core,
        rooms: &Rooms,
        spawn: Arc<dyn Spawn>,
        bell: impl Fn() + Send + Sync + 'static,
        settings: DeskSettings,
    ) -> Self {
        let state = State {
            desk: Desk::new(settings),
            lines: BTreeMap::new(),
            memories: Memories::default(),
            ends: Vec::new(),
            noting: false,
            waiters: Waiters::default(),
            post: Post::default(),
            seats_at_ms: i64::MIN,
            memories_at_ms: i64::MIN,
        };
        let agents = Self(Arc::new(Inner {
            core: core.clone(),
            rooms: rooms.clone(),
            spawn,
            bell: Box::new(bell),
            state: Mutex::new(state),
            stirred: Notify::new(),
        }));
        // Weak, so that the rooms and the desk do not keep each other.
        let desk = Arc::downgrade(&agents.0);
        rooms.on_desk(move |said| {
            if let Some(inner) = desk.upgrade() {
                Self(inner).told(said);
            }
        });
        agents
    }

    /// Takes up what was not done when the process last ended. Called once, before rooms wake.
    pub async fn begin(&self) -> Result<(), StoreError> {
        let (core, mut untold, mut after) = (&self.0.core, Vec::new(), 0);
        loop {
            let page = core.read(AgentJobsUntold { after, limit: PAGE_ROWS }).await?;
            let Some(last) = page.last().and_then(|row| row.done.as_ref()) else { break };
            after = last.seq;
            untold.extend(page);
        }
        let (mut open, mut after): (Vec<AgentJob>, u128) = (Vec::new(), 0);
        loop {
            let page = core.read(AgentJobsOpen { after, limit: PAGE_ROWS }).await?;
            let Some(last) = page.last() else { break };
            after = last.job.id;
            open.extend(page.into_iter().map(|row| row.job));
        }
        let now_ms = core.now_ms();
        let state = &mut *self.0.state.lock();
        for row in untold {
            if let (Some((room, _)), Some(done)) = (row.job.asked_by(), row.done) {
                state.post.count(room);
                self.post(state, &row.job, done.seq, done.worker.is_none(), done.result.into());
            }
        }
        for job in open {
            if let Some((room, _)) = job.asked_by() {
                state.post.count(room);
            }
            state.desk.give(now_ms, job);
        }
        self.perform(state);
        Ok(())
    }

    /// Sends a room what came of its job, as soon as it has heard of those before.
    fn post(&self, state: &mut State, job: &AgentJob, seq: u64, fallback: bool, result: bytes::Bytes) {
        let Some((room, _)) = job.asked_by() else { return };
        let body = kernel::DeskResult { tag: job.tag, body: result.into(), fallback }.to_bytes();
        if let Some(letter) = state.post.add(room, seq, Letter { job: job.id, body }) {
            self.0.rooms.desk_tells(room, EffectKey { seq: Seq(seq), index: 0 }, letter.body);
        }
    }

    /// A worker comes.
    pub fn connect(&self, hello: Hello) -> Result<Connection, WorkerFault> {
        let name = hello.name.clone();
        let state = &mut *self.0.state.lock();
        let id = state.desk.welcome(hello)?;
        let (line, connection) = connection::open(self.clone(), id);
        state.lines.insert(id, line);
        // Whoever is here first looks at the rooms at once.
        state.seats_at_ms = i64::MIN;
        self.perform(state);
        self.0.stirred.notify_one();
        tracing::info!(worker = id.0, name, "a worker came");
        Ok(connection)
    }

    /// Has nothing to do by the clock.
    pub fn is_idle(&self) -> bool {
        let state = self.0.state.lock();
        state.desk.is_idle() && state.memories.is_empty()
    }

    /// Waits until there may be something to do by the clock.
    pub async fn stirred(&self) {
        self.0.stirred.notified().await;
    }

    /// Does what is due by the clock. Called some fifty times a second while it is not [idle](Self::is_idle).
    pub fn tick(&self) {
        let now_ms = self.0.core.now_ms();
        let state = &mut *self.0.state.lock();
        if state.desk.workers() > 0 && now_ms.saturating_sub(state.seats_at_ms) >= SEATS_MS {
            state.seats_at_ms = now_ms;
            let rooms = self.0.rooms.list(ROOMS_SERVED_MAX, |info| !info.served.is_empty());
            let rooms = rooms.into_iter().map(|info| (info.id, info.rules, info.served));
            state.desk.served(now_ms, rooms.collect());
        }
        state.desk.tick(now_ms);
        self.perform(state);
        if now_ms.saturating_sub(state.memories_at_ms) >= MEMORIES_MS {
            state.memories_at_ms = now_ms;
            self.remember(state);
        }
        metrics::gauge!("longhouse_agent_workers").set(state.desk.workers() as f64);
        metrics::gauge!("longhouse_agent_seats").set(state.desk.seats_played() as f64);
        metrics::gauge!("longhouse_agent_jobs_open").set(state.desk.jobs_open() as f64);
    }

    /// Removes what was kept long enough.
    pub async fn housekeeping(&self) -> Result<(), StoreError> {
        let before_ms = self.0.core.now_ms().saturating_sub(KEPT_MS);
        let store = self.0.core.store();
        while store.write(AgentMemoryPrune { before_ms, limit: PAGE_ROWS }).await?.into_inner() == PAGE_ROWS {
        }
        while store.write(AgentJobsPrune { before_ms, limit: PAGE_ROWS }).await?.into_inner() == PAGE_ROWS {}
        Ok(())
    }

    /// The server goes down: workers are sent away, and what they want to remember is written.
    pub async fn shutdown(&self) {
        let batch = {
            let state = &mut *self.0.state.lock();
            for id in state.lines.keys().copied().collect::<Vec<_>>() {
                self.hang_up(state, id, "the server goes down; come back in a moment");
            }
            self.perform(state);
            state.memories.begin()
        };
        if let Some(batch) = batch {
            self.write_memories(batch).await;
        }
    }
}
