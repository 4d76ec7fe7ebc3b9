//! Streams: which sessions listen to what, and how a message reaches all of them.
//!
//! **Purpose.** Chat, status, parties, relayed matches, notifications and topics are all sessions listening to a named
//! [`Stream`]. A message is encoded once for each format, its bytes are shared by all who get it, and every member of
//! a stream gets its messages in the same order.
//!
//! **Not here.** Who may listen, what messages mean and what is kept: the domains decide that.
//!
//! A session that is lost without a goodbye keeps its places for a while ([`Streams::park`]); the same login that
//! comes back in time takes them over ([`Streams::resume`]), and the others see one presence replaced by another.

mod events;
mod member;
mod parked;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use store::UserId;
use wire::envelope::{Envelope, Message, UserPresence};

use crate::session::{Delivery, Session, SessionId, Shared};

pub use member::{Member, Meta, presence};
pub use parked::PARKED_SESSIONS_MAX;
pub use stream::{Mode, Stream};

/// Locks over which the streams are spread.
const SHARDS: usize = 64;
/// Sessions in one stream, whatever its domain allows.
pub const MEMBERS_MAX: usize = 50_000;

/// Why a session does not get into a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JoinError {
    /// The stream has no place left.
    #[error("it is full")]
    Full,
    /// The session listens to too much already.
    #[error("the session is in too many places")]
    TooMany,
    /// The session has ended.
    #[error("the session has ended")]
    Ended,
}

/// What a session finds when it gets in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Joined {
    /// It was not in before.
    pub fresh: bool,
    /// Who else shows, in order of arrival.
    pub others: Vec<UserPresence>,
    /// Itself.
    pub own: UserPresence,
}

/// A member's message for others.
#[derive(Clone, PartialEq, Debug)]
pub struct Outgoing {
    /// What is sent.
    pub message: Message,
    /// For these sessions only; nobody named is all others.
    pub only: Vec<SessionId>,
}

/// Something that happened to a stream's members beside what its domain did itself.
#[derive(Clone)]
pub enum Change {
    /// A member is gone; these remain.
    Left {
        /// Who.
        member: Member,
        /// How many are left.
        remaining: usize,
    },
    /// A member came back as another session.
    Moved {
        /// As it was.
        from: Member,
        /// As it is.
        to: Member,
    },
}

type Watcher = Box<dyn Fn(&Stream, &Change) + Send + Sync>;

#[derive(Default)]
struct Members {
    list: Vec<Member>,
    /// Taken out of its shard: whoever still holds it looks again.
    dead: bool,
}

type Place = Arc<Mutex<Members>>;

/// See the module.
pub struct Streams {
    shards: Vec<Mutex<HashMap<Stream, Place>>>,
    hasher: RandomState,
    watchers: RwLock<Vec<(Mode, Watcher)>>,
    parked: parked::Parked,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            watchers: RwLock::default(),
            parked: parked::Parked::default(),
        }
    }
}

impl Streams {
    /// Calls back whenever a member of such a stream goes or is replaced; never under a lock of this module.
    pub fn watch(&self, mode: Mode, watcher: impl Fn(&Stream, &Change) + Send + Sync + 'static) {
        self.watchers.write().push((mode, Box::new(watcher)));
    }

    /// Lets a session in, at most `members_max` of them (and never more than [`MEMBERS_MAX`]), and tells the others.
    /// One that is in already gets the same answer, and what it shows is replaced.
    pub fn join(
        &self,
        stream: &Stream,
        session: &Arc<Session>,
        meta: Meta,
        members_max: usize,
    ) -> Result<Joined, JoinError> {
        let member = Member { session: Arc::clone(session), meta };
        let own = member.presence();
        self.with_place(stream, |members| {
            let others = members.list.iter().filter(|other| !other.meta.hidden && !other.is(session.id));
            let others: Vec<_> = others.map(Member::presence).collect();
            if let Some(known) = members.list.iter_mut().find(|other| other.is(session.id)) {
                known.meta = member.meta.clone();
                return Ok(Joined { fresh: false, others, own: own.clone() });
            }
            if members.list.len() >= members_max.min(MEMBERS_MAX) {
                return Err(JoinError::Full);
            }
            // Under this lock: a session that ends now finds the stream in its list and waits here to leave it.
            session.listen(stream)?;
            let shown = !member.meta.hidden;
            members.list.push(member.clone());
            if shown && let Some(event) = events::changed(stream, vec![own.clone()], Vec::new()) {
                deliver(&members.list, None, event);
            }
            Ok(Joined { fresh: true, others, own: own.clone() })
        })
    }

