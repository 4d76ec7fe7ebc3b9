//! Who sits where. The only place that joins a seat to a person: logs and snapshots know seats alone.

use kernel::{RoomId, Seat};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{AppendError, StoreError, UserId};

statements! {
    SIT = "INSERT INTO room_seats (room_id, seat, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    OF_ROOM = "SELECT seat, user_id FROM room_seats WHERE room_id = $1 ORDER BY seat";
    OF_USER = "SELECT room_id, seat FROM room_seats WHERE user_id = $1 AND room_id > $2
        ORDER BY room_id LIMIT $3";
}

/// Reads a room's seats, in order.
#[derive(Clone, Debug)]
pub struct SeatsOf {
    /// Which.
    pub room: RoomId,
}

impl Operation for SeatsOf {
    type Output = Vec<(Seat, UserId)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&OF_ROOM, &[self.room.into()], |row| Ok((Seat(row.small(0)?), UserId(row.id(1)?)))).await
    }
}

/// Reads the rooms in which somebody has a seat, in order of room ids.
#[derive(Clone, Debug)]
pub struct RoomsOfUser {
    /// Whose.
    pub user: UserId,
    /// Rooms after this one; `RoomId(0)` at the start.
    pub after: RoomId,
    /// At most so many.
    pub limit: u32,
}

impl Operation for RoomsOfUser {
    type Output = Vec<(RoomId, Seat)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&OF_USER, &[self.user.into(), self.after.into(), self.limit.into()], |row| {
            Ok((RoomId(row.id(0)?), Seat(row.small(1)?)))
        })
        .await
    }
}

pub(crate) async fn sit<T: Tx>(
    tx: &mut T,
    room: RoomId,
    seat: Seat,
    user: UserId,
) -> Result<(), AppendError> {
    match tx.execute(&SIT, &[room.into(), seat.into(), user.into()]).await? {
        1 => Ok(()),
        _ => Err(AppendError::Refused("the seat is taken, or the person has another seat in this room")),
    }
}
