//! Status: what users tell their followers.
//!
//! A user's status is a stream: the user's own sessions show what they say, followers listen unseen. Anybody may follow
//! anybody; one who shows nothing seems to be offline.

use std::sync::Arc;

use store::{StoreError, UserId, UsersNamed};
use wire::envelope::UserPresence;

use crate::core::Core;
use crate::friends::{FriendError, Friends};
use crate::session::Session;
use crate::streams::{JoinError, MEMBERS_MAX, Meta, Mode, Stream};

/// Bytes of a status.
pub const STATUS_BYTES_MAX: usize = 2_048;
/// Users named in one message.
pub const NAMED_MAX: usize = 1_000;

/// Why a use case of status says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StatusError {
    /// The text is too long.
    #[error("a status has at most {STATUS_BYTES_MAX} bytes")]
    TooLong,
    /// Too many are named.
    #[error("at most {NAMED_MAX} users can be named at once")]
    TooMany,
    /// The session follows too many, or somebody has too many followers.
    #[error("the user cannot be followed: {0}")]
    Join(#[from] JoinError),
    /// The friends cannot be told.
    #[error(transparent)]
    Friends(#[from] FriendError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The use cases. Clones share everything.
#[derive(Clone)]
pub struct Statuses {
    core: Core,
    friends: Friends,
}

impl Statuses {
    /// Over what every domain works with, and the friends who may want to know.
    pub fn new(core: &Core, friends: &Friends) -> Self {
        Self { core: core.clone(), friends: friends.clone() }
    }

    /// Shows a session to the user's followers, with an empty status. Where the operator wants it, friends who are
    /// online are told of a user who was not there before.
    pub async fn appear(&self, session: &Arc<Session>) -> Result<(), StatusError> {
        let shown = !self.core.streams().presences(&stream(session.user)).is_empty();
        self.update(session, Some(String::new()))?;
        if !shown && self.friends.online_notices() {
            self.friends.tell_online(session.user, &session.username).await?;
        }
        Ok(())
    }

    /// What a session tells from now on; `None`: it seems to be offline.
    pub fn update(&self, session: &Arc<Session>, status: Option<String>) -> Result<(), StatusError> {
        let (streams, stream) = (self.core.streams(), stream(session.user));
        let Some(status) = status else {
            streams.leave(&stream, session.id);
            return Ok(());
        };
        if status.len() > STATUS_BYTES_MAX {
            return Err(StatusError::TooLong);
        }
        let meta = Meta { status: Some(status), ..Meta::default() };
        if !streams.update(&stream, session.id, meta.clone()) {
            streams.join(&stream, session, meta, MEMBERS_MAX)?;
        }
        Ok(())
    }

    /// Follows users from this session; who of them is there, with their status. Unknown names are passed over.
    pub async fn follow(
        &self,
        session: &Arc<Session>,
        ids: Vec<UserId>,
        names: Vec<String>,
    ) -> Result<Vec<UserPresence>, StatusError> {
        if ids.len() + names.len() > NAMED_MAX {
            return Err(StatusError::TooMany);
        }
        let mut users = ids;
        let names: Vec<_> = names.into_iter().filter(|name| !name.contains('\0')).collect();
        if !names.is_empty() {
            users.extend(self.core.read(UsersNamed { names }).await?);
        }
        users.sort_unstable();
        users.dedup();
        let streams = self.core.streams();
        let mut there = Vec::new();
        for user in users {
            let stream = stream(user);
            // A session hears of its own user anyway, and must not be hidden by following.
            if user != session.user {
                let meta = Meta { hidden: true, ..Meta::default() };
                streams.join(&stream, session, meta, MEMBERS_MAX)?;
            }
            there.extend(streams.presences(&stream));
        }
        Ok(there)
    }

    /// Follows users no more.
    pub fn unfollow(&self, session: &Session, users: &[UserId]) -> Result<(), StatusError> {
        if users.len() > NAMED_MAX {
            return Err(StatusError::TooMany);
        }
        for user in users {
            if *user != session.user {
                self.core.streams().leave(&stream(*user), session.id);
            }
        }
        Ok(())
    }
}

fn stream(user: UserId) -> Stream {
    Stream::of(Mode::Status, user.0)
}
