//! The matchmaker: tickets with properties and queries, matched at intervals.
//!
//! | file | idea |
//! | --- | --- |
//! | `pool` | who plays with whom: a pure function of the tickets that wait |
//! | `ticket.rs` | what a client asks for, checked |
//! | `queue.rs` | the tickets that wait, by age, by session, by party |
//! | `matched.rs` | what becomes of those who were matched |
//!
//! An interval works on a copy of the tickets, on a thread of its own: sockets wait for the queue's lock only while it
//! is copied and while the matched are taken out. A ticket goes with its session, and stays through the grace time of
//! one that was lost; while its session is away, it is not matched.

mod matched;
pub mod pool;
mod queue;
#[cfg(test)]
pub(crate) mod tests;
mod ticket;

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::core::Core;
use crate::ports::Spawn;
use crate::relays::RelayKey;
use crate::rooms::{RoomError, Rooms};
use crate::session::Session;
use crate::streams::{Change, Meta, Mode, Stream};

pub use matched::{Matched, MatchedHook, MatchedUser, RoomPlan, plan};
pub use pool::{MatchRules, Widening};
pub use ticket::{
    MatchmakerError, PROPERTIES_MAX, PROPERTY_BYTES_MAX, TICKETS_PER_SESSION_MAX, Ticket, Wanted,
};

use matched::{Way, announce};
use queue::{Queue, Waiting};

/// Matches that the figures remember.
pub const COMPLETIONS_MAX: usize = 32;

/// What can be set.
#[derive(Clone, Debug)]
pub struct MatchmakerSettings {
    /// Milliseconds between two intervals.
    pub interval_ms: u64,
    /// Tickets that may wait.
    pub tickets_max: usize,
    /// How long a token for a relayed match is good.
    pub token_ms: i64,
    /// The second part of rooms' match ids.
    pub cluster: String,
    /// How tickets are matched.
    pub rules: MatchRules,
}

/// How the matchmaker is doing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Tickets that wait.
    pub tickets: usize,
    /// When the oldest of them was made.
    pub oldest_ms: Option<i64>,
    /// The newest matches: when their oldest ticket was made, and when they were.
    pub completions: Vec<(i64, i64)>,
}

/// The use cases; clones share.
#[derive(Clone)]
pub struct Matchmaker(Arc<Inner>);

struct Inner {
    core: Core,
    rooms: Rooms,
    spawn: Arc<dyn Spawn>,
    key: RelayKey,
    settings: MatchmakerSettings,
    hook: OnceLock<MatchedHook>,
    queue: Mutex<Queue>,
    completions: Mutex<VecDeque<(i64, i64)>>,
}

impl Matchmaker {
    /// Over what every domain works with. `key` signs the tokens of relayed matches.
    pub fn new(
        core: &Core,
        rooms: &Rooms,
        spawn: Arc<dyn Spawn>,
        key: RelayKey,
        settings: MatchmakerSettings,
    ) -> Self {
        let inner = Inner {
            core: core.clone(),
            rooms: rooms.clone(),
            spawn,
            key,
            queue: Mutex::new(Queue::new(settings.tickets_max)),
            settings,
            hook: OnceLock::new(),
            completions: Mutex::default(),
        };
        let matchmaker = Self(Arc::new(inner));
        let inner = Arc::downgrade(&matchmaker.0);
        core.streams().watch(Mode::Tickets, move |_, change| {
            let Some(inner) = inner.upgrade() else { return };
            match change {
                Change::Left { member, .. } => inner.queue.lock().remove_session(member.session.id),
                Change::Moved { from, to } => inner.queue.lock().move_session(from.session.id, &to.session),
            }
        });
        matchmaker
    }

    /// Lets a studio decide what a match becomes; `false` if something decides already.
    pub fn on_matched(&self, hook: impl Fn(&Matched) -> Option<RoomPlan> + Send + Sync + 'static) -> bool {
        self.0.hook.set(Box::new(hook)).is_ok()
    }

