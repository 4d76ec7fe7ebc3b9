//! Why a use case of leaderboards or tournaments says no.

use store::StoreError;

use super::{AROUND_MAX, BATCH_MAX, ID_BYTES_MAX, LIST_MAX, METADATA_BYTES_MAX, OWNERS_MAX};
use crate::cron::CronError;
use crate::cursor::BadCursor;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BoardError {
    /// There is none by that name.
    #[error("the leaderboard was not found")]
    NotFound,
    /// There is no tournament by that name.
    #[error("the tournament was not found")]
    NoTournament,
    /// Players may not write here.
    #[error("only server code may change this leaderboard's records")]
    Authoritative,
    /// A name that cannot be one.
    #[error("an id must be 1 to {ID_BYTES_MAX} bytes without control characters")]
    Id,
    /// Too long, or not an object.
    #[error("metadata must be a JSON object of at most {METADATA_BYTES_MAX} bytes")]
    Metadata,
    /// Below zero.
    #[error("score and subscore must not be below 0")]
    Score,
    /// Out of bounds.
    #[error("limit must be from 1 to {LIST_MAX}")]
    Limit,
    /// Out of bounds.
    #[error("limit must be from 1 to {AROUND_MAX}")]
    AroundLimit,
    /// Too many.
    #[error("at most {OWNERS_MAX} owners at once")]
    Owners,
    /// Too many.
    #[error("at most {BATCH_MAX} scores at once")]
    Batch,
    /// No time.
    #[error("expiry must be a time in seconds, not below 0")]
    Expiry,
    /// Changed, or of another list.
    #[error(transparent)]
    Cursor(#[from] BadCursor),
    /// Not a schedule.
    #[error(transparent)]
    Schedule(#[from] CronError),
    /// A tournament's times, sizes or category make no sense.
    #[error("{0}")]
    Terms(&'static str),
    /// Not open now.
    #[error("the tournament is not open now")]
    NotActive,
    /// Join first.
    #[error("this tournament must be joined before a score is written")]
    NotJoined,
    /// No more fit in.
    #[error("the tournament is full")]
    Full,
    /// All used up.
    #[error("all attempts of this period are used")]
    NoAttempts,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
