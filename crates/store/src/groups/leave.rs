//! A user who is erased leaves every group; no group is left without a superadmin.

use super::GroupId;
use super::members::{GroupMember, member, put_member, with_role};
use super::roles::Role;
use super::settings::{read_group, remove_group};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId};

statements! {
    SOME = "SELECT group_id FROM group_members WHERE user_id = $1 ORDER BY role, since_ms, group_id LIMIT 100";
    REMOVE = "DELETE FROM group_members WHERE group_id = $1 AND user_id = $2";
    SET_MEMBERS = "UPDATE groups SET members = $2, updated_ms = $3 WHERE id = $1";
    HEIR = "SELECT user_id FROM group_members WHERE group_id = $1 AND role <= 2
        ORDER BY role, since_ms, user_id LIMIT 1";
    FORGET_CREATOR = "UPDATE groups SET creator = NULL WHERE creator = $1";
}

/// Takes a user out of every group, lifts bans on them, and forgets that they made groups.
#[derive(Clone, Debug)]
pub struct GroupsForget {
    /// Who.
    pub user: UserId,
    /// Now.
    pub at_ms: i64,
}

impl Operation for GroupsForget {
    /// The groups that they were in or banned from.
    type Output = Vec<GroupId>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut left = Vec::new();
        loop {
            let some = tx.rows(&SOME, &[self.user.into()], |row| row.id(0).map(GroupId)).await?;
            if some.is_empty() {
                break;
            }
            for group in some {
                self.leave(tx, group).await?;
                left.push(group);
            }
        }
        tx.execute(&FORGET_CREATOR, &[self.user.into()]).await?;
        Ok(left)
    }
}

impl GroupsForget {
    async fn leave<T: Tx>(&self, tx: &mut T, id: GroupId) -> Result<(), StoreError> {
        let was = member(tx, id, self.user).await?;
        tx.execute(&REMOVE, &[id.into(), self.user.into()]).await?;
        let (Some(was), Some(group)) = (was, read_group(tx, id).await?) else { return Ok(()) };
        if !was.role.is_member() {
            return Ok(());
        }
        let members = group.members.saturating_sub(1);
        let heir = tx.optional(&HEIR, &[id.into()], |row| row.id(0).map(UserId)).await?;
        let Some(heir) = heir else { return remove_group(tx, id, self.at_ms).await };
        tx.execute(&SET_MEMBERS, &[id.into(), members.into(), self.at_ms.into()]).await?;
        // The highest and longest serving of those who remain takes over.
        if with_role(tx, id, Role::Superadmin).await? == 0
            && let Some(next) = member(tx, id, heir).await?
        {
            let next = GroupMember { role: Role::Superadmin, since_ms: self.at_ms, ..next };
            put_member(tx, id, heir, next).await?;
        }
        Ok(())
    }
}
