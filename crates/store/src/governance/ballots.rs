//! What is written down of a proposal: who did what, and the ballots, by which anybody can count again.

use serde::{Deserialize, Serialize};

use super::Objection;
use super::proposal::{Proposal, ProposalId, ProposalState, may_see, read};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Actor, GroupId, StoreError, UserId, Value};

statements! {
    NEWEST = "SELECT seq FROM proposal_acts WHERE proposal_id = $1 ORDER BY seq DESC LIMIT 1";
    NOTE = "INSERT INTO proposal_acts (proposal_id, seq, user_id, act, choice, at_ms) VALUES ($1, $2, $3, $4, $5, $6)";
    ACTS = "SELECT seq, user_id, act, choice, at_ms FROM proposal_acts WHERE proposal_id = $1 AND seq > $2
        ORDER BY seq LIMIT $3";
    OPEN = "SELECT user_id, choice FROM open_ballots WHERE proposal_id = $1 AND user_id > $2
        ORDER BY user_id LIMIT $3";
    SECRET = "SELECT tag, choice FROM secret_ballots WHERE proposal_id = $1 AND tag > $2 ORDER BY tag LIMIT $3";
    FIND = "SELECT choice FROM secret_ballots WHERE proposal_id = $1 AND tag = $2";
}

/// What was done. What a secret ballot says, and that it was cast, is not among it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Acted {
    /// It was opened.
    Opened,
    /// An open vote was cast.
    Voted(u32),
    /// An open vote was changed to this.
    Changed(u32),
    /// It was taken back.
    Withdrawn,
    /// Its votes were counted.
    Closed,
    /// The decision took effect.
    Applied,
    /// The decision could not take effect.
    Refused,
    /// The hook failed for the last time.
    GivenUp,
}

impl Acted {
    fn columns(self) -> (i64, Option<u32>) {
        match self {
            Acted::Opened => (0, None),
            Acted::Voted(choice) => (1, Some(choice)),
            Acted::Changed(choice) => (2, Some(choice)),
            Acted::Withdrawn => (3, None),
            Acted::Closed => (4, None),
            Acted::Applied => (5, None),
            Acted::Refused => (6, None),
            Acted::GivenUp => (7, None),
        }
    }

    fn of(act: i64, choice: Option<i64>) -> Result<Self, StoreError> {
        let damaged = || StoreError::Damaged("an act on a proposal is out of range".into());
        let choice = choice.map(u32::try_from).transpose().map_err(|_| damaged())?;
        Ok(match (act, choice) {
            (0, None) => Acted::Opened,
            (1, Some(choice)) => Acted::Voted(choice),
            (2, Some(choice)) => Acted::Changed(choice),
            (3, None) => Acted::Withdrawn,
            (4, None) => Acted::Closed,
            (5, None) => Acted::Applied,
            (6, None) => Acted::Refused,
            (7, None) => Acted::GivenUp,
            _ => return Err(damaged()),
        })
    }
}

/// Writes down who did what.
pub(super) async fn note<T: Tx>(
    tx: &mut T,
    proposal: ProposalId,
    by: Option<UserId>,
    act: Acted,
    at_ms: i64,
) -> Result<(), StoreError> {
    let newest = tx.optional(&NEWEST, &[proposal.into()], |row| row.int(0)).await?.unwrap_or(0);
    let (number, choice) = act.columns();
    let values =
        [proposal.into(), (newest + 1).into(), by.into(), number.into(), choice.into(), at_ms.into()];
    tx.execute(&NOTE, &values).await.map(drop)
}

/// One line of what was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProposalAct {
    /// Its number, counted from 1.
    pub seq: i64,
    /// Who did it; nobody for the house, or where that user is gone.
    pub by: Option<UserId>,
    /// What.
    pub act: Acted,
    /// When.
    pub at_ms: i64,
}

