//! Lists of what one can join, and figures of the matchmaker.

use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answer of `/v2/match`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MatchList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<MatchListed>,
}

/// One match in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// Answer of `/v2/party`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PartyList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<PartyListed>,
    /// Where the next page begins; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
}

/// One party in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PartyListed {
    /// For joining.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Whether anyone may join without asking.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub open: bool,
    /// Whether lists leave the party out.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub hidden: bool,
    /// Most members.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_size: i32,
    /// Its label, if any.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub label: String,
}

/// Answer of `/v2/matchmaker/stats`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MatchmakerStats {
    /// How many tickets wait.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub ticket_count: i32,
    /// Since when the oldest waits.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub oldest_ticket_create_time: String,
    /// The latest matches.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub completions: Vec<MatchmakerCompletion>,
}

/// One ticket that was matched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MatchmakerCompletion {
    /// When it began to wait.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub create_time: String,
    /// When it was matched.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub complete_time: String,
}
