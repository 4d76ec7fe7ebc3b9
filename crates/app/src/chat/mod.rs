//! Chat in rooms, between two users and in groups.
//!
//! A channel is a stream: who has joined it hears what is said there. What a client sends from a persistent place is
//! kept first and sent after its commit; the rest costs no write. Everybody gets the same bytes.
//!
//! **Who may.** Anybody may join a room. A direct chat is for its two users, unless one blocks the other. A group's
//! channel is for its members. A *mute* stops a user's messages in a channel, a *ban* keeps the user out; servers set
//! them anywhere, a group's admins in their own channel ([`moderation`](Moderator)).

mod channel;
mod functions;
mod history;
mod moderation;
mod talk;
#[cfg(test)]
mod tests;
mod unkept;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;
use store::{FriendsBlocked, GroupId, GroupRole, Role, SanctionsGet, StoreError, UserId};
use wire::envelope::ChannelKind;

use crate::core::Core;
use crate::cursor::BadCursor;
use crate::notifications::{NotificationError, Notifications, code};
use crate::session::Session;
use crate::streams::{JoinError, Joined, MEMBERS_MAX, Meta};

pub use channel::{Channel, Names, ROOM_NAME_BYTES_MAX};
pub use functions::functions;
pub use history::{HISTORY_MAX, History};
pub use moderation::Moderator;
pub use talk::{Done, outside};

use unkept::Unkept;

/// Bytes of a message's content.
pub const CONTENT_BYTES_MAX: usize = 8 << 10;
/// Presences in the answer to a join. A room with more is too full for a list of who is there.
pub const PRESENCES_SHOWN_MAX: usize = 1_000;
/// Mutes of connected users that are held in memory.
const MUTES_HELD_MAX: usize = 100_000;

/// Why a use case of chat says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChatError {
    /// There is no such kind of channel, or the target is none of that kind.
    #[error("the channel's target is invalid")]
    Target,
    /// The id of a channel is not one.
    #[error("the channel id is invalid")]
    ChannelId,
    /// The id of a message is not one.
    #[error("the message id is invalid")]
    MessageId,
    /// The content is no object, or too long.
    #[error("a message must be a JSON object of at most {CONTENT_BYTES_MAX} bytes")]
    Content,
    /// The session is not in the channel.
    #[error("the channel must be joined first")]
    NotJoined,
    /// The user or group is not there.
    #[error("the channel was not found")]
    NotFound,
    /// There is no such message.
    #[error("the message was not found")]
    NoMessage,
    /// The caller may not.
    #[error("{0}")]
    Denied(&'static str),
    /// The user may not speak here for now.
    #[error("the user is muted in this channel")]
    Muted,
    /// Too many or too few.
    #[error("limit must be from 1 to {HISTORY_MAX}")]
    Limit,
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] BadCursor),
    /// The cursor is one of a list in the other direction.
    #[error("the cursor belongs to a list in the other direction")]
    CursorDirection,
    /// The channel takes no more.
    #[error("the channel cannot be joined: {0}")]
    Join(#[from] JoinError),
    /// The server remembers no more mutes.
    #[error("too many users are muted; try again later")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotificationError> for ChatError {
    fn from(error: NotificationError) -> Self {
        match error {
            NotificationError::Store(error) => error.into(),
            // The others are about what the caller gave, and here the house gave it.
            error => StoreError::Engine(error.to_string()).into(),
        }
    }
}

struct Shared {
    /// Until when a connected user may not speak, by channel; the empty name is everywhere.
    muted: Mutex<HashMap<(UserId, String), i64>>,
    unkept: Unkept,
}

/// The use cases. Clones share everything.
#[derive(Clone)]
pub struct Chat {
    core: Core,
    notifications: Notifications,
    shared: Arc<Shared>,
}

impl Chat {
    /// Over what every domain works with, and notifications for those who are not there.
    pub fn new(core: &Core, notifications: &Notifications) -> Self {
        let shared = Arc::new(Shared { muted: Mutex::default(), unkept: Unkept::new(&**core.entropy()) });
        Self { core: core.clone(), notifications: notifications.clone(), shared }
    }

