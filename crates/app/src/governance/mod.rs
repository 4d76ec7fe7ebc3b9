//! Governance: proposals, ballots, and decisions that take effect once.
//!
//! A proposal belongs to a group, or to the whole house where server code opened it ([`store::HOUSE_GROUP`]). Who may
//! vote is fixed when it opens. At its deadline the ballots are counted and what was chosen is done: in the very
//! transaction where that is a change of a group, and by a studio's hook, at least once under the proposal's id, where
//! it is anything else. Closing is done by the clock and by whoever looks; doing it twice does nothing twice.
//!
//! # What a secret ballot is worth
//!
//! The voter's client makes a *receipt*, a random text that only it keeps. The ballot lies under its hash, without a
//! name and without a time; that the voter has voted is written elsewhere. No answer of the service, to whomever,
//! leads from a voter to a choice, and the ballots are shown only when all are in: then everybody can count them, and
//! each voter can find the own one by its hash. Whom that does not help:
//! - a voter who gives the receipt away shows the own vote: votes can be sold, and demanded;
//! - where all chose the same, the result tells;
//! - who can read the server's memory, or compare copies of its files from before and after a vote, can tell who voted
//!   what; so can a studio's own code in front of the route;
//! - who changes the files can add ballots; the count of voters beside them is what would not fit.

mod convert;
mod effects;
mod functions;
mod propose;
#[cfg(test)]
mod tests;
mod vote;

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;
use store::{
    Actor, GroupId, GroupPolicy, Objection, PolicyGet, PolicySet, ProposalClose, ProposalGet, ProposalId,
    ProposalSeen, ProposalState, ProposalsDue, ProposalsPage, StoreError,
};

use crate::core::Core;
use crate::cursor::{self, BadCursor};
use crate::groups::{GroupError, Groups};

pub use convert::{ballot_outside, effect_of, outside, policy_of, policy_outside, proposal_of, state_of};
pub use effects::{Decision, HOOK_NAME_BYTES_MAX, HOOK_TRIES_MAX};
pub use functions::functions;
pub use propose::{
    HOOK_INPUT_BYTES_MAX, NewProposal, OPEN_MS_MAX, OPEN_MS_MIN, OPTION_BYTES_MAX, TEXT_BYTES_MAX,
    TITLE_BYTES_MAX,
};
pub use vote::{ActsPage, BallotsFound, RECEIPT_BYTES, tag_of};

/// Proposals, ballots or acts in one answer.
pub const LIST_MAX: u32 = 100;
/// Proposals that one round of closing reads at a time.
const CLOSED_AT_ONCE: u32 = 100;
/// Rows of old proposals that are removed at a time.
const PRUNED_AT_ONCE: u32 = 1_000;

/// Why a use case of governance says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GovernanceError {
    /// What was given cannot be.
    #[error("{0}")]
    Invalid(String),
    /// Too many or too few.
    #[error("limit must be from 1 to {LIST_MAX}")]
    Limit,
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] BadCursor),
    /// The receipt is none, or none was given where one is needed.
    #[error("a secret ballot needs a receipt of {} to {} visible ASCII characters made at random, an open one has none", RECEIPT_BYTES.start(), RECEIPT_BYTES.end())]
    Receipt,
    /// Nothing is counted under the receipt.
    #[error("no ballot is counted under this receipt")]
    NoBallot,
    /// It may not be.
    #[error(transparent)]
    Objection(#[from] Objection),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GroupError> for GovernanceError {
    fn from(error: GroupError) -> Self {
        match error {
            GroupError::Store(error) => error.into(),
            error => GovernanceError::Invalid(error.to_string()),
        }
    }
}

/// Proposals of one answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProposalsFound {
    /// The newest first.
    pub proposals: Vec<ProposalSeen>,
    /// Where the list goes on; empty at its end.
    pub cursor: String,
}

/// The use cases. Clones share everything.
#[derive(Clone)]
pub struct Governance {
    core: Core,
    groups: Groups,
    hooks: Arc<RwLock<BTreeMap<String, Arc<effects::Hook>>>>,
}

impl Governance {
    /// Over what every domain works with, and the groups that decide.
    pub fn new(core: &Core, groups: &Groups) -> Self {
        Self { core: core.clone(), groups: groups.clone(), hooks: Arc::default() }
    }

