//! A player's own account.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use wire::rest::{Account, AccountDevice, User};

use super::{json, rfc3339};
use crate::house::House;
use crate::http::{Bearer, Fault};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().route("/v2/account", get(account))
}

async fn account(State(house): State<Arc<House>>, Bearer(holder): Bearer) -> Result<Response, Fault> {
    let found = house.services.accounts.account(holder.user).await?;
    let wallet: Map<String, Value> =
        found.wallet.into_iter().map(|balance| (balance.currency, balance.amount.into())).collect();
    let user = User {
        id: found.user.to_string(),
        username: found.username,
        metadata: "{}".into(),
        create_time: rfc3339(found.created_ms),
        update_time: rfc3339(found.updated_ms),
        ..User::default()
    };
    let devices = found.devices.into_iter().map(|id| AccountDevice { id, ..AccountDevice::default() });
    Ok(json(&Account {
        user: Some(user),
        wallet: Value::Object(wallet).to_string(),
        devices: devices.collect(),
        disable_time: found.disabled_ms.map(rfc3339).unwrap_or_default(),
        ..Account::default()
    }))
}
