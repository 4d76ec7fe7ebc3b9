//! Casting a vote, and taking a proposal back.

use super::ballots::{Acted, note};
use super::proposal::{Proposal, ProposalId, ProposalState, elector, own_choice, read};
use super::{HOUSE_GROUP, Objection, PROPOSALS_KEPT_MS, VOTES_MAX};
use crate::groups::members::member;
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Actor, GroupId, Role, StoreError, UserId};

statements! {
    ACCOUNT = "SELECT created_ms FROM users WHERE id = $1";
    ADD_VOTER = "INSERT INTO electors (proposal_id, user_id, voted) VALUES ($1, $2, 1)";
    MARK_VOTER = "UPDATE electors SET voted = 1 WHERE proposal_id = $1 AND user_id = $2 AND voted = 0";
    CAST = "INSERT INTO open_ballots (proposal_id, user_id, choice, at_ms) VALUES ($1, $2, $3, $4)";
    RECAST = "UPDATE open_ballots SET choice = $3, at_ms = $4 WHERE proposal_id = $1 AND user_id = $2";
    CAST_SECRET = "INSERT INTO secret_ballots (proposal_id, tag, choice) VALUES ($1, $2, $3)";
    UNDER_TAG = "SELECT choice FROM secret_ballots WHERE proposal_id = $1 AND tag = $2";
    COUNT_VOTE = "UPDATE proposals SET votes = votes + 1 WHERE id = $1";
    WITHDRAW = "UPDATE proposals SET state = 3, closed_ms = $2, prune_ms = $3 WHERE id = $1 AND state = 0";
}

/// What is cast. A secret ballot's choice lies under a tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cast {
    /// The option, counted from 0.
    pub choice: u32,
    /// The hash of the voter's receipt; only where ballots are secret.
    pub tag: [u8; 32],
}

/// Casts a vote. The same vote again changes nothing and is answered as the first.
#[derive(Clone, Debug)]
pub struct ProposalVote {
    /// Whose.
    pub group: GroupId,
    /// Which.
    pub proposal: ProposalId,
    /// Who votes.
    pub user: UserId,
    /// What.
    pub cast: Cast,
    /// Now.
    pub at_ms: i64,
}

impl Operation for ProposalVote {
    /// Nothing in it tells what was chosen: answers may be kept.
    type Output = Result<(), Objection>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let Some(proposal) = read(tx, self.group, self.proposal).await? else {
            return Ok(Err(Objection::NotFound));
        };
        if proposal.state != ProposalState::Open || self.at_ms >= proposal.deadline_ms {
            return Ok(Err(Objection::Closed));
        }
        if usize::try_from(self.cast.choice).map_or(true, |choice| choice >= proposal.choices.len()) {
            return Ok(Err(Objection::NoSuchChoice));
        }
        let known = self.known(tx, &proposal).await?;
        match known {
            None => Ok(Err(Objection::NotAnElector)),
            Some(_) if proposal.terms.secret => self.secret(tx, &proposal, known).await,
            Some(_) => self.open(tx, &proposal, known).await,
        }
    }
}

/// Whether an elector is written down, and has voted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Voter {
    Unwritten,
    Waiting,
    Voted,
}

impl ProposalVote {
    /// The caller's place in the electorate, if they still have one.
    async fn known<T: Tx>(&self, tx: &mut T, proposal: &Proposal) -> Result<Option<Voter>, StoreError> {
        if self.group != HOUSE_GROUP
            && !member(tx, self.group, self.user).await?.is_some_and(|member| member.role.is_member())
        {
            return Ok(None);
        }
        match elector(tx, self.proposal, self.user).await? {
            Some(true) => Ok(Some(Voter::Voted)),
            Some(false) => Ok(Some(Voter::Waiting)),
            None if proposal.electorate.is_none() => {
                let created_ms = tx.optional(&ACCOUNT, &[self.user.into()], |row| row.int(0)).await?;
                Ok(created_ms.filter(|at| *at <= proposal.opened_ms).map(|_| Voter::Unwritten))
            }
            None => Ok(None),
        }
    }

