//! Points to which a room can be taken back: noted in the transaction of the inputs that follow them, and kept as
//! snapshots that are not thinned out. The newest of a room stay, older ones go.

use std::collections::BTreeSet;

use kernel::{RoomId, Seq};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, Value};

statements! {
    NOTE = "INSERT INTO restore_points (room_id, seq, at_ms, why, label) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (room_id, seq) DO NOTHING";
    // Those before the one that has $2 newer ones.
    FORGET = "DELETE FROM restore_points WHERE room_id = $1 AND seq <
        (SELECT seq FROM restore_points WHERE room_id = $1 ORDER BY seq DESC LIMIT 1 OFFSET $2)";
    OF_ROOM = "SELECT seq, at_ms, why, label FROM restore_points WHERE room_id = $1 ORDER BY seq DESC LIMIT $2";
    SEQS = "SELECT seq FROM restore_points WHERE room_id = $1 ORDER BY seq DESC LIMIT $2";
}

/// Points that are kept of a room; older ones go.
pub const POINTS_MAX: u32 = 40;

/// A point to which a room can be taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestorePoint {
    /// The newest input of what stood then.
    pub seq: Seq,
    /// When the input after it happened.
    pub at_ms: i64,
    /// Why it was kept.
    pub why: String,
    /// What lists showed of the room then.
    pub label: String,
}

/// Reads a room's points, the newest first.
#[derive(Clone, Debug)]
pub struct PointsOf {
    /// Which.
    pub room: RoomId,
}

impl Operation for PointsOf {
    /// At most [`POINTS_MAX`].
    type Output = Vec<RestorePoint>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&OF_ROOM, &[self.room.into(), POINTS_MAX.into()], |row| {
            Ok(RestorePoint {
                seq: Seq(row.count(0)?),
                at_ms: row.int(1)?,
                why: row.text(2)?,
                label: row.text(3)?,
            })
        })
        .await
    }
}

pub(crate) async fn note<T: Tx>(tx: &mut T, room: RoomId, point: &RestorePoint) -> Result<(), StoreError> {
    let (id, seq) = (Value::from(room), point.seq.try_into()?);
    let values = [id, seq, point.at_ms.into(), (&point.why).into(), (&point.label).into()];
    tx.execute(&NOTE, &values).await?;
    tx.execute(&FORGET, &[id, (POINTS_MAX - 1).into()]).await?;
    Ok(())
}

/// The inputs whose snapshots stay because they are points.
pub(crate) async fn kept<T: Tx>(tx: &mut T, room: RoomId) -> Result<BTreeSet<Seq>, StoreError> {
    let seqs = tx.rows(&SEQS, &[room.into(), POINTS_MAX.into()], |row| Ok(Seq(row.count(0)?))).await?;
    Ok(seqs.into_iter().collect())
}
