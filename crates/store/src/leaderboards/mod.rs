//! Leaderboards and tournaments: what boards there are, and the records of each period.
//!
//! **Order.** A record's key is ([`RankKey`]) its score and subscore, turned so that smaller is better, and the number
//! of the move that brought it there. The table lies in that order, so a list is one range read; an index by owner
//! finds and checks the one record that a player has.
//!
//! **Not here.** Ranks: they are counted in memory (`app::ranks`), and every write says in its [`Changed`] which key
//! went and which came. Which period is now, who may write: the use cases decide it.

pub(crate) mod boards;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod prune;
pub(crate) mod turn;
pub(crate) mod write;

use serde::{Deserialize, Serialize};

use crate::{Row, StoreError, UserId, Value};

pub use boards::*;
pub use delete::*;
pub use list::*;
pub use prune::*;
pub use turn::*;
pub use write::*;

/// One period of one board.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct PeriodId {
    /// The board's number.
    pub board: i64,
    /// When it ends, in seconds since the Unix epoch; 0: never.
    pub expires_s: i64,
}

/// Where a record stands in its period: smaller is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RankKey {
    /// From the score.
    pub first: i64,
    /// From the subscore.
    pub second: i64,
    /// The move that brought the record here, counted through the period.
    pub seq: i64,
}

impl RankKey {
    /// Before every record.
    pub const FIRST: Self = Self { first: i64::MIN, second: i64::MIN, seq: i64::MIN };

    /// The key of a score. Bits are turned where more is better: that reverses the order and cannot overflow.
    pub fn of(descending: bool, score: i64, subscore: i64, seq: i64) -> Self {
        let turn = |number: i64| if descending { !number } else { number };
        Self { first: turn(score), second: turn(subscore), seq }
    }

    /// The score in it.
    pub fn score(&self, descending: bool) -> i64 {
        if descending { !self.first } else { self.first }
    }

    /// The subscore in it.
    pub fn subscore(&self, descending: bool) -> i64 {
        if descending { !self.second } else { self.second }
    }
}

/// One move within a period, for whoever counts ranks: `old` went, `new` came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RankChange {
    /// Where.
    pub period: PeriodId,
    /// Whose record.
    pub owner: UserId,
    /// The move's number.
    pub seq: i64,
    /// `None`: the owner had no record.
    pub old: Option<RankKey>,
    /// `None`: the record was removed. Else its `seq` is this move's.
    pub new: Option<RankKey>,
}

/// What a write did to the records, beside what it says of itself. An answer that is kept and given again has no
/// changes: they were counted the first time.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Changed<T> {
    /// The operation's own result.
    pub value: T,
    /// In the order in which they were made.
    #[serde(skip)]
    pub changes: Vec<RankChange>,
}

/// A record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordRow {
    /// Whose.
    pub owner: UserId,
    /// The owner's name when it was written.
    pub username: String,
    /// Its score and place.
    pub key: RankKey,
    /// A JSON object as text.
    pub metadata: String,
    /// How often it was written.
    pub num_score: u32,
    /// First written.
    pub created_ms: i64,
    /// When its score last moved.
    pub updated_ms: i64,
}

pub(crate) fn record(row: &Row<'_>) -> Result<RecordRow, StoreError> {
    Ok(RecordRow {
        key: rank_key(row)?,
        owner: UserId(row.id(3)?),
        username: row.text(4)?,
        metadata: row.text(5)?,
        num_score: row.small(6)?,
        created_ms: row.int(7)?,
        updated_ms: row.int(8)?,
    })
}

/// The first three columns.
pub(crate) fn rank_key(row: &Row<'_>) -> Result<RankKey, StoreError> {
    Ok(RankKey { first: row.int(0)?, second: row.int(1)?, seq: row.int(2)? })
}

/// Board and period, then the key.
pub(crate) fn place(period: PeriodId, key: RankKey) -> [Value<'static>; 5] {
    [period.board.into(), period.expires_s.into(), key.first.into(), key.second.into(), key.seq.into()]
}

/// A period's row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PeriodRow {
    /// Moves until now.
    pub seq: i64,
    /// Records in it.
    pub records: u64,
    /// Who joined it.
    pub entrants: u64,
}
