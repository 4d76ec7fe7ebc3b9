//! Leaderboards: records, lists of them, and writing one. Tournaments have the same records.

use crate::json;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One owner's score.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LeaderboardRecord {
    /// The board.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub leaderboard_id: String,
    /// Whose it is.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub owner_id: String,
    /// The owner's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The score.
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    #[schema(value_type = String, format = Int64, pattern = r"^-?[0-9]{1,19}$")]
    pub score: i64,
    /// Decides between equal scores.
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    #[schema(value_type = String, format = Int64, pattern = r"^-?[0-9]{1,19}$")]
    pub subscore: i64,
    /// How often it was written.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub num_score: i32,
    /// A JSON object as text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub metadata: String,
    /// When it was first written.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub create_time: String,
    /// When it was last written.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub update_time: String,
    /// When the board is emptied next, if ever.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub expiry_time: String,
    /// 1 is the best.
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    #[schema(value_type = String, format = Int64, pattern = r"^-?[0-9]{1,19}$")]
    pub rank: i64,
    /// How often it may be written; absent is without limit.
    #[serde(deserialize_with = "json::uint32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_num_score: u32,
}

/// Answer of `/v2/leaderboard/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LeaderboardRecordList {
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

/// Body of writing a score.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ScoreWrite {
    /// The score.
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    #[schema(value_type = String, format = Int64, pattern = r"^-?[0-9]{1,19}$")]
    pub score: i64,
    /// Decides between equal scores.
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    #[schema(value_type = String, format = Int64, pattern = r"^-?[0-9]{1,19}$")]
    pub subscore: i64,
    /// A JSON object as text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub metadata: String,
    /// An [`Operator`] as its number.
    #[serde(deserialize_with = "operator", skip_serializing_if = "json::is_default")]
    #[schema(minimum = 0, maximum = 4)]
    pub operator: i32,
}

/// How a score joins the one that is there: the numbers of [`ScoreWrite::operator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Operator {
    /// As the board says.
    NoOverride = 0,
    /// The better of the two stays.
    Best = 1,
    /// The new one stays.
    Set = 2,
    /// The new one is added.
    Increment = 3,
    /// The new one is taken off.
    Decrement = 4,
}

impl Operator {
    /// The operator of a number, if it is one.
    pub fn from_number(number: i32) -> Option<Self> {
        Some(match number {
            0 => Operator::NoOverride,
            1 => Operator::Best,
            2 => Operator::Set,
            3 => Operator::Increment,
            4 => Operator::Decrement,
            _ => return None,
        })
    }

    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "NO_OVERRIDE" => Operator::NoOverride,
            "BEST" => Operator::Best,
            "SET" => Operator::Set,
            "INCREMENT" => Operator::Increment,
            "DECREMENT" => Operator::Decrement,
            _ => return None,
        })
    }
}

/// An operator as its number or its name: SDKs send both.
fn operator<'de, D: Deserializer<'de>>(input: D) -> Result<i32, D::Error> {
    struct Written(i32);

    impl<'de> Deserialize<'de> for Written {
        fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
            json::int32::deserialize(input).map(Written)
        }
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(Written),
        Name(String),
    }

    match Either::deserialize(input)? {
        Either::Number(Written(number)) => Ok(number),
        Either::Name(name) => match Operator::from_name(&name) {
            Some(operator) => Ok(operator as i32),
            None => Err(D::Error::custom("no such operator")),
        },
    }
}
