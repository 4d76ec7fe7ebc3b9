//! Sending, changing and removing messages.

use serde_json::Value;
use store::{ChatMessage, GroupId, MessageAdd, MessageDenied, MessageUpdate, UserId};
use wire::envelope::{ChannelMessage, ChannelMessageCode, Message, Timestamp};

use super::{CONTENT_BYTES_MAX, Channel, Chat, ChatError};
use crate::session::Session;
use crate::streams::Member;

/// What was done to a message, for the one who did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// The message.
    pub message: ChatMessage,
    /// It is kept.
    pub persistent: bool,
}

impl Chat {
    /// Says something to everybody in a channel that the session has joined.
    pub async fn say(&self, session: &Session, channel: &Channel, content: &str) -> Result<Done, ChatError> {
        check(content)?;
        let member = self.speaker(session, channel)?;
        let mut message = self.make(ChannelMessageCode::Chat, Some(session.user), &session.username, content);
        if !member.meta.persistence {
            message.id = self.shared.unkept.id(message.id, session.user, &channel.to_string());
        }
        self.publish(channel, message, member.meta.persistence).await
    }

    /// Changes what an own message says, kept or not.
    pub async fn change(
        &self,
        session: &Session,
        channel: &Channel,
        id: u128,
        content: &str,
    ) -> Result<Done, ChatError> {
        check(content)?;
        self.speaker(session, channel)?;
        let (code, name) = (ChannelMessageCode::ChatUpdate, channel.to_string());
        if self.shared.unkept.is_own(id, session.user, &name) {
            let made = self.make(code, Some(session.user), &session.username, content);
            return Ok(self.show(channel, ChatMessage { id, ..made }, false));
        }
        let update = MessageUpdate {
            channel: name,
            id,
            sender: Some(session.user),
            content: Some(content.to_owned()),
            at_ms: self.core.now_ms(),
        };
        let changed = self.core.write(update).await?.into_inner().map_err(ChatError::from)?;
        Ok(self.show(channel, ChatMessage { code: code as i32, ..changed }, true))
    }

    /// Removes an own message, kept or not; or anybody's that is kept, where the user is an admin of the channel's group.
    pub async fn remove(&self, session: &Session, channel: &Channel, id: u128) -> Result<Done, ChatError> {
        self.member(session, channel)?;
        let code = ChannelMessageCode::ChatRemove;
        if self.shared.unkept.is_own(id, session.user, &channel.to_string()) {
            let made = self.make(code, Some(session.user), &session.username, "{}");
            return Ok(self.show(channel, ChatMessage { id, ..made }, false));
        }
        let sender = if self.looks_after(session.user, channel).await? { None } else { Some(session.user) };
        self.take_away(channel, id, sender).await
    }

    /// Removes a message; of this sender only, if one is given.
    pub(super) async fn take_away(
        &self,
        channel: &Channel,
        id: u128,
        sender: Option<UserId>,
    ) -> Result<Done, ChatError> {
        let at_ms = self.core.now_ms();
        let update = MessageUpdate { channel: channel.to_string(), id, sender, content: None, at_ms };
        let gone = self.core.write(update).await?.into_inner().map_err(ChatError::from)?;
        let code = ChannelMessageCode::ChatRemove as i32;
        Ok(self.show(channel, ChatMessage { code, content: "{}".into(), ..gone }, true))
    }

    /// Tells a group's channel what happened in the group, and keeps it there. `code` is one of the protocol's, 3 and
    /// above; `about` is whom it is about.
    pub async fn group_message(
        &self,
        group: GroupId,
        code: ChannelMessageCode,
        about: Option<(UserId, &str)>,
        content: Value,
    ) -> Result<(), ChatError> {
        let content = content.to_string();
        check(&content)?;
        let (sender, username) = about.map_or((None, ""), |(user, name)| (Some(user), name));
        let message = self.make(code, sender, username, &content);
        self.publish(&Channel::Group(group), message, true).await.map(drop)
    }

    /// Says something in the name of the house or of a user: for a studio's own code.
    pub async fn announce(
        &self,
        channel: &Channel,
        sender: Option<(UserId, &str)>,
        content: Value,
        persistent: bool,
    ) -> Result<Done, ChatError> {
        let content = content.to_string();
        check(&content)?;
        let (sender, username) = sender.map_or((None, ""), |(user, name)| (Some(user), name));
        let message = self.make(ChannelMessageCode::Chat, sender, username, &content);
        self.publish(channel, message, persistent).await
    }

    fn make(
        &self,
        code: ChannelMessageCode,
        sender: Option<UserId>,
        username: &str,
        content: &str,
    ) -> ChatMessage {
        let at_ms = self.core.now_ms();
        ChatMessage {
            id: self.core.new_id(),
            code: code as i32,
            sender,
            username: username.to_owned(),
            content: content.to_owned(),
            created_ms: at_ms,
            updated_ms: at_ms,
        }
    }

    async fn publish(
        &self,
        channel: &Channel,
        message: ChatMessage,
        persistent: bool,
    ) -> Result<Done, ChatError> {
        if !persistent {
            return Ok(self.show(channel, message, false));
        }
        let kept = self.core.write(MessageAdd { channel: channel.to_string(), message }).await?.into_inner();
        Ok(self.show(channel, kept, true))
    }

    /// Sends to everybody who is there.
    fn show(&self, channel: &Channel, message: ChatMessage, persistent: bool) -> Done {
        let stream = channel.stream();
        if self.core.streams().count(&stream) > 0 {
            let message = Message::ChannelMessage(outside(channel, &message, persistent));
            self.core.streams().send(&stream, message);
        }
        Done { message, persistent }
    }

    fn member(&self, session: &Session, channel: &Channel) -> Result<Member, ChatError> {
        self.core.streams().member(&channel.stream(), session.id).ok_or(ChatError::NotJoined)
    }

    /// A session that is there and may speak.
    fn speaker(&self, session: &Session, channel: &Channel) -> Result<Member, ChatError> {
        let member = self.member(session, channel)?;
        if self.is_muted(session.user, channel) { Err(ChatError::Muted) } else { Ok(member) }
    }
}

impl From<MessageDenied> for ChatError {
    fn from(denied: MessageDenied) -> Self {
        match denied {
            MessageDenied::NotFound => ChatError::NoMessage,
            MessageDenied::NotTheirs => ChatError::Denied("the message is somebody else's"),
        }
    }
}

/// Is it a JSON object that fits?
fn check(content: &str) -> Result<(), ChatError> {
    let object = content.trim_start().starts_with('{')
        && serde_json::from_str::<serde::de::IgnoredAny>(content).is_ok();
    if object && content.len() <= CONTENT_BYTES_MAX { Ok(()) } else { Err(ChatError::Content) }
}

/// As the protocol shows it.
pub fn outside(channel: &Channel, message: &ChatMessage, persistent: bool) -> ChannelMessage {
    let names = channel.names();
    ChannelMessage {
        channel_id: channel.to_string(),
        message_id: UserId(message.id).to_string(),
        code: Some(message.code),
        sender_id: message.sender.map(|sender| sender.to_string()).unwrap_or_default(),
        username: message.username.clone(),
        content: message.content.clone(),
        create_time: Some(Timestamp::from_ms(message.created_ms)),
        update_time: Some(Timestamp::from_ms(message.updated_ms)),
        persistent: Some(persistent),
        room_name: names.room_name,
        group_id: names.group_id,
        user_id_one: names.user_id_one,
        user_id_two: names.user_id_two,
    }
}
