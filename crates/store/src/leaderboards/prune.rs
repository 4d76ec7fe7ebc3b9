//! Removing what nobody reads any more, a bounded number of rows at a time: periods that are long over, and all that a
//! deleted board leaves behind.

use super::{PeriodId, rank_key};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId};

statements! {
    OVER = "SELECT board, period FROM leaderboard_periods WHERE period > 0 AND period <= $1
        ORDER BY period, board LIMIT 1";
    GONE = "SELECT board FROM leaderboards_gone WHERE board > 0 ORDER BY board LIMIT 1";
    OF_BOARD = "SELECT board, period FROM leaderboard_periods WHERE board = $1 ORDER BY board, period LIMIT 1";
    LAST_RECORD = "SELECT order1, order2, seq FROM leaderboard_records WHERE board = $1 AND period = $2
        ORDER BY order1, order2, seq LIMIT 1 OFFSET $3";
    RECORDS_TO = "DELETE FROM leaderboard_records WHERE board = $1 AND period = $2
        AND (order1, order2, seq) <= ($3, $4, $5)";
    LAST_ENTRY = "SELECT owner FROM tournament_entries WHERE board = $1 AND period = $2 ORDER BY owner
        LIMIT 1 OFFSET $3";
    ENTRIES_TO = "DELETE FROM tournament_entries WHERE board = $1 AND period = $2 AND owner <= $3";
    RECORDS = "DELETE FROM leaderboard_records WHERE board = $1 AND period = $2";
    ENTRIES = "DELETE FROM tournament_entries WHERE board = $1 AND period = $2";
    PERIOD = "DELETE FROM leaderboard_periods WHERE board = $1 AND period = $2";
    FORGET = "DELETE FROM leaderboards_gone WHERE board = $1";
}

/// Takes a step. Called until it has nothing more to do.
#[derive(Clone, Debug)]
pub struct BoardsPurge {
    /// Periods that ended at this second or before are removed; `None`: they are kept.
    pub over_s: Option<i64>,
    /// Rows of each table that are removed at once, at most.
    pub limit: u32,
}

impl Operation for BoardsPurge {
    /// The period it worked at; `None`: there was nothing to do.
    type Output = Option<PeriodId>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let read = |row: &crate::Row<'_>| Ok(PeriodId { board: row.int(0)?, expires_s: row.int(1)? });
        let gone = tx.optional(&GONE, &[], |row| row.int(0)).await?;
        let period = match (gone, self.over_s) {
            (Some(board), _) => tx.optional(&OF_BOARD, &[board.into()], read).await?,
            (None, Some(over_s)) => tx.optional(&OVER, &[over_s.into()], read).await?,
            (None, None) => None,
        };
        let Some(period) = period else {
            let Some(board) = gone else { return Ok(None) };
            tx.execute(&FORGET, &[board.into()]).await?;
            return Ok(Some(PeriodId { board, expires_s: 0 }));
        };
        let (board, expires) = (period.board.into(), period.expires_s.into());
        let last = i64::from(self.limit.max(1)) - 1;
        if let Some(key) = tx.optional(&LAST_RECORD, &[board, expires, last.into()], rank_key).await? {
            tx.execute(&RECORDS_TO, &super::place(period, key)).await?;
            return Ok(Some(period));
        }
        let values = [board, expires, last.into()];
        let entry = tx.optional(&LAST_ENTRY, &values, |row| Ok(UserId(row.id(0)?))).await?;
        if let Some(owner) = entry {
            tx.execute(&ENTRIES_TO, &[board, expires, owner.into()]).await?;
            return Ok(Some(period));
        }
        tx.execute(&RECORDS, &[board, expires]).await?;
        tx.execute(&ENTRIES, &[board, expires]).await?;
        tx.execute(&PERIOD, &[board, expires]).await?;
        Ok(Some(period))
    }
}
