//! Notifications, as they are pushed and as they are listed.

use super::Timestamp;
use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// News for the client.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Notifications {
    /// Oldest first.
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub notifications: Vec<Notification>,
}

/// One piece of news.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Notification {
    /// For deleting it.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub id: String,
    /// What it is about.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub subject: String,
    /// A JSON object as text.
    #[prost(string, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub content: String,
    /// What kind it is; the server's own are below zero.
    #[prost(int32, tag = "4")]
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub code: i32,
    /// The user it comes from, if any.
    #[prost(string, tag = "5")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub sender_id: String,
    /// When it was made.
    #[prost(message, optional, tag = "6")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub create_time: Option<Timestamp>,
    /// Whether it is kept until it is deleted.
    #[prost(bool, tag = "7")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub persistent: bool,
}
