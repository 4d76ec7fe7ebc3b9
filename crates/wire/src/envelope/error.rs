//! The error message of the socket, and what its numbers mean.

use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Tells a client that a message failed.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Error {
    /// An [`ErrorCode`] as its number. Zero is written too: clients branch on it.
    #[prost(int32, tag = "1")]
    #[serde(deserialize_with = "json::int32::deserialize")]
    pub code: i32,
    /// For a developer to read.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub message: String,
    /// More about it, if there is more.
    #[prost(btree_map = "string, string", tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, String>,
}

/// The numbers of [`Error::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ErrorCode {
    /// Something failed inside the server.
    Internal = 0,
    /// The message is of no known kind.
    UnrecognizedPayload = 1,
    /// The envelope has no message.
    MissingPayload = 2,
    /// A field has a value it cannot have.
    BadInput = 3,
    /// There is no such match.
    MatchNotFound = 4,
    /// The match does not take this client.
    MatchJoinRejected = 5,
    /// There is no such function.
    FunctionNotFound = 6,
    /// The function failed.
    FunctionFailed = 7,
}

impl Error {
    /// An error without context.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Error { code: code as i32, message: message.into(), context: BTreeMap::new() }
    }
}
