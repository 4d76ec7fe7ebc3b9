//! Who is there: one socket session of one user.

use crate::json;
use serde::{Deserialize, Serialize};

/// One socket session of one user, as other clients see it.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct UserPresence {
    /// The user.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id: String,
    /// The socket session.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub session_id: String,
    /// The user's name when the session began.
    #[prost(string, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub username: String,
    /// Whether this presence keeps what is sent.
    #[prost(bool, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub persistence: bool,
    /// What the user tells followers, if anything.
    #[prost(message, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}
