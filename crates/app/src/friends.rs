//! Friends: asking, accepting, blocking, listing.
//!
//! A request that meets a request is a friendship. Somebody who is blocked is not told so: requests to the one who
//! blocks go nowhere, and the two share no direct chat any more.

use serde_json::{Value, json};
use store::{
    Friend, FriendKey, FriendLimits, FriendState, FriendsAdd, FriendsAdded, FriendsBlock, FriendsBlockedNow,
    FriendsImport, FriendsList, FriendsOfFriends, FriendsRemove, StoreError, UserId, UsersNamed,
};

use crate::chat::Channel;
use crate::core::Core;
use crate::cursor::{self, BadCursor};
use crate::notifications::{NotificationError, Notifications, code};

/// Friends and requests sent that a user may have, unless the operator says otherwise.
pub const FRIENDS_MAX: u32 = 1_000;
/// Users named in one request.
pub const NAMED_MAX: usize = 100;
/// Friends in one answer.
pub const LIST_MAX: u32 = 1_000;
/// Friends of friends in one answer.
pub const FRIENDS_OF_FRIENDS_MAX: u32 = 100;
/// Users in one import from elsewhere.
pub const IMPORT_MAX: usize = 5_000;
/// Bytes of a relation's metadata.
pub const METADATA_BYTES_MAX: usize = 4 << 10;

/// What an operator sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Friends and requests sent that a user may have; as many requests may wait for the user, and as many others may be
    /// blocked.
    pub friends_max: u32,
    /// Friends who are online are told when a user comes online.
    pub online_notices: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { friends_max: FRIENDS_MAX, online_notices: false }
    }
}

/// Why a use case of friends says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FriendError {
    /// Nobody is named, or nobody of those is there.
    #[error("no valid user id or username was given")]
    Nobody,
    /// Too many are named.
    #[error("at most {NAMED_MAX} users can be named at once")]
    TooMany,
    /// The user names itself.
    #[error("users cannot be friends of themselves, or block themselves")]
    Oneself,
    /// The metadata is no object, or too long.
    #[error("metadata must be a JSON object of at most {METADATA_BYTES_MAX} bytes")]
    Metadata,
    /// The user would have more than the operator allows.
    #[error("the user has as many friends, requests or blocked users as are allowed")]
    Full,
    /// Somebody who was asked has too many requests that wait.
    #[error("a user has too many friend requests that wait")]
    OtherFull,
    /// Too many or too few.
    #[error("limit must be from 1 to {0}")]
    Limit(u32),
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] BadCursor),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotificationError> for FriendError {
    fn from(error: NotificationError) -> Self {
        match error {
            NotificationError::Store(error) => error.into(),
            // The others are about what the caller gave, and here the house gave it.
            error => StoreError::Engine(error.to_string()).into(),
        }
    }
}

/// Users, by id and by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Named {
    /// By id.
    pub ids: Vec<UserId>,
    /// By name, whatever the case.
    pub names: Vec<String>,
}

/// A part of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FriendPage<T> {
    /// In order.
    pub found: Vec<T>,
    /// Where to go on; empty at the end.
    pub cursor: String,
}

/// A friend's friend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FriendOfFriend {
    /// The friend.
    pub through: UserId,
    /// The friend's friend.
    pub user: UserId,
}

/// The use cases. Clones share everything.
#[derive(Clone)]
pub struct Friends {
    core: Core,
    notifications: Notifications,
    settings: Settings,
}

impl Friends {
    /// Over what every domain works with, and notifications for those who are asked.
    pub fn new(core: &Core, notifications: &Notifications, settings: Settings) -> Self {
        Self { core: core.clone(), notifications: notifications.clone(), settings }
    }

    /// Are friends told when a user comes online?
    pub fn online_notices(&self) -> bool {
        self.settings.online_notices
    }

    fn limits(&self) -> FriendLimits {
        let max = u64::from(self.settings.friends_max);
        FriendLimits { friends_max: max, received_max: max, blocked_max: max }
    }

