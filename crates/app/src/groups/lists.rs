//! Lists of groups, of a group's people and of a user's groups, with cursors; and groups by query, for server code.

use store::{
    Group, GroupId, GroupMember, GroupMembersList, GroupRefusal, GroupsPage, GroupsRange, Membership, Role,
    UserGroupsList, UserId,
};

use super::{GroupError, Groups, LANG_TAG_BYTES_MAX, NAME_BYTES_MAX};
use crate::cursor::{self, BadCursor};
use crate::query::{Doc, Query};

/// Groups or people in one answer.
pub const LIST_MAX: u32 = 100;
/// Groups that one read looks at.
const READ_AT_ONCE: u32 = 200;
/// Groups that one request looks at, whether they match or not. Where none is left to give, the cursor goes on.
const LOOKED_AT_MAX: u32 = 4_000;

/// Which groups a list shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupFilter {
    /// `name%` for a beginning, else the whole name; case does not matter. Empty: all.
    pub name: String,
    /// Of this language.
    pub lang_tag: Option<String>,
    /// Open ones or closed ones.
    pub open: Option<bool>,
    /// With no more members than this.
    pub members: Option<u32>,
}

impl GroupFilter {
    fn range(&self) -> GroupsRange {
        match self.name.strip_suffix('%') {
            _ if self.name.is_empty() => GroupsRange::All,
            Some("") => GroupsRange::All,
            Some(prefix) => GroupsRange::Prefix(prefix.to_owned()),
            None => GroupsRange::Named(self.name.clone()),
        }
    }

    /// No group has such a name or language: that is said, because the client has made a mistake.
    fn check(&self) -> Result<(), GroupError> {
        let bad = |text: &str, most: usize| text.len() > most || text.chars().any(char::is_control);
        // One more for the sign at its end.
        if bad(&self.name, NAME_BYTES_MAX + 1) {
            return Err(GroupError::Text("name", NAME_BYTES_MAX));
        }
        if self.lang_tag.as_deref().is_some_and(|tag| bad(tag, LANG_TAG_BYTES_MAX)) {
            return Err(GroupError::Text("lang_tag", LANG_TAG_BYTES_MAX));
        }
        Ok(())
    }

    fn holds(&self, group: &Group) -> bool {
        self.open.is_none_or(|open| open == group.open)
            && self.members.is_none_or(|most| group.members <= most)
    }
}

/// Groups of one answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupsFound {
    /// In order of their names. May be fewer than asked for even if there are more.
    pub groups: Vec<Group>,
    /// Where the list goes on; empty at its end.
    pub cursor: String,
}

/// People of one answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MembersPage {
    /// The highest roles first.
    pub members: Vec<(UserId, GroupMember)>,
    /// Where the list goes on; empty at its end.
    pub cursor: String,
}

/// A user's groups of one answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UserGroupsPage {
    /// Where the user ranks highest first.
    pub groups: Vec<(Group, Role)>,
    /// Where the list goes on; empty at its end.
    pub cursor: String,
}

impl Groups {
    /// Lists groups in order of their names.
    pub async fn list(
        &self,
        filter: &GroupFilter,
        limit: u32,
        cursor: &str,
    ) -> Result<GroupsFound, GroupError> {
        filter.check()?;
        let (open, members) = (filter.open.map(u8::from), filter.members.map(u32::to_le_bytes));
        let scope: [&[u8]; 5] = [
            b"groups",
            filter.name.as_bytes(),
            filter.lang_tag.as_deref().unwrap_or("\0").as_bytes(),
            open.as_slice(),
            members.as_ref().map_or(&[], |bytes| &bytes[..]),
        ];
        let page = GroupsPage {
            range: filter.range(),
            lang_tag: filter.lang_tag.clone(),
            open: filter.open,
            ..GroupsPage::default()
        };
        self.walk(page, &scope, limit, cursor, |group| filter.holds(group)).await
    }

    /// Finds groups by a query over `name`, `lang_tag`, `open`, `members`, `max_count`, `creator_id`, `create_time`
    /// (milliseconds) and `metadata.…`. For server code: it reads groups one by one.
    pub async fn query(&self, query: &str, limit: u32, cursor: &str) -> Result<GroupsFound, GroupError> {
        let asked = Query::parse(query)?;
        let scope: [&[u8]; 2] = [b"groups by query", query.as_bytes()];
        let holds = |group: &Group| asked.matches(&document(group));
        self.walk(GroupsPage::default(), &scope, limit, cursor, holds).await
    }

