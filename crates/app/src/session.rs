//! One socket of one user, as the rooms see it: a bounded outbox that the socket's task drains.
//!
//! A client that stops reading costs bounded memory. Its rooms' updates are dropped first and replaced by one
//! fresh view when it reads again ("skipped forward"); if even its answers pile up, the session is closed and the
//! client comes back with its resume token. The outbox never waits for anybody.

mod delivery;
mod outbox;

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use kernel::{COMMANDS_REMEMBERED, RoomId};
use parking_lot::Mutex;
use store::{FamilyId, UserId};
use tokio::sync::Notify;
use wire::envelope::Envelope;

use crate::streams::{JoinError, Stream};
use outbox::Outbox;

pub use delivery::{Answer, Delivery, Shared};
pub use outbox::{Drained, OUTBOX_BYTES_MAX, UPDATES_BYTES_MAX};

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
    in_flight: AtomicUsize,
    answered: Notify,
    rooms: Mutex<Places>,
    streams: Mutex<Listening>,
}

/// The rooms that a session is in, until its socket is gone.
#[derive(Default)]
struct Places {
    left: bool,
    rooms: Vec<RoomId>,
}

/// The streams that a session is in, until it ends.
#[derive(Default)]
struct Listening {
    ended: bool,
    streams: Vec<Stream>,
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
            in_flight: AtomicUsize::new(0),
            answered: Notify::new(),
            rooms: Mutex::default(),
            streams: Mutex::default(),
        })
    }

    /// Waits until there is something to send or the session is to close.
    pub async fn ready(&self) {
        poll_fn(|context| self.poll_ready(context)).await;
    }

    /// The same without waiting: if there is nothing, the task at hand is woken when there is. A session has one task that
    /// sends; of several that ask, the last is woken.
    pub fn poll_ready(&self, context: &mut Context<'_>) -> Poll<()> {
        self.outbox.lock().poll(context)
    }

    /// Takes everything that waits, in order, into `into`.
    pub fn drain(&self, into: &mut Vec<Delivery>) -> Drained {
        self.outbox.lock().drain(into)
    }

    /// Queues something. Updates that do not fit are dropped and their room noted for a fresh view; anything else
    /// that does not fit ends the session.
    pub fn push(&self, delivery: Delivery) {
        self.push_all([delivery]);
    }

    /// Queues several things, and wakes the socket once.
    pub fn push_all(&self, deliveries: impl IntoIterator<Item = Delivery>) {
        self.fill(|outbox| {
            let mut new = false;
            for delivery in deliveries {
                new |= outbox.add(delivery);
            }
            new
        });
    }

    /// Changes the outbox, and wakes the socket's task if that says so: after the lock is free.
    fn fill(&self, change: impl FnOnce(&mut Outbox) -> bool) {
        let mut outbox = self.outbox.lock();
        let waker = if change(&mut outbox) { outbox.waker() } else { None };
        drop(outbox);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Is it over, or about to be? What is queued now may reach nobody.
    pub fn is_closing(&self) -> bool {
        self.outbox.lock().is_closing()
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
        self.fill(|outbox| {
            outbox.close(Close { code, reason: reason.into() });
            true
        });
    }

    /// Notes `count` commands as waiting for their answers, after waiting until they fit. A batch larger than the
    /// bound goes alone.
    pub(crate) async fn begin(&self, count: usize) {
        loop {
            let answered = self.answered.notified();
            if self.try_begin(count) {
                return;
            }
            answered.await;
        }
    }

    /// The same if they fit now. Only the session's own task asks, so nothing else adds to them meanwhile.
    pub(crate) fn try_begin(&self, count: usize) -> bool {
        let now = self.in_flight.load(Ordering::Acquire);
        let fits = now == 0 || now + count <= COMMANDS_IN_FLIGHT_MAX;
        if fits {
            self.in_flight.fetch_add(count, Ordering::AcqRel);
        }
        fits
    }

    /// So many wait no longer.
    pub(crate) fn settle(&self, count: usize) {
        self.in_flight.fetch_sub(count, Ordering::AcqRel);
        self.answered.notify_one();
    }

    /// Notes that it is in a room; `false` if it is in too many, or has left for good.
    pub(crate) fn enter(&self, room: RoomId) -> bool {
        let mut places = self.rooms.lock();
        if places.rooms.contains(&room) {
            return true;
        }
        let fits = !places.left && places.rooms.len() < ROOMS_PER_SESSION_MAX;
        if fits {
            places.rooms.push(room);
        }
        fits
    }

    /// Notes that it left a room.
    pub(crate) fn exit(&self, room: RoomId) {
        self.rooms.lock().rooms.retain(|other| *other != room);
        self.outbox.lock().begin_anew(room);
    }

    /// Notes that its socket is gone: it enters no room any more, whatever it has asked for before. The rooms that it is to
    /// be taken out of.
    pub(crate) fn leave_rooms(&self) -> Vec<RoomId> {
        let mut places = self.rooms.lock();
        places.left = true;
        places.rooms.clone()
    }

    /// Its socket is gone.
    pub(crate) fn has_left(&self) -> bool {
        self.rooms.lock().left
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
        self.rooms.lock().rooms.clone()
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

    /// Counts how often its task is woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl std::task::Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn whoever_waits_is_woken_once_for_all_that_comes_before_it_looks() {
        let session = Session::new(SessionId(1), UserId(1), "one".into());
        let woken = Arc::new(Woken::default());
        let waker = std::task::Waker::from(woken.clone());
        let context = &mut Context::from_waker(&waker);
        let times = |expected: usize| assert_eq!(woken.0.load(Ordering::Relaxed), expected);
        let say = || session.send(wire::envelope::Message::Pong(Default::default()));
        say();
        times(0);
        assert!(session.poll_ready(context).is_ready(), "what came before is found");
        session.drain(&mut Vec::new());
        assert!(session.poll_ready(context).is_pending());
        say();
        say();
        times(1);
        assert!(session.poll_ready(context).is_ready());
        let mut heard = Vec::new();
        assert!(session.drain(&mut heard).close.is_none());
        assert_eq!(heard.len(), 2);
        assert!(session.poll_ready(context).is_pending());
        session.close(close::RESTART, "later");
        times(2);
        assert!(session.poll_ready(context).is_ready());
        assert_eq!(session.drain(&mut heard).close.map(|close| close.code), Some(close::RESTART));
        assert!(session.poll_ready(context).is_ready(), "a closed one stays so");
    }

    #[test]
    fn commands_that_would_have_to_wait_do_not_begin() {
        let session = Session::new(SessionId(1), UserId(1), "one".into());
        let check = |count: usize, begins: bool| assert_eq!(session.try_begin(count), begins, "{count}");
        check(COMMANDS_IN_FLIGHT_MAX + 1, true);
        check(1, false);
        session.settle(COMMANDS_IN_FLIGHT_MAX + 1);
        check(COMMANDS_IN_FLIGHT_MAX - 1, true);
        check(1, true);
        check(1, false);
        session.settle(1);
        check(1, true);
    }
}
