//! The row of a room: opening it, holding it, closing it.

use kernel::{Epoch, RoomId};

use crate::operation::{Operation, Tx};
use crate::rooms::append::{AppendReceipt, RoomAppend, append_room};
use crate::statement::statements;
use crate::{AppendError, Row, StoreError, UserId, Value};

statements! {
    OPEN = "INSERT INTO rooms (id, rules, creator, mine, created_ms, epoch, holder, state, label)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '') ON CONFLICT (creator, rules) WHERE mine = 1 DO NOTHING";
    MINE = "SELECT id FROM rooms WHERE creator = $1 AND rules = $2 AND mine = 1";
    GET = "SELECT id, rules, creator, mine, created_ms, epoch, holder, state, fault, label, wake_at_ms
        FROM rooms WHERE id = $1";
    CLAIM = "UPDATE rooms SET epoch = $3, holder = $4 WHERE id = $1 AND epoch = $2 AND state = 0";
    CLOSE = "UPDATE rooms SET state = $3, fault = $4, wake_at_ms = NULL
        WHERE id = $1 AND epoch = $2 AND state = 0";
    REOPEN = "UPDATE rooms SET state = 0, fault = NULL WHERE id = $1 AND state = 1";
    SET_WAKE = "UPDATE rooms SET wake_at_ms = $2 WHERE id = $1";
    SET_LABEL = "UPDATE rooms SET label = $2 WHERE id = $1";
}

/// Whether a room takes inputs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoomState {
    /// It does.
    Open,
    /// Closed because something about it is wrong; the text says what, for operators.
    Faulted(String),
    /// It came to its end.
    Ended,
}

/// All that is known of a room without opening it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomRow {
    /// Its name.
    pub id: RoomId,
    /// The name of its rules.
    pub rules: String,
    /// Who opened it; `None`: the server itself.
    pub creator: Option<UserId>,
    /// It is its creator's own room of these rules.
    pub mine: bool,
    /// When it was opened.
    pub created_ms: i64,
    /// The newest term.
    pub epoch: Epoch,
    /// Whose term that is.
    pub holder: String,
    /// Whether it takes inputs.
    pub state: RoomState,
    /// What lists of matches show.
    pub label: String,
    /// When it wants to be woken.
    pub wake_at_ms: Option<i64>,
}

pub(crate) fn room_row(row: &Row<'_>) -> Result<RoomRow, StoreError> {
    Ok(RoomRow {
        id: RoomId(row.id(0)?),
        rules: row.text(1)?,
        creator: row.opt_id(2)?.map(UserId),
        mine: row.flag(3)?,
        created_ms: row.int(4)?,
        epoch: Epoch(row.count(5)?),
        holder: row.text(6)?,
        state: match row.int(7)? {
            0 => RoomState::Open,
            1 => RoomState::Faulted(row.opt_text(8)?.unwrap_or_default()),
            2 => RoomState::Ended,
            other => return Err(StoreError::Damaged(format!("a room has state {other}"))),
        },
        label: row.text(9)?,
        wake_at_ms: row.opt_int(10)?,
    })
}

/// Opens a room: its row, its first seats and the first row of its log, or nothing.
#[derive(Clone, Debug)]
pub struct OpenRoom {
    /// The name of its rules.
    pub rules: String,
    /// Who opens it.
    pub creator: Option<UserId>,
    /// One room per creator and rules: if there is one, it is the answer, and nothing is opened.
    pub mine: bool,
    /// When.
    pub created_ms: i64,
    /// Who holds it at first.
    pub holder: String,
    /// The room's name, first inputs, seats and epoch (see [`OpenRoom::EPOCH`]).
    pub first: RoomAppend,
}

impl OpenRoom {
    /// The epoch of a room's first holder.
    pub const EPOCH: Epoch = Epoch(1);
}

/// What [`OpenRoom`] did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OpenedRoom {
    /// It is open, and what the append said.
    Opened(AppendReceipt),
    /// The creator has one; nothing was done.
    Exists(RoomId),
}

