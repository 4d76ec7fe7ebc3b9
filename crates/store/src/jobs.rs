//! Jobs that run by the clock: when each is due next, and how its last run ended. A run is claimed by moving the due
//! time, so that of several servers one runs it.

use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::operation::{Operation, Tx};
use crate::statement::statements;

statements! {
    GET = "SELECT schedule, due_ms, started_ms, ended_ms, fault FROM jobs WHERE name = $1";
    INSERT = "INSERT INTO jobs (name, schedule, due_ms) VALUES ($1, $2, $3)";
    RESCHEDULE = "UPDATE jobs SET schedule = $2, due_ms = $3 WHERE name = $1";
    CLAIM = "UPDATE jobs SET due_ms = $3, started_ms = $4 WHERE name = $1 AND due_ms = $2";
    END = "UPDATE jobs SET ended_ms = $2, fault = $3 WHERE name = $1";
}

/// A job as the store knows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JobRow {
    /// When, as text: a change of it sets a new due time.
    pub schedule: String,
    /// When it is due next.
    pub due_ms: i64,
    /// When its last run began.
    pub started_ms: Option<i64>,
    /// When its last run ended.
    pub ended_ms: Option<i64>,
    /// Why its last run failed, if it did.
    pub fault: Option<String>,
}

/// Reads a job.
#[derive(Clone, Debug)]
pub struct JobGet {
    /// Which.
    pub name: String,
}

impl Operation for JobGet {
    type Output = Option<JobRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&GET, &[(&self.name).into()], |row| {
            Ok(JobRow {
                schedule: row.text(0)?,
                due_ms: row.int(1)?,
                started_ms: row.opt_int(2)?,
                ended_ms: row.opt_int(3)?,
                fault: row.opt_text(4)?,
            })
        })
        .await
    }
}

/// Makes a job known. One that is known keeps its due time unless its schedule is another.
#[derive(Clone, Debug)]
pub struct JobPlan {
    /// Which.
    pub name: String,
    /// When, as text.
    pub schedule: String,
    /// When it is due if it is new or changed.
    pub due_ms: i64,
}

impl Operation for JobPlan {
    /// When it is due.
    type Output = i64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let known = JobGet { name: self.name.clone() }.run(tx).await?;
        let values = [(&self.name).into(), (&self.schedule).into(), self.due_ms.into()];
        match known {
            Some(job) if job.schedule == self.schedule => return Ok(job.due_ms),
            Some(_) => tx.execute(&RESCHEDULE, &values).await?,
            None => tx.execute(&INSERT, &values).await?,
        };
        Ok(self.due_ms)
    }
}

/// Takes a due run, if nobody else did.
#[derive(Clone, Debug)]
pub struct JobClaim {
    /// Which.
    pub name: String,
    /// The due time that is taken.
    pub due_ms: i64,
    /// The next one.
    pub next_ms: i64,
    /// Now.
    pub now_ms: i64,
}

impl Operation for JobClaim {
    /// Whether the run is the caller's.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [(&self.name).into(), self.due_ms.into(), self.next_ms.into(), self.now_ms.into()];
        Ok(tx.execute(&CLAIM, &values).await? == 1)
    }
}

/// Notes how a run ended.
#[derive(Clone, Debug)]
pub struct JobEnd {
    /// Which.
    pub name: String,
    /// Now.
    pub ended_ms: i64,
    /// Why it failed, if it did.
    pub fault: Option<String>,
}

impl Operation for JobEnd {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let fault = self.fault.as_ref().into();
        tx.execute(&END, &[(&self.name).into(), self.ended_ms.into(), fault]).await?;
        Ok(())
    }
}
