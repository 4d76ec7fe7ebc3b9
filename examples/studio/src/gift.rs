//! A function that sends a notification: one player gives another a flower.
//!
//! `client.rpc(session, "gift_send", { to: "<user id>" })`

use app::rpc::{Call, RpcError};
use serde::Deserialize;
use serde_json::json;
use server::extend::Extensions;
use store::UserId;

/// Codes of a studio's own notifications are positive.
const GIFT: i32 = 1;

#[derive(Deserialize)]
struct Gift {
    to: String,
}

pub fn register(house: &mut Extensions) {
    let services = house.services();
    house.rpc("gift_send", move |call: Call| {
        let services = services.clone();
        async move {
            let from = call.caller.user()?;
            let gift: Gift = serde_json::from_str(&call.payload)
                .map_err(|error| RpcError::Invalid(error.to_string().into()))?;
            let to: UserId =
                gift.to.parse().map_err(|_| RpcError::Invalid("\"to\" must be a user's id".into()))?;
            // Persistent: a player who is away finds it later.
            services
                .notifications
                .send(to, "A flower for you", json!({ "gift": "flower" }), GIFT, Some(from), true)
                .await
                .map_err(|error| RpcError::Failed(error.to_string()))?;
            Ok("{}".to_owned())
        }
    });
}
