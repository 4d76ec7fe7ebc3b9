//! Groups, their members, and the groups of a user.

use super::User;
use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Group {
    /// The group's id.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub id: String,
    /// Who made it.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub creator_id: String,
    /// Unique without regard to case.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub name: String,
    /// What it is for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub description: String,
    /// Language.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub lang_tag: String,
    /// A JSON object as text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub metadata: String,
    /// A picture.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub avatar_url: String,
    /// Whether anyone may join without asking; false is written too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    /// How many members.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub edge_count: i32,
    /// Most members.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_count: i32,
    /// When it was made.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub create_time: String,
    /// When it was last changed.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub update_time: String,
}

/// Body of a new group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GroupCreate {
    /// Unique without regard to case.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub name: String,
    /// What it is for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub description: String,
    /// Language.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub lang_tag: String,
    /// A picture.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub avatar_url: String,
    /// Whether anyone may join without asking.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub open: bool,
    /// Most members; zero is the server's default.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_count: i32,
}

/// Body of a change of a group. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GroupUpdate {
    /// The group; the path's is what counts.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub group_id: String,
    /// Unique without regard to case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang_tag: Option<String>,
    /// A picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Whether anyone may join without asking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
}

/// Answer of `/v2/group`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GroupList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Where the next page begins; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
}

/// A member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GroupUser {
    /// Who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// A [`GroupRole`] as its number; zero is written too.
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub state: Option<i32>,
}

/// Answer of `/v2/group/{id}/user`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GroupUserList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub group_users: Vec<GroupUser>,
    /// Where the next page begins; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
}

/// A group and the user's role in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UserGroup {
    /// Which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// A [`GroupRole`] as its number; zero is written too.
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub state: Option<i32>,
}

/// Answer of `/v2/user/{id}/group`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UserGroupList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub user_groups: Vec<UserGroup>,
    /// Where the next page begins; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
}

/// The numbers of [`GroupUser::state`] and [`UserGroup::state`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum GroupRole {
    /// May do everything.
    Superadmin = 0,
    /// May let in, send away and change.
    Admin = 1,
    /// Takes part.
    Member = 2,
    /// Asked to be let in.
    Request = 3,
    /// Must stay out.
    Banned = 4,
}
