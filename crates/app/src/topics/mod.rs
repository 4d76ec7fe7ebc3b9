//! Topics: names that a studio declares and clients may listen to. The server sends, clients hear `stream_data`.
//!
//! A topic is declared by a pattern: a name, or a name that ends in `*`, which stands for anything not empty. The first
//! declaration that fits a name decides who may listen.

mod functions;

use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;
use store::{GroupId, GroupRole, StoreError, UserId};
use wire::envelope::{self, Message, StreamData};

use crate::core::Core;
use crate::session::Session;
use crate::streams::{JoinError, MEMBERS_MAX, Meta, Mode, Stream};

pub use functions::functions;

/// Bytes of a topic's name.
pub const NAME_BYTES_MAX: usize = 128;
/// Bytes sent on a topic at once.
pub const DATA_BYTES_MAX: usize = 64 << 10;
/// Topics that a studio may declare.
pub const DECLARED_MAX: usize = 1_000;

/// Why a use case of topics says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TopicError {
    /// The name cannot be one.
    #[error("a topic's name must be 1 to {NAME_BYTES_MAX} bytes without control characters")]
    Name,
    /// No declaration fits.
    #[error("the topic was not found")]
    NotFound,
    /// Not this user.
    #[error("the user may not listen to this topic")]
    Denied,
    /// Too much at once.
    #[error("at most {DATA_BYTES_MAX} bytes can be sent on a topic at once")]
    Data,
    /// It takes no more.
    #[error("the topic cannot be listened to: {0}")]
    Join(#[from] JoinError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Decides about a user and a topic's name.
type Decide = Arc<dyn Fn(UserId, &str) -> bool + Send + Sync>;

/// Who may listen to a topic.
#[derive(Clone)]
pub enum Audience {
    /// Everybody who is logged in.
    Everybody,
    /// The members of one group.
    Group(GroupId),
    /// The members of the group whose id the `*` of the pattern stands for.
    GroupNamed,
    /// The user whose id the `*` of the pattern stands for.
    UserNamed,
    /// Whom the studio's own code lets. It is asked on the socket's task and must not wait.
    Decided(Decide),
}

impl fmt::Debug for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Everybody => "Everybody",
            Self::Group(_) => "Group",
            Self::GroupNamed => "GroupNamed",
            Self::UserNamed => "UserNamed",
            Self::Decided(_) => "Decided",
        })
    }
}

struct Declared {
    pattern: String,
    audience: Audience,
}

impl Declared {
    /// What the `*` stands for in this name, or the empty text if there is none. `None`: the name does not fit.
    fn fits<'a>(&self, name: &'a str) -> Option<&'a str> {
        match self.pattern.strip_suffix('*') {
            Some(start) => name.strip_prefix(start).filter(|rest| !rest.is_empty()),
            None => (self.pattern == name).then_some(""),
        }
    }
}

/// The use cases. Clones share everything.
#[derive(Clone)]
pub struct Topics {
    core: Core,
    declared: Arc<RwLock<Vec<Declared>>>,
}

impl Topics {
    /// Over what every domain works with; nothing is declared yet.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone(), declared: Arc::default() }
    }

    /// Declares a topic, or all topics that begin alike.
    ///
    /// # Panics
    /// If the pattern is empty, too long or declared twice, or if there are too many: a fault of the program that shows
    /// at its start.
    pub fn declare(&self, pattern: &str, audience: Audience) {
        assert!(is_name(pattern), "a topic's pattern must be 1 to {NAME_BYTES_MAX} bytes: {pattern}");
        let mut declared = self.declared.write();
        assert!(declared.len() < DECLARED_MAX, "at most {DECLARED_MAX} topics can be declared");
        assert!(
            declared.iter().all(|known| known.pattern != pattern),
            "the topic {pattern} is declared twice"
        );
        declared.push(Declared { pattern: pattern.to_owned(), audience });
    }

    /// Lets a session listen, if it may.
    pub async fn subscribe(&self, session: &Arc<Session>, name: &str) -> Result<(), TopicError> {
        if !is_name(name) {
            return Err(TopicError::Name);
        }
        if !self.may(session.user, name).await? {
            return Err(TopicError::Denied);
        }
        let meta = Meta { hidden: true, ..Meta::default() };
        self.core.streams().join(&stream(name), session, meta, MEMBERS_MAX)?;
        Ok(())
    }

    /// Ends a session's listening; `false` if it did not listen.
    pub fn unsubscribe(&self, session: &Session, name: &str) -> bool {
        self.core.streams().leave(&stream(name), session.id)
    }

    /// Ends the listening of all of a user's sessions.
    pub fn remove_user(&self, name: &str, user: UserId) {
        self.core.streams().remove_user(&stream(name), user);
    }

    /// Sends to everybody who listens; how many sessions that were. Nothing is kept for those who do not.
    pub fn send(&self, name: &str, data: impl Into<String>) -> Result<usize, TopicError> {
        let data = data.into();
        if !is_name(name) {
            return Err(TopicError::Name);
        }
        if data.len() > DATA_BYTES_MAX {
            return Err(TopicError::Data);
        }
        let named = envelope::Stream {
            mode: i32::from(Mode::Topic as u8),
            label: name.to_owned(),
            ..envelope::Stream::default()
        };
        let data = StreamData { stream: Some(named), sender: None, data, reliable: true };
        Ok(self.core.streams().send(&stream(name), Message::StreamData(data)))
    }

    /// How many sessions listen.
    pub fn listeners(&self, name: &str) -> usize {
        self.core.streams().count(&stream(name))
    }

    async fn is_member(&self, group: GroupId, user: UserId) -> Result<bool, TopicError> {
        let found = self.core.read(GroupRole { group, user }).await?;
        Ok(found.is_some_and(|member| member.role.is_member()))
    }

    async fn may(&self, user: UserId, name: &str) -> Result<bool, TopicError> {
        let found = {
            let declared = self.declared.read();
            declared
                .iter()
                .find_map(|known| known.fits(name).map(|rest| (known.audience.clone(), rest.to_owned())))
        };
        let (audience, rest) = found.ok_or(TopicError::NotFound)?;
        let id = || uuid::Uuid::try_parse(&rest).map(|id| id.as_u128()).ok();
        match audience {
            Audience::Everybody => Ok(true),
            Audience::Group(group) => self.is_member(group, user).await,
            Audience::GroupNamed => match id() {
                Some(group) => self.is_member(GroupId(group), user).await,
                None => Ok(false),
            },
            Audience::UserNamed => Ok(id() == Some(user.0)),
            Audience::Decided(decide) => Ok(decide(user, name)),
        }
    }
}

fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control)
}

fn stream(name: &str) -> Stream {
    Stream::named(Mode::Topic, name)
}