    async fn walk(
        &self,
        mut page: GroupsPage,
        scope: &[&[u8]],
        limit: u32,
        cursor: &str,
        holds: impl Fn(&Group) -> bool,
    ) -> Result<GroupsFound, GroupError> {
        let most = within(limit)?;
        if !cursor.is_empty() {
            let name = String::from_utf8(cursor::open(scope, cursor)?).map_err(|_| BadCursor)?;
            page.after = Some(name);
        }
        page.limit = READ_AT_ONCE;
        let mut found = GroupsFound::default();
        let mut looked_at = 0;
        loop {
            let read = self.core.read(page.clone()).await?;
            let last = u32::try_from(read.len()).is_ok_and(|read| read < READ_AT_ONCE);
            for group in read {
                if found.groups.len() == most {
                    found.cursor = cursor::seal(scope, page.after.unwrap_or_default().as_bytes());
                    return Ok(found);
                }
                page.after = Some(group.name.clone());
                if holds(&group) {
                    found.groups.push(group);
                }
            }
            looked_at += READ_AT_ONCE;
            if last {
                return Ok(found);
            }
            if looked_at >= LOOKED_AT_MAX {
                found.cursor = cursor::seal(scope, page.after.unwrap_or_default().as_bytes());
                return Ok(found);
            }
        }
    }

    /// Lists a group's people: those with one role, or all but the banned.
    pub async fn members(
        &self,
        group: GroupId,
        role: Option<Role>,
        limit: u32,
        cursor: &str,
    ) -> Result<MembersPage, GroupError> {
        let most = within(limit)?;
        let id = group.0.to_be_bytes();
        let scope: [&[u8]; 3] = [b"group members", &id, &role_bytes(role)];
        let after = open_membership(&scope, cursor)?;
        let list = GroupMembersList { group, role, after, limit: limit + 1 };
        let mut members = self.core.read(list).await?.ok_or(GroupRefusal::NotFound)?;
        let more = members.len() > most;
        members.truncate(most);
        let next = members.last().filter(|_| more);
        let cursor =
            next.map(|(user, member)| seal_membership(&scope, (member.role, member.since_ms, user.0)));
        Ok(MembersPage { members, cursor: cursor.unwrap_or_default() })
    }

    /// Lists a user's groups: those with one role, or all but those that banned the user.
    pub async fn of_user(
        &self,
        user: UserId,
        role: Option<Role>,
        limit: u32,
        cursor: &str,
    ) -> Result<UserGroupsPage, GroupError> {
        let most = within(limit)?;
        let id = user.to_bytes();
        let scope: [&[u8]; 3] = [b"groups of a user", &id, &role_bytes(role)];
        let after = open_membership(&scope, cursor)?;
        let mut groups = self.core.read(UserGroupsList { user, role, after, limit: limit + 1 }).await?;
        let more = groups.len() > most;
        groups.truncate(most);
        let next = groups.last().filter(|_| more);
        let cursor =
            next.map(|(group, member)| seal_membership(&scope, (member.role, member.since_ms, group.id.0)));
        let groups = groups.into_iter().map(|(group, member)| (group, member.role)).collect();
        Ok(UserGroupsPage { groups, cursor: cursor.unwrap_or_default() })
    }
}

fn within(limit: u32) -> Result<usize, GroupError> {
    match usize::try_from(limit) {
        Ok(most) if (1..=LIST_MAX).contains(&limit) => Ok(most),
        _ => Err(GroupError::Limit),
    }
}

fn role_bytes(role: Option<Role>) -> [u8; 1] {
    [role.map_or(u8::MAX, |role| role as u8)]
}

fn seal_membership(scope: &[&[u8]], (role, since_ms, id): Membership) -> String {
    let mut held = vec![role as u8];
    held.extend_from_slice(&since_ms.to_be_bytes());
    held.extend_from_slice(&id.to_be_bytes());
    cursor::seal(scope, &held)
}

fn open_membership(scope: &[&[u8]], text: &str) -> Result<Option<Membership>, BadCursor> {
    if text.is_empty() {
        return Ok(None);
    }
    let held: [u8; 25] = cursor::open(scope, text)?.try_into().map_err(|_| BadCursor)?;
    let [role, rest @ ..] = held;
    let (since_ms, id) = rest.split_first_chunk().ok_or(BadCursor)?;
    let role = Role::of(role.into()).ok_or(BadCursor)?;
    let id = id.try_into().map_err(|_| BadCursor)?;
    Ok(Some((role, i64::from_be_bytes(*since_ms), u128::from_be_bytes(id))))
}

/// A group as queries see it. What of the metadata is too much to look at is not there.
fn document(group: &Group) -> Doc {
    let metadata = serde_json::from_str(&group.metadata).unwrap_or_default();
    let doc = Doc::of_json("metadata", &metadata).unwrap_or_default();
    let number = |number: i64| number as f64;
    let doc = doc
        .with("name", group.name.as_str())
        .with("lang_tag", group.lang_tag.as_str())
        .with("open", group.open)
        .with("members", f64::from(group.members))
        .with("max_count", f64::from(group.max_count))
        .with("create_time", number(group.created_ms));
    match group.creator {
        Some(creator) => doc.with("creator_id", creator.to_string()),
        None => doc,
    }
}
