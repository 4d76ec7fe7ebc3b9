//! Opening a proposal: who may, and who may vote on it.

use serde::{Deserialize, Serialize};

use super::ballots::{Acted, note};
use super::choices::{ProposalChoice, ProposalEffect};
use super::policy::policy;
use super::proposal::{Proposal, ProposalId, json, read_any};
use super::terms::{ProposalTerms, Quorum};
use super::{HOUSE_GROUP, OPEN_PER_GROUP_MAX, OPEN_PER_MEMBER_MAX, Objection};
use crate::groups::members::member;
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Actor, GroupId, Role, StoreError, UserId, Value};

statements! {
    OPEN_IN_GROUP = "SELECT COUNT(*) FROM proposals WHERE group_id = $1 AND state = 0";
    OPEN_OF_MEMBER = "SELECT COUNT(*) FROM proposals WHERE proposer = $1 AND group_id = $2 AND state = 0";
    INSERT = "INSERT INTO proposals (id, group_id, proposer, title, text, choices, terms, state, votes, opened_ms,
        deadline_ms, counts, effect, effect_note, effect_tries)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $9, '[]', 0, '', 0)";
    ANY_ROLE = "SELECT 1 FROM group_members WHERE group_id = $1 AND role = $2 AND joined_ms < $3 LIMIT 1";
    ANY_USER = "SELECT 1 FROM users WHERE id = $1";
    ELECT_ROLE = "INSERT INTO electors (proposal_id, user_id, voted)
        SELECT p.id, m.user_id, 0 FROM proposals p JOIN group_members m ON m.group_id = p.group_id
        WHERE p.id = $1 AND m.role = $2 AND m.joined_ms < $3";
    ELECT_USER = "INSERT INTO electors (proposal_id, user_id, voted)
        SELECT p.id, u.id, 0 FROM proposals p JOIN users u ON u.id = $2 WHERE p.id = $1
        ON CONFLICT (proposal_id, user_id) DO NOTHING";
    SET_ELECTORATE = "UPDATE proposals SET electorate = $2 WHERE id = $1";
}

/// Who may vote. Fixed when the proposal opens: who comes later cannot vote, and who has left cannot any more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Electorate {
    /// The group's people with one of these roles who came in before this time.
    Members {
        /// Of superadmins, admins and members.
        roles: Vec<Role>,
        /// Nothing is the opening.
        joined_before_ms: Option<i64>,
    },
    /// Everybody in the house whose account is older than the proposal.
    Everybody,
    /// These.
    Users(Vec<UserId>),
}

/// Opens a proposal. What it says has been looked at; here is decided whether it may be.
#[derive(Clone, Debug)]
pub struct ProposalOpen {
    /// Its id.
    pub id: ProposalId,
    /// Whose.
    pub group: GroupId,
    /// Who opens it.
    pub actor: Actor,
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
    /// Until when.
    pub deadline_ms: i64,
    /// Now.
    pub at_ms: i64,
}

impl Operation for ProposalOpen {
    type Output = Result<Proposal, Objection>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if let Err(objection) = self.check(tx).await? {
            return Ok(Err(objection));
        }
        if !self.anybody(tx).await? {
            return Ok(Err(Objection::NoElectors));
        }
        let proposer = match self.actor {
            Actor::House => None,
            Actor::User(user) => Some(user),
        };
        let (choices, terms) = (json(&self.choices)?, json(&self.terms)?);
        let values = [
            self.id.into(),
            self.group.into(),
            proposer.into(),
            (&self.title).into(),
            (&self.text).into(),
            (&choices).into(),
            (&terms).into(),
            self.at_ms.into(),
            self.deadline_ms.into(),
        ];
        tx.execute(&INSERT, &values).await?;
        if let Some(electorate) = self.elect(tx).await? {
            tx.execute(&SET_ELECTORATE, &[self.id.into(), electorate.into()]).await?;
        }
        note(tx, self.id, proposer, Acted::Opened, self.at_ms).await?;
        let made = read_any(tx, self.id).await?;
        made.map(Ok).ok_or_else(|| StoreError::Damaged("a proposal that was just made is gone".into()))
    }
}