    /// Changes what a member shows; the others see it go and come. `false` if it is not in.
    pub fn update(&self, stream: &Stream, session: SessionId, meta: Meta) -> bool {
        let Some(place) = self.find(stream) else { return false };
        let mut members = place.lock();
        let Some(member) = members.list.iter_mut().find(|member| member.is(session)) else { return false };
        let old = std::mem::replace(&mut member.meta, meta);
        let leaves = if old.hidden { Vec::new() } else { vec![presence(&member.session, &old)] };
        let joins = if member.meta.hidden { Vec::new() } else { vec![member.presence()] };
        if let Some(event) = events::changed(stream, joins, leaves) {
            deliver(&members.list, None, event);
        }
        true
    }

    /// Takes a session out and tells the others. `false` if it was not in.
    pub fn leave(&self, stream: &Stream, session: SessionId) -> bool {
        !self.remove(stream, |member| member.is(session)).is_empty()
    }

    /// Takes all sessions of a user out and tells the others; those that were.
    pub fn remove_user(&self, stream: &Stream, user: UserId) -> Vec<Member> {
        self.remove(stream, |member| member.session.user == user)
    }

    /// Takes everybody out, after a last message if there is one. Nobody is told who else went.
    pub fn close(&self, stream: &Stream, last: Option<Message>) {
        let Some(place) = self.find(stream) else { return };
        let gone = {
            let mut members = place.lock();
            if let Some(last) = last {
                deliver(&members.list, None, last);
            }
            std::mem::take(&mut members.list)
        };
        for member in &gone {
            member.session.unlisten(stream);
        }
        self.tidy(stream);
    }

    /// Is this session in?
    pub fn contains(&self, stream: &Stream, session: SessionId) -> bool {
        self.find(stream).is_some_and(|place| place.lock().list.iter().any(|member| member.is(session)))
    }

    /// A session's place, if it has one.
    pub fn member(&self, stream: &Stream, session: SessionId) -> Option<Member> {
        self.find(stream)?.lock().list.iter().find(|member| member.is(session)).cloned()
    }

    /// Everybody in it, hidden ones too, in order of arrival.
    pub fn members(&self, stream: &Stream) -> Vec<Member> {
        self.find(stream).map(|place| place.lock().list.clone()).unwrap_or_default()
    }

    /// Those who show, in order of arrival.
    pub fn presences(&self, stream: &Stream) -> Vec<UserPresence> {
        let Some(place) = self.find(stream) else { return Vec::new() };
        let members = place.lock();
        members.list.iter().filter(|member| !member.meta.hidden).map(Member::presence).collect()
    }

    /// How many are in it, hidden ones too.
    pub fn count(&self, stream: &Stream) -> usize {
        self.find(stream).map_or(0, |place| place.lock().list.len())
    }

    /// Is anybody of this user connected?
    pub fn is_online(&self, user: UserId) -> bool {
        self.find(&Stream::of(Mode::Notifications, user.0)).is_some()
    }

    /// Sends to everybody; how many that were.
    pub fn send(&self, stream: &Stream, message: Message) -> usize {
        self.send_where(stream, message, |_| true)
    }

    /// Sends to those for whom `to` is true; how many that were. `to` must not come back here.
    pub fn send_where(&self, stream: &Stream, message: Message, to: impl Fn(&Member) -> bool) -> usize {
        let Some(place) = self.find(stream) else { return 0 };
        let members = place.lock();
        deliver(&members.list, Some(&to), message)
    }

    /// Sends to everybody in every stream of a kind; how many sessions that were.
    pub fn send_all(&self, mode: Mode, message: Message) -> usize {
        let shared = Shared::new(Envelope { cid: String::new(), message: Some(message) });
        let mut count = 0;
        for shard in &self.shards {
            let of_mode =
                |(stream, place): (&Stream, &Place)| (stream.mode == mode).then(|| Arc::clone(place));
            let places: Vec<Place> = shard.lock().iter().filter_map(of_mode).collect();
            for place in places {
                for member in &place.lock().list {
                    member.session.push(Delivery::Shared(Arc::clone(&shared)));
                    count += 1;
                }
            }
        }
        count
    }

