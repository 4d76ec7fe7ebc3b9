//! What an operator may do to a room's past: go back to an input or to a step, or take one command out. Each is a logged
//! input, shows everybody the room anew, and undoes nothing of the world outside.

use kernel::{Fallen, Input, Room, RoomId, Seq};
use store::{LedgerEntry, LedgerOfRoom};
use tokio::sync::oneshot;

use super::ask::Ask;
use super::{RoomError, Rooms, load};
use crate::core::at_most_once;

/// Standing effects that the answer to a rewind lists.
pub const STANDING_SHOWN_MAX: u32 = 1_000;

/// What a rewind did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rewound {
    /// The rewind's own place in the log.
    pub seq: Seq,
    /// Where the room went back to.
    pub to: Seq,
    /// The step after that input, where one was named.
    pub step: Option<u64>,
    /// Changes of wallets that the undone inputs had caused and that stand, the oldest first; at most
    /// [`STANDING_SHOWN_MAX`].
    pub standing: Vec<LedgerEntry>,
}

/// What taking a command out did, or would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Without {
    /// Its own place in the log; `None`: it was only tried.
    pub seq: Option<Seq>,
    /// The command.
    pub removed: Seq,
    /// Later inputs that do not stand without it, the oldest first; at most [`kernel::WITHOUT_LISTED_MAX`].
    pub refused: Vec<Fallen>,
    /// How many more there are.
    pub more: u64,
    /// Changes of wallets that it and the listed ones had caused and that stand, the oldest first.
    pub standing: Vec<LedgerEntry>,
}

/// What an operator wishes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Past {
    /// Back to just after an input.
    To(Seq),
    /// Back to the end of a step.
    Step(u64),
    /// As if a command had not been given.
    Without(Seq),
}

/// What the store's log makes of the wish.
pub(crate) struct Recalled {
    /// The room on its other course.
    pub room: Box<dyn Room>,
    pub turn: Turn,
}

/// The wish as the log will say it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    Back { to: Seq, step: Option<u64> },
    Without { seq: Seq, fallen: Vec<Fallen>, more: u64 },
}

impl Turn {
    pub fn input(&self) -> Input<'static> {
        match self {
            Turn::Back { to, step } => Input::Rewind { to: *to, step: *step },
            Turn::Without { seq, .. } => Input::Without { seq: *seq },
        }
    }
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Turned {
    /// Its own place in the log.
    pub seq: Seq,
    pub turn: Turn,
}

impl Rooms {
    /// Takes a room back to what it was just after input `to`, by a logged rewind. Everybody in it is shown the
    /// room anew. In a request under a key it is done at most once.
    pub async fn rewind(&self, room: RoomId, to: Seq) -> Result<Rewound, RoomError> {
        self.go_back(room, Past::To(to)).await
    }

    /// Takes a room back to what it was at the end of a step, as [`rewind`](Rooms::rewind) does.
    pub async fn rewind_to_step(&self, room: RoomId, step: u64) -> Result<Rewound, RoomError> {
        self.go_back(room, Past::Step(step)).await
    }

    async fn go_back(&self, room: RoomId, past: Past) -> Result<Rewound, RoomError> {
        let Turned { seq, turn } = self.turn(room, past).await?;
        let Turn::Back { to, step } = turn else {
            return Err(RoomError::Unavailable("the room did something else".into()));
        };
        let entries = LedgerOfRoom { room, after: to, limit: STANDING_SHOWN_MAX };
        let mut standing = self.around.store.read(entries).await?;
        standing.retain(|entry| entry.key.seq < seq);
        Ok(Rewound { seq, to, step, standing })
    }

    /// Makes a room what it would be if a command had never been given: every later input is taken again, and those that
    /// the rules refuse now fall. `dry_run` says which, and changes nothing; the room may go on meanwhile. Otherwise it is
    /// logged, everybody in it is shown the room anew, and in a request under a key it is done at most once.
    pub async fn without(&self, room: RoomId, seq: Seq, dry_run: bool) -> Result<Without, RoomError> {
        let (done, turn) = if dry_run {
            (None, self.try_without(room, seq).await?)
        } else {
            let turned = self.turn(room, Past::Without(seq)).await?;
            (Some(turned.seq), turned.turn)
        };
        let Turn::Without { seq: removed, fallen: refused, more } = turn else {
            return Err(RoomError::Unavailable("the room did something else".into()));
        };
        let entries = LedgerOfRoom { room, after: Seq(seq.0.saturating_sub(1)), limit: STANDING_SHOWN_MAX };
        let mut standing = self.around.store.read(entries).await?;
        let falls = |seq| seq == removed || refused.binary_search_by_key(&seq, |one| one.seq).is_ok();
        standing.retain(|entry| falls(entry.key.seq));
        Ok(Without { seq: done, removed, refused, more, standing })
    }

    async fn turn(&self, room: RoomId, past: Past) -> Result<Turned, RoomError> {
        if !at_most_once(&self.around.store).await? {
            return Err(RoomError::Once);
        }
        let (reply, answer) = oneshot::channel();
        self.put(Ask::Rewind { room, past, reply }).await;
        let given_up = || Err(RoomError::Unavailable("the room was given up".into()));
        answer.await.unwrap_or_else(|_| given_up())
    }

    async fn try_without(&self, room: RoomId, seq: Seq) -> Result<Turn, RoomError> {
        let gone = |_| RoomError::Unavailable("the server is going down".into());
        let _place = self.around.peeks.acquire().await.map_err(gone)?;
        let (reply, answer) = oneshot::channel();
        let around = self.around.clone();
        self.around.spawn.blocking(Box::new(move || {
            let tried = load::recall(&around.store, &around.library, room, Past::Without(seq), None, None);
            // Nobody may wait for it any more.
            let _ = reply.send(tried.map(|recalled| recalled.turn));
        }));
        answer.await.unwrap_or_else(|_| Err(RoomError::Unavailable("the room was not read".into())))
    }
}
