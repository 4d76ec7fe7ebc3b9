//! Notifications: kept for a user and pushed to the sockets that are open.
//!
//! One that is persistent is kept first and pushed after its commit, so that a client never sees what a crash takes
//! back; one that is not goes to whoever is connected now. Ids grow in the order of commits: a client that keeps the
//! cursor of the newest one it has seen gets all that came after it, once.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use store::{
    Addressees, Notification, NotificationsAdd, NotificationsDelete, NotificationsList, StoreError, UserId,
};
use wire::envelope::Timestamp;
use wire::envelope::{self, Message};

use crate::core::{Core, is_repeated};
use crate::cursor::{self, BadCursor};
use crate::streams::{Mode, Stream};

/// Notifications kept for one user; one more and the oldest is dropped.
pub const KEPT_MAX: u32 = 1_000;
/// Bytes of a notification's subject.
pub const SUBJECT_BYTES_MAX: usize = 256;
/// Bytes of a notification's content.
pub const CONTENT_BYTES_MAX: usize = 16 << 10;
/// Notifications in one answer.
pub const LIST_MAX: u32 = 1_000;
/// Notifications deleted by one request.
pub const DELETE_MAX: usize = 1_000;
/// What a user can cause again and again is told to another once in this time.
pub const QUIET_MS: i64 = 10_000;
/// Users who were told of users in that time; further ones are told each time.
const QUIET_HELD_MAX: usize = 100_000;
/// Users for whom one transaction keeps a notification.
const USERS_AT_ONCE: usize = 100;

/// The codes of the house's own notifications. Codes above 0 are the studio's.
pub mod code {
    /// Somebody wants to talk in a direct chat.
    pub const DIRECT_CHAT: i32 = -1;
    /// Somebody wants to be a friend.
    pub const FRIEND_REQUEST: i32 = -2;
    /// Somebody accepted a friend request.
    pub const FRIEND_ACCEPT: i32 = -3;
    /// The user was let into a group.
    pub const GROUP_ADD: i32 = -4;
    /// Somebody wants to get into a group that the user looks after.
    pub const GROUP_JOIN_REQUEST: i32 = -5;
    /// A friend from elsewhere plays here now.
    pub const FRIEND_JOINED_GAME: i32 = -6;
    /// The socket ends because the user opened another one.
    pub const SINGLE_SOCKET: i32 = -7;
    /// The user was shut out.
    pub const USER_BANNED: i32 = -8;
    /// The user was invited to a party.
    pub const PARTY_INVITE: i32 = -9;
    /// A friend came online. Ours, and sent only where the operator wants it.
    pub const FRIEND_ONLINE: i32 = -101;
    /// The user unlocked an achievement. Ours.
    pub const ACHIEVEMENT: i32 = -102;
}

/// Why a use case of notifications says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotificationError {
    /// The subject is empty or too long.
    #[error("a notification's subject must be 1 to {SUBJECT_BYTES_MAX} bytes")]
    Subject,
    /// The content is no object, or too long.
    #[error("a notification's content must be a JSON object of at most {CONTENT_BYTES_MAX} bytes")]
    Content,
    /// Too many or too few.
    #[error("limit must be from 1 to {LIST_MAX}")]
    Limit,
    /// Too many ids.
    #[error("1 to {DELETE_MAX} ids can be deleted at once")]
    Ids,
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] BadCursor),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A part of a user's notifications.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotificationPage {
    /// The oldest first.
    pub notifications: Vec<Notification>,
    /// Gives what comes after the newest of these, now or later. Empty if nothing was ever seen.
    pub cursor: String,
}

/// The use cases. Clones share everything.
#[derive(Clone)]
pub struct Notifications {
    core: Core,
    told: Arc<Mutex<HashMap<Told, i64>>>,
}

/// Who was told of whom, with which code.
type Told = (UserId, UserId, i32);

