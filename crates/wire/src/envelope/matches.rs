//! Matches: joining, leaving, presences and data. A room is joined as an authoritative match.

use super::UserPresence;
use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer to a join.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Match {
    /// The match.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub match_id: String,
    /// True if rules on the server decide; every room is one.
    #[prost(bool, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub authoritative: bool,
    /// A label that lists can be filtered by.
    #[prost(message, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How many presences there are.
    #[prost(int32, tag = "4")]
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub size: i32,
    /// Who was there before.
    #[prost(message, repeated, tag = "5")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub presences: Vec<UserPresence>,
    /// The client's own presence.
    #[prost(message, optional, tag = "6")]
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub own: Option<UserPresence>,
}

/// Opens a relayed match. Who creates one by a name that is open already joins it.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchCreate {
    /// A name, if the client gives one.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub name: String,
}

/// Data to a client.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchData {
    /// The match it came from.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub match_id: String,
    /// Who sent it, if a client did.
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<UserPresence>,
    /// What it is; the house's own kinds are 1 to 15.
    #[prost(int64, tag = "3")]
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    pub op_code: i64,
    /// The payload.
    #[prost(bytes = "vec", tag = "4")]
    #[serde(with = "json::bytes", skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<u8>,
    /// True if it cannot be lost on the way.
    #[prost(bool, tag = "5")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub reliable: bool,
}

/// Data from a client.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchDataSend {
    /// The match it is for.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub match_id: String,
    /// What it is; the house's own kinds are 1 to 15.
    #[prost(int64, tag = "2")]
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    pub op_code: i64,
    /// The payload.
    #[prost(bytes = "vec", tag = "3")]
    #[serde(with = "json::bytes", skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<u8>,
    /// Who shall get it in a relayed match; empty is everyone.
    #[prost(message, repeated, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub presences: Vec<UserPresence>,
    /// True if it must not be lost on the way.
    #[prost(bool, tag = "5")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub reliable: bool,
}

/// Asks for a place in a match, by its id or by a matchmaker's token.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchJoin {
    /// The match, or
    #[prost(string, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_id: Option<String>,
    /// the matchmaker's token. An envelope with both is refused by the server.
    #[prost(string, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What the rules or the house should know: `resume` and `seq` for a client that comes back.
    #[prost(btree_map = "string, string", tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// Gives up a presence. The seat stays.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchLeave {
    /// The match.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub match_id: String,
}

/// Who came and who went.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchPresenceEvent {
    /// The match.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub match_id: String,
    /// Who came.
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<UserPresence>,
    /// Who went.
    #[prost(message, repeated, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<UserPresence>,
}
