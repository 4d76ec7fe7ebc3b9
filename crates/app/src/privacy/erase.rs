//! The end of an account: domain by domain, in small steps, the account itself last.

use store::{StoreError, UserId};

use super::{MESSAGES_LOOKED_AT, PrivacyError, ROWS};
use crate::services::Services;

impl Services {
    /// Erases an account. Broken off, it goes on where it was when it is asked for again.
    pub async fn erase(&self, user: UserId) -> Result<(), PrivacyError> {
        self.erase_domains(user).await?;
        // The account last, so that a player whose erasing broke off can come back and finish it.
        self.accounts.erase(user).await?;
        // What a request that was under way wrote meanwhile.
        self.erase_domains(user).await
    }

    async fn erase_messages(&self, user: UserId) -> Result<(), StoreError> {
        loop {
            // What is erased of a channel stands no longer among the first.
            let channels =
                self.core.read(store::SpokenIn { user, after: String::new(), limit: ROWS }).await?;
            if channels.is_empty() {
                return Ok(());
            }
            for channel in channels {
                let mut next = Some(0);
                while let Some(after) = next {
                    let part =
                        store::ChannelPart { channel: channel.clone(), after, limit: MESSAGES_LOOKED_AT };
                    next = self.core.write(store::MessagesErase { user, part }).await?.into_inner();
                }
            }
        }
    }

    async fn erase_domains(&self, user: UserId) -> Result<(), PrivacyError> {
        let core = &self.core;
        while core.write(store::FriendsErase { user, limit: ROWS }).await?.into_inner() > 0 {}
        let groups = core.write(store::GroupsForget { user, at_ms: core.now_ms() }).await?.into_inner();
        for group in groups {
            self.chat.remove_from_group(group, user);
        }
        let as_user = UserId(core.entropy().u128());
        core.write(store::GovernanceForget { user, as_user }).await?.into_inner();
        while core.write(store::ObjectsForget { user, limit: ROWS }).await?.into_inner() >= ROWS.into() {}
        self.erase_messages(user).await?;
        core.write(store::SanctionsErase { user }).await?.into_inner();
        core.write(store::NotificationsErase { user }).await?.into_inner();
        let caused = || store::NotificationsForget { user, limit: ROWS };
        while core.write(caused()).await?.into_inner() >= ROWS.into() {}
        let _ = core.write(store::AchievementsForget { user }).await?.into_inner();
        let _ = core.write(store::LedgerForget { user }).await?.into_inner();
        let _ = core.write(store::EventsForget { user }).await?.into_inner();
        let _ = core.write(store::OnceForget { user }).await?.into_inner();
        let _ = core.write(store::OutsideSessionsForget { user }).await?.into_inner();
        self.leaderboards.boards().erase(user).await?;
        Ok(())
    }
}