impl Notifications {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone(), told: Arc::default() }
    }

    /// Tells a user something. A user who does not exist is passed over.
    pub async fn send(
        &self,
        user: UserId,
        subject: &str,
        content: Value,
        code: i32,
        sender: Option<UserId>,
        persistent: bool,
    ) -> Result<(), NotificationError> {
        self.send_many(&[user], subject, content, code, sender, persistent).await
    }

    /// Tells some users the same thing.
    pub async fn send_many(
        &self,
        users: &[UserId],
        subject: &str,
        content: Value,
        code: i32,
        sender: Option<UserId>,
        persistent: bool,
    ) -> Result<(), NotificationError> {
        let notification = self.make(subject, content, code, sender)?;
        if !persistent {
            for user in users {
                self.push(*user, &notification, false);
            }
            return Ok(());
        }
        for users in users.chunks(USERS_AT_ONCE) {
            self.keep(Addressees::Users(users.to_vec()), &notification).await?;
        }
        Ok(())
    }

    /// May a user be told now of what another one did? Once in [`QUIET_MS`], so that nobody drives out what else is kept
    /// for a user by asking again and again.
    pub(crate) fn is_news(&self, to: UserId, from: UserId, code: i32) -> bool {
        let now_ms = self.core.now_ms();
        let mut told = self.told.lock();
        if told.get(&(to, from, code)).is_some_and(|until_ms| *until_ms > now_ms) {
            return false;
        }
        if told.len() >= QUIET_HELD_MAX {
            told.retain(|_, until_ms| *until_ms > now_ms);
        }
        if told.len() < QUIET_HELD_MAX {
            told.insert((to, from, code), now_ms.saturating_add(QUIET_MS));
        }
        true
    }

    /// Tells everybody: those who are connected, or, if it is persistent, every account there is.
    pub async fn send_all(
        &self,
        subject: &str,
        content: Value,
        code: i32,
        persistent: bool,
    ) -> Result<(), NotificationError> {
        let notification = self.make(subject, content, code, None)?;
        if !persistent {
            let message = shape(std::slice::from_ref(&notification), false);
            self.core.streams().send_all(Mode::Notifications, message);
            return Ok(());
        }
        let mut after = UserId(0);
        loop {
            let limit = u32::try_from(USERS_AT_ONCE).unwrap_or(u32::MAX);
            match self.keep(Addressees::After(after, limit), &notification).await? {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }

    /// A user's notifications, the oldest first.
    pub async fn list(
        &self,
        user: UserId,
        limit: u32,
        cursor: &str,
    ) -> Result<NotificationPage, NotificationError> {
        if !(1..=LIST_MAX).contains(&limit) {
            return Err(NotificationError::Limit);
        }
        let owner = user.to_bytes();
        let scope: [&[u8]; 2] = [b"notifications", &owner];
        let after = match cursor {
            "" => 0,
            cursor => u128::from_be_bytes(cursor::open(&scope, cursor)?.try_into().map_err(|_| BadCursor)?),
        };
        let notifications = self.core.read(NotificationsList { user, after, limit }).await?;
        let cursor = match notifications.last() {
            Some(last) => cursor::seal(&scope, &last.id.to_be_bytes()),
            None => cursor.to_owned(),
        };
        Ok(NotificationPage { notifications, cursor })
    }

    /// Deletes some of a user's notifications; those that are not there are passed over.
    pub async fn delete(&self, user: UserId, ids: Vec<u128>) -> Result<(), NotificationError> {
        if !(1..=DELETE_MAX).contains(&ids.len()) {
            return Err(NotificationError::Ids);
        }
        self.core.write(NotificationsDelete { user, ids }).await?;
        Ok(())
    }

    fn make(
        &self,
        subject: &str,
        content: Value,
        code: i32,
        sender: Option<UserId>,
    ) -> Result<Notification, NotificationError> {
        if !(1..=SUBJECT_BYTES_MAX).contains(&subject.len()) || subject.contains('\0') {
            return Err(NotificationError::Subject);
        }
        let text = content.to_string();
        if !content.is_object() || text.len() > CONTENT_BYTES_MAX {
            return Err(NotificationError::Content);
        }
        let (id, at_ms) = (self.core.new_id(), self.core.now_ms());
        Ok(Notification { id, subject: subject.to_owned(), content: text, code, sender, at_ms })
    }

    /// Keeps and then pushes; the last user that it was kept for.
    async fn keep(
        &self,
        to: Addressees,
        notification: &Notification,
    ) -> Result<Option<UserId>, NotificationError> {
        let add = NotificationsAdd { to, notification: notification.clone(), kept_max: KEPT_MAX };
        let added = self.core.write(add).await?.into_inner();
        // A request that is made again has been told about the first time.
        if !is_repeated() {
            for (user, id) in &added.kept {
                self.push(*user, &Notification { id: *id, ..notification.clone() }, true);
            }
        }
        Ok(added.kept.last().map(|(user, _)| *user))
    }

    fn push(&self, user: UserId, notification: &Notification, persistent: bool) {
        let stream = Stream::of(Mode::Notifications, user.0);
        if self.core.streams().count(&stream) > 0 {
            self.core.streams().send(&stream, shape(std::slice::from_ref(notification), persistent));
        }
    }
}

fn shape(notifications: &[Notification], persistent: bool) -> Message {
    let notifications = notifications.iter().map(|one| outside(one, persistent)).collect();
    Message::Notifications(envelope::Notifications { notifications })
}

/// As the protocol shows it.
pub fn outside(notification: &Notification, persistent: bool) -> envelope::Notification {
    envelope::Notification {
        id: UserId(notification.id).to_string(),
        subject: notification.subject.clone(),
        content: notification.content.clone(),
        code: notification.code,
        sender_id: notification.sender.map(|sender| sender.to_string()).unwrap_or_default(),
        create_time: Some(Timestamp::from_ms(notification.at_ms)),
        persistent,
    }
}
