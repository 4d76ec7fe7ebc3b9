//! A group's own row: made, changed and removed.

use serde::{Deserialize, Serialize};

use super::members::{Actor, GroupMember, groups_of, member, put_member};
use super::roles::{GroupRefusal, Role};
use super::{GROUPS_PER_USER_MAX, GroupId};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId};

statements! {
    GET = "SELECT id, name, creator, description, avatar_url, lang_tag, metadata, is_open, members, max_count,
        created_ms, updated_ms FROM groups WHERE id = $1";
    INSERT = "INSERT INTO groups (id, name, name_key, creator, description, avatar_url, lang_tag, metadata, is_open,
        members, max_count, created_ms, updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
        ON CONFLICT (name_key) DO NOTHING";
    UPDATE = "UPDATE groups SET name = $2, name_key = $3, description = $4, avatar_url = $5, lang_tag = $6,
        metadata = $7, is_open = $8, max_count = $9, updated_ms = $10 WHERE id = $1";
    NAMED = "SELECT id FROM groups WHERE name_key = $1";
    REMOVE = "DELETE FROM groups WHERE id = $1";
    REMOVE_MEMBERS = "DELETE FROM group_members WHERE group_id = $1";
}

/// A group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Group {
    /// Which.
    pub id: GroupId,
    /// As it was written; unique without regard to case.
    pub name: String,
    /// Who made it; nobody where that user is gone.
    pub creator: Option<UserId>,
    /// What it says of itself.
    pub description: String,
    /// Where its picture is.
    pub avatar_url: String,
    /// The language that is spoken, as a tag.
    pub lang_tag: String,
    /// A JSON object as text, for server code.
    pub metadata: String,
    /// May anybody come in?
    pub open: bool,
    /// How many are in it.
    pub members: u32,
    /// How many may be in it.
    pub max_count: u32,
    /// When it was made.
    pub created_ms: i64,
    /// When it was last changed.
    pub updated_ms: i64,
}

/// Group names are unique without regard to case: this is the key that is compared.
pub(crate) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

pub(crate) fn group_row(row: &Row<'_>) -> Result<Group, StoreError> {
    Ok(Group {
        id: GroupId(row.id(0)?),
        name: row.text(1)?,
        creator: row.opt_id(2)?.map(UserId),
        description: row.text(3)?,
        avatar_url: row.text(4)?,
        lang_tag: row.text(5)?,
        metadata: row.text(6)?,
        open: row.flag(7)?,
        members: row.small(8)?,
        max_count: row.small(9)?,
        created_ms: row.int(10)?,
        updated_ms: row.int(11)?,
    })
}

pub(crate) async fn read_group<T: Tx>(tx: &mut T, group: GroupId) -> Result<Option<Group>, StoreError> {
    tx.optional(&GET, &[group.into()], group_row).await
}

/// Takes a group away with its members. What the group decided or was deciding is over.
pub(crate) async fn remove_group<T: Tx>(tx: &mut T, group: GroupId, at_ms: i64) -> Result<(), StoreError> {
    crate::governance::end_of_group(tx, group, at_ms).await?;
    tx.execute(&REMOVE_MEMBERS, &[group.into()]).await?;
    tx.execute(&REMOVE, &[group.into()]).await.map(drop)
}

/// Makes a group.
#[derive(Clone, Debug)]
pub struct GroupCreate {
    /// Who is its first superadmin: a group without one does not exist.
    pub creator: UserId,
    /// As it shall be; its creator and its count are set here.
    pub group: Group,
}

impl Operation for GroupCreate {
    /// As it was made.
    type Output = Result<Group, GroupRefusal>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let creator = self.creator;
        let group = Group { creator: Some(creator), members: 1, ..self.group.clone() };
        if super::members::username(tx, creator).await?.is_none() {
            return Ok(Err(GroupRefusal::NoSuchUser(creator)));
        }
        if groups_of(tx, creator).await? >= GROUPS_PER_USER_MAX {
            return Ok(Err(GroupRefusal::TooMany(creator)));
        }
        let key = name_key(&group.name);
        let values = [
            group.id.into(),
            (&group.name).into(),
            (&key).into(),
            group.creator.into(),
            (&group.description).into(),
            (&group.avatar_url).into(),
            (&group.lang_tag).into(),
            (&group.metadata).into(),
            group.open.into(),
            group.members.into(),
            group.max_count.into(),
            group.created_ms.into(),
        ];
        if tx.execute(&INSERT, &values).await? == 0 {
            return Ok(Err(GroupRefusal::NameTaken));
        }
        let at_ms = group.created_ms;
        let first = GroupMember { role: Role::Superadmin, joined_ms: at_ms, since_ms: at_ms };
        put_member(tx, group.id, creator, first).await?;
        Ok(Ok(group))
    }
}

