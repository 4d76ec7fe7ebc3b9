//! What server code asks of rooms: commands for a user's seat, views without waking anybody, a user's own room, and the
//! points to which a room can be taken back.

use bytes::Bytes;
use kernel::{CommandId, Refusal, RoomId, Seat, Seq, Start};
use store::{MineRoom, PointsOf, RestorePoint, SeatsOf, Store, StoreError, UserId};
use tokio::sync::oneshot;

use super::ask::Ask;
use super::check::MEASURES_MAX;
use super::library::Library;
use super::load::{self, newest_of, replay};
use super::{RoomError, Rooms};
use crate::ports::Clock;

/// Bytes of a command that server code gives.
pub const SERVER_COMMAND_BYTES_MAX: usize = 256 << 10;
/// Sleeping rooms that are read for a view at the same time; further ones wait.
pub(crate) const PEEKS_MAX: usize = 4;

/// A command of server code was taken and is durable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// Its place in the room's log.
    pub seq: Seq,
    /// It was taken before under the same id; nothing was done now, and the rules' answer of then is gone.
    pub repeat: bool,
    /// What the rules said to it; empty if nothing.
    pub answer: Vec<u8>,
}

/// Why a command of server code was not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CommandError {
    /// The rules or the house refuse it; or there is no such room, or it is closed.
    #[error("{0}")]
    Refused(Refusal),
    /// The user has no seat in the room, or nobody sits there and these rules do not hear the absent.
    #[error("the user is not in this room")]
    NotSeated,
    /// Not now; nothing is known of whether it was taken. Giving it again under the same id is safe.
    #[error("{0}")]
    Unavailable(String),
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        match refusal.code {
            Refusal::NOT_SEATED => Self::NotSeated,
            Refusal::UNAVAILABLE => Self::Unavailable(refusal.reason.into_owned()),
            _ => Self::Refused(refusal),
        }
    }
}

/// Who looks at a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Viewer {
    /// A user, who sees what their seat sees; without a seat they are nobody.
    User(UserId),
    /// Anybody: what is public.
    Nobody,
    /// Server code that plays a seat.
    Seat(Seat),
}

/// For whom a command is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    User(UserId),
    Seat(Seat),
}

/// A room as it was read from the store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Looked {
    /// The newest input that it has taken.
    pub seq: Seq,
    /// What lists show.
    pub label: String,
    /// What players would miss, by name.
    pub measures: Vec<(String, u128)>,
    /// What the viewer sees, in the game's encoding.
    pub view: Vec<u8>,
    /// Anybody may have its whole log.
    pub log_is_open: bool,
}

impl Rooms {
    /// Gives a command for a user's seat, without joining. Wakes the room; returns once the command is durable. A room
    /// remembers a seat's newest [`kernel::COMMANDS_REMEMBERED`] ids, and takes none of them twice.
    pub async fn command(
        &self,
        user: UserId,
        room: RoomId,
        id: CommandId,
        body: Bytes,
    ) -> Result<Answered, CommandError> {
        self.give(By::User(user), room, id, body).await
    }

    /// Gives a command for a seat that belongs to no user, from [`Seat::SERVED_FIRST`] on, whose rules must hear it of
    /// the absent. A sleeping room is not woken for it. Returns once the command is durable.
    pub async fn act(
        &self,
        room: RoomId,
        seat: Seat,
        id: CommandId,
        body: Bytes,
    ) -> Result<Answered, CommandError> {
        if !(Seat::SERVED_FIRST..Seat::NOBODY).contains(&seat) {
            return Err(CommandError::NotSeated);
        }
        self.give(By::Seat(seat), room, id, body).await
    }

    async fn give(&self, by: By, room: RoomId, id: CommandId, body: Bytes) -> Result<Answered, CommandError> {
        if body.len() > SERVER_COMMAND_BYTES_MAX {
            let why = format!("a command has at most {SERVER_COMMAND_BYTES_MAX} bytes");
            return Err(CommandError::Refused(Refusal::new(Refusal::TOO_MUCH, why)));
        }
        let (reply, answer) = oneshot::channel();
        let asked_us = self.around.clock.monotonic_us();
        self.put(Ask::Command { room, by, id, body, reply, asked_us }).await;
        let given_up = || Err(CommandError::Unavailable("the room was given up".into()));
        answer.await.unwrap_or_else(|_| given_up())
    }

