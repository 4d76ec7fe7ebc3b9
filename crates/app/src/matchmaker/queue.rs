//! The tickets that wait, by age, by session and by party.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::ticket::{MatchmakerError, TICKETS_PER_SESSION_MAX, Ticket};
use crate::session::{Session, SessionId};

/// A ticket that waits, with the sessions that will be told.
pub struct Waiting {
    pub ticket: Arc<Ticket>,
    pub members: Vec<Arc<Session>>,
    /// Intervals that it has waited.
    pub intervals: u32,
}

impl Waiting {
    /// Somebody of it is away: it waits until all are back.
    fn is_away(&self) -> bool {
        self.members.iter().any(|session| session.is_closing())
    }
}

/// See the module. Tickets are numbered by age.
pub struct Queue {
    tickets: BTreeMap<u64, Waiting>,
    by_id: HashMap<u128, u64>,
    by_session: HashMap<SessionId, Vec<u64>>,
    by_party: HashMap<u128, Vec<u64>>,
    next: u64,
    /// The ticket with which the next interval begins, if the last one did not get to it.
    first: Option<u64>,
    tickets_max: usize,
}

impl Queue {
    pub fn new(tickets_max: usize) -> Self {
        Self {
            tickets: BTreeMap::new(),
            by_id: HashMap::new(),
            by_session: HashMap::new(),
            by_party: HashMap::new(),
            next: 0,
            first: None,
            tickets_max,
        }
    }

    pub fn len(&self) -> usize {
        self.tickets.len()
    }

    pub fn oldest_ms(&self) -> Option<i64> {
        self.tickets.first_key_value().map(|(_, waiting)| waiting.ticket.created_ms)
    }

    pub fn add(&mut self, waiting: Waiting) -> Result<(), MatchmakerError> {
        let own = match waiting.ticket.party {
            Some(party) => self.by_party.get(&party).map_or(0, Vec::len),
            None => {
                let numbers = waiting.members.first().and_then(|session| self.by_session.get(&session.id));
                let alone = |number: &&u64| self.tickets[*number].ticket.party.is_none();
                numbers.map_or(0, |numbers| numbers.iter().filter(alone).count())
            }
        };
        if own >= TICKETS_PER_SESSION_MAX {
            return Err(MatchmakerError::TooMany);
        }
        if self.tickets.len() >= self.tickets_max {
            return Err(MatchmakerError::Full);
        }
        let number = self.next;
        self.next += 1;
        self.insert(number, waiting);
        Ok(())
    }

    /// Removes a ticket if that is allowed; `false` if there is none or it is not.
    pub fn remove(&mut self, id: u128, allowed: impl Fn(&Waiting) -> bool) -> bool {
        let Some(number) = self.by_id.get(&id).copied() else { return false };
        let allowed = self.tickets.get(&number).is_some_and(allowed);
        if allowed {
            self.extract(number);
        }
        allowed
    }

    /// A session is gone: its own tickets go too. Those of its party are the party's affair.
    pub fn remove_session(&mut self, session: SessionId) {
        for number in self.by_session.get(&session).cloned().unwrap_or_default() {
            if self.tickets[&number].ticket.party.is_none() {
                self.extract(number);
            }
        }
    }

    pub fn remove_party(&mut self, party: u128) {
        for number in self.by_party.get(&party).cloned().unwrap_or_default() {
            self.extract(number);
        }
    }

    /// A session came back as another one.
    pub fn move_session(&mut self, from: SessionId, to: &Arc<Session>) {
        for number in self.by_session.remove(&from).unwrap_or_default() {
            if let Some(waiting) = self.tickets.get_mut(&number) {
                for member in waiting.members.iter_mut().filter(|member| member.id == from) {
                    *member = Arc::clone(to);
                }
                self.by_session.entry(to.id).or_default().push(number);
            }
        }
    }

    /// The tickets that can be matched now, by age, with the intervals that they have waited; and the place of the one
    /// to begin with.
    pub fn copy(&self) -> (Vec<(u64, Arc<Ticket>, u32)>, usize) {
        let here = self.tickets.iter().filter(|(_, waiting)| !waiting.is_away());
        let copied: Vec<_> =
            here.map(|(number, waiting)| (*number, Arc::clone(&waiting.ticket), waiting.intervals)).collect();
        let first = self.first.map_or(0, |first| copied.partition_point(|(number, ..)| *number < first));
        (copied, first)
    }

    /// Takes matches out, those of which nobody has gone since. All others up to `newest` have waited an interval more.
    pub fn take_matches(
        &mut self,
        matches: Vec<Vec<u64>>,
        unfinished: Option<u64>,
        newest: u64,
    ) -> Vec<Vec<Waiting>> {
        self.first = unfinished;
        let mut taken = Vec::new();
        for numbers in matches {
            let here = |number: &u64| self.tickets.get(number).is_some_and(|waiting| !waiting.is_away());
            if numbers.iter().all(here) {
                taken.push(numbers.into_iter().filter_map(|number| self.extract(number)).collect());
            }
        }
        for (_, waiting) in self.tickets.range_mut(..=newest) {
            waiting.intervals = waiting.intervals.saturating_add(1);
        }
        taken
    }

    /// A match came to nothing: its ticket waits on, as the youngest.
    pub fn put_back(&mut self, waiting: Waiting) {
        let number = self.next;
        self.next += 1;
        self.insert(number, waiting);
    }

    /// Is nothing left, of tickets or of how they are found?
    #[cfg(test)]
    pub fn is_bare(&self) -> bool {
        self.tickets.is_empty()
            && self.by_id.is_empty()
            && self.by_session.is_empty()
            && self.by_party.is_empty()
    }

    fn insert(&mut self, number: u64, waiting: Waiting) {
        self.by_id.insert(waiting.ticket.id, number);
        if let Some(party) = waiting.ticket.party {
            self.by_party.entry(party).or_default().push(number);
        }
        for session in &waiting.members {
            self.by_session.entry(session.id).or_default().push(number);
        }
        self.tickets.insert(number, waiting);
    }

    fn extract(&mut self, number: u64) -> Option<Waiting> {
        let waiting = self.tickets.remove(&number)?;
        self.by_id.remove(&waiting.ticket.id);
        if let Some(party) = waiting.ticket.party {
            forget(&mut self.by_party, &party, number);
        }
        for session in &waiting.members {
            forget(&mut self.by_session, &session.id, number);
        }
        Some(waiting)
    }
}

fn forget<K: std::hash::Hash + Eq>(lists: &mut HashMap<K, Vec<u64>>, key: &K, number: u64) {
    if let Some(list) = lists.get_mut(key) {
        list.retain(|other| *other != number);
        if list.is_empty() {
            lists.remove(key);
        }
    }
}
