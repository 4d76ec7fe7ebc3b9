//! Every change of the graph. A change is whole or not at all; who may be told of it is in its output.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::edge::{FriendState, count, drop_side, exists, put, side, sides};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId};

statements! {
    FRIENDS_OF = "SELECT other_id FROM friends WHERE user_id = $1 AND state = 0";
    ALL_OF = "SELECT other_id FROM friends WHERE user_id = $1 ORDER BY other_id LIMIT $2";
    ALL_TO = "SELECT user_id FROM friends WHERE other_id = $1 ORDER BY user_id LIMIT $2";
}

/// How many relations of each kind a user may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FriendLimits {
    /// Friends and requests sent, together.
    pub friends_max: u64,
    /// Requests received that wait for an answer.
    pub received_max: u64,
    /// Blocked users.
    pub blocked_max: u64,
}

/// Asks users to be friends, and accepts those who asked. Users who are not there, and pairs of which one blocks the
/// other, are passed over.
#[derive(Clone, Debug)]
pub struct FriendsAdd {
    /// Who asks.
    pub user: UserId,
    /// Whom; none twice, and not the user.
    pub others: Vec<UserId>,
    /// Kept on both sides of a new request, and on the user's own side of an answer.
    pub metadata: Option<String>,
    /// Now.
    pub at_ms: i64,
    /// The bounds.
    pub limits: FriendLimits,
}

/// What [`FriendsAdd`] did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FriendsAdded {
    /// Done.
    Done {
        /// These were asked.
        asked: Vec<UserId>,
        /// These had asked, and are friends now.
        accepted: Vec<UserId>,
    },
    /// The user would have too many. Nothing was changed.
    Full,
    /// This one has too many requests that wait. Nothing was changed.
    OtherFull(UserId),
}

impl Operation for FriendsAdd {
    type Output = FriendsAdded;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (mut asked, mut accepted) = (Vec::new(), Vec::new());
        for &other in &self.others {
            match sides(tx, self.user, other).await? {
                (None, None) if exists(tx, other).await? => asked.push(other),
                (Some(FriendState::Received), _) => accepted.push(other),
                _ => {}
            }
        }
        if asked.is_empty() && accepted.is_empty() {
            return Ok(FriendsAdded::Done { asked, accepted });
        }
        let have = count(tx, self.user, FriendState::Friend).await?
            + count(tx, self.user, FriendState::Sent).await?;
        if have + (asked.len() + accepted.len()) as u64 > self.limits.friends_max {
            return Ok(FriendsAdded::Full);
        }
        for &other in &asked {
            if count(tx, other, FriendState::Received).await? >= self.limits.received_max {
                return Ok(FriendsAdded::OtherFull(other));
            }
        }
        let (user, at_ms, metadata) = (self.user, self.at_ms, self.metadata.as_deref());
        for &other in &asked {
            put(tx, (user, other), FriendState::Sent, at_ms, metadata, false).await?;
            put(tx, (other, user), FriendState::Received, at_ms, metadata, false).await?;
        }
        for &other in &accepted {
            put(tx, (user, other), FriendState::Friend, at_ms, metadata, true).await?;
            put(tx, (other, user), FriendState::Friend, at_ms, None, true).await?;
        }
        Ok(FriendsAdded::Done { asked, accepted })
    }
}

/// Ends friendships, takes requests back, refuses them, and ends the user's own blocks. The other's block stays.
#[derive(Clone, Debug)]
pub struct FriendsRemove {
    /// Who.
    pub user: UserId,
    /// Whom.
    pub others: Vec<UserId>,
}

impl Operation for FriendsRemove {
    /// Those with whom there was something.
    type Output = Vec<UserId>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut removed = Vec::new();
        for &other in &self.others {
            match side(tx, self.user, other).await? {
                None => continue,
                Some(FriendState::Blocked) => {}
                Some(_) => drop_side(tx, other, self.user).await?,
            }
            drop_side(tx, self.user, other).await?;
            removed.push(other);
        }
        Ok(removed)
    }
}

/// Blocks users, whatever they were before. Users who are not there are passed over.
#[derive(Clone, Debug)]
pub struct FriendsBlock {
    /// Who.
    pub user: UserId,
    /// Whom; not the user.
    pub others: Vec<UserId>,
    /// Now.
    pub at_ms: i64,
    /// Blocked users at most.
    pub blocked_max: u64,
}

