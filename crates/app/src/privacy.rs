//! What a player may ask of the house about the own data: all of it in one document, and its end.
//!
//! **Taken along** is everything that is kept under the player's id, domain by domain. **Erased** is everything that is
//! personal or the player's own. What stays holds the bare id, which then names nobody: wallet ledgers and purchases, so
//! that sums agree; votes that were counted, under an id made for the purpose; seats in logs of rooms.

use serde_json::{Map, Value, json};
use store::{StoreError, UserId};
use uuid::Uuid;
use wire::time::rfc3339;

use crate::accounts::AccountError;
use crate::leaderboards::BoardError;
use crate::services::Services;

/// Rows that are read or removed at a time.
const ROWS: u32 = 200;
/// Messages of a channel, whoever said them, that are looked at in one transaction.
const MESSAGES_LOOKED_AT: u32 = 1_000;

/// Why an account is not taken along or erased.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PrivacyError {
    /// The account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Its records.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// Everything that is kept about a player, as one JSON document.
    pub async fn export(&self, user: UserId) -> Result<Value, PrivacyError> {
        let shown = self.accounts.account(user).await?;
        let profile = &shown.user.profile;
        let mut all = Map::new();
        all.insert("user_id".into(), user.to_string().into());
        all.insert(
            "account".into(),
            json!({
                "username": profile.username,
                "display_name": profile.display_name,
                "avatar_url": profile.avatar_url,
                "lang_tag": profile.lang_tag,
                "location": shown.user.location,
                "timezone": shown.user.timezone,
                "email": shown.email,
                "verify_time": shown.credentials.email_verified_ms.map(rfc3339),
                "devices": shown.credentials.devices,
                "identities": shown.credentials.identities,
                "metadata": profile.metadata.as_deref().map(object),
                "preferences": profile.preferences.as_deref().map(object),
                "create_time": rfc3339(profile.created_ms),
                "update_time": rfc3339(profile.updated_ms),
                "disable_time": profile.disabled_ms.map(rfc3339),
            }),
        );
        let wallet: Map<String, Value> =
            shown.wallet.into_iter().map(|balance| (balance.currency, balance.amount.into())).collect();
        all.insert("wallet".into(), wallet.into());
        all.insert("wallet_ledger".into(), self.export_ledger(user).await?.into());
        all.insert("friends".into(), self.export_friends(user).await?.into());
        all.insert("groups".into(), self.export_groups(user).await?.into());
        all.insert("storage".into(), self.export_storage(user).await?.into());
        all.insert("messages".into(), self.export_messages(user).await?.into());
        all.insert("notifications".into(), self.export_notifications(user).await?.into());
        all.insert("achievements".into(), self.export_achievements(user).await?.into());
        all.insert("purchases".into(), self.export_purchases(user).await?.into());
        all.insert("subscriptions".into(), self.export_subscriptions(user).await?.into());
        all.insert("events".into(), self.export_events(user).await?.into());
        let records = self.leaderboards.boards().records_of(user).await?.into_iter().map(|record| {
            json!({
                "leaderboard_id": record.board_id,
                "score": record.score.to_string(),
                "subscore": record.subscore.to_string(),
                "metadata": object(&record.row.metadata),
                "update_time": rfc3339(record.row.updated_ms),
            })
        });
        all.insert("leaderboard_records".into(), records.collect());
        Ok(all.into())
    }

    async fn export_ledger(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = self.core.read(store::LedgerOfUser { user, before, limit: ROWS }).await?;
            before = page.last().map(|item| item.place);
            let whole = page.len() < ROWS as usize;
            all.extend(page.into_iter().map(|item| {
                json!({
                    "changeset": item.changes,
                    "metadata": object(&item.metadata),
                    "by_room": item.by_room,
                    "create_time": rfc3339(item.place.0),
                })
            }));
            if whole {
                return Ok(all);
            }
        }
    }

    async fn export_friends(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.core.read(store::FriendsList { user, state: None, after, limit: ROWS }).await?;
            after = page.last().map(|friend| store::FriendKey {
                state: friend.state,
                updated_ms: friend.updated_ms,
                other: friend.other,
            });
            let whole = page.len() < ROWS as usize;
            all.extend(page.into_iter().map(|friend| {
                json!({
                    "user_id": friend.other.to_string(),
                    "state": friend.state.number(),
                    "metadata": object(&friend.metadata),
                    "update_time": rfc3339(friend.updated_ms),
                })
            }));
            if whole {
                return Ok(all);
            }
        }
    }

    async fn export_groups(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let list = store::UserGroupsList { user, role: None, after, limit: ROWS };
            let page = self.core.read(list).await?;
            after = page.last().map(|(group, member)| (member.role, member.since_ms, group.id.0));
            let whole = page.len() < ROWS as usize;
            all.extend(page.into_iter().map(|(group, member)| {
                json!({
                    "group_id": Uuid::from_u128(group.id.0).to_string(),
                    "name": group.name,
                    "role": member.role as i64,
                    "join_time": rfc3339(member.joined_ms),
                })
            }));
            if whole {
                return Ok(all);
            }
        }
    }

    async fn export_storage(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut after) = (Vec::new(), (String::new(), String::new()));
        loop {
            let names = self.core.read(store::ObjectsNamed { user, after, limit: ROWS }).await?;
            let whole = names.len() < ROWS as usize;
            after = names.last().map(|name| (name.collection.clone(), name.key.clone())).unwrap_or_default();
            let objects = self.core.read(store::ObjectsRead { asks: store::Asks::Server, names }).await?;
            all.extend(objects.into_iter().map(|object_| {
                json!({
                    "collection": object_.name.collection,
                    "key": object_.name.key,
                    "value": object(&object_.value),
                    "create_time": rfc3339(object_.created_ms),
                    "update_time": rfc3339(object_.updated_ms),
                })
            }));
            if whole {
                return Ok(all);
            }
        }
    }

    async fn export_messages(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let channels = self.core.read(store::SpokenIn { user, after, limit: ROWS }).await?;
            let whole = channels.len() < ROWS as usize;
            after = channels.last().cloned().unwrap_or_default();
            for channel in channels {
                let mut next = Some(0);
                while let Some(after) = next {
                    let part =
                        store::ChannelPart { channel: channel.clone(), after, limit: MESSAGES_LOOKED_AT };
                    let (said, further) = self.core.read(store::MessagesOfUser { user, part }).await?;
                    next = further;
                    all.extend(said.into_iter().map(|message| {
                        json!({
                            "channel_id": channel,
                            "content": object(&message.content),
                            "create_time": rfc3339(message.created_ms),
                            "update_time": rfc3339(message.updated_ms),
                        })
                    }));
                }
            }
            if whole {
                return Ok(all);
            }
        }
    }

    async fn export_notifications(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let page = self.core.read(store::NotificationsList { user, after, limit: ROWS }).await?;
            after = page.last().map_or(after, |notification| notification.id);
            let whole = page.len() < ROWS as usize;
            all.extend(page.into_iter().map(|notification| {
                json!({
                    "subject": notification.subject,
                    "content": object(&notification.content),
                    "code": notification.code,
                    "create_time": rfc3339(notification.at_ms),
                })
            }));
            if whole {
                return Ok(all);
            }
        }
    }

    async fn export_achievements(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.core.read(store::AchievementsOf { user, after, limit: ROWS }).await?;
            after = page.last().map(|row| row.achievement.clone()).unwrap_or_default();
            let whole = page.len() < ROWS as usize;
            all.extend(page.into_iter().map(|row| {
                json!({
                    "achievement": row.achievement,
                    "progress": row.progress,
                    "unlock_time": row.unlocked_ms.map(rfc3339),
                })
            }));
            if whole {
                return Ok(all);
            }
        }
    }

    async fn export_purchases(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut after) = (Vec::new(), (i64::MIN, 0, String::new()));
        loop {
            let page = self.core.read(store::PurchasesOf { user, after, limit: ROWS }).await?;
            after = page.last().map_or((i64::MAX, 0, String::new()), |kept| {
                let bought = &kept.purchase;
                (bought.purchased_ms, bought.shop, bought.transaction_id.clone())
            });
            let whole = page.len() < ROWS as usize;
            all.extend(page.into_iter().map(|kept| {
                json!({
                    "product_id": kept.purchase.product_id,
                    "transaction_id": kept.purchase.transaction_id,
                    "purchase_time": rfc3339(kept.purchase.purchased_ms),
                    "refund_time": kept.purchase.refunded_ms.map(rfc3339),
                })
            }));
            if whole {
                return Ok(all);
            }
        }
    }

    async fn export_subscriptions(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut from) = (Vec::new(), (i64::MAX, u32::MAX, String::new()));
        loop {
            let page =
                self.core.read(store::SubscriptionsOf { user, from, back: false, limit: ROWS }).await?;
            from = page.last().map_or((i64::MIN, 0, String::new()), |kept| {
                let paid = &kept.subscription;
                (paid.purchased_ms, paid.shop, paid.original_id.clone())
            });
            let whole = page.len() < ROWS as usize;
            all.extend(page.into_iter().map(|kept| {
                json!({
                    "product_id": kept.subscription.product_id,
                    "original_transaction_id": kept.subscription.original_id,
                    "purchase_time": rfc3339(kept.subscription.purchased_ms),
                    "expiry_time": rfc3339(kept.subscription.expires_ms),
                    "refund_time": kept.subscription.refunded_ms.map(rfc3339),
                })
            }));
            if whole {
                return Ok(all);
            }
        }
    }

    async fn export_events(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let (mut all, mut seq) = (Vec::new(), 0);
        loop {
            let page = self.core.read(store::EventsOfUser { user, seq, limit: ROWS }).await?;
            seq = page.last().map_or(seq, |event| event.seq);
            let whole = page.len() < ROWS as usize;
            all.extend(page.into_iter().map(|event| {
                json!({
                    "name": event.name,
                    "properties": object(&event.properties),
                    "time": rfc3339(event.at_ms),
                })
            }));
            if whole {
                return Ok(all);
            }
        }
    }

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

/// A JSON text as the value it is; what is no JSON stays text.
fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
