//! A function that creates a leaderboard: the best of each week, from Monday to Monday.

use app::leaderboards::NewBoard;
use app::rpc::{Call, RpcError};
use serde::Deserialize;
use serde_json::json;
use server::extend::Extensions;
use store::Operator;

#[derive(Deserialize)]
struct Wanted {
    id: String,
}

pub fn register(house: &mut Extensions) {
    let services = house.services();
    house.rpc("weekly_create", move |call: Call| {
        let services = services.clone();
        async move {
            call.caller.server()?;
            let wanted: Wanted = serde_json::from_str(&call.payload)
                .map_err(|error| RpcError::Invalid(error.to_string().into()))?;
            let board = NewBoard {
                id: wanted.id,
                authoritative: false,
                ascending: false,
                operator: Operator::Best,
                reset: "0 0 * * 1".to_owned(),
                metadata: json!({ "made_by": "studio" }).to_string(),
            };
            let (_, new) = services
                .leaderboards
                .create(board)
                .await
                .map_err(|error| RpcError::Invalid(error.to_string().into()))?;
            Ok(json!({ "created": new }).to_string())
        }
    });
}
