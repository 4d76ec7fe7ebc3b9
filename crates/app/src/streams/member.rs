//! A session's place in a stream.

use std::sync::Arc;

use wire::envelope::UserPresence;

use crate::session::{Session, SessionId};

/// What a session shows of itself in a stream.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Meta {
    /// It listens, and nobody is told.
    pub hidden: bool,
    /// What is sent here is kept.
    pub persistence: bool,
    /// What it says of itself.
    pub status: Option<String>,
}

/// A session in a stream.
#[derive(Clone)]
pub struct Member {
    /// Which session.
    pub session: Arc<Session>,
    /// What it shows.
    pub meta: Meta,
}

impl Member {
    /// As others see it.
    pub fn presence(&self) -> UserPresence {
        presence(&self.session, &self.meta)
    }

    pub(super) fn is(&self, session: SessionId) -> bool {
        self.session.id == session
    }
}

/// A session as others see it.
pub fn presence(session: &Session, meta: &Meta) -> UserPresence {
    UserPresence {
        user_id: session.user.to_string(),
        session_id: session.id.to_string(),
        username: session.username.clone(),
        persistence: meta.persistence,
        status: meta.status.clone(),
    }
}
