//! What a stream's members are told when somebody comes or goes.

use wire::envelope::{
    ChannelPresenceEvent, MatchPresenceEvent, Message, PartyPresenceEvent, StatusPresenceEvent, UserPresence,
};

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
        Mode::Status => Some(Message::StatusPresenceEvent(StatusPresenceEvent { joins, leaves })),
        Mode::Room | Mode::Group | Mode::Direct => {
            let channel = crate::chat::Channel::of_stream(stream)?;
            let names = channel.names();
            Some(Message::ChannelPresenceEvent(ChannelPresenceEvent {
                channel_id: channel.to_string(),
                joins,
                leaves,
                room_name: names.room_name,
                group_id: names.group_id,
                user_id_one: names.user_id_one,
                user_id_two: names.user_id_two,
            }))
        }
        _ => None,
    }
}
