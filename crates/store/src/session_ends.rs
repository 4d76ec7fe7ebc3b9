//! When all sessions of an account were ended at once: logged out everywhere, shut out, or erased. A row is needed only
//! while a token from before may still be good.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId};

statements! {
    PUT = "INSERT INTO session_ends (user_id, ended_ms) VALUES ($1, $2)
        ON CONFLICT (user_id) DO UPDATE SET ended_ms = excluded.ended_ms";
    AFTER = "SELECT user_id, ended_ms FROM session_ends WHERE (ended_ms, user_id) > ($1, $2)
        ORDER BY ended_ms, user_id LIMIT $3";
    PRUNE = "DELETE FROM session_ends WHERE user_id IN
        (SELECT user_id FROM session_ends WHERE ended_ms <= $1 ORDER BY ended_ms LIMIT $2)";
}

pub(crate) async fn put<T: Tx>(tx: &mut T, user: UserId, at_ms: i64) -> Result<(), StoreError> {
    tx.execute(&PUT, &[user.into(), at_ms.into()]).await?;
    Ok(())
}

/// Ends every session of an account that began until now.
#[derive(Clone, Debug)]
pub struct SessionsEnd {
    /// Whose.
    pub user: UserId,
    /// Now.
    pub at_ms: i64,
}

impl Operation for SessionsEnd {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        put(tx, self.user, self.at_ms).await
    }
}

/// When the sessions of an account were ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionsEnded {
    /// Whose.
    pub user: UserId,
    /// Sessions that began until then are over.
    pub ended_ms: i64,
}

/// Reads them in pages, so that a starting server knows them all.
#[derive(Clone, Debug)]
pub struct SessionsEndedAfter {
    /// The last one that was seen; at the start, the moment from which they matter.
    pub after: SessionsEnded,
    /// At most so many.
    pub limit: u32,
}

impl Operation for SessionsEndedAfter {
    /// In order of time.
    type Output = Vec<SessionsEnded>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.after.ended_ms.into(), self.after.user.into(), self.limit.into()];
        tx.rows(&AFTER, &values, |row| Ok(SessionsEnded { user: UserId(row.id(0)?), ended_ms: row.int(1)? }))
            .await
    }
}

/// Removes those that matter no longer.
#[derive(Clone, Debug)]
pub struct SessionsEndedPrune {
    /// Older ones go.
    pub before_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for SessionsEndedPrune {
    /// How many were removed; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&PRUNE, &[self.before_ms.into(), self.limit.into()]).await
    }
}
