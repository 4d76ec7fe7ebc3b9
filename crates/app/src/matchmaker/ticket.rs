//! A ticket: who wants to play, with whom, and with how many.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pool::{COUNT_MAX, Entry};
use crate::query::{Doc, Query, QueryError, Value};
use crate::session::Session;

/// Properties of one ticket, texts and numbers each.
pub const PROPERTIES_MAX: usize = 64;
/// Bytes of a property's name or text.
pub const PROPERTY_BYTES_MAX: usize = 512;
/// Tickets of one session, or of one party, at a time.
pub const TICKETS_PER_SESSION_MAX: usize = 3;

/// What a client asks for. Counts are as they came, to be checked.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Wanted {
    /// The smallest number of users.
    pub min_count: i64,
    /// The largest.
    pub max_count: i64,
    /// The number of users must be a multiple of this; nothing is any.
    pub count_multiple: Option<i64>,
    /// Whom it wants.
    pub query: String,
    /// What it says of itself in texts.
    pub strings: BTreeMap<String, String>,
    /// What it says of itself in numbers.
    pub numbers: BTreeMap<String, f64>,
}

/// Why a ticket is not taken or not found.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum MatchmakerError {
    /// The counts do not go together.
    #[error("{0}")]
    Counts(&'static str),
    /// The query is refused.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The properties are refused.
    #[error(
        "a ticket has at most {PROPERTIES_MAX} properties of at most {PROPERTY_BYTES_MAX} bytes; numbers must be finite"
    )]
    Properties,
    /// The party alone is more than the match may have.
    #[error("the party has more members than the match may have users")]
    PartyTooLarge,
    /// Too many of its own.
    #[error("at most {TICKETS_PER_SESSION_MAX} tickets may wait at a time")]
    TooMany,
    /// Too many of all.
    #[error("the matchmaker is full, try again later")]
    Full,
    /// No such ticket, or not the caller's.
    #[error("the ticket was not found")]
    NotFound,
    /// The session has ended, or listens to too much.
    #[error("the session cannot wait for a match: {0}")]
    Session(#[from] crate::streams::JoinError),
}

/// A ticket that was checked.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Its name.
    pub id: u128,
    /// The party that waits with it, if it is one.
    pub party: Option<u128>,
    /// What it says of itself in texts.
    pub strings: BTreeMap<String, String>,
    /// What it says of itself in numbers.
    pub numbers: BTreeMap<String, f64>,
    /// When it was made.
    pub created_ms: i64,
    users: Vec<u128>,
    min: u32,
    max: u32,
    multiple: u32,
    query: Query,
    doc: Doc,
}

impl Ticket {
    /// Checks what a client asks for.
    pub fn new(
        id: u128,
        members: &[Arc<Session>],
        party: Option<u128>,
        wanted: Wanted,
        created_ms: i64,
    ) -> Result<Self, MatchmakerError> {
        let Wanted { min_count, max_count, count_multiple, query, strings, numbers } = wanted;
        let (min, max, multiple) = counts(min_count, max_count, count_multiple)?;
        if members.len() > max as usize {
            return Err(MatchmakerError::PartyTooLarge);
        }
        let query = Query::parse(&query)?;
        let short = |text: &String| text.len() <= PROPERTY_BYTES_MAX;
        let fine = strings.len() + numbers.len() <= PROPERTIES_MAX
            && strings.iter().all(|(name, text)| short(name) && short(text))
            && numbers.iter().all(|(name, number)| short(name) && number.is_finite());
        if !fine {
            return Err(MatchmakerError::Properties);
        }
        let field = |name: &String| format!("properties.{name}");
        let texts = strings.iter().map(|(name, text)| (field(name), Value::Text(text.clone())));
        let figures = numbers.iter().map(|(name, number)| (field(name), Value::Number(*number)));
        let doc = Doc::new(texts.chain(figures));
        let users = members.iter().map(|session| session.user.0).collect();
        Ok(Self { id, party, strings, numbers, created_ms, users, min, max, multiple, query, doc })
    }

    /// As the pool sees it after so many intervals.
    pub fn entry(&self, intervals: u32) -> Entry<'_> {
        let Self { users, min, max, multiple, query, doc, .. } = self;
        Entry { users, min: *min, max: *max, multiple: *multiple, query, doc, intervals }
    }

    /// Its name in the protocol.
    pub fn name(&self) -> String {
        uuid::Uuid::from_u128(self.id).to_string()
    }
}

fn counts(min: i64, max: i64, multiple: Option<i64>) -> Result<(u32, u32, u32), MatchmakerError> {
    let wrong = MatchmakerError::Counts;
    let fits = |count: i64| u32::try_from(count).ok().filter(|count| *count <= COUNT_MAX);
    let min = fits(min).filter(|min| *min >= 2).ok_or(wrong("min_count must be from 2 to 256"))?;
    let max = fits(max).filter(|max| *max >= min).ok_or(wrong("max_count must be from min_count to 256"))?;
    let multiple = match multiple {
        None => 1,
        Some(multiple) => fits(multiple)
            .filter(|multiple| *multiple >= 1)
            .ok_or(wrong("count_multiple must be from 1 to 256"))?,
    };
    if min % multiple != 0 || max % multiple != 0 {
        return Err(wrong("min_count and max_count must be multiples of count_multiple"));
    }
    Ok((min, max, multiple))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows() {
        let check = |min, max, multiple, expected: Option<(u32, u32, u32)>| {
            assert_eq!(counts(min, max, multiple).ok(), expected, "{min} {max} {multiple:?}");
        };
        check(2, 2, None, Some((2, 2, 1)));
        check(2, 256, Some(2), Some((2, 256, 2)));
        check(1, 2, None, None);
        check(-1, 2, None, None);
        check(3, 2, None, None);
        check(2, 257, None, None);
        check(2, i64::MAX, None, None);
        check(3, 6, Some(2), None);
        check(4, 7, Some(2), None);
        check(2, 4, Some(0), None);
    }
}
