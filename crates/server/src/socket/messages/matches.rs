//! Creating, joining and leaving matches: rooms, and matches that only relay.

use std::sync::Arc;

use app::relays::Entered;
use app::rooms::Resume;
use app::session::Session;
use kernel::{RoomId, Seq};
use wire::envelope::{Envelope, Error, ErrorCode, Match, MatchCreate, MatchJoin, MatchLeave, Message};
use wire::limits::{JOIN_METADATA_ENTRIES_MAX, JOIN_METADATA_VALUE_BYTES_MAX};
use wire::match_id::MatchId;

use super::{Answered, answer};
use crate::house::House;
use crate::http::Fault;

/// Opens a relayed match, or enters the one of this name.
pub fn create(house: &House, session: &Arc<Session>, create: &MatchCreate) -> Answered {
    Ok(Some(entered(house.services.relays.create(session, &create.name)?)))
}

/// The answer comes from the room, or at once.
pub async fn join(house: &House, session: &Arc<Session>, cid: String, join: MatchJoin) -> Option<Envelope> {
    match place(house, &join) {
        Ok(Place::Room(room, resume)) => {
            house.services.rooms.join(session, room, cid, resume).await;
            None
        }
        Ok(Place::Gallery(room)) => {
            house.services.rooms.watch(session, room, cid).await;
            None
        }
        Ok(Place::Relay(id)) => answer(cid, relayed(house.services.relays.join(session, id))),
        Ok(Place::Token(token)) => answer(cid, relayed(house.services.relays.join_by_token(session, token))),
        Err(error) => Some(Envelope::new(cid, Message::Error(error))),
    }
}

/// The answer comes from the room, or at once.
pub async fn leave(
    house: &House,
    session: &Arc<Session>,
    cid: String,
    leave: MatchLeave,
) -> Option<Envelope> {
    match which(house, &leave.match_id) {
        Ok(Which::Room(room)) => {
            house.services.rooms.leave(session, room, cid).await;
            None
        }
        Ok(Which::Relay(id)) => {
            let left = house.services.relays.leave(session, id);
            answer(cid, left.map(|()| None).map_err(Fault::from))
        }
        Err(error) => Some(Envelope::new(cid, Message::Error(error))),
    }
}

fn relayed(joined: Result<Entered, app::relays::RelayError>) -> Answered {
    Ok(Some(entered(joined?)))
}

fn entered(entered: Entered) -> Message {
    let Entered { match_id, others, own } = entered;
    let size = i32::try_from(others.len() + 1).unwrap_or(i32::MAX);
    let (presences, own) = (others, Some(own));
    Message::Match(Match { match_id, authoritative: false, label: None, size, presences, own })
}

enum Which {
    Room(RoomId),
    Relay(u128),
}

fn which(house: &House, match_id: &str) -> Result<Which, Error> {
    let id = MatchId::parse(match_id).map_err(|error| Error::new(ErrorCode::BadInput, error.to_string()))?;
    if id.is_relayed() {
        Ok(Which::Relay(id.id))
    } else if id.cluster == house.config.cluster {
        Ok(Which::Room(RoomId(id.id)))
    } else {
        Err(Error::new(ErrorCode::MatchNotFound, "the match was not found"))
    }
}

enum Place<'a> {
    Room(RoomId, Option<Resume>),
    /// To watch only.
    Gallery(RoomId),
    Relay(u128),
    Token(&'a str),
}

/// Where a client wants in, and what it brings from an earlier visit.
fn place<'a>(house: &House, join: &'a MatchJoin) -> Result<Place<'a>, Error> {
    let bad = |why: &str| Error::new(ErrorCode::BadInput, why);
    let match_id = match (&join.match_id, &join.token) {
        (Some(match_id), None) => match_id,
        (None, Some(token)) => return Ok(Place::Token(token)),
        (None, None) => return Err(bad("a match id or a token is required")),
        (Some(_), Some(_)) => return Err(bad("a match is joined by its id or by a token, not by both")),
    };
    let fits = |text: &String| text.len() <= JOIN_METADATA_VALUE_BYTES_MAX;
    if join.metadata.len() > JOIN_METADATA_ENTRIES_MAX
        || !join.metadata.iter().all(|(k, v)| fits(k) && fits(v))
    {
        return Err(bad("the metadata of the join is too large"));
    }
    let resume = match join.metadata.get("resume") {
        None => None,
        Some(token) => {
            let seen = join.metadata.get("seq").map_or(Ok(0), |seq| seq.parse());
            let seen = Seq(seen.map_err(|_| bad("metadata.seq must be a sequence number"))?);
            let step = join.metadata.get("step").map_or(Ok(0), |step| step.parse());
            let step = step.map_err(|_| bad("metadata.step must be a step"))?;
            Some(Resume { token: token.clone(), seen, step })
        }
    };
    let spectate = match join.metadata.get("spectate").map(String::as_str) {
        None | Some("" | "0") => false,
        Some("1") => true,
        Some(_) => return Err(bad("metadata.spectate must be 1 or 0")),
    };
    Ok(match which(house, match_id)? {
        Which::Room(_) if spectate && resume.is_some() => {
            return Err(bad("who only watches has nothing to resume"));
        }
        Which::Room(room) if spectate => Place::Gallery(room),
        Which::Relay(_) if spectate => return Err(bad("a relayed match cannot be watched")),
        Which::Room(room) => Place::Room(room, resume),
        Which::Relay(id) => Place::Relay(id),
    })
}