    /// What a viewer sees of a room now, in the game's encoding. A sleeping room is read and not woken, and is shown as
    /// if it had moved to the newest content.
    pub async fn peek(&self, room: RoomId, viewer: Viewer) -> Result<Vec<u8>, RoomError> {
        let (reply, answer) = oneshot::channel();
        self.put(Ask::Peek { room, viewer, reply }).await;
        if let Ok(Some(view)) = answer.await {
            return Ok(view);
        }
        Ok(self.look(room, None, viewer).await?.view)
    }

    /// What a room is as the store has it: now, or just after an earlier input, at that time. It is read and not woken,
    /// and is shown as if it had moved to the newest content. Dearer than a [peek](Rooms::peek), whether the room is
    /// awake or not.
    pub async fn look(&self, room: RoomId, at: Option<Seq>, viewer: Viewer) -> Result<Looked, RoomError> {
        let gone = |_| RoomError::Unavailable("the server is going down".into());
        let _place = self.around.peeks.acquire().await.map_err(gone)?;
        let (reply, answer) = oneshot::channel();
        let around = self.around.clone();
        self.around.spawn.blocking(Box::new(move || {
            let look = || look(&around.store, &around.library, around.clock.as_ref(), room, at, viewer);
            // Nobody may wait for it any more.
            let _ = reply.send(load::unpanicked(look).unwrap_or_else(|why| Err(RoomError::Unreadable(why))));
        }));
        answer.await.unwrap_or_else(|_| Err(RoomError::Unavailable("the room was not read".into())))
    }

    /// A user's own room of some rules, if they have one.
    pub async fn mine(&self, user: UserId, rules: &str) -> Result<Option<RoomId>, StoreError> {
        self.around.store.read(MineRoom { user, rules: rules.to_owned() }).await
    }

    /// What a room can be taken back to by a [rewind](Rooms::rewind), the newest first: what stood before inputs that
    /// the rules marked, and before earlier rewinds.
    pub async fn points(&self, room: RoomId) -> Result<Vec<RestorePoint>, StoreError> {
        self.around.store.read(PointsOf { room }).await
    }
}

/// Reads a room and looks at it. Keeps its thread busy.
fn look(
    store: &Store,
    library: &Library,
    clock: &dyn Clock,
    room: RoomId,
    to: Option<Seq>,
    viewer: Viewer,
) -> Result<Looked, RoomError> {
    let replayed = replay(store, library, room, Start::Snapshot, to, &mut |_| {});
    let machine = replayed.map_err(|fault| RoomError::Unreadable(fault.to_string()))?.room;
    let machine = machine.ok_or(RoomError::NoSuchRoom)?;
    let head = machine.memory().seq;
    if to.is_some_and(|to| to != head) {
        return Err(RoomError::NoSuchPoint { head });
    }
    // What it was is shown as of then: a rewind decides itself what the time since is to it. So is a room that runs:
    // the steps since its log ended have not passed.
    let still = to.is_some() || machine.pace().runs;
    let at = if still { machine.memory().at } else { machine.at(clock.now_ms()) };
    let machine = newest_of(library, machine.as_ref(), at).unwrap_or(machine);
    let seat = match viewer {
        Viewer::Nobody => Seat::NOBODY,
        Viewer::User(user) => {
            let seats = store.read_now(SeatsOf { room })?;
            seats.iter().find(|(_, other)| *other == user).map_or(Seat::NOBODY, |(seat, _)| *seat)
        }
        Viewer::Seat(seat) => seat,
    };
    let (mut view, mut measures) = (Vec::new(), Vec::new());
    machine.view(at, seat, &mut view);
    machine.measures(at, &mut |name, value| {
        if measures.len() < MEASURES_MAX {
            measures.push((name.to_owned(), value));
        }
    });
    let log_is_open = machine.log_is_open();
    Ok(Looked { log_is_open, seq: head, label: machine.label(), measures, view })
}
