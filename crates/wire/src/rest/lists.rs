//! Lists of what was pushed before: messages of a channel, notifications; and events from clients.

use crate::envelope::{ChannelMessage, Notification};
use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Answer of `/v2/channel/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ChannelMessageList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<ChannelMessage>,
    /// For later ones, in the list's direction; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub next_cursor: String,
    /// For earlier ones; absent at the beginning.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub prev_cursor: String,
    /// For what comes after the newest of these, at any later time.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cacheable_cursor: String,
}

/// Answer of `/v2/notification`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct NotificationList {
    /// Up to the limit asked for, oldest first.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub notifications: Vec<Notification>,
    /// For what comes after these, at any later time.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cacheable_cursor: String,
}

/// Body of `/v2/event`: something happened in the client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Event {
    /// What happened.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub name: String,
    /// More about it.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, String>,
    /// When it happened; absent is now.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub timestamp: String,
    /// True if a client says it.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub external: bool,
}
