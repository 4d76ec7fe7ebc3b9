//! Ends of jobs into the store: in the order in which they came, many at once, and only then to those who wait for them.

use std::sync::Arc;

use bytes::Bytes;
use store::{AgentJob, AgentJobEnd, AgentJobsEnd};

use super::{Agents, JobResult, State};

/// Ends noted in one transaction.
const ENDS_AT_ONCE: usize = 64;

/// How a job ended.
pub(super) struct End {
    pub job: Arc<AgentJob>,
    pub worker: Option<String>,
    pub result: Bytes,
}

impl Agents {
    /// Begins to note what has ended, unless that is under way: two at once could tell a room in the wrong order.
    pub(super) fn note_ends(&self, state: &mut State) {
        if !std::mem::replace(&mut state.noting, true) {
            let agents = self.clone();
            self.0.spawn.task(Box::pin(async move { agents.note_all().await }));
        }
    }

    async fn note_all(&self) {
        loop {
            let ends: Vec<End> = {
                let state = &mut *self.0.state.lock();
                if state.ends.is_empty() {
                    state.noting = false;
                    return;
                }
                let some = state.ends.len().min(ENDS_AT_ONCE);
                state.ends.drain(..some).collect()
            };
            let rows = ends.iter().map(|end| AgentJobEnd {
                id: end.job.id,
                kind: end.job.kind.clone(),
                worker: end.worker.clone(),
                result: end.result.to_vec(),
            });
            let note = AgentJobsEnd { ends: rows.collect(), at_ms: self.0.core.now_ms() };
            match self.0.core.store().write(note).await {
                Ok(places) => self.ended(ends, places.into_inner()),
                Err(error) => {
                    tracing::warn!(%error, "ends of jobs were not noted; it is tried again");
                    let now_ms = self.0.core.now_ms();
                    let state = &mut *self.0.state.lock();
                    ends.iter().for_each(|end| state.desk.not_noted(now_ms, end.job.id));
                }
            }
        }
    }

    fn ended(&self, ends: Vec<End>, places: Vec<Option<u64>>) {
        let state = &mut *self.0.state.lock();
        for (End { job, worker, result }, place) in ends.into_iter().zip(places) {
            state.desk.noted(job.id);
            let waiters = state.waiters.take(job.id);
            let Some(seq) = place else {
                // Another server noted its end: those who wait look again.
                continue;
            };
            let by = if worker.is_some() { "worker" } else { "fallback" };
            metrics::counter!("longhouse_agent_jobs_total", "by" => by).increment(1);
            for waiter in waiters {
                // Whoever waited may be gone.
                let _ = waiter.send(JobResult { body: result.to_vec(), worker: worker.clone() });
            }
            self.post(state, &job, seq, worker.is_none(), result);
        }
        (self.0.bell)();
    }
}
