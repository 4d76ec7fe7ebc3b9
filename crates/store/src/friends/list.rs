//! Reading the graph.

use super::edge::{FriendState, side, sides, state};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId};

statements! {
    LIST = "SELECT other_id, state, updated_ms, metadata FROM friends
        WHERE user_id = $1 AND (state, updated_ms, other_id) > ($2, $3, $4)
        ORDER BY state, updated_ms, other_id LIMIT $5";
    LIST_STATE = "SELECT other_id, state, updated_ms, metadata FROM friends
        WHERE user_id = $1 AND state = $2 AND (updated_ms, other_id) > ($3, $4)
        ORDER BY updated_ms, other_id LIMIT $5";
    NEXT = "SELECT other_id, state FROM friends WHERE user_id = $1 AND other_id > $2
        ORDER BY other_id LIMIT $3";
}

/// Rows that one page of friends of friends looks at, whatever it finds in them.
const LOOKED_AT_MAX: u32 = 1_000;
/// Rows read at once while looking.
const LOOK_STEP: u32 = 100;

/// A user in another's list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Friend {
    /// Who.
    pub other: UserId,
    /// What they are to the list's owner.
    pub state: FriendState,
    /// Since when.
    pub updated_ms: i64,
    /// A JSON object as text.
    pub metadata: String,
}

/// Where a list of friends goes on: after a row of this state, time and user.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FriendKey {
    /// The row's state.
    pub state: FriendState,
    /// Its time.
    pub updated_ms: i64,
    /// Its user.
    pub other: UserId,
}

/// Reads a user's list in order of state and time.
#[derive(Clone, Debug)]
pub struct FriendsList {
    /// Whose.
    pub user: UserId,
    /// Only these.
    pub state: Option<FriendState>,
    /// Where to go on.
    pub after: Option<FriendKey>,
    /// At most so many.
    pub limit: u32,
}

impl Operation for FriendsList {
    type Output = Vec<Friend>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (from, updated_ms, other) = match self.after {
            Some(key) => (key.state.number(), key.updated_ms, key.other),
            None => (self.state.map_or(-1, FriendState::number), i64::MIN, UserId(0)),
        };
        let statement = if self.state.is_some() { &LIST_STATE } else { &LIST };
        let from = self.state.map_or(from, FriendState::number);
        let values = [self.user.into(), from.into(), updated_ms.into(), other.into(), self.limit.into()];
        tx.rows(statement, &values, |row| {
            Ok(Friend {
                other: UserId(row.id(0)?),
                state: state(row, 1)?,
                updated_ms: row.int(2)?,
                metadata: row.text(3)?,
            })
        })
        .await
    }
}

/// Finds friends of a user's friends with whom the user has nothing to do yet, in order of friend and friend's friend.
#[derive(Clone, Debug)]
pub struct FriendsOfFriends {
    /// Whose.
    pub user: UserId,
    /// The friend, and the friend's friend, at which the last page ended.
    pub after: Option<(UserId, UserId)>,
    /// At most so many.
    pub limit: u32,
}

/// A page of [`FriendsOfFriends`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FriendsOfFriendsPage {
    /// Through which friend, and who.
    pub found: Vec<(UserId, UserId)>,
    /// Where to go on; `None` at the end. A page may be short, or empty, and not be the last one.
    pub next: Option<(UserId, UserId)>,
}

impl Operation for FriendsOfFriends {
    type Output = FriendsOfFriendsPage;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut page = FriendsOfFriendsPage::default();
        let mut looked = 0;
        let mut after = self.after.map_or(UserId(0), |(friend, _)| friend);
        // The friend at whom the last page stopped may have more friends.
        if let Some((friend, seen)) = self.after
            && side(tx, self.user, friend).await? == Some(FriendState::Friend)
            && self.through(tx, friend, seen, &mut page, &mut looked).await?
        {
            return Ok(page);
        }
        loop {
            let rows = next(tx, self.user, after).await?;
            for &(friend, state) in &rows {
                looked += 1;
                after = friend;
                if state == FriendState::Friend
                    && self.through(tx, friend, UserId(0), &mut page, &mut looked).await?
                {
                    return Ok(page);
                }
            }
            if rows.len() < LOOK_STEP as usize {
                return Ok(page);
            }
        }
    }
}

impl FriendsOfFriends {
    /// Looks at one friend's friends; `true` if the page ends here.
    async fn through<T: Tx>(
        &self,
        tx: &mut T,
        friend: UserId,
        mut after: UserId,
        page: &mut FriendsOfFriendsPage,
        looked: &mut u32,
    ) -> Result<bool, StoreError> {
        loop {
            let rows = next(tx, friend, after).await?;
            for &(other, state) in &rows {
                *looked += 1;
                after = other;
                if state == FriendState::Friend
                    && other != self.user
                    && sides(tx, self.user, other).await? == (None, None)
                {
                    page.found.push((friend, other));
                }
                if page.found.len() >= self.limit as usize || *looked >= LOOKED_AT_MAX {
                    page.next = Some((friend, after));
                    return Ok(true);
                }
            }
            if rows.len() < LOOK_STEP as usize {
                return Ok(false);
            }
        }
    }
}

async fn next<T: Tx>(
    tx: &mut T,
    user: UserId,
    after: UserId,
) -> Result<Vec<(UserId, FriendState)>, StoreError> {
    let read = |row: &Row<'_>| Ok((UserId(row.id(0)?), state(row, 1)?));
    tx.rows(&NEXT, &[user.into(), after.into(), LOOK_STEP.into()], read).await
}