    /// Asks users to be friends, and accepts those who asked. `username` is the asking user's.
    pub async fn add(
        &self,
        user: UserId,
        username: &str,
        others: Named,
        metadata: Option<String>,
    ) -> Result<(), FriendError> {
        if metadata.as_deref().is_some_and(|metadata| !is_object(metadata)) {
            return Err(FriendError::Metadata);
        }
        let others = self.others(user, others).await?;
        let at_ms = self.core.now_ms();
        let add = FriendsAdd { user, others, metadata, at_ms, limits: self.limits() };
        let (asked, accepted) = match self.core.write(add).await?.into_inner() {
            FriendsAdded::Done { asked, accepted } => (asked, accepted),
            FriendsAdded::Full => return Err(FriendError::Full),
            FriendsAdded::OtherFull(_) => return Err(FriendError::OtherFull),
        };
        let news = |other: &UserId| self.notifications.is_news(*other, user, code::FRIEND_REQUEST);
        let asked: Vec<_> = asked.into_iter().filter(news).collect();
        let content = json!({ "username": username });
        if !asked.is_empty() {
            let subject = format!("{username} wants to be your friend");
            self.tell(&asked, &subject, &content, code::FRIEND_REQUEST, user).await?;
        }
        if !accepted.is_empty() {
            let subject = format!("{username} accepted your friend request");
            self.tell(&accepted, &subject, &content, code::FRIEND_ACCEPT, user).await?;
        }
        Ok(())
    }

    async fn tell(
        &self,
        users: &[UserId],
        subject: &str,
        content: &Value,
        code: i32,
        sender: UserId,
    ) -> Result<(), FriendError> {
        let sent = self.notifications.send_many(users, subject, content.clone(), code, Some(sender), true);
        Ok(sent.await?)
    }

    /// Ends friendships, takes requests back, refuses them, and ends the user's own blocks.
    pub async fn remove(&self, user: UserId, others: Named) -> Result<(), FriendError> {
        let others = self.others(user, others).await?;
        self.core.write(FriendsRemove { user, others }).await?;
        Ok(())
    }

    /// Blocks users: they are no friends, they cannot ask, and they are out of the direct chat.
    pub async fn block(&self, user: UserId, others: Named) -> Result<(), FriendError> {
        let others = self.others(user, others).await?;
        let blocked_max = self.limits().blocked_max;
        let block = FriendsBlock { user, others, at_ms: self.core.now_ms(), blocked_max };
        let blocked = match self.core.write(block).await?.into_inner() {
            FriendsBlockedNow::Done(blocked) => blocked,
            FriendsBlockedNow::Full => return Err(FriendError::Full),
        };
        for other in blocked {
            if let Some(channel) = Channel::direct(user, other) {
                self.core.streams().remove_user(&channel.stream(), other);
                self.core.streams().remove_user(&channel.stream(), user);
            }
        }
        Ok(())
    }

    /// Makes friends of users who are the user's friends elsewhere, and tells them that the user plays here now. With
    /// `reset`, friends who are not among them are friends no longer. The new friends.
    pub async fn import(
        &self,
        user: UserId,
        username: &str,
        mut others: Vec<UserId>,
        reset: bool,
    ) -> Result<Vec<UserId>, FriendError> {
        others.retain(|other| *other != user);
        others.sort_unstable();
        others.dedup();
        others.truncate(IMPORT_MAX);
        let import = FriendsImport { user, others, reset, at_ms: self.core.now_ms(), limits: self.limits() };
        let made = self.core.write(import).await?.into_inner();
        if !made.is_empty() {
            let (subject, content) =
                (format!("{username} has joined the game"), json!({ "username": username }));
            self.tell(&made, &subject, &content, code::FRIEND_JOINED_GAME, user).await?;
        }
        Ok(made)
    }

    /// A user's list in order of state and time: friends, requests sent, requests received, blocked users.
    pub async fn list(
        &self,
        user: UserId,
        state: Option<FriendState>,
        limit: u32,
        cursor: &str,
    ) -> Result<FriendPage<Friend>, FriendError> {
        if !(1..=LIST_MAX).contains(&limit) {
            return Err(FriendError::Limit(LIST_MAX));
        }
        let (owner, filter) = (user.to_bytes(), [state.map_or(u8::MAX, |state| state as u8)]);
        let scope: [&[u8]; 3] = [b"friends", &owner, &filter];
        let after = match cursor {
            "" => None,
            cursor => Some(read_key(&cursor::open(&scope, cursor)?).ok_or(BadCursor)?),
        };
        // One more tells whether there are more.
        let mut found = self.core.read(FriendsList { user, state, after, limit: limit + 1 }).await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let cursor = found.last().filter(|_| more).map(|last| cursor::seal(&scope, &write_key(last)));
        Ok(FriendPage { found, cursor: cursor.unwrap_or_default() })
    }

