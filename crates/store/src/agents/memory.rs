//! What workers want to remember of a seat or under a name, as bytes that mean nothing here.

use crate::StoreError;
use crate::operation::{Operation, Tx};
use crate::statement::statements;

statements! {
    GET = "SELECT body FROM agent_memory WHERE owner = $1";
    PUT = "INSERT INTO agent_memory (owner, body, at_ms) VALUES ($1, $2, $3)
        ON CONFLICT (owner) DO UPDATE SET body = excluded.body, at_ms = excluded.at_ms";
    FORGET = "DELETE FROM agent_memory WHERE owner = $1";
    OLDEST = "SELECT owner FROM agent_memory WHERE at_ms < $1 ORDER BY at_ms, owner LIMIT $2";
}

/// Reads what is remembered.
#[derive(Clone, Debug)]
pub struct AgentMemoryGet {
    /// Of what.
    pub owner: String,
}

impl Operation for AgentMemoryGet {
    type Output = Option<Vec<u8>>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&GET, &[(&self.owner).into()], |row| row.blob(0)).await
    }
}

/// Remembers, each in place of what was there; nothing to remember forgets.
#[derive(Clone, Debug)]
pub struct AgentMemoryPut {
    /// Of what, and what; each owner once.
    pub rows: Vec<(String, Vec<u8>)>,
    /// Now.
    pub at_ms: i64,
}

impl Operation for AgentMemoryPut {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        for (owner, body) in &self.rows {
            match body.is_empty() {
                true => tx.execute(&FORGET, &[owner.into()]).await?,
                false => tx.execute(&PUT, &[owner.into(), body.into(), self.at_ms.into()]).await?,
            };
        }
        Ok(())
    }
}

/// Forgets what nobody wrote for long.
#[derive(Clone, Debug)]
pub struct AgentMemoryPrune {
    /// Older ones go.
    pub before_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for AgentMemoryPrune {
    /// How many were forgotten; fewer than `limit` means that none is left to forget.
    type Output = u32;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let old = tx.rows(&OLDEST, &[self.before_ms.into(), self.limit.into()], |row| row.text(0)).await?;
        for owner in &old {
            tx.execute(&FORGET, &[owner.into()]).await?;
        }
        Ok(old.len() as u32)
    }
}