    /// A proposal as it stands now.
    pub async fn get(
        &self,
        actor: Actor,
        group: GroupId,
        proposal: ProposalId,
    ) -> Result<ProposalSeen, GovernanceError> {
        let get = ProposalGet { group, proposal, actor };
        let seen = self.core.read(get.clone()).await??;
        if !self.is_due(&seen) {
            return Ok(seen);
        }
        self.close(proposal).await?;
        Ok(self.core.read(get).await??)
    }

    /// A group's proposals, the newest first.
    pub async fn list(
        &self,
        actor: Actor,
        group: GroupId,
        state: Option<ProposalState>,
        limit: u32,
        cursor: &str,
    ) -> Result<ProposalsFound, GovernanceError> {
        let most = within(limit)?;
        let id = group.0.to_be_bytes();
        let wanted = [state.map_or(u8::MAX, |state| state as u8)];
        let scope: [&[u8]; 3] = [b"proposals", &id, &wanted];
        let before = match cursor {
            "" => None,
            text => {
                let held = cursor::open(&scope, text)?.try_into().map_err(|_| BadCursor)?;
                Some(ProposalId(u128::from_be_bytes(held)))
            }
        };
        let page = ProposalsPage { group, actor, state, before, limit: limit + 1 };
        let mut proposals = self.core.read(page.clone()).await??;
        let due: Vec<_> =
            proposals.iter().filter(|seen| self.is_due(seen)).map(|seen| seen.proposal.id).collect();
        if !due.is_empty() {
            for proposal in due {
                self.close(proposal).await?;
            }
            proposals = self.core.read(page).await??;
        }
        let more = proposals.len() > most;
        proposals.truncate(most);
        let next = proposals.last().filter(|_| more);
        let cursor = next.map(|seen| cursor::seal(&scope, &seen.proposal.id.0.to_be_bytes()));
        Ok(ProposalsFound { proposals, cursor: cursor.unwrap_or_default() })
    }

    /// What a group asks of proposals.
    pub async fn policy(&self, group: GroupId) -> Result<GroupPolicy, GovernanceError> {
        Ok(self.core.read(PolicyGet { group }).await?)
    }

    /// Asks something else of proposals. The group's superadmins may.
    pub async fn set_policy(
        &self,
        actor: Actor,
        group: GroupId,
        policy: GroupPolicy,
    ) -> Result<(), GovernanceError> {
        propose::check_policy(&policy)?;
        self.core.write(PolicySet { group, actor, policy }).await?.into_inner()?;
        Ok(())
    }

    fn is_due(&self, seen: &ProposalSeen) -> bool {
        seen.proposal.state == ProposalState::Open && seen.proposal.deadline_ms <= self.core.now_ms()
    }

    /// Closes a proposal if its time has come, and tells the group what that changed.
    pub async fn close(&self, proposal: ProposalId) -> Result<(), StoreError> {
        let close = ProposalClose { proposal, at_ms: self.core.now_ms() };
        // Not a part of the request that happens to look: its own idempotency key must not hold this.
        let Some(judged) = self.core.store().write(close).await?.into_inner() else { return Ok(()) };
        let outcome = if judged.proposal.state == ProposalState::Decided { "decided" } else { "rejected" };
        metrics::counter!("longhouse_proposals_closed_total", "outcome" => outcome).increment(1);
        if let Some(done) = judged.done {
            self.groups.tell(&done, store::Act::Kick, None).await;
        }
        Ok(())
    }

    /// Closes every proposal whose time has come, and removes what was decided long ago. Called by the clock.
    pub async fn tick(&self) -> Result<(), StoreError> {
        loop {
            let due = ProposalsDue { now_ms: self.core.now_ms(), limit: CLOSED_AT_ONCE };
            let due = self.core.read(due).await?;
            if due.is_empty() {
                break;
            }
            for proposal in due {
                self.close(proposal).await?;
            }
        }
        let prune = store::PruneDue { now_ms: self.core.now_ms() };
        if self.core.read(prune).await? {
            let prune = store::GovernancePrune { now_ms: self.core.now_ms(), limit: PRUNED_AT_ONCE };
            self.core.store().write(prune).await?;
        }
        Ok(())
    }
}

fn within(limit: u32) -> Result<usize, GovernanceError> {
    match usize::try_from(limit) {
        Ok(most) if (1..=LIST_MAX).contains(&limit) => Ok(most),
        _ => Err(GovernanceError::Limit),
    }
}
