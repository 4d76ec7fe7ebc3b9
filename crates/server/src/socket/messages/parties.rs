//! Parties.

use std::sync::Arc;

use app::matchmaker::Wanted;
use app::parties::{Joining, NewParty, PartyError, parse_id};
use app::session::{Session, SessionId};
use wire::envelope::{
    Message, PartyAccept, PartyClose, PartyCreate, PartyDataSend, PartyJoin, PartyJoinRequestList,
    PartyLeave, PartyMatchmakerAdd, PartyMatchmakerRemove, PartyPromote, PartyRemove, PartyUpdate,
    UserPresence,
};

use super::Answered;
use crate::house::House;

/// Opens a party.
pub fn create(house: &House, session: &Arc<Session>, create: PartyCreate) -> Answered {
    let PartyCreate { open, max_size, label, hidden } = create;
    let new = NewParty { open, max_size: max_size.into(), label, hidden };
    Ok(Some(Message::Party(house.services.parties.create(session, new)?)))
}

/// Joins, or asks to. Whoever gets in is shown the party, by a message of its own as when the leader lets it in.
pub fn join(house: &House, session: &Arc<Session>, join: &PartyJoin) -> Answered {
    if let Joining::Joined(party) = house.services.parties.join(session, parse_id(&join.party_id)?)? {
        session.send(Message::Party(*party));
    }
    Ok(None)
}

/// Leaves.
pub fn leave(house: &House, session: &Session, leave: &PartyLeave) -> Answered {
    house.services.parties.leave(session, parse_id(&leave.party_id)?)?;
    Ok(None)
}

/// Makes another member the leader.
pub fn promote(house: &House, session: &Session, promote: &PartyPromote) -> Answered {
    let target = named(&promote.presence)?;
    let leader = house.services.parties.promote(session, parse_id(&promote.party_id)?, target)?;
    Ok(Some(Message::PartyLeader(leader)))
}

/// Lets somebody in.
pub fn accept(house: &House, session: &Session, accept: &PartyAccept) -> Answered {
    let target = named(&accept.presence)?;
    house.services.parties.accept(session, parse_id(&accept.party_id)?, target)?;
    Ok(None)
}

/// Sends somebody away.
pub fn remove(house: &House, session: &Session, remove: &PartyRemove) -> Answered {
    let target = named(&remove.presence)?;
    house.services.parties.remove(session, parse_id(&remove.party_id)?, target)?;
    Ok(None)
}

/// Ends the party.
pub fn close(house: &House, session: &Session, close: &PartyClose) -> Answered {
    house.services.parties.close(session, parse_id(&close.party_id)?)?;
    Ok(None)
}

/// Who asks to be let in.
pub fn requests(house: &House, session: &Session, list: &PartyJoinRequestList) -> Answered {
    let requests = house.services.parties.requests(session, parse_id(&list.party_id)?)?;
    Ok(Some(Message::PartyJoinRequest(requests)))
}

/// Changes what the party is.
pub fn update(house: &House, session: &Session, update: PartyUpdate) -> Answered {
    house.services.parties.update(session, update)?;
    Ok(None)
}

/// Begins to wait for others.
pub fn matchmaker_add(house: &House, session: &Session, add: PartyMatchmakerAdd) -> Answered {
    let id = parse_id(&add.party_id)?;
    let wanted = Wanted {
        min_count: add.min_count.into(),
        max_count: add.max_count.into(),
        count_multiple: add.count_multiple.map(i64::from),
        query: add.query,
        strings: add.string_properties,
        numbers: add.numeric_properties,
    };
    let ticket = house.services.parties.matchmaker_add(session, id, wanted)?;
    Ok(Some(Message::PartyMatchmakerTicket(ticket)))
}

/// Stops waiting for others.
pub fn matchmaker_remove(house: &House, session: &Session, remove: &PartyMatchmakerRemove) -> Answered {
    let id = parse_id(&remove.party_id)?;
    house.services.parties.matchmaker_remove(session, id, &remove.ticket)?;
    Ok(None)
}

/// Sends data to the other members.
pub fn send(house: &House, session: &Session, data: PartyDataSend) -> Answered {
    let id = parse_id(&data.party_id)?;
    house.services.parties.send(session, id, data.op_code, data.data)?;
    Ok(None)
}

/// Whom a leader means: a presence is known by its session.
fn named(presence: &Option<UserPresence>) -> Result<SessionId, PartyError> {
    let session = presence.as_ref().and_then(|presence| SessionId::parse(&presence.session_id));
    session.ok_or(PartyError::NoSuchMember)
}
