//! By which rules a proposal is decided.

use serde::{Deserialize, Serialize};

/// How many must vote for the vote to count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Quorum {
    /// So many votes. Without any vote nothing is ever decided.
    Votes(u32),
    /// So many of a thousand electors.
    PerMille(u32),
}

/// How much of the votes an option needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Majority {
    /// More votes than any other option.
    Plurality,
    /// More than half of the votes.
    Absolute,
    /// At least two thirds of the votes.
    TwoThirds,
}

/// What a tie for the first place comes to. Only a plurality can have one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TieRule {
    /// Nothing is decided.
    Rejected,
    /// Of the options that tie, the one that stands first in the proposal.
    First,
}

/// The rules of one proposal. They are fixed when it opens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProposalTerms {
    /// Nobody may learn what a voter chose.
    pub secret: bool,
    /// A vote may be changed until the deadline; never a secret one.
    pub changeable: bool,
    /// How many must vote.
    pub quorum: Quorum,
    /// How much an option needs.
    pub majority: Majority,
    /// What a tie comes to.
    pub tie: TieRule,
}
