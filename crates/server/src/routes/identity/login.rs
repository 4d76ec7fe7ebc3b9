//! `/v2/account/authenticate/<platform>`, `/v2/account/link/<platform>` and `/v2/account/unlink/<platform>`.

use std::sync::Arc;

use app::accounts::LoggedIn;
use app::identity::Login;
use app::tokens::Holder;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{
    AccountApple, AccountFacebook, AccountFacebookInstantGame, AccountGameCenter, AccountGoogle,
    AccountSteam, ErrorBody, LinkSteamRequest, Session,
};

use super::friends;
use super::proofs::{Brings, is_empty};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault, ServerKey, body};
use crate::routes::{done, json};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(authenticate_apple))
        .routes(routes!(authenticate_facebook))
        .routes(routes!(authenticate_facebook_instant))
        .routes(routes!(authenticate_game_center))
        .routes(routes!(authenticate_google))
        .routes(routes!(authenticate_steam))
        .routes(routes!(link_apple))
        .routes(routes!(link_facebook))
        .routes(routes!(link_facebook_instant))
        .routes(routes!(link_game_center))
        .routes(routes!(link_google))
        .routes(routes!(link_steam))
        .routes(routes!(unlink_apple))
        .routes(routes!(unlink_facebook))
        .routes(routes!(unlink_facebook_instant))
        .routes(routes!(unlink_game_center))
        .routes(routes!(unlink_google))
        .routes(routes!(unlink_steam))
}

/// What a login may say in its query.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct LoginQuery {
    /// Make the account if there is none; absent is yes.
    #[param(value_type = Option<bool>)]
    create: String,
    /// The name of a new account; absent is a random one.
    username: String,
    /// Make friends of those who are friends there; absent is no.
    #[param(value_type = Option<bool>)]
    sync: String,
}

impl LoginQuery {
    fn login(&self, vars: app::tokens::Vars) -> Result<Login, Fault> {
        let username = Some(self.username.clone()).filter(|name| !name.is_empty());
        Ok(Login { create: yes("create", &self.create)?.unwrap_or(true), username, vars })
    }
}

/// SDKs send `true`, `1` and nothing.
pub(super) fn yes(name: &str, text: &str) -> Result<Option<bool>, Fault> {
    match text {
        "" => Ok(None),
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        _ => Err(Fault::invalid(format!("{name} must be true or false"))),
    }
}

/// A login in the protocol's shape.
pub(super) fn shape(login: LoggedIn) -> Session {
    let LoggedIn { created, tokens, .. } = login;
    Session { created, token: tokens.token, refresh_token: tokens.refresh_token }
}

async fn authenticate<B: Brings>(
    house: &Arc<House>,
    query: &LoginQuery,
    sent: Body,
) -> Result<Response, Fault> {
    let (proof, vars) = body::<B>(house, sent).await?.brings();
    let sync = yes("sync", &query.sync)?.unwrap_or(false);
    let logged_in = house.services.identity.log_in(B::PLATFORM, &proof, query.login(vars)?).await?;
    if sync {
        let holder = house.services.accounts.holder(&logged_in.tokens.token)?;
        friends::sync(house, &holder, B::PLATFORM, &proof).await;
    }
    Ok(json(&shape(logged_in)))
}

async fn link<B: Brings>(house: &Arc<House>, holder: &Holder, sent: Body) -> Result<Response, Fault> {
    let (proof, _) = body::<B>(house, sent).await?.brings();
    house.services.identity.link(holder.user, B::PLATFORM, &proof).await?;
    Ok(done())
}

async fn unlink<B: Brings>(house: &Arc<House>, holder: &Holder, sent: Body) -> Result<Response, Fault> {
    let (proof, _) = body::<B>(house, sent).await?.brings();
    let proof = Some(proof).filter(|proof| !is_empty(proof));
    house.services.identity.unlink(holder.user, B::PLATFORM, proof.as_ref()).await?;
    Ok(done())
}