    /// The channel that a client means by a kind and a target.
    pub fn channel(&self, user: UserId, kind: i32, target: &str) -> Result<Channel, ChatError> {
        let kind = ChannelKind::from_number(kind).ok_or(ChatError::Target)?;
        let id = || uuid::Uuid::try_parse(target).map(|id| id.as_u128()).map_err(|_| ChatError::Target);
        let channel = match kind {
            ChannelKind::Room => Channel::room(target),
            ChannelKind::Direct => Channel::direct(user, UserId(id()?)),
            ChannelKind::Group => Some(Channel::Group(GroupId(id()?))),
        };
        channel.ok_or(ChatError::Target)
    }

    /// Lets a session into a channel. Joining again changes how it is there.
    pub async fn join(
        &self,
        session: &Arc<Session>,
        channel: &Channel,
        persistence: bool,
        hidden: bool,
    ) -> Result<Joined, ChatError> {
        let user = session.user;
        self.may_join(user, channel).await?;
        let (name, stream) = (channel.to_string(), channel.stream());
        let found = self.core.read(SanctionsGet { channel: name.clone(), user, now_ms: self.core.now_ms() });
        let found = found.await?;
        if found.banned_ms.is_some() {
            return Err(ChatError::Denied("the user is banned from this channel"));
        }
        for (place, until_ms) in [(name, found.muted_ms), (String::new(), found.muted_everywhere_ms)] {
            if let Some(until_ms) = until_ms {
                self.hold_mute(user, place, until_ms)?;
            }
        }
        let meta = Meta { hidden, persistence, status: None };
        let mut joined = self.core.streams().join(&stream, session, meta, MEMBERS_MAX)?;
        joined.others.truncate(PRESENCES_SHOWN_MAX);
        if let Channel::Direct(one, other) = *channel {
            let other = if user == one { other } else { one };
            // A block that came in between found nobody to put out.
            if self.blocked(user, other).await? {
                self.core.streams().leave(&stream, session.id);
                return Err(ChatError::NotFound);
            }
            let there = self.core.streams().members(&stream);
            if joined.fresh
                && !there.iter().any(|member| member.session.user == other)
                && self.notifications.is_news(other, user, code::DIRECT_CHAT)
            {
                let subject = format!("{} wants to chat", session.username);
                let content = json!({ "username": session.username });
                self.notifications
                    .send(other, &subject, content, code::DIRECT_CHAT, Some(user), true)
                    .await?;
            }
        }
        Ok(joined)
    }

    /// Takes a session out.
    pub fn leave(&self, session: &Session, channel: &Channel) -> Result<(), ChatError> {
        if self.core.streams().leave(&channel.stream(), session.id) {
            Ok(())
        } else {
            Err(ChatError::NotJoined)
        }
    }

    async fn may_join(&self, user: UserId, channel: &Channel) -> Result<(), ChatError> {
        match *channel {
            Channel::Room(_) => Ok(()),
            Channel::Group(group) => match self.role(group, user).await? {
                Some(_) => Ok(()),
                None => Err(ChatError::NotFound),
            },
            Channel::Direct(one, other) => {
                let other = if user == one { other } else { one };
                let known = self.core.read(store::UserExists { user: other }).await?;
                // Somebody who is blocked is not told so.
                if !known || self.blocked(user, other).await? { Err(ChatError::NotFound) } else { Ok(()) }
            }
        }
    }

    async fn may_read(&self, user: UserId, channel: &Channel) -> Result<(), ChatError> {
        let may = match *channel {
            Channel::Room(_) => {
                let now_ms = self.core.now_ms();
                let get = SanctionsGet { channel: channel.to_string(), user, now_ms };
                self.core.read(get).await?.banned_ms.is_none()
            }
            Channel::Group(group) => self.role(group, user).await?.is_some(),
            Channel::Direct(one, other) => user == one || user == other,
        };
        if may { Ok(()) } else { Err(ChatError::Denied("only those who may join a channel can read it")) }
    }

    async fn blocked(&self, user: UserId, other: UserId) -> Result<bool, ChatError> {
        Ok(self.core.read(FriendsBlocked { user, other }).await?)
    }

    /// A member's role in a group. `None`: not a member.
    async fn role(&self, group: GroupId, user: UserId) -> Result<Option<Role>, ChatError> {
        let found = self.core.read(GroupRole { group, user }).await?;
        Ok(found.map(|member| member.role).filter(|role| role.is_member()))
    }
}
