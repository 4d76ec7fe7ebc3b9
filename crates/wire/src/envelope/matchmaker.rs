//! The matchmaker: waiting for others, and being matched with them.

use super::UserPresence;
use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Begins to wait for others.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchmakerAdd {
    /// Fewest players, this one too.
    #[prost(int32, tag = "1")]
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub min_count: i32,
    /// Most players.
    #[prost(int32, tag = "2")]
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_count: i32,
    /// Which others will do.
    #[prost(string, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub query: String,
    /// Texts that queries can ask for.
    #[prost(btree_map = "string, string", tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub string_properties: BTreeMap<String, String>,
    /// Numbers that queries can ask for.
    #[prost(btree_map = "string, double", tag = "5")]
    #[serde(with = "json::doubles", skip_serializing_if = "BTreeMap::is_empty")]
    pub numeric_properties: BTreeMap<String, f64>,
    /// The number of players must be a multiple of this; absent is any.
    #[prost(message, optional, tag = "6")]
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub count_multiple: Option<i32>,
}

/// One of the matched, with what they said of themselves.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchmakerUser {
    /// Who it is.
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<UserPresence>,
    /// The party it came with, if any.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Texts that queries can ask for.
    #[prost(btree_map = "string, string", tag = "5")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub string_properties: BTreeMap<String, String>,
    /// Numbers that queries can ask for.
    #[prost(btree_map = "string, double", tag = "6")]
    #[serde(with = "json::doubles", skip_serializing_if = "BTreeMap::is_empty")]
    pub numeric_properties: BTreeMap<String, f64>,
}

/// Others were found. The match is joined by its id or by the token, whichever is there.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchmakerMatched {
    /// The ticket that ended.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub ticket: String,
    /// A match that is open already, or
    #[prost(string, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_id: Option<String>,
    /// a token that opens one for exactly these users.
    #[prost(string, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Everyone in the match.
    #[prost(message, repeated, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<MatchmakerUser>,
    /// The client's own entry.
    #[prost(message, optional, tag = "5")]
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub own: Option<MatchmakerUser>,
}

/// Stops waiting.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchmakerRemove {
    /// The ticket.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub ticket: String,
}

/// The answer to [`MatchmakerAdd`].
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchmakerTicket {
    /// For stopping, and named again when matched.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub ticket: String,
}
