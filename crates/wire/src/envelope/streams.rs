//! Streams: data that the server sends to whoever listens.

use super::UserPresence;
use crate::json;
use serde::{Deserialize, Serialize};

/// Which stream.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Stream {
    /// The kind of stream.
    #[prost(int32, tag = "1")]
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub mode: i32,
    /// What it is about: an id, or empty.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub subject: String,
    /// A second id, or empty.
    #[prost(string, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub subcontext: String,
    /// A name, or empty.
    #[prost(string, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub label: String,
}

/// Data on a stream.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamData {
    /// The stream.
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<Stream>,
    /// Who sent it, if a client did.
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<UserPresence>,
    /// The data, as text.
    #[prost(string, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub data: String,
    /// True if it cannot be lost on the way.
    #[prost(bool, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub reliable: bool,
}

/// Who came and who went.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamPresenceEvent {
    /// The stream.
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<Stream>,
    /// Who came.
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<UserPresence>,
    /// Who went.
    #[prost(message, repeated, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<UserPresence>,
}
