//! Everything that can be asked of, or told to, the host of a room. One queue carries it all, so that whatever
//! happens to a room happens in one order.

use std::sync::Arc;

use bytes::Bytes;
use kernel::{AnyRules, CommandId, EffectKey, Epoch, Fault, Refusal, Room, RoomId, Seat, Seq};
use store::{AppendError, AppendReceipt, Committed, StoreError, UserId};
use tokio::sync::oneshot;

use super::RoomError;
use super::past::{Past, Recalled, Turned};
use super::served::{Answered, By, CommandError, Viewer};
use crate::session::Session;

/// A player's command on its way to a room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomCommand {
    /// Which room.
    pub room: RoomId,
    /// The client's name for it; 0 is none.
    pub id: CommandId,
    /// The game's bytes.
    pub body: Bytes,
}

/// What a returning client brings along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resume {
    /// The token of its last view.
    pub token: String,
    /// The newest input it has seen.
    pub seen: Seq,
    /// The newest step that it has seen pass since; 0 if it does not say, and then it may see one twice.
    pub step: u64,
}

/// A room read from the store, ready to go on.
pub(crate) struct Loaded {
    pub room: Box<dyn Room>,
    /// Rules that the room must first move to, where the program or its content is newer than the log.
    pub newer: Option<Box<dyn Room>>,
    pub epoch: Epoch,
    pub seats: Vec<(Seat, UserId)>,
    /// Answers that the store gave to conditional effects and that the room has not logged.
    pub answers: Vec<(EffectKey, Result<(), Refusal>)>,
    /// Inputs since the snapshot it began with.
    pub inputs: u64,
    /// How long those took to take again, in microseconds.
    pub replay_us: u64,
}

/// Why a room could not be loaded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("there is no such room")]
    Gone,
    #[error("the room is closed: {0}")]
    Closed(String),
    #[error(transparent)]
    Fault(#[from] Box<Fault>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// For how long a snapshot is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Keep {
    /// Until a newer one stands for it.
    Newest,
    /// As long as its point: what stood before an input.
    Point,
    /// As a moment of a room that runs, so that any step can soon be shown again.
    Moment,
}

pub(crate) enum Ask {
    /// A session wants in.
    Join { room: RoomId, session: Arc<Session>, cid: String, resume: Option<Resume> },
    /// A session wants to watch.
    Watch { room: RoomId, session: Arc<Session>, cid: String },
    /// A session wants out; its seat stays for the grace time.
    Leave { room: RoomId, session: Arc<Session>, cid: String },
    /// Commands of one session for one room, in order, noted as in flight.
    Commands { room: RoomId, session: Arc<Session>, commands: Vec<RoomCommand>, asked_us: u64 },
    /// Server code gives a command for a user's seat, or one that computers play.
    Command {
        room: RoomId,
        by: By,
        id: CommandId,
        body: Bytes,
        reply: oneshot::Sender<Result<Answered, CommandError>>,
        asked_us: u64,
    },
    /// Somebody looks at a room. `None`: it sleeps.
    Peek { room: RoomId, viewer: Viewer, reply: oneshot::Sender<Option<Vec<u8>>> },
    /// An awake room is to move to other rules.
    Migrate { room: RoomId, rules: Arc<dyn AnyRules> },
    /// These are the newest rules of their game.
    Published { rules: Arc<dyn AnyRules> },
    /// A session's socket is gone.
    Gone { room: RoomId, session: Arc<Session> },
    /// A session was skipped forward and wants a fresh view.
    Refresh { room: RoomId, session: Arc<Session> },
    /// A room has work that waits; wake it.
    Wake { room: RoomId },
    /// An operator changes what a room was.
    Rewind { room: RoomId, past: Past, reply: oneshot::Sender<Result<Turned, RoomError>> },
    /// Another room's message.
    Message { room: RoomId, from: RoomId, key: EffectKey, body: Vec<u8> },
    /// The answer to this room's message.
    Answered { room: RoomId, key: EffectKey, outcome: Result<(), Refusal> },
    /// The store has read a room.
    Loaded { room: RoomId, result: Result<Box<Loaded>, LoadError> },
    /// The store has read what a room was.
    Earlier { room: RoomId, result: Result<Recalled, RoomError> },
    /// The store has answered a group of appends, one result for each room.
    Appended { rooms: Vec<RoomId>, results: Vec<Result<Committed<AppendReceipt>, AppendError>> },
    /// A snapshot was written, or not.
    Saved { room: RoomId, bytes: usize, ok: bool, keep: Keep },
    /// Finish, save and tell everybody to come back.
    Shutdown { reply: oneshot::Sender<()> },
}

impl Ask {
    /// Since when it waits, if nobody waits for it: commands without ids, which are not answered.
    pub fn patient_since_us(&self) -> Option<u64> {
        match self {
            Ask::Commands { commands, asked_us, .. } => {
                commands.iter().all(|command| command.id.0 == 0).then_some(*asked_us)
            }
            _ => None,
        }
    }

    /// The room it is about.
    pub fn room(&self) -> Option<RoomId> {
        match self {
            Ask::Join { room, .. }
            | Ask::Watch { room, .. }
            | Ask::Leave { room, .. }
            | Ask::Commands { room, .. }
            | Ask::Command { room, .. }
            | Ask::Peek { room, .. }
            | Ask::Migrate { room, .. }
            | Ask::Gone { room, .. }
            | Ask::Refresh { room, .. }
            | Ask::Wake { room }
            | Ask::Rewind { room, .. }
            | Ask::Message { room, .. }
            | Ask::Answered { room, .. }
            | Ask::Loaded { room, .. }
            | Ask::Earlier { room, .. }
            | Ask::Saved { room, .. } => Some(*room),
            Ask::Appended { .. } | Ask::Published { .. } | Ask::Shutdown { .. } => None,
        }
    }
}
