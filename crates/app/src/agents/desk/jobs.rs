//! Jobs: each waits for a worker of its kind, is done, or fails a few times, or is late. It has one end.

use std::sync::Arc;

use bytes::Bytes;
use store::AgentJob;

use super::{Deadline, Desk, Do, Owner};
use crate::agents::words::{Late, ToWorker, WorkerId};

/// A job that failed so often is not tried again: its fallback is taken.
pub const JOB_TRIES_MAX: u32 = 3;
/// Milliseconds after which an end that the store did not take is noted again.
const NOTE_AGAIN_MS: i64 = 1_000;

/// A job whose end is not noted.
#[derive(Debug)]
pub(super) struct OpenJob {
    job: Arc<AgentJob>,
    failed: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    Waiting,
    Given(WorkerId),
    /// Until that is noted.
    Ended {
        worker: Option<String>,
        result: Bytes,
    },
}

impl Desk {
    /// A job that is kept in the store is to be done.
    pub fn give(&mut self, now_ms: i64, job: AgentJob) {
        let (id, deadline_ms) = (job.id, job.deadline_ms);
        if self.jobs.contains_key(&id) {
            return;
        }
        self.waiting.entry(job.kind.clone()).or_default().insert((job.given_ms, id));
        self.jobs.insert(id, OpenJob { job: Arc::new(job), failed: 0, state: State::Waiting });
        self.deadlines.insert((deadline_ms, Deadline::Job(id)));
        self.go_on(now_ms);
    }

    /// The job's end is in the store.
    pub fn noted(&mut self, job: u128) {
        if let Some(open) = self.jobs.remove(&job) {
            self.deadlines.remove(&(open.job.deadline_ms, Deadline::Job(job)));
        }
    }

    /// The store did not take the job's end.
    pub fn not_noted(&mut self, now_ms: i64, job: u128) {
        self.deadlines.insert((now_ms.saturating_add(NOTE_AGAIN_MS), Deadline::Note(job)));
    }

    /// The oldest job that a worker could do, and since when it waits.
    pub(super) fn oldest_for(&self, kinds: &[String]) -> Option<(i64, u128)> {
        kinds.iter().filter_map(|kind| self.waiting.get(kind)?.first()).min().copied()
    }

    /// Gives a job to a worker, who has paid for it.
    pub(super) fn hand_job(&mut self, now_ms: i64, id: u128, worker: WorkerId) {
        let Some(open) = self.jobs.get_mut(&id) else { return };
        let Some(of) = self.workers.get_mut(&worker) else { return };
        open.state = State::Given(worker);
        of.jobs.insert(id);
        let job = Arc::clone(&open.job);
        self.waits_no_more(&job);
        let left_ms = job.deadline_ms.saturating_sub(now_ms).max(0);
        self.out.push(Do::Hand { worker, job, deadline_ms: left_ms.unsigned_abs() });
    }

    fn waits_no_more(&mut self, job: &AgentJob) {
        if let Some(waiting) = self.waiting.get_mut(&job.kind) {
            waiting.remove(&(job.given_ms, job.id));
            if waiting.is_empty() {
                self.waiting.remove(&job.kind);
            }
        }
    }

    /// Whoever had the job has it no more.
    pub(super) fn wait_again(&mut self, id: u128) {
        let Some(open) = self.jobs.get_mut(&id) else { return };
        if matches!(open.state, State::Given(_)) {
            open.state = State::Waiting;
            self.waiting.entry(open.job.kind.clone()).or_default().insert((open.job.given_ms, id));
        }
    }

    /// A worker's answer. One to a job that it does not have any more is passed over: it was told.
    pub(super) fn job_done(
        &mut self,
        worker: WorkerId,
        id: u128,
        result: Result<Bytes, String>,
        memory: Option<Bytes>,
    ) {
        let Some(open) = self.jobs.get_mut(&id) else { return };
        if !matches!(open.state, State::Given(holder) if holder == worker) {
            return;
        }
        let Some(of) = self.workers.get_mut(&worker) else { return };
        of.jobs.remove(&id);
        match result {
            Ok(result) => {
                open.state = State::Ended { worker: Some(of.hello.name.clone()), result };
                if let (Some(name), Some(body)) = (&open.job.memory, memory) {
                    self.out.push(Do::Remember { owner: Owner::Job(name.clone()), turn: None, body });
                }
                self.note(id);
            }
            Err(why) => {
                tracing::info!(job = %uuid::Uuid::from_u128(id), kind = open.job.kind, worker = of.hello.name, why, "a job failed");
                open.failed += 1;
                match open.failed < JOB_TRIES_MAX {
                    true => self.wait_again(id),
                    false => self.fall_back(id),
                }
            }
        }
    }

    pub(super) fn job_is_late(&mut self, id: u128) {
        let Some(open) = self.jobs.get(&id) else { return };
        match open.state {
            State::Waiting => {
                let job = Arc::clone(&open.job);
                self.waits_no_more(&job);
            }
            State::Given(worker) => {
                if let Some(of) = self.workers.get_mut(&worker) {
                    of.jobs.remove(&id);
                }
                self.tell(worker, ToWorker::TooLate(Late::Job(id)));
            }
            State::Ended { .. } => return,
        }
        self.fall_back(id);
    }

    fn fall_back(&mut self, id: u128) {
        let Some(open) = self.jobs.get_mut(&id) else { return };
        open.state = State::Ended { worker: None, result: open.job.fallback.clone().into() };
        self.note(id);
    }

    pub(super) fn note(&mut self, id: u128) {
        let Some(open) = self.jobs.get(&id) else { return };
        if let State::Ended { worker, result } = &open.state {
            let (worker, result) = (worker.clone(), result.clone());
            self.out.push(Do::Note { job: Arc::clone(&open.job), worker, result });
        }
    }
}
