//! Parties: small groups that play together for a while.

use super::UserPresence;
use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A party as one of its members sees it.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Party {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Whether anyone may join without asking.
    #[prost(bool, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub open: bool,
    /// Most members.
    #[prost(int32, tag = "3")]
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_size: i32,
    /// The client's own presence.
    #[prost(message, optional, tag = "4")]
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub own: Option<UserPresence>,
    /// Who leads.
    #[prost(message, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader: Option<UserPresence>,
    /// Every member.
    #[prost(message, repeated, tag = "6")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub presences: Vec<UserPresence>,
    /// What lists of parties can be searched by.
    #[prost(string, tag = "7")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub label: String,
    /// Whether lists leave the party out.
    #[prost(bool, tag = "8")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub hidden: bool,
}

/// Opens a party that the client leads.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyCreate {
    /// Whether anyone may join without asking.
    #[prost(bool, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub open: bool,
    /// Most members, 1 to 256.
    #[prost(int32, tag = "2")]
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_size: i32,
    /// What lists of parties can be searched by.
    #[prost(string, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub label: String,
    /// Whether lists leave the party out.
    #[prost(bool, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub hidden: bool,
}

/// The leader changes what the party is; members are told with the same message.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyUpdate {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// What lists of parties can be searched by.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub label: String,
    /// Whether anyone may join without asking.
    #[prost(bool, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub open: bool,
    /// Whether lists leave the party out.
    #[prost(bool, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub hidden: bool,
}

/// Joins, or asks the leader to be let in.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyJoin {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
}

/// Leaves.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyLeave {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
}

/// The leader makes another member the leader.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyPromote {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Who shall lead.
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<UserPresence>,
}

/// Another member leads now.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyLeader {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Who leads.
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<UserPresence>,
}

/// The leader lets someone in who asked.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyAccept {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Who is let in.
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<UserPresence>,
}

/// The leader sends a member away, or refuses someone who asked.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyRemove {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Who it is.
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<UserPresence>,
}

/// The leader ends the party; members are told with the same message.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyClose {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
}

/// The leader asks who wants to be let in.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyJoinRequestList {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
}

/// Who wants to be let in: the answer to the leader, and the news of one more.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyJoinRequest {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Who asks.
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub presences: Vec<UserPresence>,
}

/// The leader begins to wait for others, with the whole party.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyMatchmakerAdd {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Fewest players, the party's too.
    #[prost(int32, tag = "2")]
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub min_count: i32,
    /// Most players.
    #[prost(int32, tag = "3")]
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub max_count: i32,
    /// Which others will do.
    #[prost(string, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub query: String,
    /// Texts that queries can ask for.
    #[prost(btree_map = "string, string", tag = "5")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub string_properties: BTreeMap<String, String>,
    /// Numbers that queries can ask for.
    #[prost(btree_map = "string, double", tag = "6")]
    #[serde(with = "json::doubles", skip_serializing_if = "BTreeMap::is_empty")]
    pub numeric_properties: BTreeMap<String, f64>,
    /// The number of players must be a multiple of this; absent is any.
    #[prost(message, optional, tag = "7")]
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub count_multiple: Option<i32>,
}

/// The leader stops waiting.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyMatchmakerRemove {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// The ticket.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub ticket: String,
}

/// The party waits for others: the answer to the leader, and the news to the members.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyMatchmakerTicket {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// The ticket.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub ticket: String,
}

/// Data from a member to the others.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyData {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Who sent it, if a client did.
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<UserPresence>,
    /// What it is.
    #[prost(int64, tag = "3")]
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    pub op_code: i64,
    /// The payload.
    #[prost(bytes = "vec", tag = "4")]
    #[serde(with = "json::bytes", skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<u8>,
}

/// Data to the other members.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyDataSend {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// What it is.
    #[prost(int64, tag = "2")]
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    pub op_code: i64,
    /// The payload.
    #[prost(bytes = "vec", tag = "3")]
    #[serde(with = "json::bytes", skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<u8>,
}

/// Who came and who went.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyPresenceEvent {
    /// The party.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub party_id: String,
    /// Who came.
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<UserPresence>,
    /// Who went.
    #[prost(message, repeated, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<UserPresence>,
}
