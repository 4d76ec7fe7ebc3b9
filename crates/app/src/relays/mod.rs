//! Relayed matches: data from one client to the others, with no rules in between.
//!
//! A relayed match is a stream: it is there while somebody is in it, and nothing of it is kept. It is joined by its
//! id, by the name that it was created under, or by a token of the matchmaker.
//!
//! Data is the hot path. All messages that one read of a socket brought are sent together ([`Relays::send`]): each is
//! encoded once for each format, its bytes are shared by all who get it, and every member is woken once.

mod token;

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;
use wire::envelope::{MatchData, Message, UserPresence};

use crate::core::Core;
use crate::session::{Session, SessionId};
use crate::streams::{Change, JoinError, Meta, Mode, Outgoing, Stream};

pub use token::{RelayKey, TOKEN_CHARS, TokenFault};

/// Bytes of a match's name.
pub const NAME_BYTES_MAX: usize = 256;

/// What can be set.
#[derive(Clone)]
pub struct RelaySettings {
    /// Sessions in one match.
    pub members_max: usize,
    /// Signs tokens.
    pub key: RelayKey,
}

/// Why a relayed match is not entered or left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RelayError {
    /// Nobody is in such a match, or not this session.
    #[error("the match was not found")]
    NotFound,
    /// Its name is too long.
    #[error("a match's name has at most {NAME_BYTES_MAX} bytes")]
    Name,
    /// No place.
    #[error("the match cannot be joined: {0}")]
    Join(#[from] JoinError),
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] TokenFault),
}

/// A match that was entered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entered {
    /// Its name in the protocol.
    pub match_id: String,
    /// Who was there before.
    pub others: Vec<UserPresence>,
    /// The session itself.
    pub own: UserPresence,
}

/// A message of one client for the others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RelayData {
    /// The match.
    pub match_id: u128,
    /// What it is.
    pub op_code: i64,
    /// The bytes.
    pub data: Vec<u8>,
    /// Passed on.
    pub reliable: bool,
    /// For these sessions only; nobody named is everybody else.
    pub only: Vec<SessionId>,
    /// The client's request id, mostly empty.
    pub cid: String,
}

/// The use cases.
pub struct Relays {
    core: Core,
    settings: RelaySettings,
    /// Matches that somebody is in.
    live: Arc<Mutex<BTreeSet<u128>>>,
}

impl Relays {
    /// Over what every domain works with.
    pub fn new(core: &Core, settings: RelaySettings) -> Self {
        let live = Arc::new(Mutex::new(BTreeSet::new()));
        let (known, streams) = (Arc::clone(&live), Arc::downgrade(core.streams()));
        core.streams().watch(Mode::Relay, move |stream, change| {
            let Change::Left { remaining: 0, .. } = change else { return };
            let Some(streams) = streams.upgrade() else { return };
            let mut known = known.lock();
            // Somebody may have come in the meantime; whoever comes from now on notes the match after this.
            if streams.count(stream) == 0 {
                known.remove(&stream.subject);
            }
        });
        Self { core: core.clone(), settings, live }
    }

    /// Opens a match and enters it. Under the same name everybody gets the same match; without one, a new one.
    pub fn create(&self, session: &Arc<Session>, name: &str) -> Result<Entered, RelayError> {
        if name.len() > NAME_BYTES_MAX {
            return Err(RelayError::Name);
        }
        let id = if name.is_empty() { self.core.new_id() } else { id_of_name(name) };
        self.enter(session, id)
    }

    /// Enters a match that somebody is in.
    pub fn join(&self, session: &Arc<Session>, id: u128) -> Result<Entered, RelayError> {
        if self.core.streams().count(&stream(id)) == 0 {
            return Err(RelayError::NotFound);
        }
        self.enter(session, id)
    }

    /// Enters the match that a token of the matchmaker names; the first one opens it.
    pub fn join_by_token(&self, session: &Arc<Session>, token: &str) -> Result<Entered, RelayError> {
        let id = self.settings.key.read(token, session.user, self.core.now_ms())?;
        self.enter(session, id)
    }

    /// Leaves.
    pub fn leave(&self, session: &Session, id: u128) -> Result<(), RelayError> {
        if self.core.streams().leave(&stream(id), session.id) { Ok(()) } else { Err(RelayError::NotFound) }
    }

    /// Sends messages of a session to the others in its matches, in order. Those that were for a match that it is not
    /// in come back.
    pub fn send(&self, session: &Session, batch: Vec<RelayData>) -> Vec<RelayData> {
        let mut stray = Vec::new();
        let mut batch = batch.into_iter().peekable();
        while let Some(first) = batch.next() {
            let id = first.match_id;
            let mut same = vec![first];
            while let Some(next) = batch.next_if(|next| next.match_id == id) {
                same.push(next);
            }
            let sent = self.core.streams().send_from(&stream(id), session.id, |member| {
                let name = match_id(id);
                let presence = member.presence();
                let outgoing = same.drain(..).map(|message| Outgoing {
                    message: Message::MatchData(MatchData {
                        match_id: name.clone(),
                        presence: Some(presence.clone()),
                        op_code: message.op_code,
                        data: message.data,
                        reliable: message.reliable,
                    }),
                    only: message.only,
                });
                outgoing.collect()
            });
            if sent.is_none() {
                stray.append(&mut same);
            }
        }
        stray
    }

    /// The newest matches with their sizes that `keep` keeps, at most `limit`.
    pub fn list(&self, limit: usize, keep: impl Fn(usize) -> bool) -> Vec<(u128, usize)> {
        let live: Vec<u128> = self.live.lock().iter().rev().copied().collect();
        let sized = live.into_iter().map(|id| (id, self.core.streams().count(&stream(id))));
        sized.filter(|(_, size)| *size > 0 && keep(*size)).take(limit).collect()
    }

    /// How many matches somebody is in.
    pub fn len(&self) -> usize {
        self.live.lock().len()
    }

    /// Is nobody in any?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Signs the matchmaker's tokens.
    pub fn key(&self) -> &RelayKey {
        &self.settings.key
    }

    fn enter(&self, session: &Arc<Session>, id: u128) -> Result<Entered, RelayError> {
        let joined =
            self.core.streams().join(&stream(id), session, Meta::default(), self.settings.members_max)?;
        self.live.lock().insert(id);
        Ok(Entered { match_id: match_id(id), others: joined.others, own: joined.own })
    }
}

/// A relayed match's name in the protocol.
pub fn match_id(id: u128) -> String {
    format!("{}.", uuid::Uuid::from_u128(id))
}

fn stream(id: u128) -> Stream {
    Stream::of(Mode::Relay, id)
}

/// The id of a named match: the same everywhere, and of a form that no other match has (UUID version 8).
fn id_of_name(name: &str) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&blake3::derive_key("longhouse 2026 relayed match name", name.as_bytes())[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().as_u128()
}
