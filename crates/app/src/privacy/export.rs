//! Everything that is kept about a player, as one document.

use serde_json::{Map, Value, json};
use store::{Operation, StoreError, UserId};
use uuid::Uuid;
use wire::time::rfc3339;

use super::{MESSAGES_LOOKED_AT, PrivacyError, ROWS};
use crate::core::Core;
use crate::services::Services;

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
        let list = store::LedgerOfUser { user, before: None, limit: ROWS };
        let go_on = |list: &mut store::LedgerOfUser, last: &store::LedgerItem| list.before = Some(last.place);
        all(&self.core, list, go_on, |item| {
            json!({
                "changeset": item.changes,
                "metadata": object(&item.metadata),
                "by_room": item.by_room,
                "create_time": rfc3339(item.place.0),
            })
        })
        .await
    }

    async fn export_friends(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let list = store::FriendsList { user, state: None, after: None, limit: ROWS };
        let go_on = |list: &mut store::FriendsList, last: &store::Friend| {
            let store::Friend { state, updated_ms, other, .. } = *last;
            list.after = Some(store::FriendKey { state, updated_ms, other });
        };
        all(&self.core, list, go_on, |friend| {
            json!({
                "user_id": friend.other.to_string(),
                "state": friend.state.number(),
                "metadata": object(&friend.metadata),
                "update_time": rfc3339(friend.updated_ms),
            })
        })
        .await
    }

    async fn export_groups(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let list = store::UserGroupsList { user, role: None, after: None, limit: ROWS };
        let go_on = |list: &mut store::UserGroupsList,
                     (group, member): &(store::Group, store::GroupMember)| {
            list.after = Some((member.role, member.since_ms, group.id.0));
        };
        all(&self.core, list, go_on, |(group, member)| {
            json!({
                "group_id": Uuid::from_u128(group.id.0).to_string(),
                "name": group.name,
                "role": member.role as i64,
                "join_time": rfc3339(member.joined_ms),
            })
        })
        .await
    }

    async fn export_storage(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let mut all = Vec::new();
        let mut list = Some(store::ObjectsNamed { user, after: Default::default(), limit: ROWS });
        while let Some(names) = page(&self.core, &mut list, |list, last: &store::ObjectName| {
            list.after = (last.collection.clone(), last.key.clone());
        })
        .await?
        {
            let objects = self.core.read(store::ObjectsRead { asks: store::Asks::Server, names }).await?;
            all.extend(objects.into_iter().map(|found| {
                json!({
                    "collection": found.name.collection,
                    "key": found.name.key,
                    "value": object(&found.value),
                    "create_time": rfc3339(found.created_ms),
                    "update_time": rfc3339(found.updated_ms),
                })
            }));
        }
        Ok(all)
    }

    async fn export_messages(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let mut all = Vec::new();
        let mut list = Some(store::SpokenIn { user, after: String::new(), limit: ROWS });
        while let Some(channels) =
            page(&self.core, &mut list, |list, last: &String| list.after.clone_from(last)).await?
        {
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
        }
        Ok(all)
    }

    async fn export_notifications(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let list = store::NotificationsList { user, after: 0, limit: ROWS };
        let go_on = |list: &mut store::NotificationsList, last: &store::Notification| list.after = last.id;
        all(&self.core, list, go_on, |notification| {
            json!({
                "subject": notification.subject,
                "content": object(&notification.content),
                "code": notification.code,
                "create_time": rfc3339(notification.at_ms),
            })
        })
        .await
    }

    async fn export_achievements(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let list = store::AchievementsOf { user, after: String::new(), limit: ROWS };
        let go_on = |list: &mut store::AchievementsOf, last: &store::AchievementRow| {
            list.after.clone_from(&last.achievement);
        };
        all(&self.core, list, go_on, |row| {
            json!({
                "achievement": row.achievement,
                "progress": row.progress,
                "unlock_time": row.unlocked_ms.map(rfc3339),
            })
        })
        .await
    }

    async fn export_purchases(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let list = store::PurchasesOf { user, after: (i64::MIN, 0, String::new()), limit: ROWS };
        let go_on = |list: &mut store::PurchasesOf, last: &store::KeptPurchase| {
            let bought = &last.purchase;
            list.after = (bought.purchased_ms, bought.shop, bought.transaction_id.clone());
        };
        all(&self.core, list, go_on, |kept| {
            json!({
                "product_id": kept.purchase.product_id,
                "transaction_id": kept.purchase.transaction_id,
                "purchase_time": rfc3339(kept.purchase.purchased_ms),
                "refund_time": kept.purchase.refunded_ms.map(rfc3339),
            })
        })
        .await
    }

    async fn export_subscriptions(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let from = (i64::MAX, u32::MAX, String::new());
        let list = store::SubscriptionsOf { user, from, back: false, limit: ROWS };
        let go_on = |list: &mut store::SubscriptionsOf, last: &store::KeptSubscription| {
            let paid = &last.subscription;
            list.from = (paid.purchased_ms, paid.shop, paid.original_id.clone());
        };
        all(&self.core, list, go_on, |kept| {
            json!({
                "product_id": kept.subscription.product_id,
                "original_transaction_id": kept.subscription.original_id,
                "purchase_time": rfc3339(kept.subscription.purchased_ms),
                "expiry_time": rfc3339(kept.subscription.expires_ms),
                "refund_time": kept.subscription.refunded_ms.map(rfc3339),
            })
        })
        .await
    }

    async fn export_events(&self, user: UserId) -> Result<Vec<Value>, StoreError> {
        let list = store::EventsOfUser { user, seq: 0, limit: ROWS };
        let go_on = |list: &mut store::EventsOfUser, last: &store::EventRow| list.seq = last.seq;
        all(&self.core, list, go_on, |event| {
            json!({
                "name": event.name,
                "properties": object(&event.properties),
                "time": rfc3339(event.at_ms),
            })
        })
        .await
    }
}

/// The next page of a list, and where the one after it begins; `None` after the last.
async fn page<O, T>(
    core: &Core,
    list: &mut Option<O>,
    go_on: impl FnOnce(&mut O, &T),
) -> Result<Option<Vec<T>>, StoreError>
where
    O: Operation<Output = Vec<T>> + Clone,
{
    let Some(mut asked) = list.take() else { return Ok(None) };
    let rows = core.read(asked.clone()).await?;
    if let Some(last) = rows.last().filter(|_| rows.len() >= ROWS as usize) {
        go_on(&mut asked, last);
        *list = Some(asked);
    }
    Ok(Some(rows))
}

/// Everything that a list has, page by page, each row as the document shows it.
async fn all<O, T>(
    core: &Core,
    list: O,
    go_on: impl Fn(&mut O, &T),
    shown: impl Fn(T) -> Value,
) -> Result<Vec<Value>, StoreError>
where
    O: Operation<Output = Vec<T>> + Clone,
{
    let (mut all, mut list) = (Vec::new(), Some(list));
    while let Some(rows) = page(core, &mut list, &go_on).await? {
        all.extend(rows.into_iter().map(&shown));
    }
    Ok(all)
}

/// A JSON text as the value it is; what is no JSON stays text.
fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
