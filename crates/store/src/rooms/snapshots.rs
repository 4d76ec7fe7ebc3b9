//! Snapshots of rooms, in parts: so that a large one neither blocks the writer nor fills a queue.
//!
//! Parts are written from the last to the first. A snapshot is there once its part 0 is, so one whose writing was
//! cut short is not seen; one that is seen and lacks a part is damaged.

use std::collections::BTreeSet;

use kernel::{Epoch, RoomId, Seq};

use crate::operation::{Operation, Tx};
use crate::rooms::moments::{self, Moment};
use crate::rooms::points;
use crate::statement::statements;
use crate::{StoreError, Value};

statements! {
    SAVE = "INSERT INTO room_snapshots (room_id, seq, part, parts, at_ms, body)
        SELECT $1, $3, $4, $5, $6, $7 FROM rooms WHERE id = $1 AND epoch = $2
        ON CONFLICT (room_id, seq, part) DO UPDATE
        SET parts = excluded.parts, at_ms = excluded.at_ms, body = excluded.body";
    LATEST = "SELECT seq, parts, at_ms FROM room_snapshots
        WHERE room_id = $1 AND seq <= $2 AND part = 0 ORDER BY seq DESC LIMIT 1";
    PARTS = "SELECT part, parts, body FROM room_snapshots WHERE room_id = $1 AND seq = $2 AND part < $3
        ORDER BY part";
    LIST = "SELECT seq, MIN(at_ms), MIN(part) FROM room_snapshots WHERE room_id = $1
        GROUP BY seq ORDER BY seq DESC";
    // Part 0 goes first: from then on the snapshot is not there.
    DROP = "DELETE FROM room_snapshots WHERE room_id = $1 AND seq = $2 AND part IN
        (SELECT part FROM room_snapshots WHERE room_id = $1 AND seq = $2 ORDER BY part LIMIT $3)";
}

/// Bytes of one part.
pub const SNAPSHOT_PART_BYTES_MAX: usize = 256 << 10;
/// Days back to which one snapshot a day is kept, so that a room can be taken back.
pub const SNAPSHOT_DAYS_MAX: usize = 30;
/// Snapshots that are kept whatever their day.
const NEWEST_KEPT: usize = 2;
const DAY_MS: i64 = 86_400_000;

/// Writes one part. [`Store::save_snapshot`](crate::Store::save_snapshot) does it for all.
#[derive(Clone, Debug)]
pub struct SaveSnapshotPart {
    /// Which room.
    pub room: RoomId,
    /// The term in which the caller holds it.
    pub epoch: Epoch,
    /// The newest input that the snapshot holds.
    pub seq: Seq,
    /// Counted from 0; part 0 is written last.
    pub part: u32,
    /// How many there are.
    pub parts: u32,
    /// The room's time at `seq`.
    pub at_ms: i64,
    /// At most [`SNAPSHOT_PART_BYTES_MAX`].
    pub body: Vec<u8>,
    /// It is a [moment](crate::Moment) that stays when others are thinned out.
    pub moment: bool,
}

impl Operation for SaveSnapshotPart {
    /// `false`: somebody else holds the room.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if self.part >= self.parts || self.body.len() > SNAPSHOT_PART_BYTES_MAX {
            return Err(StoreError::NotStorable("a snapshot's part is one of its parts and at most 256 KiB"));
        }
        let values = [
            self.room.into(),
            self.epoch.try_into()?,
            self.seq.try_into()?,
            self.part.into(),
            self.parts.into(),
            self.at_ms.into(),
            (&self.body).into(),
        ];
        let saved = tx.execute(&SAVE, &values).await? == 1;
        if saved && self.moment && self.part == 0 {
            let moment = Moment { seq: self.seq, at_ms: self.at_ms, parts: self.parts.into() };
            moments::note(tx, self.room, &moment).await?;
        }
        Ok(saved)
    }
}

/// What [`Store::save_snapshot`](crate::Store::save_snapshot) did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SnapshotSaved {
    /// It is there, and older ones have been thinned out.
    Saved,
    /// Somebody else holds the room; at most unseen parts were written.
    StaleEpoch,
}

/// Reads a room's newest snapshot, not newer than an input.
#[derive(Clone, Debug)]
pub struct LatestSnapshot {
    /// Which room.
    pub room: RoomId,
    /// The newest input that it may hold.
    pub at_or_before: Seq,
}

/// A whole snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The newest input that it holds.
    pub seq: Seq,
    /// The room's time then.
    pub at_ms: i64,
    /// The parts joined.
    pub body: Vec<u8>,
}

