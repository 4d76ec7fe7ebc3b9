//! What boards there are. A tournament is a board with a time, a size and attempts.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError};

statements! {
    BY_ID = "SELECT number, id, tournament, authoritative, descending, operator, reset, metadata, created_ms, title,
        description, category, duration_s, start_s, end_s, over_s, join_required, size_max, attempts_max, turn_s
        FROM leaderboards WHERE id = $1";
    LIST = "SELECT number, id, tournament, authoritative, descending, operator, reset, metadata, created_ms, title,
        description, category, duration_s, start_s, end_s, over_s, join_required, size_max, attempts_max, turn_s
        FROM leaderboards WHERE tournament = $1 AND (category, id) > ($2, $3) AND category <= $4
        AND start_s >= $5 AND (over_s = 0 OR over_s > $6) AND ((over_s > 0 AND over_s <= $7) OR $7 = 0)
        ORDER BY category, id LIMIT $8";
    NUMBER = "INSERT INTO leaderboard_numbers (kind, newest) VALUES (0, 1)
        ON CONFLICT (kind) DO UPDATE SET newest = leaderboard_numbers.newest + 1 RETURNING newest";
    INSERT = "INSERT INTO leaderboards (number, id, tournament, authoritative, descending, operator, reset, metadata,
        created_ms, title, description, category, duration_s, start_s, end_s, over_s, join_required, size_max,
        attempts_max, turn_s)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
    DELETE = "DELETE FROM leaderboards WHERE number = $1";
    GONE = "INSERT INTO leaderboards_gone (board) VALUES ($1) ON CONFLICT (board) DO NOTHING";
}

/// How a written score meets the one that stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Operator {
    /// The better one of the two stands.
    #[default]
    Best,
    /// The new one stands.
    Set,
    /// They are added.
    Increment,
    /// The new one is taken off, down to 0.
    Decrement,
}

impl Operator {
    fn code(self) -> i64 {
        self as i64
    }

    fn read(code: i64) -> Result<Self, StoreError> {
        Ok(match code {
            0 => Self::Best,
            1 => Self::Set,
            2 => Self::Increment,
            3 => Self::Decrement,
            other => return Err(StoreError::Damaged(format!("no operator has the number {other}"))),
        })
    }
}

/// A board. Times are seconds since the Unix epoch, 0 where there is none.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct BoardRow {
    /// Names it in keys. Given by the store.
    pub number: i64,
    /// Names it outside.
    pub id: String,
    /// With a time, a size and attempts?
    pub tournament: bool,
    /// Written by server code only?
    pub authoritative: bool,
    /// Is more better?
    pub descending: bool,
    /// Where a write names none.
    pub operator: Operator,
    /// A cron line, or nothing.
    pub reset: String,
    /// A JSON object as text.
    pub metadata: String,
    /// When it was made.
    pub created_ms: i64,
    /// A tournament's name.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// For lists.
    pub category: i64,
    /// How long a tournament is open after each start.
    pub duration_s: i64,
    /// When it first opens.
    pub start_s: i64,
    /// When it ends for good.
    pub end_s: i64,
    /// When nothing more will happen in it, if that is known.
    pub over_s: i64,
    /// Must players join before they write?
    pub join_required: bool,
    /// Most players; 0: any number.
    pub size_max: i64,
    /// Most writes of a player in a period; 0: any number.
    pub attempts_max: i64,
    /// When somebody wants to be told of its next reset or end.
    pub turn_s: Option<i64>,
}

pub(crate) fn board(row: &Row<'_>) -> Result<BoardRow, StoreError> {
    Ok(BoardRow {
        number: row.int(0)?,
        id: row.text(1)?,
        tournament: row.flag(2)?,
        authoritative: row.flag(3)?,
        descending: row.flag(4)?,
        operator: Operator::read(row.int(5)?)?,
        reset: row.text(6)?,
        metadata: row.text(7)?,
        created_ms: row.int(8)?,
        title: row.text(9)?,
        description: row.text(10)?,
        category: row.int(11)?,
        duration_s: row.int(12)?,
        start_s: row.int(13)?,
        end_s: row.int(14)?,
        over_s: row.int(15)?,
        join_required: row.flag(16)?,
        size_max: row.int(17)?,
        attempts_max: row.int(18)?,
        turn_s: row.opt_int(19)?,
    })
}

/// Makes a board. One that is there already stays as it is.
#[derive(Clone, Debug)]
pub struct BoardCreate {
    /// All but its number.
    pub board: BoardRow,
}

/// What stands after a [`BoardCreate`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BoardCreated {
    /// The board, new or old.
    pub board: BoardRow,
    /// Is it new?
    pub created: bool,
}

impl Operation for BoardCreate {
    type Output = BoardCreated;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let new = &self.board;
        if let Some(board) = tx.optional(&BY_ID, &[(&new.id).into()], board).await? {
            return Ok(BoardCreated { board, created: false });
        }
        let number = tx.one(&NUMBER, &[], |row| row.int(0)).await?;
        let values = [
            number.into(),
            (&new.id).into(),
            new.tournament.into(),
            new.authoritative.into(),
            new.descending.into(),
            new.operator.code().into(),
            (&new.reset).into(),
            (&new.metadata).into(),
            new.created_ms.into(),
            (&new.title).into(),
            (&new.description).into(),
            new.category.into(),
            new.duration_s.into(),
            new.start_s.into(),
            new.end_s.into(),
            new.over_s.into(),
            new.join_required.into(),
            new.size_max.into(),
            new.attempts_max.into(),
            new.turn_s.into(),
        ];
        tx.execute(&INSERT, &values).await?;
        Ok(BoardCreated { board: BoardRow { number, ..new.clone() }, created: true })
    }
}

/// Reads a board.
#[derive(Clone, Debug)]
pub struct BoardGet {
    /// Its name.
    pub id: String,
}

impl Operation for BoardGet {
    type Output = Option<BoardRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&BY_ID, &[(&self.id).into()], board).await
    }
}

/// Removes a board. Its records can no longer be found, and [`BoardsPurge`](crate::BoardsPurge) removes them.
#[derive(Clone, Debug)]
pub struct BoardDelete {
    /// Its name.
    pub id: String,
    /// Of this kind only.
    pub tournament: bool,
}

impl Operation for BoardDelete {
    /// The number it had.
    type Output = Option<i64>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let found = tx.optional(&BY_ID, &[(&self.id).into()], board).await?;
        let Some(found) = found.filter(|found| found.tournament == self.tournament) else { return Ok(None) };
        tx.execute(&DELETE, &[found.number.into()]).await?;
        tx.execute(&GONE, &[found.number.into()]).await?;
        Ok(Some(found.number))
    }
}

/// Lists boards in the order of category and name.
#[derive(Clone, Debug)]
pub struct BoardList {
    /// Tournaments, or plain boards?
    pub tournament: bool,
    /// After this category and name.
    pub after: (i64, String),
    /// Categories up to this one.
    pub category_max: i64,
    /// Those that first open at this second or later.
    pub start_s_min: i64,
    /// Those that are not over at this second.
    pub over_after_s: i64,
    /// Those that are over at this second; 0: all.
    pub over_s_max: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for BoardList {
    type Output = Vec<BoardRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [
            self.tournament.into(),
            self.after.0.into(),
            (&self.after.1).into(),
            self.category_max.into(),
            self.start_s_min.into(),
            self.over_after_s.into(),
            self.over_s_max.into(),
            self.limit.into(),
        ];
        tx.rows(&LIST, &values, board).await
    }
}
