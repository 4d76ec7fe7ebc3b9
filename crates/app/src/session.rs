//! One socket of one user, as the rooms see it: a bounded outbox that the socket's task drains.
//!
//! A client that stops reading costs bounded memory. Its rooms' updates are dropped first and replaced by one
//! fresh view when it reads again ("skipped forward"); if even its answers pile up, the session is closed and the
//! client comes back with its resume token. The outbox never waits for anybody.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use kernel::{COMMANDS_REMEMBERED, CommandId, Refusal, RoomId, Seq};
use parking_lot::Mutex;
use prost::Message as _;
use store::{FamilyId, UserId};
use tokio::sync::Notify;
use wire::envelope::{Envelope, Format};

use crate::streams::{JoinError, Stream};

/// Bytes of updates that wait for a slow client before its rooms are skipped forward.
pub const UPDATES_BYTES_MAX: usize = 256 << 10;
/// Bytes of everything that waits for a slow client before it is closed.
pub const OUTBOX_BYTES_MAX: usize = 1 << 20;
/// Commands of one session that may wait for their answers; its socket is not read while more would.
pub const COMMANDS_IN_FLIGHT_MAX: usize = COMMANDS_REMEMBERED;
/// Rooms that one session may be in.
pub const ROOMS_PER_SESSION_MAX: usize = 32;
/// Streams that one session may listen to.
pub const STREAMS_PER_SESSION_MAX: usize = 1_024;

/// The close codes of RFC 6455 that the service uses.
pub mod close {
    /// The server is going down; come back.
    pub const RESTART: u16 = 1012;
    /// The client is too slow, or the server too busy; come back.
    pub const TRY_AGAIN: u16 = 1013;
    /// The session may not go on (its token was revoked).
    pub const POLICY: u16 = 1008;
}

/// Names a session among all of this process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SessionId(pub u128);

impl SessionId {
    /// The session that a text names.
    pub fn parse(text: &str) -> Option<Self> {
        uuid::Uuid::try_parse(text).ok().map(|id| Self(id.as_u128()))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_u128(self.0).fmt(f)
    }
}

/// A message for many, encoded once for each format that one of them reads.
pub struct Shared {
    envelope: Envelope,
    bytes: usize,
    json: OnceLock<Bytes>,
    protobuf: OnceLock<Bytes>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.envelope.fmt(f)
    }
}

impl Shared {
    /// Not yet encoded.
    pub fn new(envelope: Envelope) -> Arc<Self> {
        let bytes = envelope.encoded_len();
        Arc::new(Self { envelope, bytes, json: OnceLock::new(), protobuf: OnceLock::new() })
    }

    /// The envelope in one format.
    pub fn encoded(&self, format: Format) -> &Bytes {
        let kept = match format {
            Format::Json => &self.json,
            Format::Protobuf => &self.protobuf,
        };
        kept.get_or_init(|| self.envelope.to_bytes(format).into())
    }

    /// What is sent.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

/// What is sent to a client, still to be put into its format.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// Any message.
    Message(Box<Envelope>),
    /// The same message for many.
    Shared(Arc<Shared>),
    /// Answers to commands of one room, in order.
    Answers {
        /// The room.
        room: RoomId,
        /// The answers.
        answers: Vec<Answer>,
    },
    /// A payload of a room, header included; the same bytes may go to many.
    Payload {
        /// The room.
        room: RoomId,
        /// Its kind, which is also the op code.
        kind: wire::payload::Kind,
        /// The bytes.
        data: Bytes,
    },
}

/// The answer to one command. There is no way to make one that says "accepted" before the commit: the room host
/// keeps answers until the store has handed out a receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The client's name for the command.
    pub id: CommandId,
    /// Where it stands in the log, or why it does not.
    pub verdict: Result<Seq, Refusal>,
}

impl Answer {
    /// A command without an id that was taken: it is not answered, as nobody could tell which one is meant.
    pub(crate) fn is_unheard(&self) -> bool {
        self.id.0 == 0 && self.verdict.is_ok()
    }
}

impl Delivery {
    /// About how much memory it holds.
    fn bytes(&self) -> usize {
        match self {
            Delivery::Message(_) => 512,
            Delivery::Shared(shared) => shared.bytes + size_of::<Self>(),
            Delivery::Answers { answers, .. } => answers.len() * size_of::<Answer>(),
            Delivery::Payload { data, .. } => data.len() + size_of::<Self>(),
        }
    }
}

/// Why a session ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Close {
    /// A code of [`close`].
    pub code: u16,
    /// For the client's log; may carry a resume token. At most [`Close::REASON_BYTES_MAX`].
    pub reason: String,
}

impl Close {
    /// A close frame's reason may not be longer (RFC 6455 section 5.5).
    pub const REASON_BYTES_MAX: usize = 123;
}

