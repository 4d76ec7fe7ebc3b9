//! Writing scores.

use serde::{Deserialize, Serialize};

use super::{Changed, Operator, PeriodId, PeriodRow, RankChange, RankKey, RecordRow, place, record};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId};

statements! {
    MINE = "SELECT order1, order2, seq, owner, username, metadata, num_score, created_ms, updated_ms
        FROM leaderboard_records WHERE board = $1 AND period = $2 AND owner = $3";
    PERIOD = "SELECT seq, records, entrants FROM leaderboard_periods WHERE board = $1 AND period = $2";
    MOVE = "UPDATE leaderboard_periods SET seq = seq + 1, records = records + $3
        WHERE board = $1 AND period = $2 AND EXISTS (SELECT 1 FROM leaderboards WHERE number = $1) RETURNING seq";
    EXISTS = "SELECT 1 FROM leaderboards WHERE number = $1";
    BEGIN = "INSERT INTO leaderboard_periods (board, period, seq, records, entrants) VALUES ($1, $2, $3, $4, $5)";
    ENTRY = "SELECT used FROM tournament_entries WHERE board = $1 AND period = $2 AND owner = $3";
    INSERT = "INSERT INTO leaderboard_records (board, period, order1, order2, seq, owner, username, metadata,
        num_score, created_ms, updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    REWRITE = "UPDATE leaderboard_records SET order1 = $6, order2 = $7, seq = $8, username = $9, metadata = $10,
        num_score = $11, updated_ms = $12
        WHERE board = $1 AND period = $2 AND order1 = $3 AND order2 = $4 AND seq = $5";
    TOUCH = "UPDATE leaderboard_records SET username = $6, metadata = $7, num_score = $8
        WHERE board = $1 AND period = $2 AND order1 = $3 AND order2 = $4 AND seq = $5";
}

/// What a tournament asks of a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Terms {
    /// Every write is an attempt, even one that is not better.
    pub counted: bool,
    /// Most attempts of an owner in the period; 0: any number.
    pub attempts_max: i64,
    /// Most owners in the period; 0: any number.
    pub size_max: i64,
    /// Only those who joined.
    pub join_required: bool,
}

/// Writes one score.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordWrite {
    /// Where.
    pub period: PeriodId,
    /// Is more better on this board?
    pub descending: bool,
    /// Whose.
    pub owner: UserId,
    /// The owner's name; empty: as it was.
    pub username: String,
    /// Never negative.
    pub score: i64,
    /// Never negative.
    pub subscore: i64,
    /// `None`: as it was.
    pub metadata: Option<String>,
    /// How it meets what stands.
    pub operator: Operator,
    /// Now.
    pub at_ms: i64,
    /// A tournament's.
    pub terms: Terms,
}

/// What came of a [`RecordWrite`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Wrote {
    /// This record stands now; the written score or the one of before.
    Stands(RecordRow),
    /// The board was deleted.
    NoBoard,
    /// The owner has not joined.
    NotJoined,
    /// No more owners fit in.
    Full,
    /// The owner has used all attempts.
    NoAttempts,
}

impl Operation for RecordWrite {
    type Output = Changed<Wrote>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut changes = Vec::new();
        let value = write(tx, self, &mut changes).await?;
        Ok(Changed { value, changes })
    }
}

/// Writes many scores in one transaction. Each has its own answer; one that is refused does not stop the others.
#[derive(Clone, Debug)]
pub struct RecordsWrite {
    /// In this order; an owner may be in it more than once.
    pub writes: Vec<RecordWrite>,
}

impl Operation for RecordsWrite {
    type Output = Changed<Vec<Wrote>>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (mut value, mut changes) = (Vec::with_capacity(self.writes.len()), Vec::new());
        for one in &self.writes {
            value.push(write(tx, one, &mut changes).await?);
        }
        Ok(Changed { value, changes })
    }
}

async fn write<T: Tx>(
    tx: &mut T,
    new: &RecordWrite,
    changes: &mut Vec<RankChange>,
) -> Result<Wrote, StoreError> {
    let period = new.period;
    let (board, expires, owner) = (period.board.into(), period.expires_s.into(), new.owner.into());
    let Some(old) = tx.optional(&MINE, &[board, expires, owner], record).await? else {
        return first(tx, new, changes).await;
    };
    let terms = new.terms;
    if terms.attempts_max > 0 && i64::from(old.num_score) >= terms.attempts_max {
        return Ok(Wrote::NoAttempts);
    }
    let stood = (old.key.score(new.descending), old.key.subscore(new.descending));
    let (score, subscore) = meet(new, stood);
    let moved = (score, subscore) != stood;
    // A score that is not better leaves no trace, but for an attempt.
    let beaten = new.operator == Operator::Best && !moved;
    if beaten && !terms.counted {
        return Ok(Wrote::Stands(old));
    }
    let mut after = old.clone();
    after.num_score = old.num_score.saturating_add(1);
    if !beaten {
        if !new.username.is_empty() {
            after.username.clone_from(&new.username);
        }
        if let Some(metadata) = &new.metadata {
            after.metadata.clone_from(metadata);
        }
    }
    let [b, p, first, second, seq] = place(period, old.key);
    let (username, metadata) = ((&after.username).into(), (&after.metadata).into());
    if !moved {
        tx.execute(&TOUCH, &[b, p, first, second, seq, username, metadata, after.num_score.into()]).await?;
        return Ok(Wrote::Stands(after));
    }
    let Some(number) = next_move(tx, period, 0).await? else { return Ok(Wrote::NoBoard) };
    after.key = RankKey::of(new.descending, score, subscore, number);
    after.updated_ms = new.at_ms;
    let [_, _, to_first, to_second, to_seq] = place(period, after.key);
    let values = [
        b,
        p,
        first,
        second,
        seq,
        to_first,
        to_second,
        to_seq,
        username,
        metadata,
        after.num_score.into(),
        after.updated_ms.into(),
    ];
    tx.execute(&REWRITE, &values).await?;
    let (old, now) = (Some(old.key), Some(after.key));
    changes.push(RankChange { period, owner: new.owner, seq: number, old, new: now });
    Ok(Wrote::Stands(after))
}