    async fn open<T: Tx>(
        &self,
        tx: &mut T,
        proposal: &Proposal,
        voter: Option<Voter>,
    ) -> Result<Result<(), Objection>, StoreError> {
        let values = [self.proposal.into(), self.user.into(), self.cast.choice.into(), self.at_ms.into()];
        let act = if voter == Some(Voter::Voted) {
            if own_choice(tx, self.proposal, self.user).await? == Some(self.cast.choice) {
                return Ok(Ok(()));
            }
            if !proposal.terms.changeable {
                return Ok(Err(Objection::Voted));
            }
            tx.execute(&RECAST, &values).await?;
            Acted::Changed(self.cast.choice)
        } else {
            if let Err(objection) = self.mark(tx, proposal, voter).await? {
                return Ok(Err(objection));
            }
            tx.execute(&CAST, &values).await?;
            Acted::Voted(self.cast.choice)
        };
        note(tx, self.proposal, Some(self.user), act, self.at_ms).await?;
        Ok(Ok(()))
    }

    async fn secret<T: Tx>(
        &self,
        tx: &mut T,
        proposal: &Proposal,
        voter: Option<Voter>,
    ) -> Result<Result<(), Objection>, StoreError> {
        let Cast { choice, tag } = self.cast;
        let under =
            tx.optional(&UNDER_TAG, &[self.proposal.into(), tag[..].into()], |row| row.small(0)).await?;
        match (voter, under) {
            // Sent again, because the answer got lost.
            (Some(Voter::Voted), Some(known)) if known == choice => return Ok(Ok(())),
            (Some(Voter::Voted), _) => return Ok(Err(Objection::Voted)),
            (_, Some(_)) => return Ok(Err(Objection::ReceiptTaken)),
            (_, None) => {}
        }
        if let Err(objection) = self.mark(tx, proposal, voter).await? {
            return Ok(Err(objection));
        }
        tx.execute(&CAST_SECRET, &[self.proposal.into(), tag[..].into(), choice.into()]).await?;
        Ok(Ok(()))
    }

    /// Writes down that the caller has voted.
    async fn mark<T: Tx>(
        &self,
        tx: &mut T,
        proposal: &Proposal,
        voter: Option<Voter>,
    ) -> Result<Result<(), Objection>, StoreError> {
        if u64::from(proposal.votes) >= VOTES_MAX {
            return Ok(Err(Objection::Full));
        }
        let statement = if voter == Some(Voter::Unwritten) { &ADD_VOTER } else { &MARK_VOTER };
        tx.execute(statement, &[self.proposal.into(), self.user.into()]).await?;
        tx.execute(&COUNT_VOTE, &[self.proposal.into()]).await?;
        Ok(Ok(()))
    }
}

/// Takes an open proposal back. Who opened it may, and the group's superadmins.
#[derive(Clone, Debug)]
pub struct ProposalWithdraw {
    /// Whose.
    pub group: GroupId,
    /// Which.
    pub proposal: ProposalId,
    /// Who does it.
    pub actor: Actor,
    /// Now.
    pub at_ms: i64,
}

impl Operation for ProposalWithdraw {
    type Output = Result<(), Objection>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let Some(proposal) = read(tx, self.group, self.proposal).await? else {
            return Ok(Err(Objection::NotFound));
        };
        let by = match self.actor {
            Actor::House => None,
            Actor::User(user) => {
                let role = member(tx, self.group, user).await?.map(|member| member.role);
                let own = proposal.proposer == Some(user) && role.is_some_and(Role::is_member);
                if !own && role != Some(Role::Superadmin) {
                    return Ok(Err(Objection::Denied));
                }
                Some(user)
            }
        };
        if proposal.state != ProposalState::Open || self.at_ms >= proposal.deadline_ms {
            return Ok(Err(Objection::Closed));
        }
        let prune_ms = self.at_ms.saturating_add(PROPOSALS_KEPT_MS);
        tx.execute(&WITHDRAW, &[self.proposal.into(), self.at_ms.into(), prune_ms.into()]).await?;
        note(tx, self.proposal, by, Acted::Withdrawn, self.at_ms).await?;
        Ok(Ok(()))
    }
}
