//! Voting, and reading the ballots and what was done.

use std::ops::RangeInclusive;

use sha2::{Digest, Sha256};
use store::{
    Actor, BallotFind, BallotsPage, Cast, CastBallot, GroupId, ProposalAct, ProposalActs, ProposalId,
    ProposalVote, UserId,
};

use super::{Governance, GovernanceError, within};
use crate::cursor::{self, BadCursor};

/// Length of a voter's receipt.
pub const RECEIPT_BYTES: RangeInclusive<usize> = 32..=128;

/// Ballots of one answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BallotsFound {
    /// In an order that tells nothing of when they were cast.
    pub ballots: Vec<CastBallot>,
    /// Where the list goes on; empty at its end.
    pub cursor: String,
}

/// Acts of one answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ActsPage {
    /// In order.
    pub acts: Vec<ProposalAct>,
    /// Where the list goes on; empty at its end.
    pub cursor: String,
}

/// Under what a secret ballot lies: SHA-256 of the proposal's id as text, a colon and the receipt. A client can make it
/// without asking.
pub fn tag_of(proposal: ProposalId, receipt: &str) -> Result<[u8; 32], GovernanceError> {
    let visible = receipt.bytes().all(|byte| byte.is_ascii_graphic());
    if !RECEIPT_BYTES.contains(&receipt.len()) || !visible {
        return Err(GovernanceError::Receipt);
    }
    let mut hasher = Sha256::new();
    hasher.update(proposal.to_string());
    hasher.update(b":");
    hasher.update(receipt);
    Ok(hasher.finalize().into())
}

impl Governance {
    /// Casts a vote. A secret one needs a receipt that the voter's client made at random. Sending the same again is
    /// answered as the first time.
    pub async fn vote(
        &self,
        user: UserId,
        group: GroupId,
        proposal: ProposalId,
        choice: u32,
        receipt: Option<&str>,
    ) -> Result<(), GovernanceError> {
        let tag = receipt.map(|receipt| tag_of(proposal, receipt)).transpose()?;
        let seen = self.get(Actor::User(user), group, proposal).await?;
        // The terms never change, so they can be looked at outside of the vote's transaction.
        if seen.proposal.terms.secret != tag.is_some() {
            return Err(GovernanceError::Receipt);
        }
        let cast = Cast { choice, tag: tag.unwrap_or_default() };
        let vote = ProposalVote { group, proposal, user, cast, at_ms: self.core.now_ms() };
        Ok(self.core.write(vote).await?.into_inner()?)
    }

    /// What is counted under a receipt.
    pub async fn verify(
        &self,
        actor: Actor,
        group: GroupId,
        proposal: ProposalId,
        receipt: &str,
    ) -> Result<CastBallot, GovernanceError> {
        let tag = tag_of(proposal, receipt)?;
        let found = self.core.read(BallotFind { group, proposal, actor, tag }).await??;
        found.map(|choice| CastBallot::Secret { tag, choice }).ok_or(GovernanceError::NoBallot)
    }

    /// The ballots: open ones at any time, secret ones once they were counted.
    pub async fn ballots(
        &self,
        actor: Actor,
        group: GroupId,
        proposal: ProposalId,
        limit: u32,
        cursor: &str,
    ) -> Result<BallotsFound, GovernanceError> {
        let most = within(limit)?;
        let id = proposal.0.to_be_bytes();
        let scope: [&[u8]; 2] = [b"ballots", &id];
        let after = if cursor.is_empty() { Vec::new() } else { cursor::open(&scope, cursor)? };
        let seen = self.get(actor, group, proposal).await?;
        if seen.proposal.terms.secret && seen.proposal.state == store::ProposalState::Open {
            return Err(GovernanceError::Invalid("secret ballots are shown once they were counted".into()));
        }
        let page = BallotsPage { group, proposal, actor, after, limit: limit + 1 };
        let mut ballots = self.core.read(page).await??;
        let more = ballots.len() > most;
        ballots.truncate(most);
        let next = ballots.last().filter(|_| more).map(|ballot| match ballot {
            CastBallot::Open { user, .. } => cursor::seal(&scope, &user.to_bytes()),
            CastBallot::Secret { tag, .. } => cursor::seal(&scope, tag),
        });
        Ok(BallotsFound { ballots, cursor: next.unwrap_or_default() })
    }

    /// Who did what, in order: everything where ballots are open, all but the votes where they are secret.
    pub async fn acts(
        &self,
        actor: Actor,
        group: GroupId,
        proposal: ProposalId,
        limit: u32,
        cursor: &str,
    ) -> Result<ActsPage, GovernanceError> {
        let most = within(limit)?;
        let id = proposal.0.to_be_bytes();
        let scope: [&[u8]; 2] = [b"acts", &id];
        let after = match cursor {
            "" => 0,
            text => i64::from_be_bytes(cursor::open(&scope, text)?.try_into().map_err(|_| BadCursor)?),
        };
        self.get(actor, group, proposal).await?;
        let page = ProposalActs { group, proposal, actor, after, limit: limit + 1 };
        let mut acts = self.core.read(page).await??;
        let more = acts.len() > most;
        acts.truncate(most);
        let next = acts.last().filter(|_| more).map(|act| cursor::seal(&scope, &act.seq.to_be_bytes()));
        Ok(ActsPage { acts, cursor: next.unwrap_or_default() })
    }
}
