//! Every message of the envelope, made from bytes: one that a failing test can shrink.

use std::collections::BTreeMap;
use wire::envelope::*;

/// Bytes to make values of. When they run out, everything is empty.
pub struct Source<'a>(pub &'a [u8]);

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> i64 {
        match self.byte() % 4 {
            0 => 0,
            1 => i64::from(self.byte() as i8),
            2 => i64::MAX - i64::from(self.byte()),
            _ => i64::from_le_bytes(std::array::from_fn(|_| self.byte())),
        }
    }
}

/// A value of any kind.
pub trait Make {
    /// Takes what it needs from the source.
    fn make(source: &mut Source<'_>) -> Self;
}

impl Make for String {
    fn make(source: &mut Source<'_>) -> Self {
        const PIECES: [&str; 8] =
            ["a", "\"", "\\", "é", "\u{0}", "0190c0de-0000-7000-8000-00000000002a", "{}", "\u{10ffff}"];
        (0..source.byte() % 4).map(|_| PIECES[usize::from(source.byte()) % PIECES.len()]).collect()
    }
}

impl Make for bool {
    fn make(source: &mut Source<'_>) -> Self {
        source.byte() % 2 == 1
    }
}

impl Make for i32 {
    fn make(source: &mut Source<'_>) -> Self {
        source.number() as i32
    }
}

impl Make for i64 {
    fn make(source: &mut Source<'_>) -> Self {
        source.number()
    }
}

impl Make for u8 {
    fn make(source: &mut Source<'_>) -> Self {
        source.byte()
    }
}

impl Make for f64 {
    fn make(source: &mut Source<'_>) -> Self {
        match source.byte() {
            0 => f64::INFINITY,
            1 => f64::NEG_INFINITY,
            _ => f64::from(source.number() as i32) / 8.0,
        }
    }
}

impl<T: Make> Make for Option<T> {
    fn make(source: &mut Source<'_>) -> Self {
        bool::make(source).then(|| T::make(source))
    }
}

impl<T: Make> Make for Vec<T> {
    fn make(source: &mut Source<'_>) -> Self {
        (0..source.byte() % 4).map(|_| T::make(source)).collect()
    }
}

impl<T: Make> Make for BTreeMap<String, T> {
    fn make(source: &mut Source<'_>) -> Self {
        (0..source.byte() % 3).map(|_| (String::make(source), T::make(source))).collect()
    }
}

impl Make for Timestamp {
    fn make(source: &mut Source<'_>) -> Self {
        let seconds = source.number().rem_euclid(253_402_300_800);
        Timestamp { seconds, nanos: i32::from(source.byte() % 3) * 100_000_001 }
    }
}

macro_rules! shapes {
    ($($name:ident { $($field:ident),* })*) => {
        $(impl Make for $name {
            fn make(source: &mut Source<'_>) -> Self {
                $name { $($field: Make::make(source)),* }
            }
        })*
    };
}

shapes! {
    UserPresence { user_id, session_id, username, persistence, status }
    Error { code, message, context }
    Rpc { id, payload, http_key }
    Match { match_id, authoritative, label, size, presences, own }
    MatchCreate { name }
    MatchData { match_id, presence, op_code, data, reliable }
    MatchDataSend { match_id, op_code, data, presences, reliable }
    MatchJoin { match_id, token, metadata }
    MatchLeave { match_id }
    MatchPresenceEvent { match_id, joins, leaves }
    Channel { id, presences, own, room_name, group_id, user_id_one, user_id_two }
    ChannelJoin { target, kind, persistence, hidden }
    ChannelLeave { channel_id }
    ChannelMessage { channel_id, message_id, code, sender_id, username, content, create_time, update_time, persistent, room_name, group_id, user_id_one, user_id_two }
    ChannelMessageAck { channel_id, message_id, code, username, create_time, update_time, persistent, room_name, group_id, user_id_one, user_id_two }
    ChannelMessageSend { channel_id, content }
    ChannelMessageUpdate { channel_id, message_id, content }
    ChannelMessageRemove { channel_id, message_id }
    ChannelPresenceEvent { channel_id, joins, leaves, room_name, group_id, user_id_one, user_id_two }
    MatchmakerAdd { min_count, max_count, query, string_properties, numeric_properties, count_multiple }
    MatchmakerUser { presence, party_id, string_properties, numeric_properties }
    MatchmakerMatched { ticket, match_id, token, users, own }
    MatchmakerRemove { ticket }
    MatchmakerTicket { ticket }
    Party { party_id, open, max_size, own, leader, presences, label, hidden }
    PartyCreate { open, max_size, label, hidden }
    PartyUpdate { party_id, label, open, hidden }
    PartyJoin { party_id }
    PartyLeave { party_id }
    PartyPromote { party_id, presence }
    PartyLeader { party_id, presence }
    PartyAccept { party_id, presence }
    PartyRemove { party_id, presence }
    PartyClose { party_id }
    PartyJoinRequestList { party_id }
    PartyJoinRequest { party_id, presences }
    PartyMatchmakerAdd { party_id, min_count, max_count, query, string_properties, numeric_properties, count_multiple }
    PartyMatchmakerRemove { party_id, ticket }
    PartyMatchmakerTicket { party_id, ticket }
    PartyData { party_id, presence, op_code, data }
    PartyDataSend { party_id, op_code, data }
    PartyPresenceEvent { party_id, joins, leaves }
    Status { presences }
    StatusFollow { user_ids, usernames }
    StatusUnfollow { user_ids }
    StatusUpdate { status }
    StatusPresenceEvent { joins, leaves }
    Stream { mode, subject, subcontext, label }
    StreamData { stream, sender, data, reliable }
    StreamPresenceEvent { stream, joins, leaves }
    Notifications { notifications }
    Notification { id, subject, content, code, sender_id, create_time, persistent }
}

impl Make for Ping {
    fn make(_: &mut Source<'_>) -> Self {
        Ping {}
    }
}

impl Make for Pong {
    fn make(_: &mut Source<'_>) -> Self {
        Pong {}
    }
}

macro_rules! messages {
    ($($name:ident)*) => {
        const MAKERS: &[fn(&mut Source<'_>) -> Message] = &[$(|source| Message::$name(Make::make(source))),*];
    };
}

messages! {
    Channel ChannelJoin ChannelLeave ChannelMessage ChannelMessageAck ChannelMessageSend
    ChannelMessageUpdate ChannelMessageRemove ChannelPresenceEvent Error Match MatchCreate MatchData
    MatchDataSend MatchJoin MatchLeave MatchPresenceEvent MatchmakerAdd MatchmakerMatched
    MatchmakerRemove MatchmakerTicket Notifications Rpc Status StatusFollow StatusPresenceEvent
    StatusUnfollow StatusUpdate StreamData StreamPresenceEvent Ping Pong Party PartyCreate PartyJoin
    PartyLeave PartyPromote PartyLeader PartyAccept PartyRemove PartyClose PartyJoinRequestList
    PartyJoinRequest PartyMatchmakerAdd PartyMatchmakerRemove PartyMatchmakerTicket PartyData
    PartyDataSend PartyPresenceEvent PartyUpdate
}

impl Make for Message {
    fn make(source: &mut Source<'_>) -> Self {
        MAKERS[usize::from(source.byte()) % MAKERS.len()](source)
    }
}

impl Make for Envelope {
    fn make(source: &mut Source<'_>) -> Self {
        let message = if source.byte() == 255 { None } else { Some(Message::make(source)) };
        Envelope { cid: String::make(source), message }
    }
}

/// One message of each kind.
pub fn one_of_each(source: &mut Source<'_>) -> impl Iterator<Item = Message> {
    MAKERS.iter().map(|make| make(source))
}
