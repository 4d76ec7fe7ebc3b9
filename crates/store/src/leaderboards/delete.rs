//! Removing single records: a player's own, or all of an account.

use super::write::next_move;
use super::{Changed, PeriodId, RankChange, place, record};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId};

statements! {
    MINE = "SELECT order1, order2, seq, owner, username, metadata, num_score, created_ms, updated_ms
        FROM leaderboard_records WHERE board = $1 AND period = $2 AND owner = $3";
    DELETE = "DELETE FROM leaderboard_records
        WHERE board = $1 AND period = $2 AND order1 = $3 AND order2 = $4 AND seq = $5";
    REMEMBER = "INSERT INTO tournament_entries (board, period, owner, joined_ms, used) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (board, period, owner) DO UPDATE SET used = excluded.used";
    FORGET = "DELETE FROM tournament_entries WHERE board = $1 AND period = $2 AND owner = $3";
    OF_OWNER = "SELECT p.board, p.period, l.id, l.descending FROM leaderboard_periods p
        JOIN leaderboards l ON l.number = p.board
        JOIN leaderboard_records r ON r.board = p.board AND r.period = p.period AND r.owner = $1
        WHERE (p.board, p.period) > ($2, $3) ORDER BY p.board, p.period LIMIT $4";
    ENTRIES_OF_OWNER = "SELECT p.board, p.period FROM leaderboard_periods p
        JOIN tournament_entries e ON e.board = p.board AND e.period = p.period AND e.owner = $1
        WHERE (p.board, p.period) > ($2, $3) ORDER BY p.board, p.period LIMIT $4";
}

/// Removes an owner's record.
#[derive(Clone, Debug)]
pub struct RecordDelete {
    /// Where.
    pub period: PeriodId,
    /// Whose.
    pub owner: UserId,
    /// Keep in mind how many attempts it had used, so that nobody gets them back by this.
    pub remember: bool,
    /// Now.
    pub at_ms: i64,
}

impl Operation for RecordDelete {
    /// Was there one?
    type Output = Changed<bool>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (period, owner) = (self.period, self.owner);
        let (board, expires) = (period.board.into(), period.expires_s.into());
        let Some(old) = tx.optional(&MINE, &[board, expires, owner.into()], record).await? else {
            return Ok(Changed { value: false, changes: Vec::new() });
        };
        // A board that is gone takes its records along, sooner or later.
        let Some(seq) = next_move(tx, period, -1).await? else {
            return Ok(Changed { value: false, changes: Vec::new() });
        };
        tx.execute(&DELETE, &place(period, old.key)).await?;
        if self.remember {
            let used = old.num_score.into();
            tx.execute(&REMEMBER, &[board, expires, owner.into(), self.at_ms.into(), used]).await?;
        }
        let change = RankChange { period, owner, seq, old: Some(old.key), new: None };
        Ok(Changed { value: true, changes: vec![change] })
    }
}

/// Where an owner has records, on boards that are still there.
#[derive(Clone, Debug)]
pub struct PeriodsOfOwner {
    /// Whose.
    pub owner: UserId,
    /// After this one.
    pub after: PeriodId,
    /// At most so many.
    pub limit: u32,
}

/// One place where an owner has a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnersPeriod {
    /// Where.
    pub period: PeriodId,
    /// The board's name.
    pub board_id: String,
    /// Is more better on it?
    pub descending: bool,
}

impl Operation for PeriodsOfOwner {
    type Output = Vec<OwnersPeriod>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (board, expires) = (self.after.board.into(), self.after.expires_s.into());
        let values = [self.owner.into(), board, expires, self.limit.into()];
        let read = |row: &crate::Row<'_>| {
            Ok(OwnersPeriod {
                period: PeriodId { board: row.int(0)?, expires_s: row.int(1)? },
                board_id: row.text(2)?,
                descending: row.flag(3)?,
            })
        };
        tx.rows(&OF_OWNER, &values, read).await
    }
}

/// Forgets which tournaments an owner joined, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct EntriesForget {
    /// Whose.
    pub owner: UserId,
    /// At most so many.
    pub limit: u32,
}

impl Operation for EntriesForget {
    /// How many; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let owner = self.owner.into();
        let values = [owner, i64::MIN.into(), i64::MIN.into(), self.limit.into()];
        let found = tx.rows(&ENTRIES_OF_OWNER, &values, |row| Ok((row.int(0)?, row.int(1)?))).await?;
        for (board, expires) in &found {
            tx.execute(&FORGET, &[(*board).into(), (*expires).into(), owner]).await?;
        }
        Ok(found.len() as u64)
    }
}
