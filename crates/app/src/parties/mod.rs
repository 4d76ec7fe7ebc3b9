//! Parties: a few users who stay together.
//!
//! The members are a stream's; here is what a stream does not know: who leads, who asks to be let in, what lists show.
//! The leader lets in, sends away, promotes and closes; when it goes, the oldest member leads. A party ends with its
//! last member.
//!
//! **Locks.** A party is changed under the one lock of this module, and streams are joined and read under it. Leaving a
//! stream calls back here, so nothing that leaves one may hold it.

mod list;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use wire::envelope::{
    Message, Party as Shown, PartyClose, PartyData, PartyJoinRequest, PartyLeader, PartyMatchmakerTicket,
    PartyUpdate, UserPresence,
};

use crate::core::Core;
use crate::matchmaker::{Matchmaker, MatchmakerError, Wanted};
use crate::query::Doc;
use crate::session::{Session, SessionId};
use crate::streams::{Change, JoinError, Meta, Mode, Outgoing, Stream, Streams, presence};

pub use list::{BadCursor, Listed, PartyPage};

/// Members of one party.
pub const SIZE_MAX: usize = 256;
/// Sessions that may ask for a place in one party at a time.
pub const REQUESTS_MAX: usize = 256;
/// Bytes of a party's label.
pub const LABEL_BYTES_MAX: usize = 2_048;
/// Parties at a time.
pub const PARTIES_MAX: usize = 100_000;

/// Why something is not done.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum PartyError {
    /// No such party, or the caller is not in it.
    #[error("the party was not found")]
    NotFound,
    /// Only the leader may.
    #[error("only the party's leader may do this")]
    NotLeader,
    /// Nobody like this is in the party, or asks to be.
    #[error("there is no such member or request")]
    NoSuchMember,
    /// A size that cannot be.
    #[error("a party has from 1 to {SIZE_MAX} members")]
    Size,
    /// A label that is too long.
    #[error("a party's label is at most {LABEL_BYTES_MAX} bytes")]
    Label,
    /// No more parties.
    #[error("there are too many parties, try again later")]
    TooManyParties,
    /// Nobody more may ask.
    #[error("too many ask to join this party, try again later")]
    TooManyRequests,
    /// No place.
    #[error("the party cannot be joined: {0}")]
    Join(#[from] JoinError),
    /// The matchmaker refuses.
    #[error(transparent)]
    Matchmaker(#[from] MatchmakerError),
}

/// What a new party is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewParty {
    /// Anybody may join.
    pub open: bool,
    /// Members at most; 0 is as many as there can be.
    pub max_size: i64,
    /// For lists.
    pub label: String,
    /// Lists leave it out.
    pub hidden: bool,
}

/// What became of a wish to join.
#[derive(Clone, PartialEq, Debug)]
pub enum Joining {
    /// It is in.
    Joined(Box<Shown>),
    /// The leader was asked.
    Asked,
}

struct Party {
    open: bool,
    hidden: bool,
    max_size: usize,
    label: String,
    /// What queries find of it.
    doc: Doc,
    leader: SessionId,
    /// Who asks to be let in, the longest first.
    requests: Vec<Arc<Session>>,
}

type Table = Mutex<BTreeMap<u128, Party>>;

/// The use cases.
pub struct Parties {
    core: Core,
    matchmaker: Matchmaker,
    table: Arc<Table>,
}

impl Parties {
    /// Over what every domain works with.
    pub fn new(core: &Core, matchmaker: &Matchmaker) -> Self {
        let table = Arc::new(Table::default());
        let watcher = Watcher {
            streams: Arc::downgrade(core.streams()),
            matchmaker: matchmaker.clone(),
            table: Arc::clone(&table),
        };
        core.streams().watch(Mode::Party, move |stream, change| watcher.see(stream, change));
        Self { core: core.clone(), matchmaker: matchmaker.clone(), table }
    }