#[derive(Default)]
struct Outbox {
    queue: Vec<Delivery>,
    bytes: usize,
    update_bytes: usize,
    /// Rooms whose updates were dropped.
    skipped: Vec<RoomId>,
    close: Option<Close>,
}

/// Where a socket comes from, as far as that tells two people apart. Two numbers that stay in memory: what is kept of
/// them is a keyed hash ([`Vault::mark`](crate::accounts::Vault::mark)).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Origin {
    /// The address, or the network that one household has of the newer kind; 0 if it is not known, or this machine.
    pub household: u64,
    /// A hash of what the program at the other end calls itself; 0 if it says nothing.
    pub agent: u64,
}

/// A socket session.
pub struct Session {
    /// Its name in this process and in presences.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The user's name when the session began.
    pub username: String,
    /// The login that opened it.
    pub family: FamilyId,
    /// As given at login.
    pub vars: BTreeMap<String, String>,
    /// Where its socket comes from.
    pub origin: Origin,
    outbox: Mutex<Outbox>,
    wake: Notify,
    in_flight: AtomicUsize,
    answered: Notify,
    rooms: Mutex<Vec<RoomId>>,
    streams: Mutex<Listening>,
}

/// The streams that a session is in, until it ends.
#[derive(Default)]
struct Listening {
    ended: bool,
    streams: Vec<Stream>,
}

/// What [`Session::drain`] found.
#[derive(Default, Debug)]
pub struct Drained {
    /// These rooms want a fresh view ([`Rooms::refresh`](crate::rooms::Rooms::refresh)).
    pub skipped: Vec<RoomId>,
    /// The session ends after what was drained.
    pub close: Option<Close>,
}

impl Session {
    /// A new session of a login that nobody asks about, in no room.
    pub fn new(id: SessionId, user: UserId, username: String) -> Arc<Self> {
        Self::of_login(id, user, username, FamilyId(0), BTreeMap::new())
    }

    /// A new session, in no room.
    pub fn of_login(
        id: SessionId,
        user: UserId,
        username: String,
        family: FamilyId,
        vars: BTreeMap<String, String>,
    ) -> Arc<Self> {
        Self::of_socket(id, user, username, family, vars, Origin::default())
    }

    /// The same, of a socket that comes from somewhere.
    pub fn of_socket(
        id: SessionId,
        user: UserId,
        username: String,
        family: FamilyId,
        vars: BTreeMap<String, String>,
        origin: Origin,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            user,
            username,
            family,
            vars,
            origin,
            outbox: Mutex::default(),
            wake: Notify::new(),
            in_flight: AtomicUsize::new(0),
            answered: Notify::new(),
            rooms: Mutex::default(),
            streams: Mutex::default(),
        })
    }

    /// Waits until there is something to send or the session is to close.
    pub async fn ready(&self) {
        loop {
            let wake = self.wake.notified();
            {
                let outbox = self.outbox.lock();
                if !outbox.queue.is_empty() || !outbox.skipped.is_empty() || outbox.close.is_some() {
                    return;
                }
            }
            wake.await;
        }
    }

    /// Takes everything that waits, in order, into `into`.
    pub fn drain(&self, into: &mut Vec<Delivery>) -> Drained {
        let mut outbox = self.outbox.lock();
        into.append(&mut outbox.queue);
        // An idle session should hold nothing.
        outbox.queue = Vec::new();
        outbox.bytes = 0;
        outbox.update_bytes = 0;
        Drained { skipped: std::mem::take(&mut outbox.skipped), close: outbox.close.clone() }
    }

    /// Queues something. Updates that do not fit are dropped and their room noted for a fresh view; anything else
    /// that does not fit ends the session.
    pub fn push(&self, delivery: Delivery) {
        self.push_all([delivery]);
    }

    /// Queues several things, and wakes the socket once.
    pub fn push_all(&self, deliveries: impl IntoIterator<Item = Delivery>) {
        let mut outbox = self.outbox.lock();
        let mut wake = false;
        for delivery in deliveries {
            wake |= outbox.add(delivery);
        }
        drop(outbox);
        if wake {
            self.wake.notify_one();
        }
    }

    /// Is it over, or about to be? What is queued now may reach nobody.
    pub fn is_closing(&self) -> bool {
        self.outbox.lock().close.is_some()
    }

    /// Queues answers and lets the socket be read again if it waited for them.
    pub(crate) fn answer(&self, room: RoomId, mut answers: Vec<Answer>) {
        let count = answers.len();
        answers.retain(|answer| !answer.is_unheard());
        if !answers.is_empty() {
            self.push(Delivery::Answers { room, answers });
        }
        self.settle(count);
    }

    /// Ends the session once what is queued has been sent.
    pub fn close(&self, code: u16, reason: impl Into<String>) {
        let mut outbox = self.outbox.lock();
        outbox.close.get_or_insert(Close { code, reason: reason.into() });
        drop(outbox);
        self.wake.notify_one();
    }

    /// Notes `count` commands as waiting for their answers, after waiting until they fit. A batch larger than the
    /// bound goes alone.
    pub(crate) async fn begin(&self, count: usize) {
        loop {
            let answered = self.answered.notified();
            let now = self.in_flight.load(Ordering::Acquire);
            if now == 0 || now + count <= COMMANDS_IN_FLIGHT_MAX {
                self.in_flight.fetch_add(count, Ordering::AcqRel);
                return;
            }
            answered.await;
        }
    }

    fn settle(&self, count: usize) {
        self.in_flight.fetch_sub(count, Ordering::AcqRel);
        self.answered.notify_one();
    }

    /// Notes that it is in a room; `false` if it is in too many.
    pub(crate) fn enter(&self, room: RoomId) -> bool {
        let mut rooms = self.rooms.lock();
        if rooms.contains(&room) {
            return true;
        }
        let fits = rooms.len() < ROOMS_PER_SESSION_MAX;
        if fits {
            rooms.push(room);
        }
        fits
    }

    /// Notes that it left a room.
    pub(crate) fn exit(&self, room: RoomId) {
        self.rooms.lock().retain(|other| *other != room);
    }

    /// Sends it one message of its own.
    pub fn send(&self, message: wire::envelope::Message) {
        self.push(Delivery::Message(Box::new(Envelope::new("", message))));
    }

    /// Notes that it listens to a stream.
    pub(crate) fn listen(&self, stream: &Stream) -> Result<(), JoinError> {
        let mut listening = self.streams.lock();
        if listening.ended {
            return Err(JoinError::Ended);
        }
        if listening.streams.len() >= STREAMS_PER_SESSION_MAX {
            return Err(JoinError::TooMany);
        }
        listening.streams.push(stream.clone());
        Ok(())
    }

    /// Notes that it listens no longer.
    pub(crate) fn unlisten(&self, stream: &Stream) {
        self.streams.lock().streams.retain(|other| other != stream);
    }

    /// The streams that it listens to.
    pub fn streams(&self) -> Vec<Stream> {
        self.streams.lock().streams.clone()
    }

    /// Ends its listening for good; the streams that it is to be taken out of.
    pub(crate) fn end_listening(&self) -> Vec<Stream> {
        let mut listening = self.streams.lock();
        listening.ended = true;
        std::mem::take(&mut listening.streams)
    }

    /// The rooms it is in.
    pub fn rooms(&self) -> Vec<RoomId> {
        self.rooms.lock().clone()
    }
}

