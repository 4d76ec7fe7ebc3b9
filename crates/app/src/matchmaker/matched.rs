//! What becomes of those who were matched: a room of their own, or a token for a relayed match.

use std::collections::BTreeMap;
use std::sync::Arc;

use store::UserId;
use wire::envelope::{MatchmakerMatched, MatchmakerUser, Message, UserPresence};

use super::Waiting;
use crate::session::Session;
use crate::streams::{Meta, presence};

/// One of those who were matched.
#[derive(Clone, PartialEq, Debug)]
pub struct MatchedUser {
    /// Who.
    pub user: UserId,
    /// As others see it.
    pub presence: UserPresence,
    /// The party that it came with.
    pub party: Option<u128>,
    /// What its ticket says in texts.
    pub strings: BTreeMap<String, String>,
    /// What its ticket says in numbers.
    pub numbers: BTreeMap<String, f64>,
}

/// A match, the oldest ticket's users first.
#[derive(Clone, PartialEq, Debug)]
pub struct Matched {
    /// Everybody in it.
    pub users: Vec<MatchedUser>,
}

/// A room to open for a match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomPlan {
    /// The rules.
    pub rules: String,
    /// As the rules read it.
    pub setup: Vec<u8>,
}

/// Decides what a match becomes: a room, or (nothing) a relayed match.
pub type MatchedHook = Box<dyn Fn(&Matched) -> Option<RoomPlan> + Send + Sync>;

/// The plan where a studio has none: if every ticket says `mode=authoritative` and all name the same `rules`, a room
/// under these, set up as the oldest ticket's `setup` says.
pub fn plan(matched: &Matched) -> Option<RoomPlan> {
    let first = &matched.users.first()?.strings;
    let rules = first.get("rules")?;
    let agree = matched.users.iter().all(|user| {
        user.strings.get("mode").is_some_and(|mode| mode == "authoritative")
            && user.strings.get("rules") == Some(rules)
    });
    let setup = first.get("setup").map_or("{}", String::as_str);
    agree.then(|| RoomPlan { rules: rules.clone(), setup: setup.into() })
}

impl Matched {
    /// Of the tickets that were matched.
    pub(super) fn of(tickets: &[Waiting]) -> Self {
        let users = tickets.iter().flat_map(|waiting| {
            waiting.members.iter().map(|session| MatchedUser {
                user: session.user,
                presence: presence(session, &Meta::default()),
                party: waiting.ticket.party,
                strings: waiting.ticket.strings.clone(),
                numbers: waiting.ticket.numbers.clone(),
            })
        });
        Self { users: users.collect() }
    }
}

/// How a match is joined.
pub(super) enum Way {
    /// By its id.
    Room(String),
    /// By a token for each user.
    Relay(Box<dyn Fn(UserId) -> String + Send>),
}

/// Tells everybody.
pub(super) fn announce(matched: &Matched, tickets: &[Waiting], way: &Way) {
    let users: Vec<_> = matched.users.iter().map(shown).collect();
    let sessions = tickets.iter().flat_map(|waiting| {
        waiting.members.iter().map(move |session: &Arc<Session>| (waiting.ticket.name(), session))
    });
    for ((ticket, session), own) in sessions.zip(&users) {
        let (match_id, token) = match way {
            Way::Room(match_id) => (Some(match_id.clone()), None),
            Way::Relay(token) => (None, Some(token(session.user))),
        };
        let (users, own) = (users.clone(), Some(own.clone()));
        session.send(Message::MatchmakerMatched(MatchmakerMatched { ticket, match_id, token, users, own }));
    }
}

fn shown(user: &MatchedUser) -> MatchmakerUser {
    MatchmakerUser {
        presence: Some(user.presence.clone()),
        party_id: user.party.map(crate::parties::party_id).unwrap_or_default(),
        string_properties: user.strings.clone(),
        numeric_properties: user.numbers.clone(),
    }
}
