//! Changes of roles. An operation plans everything first and writes then, because a refusal must leave nothing done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::roles::{Act, GroupRefusal, Role, Verdict, Who, verdict};
use super::settings::{Group, read_group, remove_group};
use super::{GROUP_ADMINS_TOLD_MAX, GROUP_BANS_MAX, GROUP_REQUESTS_MAX, GROUPS_PER_USER_MAX, GroupId};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId, Value};

statements! {
    GET = "SELECT role, joined_ms, since_ms FROM group_members WHERE group_id = $1 AND user_id = $2";
    PUT = "INSERT INTO group_members (group_id, user_id, role, joined_ms, since_ms) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (group_id, user_id) DO UPDATE SET role = excluded.role, joined_ms = excluded.joined_ms,
        since_ms = excluded.since_ms";
    REMOVE = "DELETE FROM group_members WHERE group_id = $1 AND user_id = $2";
    WITH_ROLE = "SELECT COUNT(*) FROM group_members WHERE group_id = $1 AND role = $2";
    OF_USER = "SELECT COUNT(*) FROM group_members WHERE user_id = $1 AND role <= 3";
    ADMINS = "SELECT user_id FROM group_members WHERE group_id = $1 AND role <= 1 ORDER BY role, since_ms, user_id
        LIMIT $2";
    SET_MEMBERS = "UPDATE groups SET members = $2, updated_ms = $3 WHERE id = $1";
    USERNAME = "SELECT username FROM users WHERE id = $1";
}

/// On whose account something is done in a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Actor {
    /// Server code, or a decision of the group: allowed what a superadmin is.
    House,
    /// A user, with the role that they have at that moment.
    User(UserId),
}

/// Somebody's place in a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GroupMember {
    /// What they are.
    pub role: Role,
    /// When they came in; for others, when they got their role.
    pub joined_ms: i64,
    /// Since when they have this role.
    pub since_ms: i64,
}

pub(crate) async fn member<T: Tx>(
    tx: &mut T,
    group: GroupId,
    user: UserId,
) -> Result<Option<GroupMember>, StoreError> {
    tx.optional(&GET, &[group.into(), user.into()], |row| {
        Ok(GroupMember { role: Role::stored(row.int(0)?)?, joined_ms: row.int(1)?, since_ms: row.int(2)? })
    })
    .await
}

/// Reads what somebody is in a group.
#[derive(Clone, Debug)]
pub struct GroupRole {
    /// Where.
    pub group: GroupId,
    /// Who.
    pub user: UserId,
}

impl Operation for GroupRole {
    type Output = Option<GroupMember>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        member(tx, self.group, self.user).await
    }
}

pub(crate) async fn put_member<T: Tx>(
    tx: &mut T,
    group: GroupId,
    user: UserId,
    member: GroupMember,
) -> Result<(), StoreError> {
    let GroupMember { role, joined_ms, since_ms } = member;
    let values = [group.into(), user.into(), role.into(), joined_ms.into(), since_ms.into()];
    tx.execute(&PUT, &values).await.map(drop)
}

pub(crate) async fn with_role<T: Tx>(tx: &mut T, group: GroupId, role: Role) -> Result<u64, StoreError> {
    tx.one(&WITH_ROLE, &[group.into(), role.into()], |row| row.count(0)).await
}

/// The groups that a user is in or has asked to be in.
pub(crate) async fn groups_of<T: Tx>(tx: &mut T, user: UserId) -> Result<u64, StoreError> {
    tx.one(&OF_USER, &[user.into()], |row| row.count(0)).await
}

pub(crate) async fn username<T: Tx>(tx: &mut T, user: UserId) -> Result<Option<String>, StoreError> {
    tx.optional(&USERNAME, &[user.into()], |row| row.text(0)).await
}

/// Does something to the roles of some users: to all of them or, where one is refused, to none.
#[derive(Clone, Debug)]
pub struct GroupAct {
    /// Where.
    pub group: GroupId,
    /// Who does it.
    pub actor: Actor,
    /// What.
    pub act: Act,
    /// To whom; for [`Act::Join`] and [`Act::Leave`] the actor alone.
    pub targets: Vec<UserId>,
    /// Now.
    pub at_ms: i64,
}

/// What changed for one user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemberChange {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub username: String,
    /// What they were.
    pub from: Option<Role>,
    /// What they are.
    pub to: Option<Role>,
}

/// What an operation did in a group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GroupDone {
    /// As it is now, or was when it ended.
    pub group: Group,
    /// Whose role is another; those for whom nothing was to be done are not here.
    pub changes: Vec<MemberChange>,
    /// The last member is gone, and with them the group.
    pub ended: bool,
    /// Who accepts requests, where one was made.
    pub admins: Vec<UserId>,
}

impl Operation for GroupAct {
    type Output = Result<GroupDone, GroupRefusal>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let Some(group) = read_group(tx, self.group).await? else { return Ok(Err(GroupRefusal::NotFound)) };
        let acting = match self.actor {
            Actor::House => Who::House,
            Actor::User(user) => Who::Other(member(tx, self.group, user).await?.map(|member| member.role)),
        };
        let mut plan = Plan::of(group, self.at_ms);
        for &target in &self.targets {
            let now = plan.look(tx, target).await?;
            let who = if self.actor == Actor::User(target) { Who::Themselves } else { acting };
            let to = match verdict(self.act, who, now.map(|member| member.role), plan.group.open) {
                Verdict::Stays => continue,
                Verdict::Becomes(role) => Some(role),
                Verdict::Goes => None,
                Verdict::Refused(refusal) => return Ok(Err(refusal)),
            };
            if let Err(refusal) = plan.set(tx, target, to).await? {
                return Ok(Err(refusal));
            }
        }
        plan.finish(tx).await
    }
}