impl Outbox {
    /// Puts something in, as [`Session::push`] says; `false` if there is nothing new to do.
    fn add(&mut self, delivery: Delivery) -> bool {
        if self.close.is_some() {
            return false;
        }
        let bytes = delivery.bytes();
        if let Delivery::Payload { room, kind: wire::payload::Kind::Updates, .. } = &delivery {
            if self.skipped.contains(room) {
                return false;
            }
            if self.update_bytes + bytes > UPDATES_BYTES_MAX {
                self.skip(*room);
                return true;
            }
            self.update_bytes += bytes;
        }
        self.bytes += bytes;
        self.queue.push(delivery);
        if self.bytes > OUTBOX_BYTES_MAX {
            self.close =
                Some(Close { code: close::TRY_AGAIN, reason: "too slow: come back and resume".into() });
        }
        true
    }

    fn skip(&mut self, room: RoomId) {
        let old = |delivery: &Delivery| matches!(delivery, Delivery::Payload { room: other, kind: wire::payload::Kind::Updates, .. } if *other == room);
        let dropped: usize = self.queue.iter().filter(|delivery| old(delivery)).map(Delivery::bytes).sum();
        self.queue.retain(|delivery| !old(delivery));
        self.bytes -= dropped;
        self.update_bytes -= dropped;
        self.skipped.push(room);
    }
}

#[cfg(test)]
mod tests {
    use kernel::{CommandId, Refusal, Seq};

    use super::*;

    #[test]
    fn a_command_without_an_id_is_answered_by_a_refusal_alone_and_leaves_its_place() {
        let session = Session::new(SessionId(1), UserId(1), "one".into());
        let check = |id: u128, taken: bool, answered: bool| {
            session.in_flight.fetch_add(1, Ordering::AcqRel);
            let verdict = if taken { Ok(Seq(1)) } else { Err(Refusal::malformed("no")) };
            session.answer(RoomId(1), vec![Answer { id: CommandId(id), verdict }]);
            let mut heard = Vec::new();
            session.drain(&mut heard);
            assert_eq!(heard.len(), usize::from(answered), "id {id}, taken {taken}");
            assert_eq!(session.in_flight.load(Ordering::Acquire), 0, "id {id}, taken {taken}");
        };
        check(7, true, true);
        check(7, false, true);
        check(0, true, false);
        check(0, false, true);
    }
}
