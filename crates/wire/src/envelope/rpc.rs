//! Calls of named functions over the socket.

use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A call and its answer have the same shape; HTTP answers use it too.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Rpc {
    /// The function's name.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub id: String,
    /// JSON as text.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub payload: String,
    /// The key of a server caller, where there is no session.
    #[prost(string, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub http_key: String,
}
