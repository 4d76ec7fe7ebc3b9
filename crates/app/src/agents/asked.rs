//! Jobs of rooms: noted, answered, and their results heard.

use kernel::{DeskJob, EffectKey, Refusal, RoomId, Seq};
use store::{AgentJob, AgentJobGive, AgentJobTold};

use super::give::{check, deadline};
use super::post::Heard;
use super::{Agents, JOBS_OPEN_MAX, ROOM_JOBS_MAX};
use crate::rooms::ToDesk;

impl Agents {
    /// A room says something. This is its thread: nothing here waits.
    pub(super) fn told(&self, said: ToDesk) {
        match said {
            ToDesk::Job { from, key, body } => {
                if let Err(refusal) = self.asked(from, key, &body) {
                    self.0.rooms.desk_answers(from, key, Err(refusal));
                }
            }
            ToDesk::Heard { key, outcome } => self.heard(key, outcome),
        }
    }

    fn asked(&self, room: RoomId, key: EffectKey, body: &[u8]) -> Result<(), Refusal> {
        let asked = DeskJob::from_bytes(body).map_err(|error| Refusal::malformed(error.to_string()))?;
        let core = &self.0.core;
        let given_ms = core.now_ms();
        let job = AgentJob {
            id: core.new_id(),
            kind: asked.kind,
            body: asked.body,
            fallback: asked.fallback,
            memory: (!asked.memory.is_empty()).then_some(asked.memory),
            given_ms,
            deadline_ms: deadline(given_ms, asked.within_ms),
            room: Some((room.0, key.seq.0, key.index)),
            tag: asked.tag,
        };
        check(&job).map_err(|error| Refusal::malformed(error.to_string()))?;
        {
            let state = &mut *self.0.state.lock();
            if state.desk.jobs_open() >= JOBS_OPEN_MAX {
                return Err(Refusal::new(Refusal::TOO_MUCH, format!("{JOBS_OPEN_MAX} jobs are open")));
            }
            if !state.post.count(room) {
                state.post.uncount(room);
                return Err(Refusal::new(
                    Refusal::TOO_MUCH,
                    format!("the room has {ROOM_JOBS_MAX} jobs whose results it has not heard"),
                ));
            }
        }
        let agents = self.clone();
        self.0.spawn.task(Box::pin(async move { agents.keep_asked(room, key, job).await }));
        Ok(())
    }

    async fn keep_asked(&self, room: RoomId, key: EffectKey, job: AgentJob) {
        let kept = self.0.core.store().write(AgentJobGive { job: job.clone() }).await;
        let outcome = {
            let state = &mut *self.0.state.lock();
            match kept.map(|kept| kept.into_inner()) {
                Ok((_, true)) => {
                    state.desk.give(job.given_ms, job);
                    Ok(())
                }
                // It was said before, and the room had not logged the answer.
                Ok((_, false)) => {
                    state.post.uncount(room);
                    Ok(())
                }
                Err(error) => {
                    tracing::warn!(%room, %error, "a room's job could not be kept; the room is told");
                    state.post.uncount(room);
                    Err(Refusal::new(Refusal::UNAVAILABLE, "the job could not be kept"))
                }
            }
        };
        self.0.rooms.desk_answers(room, key, outcome);
        self.perform(&mut self.0.state.lock());
        self.0.stirred.notify_one();
    }

    /// A room has logged a result, or never will.
    fn heard(&self, key: EffectKey, outcome: Result<(), Refusal>) {
        let EffectKey { seq: Seq(seq), .. } = key;
        let heard = {
            let state = &mut *self.0.state.lock();
            let heard = state.post.heard(seq);
            if let Some(Heard { room, .. }) = &heard {
                state.post.uncount(*room);
            }
            heard
        };
        let Some(Heard { room, job, next }) = heard else { return };
        if let Some((seq, letter)) = next {
            self.0.rooms.desk_tells(room, EffectKey { seq: Seq(seq), index: 0 }, letter.body);
        }
        if let Err(refusal) = &outcome {
            tracing::warn!(%room, %refusal, "a room does not take the result of its job");
            if refusal.code == Refusal::CLOSED {
                // Told again when the server starts again: an operator may have opened the room.
                return;
            }
        }
        let store = self.0.core.store().clone();
        self.0.spawn.task(Box::pin(async move {
            if let Err(error) = store.write(AgentJobTold { id: job }).await {
                tracing::warn!(%error, "that a room heard of its job was not noted; it is told once more at the next start");
            }
        }));
    }
}
