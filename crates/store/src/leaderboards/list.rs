//! Reading records: a range in the order of ranks, those of some owners, those around one, and pages for counting.

use super::write::{period_row, read_period};
use super::{PeriodId, PeriodRow, RankKey, RecordRow, place, rank_key, record};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId, Value};

statements! {
    AFTER = "SELECT order1, order2, seq, owner, username, metadata, num_score, created_ms, updated_ms
        FROM leaderboard_records WHERE board = $1 AND period = $2 AND (order1, order2, seq) > ($3, $4, $5)
        ORDER BY order1, order2, seq LIMIT $6";
    BEFORE = "SELECT order1, order2, seq, owner, username, metadata, num_score, created_ms, updated_ms
        FROM leaderboard_records WHERE board = $1 AND period = $2 AND (order1, order2, seq) < ($3, $4, $5)
        ORDER BY order1 DESC, order2 DESC, seq DESC LIMIT $6";
    MINE = "SELECT order1, order2, seq, owner, username, metadata, num_score, created_ms, updated_ms
        FROM leaderboard_records WHERE board = $1 AND period = $2 AND owner = $3";
    BY_OWNER = "SELECT order1, order2, seq, owner FROM leaderboard_records
        WHERE board = $1 AND period = $2 AND owner > $3 ORDER BY owner LIMIT $4";
    PERIOD = "SELECT seq, records, entrants FROM leaderboard_periods WHERE board = $1 AND period = $2";
}

/// Which way from a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// To worse places.
    After,
    /// To better places; the rows still come best first.
    Before,
}

/// Records before or after a key.
#[derive(Clone, Debug)]
pub struct RecordList {
    /// Where.
    pub period: PeriodId,
    /// Not itself in the list.
    pub from: RankKey,
    /// Which way.
    pub direction: Direction,
    /// At most so many.
    pub limit: u32,
}

impl Operation for RecordList {
    type Output = Vec<RecordRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        range(tx, self.period, self.from, self.direction, self.limit).await
    }
}

async fn range<T: Tx>(
    tx: &mut T,
    period: PeriodId,
    from: RankKey,
    direction: Direction,
    limit: u32,
) -> Result<Vec<RecordRow>, StoreError> {
    let [board, expires, first, second, seq] = place(period, from);
    let values = [board, expires, first, second, seq, limit.into()];
    match direction {
        Direction::After => tx.rows(&AFTER, &values, record).await,
        Direction::Before => {
            let mut rows = tx.rows(&BEFORE, &values, record).await?;
            rows.reverse();
            Ok(rows)
        }
    }
}

/// The records of some owners, in the order asked; who has none is left out.
#[derive(Clone, Debug)]
pub struct RecordsOf {
    /// Where.
    pub period: PeriodId,
    /// Whose.
    pub owners: Vec<UserId>,
}

impl Operation for RecordsOf {
    type Output = Vec<RecordRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (board, expires) = (self.period.board.into(), self.period.expires_s.into());
        let mut found = Vec::new();
        for owner in &self.owners {
            found.extend(tx.optional(&MINE, &[board, expires, (*owner).into()], record).await?);
        }
        Ok(found)
    }
}

/// An owner's record with those around it.
#[derive(Clone, Debug)]
pub struct RecordsAround {
    /// Where.
    pub period: PeriodId,
    /// Who is in the middle, if there are enough on both sides.
    pub owner: UserId,
    /// At most so many, the owner's own included.
    pub limit: u32,
}

/// A part of the list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Around {
    /// Best first.
    pub rows: Vec<RecordRow>,
    /// Are there worse ones?
    pub more: bool,
}

impl Operation for RecordsAround {
    type Output = Around;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (period, limit) = (self.period, self.limit.max(1));
        let values = [period.board.into(), period.expires_s.into(), self.owner.into()];
        let Some(own) = tx.optional(&MINE, &values, record).await? else { return Ok(Around::default()) };
        let others = limit - 1;
        let mut before = range(tx, period, own.key, Direction::Before, others).await?;
        // One more than can be shown tells whether there are more.
        let mut after = range(tx, period, own.key, Direction::After, limit).await?;
        let half = others as usize / 2;
        let others = others as usize;
        let above = before.len().min((others - half).max(others.saturating_sub(after.len())));
        let below = after.len().min(others - above);
        let more = after.len() > below;
        before.drain(..before.len() - above);
        after.truncate(below);
        before.push(own);
        before.append(&mut after);
        Ok(Around { rows: before, more })
    }
}

/// The keys of a period, in the order of owners: a record that moves meanwhile keeps its place in this order.
#[derive(Clone, Debug)]
pub struct RankPage {
    /// Where.
    pub period: PeriodId,
    /// After this owner.
    pub after: Option<UserId>,
    /// At most so many.
    pub limit: u32,
}

/// One page for counting.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RankKeys {
    /// The moves that this page has seen: all up to this one, and none after it.
    pub seq: i64,
    /// Who stands where.
    pub keys: Vec<(UserId, RankKey)>,
}

impl Operation for RankPage {
    type Output = RankKeys;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let seq = read_period(tx, self.period).await?.map_or(0, |period| period.seq);
        let after = self.after.map_or(Value::Blob(&[]), Into::into);
        let values = [self.period.board.into(), self.period.expires_s.into(), after, self.limit.into()];
        let keys = tx.rows(&BY_OWNER, &values, |row| Ok((UserId(row.id(3)?), rank_key(row)?))).await?;
        Ok(RankKeys { seq, keys })
    }
}

/// How far some periods are.
#[derive(Clone, Debug)]
pub struct PeriodsGet {
    /// Which.
    pub periods: Vec<PeriodId>,
}

impl Operation for PeriodsGet {
    /// In the order asked; one in which nothing happened is all zeros.
    type Output = Vec<PeriodRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut found = Vec::with_capacity(self.periods.len());
        for period in &self.periods {
            let values = [period.board.into(), period.expires_s.into()];
            found.push(tx.optional(&PERIOD, &values, period_row).await?.unwrap_or_default());
        }
        Ok(found)
    }
}
