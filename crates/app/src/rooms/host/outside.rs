//! What the host has around it: a world that does what it asks, and what every part of it gets to see.

use std::sync::Arc;

use kernel::{Epoch, Lasting, Room, RoomId, Seq};
use metrics::{Counter, Histogram};
use store::RoomAppend;

use crate::rooms::RoomsConfig;
use crate::rooms::ask::{Ask, Keep};
use crate::rooms::directory::Directory;
use crate::rooms::past::Past;
use crate::rooms::resume::ResumeKey;
use crate::session::Answer;

/// What the host needs done. None of these waits; answers come back as asks.
pub(crate) trait Outside {
    /// Makes inputs durable; answered by [`Ask::Appended`] with the same rooms in the same order.
    fn append(&mut self, rooms: Vec<RoomId>, appends: Vec<RoomAppend>);
    /// Takes the room's next epoch and reads it; answered by [`Ask::Loaded`].
    fn load(&mut self, room: RoomId);
    /// Reads what a room that has come to input `now` was, or would be; answered by [`Ask::Earlier`].
    fn load_earlier(&mut self, room: RoomId, past: Past, now: Seq, lasting: Option<Lasting>);
    /// Writes a snapshot; answered by [`Ask::Saved`].
    fn save(&mut self, room: RoomId, epoch: Epoch, machine: Box<dyn Room>, keep: Keep);
    /// Notes in the store that a room is closed by a fault.
    fn close(&mut self, room: RoomId, fault: String);
    /// Asks something of a room, here or in another host.
    fn send(&mut self, ask: Ask);
    /// A clock that only runs forwards.
    fn monotonic_us(&self) -> u64;
    /// The processor time of this thread, where that can be known.
    fn thread_us(&self) -> Option<u64>;
}

/// What every part of the host gets to see.
pub(crate) struct Context<'a> {
    pub outside: &'a mut dyn Outside,
    pub config: &'a RoomsConfig,
    pub resume: &'a ResumeKey,
    pub directory: &'a Directory,
    pub now_ms: i64,
    pub monotonic_us: u64,
    figures: &'a Figures,
}

impl Context<'_> {
    pub fn match_id(&self, room: RoomId) -> String {
        format!("{room}.{}", self.config.cluster)
    }

    /// Notes how long commands waited for their answers.
    pub fn answered(&mut self, answers: &[Answer], asked_us: u64) {
        let accepted = answers.iter().filter(|answer| answer.verdict.is_ok()).count() as u64;
        self.counted(accepted, answers.len() as u64 - accepted, asked_us);
    }

    /// Notes what letting time pass took, and how late it was.
    pub fn stepped(&self, wall_us: u64, thread_us: Option<u64>, late_ms: i64) {
        self.figures.step_seconds.record(wall_us as f64 / 1e6);
        if let Some(thread_us) = thread_us {
            self.figures.step_cpu_seconds.record(thread_us as f64 / 1e6);
        }
        self.figures.step_late_seconds.record(late_ms.max(0) as f64 / 1e3);
    }

    /// Notes how long commands waited for their room.
    pub fn waited(&self, asked_us: u64) {
        self.figures.wait_seconds.record(self.monotonic_us.saturating_sub(asked_us) as f64 / 1e6);
    }

    /// Notes how long commands waited that were accepted or refused.
    pub fn counted(&mut self, accepted: u64, refused: u64, asked_us: u64) {
        let seconds = self.monotonic_us.saturating_sub(asked_us) as f64 / 1e6;
        self.figures.answer_seconds.record(seconds);
        self.figures.accepted.increment(accepted);
        self.figures.refused.increment(refused);
    }
}

/// Handles of the figures that every step or batch of commands touches; looking them up each time costs more than the rest.
pub(super) struct Figures {
    wait_seconds: Histogram,
    answer_seconds: Histogram,
    step_seconds: Histogram,
    step_cpu_seconds: Histogram,
    step_late_seconds: Histogram,
    accepted: Counter,
    refused: Counter,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            wait_seconds: metrics::histogram!("longhouse_room_wait_seconds"),
            answer_seconds: metrics::histogram!("longhouse_room_answer_seconds"),
            step_seconds: metrics::histogram!("longhouse_room_step_seconds"),
            step_cpu_seconds: metrics::histogram!("longhouse_room_step_cpu_seconds"),
            step_late_seconds: metrics::histogram!("longhouse_room_step_late_seconds"),
            accepted: metrics::counter!("longhouse_room_commands_total", "answer" => "accepted"),
            refused: metrics::counter!("longhouse_room_commands_total", "answer" => "refused"),
        }
    }
}

/// What a host uses for all its rooms, apart from them, so that a room can be worked on beside it.
pub(super) struct Shared {
    pub config: Arc<RoomsConfig>,
    pub resume: ResumeKey,
    pub directory: Arc<Directory>,
    pub figures: Figures,
}

impl Shared {
    pub fn context<'a>(&'a self, outside: &'a mut dyn Outside, now: (i64, u64)) -> Context<'a> {
        let Self { config, resume, directory, figures } = self;
        Context { outside, config, resume, directory, now_ms: now.0, monotonic_us: now.1, figures }
    }
}