    /// Friends of a user's friends with whom the user has nothing to do yet. A page may be short, or empty, and still
    /// have a cursor.
    pub async fn friends_of_friends(
        &self,
        user: UserId,
        limit: u32,
        cursor: &str,
    ) -> Result<FriendPage<FriendOfFriend>, FriendError> {
        if !(1..=FRIENDS_OF_FRIENDS_MAX).contains(&limit) {
            return Err(FriendError::Limit(FRIENDS_OF_FRIENDS_MAX));
        }
        let owner = user.to_bytes();
        let scope: [&[u8]; 2] = [b"friends of friends", &owner];
        let after = match cursor {
            "" => None,
            cursor => {
                let held = cursor::open(&scope, cursor)?;
                let (friend, other) = held.split_at_checked(16).ok_or(BadCursor)?;
                let id = |bytes| UserId::from_slice(bytes).ok_or(BadCursor);
                Some((id(friend)?, id(other)?))
            }
        };
        let page = self.core.read(FriendsOfFriends { user, after, limit }).await?;
        let found = page.found.into_iter().map(|(through, user)| FriendOfFriend { through, user }).collect();
        let seal = |(friend, other): (UserId, UserId)| {
            cursor::seal(&scope, &[friend.to_bytes(), other.to_bytes()].concat())
        };
        Ok(FriendPage { found, cursor: page.next.map(seal).unwrap_or_default() })
    }

    /// All of a user's friends.
    pub async fn of(&self, user: UserId) -> Result<Vec<UserId>, FriendError> {
        let limit = self.settings.friends_max;
        let list = FriendsList { user, state: Some(FriendState::Friend), after: None, limit };
        Ok(self.core.read(list).await?.into_iter().map(|friend| friend.other).collect())
    }

    /// Does either of two users block the other? Parties and groups ask before they let one invite the other.
    pub async fn blocked(&self, user: UserId, other: UserId) -> Result<bool, FriendError> {
        Ok(self.core.read(store::FriendsBlocked { user, other }).await?)
    }

    /// Tells the friends of a user who came online, those who are online themselves.
    pub async fn tell_online(&self, user: UserId, username: &str) -> Result<(), FriendError> {
        let mut friends = self.of(user).await?;
        friends.retain(|friend| self.core.streams().is_online(*friend));
        let (subject, content) = (format!("{username} is online"), json!({ "username": username }));
        let sent =
            self.notifications.send_many(&friends, &subject, content, code::FRIEND_ONLINE, Some(user), false);
        Ok(sent.await?)
    }

    /// Whom a request names: each once, not the user.
    async fn others(&self, user: UserId, named: Named) -> Result<Vec<UserId>, FriendError> {
        let Named { ids: mut others, names } = named;
        match others.len() + names.len() {
            0 => return Err(FriendError::Nobody),
            1..=NAMED_MAX => {}
            _ => return Err(FriendError::TooMany),
        }
        if names.iter().any(|name| name.contains('\0')) {
            return Err(FriendError::Nobody);
        }
        if !names.is_empty() {
            others.extend(self.core.read(UsersNamed { names }).await?);
        }
        others.sort_unstable();
        others.dedup();
        if others.contains(&user) {
            return Err(FriendError::Oneself);
        }
        if others.is_empty() { Err(FriendError::Nobody) } else { Ok(others) }
    }
}

fn is_object(text: &str) -> bool {
    text.len() <= METADATA_BYTES_MAX
        && serde_json::from_str::<Value>(text).is_ok_and(|metadata| metadata.is_object())
}

fn write_key(friend: &Friend) -> Vec<u8> {
    let mut key = vec![friend.state as u8];
    key.extend_from_slice(&friend.updated_ms.to_be_bytes());
    key.extend_from_slice(&friend.other.to_bytes());
    key
}

fn read_key(held: &[u8]) -> Option<FriendKey> {
    let (state, rest) = held.split_first()?;
    let (updated_ms, other) = rest.split_at_checked(8)?;
    Some(FriendKey {
        state: FriendState::from_number((*state).into())?,
        updated_ms: i64::from_be_bytes(updated_ms.try_into().ok()?),
        other: UserId::from_slice(other)?,
    })
}
