//! Accounts and the users in them.

use super::AccountDevice;
use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a user may know about the own account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Account {
    /// What others see too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// A JSON object as text: currency to amount.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub wallet: String,
    /// E-mail address, if linked.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub email: String,
    /// Linked devices.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<AccountDevice>,
    /// Custom id, if linked.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub custom_id: String,
    /// When the e-mail was verified.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub verify_time: String,
    /// When the account was disabled.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub disable_time: String,
}

/// Body of a change of the own account. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountUpdate {
    /// Unique without regard to case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// A picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang_tag: Option<String>,
    /// Place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

/// What others may know about a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct User {
    /// The user's id.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub id: String,
    /// Unique without regard to case.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub username: String,
    /// The name to show.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub display_name: String,
    /// A picture.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub avatar_url: String,
    /// Language.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub lang_tag: String,
    /// Place.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub location: String,
    /// Time zone.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub timezone: String,
    /// A JSON object as text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub metadata: String,
    /// Linked Facebook id.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub facebook_id: String,
    /// Linked Google id.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub google_id: String,
    /// Linked Game Center id.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub gamecenter_id: String,
    /// Linked Steam id.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub steam_id: String,
    /// True while a socket is open.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub online: bool,
    /// How many friends.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub edge_count: i32,
    /// When the user was made.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub create_time: String,
    /// When the user was last changed.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub update_time: String,
    /// Linked Facebook Instant Game id.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub facebook_instant_game_id: String,
    /// Linked Apple id.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub apple_id: String,
}

/// Answer of `/v2/user`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Users {
    /// Those that were found.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
}
