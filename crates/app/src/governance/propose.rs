//! Opening a proposal: what it says is looked at here, whether it may be in the store's transaction.

use store::{
    Actor, Electorate, GroupId, GroupPolicy, HOUSE_GROUP, PROPOSAL_CHOICES_MAX, Proposal, ProposalChoice,
    ProposalEffect, ProposalId, ProposalOpen, ProposalTerms, ProposalWithdraw, Quorum, Role,
};

use super::{Governance, GovernanceError};
use crate::groups;

/// Bytes of a proposal's title.
pub const TITLE_BYTES_MAX: usize = 256;
/// Bytes of a proposal's text.
pub const TEXT_BYTES_MAX: usize = 8 << 10;
/// Bytes of an option's text.
pub const OPTION_BYTES_MAX: usize = 256;
/// Bytes of the input of a hook.
pub const HOOK_INPUT_BYTES_MAX: usize = 4 << 10;
/// The shortest time for voting.
pub const OPEN_MS_MIN: i64 = 1_000;
/// The longest time for voting.
pub const OPEN_MS_MAX: i64 = 90 * 24 * 3_600_000;

/// A proposal as it is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewProposal {
    /// In a few words.
    pub title: String,
    /// In full.
    pub text: String,
    /// What can be chosen.
    pub choices: Vec<ProposalChoice>,
    /// By which rules.
    pub terms: ProposalTerms,
    /// Who may vote.
    pub electorate: Electorate,
    /// How long votes are taken.
    pub open_ms: i64,
}

impl Governance {
    /// Opens a proposal.
    pub async fn propose(
        &self,
        actor: Actor,
        group: GroupId,
        new: NewProposal,
    ) -> Result<Proposal, GovernanceError> {
        self.check(actor, group, &new)?;
        let NewProposal { title, text, choices, terms, electorate, open_ms } = new;
        let at_ms = self.core.now_ms();
        let open = ProposalOpen {
            id: ProposalId(self.core.new_id()),
            group,
            actor,
            title,
            text,
            choices,
            terms,
            electorate,
            deadline_ms: at_ms.saturating_add(open_ms),
            at_ms,
        };
        Ok(self.core.write(open).await?.into_inner()?)
    }

    /// Takes an open proposal back. Who opened it may, and the group's superadmins.
    pub async fn withdraw(
        &self,
        actor: Actor,
        group: GroupId,
        proposal: ProposalId,
    ) -> Result<(), GovernanceError> {
        let withdraw = ProposalWithdraw { group, proposal, actor, at_ms: self.core.now_ms() };
        Ok(self.core.write(withdraw).await?.into_inner()?)
    }

    fn check(&self, actor: Actor, group: GroupId, new: &NewProposal) -> Result<(), GovernanceError> {
        text("title", &new.title, TITLE_BYTES_MAX, true)?;
        text("text", &new.text, TEXT_BYTES_MAX, false)?;
        if !(2..=PROPOSAL_CHOICES_MAX).contains(&new.choices.len()) {
            return invalid(format!("a proposal must have 2 to {PROPOSAL_CHOICES_MAX} options"));
        }
        for choice in &new.choices {
            text("an option", &choice.text, OPTION_BYTES_MAX, true)?;
            if let Some(effect) = &choice.effect {
                self.check_effect(effect)?;
            }
        }
        if !(OPEN_MS_MIN..=OPEN_MS_MAX).contains(&new.open_ms) {
            return invalid(format!(
                "votes must be taken for {} to {} seconds",
                OPEN_MS_MIN / 1_000,
                OPEN_MS_MAX / 1_000
            ));
        }
        if new.terms.secret && new.terms.changeable {
            return invalid("a secret vote cannot be changed: nothing leads from a voter to a ballot".into());
        }
        match new.terms.quorum {
            Quorum::PerMille(0) | Quorum::Votes(0) => return invalid("a quorum must be at least 1".into()),
            Quorum::PerMille(share) if share > 1_000 => {
                return invalid("a quorum is at most 1000 per mille".into());
            }
            Quorum::PerMille(_) if new.electorate == Electorate::Everybody => {
                return invalid("where everybody may vote, the quorum must be a number of votes".into());
            }
            Quorum::PerMille(_) | Quorum::Votes(_) => {}
        }
        match &new.electorate {
            Electorate::Members { .. } if group == HOUSE_GROUP => invalid(
                "what concerns the house has no members: name the voters, or nobody for everybody".into(),
            ),
            Electorate::Members { roles, .. }
                if roles.is_empty() || !roles.iter().all(|role| role.is_member()) =>
            {
                invalid("the roles of voters must be of 0, 1 and 2".into())
            }
            Electorate::Everybody if group != HOUSE_GROUP => {
                invalid("only what concerns the house can be voted on by everybody".into())
            }
            Electorate::Users(_) if actor != Actor::House => {
                invalid("only server code may name the voters one by one".into())
            }
            Electorate::Users(users) if !(1..=store::ELECTORS_NAMED_MAX).contains(&users.len()) => {
                invalid(format!("1 to {} voters can be named", store::ELECTORS_NAMED_MAX))
            }
            _ => Ok(()),
        }
    }

    fn check_effect(&self, effect: &ProposalEffect) -> Result<(), GovernanceError> {
        match effect {
            ProposalEffect::Role { role, .. } if !role.is_member() => invalid(
                "a decision can make somebody superadmin, admin or member: state must be 0, 1 or 2".into(),
            ),
            ProposalEffect::Role { .. } | ProposalEffect::Expel { .. } => Ok(()),
            ProposalEffect::Settings(settings) => Ok(groups::check_settings(settings)?),
            ProposalEffect::Hook { name, input } => {
                if input.len() > HOOK_INPUT_BYTES_MAX {
                    return invalid(format!("a hook's input must be at most {HOOK_INPUT_BYTES_MAX} bytes"));
                }
                self.check_hook(name, input)
            }
        }
    }
}

/// Could a group ask this of proposals?
pub(super) fn check_policy(policy: &GroupPolicy) -> Result<(), GovernanceError> {
    let roles = [policy.polls, policy.binding];
    if !roles.iter().all(|role| Role::is_member(*role)) {
        return invalid(
            "proposals can be opened by superadmins, admins or members: states are 0, 1 and 2".into(),
        );
    }
    if !(1..=1_000).contains(&policy.quorum_permille) {
        return invalid("the quorum must be 1 to 1000 per mille".into());
    }
    if !(OPEN_MS_MIN..=OPEN_MS_MAX).contains(&policy.open_ms) {
        return invalid(format!(
            "the time must be {} to {} seconds",
            OPEN_MS_MIN / 1_000,
            OPEN_MS_MAX / 1_000
        ));
    }
    Ok(())
}

fn text(name: &str, value: &str, most: usize, needed: bool) -> Result<(), GovernanceError> {
    let bad = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    let missing = needed && value.trim().is_empty();
    if missing || value.len() > most || value.chars().any(bad) {
        let least = u8::from(needed);
        return invalid(format!("{name} must be {least} to {most} bytes of text"));
    }
    Ok(())
}

fn invalid<T>(why: String) -> Result<T, GovernanceError> {
    Err(GovernanceError::Invalid(why))
}
