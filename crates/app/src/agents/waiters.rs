//! Who waits for the ends of jobs.

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use super::JobResult;

/// They go with the job's end, or when others come after they have given up.
#[derive(Default)]
pub(super) struct Waiters(BTreeMap<u128, Vec<oneshot::Sender<JobResult>>>);

impl Waiters {
    /// Somebody waits for a job. Those who do no longer are forgotten: a job may take days, and be asked about each second.
    pub fn enter(&mut self, job: u128) -> oneshot::Receiver<JobResult> {
        let (sender, ended) = oneshot::channel();
        let waiting = self.0.entry(job).or_default();
        waiting.retain(|waiter| !waiter.is_closed());
        waiting.push(sender);
        ended
    }

    /// Somebody waits no longer, because the job is over or there is none: nobody will call them. Those who still wait stay.
    pub fn leave(&mut self, job: u128, ended: oneshot::Receiver<JobResult>) {
        drop(ended);
        if let Some(waiting) = self.0.get_mut(&job) {
            waiting.retain(|waiter| !waiter.is_closed());
            if waiting.is_empty() {
                self.0.remove(&job);
            }
        }
    }

    /// All who wait for a job, to be told of its end.
    pub fn take(&mut self, job: u128) -> Vec<oneshot::Sender<JobResult>> {
        self.0.remove(&job).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_given_up_waiting_costs_nothing() {
        let mut waiters = Waiters::default();
        let mut waits = waiters.enter(1);
        for _ in 0..1_000 {
            drop(waiters.enter(1));
        }
        assert!(waiters.0[&1].len() <= 2, "{} wait", waiters.0[&1].len());
        let asks = waiters.enter(1);
        waiters.leave(1, asks);
        let all = waiters.take(1);
        assert_eq!(all.len(), 1);
        let end = JobResult { body: vec![7], worker: None };
        all.into_iter().for_each(|waiter| waiter.send(end.clone()).unwrap());
        assert_eq!(waits.try_recv(), Ok(end));
        let asks = waiters.enter(2);
        waiters.leave(2, asks);
        assert!(waiters.0.is_empty());
    }
}
