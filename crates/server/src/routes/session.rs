//! Logging in, refreshing, logging out.

use std::sync::Arc;

use app::accounts::{DeviceLogin, LoggedIn};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use wire::rest::{AccountDevice, Session, SessionLogout, SessionRefresh};

use super::json;
use crate::house::House;
use crate::http::{Ask, Bearer, Fault, ServerKey, body};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .route("/v2/account/authenticate/device", post(device))
        .route("/v2/account/session/refresh", post(refresh))
        .route("/v2/session/logout", post(logout))
}

/// What a login may say in its query. `create` is text, because SDKs send `true`, `1` and nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct LoginQuery {
    create: String,
    username: String,
}

async fn device(
    State(house): State<Arc<House>>,
    _: ServerKey,
    Ask(query): Ask<LoginQuery>,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountDevice { id, vars } = body(&house, sent).await?;
    let create = match query.create.as_str() {
        "" | "true" | "1" => true,
        "false" | "0" => false,
        _ => return Err(Fault::invalid("create must be true or false")),
    };
    let username = Some(query.username).filter(|name| !name.is_empty());
    let login = DeviceLogin { device: id, create, username, vars };
    Ok(json(&shape(house.services.accounts.device(login).await?)))
}

async fn refresh(State(house): State<Arc<House>>, _: ServerKey, sent: Body) -> Result<Response, Fault> {
    let SessionRefresh { token, vars } = body(&house, sent).await?;
    house.services.identity.still_stands(&token).await?;
    Ok(json(&shape(house.services.accounts.refresh(&token, vars).await?)))
}

async fn logout(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let SessionLogout { token, refresh_token } = body(&house, sent).await?;
    house.services.accounts.logout(&holder, &token, &refresh_token).await?;
    Ok(json(&serde_json::json!({})))
}

fn shape(login: LoggedIn) -> Session {
    let LoggedIn { created, tokens, .. } = login;
    Session { created, token: tokens.token, refresh_token: tokens.refresh_token }
}
