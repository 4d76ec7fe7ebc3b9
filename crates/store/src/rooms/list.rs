//! Lists of rooms: for people, for operators, and for whoever wakes sleeping ones.

use kernel::RoomId;

use crate::operation::{Operation, Tx};
use crate::rooms::row::{RoomRow, room_row};
use crate::statement::statements;
use crate::{Row, StoreError};

statements! {
    ALL_ROOMS = "SELECT id, rules, creator, mine, created_ms, epoch, holder, state, fault, label, wake_at_ms
        FROM rooms WHERE id < $1 ORDER BY id DESC LIMIT $2";
    OPEN_ROOMS = "SELECT id, rules, creator, mine, created_ms, epoch, holder, state, fault, label, wake_at_ms
        FROM rooms WHERE state = 0 AND id < $1 ORDER BY id DESC LIMIT $2";
    SEATS = "SELECT COUNT(*) FROM room_seats WHERE room_id = $1";
    LOG_SIZE = "SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0), COALESCE(MIN(first_seq), 0),
        COALESCE(MAX(last_seq), 0) FROM room_log WHERE room_id = $1";
    DUE = "SELECT id, wake_at_ms FROM rooms WHERE wake_at_ms IS NOT NULL AND wake_at_ms <= $1
        ORDER BY wake_at_ms LIMIT $2";
    NEXT_DUE = "SELECT id, wake_at_ms FROM rooms WHERE wake_at_ms IS NOT NULL ORDER BY wake_at_ms LIMIT 1";
}

/// Reads rooms, the newest first.
#[derive(Clone, Debug)]
pub struct ListRooms {
    /// Rooms older than this one; `None` at the start.
    pub before: Option<RoomId>,
    /// Only those that take inputs.
    pub open_only: bool,
    /// At most so many.
    pub limit: u32,
}

/// A room in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedRoom {
    /// Its row.
    pub row: RoomRow,
    /// How many seats it has.
    pub seats: u64,
}

impl Operation for ListRooms {
    type Output = Vec<ListedRoom>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let statement = if self.open_only { &OPEN_ROOMS } else { &ALL_ROOMS };
        let before = self.before.unwrap_or(RoomId(u128::MAX));
        let rows = tx.rows(statement, &[before.into(), self.limit.into()], room_row).await?;
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let seats = tx.one(&SEATS, &[row.id.into()], |row| row.count(0)).await?;
            listed.push(ListedRoom { row, seats });
        }
        Ok(listed)
    }
}

/// Measures a room's log. Reads the keys of all its rows, so it is for operators.
#[derive(Clone, Debug)]
pub struct LogSizeOf {
    /// Which.
    pub room: RoomId,
}

/// How large a log is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LogSize {
    /// Rows.
    pub chunks: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// The oldest input that is still there.
    pub first_seq: u64,
    /// The newest input.
    pub last_seq: u64,
}

impl Operation for LogSizeOf {
    type Output = LogSize;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.one(&LOG_SIZE, &[self.room.into()], |row| {
            Ok(LogSize {
                chunks: row.count(0)?,
                bytes: row.count(1)?,
                first_seq: row.count(2)?,
                last_seq: row.count(3)?,
            })
        })
        .await
    }
}

/// Reads the rooms that want to be woken by now, the longest waiting first.
#[derive(Clone, Debug)]
pub struct RoomsDue {
    /// Now; `None`: only the next one, whenever that is.
    pub now_ms: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

impl Operation for RoomsDue {
    /// Rooms, and when they want to be woken.
    type Output = Vec<(RoomId, i64)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let read = |row: &Row<'_>| Ok((RoomId(row.id(0)?), row.int(1)?));
        match self.now_ms {
            Some(now_ms) => tx.rows(&DUE, &[now_ms.into(), self.limit.into()], read).await,
            None => tx.rows(&NEXT_DUE, &[], read).await,
        }
    }
}