    /// Opens a party that the session leads.
    pub fn create(&self, session: &Arc<Session>, new: NewParty) -> Result<Shown, PartyError> {
        let max_size = match usize::try_from(new.max_size).map_err(|_| PartyError::Size)? {
            0 => SIZE_MAX,
            size if size <= SIZE_MAX => size,
            _ => return Err(PartyError::Size),
        };
        check_label(&new.label)?;
        let id = self.core.new_id();
        let NewParty { open, hidden, label, .. } = new;
        let doc = list::doc(&label, open, max_size);
        let party = Party { open, hidden, max_size, label, doc, leader: session.id, requests: Vec::new() };
        let mut table = self.table.lock();
        if table.len() >= PARTIES_MAX {
            return Err(PartyError::TooManyParties);
        }
        self.streams().join(&stream(id), session, Meta::default(), max_size)?;
        let shown = self.shown(id, &party, session);
        table.insert(id, party);
        drop(table);
        self.tidy(id);
        Ok(shown)
    }

    /// Joins an open party, or asks the leader of another one.
    pub fn join(&self, session: &Arc<Session>, id: u128) -> Result<Joining, PartyError> {
        let shown = {
            let mut table = self.table.lock();
            let party = table.get_mut(&id).ok_or(PartyError::NotFound)?;
            let inside = self.streams().contains(&stream(id), session.id);
            if inside {
                return Ok(Joining::Joined(Box::new(self.shown(id, party, session))));
            }
            if !party.open {
                return self.ask(id, party, session);
            }
            self.streams().join(&stream(id), session, Meta::default(), party.max_size)?;
            party.requests.retain(|other| other.id != session.id);
            self.shown(id, party, session)
        };
        // Whoever waits with the party did not ask for one more.
        self.matchmaker.end_party(id);
        self.tidy(id);
        Ok(Joining::Joined(Box::new(shown)))
    }

    /// Leaves.
    pub fn leave(&self, session: &Session, id: u128) -> Result<(), PartyError> {
        if self.streams().leave(&stream(id), session.id) { Ok(()) } else { Err(PartyError::NotFound) }
    }

    /// The leader makes another member the leader; everybody is told.
    pub fn promote(&self, session: &Session, id: u128, target: SessionId) -> Result<PartyLeader, PartyError> {
        let mut table = self.table.lock();
        let party = led(&mut table, self.streams(), session, id)?;
        let member = self.streams().member(&stream(id), target).ok_or(PartyError::NoSuchMember)?;
        party.leader = target;
        let news = PartyLeader { party_id: party_id(id), presence: Some(member.presence()) };
        self.streams().send(&stream(id), Message::PartyLeader(news.clone()));
        Ok(news)
    }

    /// The leader lets somebody in who asked.
    pub fn accept(&self, session: &Session, id: u128, target: SessionId) -> Result<(), PartyError> {
        {
            let mut table = self.table.lock();
            let party = led(&mut table, self.streams(), session, id)?;
            let at = party.requests.iter().position(|asking| asking.id == target);
            let asking = Arc::clone(&party.requests[at.ok_or(PartyError::NoSuchMember)?]);
            let joined = self.streams().join(&stream(id), &asking, Meta::default(), party.max_size);
            if matches!(joined, Err(JoinError::Full)) {
                // It may ask on: somebody may leave.
                return Err(JoinError::Full.into());
            }
            party.requests.retain(|other| other.id != target);
            if joined.is_err() {
                return Err(PartyError::NoSuchMember);
            }
            asking.send(Message::Party(self.shown(id, party, &asking)));
        }
        self.matchmaker.end_party(id);
        self.tidy(id);
        Ok(())
    }

    /// The leader sends a member away, or refuses somebody who asked.
    pub fn remove(&self, session: &Session, id: u128, target: SessionId) -> Result<(), PartyError> {
        {
            let mut table = self.table.lock();
            let party = led(&mut table, self.streams(), session, id)?;
            let asking = party.requests.len();
            party.requests.retain(|other| other.id != target);
            if party.requests.len() < asking {
                return Ok(());
            }
        }
        let member = self.streams().member(&stream(id), target).ok_or(PartyError::NoSuchMember)?;
        if self.streams().leave(&stream(id), target) {
            member.session.send(Message::PartyClose(PartyClose { party_id: party_id(id) }));
        }
        Ok(())
    }

