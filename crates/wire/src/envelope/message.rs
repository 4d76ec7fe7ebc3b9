//! The envelope itself, and its JSON form: `cid` and one key that names the message.

use super::{
    Channel, ChannelJoin, ChannelLeave, ChannelMessage, ChannelMessageAck, ChannelMessageRemove,
    ChannelMessageSend, ChannelMessageUpdate, ChannelPresenceEvent, Error, Match, MatchCreate, MatchData,
    MatchDataSend, MatchJoin, MatchLeave, MatchPresenceEvent, MatchmakerAdd, MatchmakerMatched,
    MatchmakerRemove, MatchmakerTicket, Notifications, Party, PartyAccept, PartyClose, PartyCreate,
    PartyData, PartyDataSend, PartyJoin, PartyJoinRequest, PartyJoinRequestList, PartyLeader, PartyLeave,
    PartyMatchmakerAdd, PartyMatchmakerRemove, PartyMatchmakerTicket, PartyPresenceEvent, PartyPromote,
    PartyRemove, PartyUpdate, Ping, Pong, Rpc, Status, StatusFollow, StatusPresenceEvent, StatusUnfollow,
    StatusUpdate, StreamData, StreamPresenceEvent,
};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A request id and one message. Without a message it acknowledges the request.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Envelope {
    /// Chosen by the client, repeated in the answer. Clients restart it with each socket.
    #[prost(string, tag = "1")]
    pub cid: String,
    /// The message.
    #[prost(
        oneof = "Message",
        tags = "2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51"
    )]
    pub message: Option<Message>,
}

/// Every message that the house understands.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Message {
    /// To the client: the channel was joined.
    #[prost(message, tag = "2")]
    Channel(Channel),
    /// From the client: join a channel.
    #[prost(message, tag = "3")]
    ChannelJoin(ChannelJoin),
    /// From the client: leave a channel.
    #[prost(message, tag = "4")]
    ChannelLeave(ChannelLeave),
    /// To the client: someone wrote.
    #[prost(message, tag = "5")]
    ChannelMessage(ChannelMessage),
    /// To the client: what it wrote was taken.
    #[prost(message, tag = "6")]
    ChannelMessageAck(ChannelMessageAck),
    /// From the client: write.
    #[prost(message, tag = "7")]
    ChannelMessageSend(ChannelMessageSend),
    /// From the client: change a message.
    #[prost(message, tag = "8")]
    ChannelMessageUpdate(ChannelMessageUpdate),
    /// From the client: take a message away.
    #[prost(message, tag = "9")]
    ChannelMessageRemove(ChannelMessageRemove),
    /// To the client: who came and went in a channel.
    #[prost(message, tag = "10")]
    ChannelPresenceEvent(ChannelPresenceEvent),
    /// To the client: a request failed.
    #[prost(message, tag = "11")]
    Error(Error),
    /// To the client: the join succeeded.
    #[prost(message, tag = "12")]
    Match(Match),
    /// From the client: open a relayed match.
    #[prost(message, tag = "13")]
    MatchCreate(MatchCreate),
    /// To the client: data.
    #[prost(message, tag = "14")]
    MatchData(MatchData),
    /// From the client: data.
    #[prost(message, tag = "15")]
    MatchDataSend(MatchDataSend),
    /// From the client: join.
    #[prost(message, tag = "16")]
    MatchJoin(MatchJoin),
    /// From the client: leave.
    #[prost(message, tag = "17")]
    MatchLeave(MatchLeave),
    /// To the client: who came and went.
    #[prost(message, tag = "18")]
    MatchPresenceEvent(MatchPresenceEvent),
    /// From the client: find others.
    #[prost(message, tag = "19")]
    MatchmakerAdd(MatchmakerAdd),
    /// To the client: others were found.
    #[prost(message, tag = "20")]
    MatchmakerMatched(MatchmakerMatched),
    /// From the client: stop looking.
    #[prost(message, tag = "21")]
    MatchmakerRemove(MatchmakerRemove),
    /// To the client: the search has begun.
    #[prost(message, tag = "22")]
    MatchmakerTicket(MatchmakerTicket),
    /// To the client: news.
    #[prost(message, tag = "23")]
    Notifications(Notifications),
    /// Both ways: a call and its answer.
    #[prost(message, tag = "24")]
    Rpc(Rpc),
    /// To the client: who of the followed is there.
    #[prost(message, tag = "25")]
    Status(Status),
    /// From the client: follow users.
    #[prost(message, tag = "26")]
    StatusFollow(StatusFollow),
    /// To the client: a followed user's status changed.
    #[prost(message, tag = "27")]
    StatusPresenceEvent(StatusPresenceEvent),
    /// From the client: follow them no more.
    #[prost(message, tag = "28")]
    StatusUnfollow(StatusUnfollow),
    /// From the client: the own status.
    #[prost(message, tag = "29")]
    StatusUpdate(StatusUpdate),
    /// To the client: data on a stream.
    #[prost(message, tag = "30")]
    StreamData(StreamData),
    /// To the client: who came and went on a stream.
    #[prost(message, tag = "31")]
    StreamPresenceEvent(StreamPresenceEvent),
    /// Both ways: heartbeat.
    #[prost(message, tag = "32")]
    Ping(Ping),
    /// Both ways: heartbeat's answer.
    #[prost(message, tag = "33")]
    Pong(Pong),
    /// To the client: the party was joined.
    #[prost(message, tag = "34")]
    Party(Party),
    /// From the client: open a party.
    #[prost(message, tag = "35")]
    PartyCreate(PartyCreate),
    /// From the client: join a party, or ask to.
    #[prost(message, tag = "36")]
    PartyJoin(PartyJoin),
    /// From the client: leave a party.
    #[prost(message, tag = "37")]
    PartyLeave(PartyLeave),
    /// From the client: make another the leader.
    #[prost(message, tag = "38")]
    PartyPromote(PartyPromote),
    /// To the client: who leads now.
    #[prost(message, tag = "39")]
    PartyLeader(PartyLeader),
    /// From the client: let someone in.
    #[prost(message, tag = "40")]
    PartyAccept(PartyAccept),
    /// From the client: send someone away.
    #[prost(message, tag = "41")]
    PartyRemove(PartyRemove),
    /// Both ways: the party ends.
    #[prost(message, tag = "42")]
    PartyClose(PartyClose),
    /// From the client: who asks to be let in?
    #[prost(message, tag = "43")]
    PartyJoinRequestList(PartyJoinRequestList),
    /// To the client: who asks to be let in.
    #[prost(message, tag = "44")]
    PartyJoinRequest(PartyJoinRequest),
    /// From the client: find others for the party.
    #[prost(message, tag = "45")]
    PartyMatchmakerAdd(PartyMatchmakerAdd),
    /// From the client: stop looking.
    #[prost(message, tag = "46")]
    PartyMatchmakerRemove(PartyMatchmakerRemove),
    /// To the client: the party's search has begun.
    #[prost(message, tag = "47")]
    PartyMatchmakerTicket(PartyMatchmakerTicket),
    /// To the client: data from a member.
    #[prost(message, tag = "48")]
    PartyData(PartyData),
    /// From the client: data to the members.
    #[prost(message, tag = "49")]
    PartyDataSend(PartyDataSend),
    /// To the client: who came and went in the party.
    #[prost(message, tag = "50")]
    PartyPresenceEvent(PartyPresenceEvent),
    /// Both ways: the party changes.
    #[prost(message, tag = "51")]
    PartyUpdate(PartyUpdate),
}

