//! Lists of groups, of a group's people and of a user's groups, all by index and in pages.

use super::GroupId;
use super::members::GroupMember;
use super::roles::Role;
use super::settings::{Group, group_row, name_key, read_group};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId, Value};

statements! {
    BY_NAME = "SELECT id, name, creator, description, avatar_url, lang_tag, metadata, is_open, members, max_count,
        created_ms, updated_ms FROM groups
        WHERE name_key >= $1 AND name_key <= $2 AND name_key <> $3 ORDER BY name_key LIMIT $4";
    BY_LANG = "SELECT id, name, creator, description, avatar_url, lang_tag, metadata, is_open, members, max_count,
        created_ms, updated_ms FROM groups
        WHERE lang_tag = $5 AND name_key >= $1 AND name_key <= $2 AND name_key <> $3 ORDER BY name_key LIMIT $4";
    BY_OPEN = "SELECT id, name, creator, description, avatar_url, lang_tag, metadata, is_open, members, max_count,
        created_ms, updated_ms FROM groups
        WHERE is_open = $5 AND name_key >= $1 AND name_key <= $2 AND name_key <> $3 ORDER BY name_key LIMIT $4";
    MEMBERS = "SELECT user_id, role, joined_ms, since_ms FROM group_members
        WHERE group_id = $1 AND (role, since_ms, user_id) > ($2, $3, $4) AND role <= $5
        ORDER BY role, since_ms, user_id LIMIT $6";
    OF_USER = "SELECT g.id, g.name, g.creator, g.description, g.avatar_url, g.lang_tag, g.metadata, g.is_open,
        g.members, g.max_count, g.created_ms, g.updated_ms, m.role, m.joined_ms, m.since_ms
        FROM group_members m JOIN groups g ON g.id = m.group_id
        WHERE m.user_id = $1 AND (m.role, m.since_ms, m.group_id) > ($2, $3, $4) AND m.role <= $5
        ORDER BY m.role, m.since_ms, m.group_id LIMIT $6";
}

/// Sorts after every name that begins with what stands before it.
const LAST: char = char::MAX;

/// Reads a group.
#[derive(Clone, Debug)]
pub struct GroupGet {
    /// Which.
    pub group: GroupId,
}

impl Operation for GroupGet {
    type Output = Option<Group>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        read_group(tx, self.group).await
    }
}

/// Which names a list goes over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum GroupsRange {
    /// All.
    #[default]
    All,
    /// The one group of this name, whatever the case.
    Named(String),
    /// Those that begin so, whatever the case.
    Prefix(String),
}

/// Reads groups in order of their names.
#[derive(Clone, Debug, Default)]
pub struct GroupsPage {
    /// Which names.
    pub range: GroupsRange,
    /// Only those of this language.
    pub lang_tag: Option<String>,
    /// Only open ones or only closed ones. Where a language is given, too, the caller looks at this itself.
    pub open: Option<bool>,
    /// After the group of this name.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u32,
}

impl Operation for GroupsPage {
    type Output = Vec<Group>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (from, to) = match &self.range {
            GroupsRange::All => (String::new(), LAST.to_string()),
            GroupsRange::Named(name) => (name_key(name), name_key(name)),
            GroupsRange::Prefix(prefix) => (name_key(prefix), name_key(prefix) + &LAST.to_string()),
        };
        let after = self.after.as_deref().map(name_key).unwrap_or_default();
        let from = from.max(after.clone());
        let mut values: Vec<Value<'_>> =
            vec![(&from).into(), (&to).into(), (&after).into(), self.limit.into()];
        let statement = match (&self.lang_tag, self.open) {
            (Some(lang_tag), _) => {
                values.push(lang_tag.into());
                &BY_LANG
            }
            (None, Some(open)) => {
                values.push(open.into());
                &BY_OPEN
            }
            (None, None) => &BY_NAME,
        };
        tx.rows(statement, &values, group_row).await
    }
}

/// Where a list of people or groups goes on: after this role, time and id.
pub type Membership = (Role, i64, u128);

fn bounds(role: Option<Role>, after: Option<Membership>) -> [Value<'static>; 4] {
    // Banned ones are shown where they are asked for, and only there.
    let (low, high) = role.map_or((Role::Superadmin, Role::Request), |role| (role, role));
    let (role, since_ms, id) = after.unwrap_or((low, i64::MIN, 0));
    [role.into(), since_ms.into(), Value::Id(id.to_be_bytes()), high.into()]
}

/// Reads a group's people: the highest roles first, among equals who has it longest.
#[derive(Clone, Debug)]
pub struct GroupMembersList {
    /// Where.
    pub group: GroupId,
    /// Only those with this role; nothing is everybody but the banned.
    pub role: Option<Role>,
    /// After these.
    pub after: Option<Membership>,
    /// At most so many.
    pub limit: u32,
}

impl Operation for GroupMembersList {
    /// `None` if there is no such group.
    type Output = Option<Vec<(UserId, GroupMember)>>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if read_group(tx, self.group).await?.is_none() {
            return Ok(None);
        }
        let [role, since, id, high] = bounds(self.role, self.after);
        let values = [self.group.into(), role, since, id, high, self.limit.into()];
        let people = tx.rows(&MEMBERS, &values, |row| {
            let member = GroupMember {
                role: Role::stored(row.int(1)?)?,
                joined_ms: row.int(2)?,
                since_ms: row.int(3)?,
            };
            Ok((UserId(row.id(0)?), member))
        });
        people.await.map(Some)
    }
}

/// Reads a user's groups: where they rank highest first.
#[derive(Clone, Debug)]
pub struct UserGroupsList {
    /// Whose.
    pub user: UserId,
    /// Only those where they have this role; nothing is all but those that banned them.
    pub role: Option<Role>,
    /// After these.
    pub after: Option<Membership>,
    /// At most so many.
    pub limit: u32,
}

impl Operation for UserGroupsList {
    type Output = Vec<(Group, GroupMember)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let [role, since, id, high] = bounds(self.role, self.after);
        let values = [self.user.into(), role, since, id, high, self.limit.into()];
        tx.rows(&OF_USER, &values, |row| {
            let member = GroupMember {
                role: Role::stored(row.int(12)?)?,
                joined_ms: row.int(13)?,
                since_ms: row.int(14)?,
            };
            Ok((group_row(row)?, member))
        })
        .await
    }
}
