//! Keeping order as functions by name: `chat_list`, `chat_remove`, `chat_mute`, `chat_unmute`, `chat_ban` and
//! `chat_unban`. Servers with the HTTP key may call them for every channel, a group's admins for their own.

use serde::Deserialize;
use serde_json::json;
use store::UserId;

use super::{Channel, Chat, ChatError, HISTORY_MAX, Moderator, outside};
use crate::rpc::{Call, Caller, RpcError, Rpcs, payload};

/// A sanction without an end holds until then: the last second that the protocol's times can say.
const FOR_EVER_MS: i64 = 253_402_300_799_000;

/// Registers them.
pub fn functions(rpcs: &mut Rpcs, chat: &Chat) {
    let list = chat.clone();
    rpcs.register("chat_list", move |call| self::list(list.clone(), call));
    let remove = chat.clone();
    rpcs.register("chat_remove", move |call| self::remove(remove.clone(), call));
    for (id, ban, lift) in [
        ("chat_mute", false, false),
        ("chat_unmute", false, true),
        ("chat_ban", true, false),
        ("chat_unban", true, true),
    ] {
        let chat = chat.clone();
        rpcs.register(id, move |call| sanction(chat.clone(), ban, lift, call));
    }
}

#[derive(Deserialize)]
struct List {
    channel_id: String,
    limit: Option<u32>,
    #[serde(default)]
    forward: bool,
    #[serde(default)]
    cursor: String,
}

async fn list(chat: Chat, call: Call) -> Result<String, RpcError> {
    let List { channel_id, limit, forward, cursor } = payload(&call)?;
    let channel = channel(&channel_id)?;
    chat.may_moderate(moderator(&call.caller), Some(&channel)).await?;
    let page = chat.history(None, &channel, limit.unwrap_or(HISTORY_MAX), forward, &cursor).await?;
    let messages: Vec<_> = page.messages.iter().map(|message| outside(&channel, message, true)).collect();
    Ok(json!({
        "messages": messages,
        "next_cursor": page.next,
        "prev_cursor": page.previous,
        "cacheable_cursor": page.cacheable,
    })
    .to_string())
}

#[derive(Deserialize)]
struct Remove {
    channel_id: String,
    message_id: String,
}

async fn remove(chat: Chat, call: Call) -> Result<String, RpcError> {
    let Remove { channel_id, message_id } = payload(&call)?;
    let id: UserId = message_id.parse().map_err(|_| ChatError::MessageId)?;
    chat.moderate_remove(moderator(&call.caller), &channel(&channel_id)?, id.0).await?;
    Ok("{}".into())
}

#[derive(Deserialize)]
struct Sanction {
    user_id: String,
    /// Absent: everywhere.
    channel_id: Option<String>,
    /// Absent: for ever.
    seconds: Option<u32>,
}

async fn sanction(chat: Chat, ban: bool, lift: bool, call: Call) -> Result<String, RpcError> {
    let Sanction { user_id, channel_id, seconds } = payload(&call)?;
    let user: UserId =
        user_id.parse().map_err(|_| RpcError::Invalid("\"user_id\" must be a user's id".into()))?;
    let channel = channel_id.map(|id| channel(&id)).transpose()?;
    let end = seconds.map_or(FOR_EVER_MS, |seconds| chat.core.now_ms() + i64::from(seconds) * 1_000);
    let until_ms = (!lift).then_some(end);
    let by = moderator(&call.caller);
    if ban {
        chat.ban(by, channel.as_ref(), user, until_ms).await?;
    } else {
        chat.mute(by, channel.as_ref(), user, until_ms).await?;
    }
    Ok("{}".into())
}

fn moderator(caller: &Caller) -> Moderator {
    match caller {
        Caller::Server => Moderator::House,
        Caller::User { user, .. } => Moderator::User(*user),
    }
}

fn channel(id: &str) -> Result<Channel, ChatError> {
    Channel::parse(id).ok_or(ChatError::ChannelId)
}

impl From<ChatError> for RpcError {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Denied(why) => RpcError::Denied(why),
            ChatError::NotFound | ChatError::NoMessage => RpcError::Missing(error.to_string().into()),
            ChatError::Busy => RpcError::Unavailable(error.to_string().into()),
            ChatError::Muted | ChatError::NotJoined | ChatError::Join(_) => {
                RpcError::Refused(error.to_string().into())
            }
            ChatError::Store(error) => error.into(),
            error => RpcError::Invalid(error.to_string().into()),
        }
    }
}
