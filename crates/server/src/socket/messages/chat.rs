//! Chat: joining, leaving, and what is said.

use std::sync::Arc;

use app::chat::{Channel, ChatError, Done};
use app::session::Session;
use store::UserId;
use wire::envelope::{
    self, ChannelJoin, ChannelLeave, ChannelMessageAck, ChannelMessageRemove, ChannelMessageSend,
    ChannelMessageUpdate, Message, Timestamp,
};

use super::Answered;
use crate::house::House;

pub async fn join(house: &House, session: &Arc<Session>, join: ChannelJoin) -> Answered {
    let chat = &house.services.chat;
    let ChannelJoin { target, kind, persistence, hidden } = join;
    let channel = chat.channel(session.user, kind, &target)?;
    let joined = chat.join(session, &channel, persistence.unwrap_or(true), hidden.unwrap_or(false)).await?;
    let names = channel.names();
    Ok(Some(Message::Channel(envelope::Channel {
        id: channel.to_string(),
        presences: joined.others,
        own: Some(joined.own),
        room_name: names.room_name,
        group_id: names.group_id,
        user_id_one: names.user_id_one,
        user_id_two: names.user_id_two,
    })))
}

pub async fn leave(house: &House, session: &Arc<Session>, leave: ChannelLeave) -> Answered {
    house.services.chat.leave(session, &channel(&leave.channel_id)?)?;
    Ok(None)
}

pub async fn send(house: &House, session: &Arc<Session>, send: ChannelMessageSend) -> Answered {
    let channel = channel(&send.channel_id)?;
    let done = house.services.chat.say(session, &channel, &send.content).await?;
    Ok(Some(acknowledged(&channel, done)))
}

pub async fn update(house: &House, session: &Arc<Session>, update: ChannelMessageUpdate) -> Answered {
    let (channel, id) = (channel(&update.channel_id)?, message(&update.message_id)?);
    let done = house.services.chat.change(session, &channel, id, &update.content).await?;
    Ok(Some(acknowledged(&channel, done)))
}

pub async fn remove(house: &House, session: &Arc<Session>, remove: ChannelMessageRemove) -> Answered {
    let (channel, id) = (channel(&remove.channel_id)?, message(&remove.message_id)?);
    let done = house.services.chat.remove(session, &channel, id).await?;
    Ok(Some(acknowledged(&channel, done)))
}

fn channel(id: &str) -> Result<Channel, ChatError> {
    Channel::parse(id).ok_or(ChatError::ChannelId)
}

fn message(id: &str) -> Result<u128, ChatError> {
    id.parse::<UserId>().map(|id| id.0).map_err(|_| ChatError::MessageId)
}

fn acknowledged(channel: &Channel, done: Done) -> Message {
    let Done { message, persistent } = done;
    let names = channel.names();
    Message::ChannelMessageAck(ChannelMessageAck {
        channel_id: channel.to_string(),
        message_id: UserId(message.id).to_string(),
        code: Some(message.code),
        username: message.username,
        create_time: Some(Timestamp::from_ms(message.created_ms)),
        update_time: Some(Timestamp::from_ms(message.updated_ms)),
        persistent: Some(persistent),
        room_name: names.room_name,
        group_id: names.group_id,
        user_id_one: names.user_id_one,
        user_id_two: names.user_id_two,
    })
}