/// Changes of roles in one group that are not written yet.
pub(crate) struct Plan {
    pub(crate) group: Group,
    at_ms: i64,
    known: BTreeMap<UserId, (Option<GroupMember>, Option<GroupMember>)>,
    changes: Vec<MemberChange>,
}

impl Plan {
    pub(crate) fn of(group: Group, at_ms: i64) -> Self {
        Self { group, at_ms, known: BTreeMap::new(), changes: Vec::new() }
    }

    /// What somebody would be after the changes so far.
    pub(crate) async fn look<T: Tx>(
        &mut self,
        tx: &mut T,
        user: UserId,
    ) -> Result<Option<GroupMember>, StoreError> {
        if let Some((_, now)) = self.known.get(&user) {
            return Ok(*now);
        }
        let now = member(tx, self.group.id, user).await?;
        self.known.insert(user, (now, now));
        Ok(now)
    }

    /// Gives somebody another role, or none.
    pub(crate) async fn set<T: Tx>(
        &mut self,
        tx: &mut T,
        user: UserId,
        to: Option<Role>,
    ) -> Result<Result<(), GroupRefusal>, StoreError> {
        let from = self.look(tx, user).await?;
        let counted = |member: &GroupMember| member.role <= Role::Request;
        if to.is_some_and(|role| role <= Role::Request)
            && !from.as_ref().is_some_and(counted)
            && groups_of(tx, user).await? >= GROUPS_PER_USER_MAX
        {
            return Ok(Err(GroupRefusal::TooMany(user)));
        }
        let Some(username) = username(tx, user).await? else {
            return Ok(Err(GroupRefusal::NoSuchUser(user)));
        };
        let stays_in = |from: &GroupMember, role: Role| from.role.is_member() && role.is_member();
        let next = to.map(|role| GroupMember {
            role,
            joined_ms: from.filter(|from| stays_in(from, role)).map_or(self.at_ms, |from| from.joined_ms),
            since_ms: self.at_ms,
        });
        if let Some((_, now)) = self.known.get_mut(&user) {
            *now = next;
        }
        self.changes.push(MemberChange { user, username, from: from.map(|from| from.role), to });
        Ok(Ok(()))
    }

    /// Looks at what the changes come to as a whole, and writes them if that is allowed.
    pub(crate) async fn finish<T: Tx>(
        mut self,
        tx: &mut T,
    ) -> Result<Result<GroupDone, GroupRefusal>, StoreError> {
        let mut moved = [0i64; Role::ALL.len()];
        for (before, after) in self.known.values() {
            if let Some(before) = before {
                moved[before.role as usize] -= 1;
            }
            if let Some(after) = after {
                moved[after.role as usize] += 1;
            }
        }
        let grown: i64 =
            Role::ALL.iter().filter(|role| role.is_member()).map(|&role| moved[role as usize]).sum();
        let members = i64::from(self.group.members) + grown;
        let members = u32::try_from(members)
            .map_err(|_| StoreError::Damaged(format!("the group {} has a wrong count", self.group.id)))?;
        if grown > 0 && members > self.group.max_count {
            return Ok(Err(GroupRefusal::Full));
        }
        for (role, most) in [(Role::Request, GROUP_REQUESTS_MAX), (Role::Banned, GROUP_BANS_MAX)] {
            let more = moved[role as usize];
            if more > 0 && with_role(tx, self.group.id, role).await?.saturating_add_signed(more) > most {
                return Ok(Err(GroupRefusal::Crowded));
            }
        }
        let fewer = moved[Role::Superadmin as usize];
        let ended = members == 0 && grown < 0;
        if fewer < 0 && !ended {
            let superadmins = with_role(tx, self.group.id, Role::Superadmin).await?;
            if superadmins.saturating_add_signed(fewer) == 0 {
                return Ok(Err(GroupRefusal::LastSuperadmin));
            }
        }
        let group = self.group.id;
        if ended {
            remove_group(tx, group, self.at_ms).await?;
        } else {
            self.write(tx, members, grown != 0).await?;
        }
        let asked = self.changes.iter().any(|change| change.to == Some(Role::Request));
        let admins = if asked {
            let values: [Value<'_>; 2] = [group.into(), GROUP_ADMINS_TOLD_MAX.into()];
            tx.rows(&ADMINS, &values, |row| row.id(0).map(UserId)).await?
        } else {
            Vec::new()
        };
        self.group.members = members;
        Ok(Ok(GroupDone { group: self.group, changes: self.changes, ended, admins }))
    }

    async fn write<T: Tx>(&mut self, tx: &mut T, members: u32, counted: bool) -> Result<(), StoreError> {
        let group = self.group.id;
        for (user, (before, after)) in &self.known {
            match after {
                _ if before == after => {}
                Some(after) => put_member(tx, group, *user, *after).await?,
                None => {
                    tx.execute(&REMOVE, &[group.into(), (*user).into()]).await?;
                }
            }
        }
        if counted {
            self.group.updated_ms = self.at_ms;
            tx.execute(&SET_MEMBERS, &[group.into(), members.into(), self.at_ms.into()]).await?;
        }
        Ok(())
    }
}
