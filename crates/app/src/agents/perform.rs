//! Does what the desk says: tells workers, looks at seats, gives commands, remembers.

use bytes::Bytes;
use kernel::{CommandId, Refusal, RoomId};
use store::{AgentMemoryGet, AgentMemoryPut};

use super::desk::{Do, Owner};
use super::ends::End;
use super::memories::Batch;
use super::{Agents, SeatKey, State, ToWorker, WorkerId};
use crate::rooms::{CommandError, Viewer};

/// Bytes that a seat sees; where the rules show more, its worker has no turn.
pub const OBSERVATION_BYTES_MAX: usize = 4 << 20;

fn turns(result: &'static str) {
    metrics::counter!("longhouse_agent_turns_total", "result" => result).increment(1);
}

impl Agents {
    /// Does all that the desk says, until it says no more. None of it waits.
    pub(super) fn perform(&self, state: &mut State) {
        loop {
            let said = state.desk.take();
            if said.is_empty() {
                return;
            }
            for one in said {
                self.perform_one(state, one);
            }
        }
    }

    fn perform_one(&self, state: &mut State, one: Do) {
        let inner = self.clone();
        match one {
            Do::Tell(worker, word) => {
                if let ToWorker::TooLate(super::Late::Turn(_)) = word {
                    turns("late");
                }
                self.tell(state, worker, word);
            }
            Do::Look { turn, key } => {
                let waiting = state.memories.get(&Owner::Seat(key));
                self.0.spawn.task(Box::pin(async move { inner.look(turn, key, waiting).await }));
            }
            Do::Act { turn, worker, key, commands, took_ms } => {
                turns("answered");
                metrics::histogram!("longhouse_agent_turn_seconds").record(took_ms as f64 / 1e3);
                self.0.spawn.task(Box::pin(async move { inner.act(turn, worker, key, commands).await }));
            }
            Do::Remember { owner, turn, body } => {
                if !state.memories.put(owner, body)
                    && let Some((worker, turn)) = turn
                {
                    let reason = "too much waits to be remembered".to_owned();
                    let word = ToWorker::Refused { turn, index: None, code: Refusal::TOO_MUCH, reason };
                    self.tell(state, worker, word);
                }
            }
            Do::Gone(key) => {
                // A room that sleeps may come back with the seat.
                if !self.0.rooms.list(1, |info| info.id == key.0).is_empty() {
                    state.memories.put(Owner::Seat(key), Bytes::new());
                }
            }
            Do::Hand { worker, job, deadline_ms } => {
                let owner = job.memory.clone().map(Owner::Job);
                let waiting = owner.as_ref().and_then(|owner| state.memories.get(owner));
                self.0.spawn.task(Box::pin(async move {
                    let memory = match (waiting, &owner) {
                        (Some(memory), _) => memory,
                        (None, Some(owner)) => inner.memory(owner).await,
                        (None, None) => Bytes::new(),
                    };
                    let (id, kind, body) = (job.id, job.kind.clone(), job.body.clone().into());
                    let word = ToWorker::Job { job: id, kind, body, deadline_ms, memory };
                    let state = &mut *inner.0.state.lock();
                    inner.tell(state, worker, word);
                    inner.perform(state);
                }));
            }
            Do::Note { job, worker, result } => {
                state.ends.push(End { job, worker, result });
                self.note_ends(state);
            }
        }
    }

    fn tell(&self, state: &mut State, worker: WorkerId, word: ToWorker) {
        let Some(line) = state.lines.get(&worker) else { return };
        if line.words.try_send(word).is_err() {
            self.hang_up(state, worker, "the worker does not read what it is told");
        }
    }

    /// What the store has of it; what cannot be read is as if it had been forgotten.
    async fn memory(&self, owner: &Owner) -> Bytes {
        match self.0.core.read(AgentMemoryGet { owner: name(owner) }).await {
            Ok(memory) => memory.unwrap_or_default().into(),
            Err(error) => {
                tracing::warn!(%error, ?owner, "what a worker wanted to remember cannot be read");
                Bytes::new()
            }
        }
    }

    async fn look(&self, turn: u64, key: SeatKey, waiting: Option<Bytes>) {
        let (room, seat) = key;
        let seen = match self.0.rooms.peek(room, Viewer::Seat(seat)).await {
            Ok(view) if view.len() <= OBSERVATION_BYTES_MAX => {
                let memory = match waiting {
                    Some(memory) => memory,
                    None => self.memory(&Owner::Seat(key)).await,
                };
                Some((Bytes::from(view), memory))
            }
            Ok(view) => {
                tracing::warn!(%room, seat = seat.0, bytes = view.len(), "a seat sees too much for a worker");
                None
            }
            Err(error) => {
                tracing::warn!(%room, seat = seat.0, %error, "a seat could not be looked at");
                None
            }
        };
        if seen.is_none() {
            turns("unseen");
        }
        let now_ms = self.0.core.now_ms();
        let state = &mut *self.0.state.lock();
        state.desk.looked(now_ms, turn, seen);
        self.perform(state);
    }

    async fn act(&self, turn: u64, worker: WorkerId, (room, seat): SeatKey, commands: Vec<Bytes>) {
        let mut refused = Vec::new();
        for (command, index) in commands.into_iter().zip(0..) {
            let id = CommandId(self.0.core.new_id());
            let answer = match self.0.rooms.act(room, seat, id, command).await {
                Ok(_) => "accepted",
                Err(error) => {
                    let (code, reason) = match error {
                        CommandError::Refused(refusal) => (refusal.code, refusal.reason.into_owned()),
                        CommandError::NotSeated => (Refusal::NOT_SEATED, "there is no such seat".into()),
                        CommandError::Unavailable(why) => (Refusal::UNAVAILABLE, why),
                    };
                    refused.push(ToWorker::Refused { turn, index: Some(index), code, reason });
                    "refused"
                }
            };
            metrics::counter!("longhouse_agent_commands_total", "answer" => answer).increment(1);
        }
        let now_ms = self.0.core.now_ms();
        let state = &mut *self.0.state.lock();
        for word in refused {
            self.tell(state, worker, word);
        }
        state.desk.acted(now_ms, turn);
        self.perform(state);
    }

    /// Begins to write what waits to be remembered.
    pub(super) fn remember(&self, state: &mut State) {
        if let Some(batch) = state.memories.begin() {
            let agents = self.clone();
            self.0.spawn.task(Box::pin(async move { agents.write_memories(batch).await }));
        }
    }

    pub(super) async fn write_memories(&self, batch: Batch) {
        let rows = batch.iter().map(|(owner, _, body)| (name(owner), body.to_vec())).collect();
        let put = AgentMemoryPut { rows, at_ms: self.0.core.now_ms() };
        let written = self.0.core.store().write(put).await;
        if let Err(error) = &written {
            tracing::warn!(%error, "what workers want to remember was not written; it is tried again");
        }
        self.0.state.lock().memories.end(&batch, written.is_ok());
    }
}

/// How the store knows it.
fn name(owner: &Owner) -> String {
    match owner {
        Owner::Seat((room, seat)) => seat_name(*room, seat.0),
        Owner::Job(name) => format!("job/{name}"),
    }
}

fn seat_name(room: RoomId, seat: u32) -> String {
    format!("room/{room}/{seat}")
}
