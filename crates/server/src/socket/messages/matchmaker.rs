//! Waiting for others.

use std::sync::Arc;

use app::matchmaker::Wanted;
use app::session::Session;
use wire::envelope::{MatchmakerAdd, MatchmakerRemove, MatchmakerTicket, Message};

use super::Answered;
use crate::house::House;

/// Begins to wait.
pub fn add(house: &House, session: &Arc<Session>, add: MatchmakerAdd) -> Answered {
    let wanted = Wanted {
        min_count: add.min_count.into(),
        max_count: add.max_count.into(),
        count_multiple: add.count_multiple.map(i64::from),
        query: add.query,
        strings: add.string_properties,
        numbers: add.numeric_properties,
    };
    let ticket = house.services.matchmaker.add(session, wanted)?;
    Ok(Some(Message::MatchmakerTicket(MatchmakerTicket { ticket })))
}

/// Stops waiting.
pub fn remove(house: &House, session: &Session, remove: &MatchmakerRemove) -> Answered {
    house.services.matchmaker.remove(session, &remove.ticket)?;
    Ok(None)
}
