//! How proposals end without a vote: with their group, with the user behind a name, and with time.

use super::proposal::ProposalId;
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{GroupId, StoreError, UserId, Value};

statements! {
    VOID = "UPDATE proposals SET state = 4, closed_ms = $2, effect_due_ms = NULL WHERE group_id = $1 AND state = 0";
    OF_GROUP = "UPDATE proposals SET prune_ms = $2, effect_due_ms = NULL WHERE group_id = $1";
    POLICY = "DELETE FROM group_policies WHERE group_id = $1";
    KEEP = "UPDATE proposals SET prune_ms = $2 WHERE id = $1";
    PRUNE_DUE = "SELECT id FROM proposals WHERE prune_ms IS NOT NULL AND prune_ms <= $1 ORDER BY prune_ms, id LIMIT $2";
    DROP_ELECTORS = "DELETE FROM electors WHERE proposal_id = $1 AND user_id IN
        (SELECT user_id FROM electors WHERE proposal_id = $1 ORDER BY user_id LIMIT $2)";
    DROP_OPEN = "DELETE FROM open_ballots WHERE proposal_id = $1 AND user_id IN
        (SELECT user_id FROM open_ballots WHERE proposal_id = $1 ORDER BY user_id LIMIT $2)";
    DROP_SECRET = "DELETE FROM secret_ballots WHERE proposal_id = $1 AND tag IN
        (SELECT tag FROM secret_ballots WHERE proposal_id = $1 ORDER BY tag LIMIT $2)";
    DROP_ACTS = "DELETE FROM proposal_acts WHERE proposal_id = $1 AND seq IN
        (SELECT seq FROM proposal_acts WHERE proposal_id = $1 ORDER BY seq LIMIT $2)";
    DROP = "DELETE FROM proposals WHERE id = $1";
    FORGET_PROPOSER = "UPDATE proposals SET proposer = NULL WHERE proposer = $1";
    FORGET_ELECTOR = "UPDATE electors SET user_id = $2 WHERE user_id = $1";
    FORGET_BALLOTS = "UPDATE open_ballots SET user_id = $2 WHERE user_id = $1";
    FORGET_ACTS = "UPDATE proposal_acts SET user_id = NULL WHERE user_id = $1";
}

/// A group ends: what it was deciding is void, and all of its proposals may be pruned.
pub(crate) async fn end_of_group<T: Tx>(tx: &mut T, group: GroupId, at_ms: i64) -> Result<(), StoreError> {
    tx.execute(&VOID, &[group.into(), at_ms.into()]).await?;
    tx.execute(&OF_GROUP, &[group.into(), at_ms.into()]).await?;
    tx.execute(&POLICY, &[group.into()]).await.map(drop)
}

pub(super) async fn keep_until<T: Tx>(tx: &mut T, id: ProposalId, prune_ms: i64) -> Result<(), StoreError> {
    tx.execute(&KEEP, &[id.into(), prune_ms.into()]).await.map(drop)
}

/// Is there something to prune?
#[derive(Clone, Debug)]
pub struct PruneDue {
    /// Now.
    pub now_ms: i64,
}

impl Operation for PruneDue {
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let one: [Value<'_>; 2] = [self.now_ms.into(), 1u32.into()];
        Ok(!tx.rows(&PRUNE_DUE, &one, |row| row.id(0)).await?.is_empty())
    }
}

/// Removes what was decided long ago, a bounded number of rows at a time.
#[derive(Clone, Debug)]
pub struct GovernancePrune {
    /// Now.
    pub now_ms: i64,
    /// At most so many rows.
    pub limit: u32,
}

impl Operation for GovernancePrune {
    /// How many rows went; fewer than `limit` means that none is left to go.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let limit = u64::from(self.limit);
        let mut gone = 0;
        let values: [Value<'_>; 2] = [self.now_ms.into(), self.limit.into()];
        for id in tx.rows(&PRUNE_DUE, &values, |row| row.id(0).map(ProposalId)).await? {
            for statement in [&DROP_ELECTORS, &DROP_OPEN, &DROP_SECRET, &DROP_ACTS] {
                let left = Value::count(limit.saturating_sub(gone))?;
                gone += tx.execute(statement, &[id.into(), left]).await?;
            }
            // What is left of a large one goes with the next call.
            if gone >= limit {
                break;
            }
            gone += tx.execute(&DROP, &[id.into()]).await?;
        }
        Ok(gone)
    }
}

/// Takes a user's name off everything: their votes stay counted, as somebody's.
#[derive(Clone, Debug)]
pub struct GovernanceForget {
    /// Who.
    pub user: UserId,
    /// Stands for them from now on: an id that nobody has, made at random.
    pub as_user: UserId,
}

impl Operation for GovernanceForget {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&FORGET_PROPOSER, &[self.user.into()]).await?;
        tx.execute(&FORGET_ELECTOR, &[self.user.into(), self.as_user.into()]).await?;
        tx.execute(&FORGET_BALLOTS, &[self.user.into(), self.as_user.into()]).await?;
        tx.execute(&FORGET_ACTS, &[self.user.into()]).await.map(drop)
    }
}