    /// Sends messages of one member to others, in order; each of them is woken once. `messages` is given the member as
    /// it shows. How many sessions that were; nothing if the session is not in.
    pub fn send_from(
        &self,
        stream: &Stream,
        from: SessionId,
        messages: impl FnOnce(&Member) -> Vec<Outgoing>,
    ) -> Option<usize> {
        let place = self.find(stream)?;
        let members = place.lock();
        let sender = members.list.iter().find(|member| member.is(from))?;
        let shared: Vec<_> = messages(sender)
            .into_iter()
            .map(|Outgoing { message, only }| (Shared::new(Envelope::new("", message)), only))
            .collect();
        let mut count = 0;
        for member in members.list.iter().filter(|member| !member.is(from)) {
            let theirs =
                |(_, only): &&(_, Vec<SessionId>)| only.is_empty() || only.contains(&member.session.id);
            let mut mine = shared.iter().filter(theirs).map(|(shared, _)| shared).peekable();
            if mine.peek().is_some() {
                member.session.push_all(mine.map(|shared| Delivery::Shared(Arc::clone(shared))));
                count += 1;
            }
        }
        Some(count)
    }

    /// A session ends: it leaves everything, and the others are told.
    pub fn gone(&self, session: &Session) {
        for stream in session.end_listening() {
            self.leave(&stream, session.id);
        }
    }

    fn remove(&self, stream: &Stream, which: impl Fn(&Member) -> bool) -> Vec<Member> {
        let Some(place) = self.find(stream) else { return Vec::new() };
        let (gone, remaining) = {
            let mut members = place.lock();
            let gone: Vec<Member> = members.list.extract_if(.., |member| which(member)).collect();
            let leaves: Vec<_> =
                gone.iter().filter(|member| !member.meta.hidden).map(Member::presence).collect();
            if !leaves.is_empty()
                && let Some(event) = events::changed(stream, Vec::new(), leaves)
            {
                deliver(&members.list, None, event);
            }
            (gone, members.list.len())
        };
        for member in &gone {
            member.session.unlisten(stream);
            self.tell(stream, &Change::Left { member: member.clone(), remaining });
        }
        if remaining == 0 {
            self.tidy(stream);
        }
        gone
    }

    fn tell(&self, stream: &Stream, change: &Change) {
        for (mode, watcher) in self.watchers.read().iter() {
            if *mode == stream.mode {
                watcher(stream, change);
            }
        }
    }

    fn shard(&self, stream: &Stream) -> &Mutex<HashMap<Stream, Place>> {
        &self.shards[self.hasher.hash_one(stream) as usize % SHARDS]
    }

    fn find(&self, stream: &Stream) -> Option<Place> {
        self.shard(stream).lock().get(stream).cloned()
    }

    /// Works on a stream's members, making the stream if there is none.
    fn with_place<T>(&self, stream: &Stream, work: impl FnOnce(&mut Members) -> T) -> T {
        loop {
            let place = Arc::clone(self.shard(stream).lock().entry(stream.clone()).or_default());
            let mut members = place.lock();
            if !members.dead {
                let result = work(&mut members);
                let empty = members.list.is_empty();
                drop(members);
                if empty {
                    self.tidy(stream);
                }
                return result;
            }
        }
    }

    /// Forgets a stream that nobody is in.
    fn tidy(&self, stream: &Stream) {
        let mut shard = self.shard(stream).lock();
        if let Some(place) = shard.get(stream) {
            let mut members = place.lock();
            if members.list.is_empty() {
                members.dead = true;
                drop(members);
                shard.remove(stream);
            }
        }
    }
}

/// Who of the members a message is for; nothing is everybody.
type To<'a> = Option<&'a dyn Fn(&Member) -> bool>;

fn deliver(members: &[Member], to: To<'_>, message: Message) -> usize {
    let mut shared = None;
    let mut message = Some(message);
    let mut count = 0;
    for member in members {
        if to.is_none_or(|to| to(member)) {
            let shared = shared
                .get_or_insert_with(|| Shared::new(Envelope { cid: String::new(), message: message.take() }));
            member.session.push(Delivery::Shared(Arc::clone(shared)));
            count += 1;
        }
    }
    count
}