    /// How often [`interval`](Self::interval) is to be called.
    pub fn interval_ms(&self) -> u64 {
        self.0.settings.interval_ms
    }

    /// A session begins to wait. The ticket's name.
    pub fn add(&self, session: &Arc<Session>, wanted: Wanted) -> Result<String, MatchmakerError> {
        let members = vec![Arc::clone(session)];
        let (id, name) = self.put(members, None, wanted)?;
        // After the ticket: a session that ends from here on finds it, and one that has ended does not get in.
        let stream = Stream::of(Mode::Tickets, session.user.0);
        let meta = Meta { hidden: true, ..Meta::default() };
        if let Err(error) = self.0.core.streams().join(&stream, session, meta, usize::MAX) {
            self.0.queue.lock().remove(id, |_| true);
            return Err(error.into());
        }
        Ok(name)
    }

    /// A session stops waiting with one ticket.
    pub fn remove(&self, session: &Session, ticket: &str) -> Result<(), MatchmakerError> {
        self.take(ticket, |waiting| {
            waiting.ticket.party.is_none() && waiting.members.iter().any(|member| member.id == session.id)
        })
    }

    /// A party begins to wait with all of its members. The ticket's name.
    pub fn add_party(
        &self,
        party: u128,
        members: Vec<Arc<Session>>,
        wanted: Wanted,
    ) -> Result<String, MatchmakerError> {
        self.put(members, Some(party), wanted).map(|(_, name)| name)
    }

    /// A party stops waiting with one ticket.
    pub fn remove_party(&self, party: u128, ticket: &str) -> Result<(), MatchmakerError> {
        self.take(ticket, |waiting| waiting.ticket.party == Some(party))
    }

    /// A party's members have changed: it stops waiting.
    pub fn end_party(&self, party: u128) {
        self.0.queue.lock().remove_party(party);
    }

    /// A party's member came back as another session.
    pub fn move_member(&self, from: &Session, to: &Arc<Session>) {
        self.0.queue.lock().move_session(from.id, to);
    }

    /// How it is doing.
    pub fn stats(&self) -> Stats {
        let completions = self.0.completions.lock().iter().copied().collect();
        let queue = self.0.queue.lock();
        Stats { tickets: queue.len(), oldest_ms: queue.oldest_ms(), completions }
    }

    /// Matches those who wait; returns when everybody who was matched has been told, or is about to be.
    pub async fn interval(&self) {
        let inner = &self.0;
        let (tickets, first) = inner.queue.lock().copy();
        metrics::gauge!("longhouse_matchmaker_tickets").set(tickets.len() as f64);
        if tickets.is_empty() {
            return;
        }
        let began_us = inner.core.clock().monotonic_us();
        let (done, found) = oneshot::channel();
        let rules = inner.settings.rules.clone();
        inner.spawn.blocking(Box::new(move || {
            let entries: Vec<_> =
                tickets.iter().map(|(_, ticket, intervals)| ticket.entry(*intervals)).collect();
            let found = pool::find(&entries, &rules, first, pool::WORK_MAX);
            let number = |place: usize| tickets[place].0;
            let matches: Vec<Vec<u64>> =
                found.matches.into_iter().map(|places| places.into_iter().map(number).collect()).collect();
            let unfinished = found.unfinished.map(number);
            let newest = tickets.last().map_or(0, |(number, ..)| *number);
            // Nobody waits for it any more if the service ends.
            let _ = done.send((matches, unfinished, newest));
        }));
        let Ok((matches, unfinished, newest)) = found.await else { return };
        let taken = inner.queue.lock().take_matches(matches, unfinished, newest);
        let spent_us = inner.core.clock().monotonic_us().saturating_sub(began_us);
        metrics::histogram!("longhouse_matchmaker_interval_seconds").record(spent_us as f64 / 1e6);
        metrics::counter!("longhouse_matchmaker_matches_total").increment(taken.len() as u64);
        for tickets in taken {
            self.complete(tickets);
        }
    }

