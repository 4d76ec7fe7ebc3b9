//! The login of pages: `/auth/oidc/<name>/login`, `/callback`, `/session`; and `/backchannel-logout`, which issuers call.

use std::sync::Arc;

use app::identity::{
    Departure, Fetch, HANDOVER_MS_MAX, LOGIN_MS_MAX, Login, Returned, bound_cookie_of, cookie_of,
};
use app::tokens::Vars;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{ErrorBody, Session};

use super::login::shape;
use crate::house::House;
use crate::http::{Ask, Fault, body, text};
use crate::routes::json;

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(callback))
        .routes(routes!(session))
        .routes(routes!(backchannel_logout))
}

/// Where a login is to end.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct LoginQuery {
    /// A path of this server, or a URL whose origin the operator allows; absent is `/`.
    #[serde(rename = "return")]
    #[param(rename = "return")]
    back: String,
    /// For pages of another origin: the base64url of the SHA-256 of a verifier that the page keeps.
    challenge: String,
}

/// Sends a browser to an issuer of OpenID Connect.
#[utoipa::path(
    get,
    path = "/auth/oidc/{name}/login",
    operation_id = "oidc_login",
    tag = "session",
    params(("name" = String, Path, description = "The issuer's name in the configuration"), LoginQuery),
    responses((status = 302, description = "To the issuer"), (status = "default", body = ErrorBody))
)]
async fn login(
    State(house): State<Arc<House>>,
    Path(name): Path<String>,
    Ask(query): Ask<LoginQuery>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let challenge = Some(query.challenge).filter(|challenge| !challenge.is_empty());
    let departing = house.services.identity.depart(&name, &query.back, challenge, host(&headers));
    let Departure { location, cookie, sealed, secure } = departing.await?;
    let seconds = LOGIN_MS_MAX / 1_000;
    // Lax: it must come along when the issuer sends the browser back here.
    let cookie = set_cookie(&name, &cookie, &sealed, seconds, "Lax", secure)?;
    let mut response = sent_to(&location)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Receives a browser from an issuer of OpenID Connect.
#[utoipa::path(
    get,
    path = "/auth/oidc/{name}/callback",
    operation_id = "oidc_callback",
    tag = "session",
    params(
        ("name" = String, Path, description = "The issuer's name in the configuration"),
        ("state" = Option<String>, Query, description = "Ours, from the login"),
        ("code" = Option<String>, Query, description = "For tokens"),
        ("error" = Option<String>, Query, description = "Why there is no code"),
        ("iss" = Option<String>, Query, description = "Who sends the browser back")
    ),
    responses(
        (status = 302, description = "To the page, with `login_code` or `login_error` in the fragment"),
        (status = "default", body = ErrorBody)
    )
)]
async fn callback(
    State(house): State<Arc<House>>,
    Path(name): Path<String>,
    Ask(returned): Ask<Returned>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let sealed = cookie(&headers, &cookie_of(&returned.state));
    let arrived = house.services.identity.arrive(&name, returned, sealed, host(&headers)).await?;
    let mut response = sent_to(&arrived.location)?;
    let over = set_cookie(&name, &arrived.over, "", 0, "Lax", arrived.secure)?;
    response.headers_mut().append(header::SET_COOKIE, over);
    if let Some((bound_name, bound)) = arrived.bound {
        let seconds = HANDOVER_MS_MAX / 1_000;
        // Strict: only our own page may bring it.
        let bound = set_cookie(&name, &bound_name, &bound, seconds, "Strict", arrived.secure)?;
        response.headers_mut().append(header::SET_COOKIE, bound);
    }
    Ok(response)
}

/// What a page brings for its session.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
struct SessionFetch {
    /// From the fragment.
    code: String,
    /// What the login's challenge was made of, if it had one.
    verifier: String,
    /// Make the account if there is none; absent is yes.
    create: Option<bool>,
    /// The name of a new account; absent is a random one.
    username: String,
    /// Kept in the session's tokens.
    vars: Vars,
}

/// Gives a page its session, once, for the code in its fragment.
#[utoipa::path(
    post,
    path = "/auth/oidc/{name}/session",
    operation_id = "oidc_session",
    tag = "session",
    params(("name" = String, Path, description = "The issuer's name in the configuration")),
    request_body = SessionFetch,
    responses((status = 200, body = Session), (status = "default", body = ErrorBody))
)]
async fn session(
    State(house): State<Arc<House>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Fault> {
    let SessionFetch { code, verifier, create, username, vars } = body(&house, sent).await?;
    let cookie = cookie(&headers, &bound_cookie_of(&code)).map(str::to_owned);
    let username = Some(username).filter(|name| !name.is_empty());
    let login = Login { create: create.unwrap_or(true), username, vars };
    let fetch = Fetch { code, verifier, cookie };
    let logged_in = house.services.identity.fetch_session(&name, fetch, login).await?;
    let mut response = json(&shape(logged_in));
    unstored(&mut response);
    Ok(response)
}

/// Hears from an issuer of OpenID Connect that somebody logged out there.
#[utoipa::path(
    post,
    path = "/auth/oidc/{name}/backchannel-logout",
    operation_id = "oidc_backchannel_logout",
    tag = "session",
    params(("name" = String, Path, description = "The issuer's name in the configuration")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The sessions ended"), (status = "default", body = ErrorBody))
)]
async fn backchannel_logout(
    State(house): State<Arc<House>>,
    Path(name): Path<String>,
    sent: Body,
) -> Result<Response, Fault> {
    let form = text(&house, sent).await?;
    let token = form.split('&').find_map(|field| field.strip_prefix("logout_token="));
    let told = house.services.identity.told_of_logout(&name, token.unwrap_or_default()).await;
    let mut response = match told {
        Ok(ended) => {
            tracing::info!(issuer = name, ended, "an issuer ended sessions");
            StatusCode::OK.into_response()
        }
        // The specification wants 400 for whatever is wrong with the token.
        Err(error) => {
            let mut response = Fault::from(error).into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                *response.status_mut() = StatusCode::BAD_REQUEST;
                response.headers_mut().remove(header::WWW_AUTHENTICATE);
            }
            response
        }
    };
    unstored(&mut response);
    Ok(response)
}

fn unstored(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Names and values are letters, digits, `_` and `-`, so nothing needs quoting. Sent along only to this issuer's routes.
fn set_cookie(
    issuer: &str,
    name: &str,
    value: &str,
    seconds: i64,
    same_site: &str,
    secure: bool,
) -> Result<HeaderValue, Fault> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!(
        "{name}={value}; Path=/auth/oidc/{issuer}; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"
    );
    HeaderValue::try_from(text).map_err(Fault::internal)
}

fn sent_to(location: &str) -> Result<Response, Fault> {
    let location = HeaderValue::try_from(location).map_err(Fault::internal)?;
    let mut response = (StatusCode::FOUND, [(header::LOCATION, location)]).into_response();
    unstored(&mut response);
    let none = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(header::REFERRER_POLICY, none);
    Ok(response)
}