    /// The leader ends the party; everybody is told.
    pub fn close(&self, session: &Session, id: u128) -> Result<(), PartyError> {
        {
            let mut table = self.table.lock();
            led(&mut table, self.streams(), session, id)?;
            table.remove(&id);
        }
        let last = Message::PartyClose(PartyClose { party_id: party_id(id) });
        self.streams().close(&stream(id), Some(last));
        self.matchmaker.end_party(id);
        Ok(())
    }

    /// The leader asks who wants to be let in.
    pub fn requests(&self, session: &Session, id: u128) -> Result<PartyJoinRequest, PartyError> {
        let mut table = self.table.lock();
        let party = led(&mut table, self.streams(), session, id)?;
        self.forget_gone(party);
        let presences = party.requests.iter().map(|asking| presence(asking, &Meta::default())).collect();
        Ok(PartyJoinRequest { party_id: party_id(id), presences })
    }

    /// The leader changes what the party is; everybody is told.
    pub fn update(&self, session: &Session, update: PartyUpdate) -> Result<(), PartyError> {
        check_label(&update.label)?;
        let id = parse_id(&update.party_id)?;
        let mut table = self.table.lock();
        let party = led(&mut table, self.streams(), session, id)?;
        party.label.clone_from(&update.label);
        party.open = update.open;
        party.hidden = update.hidden;
        party.doc = list::doc(&party.label, party.open, party.max_size);
        self.streams().send(&stream(id), Message::PartyUpdate(update));
        Ok(())
    }

    /// Sends a member's data to the others.
    pub fn send(&self, session: &Session, id: u128, op_code: i64, data: Vec<u8>) -> Result<(), PartyError> {
        let sent = self.streams().send_from(&stream(id), session.id, |member| {
            let presence = Some(member.presence());
            let message = PartyData { party_id: party_id(id), presence, op_code, data };
            vec![Outgoing { message: Message::PartyData(message), only: Vec::new() }]
        });
        sent.map(drop).ok_or(PartyError::NotFound)
    }

    /// The leader begins to wait for others, with everybody in the party; they are told.
    pub fn matchmaker_add(
        &self,
        session: &Session,
        id: u128,
        wanted: Wanted,
    ) -> Result<PartyMatchmakerTicket, PartyError> {
        // Under the lock: nobody joins before the ticket is there, and whoever joins or leaves then ends it.
        let mut table = self.table.lock();
        led(&mut table, self.streams(), session, id)?;
        let members = self.streams().members(&stream(id)).into_iter().map(|member| member.session).collect();
        let ticket = self.matchmaker.add_party(id, members, wanted)?;
        let news = PartyMatchmakerTicket { party_id: party_id(id), ticket };
        let others = |member: &crate::streams::Member| member.session.id != session.id;
        self.streams().send_where(&stream(id), Message::PartyMatchmakerTicket(news.clone()), others);
        drop(table);
        self.tidy(id);
        Ok(news)
    }

    /// The leader stops waiting with one ticket.
    pub fn matchmaker_remove(&self, session: &Session, id: u128, ticket: &str) -> Result<(), PartyError> {
        let mut table = self.table.lock();
        led(&mut table, self.streams(), session, id)?;
        Ok(self.matchmaker.remove_party(id, ticket)?)
    }

