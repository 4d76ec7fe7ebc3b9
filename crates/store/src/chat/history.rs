//! Messages of channels. A channel is a text that the use cases make; ids within it grow in the order of commits, so
//! that a reader who goes on after the newest message it has seen misses none.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId, Value};

statements! {
    LAST = "SELECT id, code, sender_id FROM messages WHERE channel = $1 ORDER BY id DESC LIMIT 1";
    INSERT = "INSERT INTO messages (channel, id, code, sender_id, username, content, created_ms, updated_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    GET = "SELECT id, code, sender_id, username, content, created_ms, updated_ms FROM messages
        WHERE channel = $1 AND id = $2";
    UPDATE = "UPDATE messages SET content = $3, updated_ms = $4 WHERE channel = $1 AND id = $2";
    VACATE = "UPDATE messages SET code = 2, sender_id = NULL, username = '', content = '' WHERE channel = $1 AND id = $2";
    DELETE = "DELETE FROM messages WHERE channel = $1 AND id = $2";
    AFTER = "SELECT id, code, sender_id, username, content, created_ms, updated_ms FROM messages
        WHERE channel = $1 AND id > $2 AND code <> 2 ORDER BY id LIMIT $3";
    BEFORE = "SELECT id, code, sender_id, username, content, created_ms, updated_ms FROM messages
        WHERE channel = $1 AND id < $2 AND code <> 2 ORDER BY id DESC LIMIT $3";
    SPEAKER = "INSERT INTO speakers (sender_id, channel) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    SPOKEN = "SELECT channel FROM speakers WHERE sender_id = $1 AND channel > $2 ORDER BY channel LIMIT $3";
    SILENCE = "DELETE FROM speakers WHERE sender_id = $1 AND channel = $2";
    SENDERS = "SELECT id, sender_id FROM messages WHERE channel = $1 AND id > $2 ORDER BY id LIMIT $3";
    OF_CHANNEL = "DELETE FROM messages WHERE channel = $1 AND id IN
        (SELECT id FROM messages WHERE channel = $1 ORDER BY id LIMIT $2)";
}

/// The code of what is left of a removed newest message.
const VACANT: i64 = 2;

/// A kept message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Its id in its channel.
    pub id: u128,
    /// 0 for what people say; the house's own kinds are above.
    pub code: i32,
    /// Who said it, or did what it tells.
    pub sender: Option<UserId>,
    /// The sender's name then.
    pub username: String,
    /// A JSON object as text.
    pub content: String,
    /// When it was said.
    pub created_ms: i64,
    /// When it was last changed.
    pub updated_ms: i64,
}

fn message(row: &Row<'_>) -> Result<ChatMessage, StoreError> {
    Ok(ChatMessage {
        id: row.id(0)?,
        code: i32::try_from(row.int(1)?)
            .map_err(|_| StoreError::Damaged("a message's code is out of range".into()))?,
        sender: row.opt_id(2)?.map(UserId),
        username: row.text(3)?,
        content: row.text(4)?,
        created_ms: row.int(5)?,
        updated_ms: row.int(6)?,
    })
}

fn key(id: u128) -> Value<'static> {
    Value::Id(id.to_be_bytes())
}

/// Keeps a message.
#[derive(Clone, Debug)]
pub struct MessageAdd {
    /// Where.
    pub channel: String,
    /// What; its id is the least that it gets.
    pub message: ChatMessage,
}

impl Operation for MessageAdd {
    /// As it was kept.
    type Output = ChatMessage;
    const PATIENT: bool = true;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut message = self.message.clone();
        let channel = Value::from(&self.channel);
        let read = |row: &Row<'_>| Ok((row.id(0)?, row.int(1)?, row.opt_id(2)?));
        let last = tx.optional(&LAST, &[channel], read).await?;
        if let Some((last, ..)) = last {
            message.id = message.id.max(last.saturating_add(1));
        }
        // Whoever spoke last is known to have spoken.
        if let Some(sender) = message.sender
            && last.is_none_or(|(.., before)| before != Some(sender.0))
        {
            tx.execute(&SPEAKER, &[sender.into(), channel]).await?;
        }
        message.updated_ms = message.created_ms;
        let values = [
            channel,
            key(message.id),
            i64::from(message.code).into(),
            message.sender.into(),
            (&message.username).into(),
            (&message.content).into(),
            message.created_ms.into(),
        ];
        tx.execute(&INSERT, &values).await?;
        if let Some((last, VACANT, _)) = last {
            tx.execute(&DELETE, &[channel, key(last)]).await?;
        }
        Ok(message)
    }
}

/// Why a message is not changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MessageDenied {
    /// There is none.
    NotFound,
    /// It is somebody else's, or tells of something that happened.
    NotTheirs,
}

/// Changes what a message says.
#[derive(Clone, Debug)]
pub struct MessageUpdate {
    /// Where.
    pub channel: String,
    /// Which.
    pub id: u128,
    /// Whose it must be; `None`: anybody's.
    pub sender: Option<UserId>,
    /// What it says from now on; `None`: it is removed.
    pub content: Option<String>,
    /// Now.
    pub at_ms: i64,
}

