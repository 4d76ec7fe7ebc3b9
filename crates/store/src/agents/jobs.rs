//! Jobs for outside workers: what is to be done until when, what is taken for the result if nobody does it, and how it
//! ended. A job ends once; ends are numbered in the order in which they came.

use kernel::{EffectKey, RoomId, Seq};
use serde::{Deserialize, Serialize};

use crate::events::EventKeep;
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, Value};

statements! {
    GIVE = "INSERT INTO agent_jobs
        (id, kind, body, fallback, memory, given_ms, deadline_ms, room_id, room_seq, room_idx, tag, told)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
    GET = "SELECT id, kind, body, fallback, memory, given_ms, deadline_ms, room_id, room_seq, room_idx, tag,
        done_seq, done_ms, worker, result FROM agent_jobs WHERE id = $1";
    OPEN = "SELECT id, kind, body, fallback, memory, given_ms, deadline_ms, room_id, room_seq, room_idx, tag,
        done_seq, done_ms, worker, result FROM agent_jobs WHERE done_seq IS NULL AND id > $1 ORDER BY id LIMIT $2";
    UNTOLD = "SELECT id, kind, body, fallback, memory, given_ms, deadline_ms, room_id, room_seq, room_idx, tag,
        done_seq, done_ms, worker, result FROM agent_jobs WHERE told = 0 AND done_seq > $1 ORDER BY done_seq LIMIT $2";
    LAST = "SELECT done_seq FROM agent_jobs WHERE done_seq IS NOT NULL ORDER BY done_seq DESC LIMIT 1";
    END = "UPDATE agent_jobs SET done_seq = $2, done_ms = $3, worker = $4, result = $5
        WHERE id = $1 AND done_seq IS NULL";
    TOLD = "UPDATE agent_jobs SET told = 1 WHERE id = $1";
    OLDEST = "SELECT id, done_seq, done_ms FROM agent_jobs WHERE told = 1 AND done_seq > 0 ORDER BY done_seq LIMIT $1";
    DROP_ONE = "DELETE FROM agent_jobs WHERE id = $1";
}

/// The name of the event that tells of a job's end.
pub const AGENT_JOB_EVENT: &str = "agent_job";

/// A job as it was given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AgentJob {
    /// Its name: a UUID.
    pub id: u128,
    /// What sort of job; a worker says which it does.
    pub kind: String,
    /// What is to be done.
    pub body: Vec<u8>,
    /// The result if nobody does it in time.
    pub fallback: Vec<u8>,
    /// What the workers of this job and of others remember together.
    pub memory: Option<String>,
    /// When it was given.
    pub given_ms: i64,
    /// Until when it may be done.
    pub deadline_ms: i64,
    /// The room that gave it, and by which effect.
    pub room: Option<(u128, u64, u32)>,
    /// The giver's own mark on it.
    pub tag: u64,
}

/// How a job ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AgentJobDone {
    /// Its place among all ends; grows without end, may have gaps.
    pub seq: u64,
    /// When.
    pub at_ms: i64,
    /// Who did it; nobody: the fallback was taken.
    pub worker: Option<String>,
    /// What came of it.
    pub result: Vec<u8>,
}

/// A job and how it ended, if it did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentJobRow {
    /// As it was given.
    pub job: AgentJob,
    /// Its end.
    pub done: Option<AgentJobDone>,
}

impl AgentJob {
    /// The room that gave it, and by which effect.
    pub fn asked_by(&self) -> Option<(RoomId, EffectKey)> {
        self.room.map(|(room, seq, index)| (RoomId(room), EffectKey { seq: Seq(seq), index }))
    }
}

/// Keeps a job. A room's effect gives one job, however often it is sent.
#[derive(Clone, Debug)]
pub struct AgentJobGive {
    /// The job.
    pub job: AgentJob,
}

impl Operation for AgentJobGive {
    /// Its id as it was first given in a request that is repeated, and whether it is new.
    type Output = (u128, bool);

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let AgentJob { id, kind, body, fallback, memory, given_ms, deadline_ms, room, tag } = &self.job;
        let (room, seq, index) = match room {
            Some((room, seq, index)) => (RoomId(*room).into(), Value::count(*seq)?, (*index).into()),
            None => (Value::Null, Value::Null, Value::Null),
        };
        let told = self.job.room.is_none();
        let values = [
            Value::Id(id.to_be_bytes()),
            kind.into(),
            body.into(),
            fallback.into(),
            memory.as_ref().into(),
            (*given_ms).into(),
            (*deadline_ms).into(),
            room,
            seq,
            index,
            // The same 64 bits.
            (*tag as i64).into(),
            told.into(),
        ];
        Ok((*id, tx.execute(&GIVE, &values).await? == 1))
    }
}

