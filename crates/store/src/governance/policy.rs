//! What a group asks of proposals. Without a policy of its own, members may open polls, and only superadmins may open
//! proposals that take effect: nobody gets more power by a vote that nobody else saw coming.

use serde::{Deserialize, Serialize};

use super::proposal::{json, of_json};
use super::terms::Majority;
use super::{HOUSE_GROUP, Objection};
use crate::groups::members::member;
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Actor, GroupId, Role, StoreError};

statements! {
    GET = "SELECT policy FROM group_policies WHERE group_id = $1";
    PUT = "INSERT INTO group_policies (group_id, policy) VALUES ($1, $2)
        ON CONFLICT (group_id) DO UPDATE SET policy = excluded.policy";
}

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GroupPolicy {
    /// The lowest role that may open a proposal without effect.
    pub polls: Role,
    /// The lowest role that may open one that takes effect. Below the superadmins, the following is asked for, and
    /// that all members may vote.
    pub binding: Role,
    /// The least quorum, in so many of a thousand electors.
    pub quorum_permille: u32,
    /// The least majority.
    pub majority: Majority,
    /// The least time for voting.
    pub open_ms: i64,
}

impl Default for GroupPolicy {
    fn default() -> Self {
        Self {
            polls: Role::Member,
            binding: Role::Superadmin,
            quorum_permille: 500,
            majority: Majority::Absolute,
            open_ms: 24 * 3_600_000,
        }
    }
}

pub(super) async fn policy<T: Tx>(tx: &mut T, group: GroupId) -> Result<GroupPolicy, StoreError> {
    let found = tx.optional(&GET, &[group.into()], |row| row.text(0)).await?;
    found.map_or_else(|| Ok(GroupPolicy::default()), |text| of_json(&text))
}

/// Reads a group's policy.
#[derive(Clone, Debug)]
pub struct PolicyGet {
    /// Whose.
    pub group: GroupId,
}

impl Operation for PolicyGet {
    type Output = GroupPolicy;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        policy(tx, self.group).await
    }
}

/// Gives a group another policy. Its superadmins may.
#[derive(Clone, Debug)]
pub struct PolicySet {
    /// Whose.
    pub group: GroupId,
    /// Who does it.
    pub actor: Actor,
    /// From now on.
    pub policy: GroupPolicy,
}

impl Operation for PolicySet {
    type Output = Result<(), Objection>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if self.group == HOUSE_GROUP || crate::groups::settings::read_group(tx, self.group).await?.is_none() {
            return Ok(Err(Objection::NoSuchGroup));
        }
        if let Actor::User(user) = self.actor
            && member(tx, self.group, user).await?.map(|member| member.role) != Some(Role::Superadmin)
        {
            return Ok(Err(Objection::Denied));
        }
        tx.execute(&PUT, &[self.group.into(), (&json(&self.policy)?).into()]).await?;
        Ok(Ok(()))
    }
}
