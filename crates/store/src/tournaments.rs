//! Joining tournaments. Their definitions and records are those of leaderboards.

use serde::{Deserialize, Serialize};

use crate::leaderboards::write::{begin, read_period};
use crate::leaderboards::{PeriodId, PeriodRow};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId};

statements! {
    ENTRY = "SELECT joined_ms FROM tournament_entries WHERE board = $1 AND period = $2 AND owner = $3";
    ENTER = "INSERT INTO tournament_entries (board, period, owner, joined_ms, used) VALUES ($1, $2, $3, $4, 0)";
    COUNT = "UPDATE leaderboard_periods SET entrants = entrants + 1 WHERE board = $1 AND period = $2
        AND EXISTS (SELECT 1 FROM leaderboards WHERE number = $1)";
}

/// Lets an owner into a period of a tournament.
#[derive(Clone, Debug)]
pub struct TournamentJoin {
    /// Where.
    pub period: PeriodId,
    /// Who.
    pub owner: UserId,
    /// Most owners; 0: any number.
    pub size_max: i64,
    /// Now.
    pub at_ms: i64,
}

/// What came of a [`TournamentJoin`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Joined {
    /// They are in, now or since before.
    In {
        /// Since now?
        new: bool,
    },
    /// No more fit in.
    Full,
    /// The tournament was deleted.
    NoBoard,
}

impl Operation for TournamentJoin {
    type Output = Joined;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (board, expires) = (self.period.board.into(), self.period.expires_s.into());
        let owner = self.owner.into();
        if tx.optional(&ENTRY, &[board, expires, owner], |_| Ok(())).await?.is_some() {
            return Ok(Joined::In { new: false });
        }
        let held = read_period(tx, self.period).await?;
        let entrants = held.map_or(0, |held| held.entrants);
        if self.size_max > 0 && entrants >= self.size_max.unsigned_abs() {
            return Ok(Joined::Full);
        }
        let there = match held {
            Some(_) => tx.execute(&COUNT, &[board, expires]).await? == 1,
            None => begin(tx, self.period, PeriodRow { seq: 0, records: 0, entrants: 1 }).await?,
        };
        if !there {
            return Ok(Joined::NoBoard);
        }
        tx.execute(&ENTER, &[board, expires, owner, self.at_ms.into()]).await?;
        Ok(Joined::In { new: true })
    }
}