    fn complete(&self, tickets: Vec<Waiting>) {
        let inner = &self.0;
        let now_ms = inner.core.now_ms();
        let oldest = tickets.iter().map(|waiting| waiting.ticket.created_ms).min().unwrap_or(now_ms);
        {
            let mut completions = inner.completions.lock();
            if completions.len() == COMPLETIONS_MAX {
                completions.pop_front();
            }
            completions.push_back((oldest, now_ms));
        }
        let matched = Matched::of(&tickets);
        let planned = match inner.hook.get() {
            Some(hook) => hook(&matched),
            None => plan(&matched),
        };
        let Some(plan) = planned else { return self.relay(&matched, &tickets) };
        let this = self.clone();
        inner.spawn.task(Box::pin(async move { this.open(matched, tickets, plan).await }));
    }

    /// Gives everybody a token for the same relayed match.
    fn relay(&self, matched: &Matched, tickets: &[Waiting]) {
        let inner = &self.0;
        let (key, id) = (inner.key.clone(), inner.core.new_id());
        let until_ms = inner.core.now_ms().saturating_add(inner.settings.token_ms);
        announce(matched, tickets, &Way::Relay(Box::new(move |user| key.token(id, user, until_ms))));
    }

    /// Lets tickets wait on, as the youngest, whose users are still here.
    fn put_back(&self, tickets: Vec<Waiting>) {
        let streams = self.0.core.streams();
        for waiting in tickets {
            let (id, party, members) = (waiting.ticket.id, waiting.ticket.party, waiting.members.clone());
            self.0.queue.lock().put_back(waiting);
            // Afterwards: whoever goes from here on finds the ticket.
            let here = members.iter().all(|session| match party {
                Some(party) => streams.contains(&Stream::of(Mode::Party, party), session.id),
                None => streams.contains(&Stream::of(Mode::Tickets, session.user.0), session.id),
            });
            if !here {
                self.0.queue.lock().remove(id, |_| true);
            }
        }
    }

    /// Opens a room for a match.
    async fn open(&self, matched: Matched, tickets: Vec<Waiting>, plan: RoomPlan) {
        let Some(first) = matched.users.first() else { return };
        match self.0.rooms.open(first.user, &plan.rules, plan.setup, false).await {
            Ok(room) => {
                let id = wire::match_id::MatchId { id: room.0, cluster: &self.0.settings.cluster };
                announce(&matched, &tickets, &Way::Room(id.to_string()));
            }
            Err(error @ (RoomError::NoSuchRules(_) | RoomError::BadSetup(_))) => {
                tracing::debug!(%error, "a match asked for a room that there cannot be; it is relayed");
                self.relay(&matched, &tickets);
            }
            Err(error) => {
                tracing::warn!(%error, "no room could be opened for a match; it is tried again");
                self.put_back(tickets);
            }
        }
    }

    fn put(
        &self,
        members: Vec<Arc<Session>>,
        party: Option<u128>,
        wanted: Wanted,
    ) -> Result<(u128, String), MatchmakerError> {
        let inner = &self.0;
        let ticket = Ticket::new(inner.core.new_id(), &members, party, wanted, inner.core.now_ms())?;
        let named = (ticket.id, ticket.name());
        inner.queue.lock().add(Waiting { ticket: Arc::new(ticket), members, intervals: 0 })?;
        Ok(named)
    }

    fn take(&self, ticket: &str, allowed: impl Fn(&Waiting) -> bool) -> Result<(), MatchmakerError> {
        let id = uuid::Uuid::try_parse(ticket).map_err(|_| MatchmakerError::NotFound)?.as_u128();
        let found = self.0.queue.lock().remove(id, allowed);
        if found { Ok(()) } else { Err(MatchmakerError::NotFound) }
    }
}
