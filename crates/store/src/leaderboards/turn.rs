//! Boards whose period or window has come to its end, so that whoever wants to know is told.

use serde::{Deserialize, Serialize};

use super::boards::{BoardRow, board};
use crate::StoreError;
use crate::operation::{Operation, Tx};
use crate::statement::statements;

statements! {
    DUE = "SELECT number, id, tournament, authoritative, descending, operator, reset, metadata, created_ms, title,
        description, category, duration_s, start_s, end_s, over_s, join_required, size_max, attempts_max, turn_s
        FROM leaderboards WHERE turn_s IS NOT NULL AND turn_s <= $1 ORDER BY turn_s, number LIMIT $2";
    TURN = "UPDATE leaderboards SET turn_s = $3 WHERE number = $1 AND turn_s = $2";
}

/// Boards whose turn has come, the longest due first.
#[derive(Clone, Debug)]
pub struct BoardsDue {
    /// Now, in seconds.
    pub now_s: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for BoardsDue {
    type Output = Vec<BoardRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&DUE, &[self.now_s.into(), self.limit.into()], board).await
    }
}

/// Moves a board's turn on, if nobody else has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BoardTurn {
    /// The board's number.
    pub number: i64,
    /// The turn that was taken.
    pub from_s: i64,
    /// The next one, if there is one.
    pub to_s: Option<i64>,
}

impl Operation for BoardTurn {
    /// Was it still there to take?
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.number.into(), self.from_s.into(), self.to_s.into()];
        Ok(tx.execute(&TURN, &values).await? == 1)
    }
}
