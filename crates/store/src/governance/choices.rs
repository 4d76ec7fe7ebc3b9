//! What can be chosen, and what a choice does.

use serde::{Deserialize, Serialize};

use crate::{GroupSettings, Role, StoreError, UserId};

/// One option of a proposal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProposalChoice {
    /// As voters read it.
    pub text: String,
    /// What happens if it is chosen.
    pub effect: Option<ProposalEffect>,
}

/// What a decision does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ProposalEffect {
    /// A member gets another role, from superadmin to member.
    Role {
        /// Who.
        user: UserId,
        /// Which.
        role: Role,
    },
    /// A member, or somebody who asked to be one, is put out.
    Expel {
        /// Who.
        user: UserId,
        /// They must not come back.
        ban: bool,
    },
    /// The group gets other settings.
    Settings(GroupSettings),
    /// The studio's code runs; at least once, under the proposal's id as its key.
    Hook {
        /// As it was registered.
        name: String,
        /// JSON for it.
        input: String,
    },
}

/// What the votes came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ProposalOutcome {
    /// This option was chosen.
    Chosen(u32),
    /// Too few voted.
    NoQuorum,
    /// No option had the majority.
    NoMajority,
    /// Two or more shared the first place.
    Tie,
}

impl ProposalOutcome {
    pub(super) fn columns(self) -> (i64, Option<i64>) {
        match self {
            ProposalOutcome::Chosen(choice) => (0, Some(choice.into())),
            ProposalOutcome::NoQuorum => (1, None),
            ProposalOutcome::NoMajority => (2, None),
            ProposalOutcome::Tie => (3, None),
        }
    }

    pub(super) fn of(outcome: Option<i64>, chosen: Option<i64>) -> Result<Option<Self>, StoreError> {
        let damaged = || StoreError::Damaged("the outcome of a proposal is out of range".into());
        Ok(Some(match (outcome, chosen) {
            (None, None) => return Ok(None),
            (Some(0), Some(choice)) => ProposalOutcome::Chosen(u32::try_from(choice).map_err(|_| damaged())?),
            (Some(1), None) => ProposalOutcome::NoQuorum,
            (Some(2), None) => ProposalOutcome::NoMajority,
            (Some(3), None) => ProposalOutcome::Tie,
            _ => return Err(damaged()),
        }))
    }
}

/// How far the effect of a decision is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum EffectState {
    /// There is none.
    None = 0,
    /// It was done, with the closing of the proposal or by the hook.
    Done = 1,
    /// It could not be done any more; the note says why.
    Refused = 2,
    /// The hook is still to run.
    Pending = 3,
    /// The hook failed so often that it was given up; the note has its last words.
    GivenUp = 4,
}

impl EffectState {
    pub(super) fn of(number: i64) -> Result<Self, StoreError> {
        Ok(match number {
            0 => Self::None,
            1 => Self::Done,
            2 => Self::Refused,
            3 => Self::Pending,
            4 => Self::GivenUp,
            _ => return Err(StoreError::Damaged("the effect of a proposal is out of range".into())),
        })
    }
}