impl Operation for OpenRoom {
    type Output = OpenedRoom;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let creator = match (self.mine, self.creator) {
            (true, None) => return Err(StoreError::NotStorable("a room of one's own without a creator")),
            (_, creator) => creator,
        };
        if self.first.epoch != Self::EPOCH {
            return Err(StoreError::NotStorable("a room's first epoch is 1"));
        }
        let values = [
            self.first.room.into(),
            (&self.rules).into(),
            creator.into(),
            self.mine.into(),
            self.created_ms.into(),
            Self::EPOCH.try_into()?,
            (&self.holder).into(),
        ];
        if tx.execute(&OPEN, &values).await? == 0 {
            let found =
                tx.one(&MINE, &[creator.into(), (&self.rules).into()], |row| Ok(RoomId(row.id(0)?))).await?;
            return Ok(OpenedRoom::Exists(found));
        }
        match append_room(tx, &self.first).await {
            Ok(receipt) => Ok(OpenedRoom::Opened(receipt)),
            Err(AppendError::Store(error)) => Err(error),
            Err(AppendError::Refused(why)) => Err(StoreError::NotStorable(why)),
            Err(AppendError::StaleEpoch | AppendError::Repeated { .. } | AppendError::Gap { .. }) => {
                Err(StoreError::NotStorable("a room's log begins with its first input"))
            }
        }
    }
}

/// Finds somebody's own room of some rules.
#[derive(Clone, Debug)]
pub struct MineRoom {
    /// Whose.
    pub user: UserId,
    /// The name of the rules.
    pub rules: String,
}

impl Operation for MineRoom {
    type Output = Option<RoomId>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&MINE, &[self.user.into(), (&self.rules).into()], |row| Ok(RoomId(row.id(0)?))).await
    }
}

/// Reads a room's row.
#[derive(Clone, Debug)]
pub struct RoomGet {
    /// Which.
    pub room: RoomId,
}

impl Operation for RoomGet {
    type Output = Option<RoomRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&GET, &[self.room.into()], room_row).await
    }
}

/// Takes a room: from now on, only appends of the new epoch are taken.
#[derive(Clone, Debug)]
pub struct ClaimRoom {
    /// Which.
    pub room: RoomId,
    /// Who takes it.
    pub holder: String,
}

impl Operation for ClaimRoom {
    /// The row with the new epoch; a closed room's row as it is. `None`: no such room.
    type Output = Option<RoomRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let id = Value::from(self.room);
        let Some(mut row) = tx.optional(&GET, &[id], room_row).await? else { return Ok(None) };
        if row.state != RoomState::Open {
            return Ok(Some(row));
        }
        let next =
            row.epoch.0.checked_add(1).map(Epoch).ok_or(StoreError::NotStorable("an epoch above 2^64"))?;
        let values = [id, row.epoch.try_into()?, next.try_into()?, (&self.holder).into()];
        if tx.execute(&CLAIM, &values).await? != 1 {
            return Err(StoreError::Damaged("a room's row changed within a transaction".into()));
        }
        row.epoch = next;
        row.holder.clone_from(&self.holder);
        Ok(Some(row))
    }
}

/// Closes a room that the caller holds.
#[derive(Clone, Debug)]
pub struct CloseRoom {
    /// Which.
    pub room: RoomId,
    /// The caller's term.
    pub epoch: Epoch,
    /// What is wrong with it; `None`: it came to its end.
    pub fault: Option<String>,
}

impl Operation for CloseRoom {
    /// `false`: somebody else holds it, it is closed, or does not exist.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let state = if self.fault.is_some() { 1i64 } else { 2 };
        let values = [self.room.into(), self.epoch.try_into()?, state.into(), self.fault.as_ref().into()];
        Ok(tx.execute(&CLOSE, &values).await? == 1)
    }
}

/// Lets a room that was closed by a fault take inputs again, once somebody has repaired it.
#[derive(Clone, Debug)]
pub struct ReopenRoom {
    /// Which.
    pub room: RoomId,
}

impl Operation for ReopenRoom {
    /// `false`: it is not closed by a fault.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        Ok(tx.execute(&REOPEN, &[self.room.into()]).await? == 1)
    }
}

pub(crate) async fn set_wake<T: Tx>(
    tx: &mut T,
    room: RoomId,
    wake_at: Option<i64>,
) -> Result<(), StoreError> {
    tx.execute(&SET_WAKE, &[room.into(), wake_at.into()]).await?;
    Ok(())
}

pub(crate) async fn set_label<T: Tx>(tx: &mut T, room: RoomId, label: &str) -> Result<(), StoreError> {
    tx.execute(&SET_LABEL, &[room.into(), label.into()]).await?;
    Ok(())
}