impl ProposalOpen {
    async fn check<T: Tx>(&self, tx: &mut T) -> Result<Result<(), Objection>, StoreError> {
        let binding = self.choices.iter().any(|choice| choice.effect.is_some());
        let house_only = |effect: &ProposalEffect| matches!(effect, ProposalEffect::Hook { .. });
        if self.group == HOUSE_GROUP {
            if self.actor != Actor::House {
                return Ok(Err(Objection::Denied));
            }
            let effects = self.choices.iter().filter_map(|choice| choice.effect.as_ref());
            if !effects.into_iter().all(house_only) {
                return Ok(Err(Objection::HouseEffect));
            }
        } else if crate::groups::settings::read_group(tx, self.group).await?.is_none() {
            return Ok(Err(Objection::NoSuchGroup));
        }
        if let Actor::User(user) = self.actor {
            let role = member(tx, self.group, user).await?.map(|member| member.role);
            let policy = policy(tx, self.group).await?;
            let needed = if binding { policy.binding } else { policy.polls };
            let Some(role) = role.filter(|role| *role <= needed && role.is_member()) else {
                return Ok(Err(Objection::Denied));
            };
            if binding && role != Role::Superadmin && !self.is_enough_for(&policy) {
                return Ok(Err(Objection::BelowPolicy));
            }
            let values = [user.into(), self.group.into()];
            if tx.one(&OPEN_OF_MEMBER, &values, |row| row.count(0)).await? >= OPEN_PER_MEMBER_MAX {
                return Ok(Err(Objection::TooManyOfMember));
            }
        }
        if tx.one(&OPEN_IN_GROUP, &[self.group.into()], |row| row.count(0)).await? >= OPEN_PER_GROUP_MAX {
            return Ok(Err(Objection::TooManyInGroup));
        }
        Ok(Ok(()))
    }

    /// A decision that takes effect and was not opened by a superadmin must be the whole group's.
    fn is_enough_for(&self, policy: &super::GroupPolicy) -> bool {
        let everybody = match &self.electorate {
            Electorate::Members { roles, joined_before_ms: None } => {
                Role::ALL.iter().filter(|role| role.is_member()).all(|role| roles.contains(role))
            }
            _ => false,
        };
        let quorum = matches!(self.terms.quorum, Quorum::PerMille(share) if share >= policy.quorum_permille);
        let time = self.deadline_ms.saturating_sub(self.at_ms) >= policy.open_ms;
        everybody && quorum && time && self.terms.majority >= policy.majority
    }

    /// Those who came in with this very millisecond are in as well, where nothing else is said.
    fn before_ms(&self, joined_before_ms: Option<i64>) -> i64 {
        joined_before_ms.unwrap_or(self.at_ms.saturating_add(1))
    }

    /// Could anybody vote? Looked at before anything is written.
    async fn anybody<T: Tx>(&self, tx: &mut T) -> Result<bool, StoreError> {
        match &self.electorate {
            Electorate::Everybody => return Ok(self.group == HOUSE_GROUP),
            Electorate::Members { roles, joined_before_ms } => {
                for role in roles {
                    let before = self.before_ms(*joined_before_ms);
                    let values: [Value<'_>; 3] = [self.group.into(), (*role).into(), before.into()];
                    if tx.optional(&ANY_ROLE, &values, |_| Ok(())).await?.is_some() {
                        return Ok(true);
                    }
                }
            }
            Electorate::Users(users) => {
                for user in users {
                    if tx.optional(&ANY_USER, &[(*user).into()], |_| Ok(())).await?.is_some() {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Writes down who may vote; how many, unless everybody may.
    async fn elect<T: Tx>(&self, tx: &mut T) -> Result<Option<u32>, StoreError> {
        let mut electorate = 0;
        match &self.electorate {
            Electorate::Everybody => return Ok(None),
            Electorate::Members { roles, joined_before_ms } => {
                let mut roles = roles.clone();
                roles.sort_unstable();
                roles.dedup();
                for role in roles {
                    let before = self.before_ms(*joined_before_ms);
                    electorate +=
                        tx.execute(&ELECT_ROLE, &[self.id.into(), role.into(), before.into()]).await?;
                }
            }
            Electorate::Users(users) => {
                for user in users {
                    electorate += tx.execute(&ELECT_USER, &[self.id.into(), (*user).into()]).await?;
                }
            }
        }
        let electorate = u32::try_from(electorate);
        electorate.map(Some).map_err(|_| StoreError::NotStorable("an electorate above 2^32"))
    }
}
