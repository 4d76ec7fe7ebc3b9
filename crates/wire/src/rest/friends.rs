//! Friends, and their friends.

use super::User;
use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user that the caller has something to do with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Friend {
    /// Who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// A [`FriendState`] as its number; zero is written too.
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub state: Option<i32>,
    /// Since when.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub update_time: String,
    /// A JSON object as text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub metadata: String,
}

/// Answer of `/v2/friend`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct FriendList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub friends: Vec<Friend>,
    /// Where the next page begins; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
}

/// A friend's friend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct FriendOfFriend {
    /// The friend between the two.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub referrer: String,
    /// Who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

/// Answer of `/v2/friend/friends`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct FriendsOfFriendsList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub friends_of_friends: Vec<FriendOfFriend>,
    /// Where the next page begins; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
}

/// The numbers of [`Friend::state`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum FriendState {
    /// Both want it.
    Friend = 0,
    /// The caller asked and waits.
    Sent = 1,
    /// The other asked and waits.
    Received = 2,
    /// The caller wants nothing to do with the other.
    Blocked = 3,
}
