//! Status: what users tell those who follow them.

use super::UserPresence;
use crate::json;
use serde::{Deserialize, Serialize};

/// Who of the followed is there, with their status.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// One for each session with a status.
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub presences: Vec<UserPresence>,
}

/// Follows users.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusFollow {
    /// By id.
    #[prost(string, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub user_ids: Vec<String>,
    /// By name.
    #[prost(string, repeated, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub usernames: Vec<String>,
}

/// Follows them no more.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusUnfollow {
    /// By id.
    #[prost(string, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub user_ids: Vec<String>,
}

/// Sets the own status.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusUpdate {
    /// What to tell; absent is to seem offline.
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// Followed users changed their status: an old one leaves, a new one joins.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusPresenceEvent {
    /// New ones.
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<UserPresence>,
    /// Old ones.
    #[prost(message, repeated, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<UserPresence>,
}
