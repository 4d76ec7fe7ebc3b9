//! Keeping order: removing messages, muting and banning, and taking people out of a group's channel.

use store::{ChannelErase, GroupId, Role, SanctionKind, SanctionSet, UserId};

use super::{Channel, Chat, ChatError, Done, MUTES_HELD_MAX};
use crate::streams::{Mode, Stream};

/// Messages of a channel that is over, removed at a time.
const ERASED_AT_ONCE: u32 = 500;

/// Who keeps order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moderator {
    /// A server or an operator: everywhere.
    House,
    /// A user: in the channels of groups that the user is an admin of.
    User(UserId),
}

impl Chat {
    /// Removes anybody's message.
    pub async fn moderate_remove(
        &self,
        by: Moderator,
        channel: &Channel,
        id: u128,
    ) -> Result<Done, ChatError> {
        self.may_moderate(by, Some(channel)).await?;
        self.take_away(channel, id, None).await
    }

    /// Stops a user's messages until then, or lets the user speak again; without a channel everywhere.
    pub async fn mute(
        &self,
        by: Moderator,
        channel: Option<&Channel>,
        user: UserId,
        until_ms: Option<i64>,
    ) -> Result<(), ChatError> {
        self.may_moderate(by, channel).await?;
        let name = channel.map(Channel::to_string).unwrap_or_default();
        let kind = SanctionKind::Mute;
        self.core.write(SanctionSet { channel: name.clone(), user, kind, until_ms }).await?;
        match until_ms {
            Some(until_ms) => self.hold_mute(user, name, until_ms),
            None => {
                self.shared.muted.lock().remove(&(user, name));
                Ok(())
            }
        }
    }

    /// Keeps a user out until then, and puts the user out at once, or lets the user come again; without a channel, out
    /// of all rooms, direct chats and groups' channels.
    pub async fn ban(
        &self,
        by: Moderator,
        channel: Option<&Channel>,
        user: UserId,
        until_ms: Option<i64>,
    ) -> Result<(), ChatError> {
        self.may_moderate(by, channel).await?;
        let name = channel.map(Channel::to_string).unwrap_or_default();
        self.core.write(SanctionSet { channel: name, user, kind: SanctionKind::Ban, until_ms }).await?;
        if until_ms.is_none() {
            return Ok(());
        }
        let streams = self.core.streams();
        if let Some(channel) = channel {
            streams.remove_user(&channel.stream(), user);
            return Ok(());
        }
        for member in streams.members(&Stream::of(Mode::Notifications, user.0)) {
            for stream in member.session.streams() {
                if Channel::of_stream(&stream).is_some() {
                    streams.leave(&stream, member.session.id);
                }
            }
        }
        Ok(())
    }

    /// Takes a user who is no longer a member out of a group's channel.
    pub fn remove_from_group(&self, group: GroupId, user: UserId) {
        self.core.streams().remove_user(&Channel::Group(group).stream(), user);
    }

    /// Ends the channel of a group that is no more, and removes what was said there.
    pub async fn close_group(&self, group: GroupId) -> Result<(), ChatError> {
        let channel = Channel::Group(group);
        self.core.streams().close(&channel.stream(), None);
        loop {
            let erase = ChannelErase { channel: channel.to_string(), limit: ERASED_AT_ONCE };
            if self.core.write(erase).await?.into_inner() < ERASED_AT_ONCE.into() {
                return Ok(());
            }
        }
    }

    /// Is the user an admin of the channel's group?
    pub(super) async fn looks_after(&self, user: UserId, channel: &Channel) -> Result<bool, ChatError> {
        match *channel {
            Channel::Group(group) => Ok(self.role(group, user).await?.is_some_and(Role::is_admin)),
            _ => Ok(false),
        }
    }

    /// May they keep order there? Without a channel: everywhere.
    pub(super) async fn may_moderate(
        &self,
        by: Moderator,
        channel: Option<&Channel>,
    ) -> Result<(), ChatError> {
        let may = match (by, channel) {
            (Moderator::House, _) => true,
            (Moderator::User(user), Some(channel)) => self.looks_after(user, channel).await?,
            (Moderator::User(_), None) => false,
        };
        if may { Ok(()) } else { Err(ChatError::Denied("only servers and a group's admins may do that")) }
    }

    pub(super) fn is_muted(&self, user: UserId, channel: &Channel) -> bool {
        let muted = self.shared.muted.lock();
        if muted.is_empty() {
            return false;
        }
        let now_ms = self.core.now_ms();
        let holds = |name: String| muted.get(&(user, name)).is_some_and(|until_ms| *until_ms > now_ms);
        holds(channel.to_string()) || holds(String::new())
    }

    /// Remembers a mute, so that messages that are not kept need no read.
    pub(super) fn hold_mute(&self, user: UserId, channel: String, until_ms: i64) -> Result<(), ChatError> {
        let mut muted = self.shared.muted.lock();
        if muted.len() >= MUTES_HELD_MAX {
            let now_ms = self.core.now_ms();
            muted.retain(|_, until_ms| *until_ms > now_ms);
            if muted.len() >= MUTES_HELD_MAX {
                return Err(ChatError::Busy);
            }
        }
        muted.insert((user, channel), until_ms);
        Ok(())
    }
}