macro_rules! platforms {
    ($($authenticate:ident $unlink:ident $body:ident $login_path:literal $unlink_path:literal $title:literal;)*) => {
        $(
            #[doc = concat!("Logs in with ", $title, ".")]
            #[utoipa::path(
                post,
                path = $login_path,
                tag = "session",
                params(LoginQuery),
                request_body = $body,
                responses((status = 200, body = Session), (status = "default", body = ErrorBody)),
                security(("server_key" = []))
            )]
            async fn $authenticate(
                State(house): State<Arc<House>>,
                _: ServerKey,
                Ask(query): Ask<LoginQuery>,
                sent: Body,
            ) -> Result<Response, Fault> {
                authenticate::<$body>(&house, &query, sent).await
            }

            #[doc = concat!("Unlinks ", $title, " from the own account.")]
            #[utoipa::path(
                post,
                path = $unlink_path,
                tag = "account",
                request_body = $body,
                responses((status = 200, description = "Unlinked"), (status = "default", body = ErrorBody)),
                security(("bearer" = []))
            )]
            async fn $unlink(
                State(house): State<Arc<House>>,
                Bearer(holder): Bearer,
                sent: Body,
            ) -> Result<Response, Fault> {
                unlink::<$body>(&house, &holder, sent).await
            }
        )*
    };
}

macro_rules! links {
    ($($link:ident $body:ident $path:literal $title:literal;)*) => {
        $(
            #[doc = concat!("Links ", $title, " to the own account.")]
            #[utoipa::path(
                post,
                path = $path,
                tag = "account",
                request_body = $body,
                responses((status = 200, description = "Linked"), (status = "default", body = ErrorBody)),
                security(("bearer" = []))
            )]
            async fn $link(
                State(house): State<Arc<House>>,
                Bearer(holder): Bearer,
                sent: Body,
            ) -> Result<Response, Fault> {
                link::<$body>(&house, &holder, sent).await
            }
        )*
    };
}

platforms! {
    authenticate_apple unlink_apple AccountApple
        "/v2/account/authenticate/apple" "/v2/account/unlink/apple" "an ID token of Apple";
    authenticate_facebook_instant unlink_facebook_instant AccountFacebookInstantGame
        "/v2/account/authenticate/facebookinstantgame" "/v2/account/unlink/facebookinstantgame"
        "a signed player info of Facebook Instant Games";
    authenticate_facebook unlink_facebook AccountFacebook
        "/v2/account/authenticate/facebook" "/v2/account/unlink/facebook"
        "an access token or a limited login's ID token of Facebook";
    authenticate_game_center unlink_game_center AccountGameCenter
        "/v2/account/authenticate/gamecenter" "/v2/account/unlink/gamecenter" "what Game Center signed";
    authenticate_google unlink_google AccountGoogle
        "/v2/account/authenticate/google" "/v2/account/unlink/google" "an ID token of Google";
    authenticate_steam unlink_steam AccountSteam
        "/v2/account/authenticate/steam" "/v2/account/unlink/steam" "a session ticket of Steam";
}

links! {
    link_apple AccountApple "/v2/account/link/apple" "an ID token of Apple";
    link_facebook_instant AccountFacebookInstantGame "/v2/account/link/facebookinstantgame"
        "a signed player info of Facebook Instant Games";
    link_game_center AccountGameCenter "/v2/account/link/gamecenter" "what Game Center signed";
    link_google AccountGoogle "/v2/account/link/google" "an ID token of Google";
}

/// What linking Facebook may say in its query.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct SyncQuery {
    /// Make friends of those who are friends there; absent is no.
    #[param(value_type = Option<bool>)]
    sync: String,
}

/// Links an access token or a limited login's ID token of Facebook to the own account.
#[utoipa::path(
    post,
    path = "/v2/account/link/facebook",
    tag = "account",
    params(SyncQuery),
    request_body = AccountFacebook,
    responses((status = 200, description = "Linked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn link_facebook(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<SyncQuery>,
    sent: Body,
) -> Result<Response, Fault> {
    let sync = yes("sync", &query.sync)?.unwrap_or(false);
    link_and_sync(&house, &holder, body::<AccountFacebook>(&house, sent).await?, sync).await
}

/// Links a session ticket of Steam to the own account.
#[utoipa::path(
    post,
    path = "/v2/account/link/steam",
    tag = "account",
    request_body = LinkSteamRequest,
    responses((status = 200, description = "Linked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn link_steam(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let LinkSteamRequest { account, sync } = body(&house, sent).await?;
    link_and_sync(&house, &holder, account.unwrap_or_default(), sync.unwrap_or(false)).await
}

async fn link_and_sync<B: Brings>(
    house: &Arc<House>,
    holder: &Holder,
    brought: B,
    sync: bool,
) -> Result<Response, Fault> {
    let (proof, _) = brought.brings();
    house.services.identity.link(holder.user, B::PLATFORM, &proof).await?;
    if sync {
        friends::sync(house, holder, B::PLATFORM, &proof).await;
    }
    Ok(done())
}