/// What [`LatestSnapshot`] found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FoundSnapshot {
    /// There is none: replay from the first input.
    None,
    /// Here it is; its insides are checked by the kernel.
    Whole(Snapshot),
    /// It lacks a part, or its parts do not belong together. An older one may be whole.
    Damaged {
        /// The newest input that it would hold.
        seq: Seq,
        /// What is wrong with it.
        why: String,
    },
}

impl Operation for LatestSnapshot {
    type Output = FoundSnapshot;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let room = Value::from(self.room);
        // Numbers end below 2^63 in the store: "the newest of all" may be asked for with u64::MAX.
        let before = Value::Int(i64::try_from(self.at_or_before.0).unwrap_or(i64::MAX));
        let latest = tx
            .optional(&LATEST, &[room, before], |row| Ok((Seq(row.count(0)?), row.small(1)?, row.int(2)?)))
            .await?;
        let Some((seq, parts, at_ms)) = latest else { return Ok(FoundSnapshot::None) };
        let mut body = Vec::new();
        let mut next = 0u32;
        let mut wrong = None;
        tx.rows(&PARTS, &[room, seq.try_into()?, parts.into()], |row| {
            if wrong.is_none() && (row.small(0)? != next || row.small(1)? != parts) {
                wrong = Some(format!("part {next} of {parts} is missing"));
            }
            next = next.saturating_add(1);
            body.extend_from_slice(&row.blob(2)?);
            Ok(())
        })
        .await?;
        if wrong.is_none() && next != parts {
            wrong = Some(format!("part {next} of {parts} is missing"));
        }
        Ok(match wrong {
            Some(why) => FoundSnapshot::Damaged { seq, why },
            None => FoundSnapshot::Whole(Snapshot { seq, at_ms, body }),
        })
    }
}

/// Reads which snapshots a room has.
#[derive(Clone, Debug)]
pub struct SnapshotsOf {
    /// Which room.
    pub room: RoomId,
}

impl Operation for SnapshotsOf {
    /// The newest input of each whole one, the oldest first.
    type Output = Vec<Seq>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let all =
            tx.rows(&LIST, &[self.room.into()], |row| Ok((Seq(row.count(0)?), row.int(2)? == 0))).await?;
        Ok(all.into_iter().rev().filter(|(_, whole)| *whole).map(|(seq, _)| seq).collect())
    }
}

/// Says which snapshots of a room are no longer wanted: all but those of its [points](crate::RestorePoint) and
/// [moments](crate::Moment), the newest two others than points, and the newest such of each day, for
/// [`SNAPSHOT_DAYS_MAX`] days that have any.
#[derive(Clone, Debug)]
pub struct ThinSnapshots {
    /// Which room.
    pub room: RoomId,
}

impl Operation for ThinSnapshots {
    /// The snapshots to drop, and the input before which the log is needed for nothing but to go back to other places
    /// than points: that of the oldest that stays and is no point, or an older one where a point has no snapshot.
    type Output = (Vec<Seq>, Option<Seq>);

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let all = tx
            .rows(&LIST, &[self.room.into()], |row| Ok((Seq(row.count(0)?), row.int(1)?, row.int(2)? == 0)))
            .await?;
        let points = points::kept(tx, self.room).await?;
        let moments = moments::kept(tx, self.room).await?;
        Ok(thin(&all, &points, &moments))
    }
}

/// `all`: newest first, with time and whether it is complete. One that is not complete and newer than every
/// complete one may still be in the writing, and stays; so does one of a point, which may be written after newer ones.
/// A moment stays, but holds up nothing: the log before other snapshots may go, and then so does the moment.
fn thin(
    all: &[(Seq, i64, bool)],
    points: &BTreeSet<Seq>,
    moments: &BTreeSet<Seq>,
) -> (Vec<Seq>, Option<Seq>) {
    let mut days = BTreeSet::new();
    // A point whose own snapshot was not written is reached from the one before it.
    let whole = || all.iter().filter(|(.., complete)| *complete).map(|(seq, ..)| *seq);
    let lacking = points.iter().filter(|point| whole().all(|seq| seq != **point));
    let bases: Vec<Option<Seq>> = lacking.map(|point| whole().find(|seq| seq < point)).collect();
    let (mut seen, mut drop, mut oldest) = (0, Vec::new(), None);
    for &(seq, at_ms, complete) in all.iter().filter(|(seq, ..)| !points.contains(seq)) {
        if !complete {
            if seen > 0 {
                drop.push(seq);
            }
            continue;
        }
        seen += 1;
        let new_day = days.len() < SNAPSHOT_DAYS_MAX && days.insert(at_ms.div_euclid(DAY_MS));
        if new_day || seen <= NEWEST_KEPT || bases.contains(&Some(seq)) {
            oldest = Some(seq);
        } else if !moments.contains(&seq) {
            drop.push(seq);
        }
    }
    // Without one before it, all of the log is needed: `None` is less than any.
    let oldest = bases.into_iter().chain([oldest]).min().flatten();
    (drop, oldest)
}