/// What [`FriendsBlock`] did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FriendsBlockedNow {
    /// These are blocked now and were not before.
    Done(Vec<UserId>),
    /// The user would block too many. Nothing was changed.
    Full,
}

impl Operation for FriendsBlock {
    type Output = FriendsBlockedNow;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut blocked = Vec::new();
        for &other in &self.others {
            let (mine, theirs) = sides(tx, self.user, other).await?;
            if mine != Some(FriendState::Blocked) && exists(tx, other).await? {
                blocked.push((other, mine.is_some(), theirs));
            }
        }
        let have = count(tx, self.user, FriendState::Blocked).await?;
        if have + blocked.len() as u64 > self.blocked_max {
            return Ok(FriendsBlockedNow::Full);
        }
        for &(other, known, theirs) in &blocked {
            put(tx, (self.user, other), FriendState::Blocked, self.at_ms, None, known).await?;
            if theirs.is_some_and(|theirs| theirs != FriendState::Blocked) {
                drop_side(tx, other, self.user).await?;
            }
        }
        Ok(FriendsBlockedNow::Done(blocked.into_iter().map(|(other, ..)| other).collect()))
    }
}

/// Makes friends of users without asking, because a provider says that they are friends there.
#[derive(Clone, Debug)]
pub struct FriendsImport {
    /// Whose friends.
    pub user: UserId,
    /// Who; none twice, and not the user. Blocked ones and those beyond the bounds are passed over.
    pub others: Vec<UserId>,
    /// Friends who are not among them are friends no longer.
    pub reset: bool,
    /// Now.
    pub at_ms: i64,
    /// The bounds.
    pub limits: FriendLimits,
}

impl Operation for FriendsImport {
    /// The new friends.
    type Output = Vec<UserId>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if self.reset {
            let keep: BTreeSet<_> = self.others.iter().collect();
            let read = |row: &Row<'_>| Ok(UserId(row.id(0)?));
            for other in tx.rows(&FRIENDS_OF, &[self.user.into()], read).await? {
                if !keep.contains(&other) {
                    drop_side(tx, self.user, other).await?;
                    drop_side(tx, other, self.user).await?;
                }
            }
        }
        let mut have = count(tx, self.user, FriendState::Friend).await?
            + count(tx, self.user, FriendState::Sent).await?;
        let mut made = Vec::new();
        for &other in &self.others {
            let (mine, theirs) = sides(tx, self.user, other).await?;
            let settled = mine == Some(FriendState::Friend)
                || [mine, theirs].contains(&Some(FriendState::Blocked))
                || !exists(tx, other).await?;
            let counted = mine == Some(FriendState::Sent);
            if settled || (!counted && have >= self.limits.friends_max) {
                continue;
            }
            let theirs_counted = theirs == Some(FriendState::Sent);
            if !theirs_counted {
                let have = count(tx, other, FriendState::Friend).await?
                    + count(tx, other, FriendState::Sent).await?;
                if have >= self.limits.friends_max {
                    continue;
                }
            }
            have += u64::from(!counted);
            put(tx, (self.user, other), FriendState::Friend, self.at_ms, None, mine.is_some()).await?;
            put(tx, (other, self.user), FriendState::Friend, self.at_ms, None, theirs.is_some()).await?;
            made.push(other);
        }
        Ok(made)
    }
}

/// Removes a user, who is being erased, from everybody's list, and everybody from the user's; so many rows at a time.
#[derive(Clone, Debug)]
pub struct FriendsErase {
    /// Whose.
    pub user: UserId,
    /// At most so many on each side.
    pub limit: u32,
}

impl Operation for FriendsErase {
    /// How many relations ended; 0 means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (values, read) = ([self.user.into(), self.limit.into()], |row: &Row<'_>| Ok(UserId(row.id(0)?)));
        let mut others = tx.rows(&ALL_OF, &values, read).await?;
        others.extend(tx.rows(&ALL_TO, &values, read).await?);
        let others: BTreeSet<_> = others.into_iter().collect();
        for &other in &others {
            drop_side(tx, self.user, other).await?;
            drop_side(tx, other, self.user).await?;
        }
        Ok(others.len() as u64)
    }
}
