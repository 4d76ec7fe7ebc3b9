//! A function that sends data on a stream: what a server caller says reaches everybody who listens to the topic "news".
//!
//! A client listens with `socket.rpc("topic_subscribe", JSON.stringify({ name: "news" }))` and hears in
//! `socket.onstreamdata`.

use app::rpc::{Call, RpcError};
use app::topics::Audience;
use serde_json::json;
use server::extend::Extensions;

pub fn register(house: &mut Extensions) {
    let services = house.services();
    services.topics.declare("news", Audience::Everybody);
    house.rpc("news_send", move |call: Call| {
        let services = services.clone();
        async move {
            call.caller.server()?;
            let listeners = services
                .topics
                .send("news", call.payload)
                .map_err(|error| RpcError::Invalid(error.to_string().into()))?;
            Ok(json!({ "listeners": listeners }).to_string())
        }
    });
}
