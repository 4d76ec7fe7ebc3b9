//! Accounts and the users in them.

use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A device id: the body of the device login, and an entry in an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountDevice {
    /// The device, 10 to 128 bytes.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub id: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// What a user may know about the own account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    pub verify_time: String,
    /// When the account was disabled.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub disable_time: String,
}

/// What others may know about a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// True while a socket is open.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub online: bool,
    /// How many friends.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub edge_count: i32,
    /// When the user was made.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub create_time: String,
    /// When the user was last changed.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub update_time: String,
}
