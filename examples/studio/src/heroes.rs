//! Queries over what players save: an index over the heroes that they show to everybody, and a function that finds
//! them.
//!
//! `client.rpc(session, "heroes_find", { query: "+value.class:mage +value.level:>=5", sort: "level" })`

use app::rpc::{Call, payload};
use app::storage::{StorageIndex, StorageQuery};
use serde::Deserialize;
use serde_json::json;
use server::extend::Extensions;
use store::Asks;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    query: String,
    sort: Option<String>,
    cursor: Option<String>,
}

pub fn register(house: &mut Extensions) {
    let services = house.services();
    services.storage.declare(StorageIndex {
        name: "heroes".into(),
        collection: "heroes".into(),
        key: None,
        fields: vec!["class".into(), "level".into()],
        entries_max: 100_000,
    });
    house.rpc("heroes_find", move |call: Call| {
        let services = services.clone();
        async move {
            let user = call.caller.user()?;
            let Wanted { query, sort, cursor } = payload(&call)?;
            // On the player's behalf: nothing is found that the player may not read.
            let asks = Asks::User(user);
            let sort = sort.map(|field| (field, true));
            let ask = StorageQuery { index: "heroes".into(), query, sort, limit: 20, cursor, asks };
            let page = services.storage.query(ask).await?;
            let keys: Vec<_> = page.objects.iter().map(|object| &object.name.key).collect();
            Ok(json!({ "heroes": keys, "cursor": page.cursor }).to_string())
        }
    });
}
