//! The name of something that sessions listen to.

use std::sync::Arc;

/// What a stream is for. The numbers are the protocol's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Mode {
    /// Everything that a user is told; every socket of the user listens. Nobody is told who does.
    Notifications = 0,
    /// A user's status; the user's sockets show it, followers listen unseen.
    Status = 1,
    /// A chat room, by its name in the label.
    Room = 2,
    /// A group's chat.
    Group = 3,
    /// A chat of two users, the smaller id as the subject, the other as the context.
    Direct = 4,
    /// A relayed match.
    Relay = 5,
    /// A party.
    Party = 7,
    /// A user's tickets of the matchmaker: the sessions that wait, unseen. A number of our own.
    Tickets = 15,
    /// A topic that a studio declared, by its name in the label.
    Topic = 16,
}

impl Mode {
    /// Does a session that comes back within the grace time get its place here back?
    pub fn is_kept(self) -> bool {
        matches!(self, Mode::Room | Mode::Group | Mode::Direct | Mode::Relay | Mode::Party | Mode::Tickets)
    }
}

/// See the module.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stream {
    /// What it is for.
    pub mode: Mode,
    /// The user, group, match or party that it is about; 0 if none.
    pub subject: u128,
    /// A second one; 0 if none.
    pub context: u128,
    /// A name; empty if none.
    pub label: Arc<str>,
}

impl Stream {
    /// About one thing.
    pub fn of(mode: Mode, subject: u128) -> Self {
        Self { mode, subject, context: 0, label: Arc::default() }
    }

    /// About two things.
    pub fn between(mode: Mode, subject: u128, context: u128) -> Self {
        Self { mode, subject, context, label: Arc::default() }
    }

    /// Known by a name.
    pub fn named(mode: Mode, label: &str) -> Self {
        Self { mode, subject: 0, context: 0, label: label.into() }
    }
}