fn read(row: &Row<'_>) -> Result<AgentJobRow, StoreError> {
    let room = match row.opt_id(7)? {
        Some(room) => Some((room, row.count(8)?, row.small(9)?)),
        None => None,
    };
    let done = match row.opt_int(11)? {
        None => None,
        Some(_) => Some(AgentJobDone {
            seq: row.count(11)?,
            at_ms: row.int(12)?,
            worker: row.opt_text(13)?,
            result: row.blob(14)?,
        }),
    };
    let job = AgentJob {
        id: row.id(0)?,
        kind: row.text(1)?,
        body: row.blob(2)?,
        fallback: row.blob(3)?,
        memory: row.opt_text(4)?,
        given_ms: row.int(5)?,
        deadline_ms: row.int(6)?,
        room,
        tag: row.int(10)? as u64,
    };
    Ok(AgentJobRow { job, done })
}

/// Reads a job.
#[derive(Clone, Debug)]
pub struct AgentJobGet {
    /// Which.
    pub id: u128,
}

impl Operation for AgentJobGet {
    type Output = Option<AgentJobRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&GET, &[Value::Id(self.id.to_be_bytes())], read).await
    }
}

/// Reads jobs that have not ended, in the order of their ids.
#[derive(Clone, Debug)]
pub struct AgentJobsOpen {
    /// The last one that was seen; 0 at first.
    pub after: u128,
    /// At most so many.
    pub limit: u32,
}

impl Operation for AgentJobsOpen {
    type Output = Vec<AgentJobRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&OPEN, &[Value::Id(self.after.to_be_bytes()), self.limit.into()], read).await
    }
}

/// Reads jobs that ended and whose rooms have not heard of it, in the order of their ends.
#[derive(Clone, Debug)]
pub struct AgentJobsUntold {
    /// The last end that was seen; 0 at first.
    pub after: u64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for AgentJobsUntold {
    type Output = Vec<AgentJobRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&UNTOLD, &[Value::count(self.after)?, self.limit.into()], read).await
    }
}

/// One end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentJobEnd {
    /// Which job.
    pub id: u128,
    /// Its kind, for the event.
    pub kind: String,
    /// Who did it.
    pub worker: Option<String>,
    /// What came of it.
    pub result: Vec<u8>,
}

/// Notes ends of jobs, each with an event. A job that ended before keeps its end.
#[derive(Clone, Debug)]
pub struct AgentJobsEnd {
    /// In this order.
    pub ends: Vec<AgentJobEnd>,
    /// Now.
    pub at_ms: i64,
}

impl Operation for AgentJobsEnd {
    /// The places of these ends; `None` for a job that had ended or is not there.
    type Output = Vec<Option<u64>>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut last = tx.optional(&LAST, &[], |row| row.count(0)).await?.unwrap_or(0);
        let mut places = Vec::with_capacity(self.ends.len());
        for AgentJobEnd { id, kind, worker, result } in &self.ends {
            let seq = last.checked_add(1).ok_or(StoreError::NotStorable("an end of a job above 2^64"))?;
            let values = [
                Value::Id(id.to_be_bytes()),
                Value::count(seq)?,
                self.at_ms.into(),
                worker.as_ref().into(),
                result.into(),
            ];
            if tx.execute(&END, &values).await? == 0 {
                places.push(None);
                continue;
            }
            last = seq;
            places.push(Some(seq));
            let by = if worker.is_some() { "worker" } else { "fallback" };
            let properties =
                serde_json::json!({ "job": uuid::Uuid::from_u128(*id).to_string(), "kind": kind, "by": by });
            EventKeep {
                name: AGENT_JOB_EVENT.into(),
                user: None,
                properties: properties.to_string(),
                at_ms: self.at_ms,
                outside: false,
            }
            .run(tx)
            .await?;
        }
        Ok(places)
    }
}

/// Notes that a job's room has heard of its end.
#[derive(Clone, Debug)]
pub struct AgentJobTold {
    /// Which job.
    pub id: u128,
}

impl Operation for AgentJobTold {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&TOLD, &[Value::Id(self.id.to_be_bytes())]).await?;
        Ok(())
    }
}

/// Removes jobs that ended long ago and were told, but never the newest: the order of ends must not begin again.
#[derive(Clone, Debug)]
pub struct AgentJobsPrune {
    /// Older ones go.
    pub before_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for AgentJobsPrune {
    /// How many were removed; fewer than `limit` means that none is left to remove.
    type Output = u32;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let last = tx.optional(&LAST, &[], |row| row.count(0)).await?.unwrap_or(0);
        let oldest = tx
            .rows(&OLDEST, &[self.limit.into()], |row| Ok((row.id(0)?, row.count(1)?, row.int(2)?)))
            .await?;
        let mut removed = 0;
        for (id, _, _) in oldest.into_iter().take_while(|(_, seq, at)| *at < self.before_ms && *seq < last) {
            tx.execute(&DROP_ONE, &[Value::Id(id.to_be_bytes())]).await?;
            removed += 1;
        }
        Ok(removed)
    }
}
