//! Jobs: a studio's code that runs by the clock.
//!
//! A job is claimed in the store by moving its due time, so of several servers one runs it, and what came due while
//! none ran is done once at the next start. Who ticks and where the runs go on is the caller's business.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use parking_lot::RwLock;
use store::StoreError;

use crate::core::Core;
use crate::cron::{Cron, CronError};
use crate::ports::Task;
use crate::rpc::RpcError;

/// Bytes of a job's name.
pub const JOB_NAME_BYTES_MAX: usize = 64;
/// Bytes of a fault that are kept.
const FAULT_BYTES_MAX: usize = 512;
/// After a failure of the store, a job is looked at again so much later.
const AGAIN_MS: i64 = 1_000;

/// When a job runs.
#[derive(Clone, PartialEq, Debug)]
pub enum Schedule {
    /// Every so many milliseconds, at multiples of them since 1970.
    EveryMs(u32),
    /// By a cron line, in UTC.
    Cron(Cron),
}

impl Schedule {
    /// By a cron line of five fields, in UTC: `0 3 * * 1` is three o'clock on Mondays.
    pub fn cron(line: &str) -> Result<Self, CronError> {
        line.parse().map(Self::Cron)
    }
}

impl Schedule {
    /// The first moment after `now_ms`; `None` if there is none any more.
    fn after(&self, now_ms: i64) -> Option<i64> {
        match self {
            Schedule::EveryMs(every) => {
                let every = i64::from((*every).max(1));
                now_ms.div_euclid(every).checked_add(1)?.checked_mul(every)
            }
            Schedule::Cron(cron) => cron.next(now_ms.div_euclid(1_000))?.checked_mul(1_000),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schedule::EveryMs(every) => write!(f, "every {every} ms"),
            Schedule::Cron(cron) => write!(f, "{cron}"),
        }
    }
}

/// One run of a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JobRun {
    /// When it was due; may be long ago.
    pub due_ms: i64,
    /// Now.
    pub now_ms: i64,
}

type Done = Pin<Box<dyn Future<Output = Result<(), RpcError>> + Send>>;

struct Job {
    name: String,
    schedule: Schedule,
    work: Box<dyn Fn(JobRun) -> Done + Send + Sync>,
    /// When it is due next, as far as this process knows.
    due_ms: AtomicI64,
    running: AtomicBool,
}

/// See the module.
pub struct Jobs {
    core: Core,
    jobs: RwLock<BTreeMap<String, Arc<Job>>>,
}

impl Jobs {
    /// None yet.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone(), jobs: RwLock::default() }
    }

    /// Adds a job.
    ///
    /// # Panics
    /// If the name is empty, too long, or taken: a fault of the program that shows at its start.
    pub fn add<F, A>(&self, name: &str, schedule: Schedule, work: F)
    where
        F: Fn(JobRun) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), RpcError>> + Send + 'static,
    {
        assert!(
            (1..=JOB_NAME_BYTES_MAX).contains(&name.len()),
            "the name of a job must be 1 to 64 bytes: {name}"
        );
        let job = Arc::new(Job {
            name: name.to_owned(),
            schedule,
            work: Box::new(move |run| Box::pin(work(run))),
            due_ms: AtomicI64::new(i64::MAX),
            running: AtomicBool::new(false),
        });
        let taken = self.jobs.write().insert(name.to_owned(), job).is_some();
        assert!(!taken, "two jobs have the name {name}");
    }

    /// Makes the jobs known to the store. Called once, before the first tick.
    pub async fn plan(&self) -> Result<(), StoreError> {
        let jobs: Vec<_> = self.jobs.read().values().cloned().collect();
        for job in jobs {
            let due_ms = job.schedule.after(self.core.now_ms()).unwrap_or(i64::MAX);
            let plan = store::JobPlan { name: job.name.clone(), schedule: job.schedule.to_string(), due_ms };
            job.due_ms.store(self.core.write(plan).await?.into_inner(), Ordering::Relaxed);
        }
        Ok(())
    }

    /// The runs that are due now and not going on already. Called about once a second; the caller runs them.
    pub fn due(&self) -> Vec<Task> {
        let now_ms = self.core.now_ms();
        let jobs = self.jobs.read();
        let due = jobs.values().filter(|job| job.due_ms.load(Ordering::Relaxed) <= now_ms);
        let free = due.filter(|job| !job.running.swap(true, Ordering::AcqRel));
        free.map(|job| run(self.core.clone(), Arc::clone(job), now_ms)).collect()
    }
}

fn run(core: Core, job: Arc<Job>, now_ms: i64) -> Task {
    Box::pin(async move {
        if let Err(error) = claim_and_run(&core, &job, now_ms).await {
            tracing::warn!(%error, job = job.name, "a job could not be claimed or noted; it is tried again");
            job.due_ms.fetch_max(now_ms + AGAIN_MS, Ordering::Relaxed);
        }
        job.running.store(false, Ordering::Release);
    })
}

async fn claim_and_run(core: &Core, job: &Job, now_ms: i64) -> Result<(), StoreError> {
    // The store's due time is the truth: another server may have moved it.
    let Some(known) = core.read(store::JobGet { name: job.name.clone() }).await? else { return Ok(()) };
    if known.due_ms > now_ms {
        job.due_ms.store(known.due_ms, Ordering::Relaxed);
        return Ok(());
    }
    let next_ms = job.schedule.after(now_ms).unwrap_or(i64::MAX);
    let claim = store::JobClaim { name: job.name.clone(), due_ms: known.due_ms, next_ms, now_ms };
    let ours = core.write(claim).await?.into_inner();
    job.due_ms.store(next_ms, Ordering::Relaxed);
    if !ours {
        return Ok(());
    }
    let done = (job.work)(JobRun { due_ms: known.due_ms, now_ms }).await;
    let result = if done.is_ok() { "done" } else { "failed" };
    metrics::counter!("longhouse_jobs_total", "job" => job.name.clone(), "result" => result).increment(1);
    let fault = done.err().map(|error| {
        tracing::error!(%error, job = job.name, "a job failed");
        let mut text = error.to_string();
        let end = (0..=FAULT_BYTES_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
        text
    });
    core.write(store::JobEnd { name: job.name.clone(), ended_ms: core.now_ms(), fault }).await?;
    Ok(())
}
