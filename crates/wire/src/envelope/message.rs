//! The envelope itself, and its JSON form: `cid` and one key that names the message.

use super::{
    Error, Match, MatchCreate, MatchData, MatchDataSend, MatchJoin, MatchLeave, MatchPresenceEvent, Ping,
    Pong, Rpc,
};
use crate::json;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A request id and one message. Without a message it acknowledges the request.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Envelope {
    /// Chosen by the client, repeated in the answer. Clients restart it with each socket.
    #[prost(string, tag = "1")]
    pub cid: String,
    /// The message.
    #[prost(oneof = "Message", tags = "11, 12, 13, 14, 15, 16, 17, 18, 24, 32, 33")]
    pub message: Option<Message>,
}

/// Every message that the house understands.
#[derive(Clone, PartialEq, Eq, prost::Oneof)]
pub enum Message {
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
    /// Both ways: a call and its answer.
    #[prost(message, tag = "24")]
    Rpc(Rpc),
    /// Both ways: heartbeat.
    #[prost(message, tag = "32")]
    Ping(Ping),
    /// Both ways: heartbeat's answer.
    #[prost(message, tag = "33")]
    Pong(Pong),
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
                    $($key => map.next_value::<json::Object<_>>()?.0.map(Message::$variant),)*
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
    "error" => Error,
    "match" => Match,
    "match_create" => MatchCreate,
    "match_data" => MatchData,
    "match_data_send" => MatchDataSend,
    "match_join" => MatchJoin,
    "match_leave" => MatchLeave,
    "match_presence_event" => MatchPresenceEvent,
    "rpc" => Rpc,
    "ping" => Ping,
    "pong" => Pong,
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
