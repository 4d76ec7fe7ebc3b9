//! Logging in with what the house itself checks, refreshing, logging out, and what a token is worth.

use std::sync::Arc;

use app::accounts::{DeviceLogin, EmailLogin, EmailLogins, Introspected, LoggedIn};
use app::identity::Login;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{
    AccountCustom, AccountDevice, AccountEmail, ErrorBody, Session, SessionLogout, SessionRefresh,
};

use super::{done, json};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault, ServerKey, body, same, text};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(device))
        .routes(routes!(custom))
        .routes(routes!(email))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(logout_all))
        .routes(routes!(introspect))
        .routes(routes!(published_keys))
}

/// What a login may say in its query. `create` is text, because SDKs send `true`, `1` and nothing.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct LoginQuery {
    /// Make the account if there is none; absent is yes.
    #[param(value_type = Option<bool>)]
    create: String,
    /// The name of a new account; absent is a random one.
    username: String,
}

impl LoginQuery {
    fn create(&self) -> Result<bool, Fault> {
        match self.create.as_str() {
            "" | "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Fault::invalid("create must be true or false")),
        }
    }

    fn username(&self) -> Option<String> {
        Some(self.username.clone()).filter(|name| !name.is_empty())
    }
}

/// Logs a device in.
#[utoipa::path(
    post,
    path = "/v2/account/authenticate/device",
    tag = "session",
    params(LoginQuery),
    request_body = AccountDevice,
    responses((status = 200, body = Session), (status = "default", body = ErrorBody)),
    security(("server_key" = []))
)]
async fn device(
    State(house): State<Arc<House>>,
    _: ServerKey,
    Ask(query): Ask<LoginQuery>,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountDevice { id, vars } = body(&house, sent).await?;
    let login = DeviceLogin { device: id, create: query.create()?, username: query.username(), vars };
    Ok(json(&shape(house.services.accounts.device(login).await?)))
}

/// Logs an id of the studio's own in.
#[utoipa::path(
    post,
    path = "/v2/account/authenticate/custom",
    tag = "session",
    params(LoginQuery),
    request_body = AccountCustom,
    responses((status = 200, body = Session), (status = "default", body = ErrorBody)),
    security(("server_key" = []))
)]
async fn custom(
    State(house): State<Arc<House>>,
    _: ServerKey,
    Ask(query): Ask<LoginQuery>,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountCustom { id, vars } = body(&house, sent).await?;
    if let Some(vouched) = house.services.identity.vouch_custom(&id).await {
        let login = Login { create: query.create()?, username: query.username(), vars };
        return Ok(json(&shape(house.services.identity.log_in_person(vouched?, login).await?)));
    }
    let login = DeviceLogin { device: id, create: query.create()?, username: query.username(), vars };
    Ok(json(&shape(house.services.accounts.custom(login).await?)))
}

/// Logs in with an e-mail address and a password; without an address, with the username and the password.
#[utoipa::path(
    post,
    path = "/v2/account/authenticate/email",
    tag = "session",
    params(LoginQuery),
    request_body = AccountEmail,
    responses((status = 200, body = Session), (status = "default", body = ErrorBody)),
    security(("server_key" = []))
)]
async fn email(
    State(house): State<Arc<House>>,
    _: ServerKey,
    Ask(query): Ask<LoginQuery>,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountEmail { email, password, vars } = body(&house, sent).await?;
    let (create, username) = (query.create()?, query.username());
    let login = match (email.is_empty(), username) {
        (true, Some(name)) => {
            EmailLogin { who: EmailLogins::Username(name), password, create: false, username: None, vars }
        }
        (_, username) => EmailLogin { who: EmailLogins::Email(email), password, create, username, vars },
    };
    Ok(json(&shape(house.services.accounts.email(login).await?)))
}

/// Uses a refresh token up for new tokens.
#[utoipa::path(
    post,
    path = "/v2/account/session/refresh",
    tag = "session",
    request_body = SessionRefresh,
    responses((status = 200, body = Session), (status = "default", body = ErrorBody)),
    security(("server_key" = []))
)]
async fn refresh(State(house): State<Arc<House>>, _: ServerKey, sent: Body) -> Result<Response, Fault> {
    let SessionRefresh { token, vars } = body(&house, sent).await?;
    house.services.identity.still_stands(&token).await?;
    Ok(json(&shape(house.services.accounts.refresh(&token, vars).await?)))
}

/// Ends the caller's login, and those of the given tokens as far as they are the same player's. Without any token, every
/// login of the player ends.
#[utoipa::path(
    post,
    path = "/v2/session/logout",
    tag = "session",
    request_body = SessionLogout,
    responses((status = 200, description = "Logged out"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn logout(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let SessionLogout { token, refresh_token } = body(&house, sent).await?;
    house.services.accounts.logout(&holder, &token, &refresh_token).await?;
    Ok(done())
}

/// Ends every login of the account, on every device, open sockets included.
#[utoipa::path(
    post,
    path = "/v2/session/logout/all",
    tag = "session",
    responses((status = 200, description = "Logged out everywhere"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn logout_all(State(house): State<Arc<House>>, Bearer(holder): Bearer) -> Result<Response, Fault> {
    house.services.accounts.end_all(holder.user).await?;
    Ok(done())
}

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct ServerQuery {
    /// The key of server callers.
    http_key: String,
}

/// What is asked of a token.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
struct Introspect {
    /// A session token, a refresh token or a ticket.
    token: String,
    /// What a ticket must be for; absent: whatever it is for.
    aud: Option<String>,
}

/// What a token is worth (after RFC 7662), for servers. A ticket is used up by it. The body is a form or JSON.
#[utoipa::path(
    post,
    path = "/v2/session/introspect",
    tag = "session",
    params(ServerQuery),
    request_body = Introspect,
    responses((status = 200, body = Object), (status = "default", body = ErrorBody)),
    security(("http_key" = []))
)]
async fn introspect(
    State(house): State<Arc<House>>,
    Ask(query): Ask<ServerQuery>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Fault> {
    if !same(query.http_key.as_bytes(), house.config.keys.http_key.reveal().as_bytes()) {
        return Err(Fault::unauthenticated("the HTTP key is required"));
    }
    let kind = headers.get(axum::http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let Introspect { token, aud } =
        if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            let form = text(&house, sent).await?;
            serde_urlencoded::from_str(&form)
                .map_err(|error| Fault::invalid(format!("the form is malformed: {error}")))?
        } else {
            body(&house, sent).await?
        };
    let found: Introspected = house.services.accounts.introspect(&token, aud.as_deref()).await?;
    Ok(json(&found))
}

/// The public keys of session tokens (RFC 7517); none where a secret signs them.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "session",
    responses((status = 200, body = Object), (status = "default", body = ErrorBody)),
)]
async fn published_keys(State(house): State<Arc<House>>) -> Response {
    json(&house.services.accounts.published_keys())
}

fn shape(login: LoggedIn) -> Session {
    let LoggedIn { created, tokens, .. } = login;
    Session { created, token: tokens.token, refresh_token: tokens.refresh_token }
}
