//! A purchase: coins go and the item comes, in one transaction. The third purchase is an achievement.
//!
//! `client.rpc(session, "shop_buy", { item: "sword" })`

use std::collections::BTreeMap;

use app::achievements::Achievement;
use app::rpc::{Call, payload};
use app::storage::{MultiUpdate, WriteObject};
use app::wallets::WalletUpdate;
use serde::Deserialize;
use serde_json::json;
use server::extend::Extensions;

/// What everything costs.
const COINS: i64 = 10;

#[derive(Deserialize)]
struct Wanted {
    item: String,
}

pub fn register(house: &mut Extensions) {
    let services = house.services();
    services.achievements.declare(Achievement {
        id: "collector".into(),
        title: "Collector".into(),
        description: "Buy three things".into(),
        steps: 3,
        hidden: false,
        reward: BTreeMap::from([("gems".to_owned(), 1)]),
    });
    house.rpc("shop_buy", move |call: Call| {
        let services = services.clone();
        async move {
            let user = call.caller.user()?;
            let Wanted { item } = payload(&call)?;
            let metadata = json!({ "bought": item }).as_object().cloned().unwrap_or_default();
            let paid = BTreeMap::from([("coins".to_owned(), -COINS)]);
            let bought = WriteObject {
                user,
                collection: "bag".into(),
                key: item,
                value: "{}".into(),
                // Only if it is not there: nobody pays twice for the same thing.
                version: "*".into(),
                may_read: Some(1),
                may_write: Some(0),
            };
            let purchase = MultiUpdate {
                writes: vec![bought],
                wallets: vec![WalletUpdate { user, changes: paid, metadata }],
                ..MultiUpdate::default()
            };
            let done = services.storage.multi_update(purchase).await?;
            services.achievements.progress(user, "collector", 1).await?;
            let left = &done.wallets[0].after;
            let left: BTreeMap<_, _> = left.iter().map(|held| (&held.currency, held.amount)).collect();
            Ok(json!({ "left": left }).to_string())
        }
    });
}
