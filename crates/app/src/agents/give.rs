//! Jobs of server code: given, and waited for.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use store::{AgentJob, AgentJobGet, AgentJobGive, StoreError};

use super::words::RESULT_BYTES_MAX;
use super::{Agents, JOBS_OPEN_MAX, NAME_BYTES_MAX};

/// Bytes of a job.
pub const JOB_BYTES_MAX: usize = 256 << 10;
/// The longest time that a job may take.
pub const JOB_MS_MAX: u64 = 7 * 86_400_000;

/// A job's name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct JobId(pub u128);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_u128(self.0).hyphenated().fmt(f)
    }
}

impl FromStr for JobId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<uuid::Uuid>().map(|id| Self(id.as_u128()))
    }
}

/// A job to be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// What sort of job: workers say which they do. 1 to 64 visible ASCII characters.
    pub kind: String,
    /// What is to be done, in whatever encoding the workers of that kind know.
    pub body: Vec<u8>,
    /// It may take so long.
    pub within: Duration,
    /// The result if nobody does it in that time, or nobody can.
    pub fallback: Vec<u8>,
    /// The name of what workers remember from one such job to the next. 1 to 64 visible ASCII characters.
    pub memory: Option<String>,
}

/// How a job ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobResult {
    /// The result.
    pub body: Vec<u8>,
    /// Who did it; nobody: this is the fallback.
    pub worker: Option<String>,
}

/// Why a job was not given.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It is not within the limits.
    #[error("{0}")]
    Invalid(String),
    /// Too many jobs are open.
    #[error("{JOBS_OPEN_MAX} jobs are open; try again later")]
    TooMany,
    /// There is no such job, or it ended long ago.
    #[error("there is no such job")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Within all limits?
pub(super) fn check(job: &AgentJob) -> Result<(), JobError> {
    let named =
        |name: &str| (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
    let fault = if !named(&job.kind) {
        format!("a kind of jobs is 1 to {NAME_BYTES_MAX} visible ASCII characters")
    } else if job.memory.as_deref().is_some_and(|name| !named(name)) {
        format!("the name of a job's memory is 1 to {NAME_BYTES_MAX} visible ASCII characters")
    } else if job.body.len() > JOB_BYTES_MAX {
        format!("a job has at most {JOB_BYTES_MAX} bytes")
    } else if job.fallback.len() > RESULT_BYTES_MAX {
        format!("a fallback has at most {RESULT_BYTES_MAX} bytes")
    } else {
        return Ok(());
    };
    Err(JobError::Invalid(fault))
}

/// The end of the time that a job may take.
pub(super) fn deadline(now_ms: i64, within_ms: u64) -> i64 {
    now_ms.saturating_add(i64::try_from(within_ms.min(JOB_MS_MAX)).unwrap_or(i64::MAX))
}

impl Agents {
    /// Gives a job to whoever does its kind. It is durable when this returns, and ends once: with a worker's result, or
    /// with its fallback when its time is over, also if the server was down then. Its end is told as an event
    /// ([`store::AGENT_JOB_EVENT`]).
    pub async fn job(&self, job: Job) -> Result<JobId, JobError> {
        let core = &self.0.core;
        if self.0.state.lock().desk.jobs_open() >= JOBS_OPEN_MAX {
            return Err(JobError::TooMany);
        }
        let Job { kind, body, within, fallback, memory } = job;
        let given_ms = core.now_ms();
        let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let deadline_ms = deadline(given_ms, within_ms);
        let id = core.new_id();
        let job = AgentJob { id, kind, body, fallback, memory, given_ms, deadline_ms, room: None, tag: 0 };
        check(&job)?;
        let (kept, _) = core.write(AgentJobGive { job: job.clone() }).await?.into_inner();
        // A request that is repeated under its key gave the job before.
        if kept == id {
            let state = &mut *self.0.state.lock();
            state.desk.give(given_ms, job);
            self.perform(state);
            self.0.stirred.notify_one();
        }
        Ok(JobId(kept))
    }

    /// How a job ended, if it did.
    pub async fn outcome(&self, job: JobId) -> Result<Option<JobResult>, JobError> {
        let row = self.0.core.read(AgentJobGet { id: job.0 }).await?.ok_or(JobError::Unknown)?;
        Ok(row.done.map(|done| JobResult { body: done.result, worker: done.worker }))
    }

    /// Waits for a job's end.
    pub async fn wait(&self, job: JobId) -> Result<JobResult, JobError> {
        // Before the look into the store, so that no end comes between.
        let ended = self.0.state.lock().waiters.enter(job.0);
        let known = self.outcome(job).await;
        if let Ok(None) = known {
            // Given up by whoever would have said it, it is in the store.
            return match ended.await {
                Ok(result) => Ok(result),
                Err(_) => self.outcome(job).await?.ok_or(JobError::Unknown),
            };
        }
        self.0.state.lock().waiters.leave(job.0, ended);
        known?.ok_or(JobError::Unknown)
    }
}