    /// How many parties there are.
    pub fn len(&self) -> usize {
        self.table.lock().len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn streams(&self) -> &Streams {
        self.core.streams()
    }

    /// Notes a request and tells the leader.
    fn ask(&self, id: u128, party: &mut Party, session: &Arc<Session>) -> Result<Joining, PartyError> {
        if party.requests.iter().any(|other| other.id == session.id) {
            return Ok(Joining::Asked);
        }
        if party.requests.len() >= REQUESTS_MAX {
            self.forget_gone(party);
            if party.requests.len() >= REQUESTS_MAX {
                return Err(PartyError::TooManyRequests);
            }
        }
        party.requests.push(Arc::clone(session));
        let presences = vec![presence(session, &Meta::default())];
        let news = Message::PartyJoinRequest(PartyJoinRequest { party_id: party_id(id), presences });
        let leader = party.leader;
        self.streams().send_where(&stream(id), news, |member| member.session.id == leader);
        Ok(Joining::Asked)
    }

    /// Forgets requests of sessions that have ended.
    fn forget_gone(&self, party: &mut Party) {
        let here = |session: &Arc<Session>| {
            self.streams().contains(&Stream::of(Mode::Notifications, session.user.0), session.id)
        };
        party.requests.retain(here);
    }

    /// A member may have gone while the party was changed, before the change could be seen: looks again.
    fn tidy(&self, id: u128) {
        settle(&self.table, self.streams(), &self.matchmaker, id);
    }

    fn shown(&self, id: u128, party: &Party, session: &Arc<Session>) -> Shown {
        let members = self.streams().members(&stream(id));
        let leader = members.iter().find(|member| member.session.id == party.leader);
        Shown {
            party_id: party_id(id),
            open: party.open,
            max_size: party.max_size as i32,
            own: Some(presence(session, &Meta::default())),
            leader: leader.map(|member| member.presence()),
            presences: members.iter().map(|member| member.presence()).collect(),
            label: party.label.clone(),
            hidden: party.hidden,
        }
    }
}

/// Sees members go and come back.
struct Watcher {
    streams: Weak<Streams>,
    matchmaker: Matchmaker,
    table: Arc<Table>,
}

impl Watcher {
    fn see(&self, stream: &Stream, change: &Change) {
        let Some(streams) = self.streams.upgrade() else { return };
        match change {
            Change::Left { .. } => {
                settle(&self.table, &streams, &self.matchmaker, stream.subject);
                self.matchmaker.end_party(stream.subject);
            }
            Change::Moved { from, to } => {
                self.matchmaker.move_member(&from.session, &to.session);
                let mut table = self.table.lock();
                let Some(party) = table.get_mut(&stream.subject) else { return };
                if party.leader == from.session.id {
                    party.leader = to.session.id;
                    tell_leader(&streams, stream.subject, to.presence());
                }
            }
        }
    }
}

/// Makes a party agree with its members: it ends without any, and another leads where the leader has gone.
fn settle(table: &Table, streams: &Streams, matchmaker: &Matchmaker, id: u128) {
    let mut table = table.lock();
    let Some(party) = table.get_mut(&id) else { return };
    let members = streams.members(&stream(id));
    match members.first() {
        None => {
            table.remove(&id);
            drop(table);
            matchmaker.end_party(id);
        }
        Some(oldest) if !members.iter().any(|member| member.session.id == party.leader) => {
            party.leader = oldest.session.id;
            tell_leader(streams, id, oldest.presence());
        }
        Some(_) => {}
    }
}

fn tell_leader(streams: &Streams, id: u128, presence: UserPresence) {
    let news = PartyLeader { party_id: party_id(id), presence: Some(presence) };
    streams.send(&stream(id), Message::PartyLeader(news));
}

/// The party, if the session leads it.
fn led<'a>(
    table: &'a mut BTreeMap<u128, Party>,
    streams: &Streams,
    session: &Session,
    id: u128,
) -> Result<&'a mut Party, PartyError> {
    let party = table.get_mut(&id).ok_or(PartyError::NotFound)?;
    if party.leader == session.id {
        return Ok(party);
    }
    // Strangers are not told which parties there are.
    if streams.contains(&stream(id), session.id) {
        Err(PartyError::NotLeader)
    } else {
        Err(PartyError::NotFound)
    }
}

fn check_label(label: &str) -> Result<(), PartyError> {
    if label.len() <= LABEL_BYTES_MAX { Ok(()) } else { Err(PartyError::Label) }
}

/// A party's name in the protocol.
pub fn party_id(id: u128) -> String {
    format!("{}.", uuid::Uuid::from_u128(id))
}

/// The party that a text names.
pub fn parse_id(text: &str) -> Result<u128, PartyError> {
    let id = wire::match_id::MatchId::parse(text).ok().filter(|id| id.is_relayed());
    id.map(|id| id.id).ok_or(PartyError::NotFound)
}

fn stream(id: u128) -> Stream {
    Stream::of(Mode::Party, id)
}