/// One line per message ties its variant to its key, for both directions.
macro_rules! json_keys {
    ($($key:literal => $variant:ident,)*) => {
        impl Message {
            /// The names of all messages in JSON.
            pub const KEYS: &'static [&'static str] = &[$($key,)*];

            /// The message's name in JSON.
            pub fn key(&self) -> &'static str {
                match self {
                    $(Message::$variant(_) => $key,)*
                }
            }

            fn serialize_entry<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self {
                    $(Message::$variant(body) => map.serialize_entry($key, body),)*
                }
            }

            fn read_value<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Option<Self>, A::Error> {
                Ok(match key {
                    $($key => map.next_value::<Option<_>>()?.map(Message::$variant),)*
                    _ => {
                        map.next_value::<IgnoredAny>()?;
                        None
                    }
                })
            }
        }
    };
}

json_keys! {
    "channel" => Channel,
    "channel_join" => ChannelJoin,
    "channel_leave" => ChannelLeave,
    "channel_message" => ChannelMessage,
    "channel_message_ack" => ChannelMessageAck,
    "channel_message_send" => ChannelMessageSend,
    "channel_message_update" => ChannelMessageUpdate,
    "channel_message_remove" => ChannelMessageRemove,
    "channel_presence_event" => ChannelPresenceEvent,
    "error" => Error,
    "match" => Match,
    "match_create" => MatchCreate,
    "match_data" => MatchData,
    "match_data_send" => MatchDataSend,
    "match_join" => MatchJoin,
    "match_leave" => MatchLeave,
    "match_presence_event" => MatchPresenceEvent,
    "matchmaker_add" => MatchmakerAdd,
    "matchmaker_matched" => MatchmakerMatched,
    "matchmaker_remove" => MatchmakerRemove,
    "matchmaker_ticket" => MatchmakerTicket,
    "notifications" => Notifications,
    "rpc" => Rpc,
    "status" => Status,
    "status_follow" => StatusFollow,
    "status_presence_event" => StatusPresenceEvent,
    "status_unfollow" => StatusUnfollow,
    "status_update" => StatusUpdate,
    "stream_data" => StreamData,
    "stream_presence_event" => StreamPresenceEvent,
    "ping" => Ping,
    "pong" => Pong,
    "party" => Party,
    "party_create" => PartyCreate,
    "party_join" => PartyJoin,
    "party_leave" => PartyLeave,
    "party_promote" => PartyPromote,
    "party_leader" => PartyLeader,
    "party_accept" => PartyAccept,
    "party_remove" => PartyRemove,
    "party_close" => PartyClose,
    "party_join_request_list" => PartyJoinRequestList,
    "party_join_request" => PartyJoinRequest,
    "party_matchmaker_add" => PartyMatchmakerAdd,
    "party_matchmaker_remove" => PartyMatchmakerRemove,
    "party_matchmaker_ticket" => PartyMatchmakerTicket,
    "party_data" => PartyData,
    "party_data_send" => PartyDataSend,
    "party_presence_event" => PartyPresenceEvent,
    "party_update" => PartyUpdate,
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        if !self.cid.is_empty() {
            map.serialize_entry("cid", &self.cid)?;
        }
        if let Some(message) = &self.message {
            message.serialize_entry(&mut map)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(EnvelopeVisitor)
    }
}

struct EnvelopeVisitor;

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an envelope")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope, A::Error> {
        let mut envelope = Envelope::default();
        let mut has_cid = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == "cid" {
                if has_cid {
                    return Err(de::Error::duplicate_field("cid"));
                }
                has_cid = true;
                envelope.cid = map.next_value::<Option<String>>()?.unwrap_or_default();
            } else if let Some(message) = Message::read_value(&key, &mut map)? {
                if envelope.message.is_some() {
                    return Err(de::Error::custom("more than one message in the envelope"));
                }
                envelope.message = Some(message);
            }
        }
        Ok(envelope)
    }
}