impl Operation for MessageUpdate {
    /// As it is now, or was when it was removed.
    type Output = Result<ChatMessage, MessageDenied>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (channel, id) = (Value::from(&self.channel), key(self.id));
        let found = tx.optional(&GET, &[channel, id], message).await?;
        let Some(mut found) = found.filter(|found| i64::from(found.code) != VACANT) else {
            return Ok(Err(MessageDenied::NotFound));
        };
        if self.sender.is_some() && (found.sender != self.sender || found.code != 0) {
            return Ok(Err(MessageDenied::NotTheirs));
        }
        found.updated_ms = self.at_ms;
        match &self.content {
            Some(content) => {
                tx.execute(&UPDATE, &[channel, id, content.into(), self.at_ms.into()]).await?;
                found.content.clone_from(content);
            }
            None => {
                let last = tx.one(&LAST, &[channel], |row| row.id(0)).await?;
                let statement = if last == self.id { &VACATE } else { &DELETE };
                tx.execute(statement, &[channel, id]).await?;
            }
        }
        Ok(Ok(found))
    }
}

/// Reads messages of a channel.
#[derive(Clone, Debug)]
pub struct MessagesList {
    /// Where.
    pub channel: String,
    /// From this id on, without itself; `None`: from the beginning or the end.
    pub from: Option<u128>,
    /// The older ones first, going up; else the newer ones first, going down.
    pub forward: bool,
    /// At most so many.
    pub limit: u32,
}

impl Operation for MessagesList {
    type Output = Vec<ChatMessage>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (statement, start) = if self.forward { (&AFTER, 0) } else { (&BEFORE, u128::MAX) };
        let from = key(self.from.unwrap_or(start));
        tx.rows(statement, &[(&self.channel).into(), from, self.limit.into()], message).await
    }
}

/// Reads where a user has said something.
#[derive(Clone, Debug)]
pub struct SpokenIn {
    /// Who.
    pub user: UserId,
    /// After this channel; empty at the start.
    pub after: String,
    /// At most so many.
    pub limit: u32,
}

impl Operation for SpokenIn {
    /// Channels in their order; of one that is over there may be nothing left.
    type Output = Vec<String>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.user.into(), (&self.after).into(), self.limit.into()];
        tx.rows(&SPOKEN, &values, |row| row.text(0)).await
    }
}

/// A part of a channel's messages, the oldest first.
#[derive(Clone, Debug)]
pub struct ChannelPart {
    /// Which channel.
    pub channel: String,
    /// After this id; 0 at the start.
    pub after: u128,
    /// At most so many messages, whoever said them, are looked at.
    pub limit: u32,
}

impl ChannelPart {
    /// The messages of a user in this part, and where the next part begins, if there may be one.
    async fn said_by<T: Tx>(
        &self,
        tx: &mut T,
        user: UserId,
    ) -> Result<(Vec<u128>, Option<u128>), StoreError> {
        let values = [(&self.channel).into(), key(self.after), self.limit.into()];
        let all = tx.rows(&SENDERS, &values, |row| Ok((row.id(0)?, row.opt_id(1)?))).await?;
        let next = all.last().map(|(id, _)| *id).filter(|_| all.len() >= self.limit as usize);
        Ok((all.into_iter().filter(|(_, sender)| *sender == Some(user.0)).map(|(id, _)| id).collect(), next))
    }
}

/// Reads what a user said in a part of a channel.
#[derive(Clone, Debug)]
pub struct MessagesOfUser {
    /// Who.
    pub user: UserId,
    /// Where.
    pub part: ChannelPart,
}

impl Operation for MessagesOfUser {
    /// The messages, the oldest first, and where the next part begins.
    type Output = (Vec<ChatMessage>, Option<u128>);

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (ids, next) = self.part.said_by(tx, self.user).await?;
        let mut said = Vec::with_capacity(ids.len());
        for id in ids {
            // It may have been removed a moment ago.
            said.extend(tx.optional(&GET, &[(&self.part.channel).into(), key(id)], message).await?);
        }
        Ok((said, next))
    }
}

/// Removes what a user, who is being erased, said in a part of a channel; with the last part also that they spoke there.
#[derive(Clone, Debug)]
pub struct MessagesErase {
    /// Who.
    pub user: UserId,
    /// Where.
    pub part: ChannelPart,
}

impl Operation for MessagesErase {
    /// Where the next part begins; `None`: that was the last.
    type Output = Option<u128>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (ids, next) = self.part.said_by(tx, self.user).await?;
        let channel = Value::from(&self.part.channel);
        if let Some(newest) = ids.last() {
            let last = tx.one(&LAST, &[channel], |row| row.id(0)).await?;
            for id in &ids {
                let statement = if id == newest && *id == last { &VACATE } else { &DELETE };
                tx.execute(statement, &[channel, key(*id)]).await?;
            }
        }
        if next.is_none() {
            tx.execute(&SILENCE, &[self.user.into(), channel]).await?;
        }
        Ok(next)
    }
}

/// Removes a channel's oldest messages, for a channel that is over; so many at a time.
#[derive(Clone, Debug)]
pub struct ChannelErase {
    /// Which.
    pub channel: String,
    /// At most so many.
    pub limit: u32,
}

impl Operation for ChannelErase {
    /// How many were removed; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&OF_CHANNEL, &[(&self.channel).into(), self.limit.into()]).await
    }
}