/// What of a group's settings shall be another; the rest stays.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct GroupSettings {
    /// Its name.
    pub name: Option<String>,
    /// What it says of itself.
    pub description: Option<String>,
    /// Where its picture is.
    pub avatar_url: Option<String>,
    /// The language that is spoken.
    pub lang_tag: Option<String>,
    /// May anybody come in?
    pub open: Option<bool>,
    /// How many may be in it.
    pub max_count: Option<u32>,
    /// A JSON object as text.
    pub metadata: Option<String>,
}

/// Writes other settings; says nothing of who may.
pub(crate) async fn change<T: Tx>(
    tx: &mut T,
    mut group: Group,
    settings: &GroupSettings,
    at_ms: i64,
) -> Result<Result<Group, GroupRefusal>, StoreError> {
    let GroupSettings { name, description, avatar_url, lang_tag, open, max_count, metadata } =
        settings.clone();
    if let Some(name) = name {
        let key = name_key(&name);
        let holder = tx.optional(&NAMED, &[(&key).into()], |row| row.id(0)).await?;
        if holder.is_some_and(|holder| holder != group.id.0) {
            return Ok(Err(GroupRefusal::NameTaken));
        }
        group.name = name;
    }
    if let Some(max_count) = max_count {
        if max_count < group.members {
            return Ok(Err(GroupRefusal::TooSmall));
        }
        group.max_count = max_count;
    }
    group.description = description.unwrap_or(group.description);
    group.avatar_url = avatar_url.unwrap_or(group.avatar_url);
    group.lang_tag = lang_tag.unwrap_or(group.lang_tag);
    group.metadata = metadata.unwrap_or(group.metadata);
    group.open = open.unwrap_or(group.open);
    group.updated_ms = at_ms;
    let key = name_key(&group.name);
    let values = [
        group.id.into(),
        (&group.name).into(),
        (&key).into(),
        (&group.description).into(),
        (&group.avatar_url).into(),
        (&group.lang_tag).into(),
        (&group.metadata).into(),
        group.open.into(),
        group.max_count.into(),
        at_ms.into(),
    ];
    tx.execute(&UPDATE, &values).await?;
    Ok(Ok(group))
}

/// Is the actor's role below the needed one?
async fn lacks<T: Tx>(tx: &mut T, group: GroupId, actor: Actor, needed: Role) -> Result<bool, StoreError> {
    Ok(match actor {
        Actor::House => false,
        Actor::User(user) => member(tx, group, user).await?.is_none_or(|member| member.role > needed),
    })
}

/// Changes a group's settings. Its admins may.
#[derive(Clone, Debug)]
pub struct GroupUpdate {
    /// Which.
    pub group: GroupId,
    /// Who does it.
    pub actor: Actor,
    /// What shall be another.
    pub settings: GroupSettings,
    /// Now.
    pub at_ms: i64,
}

impl Operation for GroupUpdate {
    type Output = Result<Group, GroupRefusal>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let Some(group) = read_group(tx, self.group).await? else { return Ok(Err(GroupRefusal::NotFound)) };
        if lacks(tx, self.group, self.actor, Role::Admin).await? {
            return Ok(Err(GroupRefusal::Denied));
        }
        change(tx, group, &self.settings, self.at_ms).await
    }
}

/// Takes a group away with all that belongs to it. Its superadmins may.
#[derive(Clone, Debug)]
pub struct GroupDelete {
    /// Which.
    pub group: GroupId,
    /// Who does it.
    pub actor: Actor,
    /// Now.
    pub at_ms: i64,
}

impl Operation for GroupDelete {
    /// As it was.
    type Output = Result<Group, GroupRefusal>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let Some(group) = read_group(tx, self.group).await? else { return Ok(Err(GroupRefusal::NotFound)) };
        if lacks(tx, self.group, self.actor, Role::Superadmin).await? {
            return Ok(Err(GroupRefusal::Denied));
        }
        remove_group(tx, self.group, self.at_ms).await?;
        Ok(Ok(group))
    }
}
