//! Moments of rooms that run between their inputs: snapshots that are kept along the way, so that any step can be shown
//! again soon. They are no points to go back to. A room has so many of them; the oldest thin out first.

use std::collections::BTreeSet;

use kernel::{RoomId, Seq};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, Value};

statements! {
    NOTE = "INSERT INTO room_moments (room_id, seq, at_ms, parts) VALUES ($1, $2, $3, $4)
        ON CONFLICT (room_id, seq) DO UPDATE SET parts = excluded.parts";
    OF_ROOM = "SELECT seq, at_ms, parts FROM room_moments WHERE room_id = $1 ORDER BY seq";
    FORGET = "DELETE FROM room_moments WHERE room_id = $1 AND seq = $2";
    FIRST_LOGGED = "SELECT first_seq FROM room_log WHERE room_id = $1 ORDER BY first_seq LIMIT 1";
    SHOWN_BY = "SELECT seq FROM room_snapshots WHERE room_id = $1 AND at_ms <= $2 AND part = 0
        ORDER BY seq DESC LIMIT 1";
}

/// Moments of a room. Past that, every second one of the oldest goes, then every second one of what comes after those.
pub const MOMENTS_MAX: usize = 512;
/// Parts that a room's moments have in all, each at most
/// [`SNAPSHOT_PART_BYTES_MAX`](crate::SNAPSHOT_PART_BYTES_MAX): a room with a large state has fewer moments.
pub const MOMENTS_PARTS_MAX: u64 = 2_048;

/// A moment of a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The newest input that its snapshot holds.
    pub seq: Seq,
    /// The room's time then.
    pub at_ms: i64,
    /// The parts of its snapshot.
    pub parts: u64,
}

/// Reads a room's moments, the oldest first.
#[derive(Clone, Debug)]
pub struct MomentsOf {
    /// Which.
    pub room: RoomId,
}

impl Operation for MomentsOf {
    /// At most one more than [`MOMENTS_MAX`], until the next thinning.
    type Output = Vec<Moment>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&OF_ROOM, &[self.room.into()], |row| {
            Ok(Moment { seq: Seq(row.count(0)?), at_ms: row.int(1)?, parts: row.count(2)? })
        })
        .await
    }
}

/// Says from which snapshot what a room was at a time is reached soonest.
#[derive(Clone, Debug)]
pub struct SnapshotAt {
    /// Which.
    pub room: RoomId,
    /// The room's time.
    pub at_ms: i64,
}

impl Operation for SnapshotAt {
    /// The newest input of the newest snapshot, of any kind, that is not after that time.
    type Output = Option<Seq>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&SHOWN_BY, &[self.room.into(), self.at_ms.into()], |row| Ok(Seq(row.count(0)?))).await
    }
}

pub(crate) async fn note<T: Tx>(tx: &mut T, room: RoomId, moment: &Moment) -> Result<(), StoreError> {
    let values = [room.into(), moment.seq.try_into()?, moment.at_ms.into(), Value::count(moment.parts)?];
    tx.execute(&NOTE, &values).await?;
    Ok(())
}

pub(crate) async fn forget<T: Tx>(tx: &mut T, room: RoomId, seq: Seq) -> Result<(), StoreError> {
    tx.execute(&FORGET, &[room.into(), seq.try_into()?]).await?;
    Ok(())
}

/// The inputs whose snapshots stay because they are moments.
pub(crate) async fn kept<T: Tx>(tx: &mut T, room: RoomId) -> Result<BTreeSet<Seq>, StoreError> {
    let all = MomentsOf { room }.run(tx).await?;
    if all.is_empty() {
        return Ok(BTreeSet::new());
    }
    let first = tx.optional(&FIRST_LOGGED, &[room.into()], |row| row.count(0)).await?;
    Ok(wanted(all, first.map_or(Seq(u64::MAX), Seq)))
}

/// Which of a room's moments stay, given the log's first input. One without the log after it shows nothing but itself.
fn wanted(mut moments: Vec<Moment>, first_logged: Seq) -> BTreeSet<Seq> {
    moments.retain(|moment| moment.seq.next() >= first_logged);
    let mut parts: u64 = moments.iter().map(|moment| moment.parts).sum();
    while (moments.len() > MOMENTS_MAX || parts > MOMENTS_PARTS_MAX) && moments.len() > 2 {
        // The one whose going leaves the shortest gap; of several, the oldest. The first and the newest stay.
        let gap = |index: &usize| moments[index + 1].at_ms.saturating_sub(moments[index - 1].at_ms);
        let Some(least) = (1..moments.len() - 1).min_by_key(gap) else { break };
        parts -= moments.remove(least).parts;
    }
    moments.into_iter().map(|moment| moment.seq).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(count: u64, parts: u64) -> Vec<Moment> {
        (1..=count)
            .map(|number| Moment { seq: Seq(number), at_ms: number.cast_signed() * 10, parts })
            .collect()
    }

    fn check(moments: Vec<Moment>, first_logged: u64, stay: &[u64]) {
        let found: Vec<u64> = wanted(moments, Seq(first_logged)).into_iter().map(|seq| seq.0).collect();
        assert_eq!(found, stay);
    }

    #[test]
    fn moments_without_their_log_go() {
        check(even(5, 1), 1, &[1, 2, 3, 4, 5]);
        check(even(5, 1), 4, &[3, 4, 5]);
        check(even(5, 1), 9, &[]);
        check(Vec::new(), 1, &[]);
    }

    #[test]
    fn large_ones_thin_out_from_the_oldest_on() {
        let fifth = MOMENTS_PARTS_MAX / 5;
        check(even(5, fifth), 1, &[1, 2, 3, 4, 5]);
        check(even(6, fifth), 1, &[1, 3, 4, 5, 6]);
        check(even(7, fifth), 1, &[1, 3, 5, 6, 7]);
        check(even(3, MOMENTS_PARTS_MAX), 1, &[1, 3]);
    }

    #[test]
    fn their_number_is_bounded_and_every_time_has_one_near() {
        let mut moments = Vec::new();
        for number in 1..=MOMENTS_MAX as u64 * 5 {
            moments.push(Moment { seq: Seq(number), at_ms: number.cast_signed() * 10, parts: 1 });
            let stay = wanted(moments.clone(), Seq(1));
            moments.retain(|moment| stay.contains(&moment.seq));
            assert!(moments.len() <= MOMENTS_MAX);
            assert_eq!(moments.last().map(|moment| moment.seq), Some(Seq(number)));
        }
        let gaps = moments.windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms);
        assert!(gaps.clone().all(|gap| gap <= 80), "{:?}", gaps.max());
    }
}
