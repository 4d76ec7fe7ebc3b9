//! Chat: joining and leaving channels, sending, changing and removing messages, and who is there.

use super::{Timestamp, UserPresence};
use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to a join.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Channel {
    /// The channel, for every later message.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub id: String,
    /// Who is there and not hidden.
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub presences: Vec<UserPresence>,
    /// The client's own presence.
    #[prost(message, optional, tag = "3")]
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub own: Option<UserPresence>,
    /// The room's name, in a room.
    #[prost(string, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub room_name: String,
    /// The group, in a group's channel.
    #[prost(string, tag = "5")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub group_id: String,
    /// The first of two users, in a direct channel.
    #[prost(string, tag = "6")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id_one: String,
    /// The second of the two.
    #[prost(string, tag = "7")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id_two: String,
}

/// Asks for a place in a channel.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelJoin {
    /// A room's name, a user's id or a group's id, by `kind`.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub target: String,
    /// A [`ChannelKind`] as its number; 0 is a room, too.
    #[prost(int32, tag = "2")]
    #[serde(
        rename = "type",
        deserialize_with = "json::int32::deserialize",
        skip_serializing_if = "json::is_default"
    )]
    pub kind: i32,
    /// Whether what this client sends is kept; absent is yes.
    #[prost(message, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistence: Option<bool>,
    /// Whether others shall not see this client in the channel; absent is no.
    #[prost(message, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
}

/// Gives up the place.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelLeave {
    /// The channel.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub channel_id: String,
}

/// A message in a channel, as it is pushed and as it is listed.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ChannelMessage {
    /// The channel.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub channel_id: String,
    /// The message.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub message_id: String,
    /// A [`ChannelMessageCode`] as its number; zero is written too.
    #[prost(message, optional, tag = "3")]
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// Who sent it.
    #[prost(string, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub sender_id: String,
    /// The sender's name at that time.
    #[prost(string, tag = "5")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub username: String,
    /// A JSON object as text.
    #[prost(string, tag = "6")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub content: String,
    /// When it was sent.
    #[prost(message, optional, tag = "7")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub create_time: Option<Timestamp>,
    /// When it was last changed.
    #[prost(message, optional, tag = "8")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub update_time: Option<Timestamp>,
    /// Whether it is kept.
    #[prost(message, optional, tag = "9")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent: Option<bool>,
    /// The room's name, in a room.
    #[prost(string, tag = "10")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub room_name: String,
    /// The group, in a group's channel.
    #[prost(string, tag = "11")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub group_id: String,
    /// The first of two users, in a direct channel.
    #[prost(string, tag = "12")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id_one: String,
    /// The second of the two.
    #[prost(string, tag = "13")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id_two: String,
}

/// The answer to sending, changing or removing a message.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelMessageAck {
    /// The channel.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub channel_id: String,
    /// The message.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub message_id: String,
    /// A [`ChannelMessageCode`] as its number; zero is written too.
    #[prost(message, optional, tag = "3")]
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The sender's name.
    #[prost(string, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub username: String,
    /// When it was sent.
    #[prost(message, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// When it was last changed.
    #[prost(message, optional, tag = "6")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_time: Option<Timestamp>,
    /// Whether it is kept.
    #[prost(message, optional, tag = "7")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent: Option<bool>,
    /// The room's name, in a room.
    #[prost(string, tag = "8")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub room_name: String,
    /// The group, in a group's channel.
    #[prost(string, tag = "9")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub group_id: String,
    /// The first of two users, in a direct channel.
    #[prost(string, tag = "10")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id_one: String,
    /// The second of the two.
    #[prost(string, tag = "11")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id_two: String,
}

/// Sends a message.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelMessageSend {
    /// The channel.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub channel_id: String,
    /// A JSON object as text.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub content: String,
}

/// Gives an own message another content.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelMessageUpdate {
    /// The channel.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub channel_id: String,
    /// The message.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub message_id: String,
    /// A JSON object as text.
    #[prost(string, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub content: String,
}

/// Takes a message away.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelMessageRemove {
    /// The channel.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub channel_id: String,
    /// The message.
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub message_id: String,
}

/// Who came and who went.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelPresenceEvent {
    /// The channel.
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub channel_id: String,
    /// Who came.
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<UserPresence>,
    /// Who went.
    #[prost(message, repeated, tag = "3")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<UserPresence>,
    /// The room's name, in a room.
    #[prost(string, tag = "4")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub room_name: String,
    /// The group, in a group's channel.
    #[prost(string, tag = "5")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub group_id: String,
    /// The first of two users, in a direct channel.
    #[prost(string, tag = "6")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id_one: String,
    /// The second of the two.
    #[prost(string, tag = "7")]
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id_two: String,
}

/// The numbers of [`ChannelJoin::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ChannelKind {
    /// Open to anyone who knows its name.
    Room = 1,
    /// Between two users.
    Direct = 2,
    /// For the members of a group.
    Group = 3,
}

impl ChannelKind {
    /// The kind of a number; zero is a room.
    pub fn from_number(number: i32) -> Option<Self> {
        match number {
            0 | 1 => Some(ChannelKind::Room),
            2 => Some(ChannelKind::Direct),
            3 => Some(ChannelKind::Group),
            _ => None,
        }
    }
}

/// The numbers of [`ChannelMessage::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ChannelMessageCode {
    /// Someone wrote it.
    Chat = 0,
    /// It replaces the content of an earlier one.
    ChatUpdate = 1,
    /// It takes an earlier one away.
    ChatRemove = 2,
    /// A user joined the group.
    GroupJoin = 3,
    /// A user was added to the group.
    GroupAdd = 4,
    /// A user left the group.
    GroupLeave = 5,
    /// A user was taken out of the group.
    GroupKick = 6,
    /// A user got a higher role.
    GroupPromote = 7,
    /// A user was banned from the group.
    GroupBan = 8,
    /// A user got a lower role.
    GroupDemote = 9,
}