/// An owner's first score in the period.
async fn first<T: Tx>(
    tx: &mut T,
    new: &RecordWrite,
    changes: &mut Vec<RankChange>,
) -> Result<Wrote, StoreError> {
    let (period, terms) = (new.period, new.terms);
    let mut used = 0;
    if terms.join_required || terms.attempts_max > 0 {
        let values = [period.board.into(), period.expires_s.into(), new.owner.into()];
        match tx.optional(&ENTRY, &values, |row| row.int(0)).await? {
            Some(attempts) => used = attempts,
            None if terms.join_required => return Ok(Wrote::NotJoined),
            None => {}
        }
        if terms.attempts_max > 0 && used >= terms.attempts_max {
            return Ok(Wrote::NoAttempts);
        }
    }
    if terms.size_max > 0 && !terms.join_required {
        let held = read_period(tx, period).await?.map_or(0, |held| held.records);
        if held >= terms.size_max.unsigned_abs() {
            return Ok(Wrote::Full);
        }
    }
    let Some(seq) = next_move(tx, period, 1).await? else { return Ok(Wrote::NoBoard) };
    let (score, subscore) = match new.operator {
        Operator::Decrement => (0, 0),
        _ => (new.score, new.subscore),
    };
    let key = RankKey::of(new.descending, score, subscore, seq);
    let num_score = u32::try_from(used).unwrap_or(u32::MAX).saturating_add(1);
    let row = RecordRow {
        owner: new.owner,
        username: new.username.clone(),
        key,
        metadata: new.metadata.clone().unwrap_or_else(|| "{}".into()),
        num_score,
        created_ms: new.at_ms,
        updated_ms: new.at_ms,
    };
    let [b, p, order1, order2, seq_value] = place(period, key);
    let values = [
        b,
        p,
        order1,
        order2,
        seq_value,
        row.owner.into(),
        (&row.username).into(),
        (&row.metadata).into(),
        num_score.into(),
        row.created_ms.into(),
        row.updated_ms.into(),
    ];
    tx.execute(&INSERT, &values).await?;
    changes.push(RankChange { period, owner: new.owner, seq, old: None, new: Some(key) });
    Ok(Wrote::Stands(row))
}

/// What stands after a score met the one of before.
fn meet(new: &RecordWrite, (score, subscore): (i64, i64)) -> (i64, i64) {
    match new.operator {
        Operator::Best => {
            let key = |pair: (i64, i64)| RankKey::of(new.descending, pair.0, pair.1, 0);
            let (stood, given) = ((score, subscore), (new.score, new.subscore));
            if key(given) < key(stood) { given } else { stood }
        }
        Operator::Set => (new.score, new.subscore),
        Operator::Increment => (score.saturating_add(new.score), subscore.saturating_add(new.subscore)),
        Operator::Decrement => {
            (score.saturating_sub(new.score).max(0), subscore.saturating_sub(new.subscore).max(0))
        }
    }
}

/// The period's row, if anything happened in it.
pub(crate) async fn read_period<T: Tx>(
    tx: &mut T,
    period: PeriodId,
) -> Result<Option<PeriodRow>, StoreError> {
    tx.optional(&PERIOD, &[period.board.into(), period.expires_s.into()], period_row).await
}

pub(crate) fn period_row(row: &Row<'_>) -> Result<PeriodRow, StoreError> {
    Ok(PeriodRow { seq: row.int(0)?, records: row.count(1)?, entrants: row.count(2)? })
}

/// Counts a move and the records that it adds. `None`: the board is gone.
pub(crate) async fn next_move<T: Tx>(
    tx: &mut T,
    period: PeriodId,
    records: i64,
) -> Result<Option<i64>, StoreError> {
    let (board, expires) = (period.board.into(), period.expires_s.into());
    let next = tx.optional(&MOVE, &[board, expires, records.into()], |row| row.int(0)).await?;
    if next.is_some() {
        return Ok(next);
    }
    let begun = begin(tx, period, PeriodRow { seq: 1, records: records.max(0).unsigned_abs(), entrants: 0 });
    Ok(begun.await?.then_some(1))
}

/// Begins a period that has no row. False: the board is gone.
pub(crate) async fn begin<T: Tx>(tx: &mut T, period: PeriodId, row: PeriodRow) -> Result<bool, StoreError> {
    let board = period.board.into();
    if tx.optional(&EXISTS, &[board], |_| Ok(())).await?.is_none() {
        return Ok(false);
    }
    let values = [
        board,
        period.expires_s.into(),
        row.seq.into(),
        crate::Value::count(row.records)?,
        crate::Value::count(row.entrants)?,
    ];
    tx.execute(&BEGIN, &values).await?;
    Ok(true)
}