/// Removes a snapshot, a bounded number of parts at a time, its first part first. It is no moment any more either.
#[derive(Clone, Debug)]
pub struct DropSnapshot {
    /// Which room.
    pub room: RoomId,
    /// Which snapshot.
    pub seq: Seq,
    /// At most so many parts.
    pub limit: u32,
}

impl Operation for DropSnapshot {
    /// How many parts were removed; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        moments::forget(tx, self.room, self.seq).await?;
        tx.execute(&DROP, &[self.room.into(), self.seq.try_into()?, self.limit.into()]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(all: &[(u64, i64, bool)], drop: &[u64], oldest: Option<u64>) {
        check_points(all, &[], drop, oldest);
    }

    fn check_points(all: &[(u64, i64, bool)], points: &[u64], drop: &[u64], oldest: Option<u64>) {
        let all: Vec<_> = all.iter().map(|&(seq, day, whole)| (Seq(seq), day * DAY_MS, whole)).collect();
        let points = points.iter().copied().map(Seq).collect();
        assert_eq!(
            thin(&all, &points, &BTreeSet::new()),
            (drop.iter().copied().map(Seq).collect(), oldest.map(Seq))
        );
    }

    #[test]
    fn the_newest_two_and_one_a_day_stay() {
        check(&[], &[], None);
        check(&[(9, 3, true)], &[], Some(9));
        check(&[(9, 3, true), (8, 3, true), (7, 3, true), (6, 2, true), (5, 2, true)], &[7, 5], Some(6));
    }

    #[test]
    fn one_that_was_cut_short_goes_unless_it_may_still_be_in_the_writing() {
        check(&[(9, 3, false), (8, 3, true), (7, 2, false)], &[7], Some(8));
    }

    #[test]
    fn points_stay_whole_or_not_and_hold_up_nothing() {
        let all = [
            (9, 3, true),
            (8, 3, true),
            (7, 3, true),
            (6, 3, false),
            (5, 2, true),
            (4, 2, true),
            (1, 0, true),
        ];
        check_points(&all, &[1, 6, 4], &[7], Some(5));
        check_points(&all[6..], &[1], &[], None);
    }

    #[test]
    fn a_point_without_a_snapshot_is_reached_from_the_one_before() {
        let all = [(9, 3, true), (8, 3, true), (7, 3, true), (6, 3, true), (5, 3, true), (2, 3, true)];
        check_points(&all, &[], &[7, 6, 5, 2], Some(8));
        check_points(&all, &[6, 3], &[7, 5], Some(2));
        check_points(&all, &[6, 1], &[7, 5, 2], None);
        let in_the_writing = [(9, 3, true), (8, 3, true), (6, 3, false), (5, 3, true)];
        check_points(&in_the_writing, &[6], &[], Some(5));
    }

    #[test]
    fn moments_stay_and_hold_up_nothing() {
        let all: Vec<_> = (1..=9).rev().map(|seq| (Seq(seq), 0, seq != 4)).collect();
        let moments = [2, 4, 5, 9].map(Seq).into();
        let (drop, oldest) = thin(&all, &BTreeSet::new(), &moments);
        assert_eq!((drop, oldest), (vec![Seq(7), Seq(6), Seq(4), Seq(3), Seq(1)], Some(Seq(8))));
    }

    #[test]
    fn days_are_bounded() {
        let all: Vec<_> = (0..40).rev().map(|day| (day + 1, i64::try_from(day).unwrap(), true)).collect();
        let all: Vec<_> = all.into_iter().map(|(seq, day, whole)| (Seq(seq), day * DAY_MS, whole)).collect();
        let (drop, oldest) = thin(&all, &BTreeSet::new(), &BTreeSet::new());
        assert_eq!((drop.len(), oldest), (40 - SNAPSHOT_DAYS_MAX, Some(Seq(11))));
    }
}
