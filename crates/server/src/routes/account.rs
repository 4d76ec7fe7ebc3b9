//! A player's own account: seeing it, changing it, taking it along, ending it.

use std::sync::Arc;

use app::accounts::{CUSTOM, Shown, ShownUser, Update};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{Account, AccountDevice, AccountUpdate, ErrorBody, User};
use wire::time::rfc3339;

use super::{done, json};
use crate::house::House;
use crate::http::{Bearer, Fault, body};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(account, update, delete)).routes(routes!(export))
}

/// The own account.
#[utoipa::path(
    get,
    path = "/v2/account",
    tag = "account",
    responses((status = 200, body = Account), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn account(State(house): State<Arc<House>>, Bearer(holder): Bearer) -> Result<Response, Fault> {
    Ok(json(&shape(house.services.accounts.account(holder.user).await?)))
}

fn shape(shown: Shown) -> Account {
    let Shown { user, email, credentials, wallet } = shown;
    let verify_time = credentials.email_verified_ms.map(rfc3339).unwrap_or_default();
    let disable_time = user.profile.disabled_ms.map(rfc3339).unwrap_or_default();
    let wallet: Map<String, Value> =
        wallet.into_iter().map(|balance| (balance.currency, balance.amount.into())).collect();
    let linked = |provider: &str| {
        let found = credentials.identities.iter().find(|(known, _)| known == provider);
        found.map(|(_, id)| id.clone()).unwrap_or_default()
    };
    // What a player is called elsewhere is shown to the player alone.
    let user = User {
        apple_id: linked("apple"),
        facebook_id: linked("facebook"),
        facebook_instant_game_id: linked("facebookinstantgame"),
        gamecenter_id: linked("gamecenter"),
        google_id: linked("google"),
        steam_id: linked("steam"),
        ..user_shape(user)
    };
    Account {
        wallet: Value::Object(wallet).to_string(),
        email: email.unwrap_or_default(),
        custom_id: linked(CUSTOM),
        devices: credentials
            .devices
            .into_iter()
            .map(|id| AccountDevice { id, ..AccountDevice::default() })
            .collect(),
        verify_time,
        disable_time,
        user: Some(user),
    }
}

/// A user in the protocol's shape.
pub(super) fn user_shape(user: ShownUser) -> User {
    let ShownUser { user, profile, location, timezone, online } = user;
    User {
        id: user.to_string(),
        username: profile.username,
        display_name: profile.display_name.unwrap_or_default(),
        avatar_url: profile.avatar_url.unwrap_or_default(),
        lang_tag: profile.lang_tag.unwrap_or_default(),
        location: location.unwrap_or_default(),
        timezone: timezone.unwrap_or_default(),
        metadata: profile.metadata.unwrap_or_else(|| "{}".into()),
        online,
        edge_count: i32::try_from(profile.edge_count).unwrap_or(i32::MAX),
        create_time: rfc3339(profile.created_ms),
        update_time: rfc3339(profile.updated_ms),
        ..User::default()
    }
}

/// Changes what is named, and leaves the rest.
#[utoipa::path(
    put,
    path = "/v2/account",
    tag = "account",
    request_body = AccountUpdate,
    responses((status = 200, description = "Changed"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn update(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountUpdate { username, display_name, avatar_url, lang_tag, location, timezone } =
        body(&house, sent).await?;
    // Clients that fill every field send an empty name for one that stays.
    let username = username.filter(|name| !name.is_empty());
    let update =
        Update { username, display_name, avatar_url, lang_tag, location, timezone, ..Update::default() };
    house.services.accounts.update(holder.user, update).await?;
    Ok(done())
}

/// Erases the account and all that is personal about it. Ledgers and logs of rooms keep the bare id.
#[utoipa::path(
    delete,
    path = "/v2/account",
    tag = "account",
    responses((status = 200, description = "Erased"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn delete(State(house): State<Arc<House>>, Bearer(holder): Bearer) -> Result<Response, Fault> {
    house.services.erase(holder.user).await?;
    Ok(done())
}

/// Everything that is kept about the player, as one JSON document.
#[utoipa::path(
    get,
    path = "/v2/account/export",
    tag = "account",
    responses((status = 200, body = Object), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn export(State(house): State<Arc<House>>, Bearer(holder): Bearer) -> Result<Response, Fault> {
    Ok(json(&house.services.export(holder.user).await?))
}