async fn visible<T: Tx>(
    tx: &mut T,
    group: GroupId,
    proposal: ProposalId,
    actor: Actor,
) -> Result<Result<Proposal, Objection>, StoreError> {
    if !may_see(tx, group, actor).await? {
        return Ok(Err(Objection::Denied));
    }
    Ok(read(tx, group, proposal).await?.ok_or(Objection::NotFound))
}

/// Reads what was done, in order.
#[derive(Clone, Debug)]
pub struct ProposalActs {
    /// Whose.
    pub group: GroupId,
    /// Which.
    pub proposal: ProposalId,
    /// Who looks.
    pub actor: Actor,
    /// After this line; 0 at the start.
    pub after: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for ProposalActs {
    type Output = Result<Vec<ProposalAct>, Objection>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if let Err(objection) = visible(tx, self.group, self.proposal, self.actor).await? {
            return Ok(Err(objection));
        }
        let values = [self.proposal.into(), self.after.into(), self.limit.into()];
        let acts = tx.rows(&ACTS, &values, |row| {
            Ok(ProposalAct {
                seq: row.int(0)?,
                by: row.opt_id(1)?.map(UserId),
                act: Acted::of(row.int(2)?, row.opt_int(3)?)?,
                at_ms: row.int(4)?,
            })
        });
        acts.await.map(Ok)
    }
}

/// A ballot in the box.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CastBallot {
    /// Whose it is can be seen.
    Open {
        /// Who.
        user: UserId,
        /// What.
        choice: u32,
    },
    /// Whose it is only the voter knows.
    Secret {
        /// The hash of the receipt.
        tag: [u8; 32],
        /// What.
        choice: u32,
    },
}

/// Reads the ballots, in order of the users' ids or of the tags. Secret ones are shown once the proposal is closed: a
/// list that grows would tell who came last.
#[derive(Clone, Debug)]
pub struct BallotsPage {
    /// Whose.
    pub group: GroupId,
    /// Which.
    pub proposal: ProposalId,
    /// Who looks.
    pub actor: Actor,
    /// After this user's id or this tag; empty at the start.
    pub after: Vec<u8>,
    /// At most so many.
    pub limit: u32,
}

impl Operation for BallotsPage {
    type Output = Result<Vec<CastBallot>, Objection>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let proposal = match visible(tx, self.group, self.proposal, self.actor).await? {
            Ok(proposal) => proposal,
            Err(objection) => return Ok(Err(objection)),
        };
        let values = [self.proposal.into(), Value::Blob(&self.after), self.limit.into()];
        if !proposal.terms.secret {
            let open = |row: &crate::Row<'_>| {
                Ok(CastBallot::Open { user: UserId(row.id(0)?), choice: row.small(1)? })
            };
            return tx.rows(&OPEN, &values, open).await.map(Ok);
        }
        if proposal.state == ProposalState::Open {
            return Ok(Ok(Vec::new()));
        }
        let secret = |row: &crate::Row<'_>| {
            let tag = row.blob(0)?.try_into();
            let tag = tag.map_err(|_| StoreError::Damaged("a ballot's tag is not 32 bytes".into()))?;
            Ok(CastBallot::Secret { tag, choice: row.small(1)? })
        };
        tx.rows(&SECRET, &values, secret).await.map(Ok)
    }
}

/// Finds the ballot of who has the receipt.
#[derive(Clone, Debug)]
pub struct BallotFind {
    /// Whose.
    pub group: GroupId,
    /// Which.
    pub proposal: ProposalId,
    /// Who looks.
    pub actor: Actor,
    /// The hash of the receipt.
    pub tag: [u8; 32],
}

impl Operation for BallotFind {
    /// What is counted under it, if anything is.
    type Output = Result<Option<u32>, Objection>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if let Err(objection) = visible(tx, self.group, self.proposal, self.actor).await? {
            return Ok(Err(objection));
        }
        let values = [self.proposal.into(), self.tag[..].into()];
        tx.optional(&FIND, &values, |row| row.small(0)).await.map(Ok)
    }
}
