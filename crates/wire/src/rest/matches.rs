//! The list of matches.

use crate::json;
use serde::{Deserialize, Serialize};

/// Answer of `/v2/match`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<MatchListed>,
}

/// One match in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchListed {
    /// For joining.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub match_id: String,
    /// True for rooms.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub authoritative: bool,
    /// Its label, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How many presences.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub size: i32,
    /// Steps a second.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub tick_rate: i32,
    /// The rules' name.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub handler_name: String,
}
