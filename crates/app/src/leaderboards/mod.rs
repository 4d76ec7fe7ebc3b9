//! Leaderboards: boards of scores with ranks, emptied by a schedule or never.
//!
//! A board's records belong to *periods*: the time from one reset to the next. A reset deletes nothing; a new period
//! begins, and the old one can still be read by the second at which it ended, until it is pruned. Writing is for
//! players, unless the board is authoritative, and for server code always.
//!
//! Tournaments ([`crate::tournaments`]) are boards with a time, a size and attempts; [`Boards`] is what both stand on.
//!
//! **Not here.** How ranks are counted ([`crate::ranks`]), rows (`store`), shapes and status codes (`server`).

mod board;
mod boards;
mod calls;
mod error;
mod records;
#[cfg(test)]
pub(crate) mod tests;
mod turns;

use std::sync::Arc;

use store::{BoardRow, Operator, UserId};

use crate::core::Core;

pub use board::{Board, Window};
pub use boards::Boards;
pub use calls::calls;
pub use error::BoardError;
pub use records::{Ask, Listed, Record, Score, Written};
pub use turns::{Turn, TurnFailed};

/// Bytes of a board's name.
pub const ID_BYTES_MAX: usize = 128;
/// Bytes of a board's, a tournament's or a record's metadata.
pub const METADATA_BYTES_MAX: usize = 4_096;
/// Records in one list.
pub const LIST_MAX: u32 = 1_000;
/// Records in a list around one.
pub const AROUND_MAX: u32 = 100;
/// Records in a list where the caller does not say.
pub const LIST_DEFAULT: u32 = 100;
/// Owners whose records may be asked for at once.
pub const OWNERS_MAX: usize = 1_000;
/// Scores in one batch.
pub const BATCH_MAX: usize = 1_000;

/// A leaderboard to be made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewBoard {
    /// Its name.
    pub id: String,
    /// Written by server code only?
    pub authoritative: bool,
    /// Is less better?
    pub ascending: bool,
    /// How scores meet.
    pub operator: Operator,
    /// A cron line; empty: it is never reset.
    pub reset: String,
    /// A JSON object as text; empty: `{}`.
    pub metadata: String,
}

/// The use cases.
pub struct Leaderboards {
    boards: Arc<Boards>,
}

impl Leaderboards {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { boards: Arc::new(Boards::new(core)) }
    }

    /// What tournaments stand on as well.
    pub fn boards(&self) -> &Arc<Boards> {
        &self.boards
    }

    /// Makes a board. One that is there already stays as it is: true if it is new.
    pub async fn create(&self, new: NewBoard) -> Result<(Arc<Board>, bool), BoardError> {
        let row = BoardRow {
            id: new.id,
            authoritative: new.authoritative,
            descending: !new.ascending,
            operator: new.operator,
            reset: new.reset,
            metadata: new.metadata,
            ..BoardRow::default()
        };
        self.boards.create(row).await
    }

    /// A board.
    pub async fn get(&self, id: &str) -> Result<Arc<Board>, BoardError> {
        self.boards.of_kind(id, false).await
    }

    /// Removes a board with all records. True if there was one.
    pub async fn delete(&self, id: &str) -> Result<bool, BoardError> {
        self.boards.delete(id, false).await
    }

    /// Boards by category and name, after the given one.
    pub async fn boards_after(&self, after: &str, limit: u32) -> Result<Vec<Arc<Board>>, BoardError> {
        self.boards.list_plain(after, limit.min(LIST_MAX)).await
    }

    /// A player's own score.
    pub async fn write_own(&self, id: &str, score: Score) -> Result<Written, BoardError> {
        self.boards.write_own(self.get(id).await?, score).await
    }

    /// A score of any owner, by server code.
    pub async fn write(&self, id: &str, score: Score) -> Result<Written, BoardError> {
        self.boards.write(self.get(id).await?, score).await
    }

    /// Many scores, of leaderboards and tournaments, in one transaction. Each has its own answer.
    pub async fn write_many(
        &self,
        scores: Vec<(String, Score)>,
    ) -> Result<Vec<Result<Written, BoardError>>, BoardError> {
        self.boards.write_many(scores).await
    }

    /// Removes a player's own record of the period that is now.
    pub async fn delete_own(&self, id: &str, owner: UserId) -> Result<(), BoardError> {
        self.boards.delete_own(self.get(id).await?, owner).await
    }

    /// Removes an owner's record of the period that is now, by server code. True if there was one.
    pub async fn delete_record(&self, id: &str, owner: UserId) -> Result<bool, BoardError> {
        let board = self.get(id).await?;
        self.boards.delete_record(&board, owner).await
    }

    /// Records in the order of ranks, and those of the owners asked for.
    pub async fn list(&self, id: &str, ask: Ask) -> Result<Listed, BoardError> {
        self.boards.list(self.get(id).await?, ask).await
    }

    /// An owner's record with those around it.
    pub async fn around(&self, id: &str, owner: UserId, ask: Ask) -> Result<Listed, BoardError> {
        self.boards.around(self.get(id).await?, owner, ask).await
    }

    /// Has a function called when a leaderboard is reset, after the period has ended. It is called again if it fails,
    /// or if the server goes down meanwhile: what it does must bear that.
    pub fn on_reset<F, A>(&self, listener: F)
    where
        F: Fn(Turn) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), TurnFailed>> + Send + 'static,
    {
        self.boards.listeners.board_reset(listener);
    }
}
