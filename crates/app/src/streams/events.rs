//! What a stream's members are told when somebody comes or goes.

use wire::envelope::{MatchPresenceEvent, Message, PartyPresenceEvent, UserPresence};

use super::{Mode, Stream};

/// The message, if streams of this kind have one.
pub fn changed(stream: &Stream, joins: Vec<UserPresence>, leaves: Vec<UserPresence>) -> Option<Message> {
    match stream.mode {
        Mode::Relay => {
            let match_id = crate::relays::match_id(stream.subject);
            Some(Message::MatchPresenceEvent(MatchPresenceEvent { match_id, joins, leaves }))
        }
        Mode::Party => {
            let party_id = crate::parties::party_id(stream.subject);
            Some(Message::PartyPresenceEvent(PartyPresenceEvent { party_id, joins, leaves }))
        }
        _ => None,
    }
}
