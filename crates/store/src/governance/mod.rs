//! Proposals: who may vote is fixed when one opens, everybody's ballot counts once, and the decision takes effect once,
//! in the transaction that closes it.
//!
//! **Secret ballots.** Who has voted is kept in one table, what was voted in another, and nothing leads from one to
//! the other: a ballot lies under a hash of a secret that the voter's client made, without a name and without a time.

pub(crate) mod ballots;
mod choices;
pub(crate) mod close;
pub(crate) mod end;
pub(crate) mod open;
pub(crate) mod policy;
pub(crate) mod proposal;
mod terms;
pub(crate) mod vote;

pub use ballots::{Acted, BallotFind, BallotsPage, CastBallot, ProposalAct, ProposalActs};
pub use choices::{EffectState, ProposalChoice, ProposalEffect, ProposalOutcome};
pub use close::{HookClaim, HookDue, HookEnd, HooksDue, Judged, ProposalClose, ProposalsDue, recount};
pub(crate) use end::end_of_group;
pub use end::{GovernanceForget, GovernancePrune, PruneDue};
pub use open::{Electorate, ProposalOpen};
pub use policy::{GroupPolicy, PolicyGet, PolicySet};
pub use proposal::{Proposal, ProposalGet, ProposalId, ProposalSeen, ProposalState, ProposalsPage, Viewer};
pub use terms::{Majority, ProposalTerms, Quorum, TieRule};
pub use vote::{Cast, ProposalVote, ProposalWithdraw};

/// Stands for the house where a group is named: its proposals are everybody's.
pub const HOUSE_GROUP: crate::GroupId = crate::GroupId(0);
/// Proposals that may be open in one group.
pub const OPEN_PER_GROUP_MAX: u64 = 50;
/// Proposals that one member may have open in one group.
pub const OPEN_PER_MEMBER_MAX: u64 = 5;
/// Options of a proposal.
pub const PROPOSAL_CHOICES_MAX: usize = 16;
/// Voters whom server code may name one by one.
pub const ELECTORS_NAMED_MAX: usize = 10_000;
/// Votes in a proposal of the house; later ones are refused.
pub const VOTES_MAX: u64 = 1_000_000;
/// Decided proposals are kept for so long, and then pruned.
pub const PROPOSALS_KEPT_MS: i64 = 400 * 24 * 3_600_000;

/// Why something is not done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, thiserror::Error)]
pub enum Objection {
    /// There is no such proposal.
    #[error("the proposal was not found")]
    NotFound,
    /// There is no such group.
    #[error("the group was not found")]
    NoSuchGroup,
    /// The caller's role does not allow it.
    #[error("the role in this group does not allow that")]
    Denied,
    /// The caller was not in the electorate when the proposal opened, or has left the group since.
    #[error("only those who could vote when the proposal opened, and are still here, may vote")]
    NotAnElector,
    /// It was decided, withdrawn, or its time is over.
    #[error("the proposal is closed")]
    Closed,
    /// There is no such option.
    #[error("there is no such option")]
    NoSuchChoice,
    /// The caller has voted, and this proposal does not let votes be changed.
    #[error("the vote was cast before and cannot be changed")]
    Voted,
    /// Somebody's ballot lies under this receipt.
    #[error("this receipt is in use: make another, at random")]
    ReceiptTaken,
    /// The ballot box is full.
    #[error("this proposal takes no more votes")]
    Full,
    /// Too many proposals are open in the group.
    #[error("too many proposals are open in this group")]
    TooManyInGroup,
    /// The proposer has too many open.
    #[error("too many of your proposals are open in this group")]
    TooManyOfMember,
    /// Nobody could vote.
    #[error("nobody could vote on this")]
    NoElectors,
    /// The group's policy wants more of a proposal that takes effect.
    #[error(
        "the group's policy asks for a higher quorum or majority, more time, or all members for decisions that take effect"
    )]
    BelowPolicy,
    /// Where a group is acted on, there must be one.
    #[error("a decision of the whole house can only run a hook")]
    HouseEffect,
}
