//! One side of a relation, and how both sides are read and written.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId};

statements! {
    USER = "SELECT 1 FROM users WHERE id = $1";
    STATE = "SELECT state FROM friends WHERE user_id = $1 AND other_id = $2";
    SET = "INSERT INTO friends (user_id, other_id, state, updated_ms, metadata) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (user_id, other_id) DO UPDATE SET state = excluded.state, updated_ms = excluded.updated_ms,
        metadata = excluded.metadata";
    MOVE = "UPDATE friends SET state = $3, updated_ms = $4 WHERE user_id = $1 AND other_id = $2";
    DELETE = "DELETE FROM friends WHERE user_id = $1 AND other_id = $2";
    ADD_EDGES = "UPDATE users SET edge_count = edge_count + $2 WHERE id = $1";
    COUNT = "SELECT COUNT(*) FROM friends WHERE user_id = $1 AND state = $2";
}

/// What one user's row says of the other. The numbers are the protocol's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum FriendState {
    /// Both agreed.
    Friend = 0,
    /// This user asked, the other has not answered.
    Sent = 1,
    /// The other asked, this user has not answered.
    Received = 2,
    /// This user wants nothing from the other.
    Blocked = 3,
}

impl FriendState {
    /// By its number.
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Friend, Self::Sent, Self::Received, Self::Blocked].get(usize::try_from(number).ok()?).copied()
    }

    /// Its number.
    pub fn number(self) -> i64 {
        self as i64
    }
}

pub(super) fn state(row: &Row<'_>, column: usize) -> Result<FriendState, StoreError> {
    FriendState::from_number(row.int(column)?)
        .ok_or_else(|| StoreError::Damaged("a friend's state is none of the four".into()))
}

pub(super) async fn exists<T: Tx>(tx: &mut T, user: UserId) -> Result<bool, StoreError> {
    Ok(tx.optional(&USER, &[user.into()], |_| Ok(())).await?.is_some())
}

pub(super) async fn side<T: Tx>(
    tx: &mut T,
    user: UserId,
    other: UserId,
) -> Result<Option<FriendState>, StoreError> {
    tx.optional(&STATE, &[user.into(), other.into()], |row| state(row, 0)).await
}

/// Both sides: the user's, the other's.
pub(super) async fn sides<T: Tx>(
    tx: &mut T,
    user: UserId,
    other: UserId,
) -> Result<(Option<FriendState>, Option<FriendState>), StoreError> {
    Ok((side(tx, user, other).await?, side(tx, other, user).await?))
}

pub(super) async fn count<T: Tx>(tx: &mut T, user: UserId, state: FriendState) -> Result<u64, StoreError> {
    tx.one(&COUNT, &[user.into(), state.number().into()], |row| row.count(0)).await
}

/// Writes one side. `known`: there is a row already. Without metadata that row keeps its own.
pub(super) async fn put<T: Tx>(
    tx: &mut T,
    (user, other): (UserId, UserId),
    state: FriendState,
    at_ms: i64,
    metadata: Option<&str>,
    known: bool,
) -> Result<(), StoreError> {
    let (pair, state) = ([user.into(), other.into()], state.number().into());
    if known && metadata.is_none() {
        tx.execute(&MOVE, &[pair[0], pair[1], state, at_ms.into()]).await?;
        return Ok(());
    }
    tx.execute(&SET, &[pair[0], pair[1], state, at_ms.into(), metadata.unwrap_or("{}").into()]).await?;
    if !known {
        tx.execute(&ADD_EDGES, &[user.into(), 1i64.into()]).await?;
    }
    Ok(())
}

/// Removes one side.
pub(super) async fn drop_side<T: Tx>(tx: &mut T, user: UserId, other: UserId) -> Result<(), StoreError> {
    let gone = tx.execute(&DELETE, &[user.into(), other.into()]).await?;
    if gone > 0 {
        tx.execute(&ADD_EDGES, &[user.into(), (-1i64).into()]).await?;
    }
    Ok(())
}

/// Does either of two users block the other?
#[derive(Clone, Debug)]
pub struct FriendsBlocked {
    /// One.
    pub user: UserId,
    /// The other.
    pub other: UserId,
}

impl Operation for FriendsBlocked {
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (mine, theirs) = sides(tx, self.user, self.other).await?;
        Ok([mine, theirs].contains(&Some(FriendState::Blocked)))
    }
}
