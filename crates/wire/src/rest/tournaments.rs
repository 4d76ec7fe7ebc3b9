//! Tournaments. Scores are written as to leaderboards.

use super::LeaderboardRecord;
use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A tournament.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Tournament {
    /// The tournament's id.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub id: String,
    /// Its name.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub title: String,
    /// What it is about.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub description: String,
    /// A number to list by.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub category: u32,
    /// 0 the lowest score is best, 1 the highest.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub sort_order: u32,
    /// How many take part.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub size: u32,
    /// How many may take part.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_size: u32,
    /// How often one may write a score.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_num_score: u32,
    /// Whether one can take part now.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub can_enter: bool,
    /// Unix time when the current period ends.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub end_active: u32,
    /// Unix time when the next period begins.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub next_reset: u32,
    /// A JSON object as text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub metadata: String,
    /// When it was made.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub create_time: String,
    /// When it begins.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub start_time: String,
    /// When it ends for good, if ever.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub end_time: String,
    /// Seconds that a period lasts.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub duration: u32,
    /// Unix time when the current period began.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub start_active: u32,
    /// Unix time when the last period began.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub prev_reset: u32,
    /// How scores join, as in [`super::Operator`].
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub operator: i32,
    /// Whether server code alone writes scores.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub authoritative: bool,
    /// Whether one must join before writing a score.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub join_required: bool,
}

/// Answer of `/v2/tournament`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TournamentList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub tournaments: Vec<Tournament>,
    /// Where the next page begins; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
}

/// Answer of `/v2/tournament/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TournamentRecordList {
    /// Up to the limit asked for, best first.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<LeaderboardRecord>,
    /// Those of the owners asked for, wherever they stand.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub owner_records: Vec<LeaderboardRecord>,
    /// For the worse; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub next_cursor: String,
    /// For the better; absent at the beginning.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub prev_cursor: String,
    /// How many records have a rank.
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    #[schema(value_type = String, format = Int64, pattern = r"^-?[0-9]{1,19}$")]
    pub rank_count: i64,
}
