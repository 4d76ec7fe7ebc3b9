//! The realtime envelope: a request id and one message, in JSON or protobuf.
//!
//! One set of types carries both formats: prost gives the field numbers, serde gives protobuf's JSON mapping. Each
//! domain has a module of its own; a new domain adds its types there and a line to [`Message`].
//!
//! Match data is the hot path and has hand-written readers and writers ([`Incoming`], [`MatchDataOut`]) that give
//! the same answers as the general ones.

mod channels;
mod error;
mod heartbeat;
mod hot_json;
mod hot_protobuf;
mod match_data;
mod matches;
mod matchmaker;
mod message;
mod notifications;
mod parties;
mod presence;
mod rpc;
mod status;
mod streams;

pub use channels::{
    Channel, ChannelJoin, ChannelKind, ChannelLeave, ChannelMessage, ChannelMessageAck, ChannelMessageCode,
    ChannelMessageRemove, ChannelMessageSend, ChannelMessageUpdate, ChannelPresenceEvent,
};
pub use error::{Error, ErrorCode};
pub use heartbeat::{Ping, Pong};
pub use match_data::{Incoming, MatchDataOut, MatchDataView};
pub use matches::{Match, MatchCreate, MatchData, MatchDataSend, MatchJoin, MatchLeave, MatchPresenceEvent};
pub use matchmaker::{MatchmakerAdd, MatchmakerMatched, MatchmakerRemove, MatchmakerTicket, MatchmakerUser};
pub use message::{Envelope, Message};
pub use notifications::{Notification, Notifications};
pub use parties::{
    Party, PartyAccept, PartyClose, PartyCreate, PartyData, PartyDataSend, PartyJoin, PartyJoinRequest,
    PartyJoinRequestList, PartyLeader, PartyLeave, PartyMatchmakerAdd, PartyMatchmakerRemove,
    PartyMatchmakerTicket, PartyPresenceEvent, PartyPromote, PartyRemove, PartyUpdate,
};
pub use presence::UserPresence;
pub use rpc::Rpc;
pub use status::{Status, StatusFollow, StatusPresenceEvent, StatusUnfollow, StatusUpdate};
pub use streams::{Stream, StreamData, StreamPresenceEvent};

pub use crate::time::Timestamp;

use crate::json;
use crate::limits::JSON_DEPTH_MAX;
use crate::objects;
use prost::Message as _;

/// How envelopes are written on one socket, from `?format=`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text messages.
    #[default]
    Json,
    /// Binary messages.
    Protobuf,
}

impl Format {
    /// Reads the query's value; absent or empty is JSON.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "" | "json" => Some(Format::Json),
            "protobuf" => Some(Format::Protobuf),
            _ => None,
        }
    }
}

/// Why bytes are not an envelope.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not UTF-8.
    #[error("the message is not UTF-8 text")]
    NotText,
    /// Brackets nest too deep.
    #[error("the message nests deeper than {JSON_DEPTH_MAX}")]
    TooDeep,
    /// Not JSON, or not of this shape.
    #[error("the message is not a valid JSON envelope: {0}")]
    Json(#[from] serde_json::Error),
    /// Not protobuf, or not of this shape.
    #[error("the message is not a valid protobuf envelope: {0}")]
    Protobuf(#[from] prost::DecodeError),
}

impl Envelope {
    /// An envelope that answers the request `cid` (empty for none).
    pub fn new(cid: impl Into<String>, message: Message) -> Self {
        Envelope { cid: cid.into(), message: Some(message) }
    }

    /// The bare acknowledgement of a request.
    pub fn ack(cid: impl Into<String>) -> Self {
        Envelope { cid: cid.into(), message: None }
    }

    /// Reads an envelope of any kind.
    pub fn decode_from(format: Format, bytes: &[u8]) -> Result<Self, DecodeError> {
        match format {
            Format::Json => {
                if !json::depth_within(bytes, JSON_DEPTH_MAX) {
                    return Err(DecodeError::TooDeep);
                }
                Ok(objects::from_slice(bytes)?)
            }
            Format::Protobuf => Ok(Envelope::decode(bytes)?),
        }
    }

    /// Appends the envelope to `out`.
    pub fn encode_to(&self, format: Format, out: &mut Vec<u8>) {
        match format {
            Format::Json => {
                serde_json::to_writer(out, self).expect("maps have string keys and a Vec takes every byte");
            }
            Format::Protobuf => self.encode_raw(out),
        }
    }

    /// The envelope as bytes of its own.
    pub fn to_bytes(&self, format: Format) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_to(format, &mut out);
        out
    }
}
