//! `Idempotency-Key`: a request that is sent again is answered as the first time and done once.
//!
//! The request's task carries a ticket, and the store keeps what each write under it gave (`app::core::Ticket`). When
//! the request is done, its whole answer is kept, too, so that a repetition usually runs nothing at all. Answers that
//! hold tokens are not kept: they are made again from what was written.

use std::convert::Infallible;

use app::core::{Scope, Ticket};
use axum::Router;
use axum::body::{Body, HttpBody, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use metrics::counter;
use store::{ANSWER_BYTES_MAX, StoreError, WholeAnswer};

use super::Fault;
use super::extract::{bearer, bytes};
use crate::house::House;

/// The header.
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that was not made anew.
const REPEATED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Routes whose answers hold tokens.
const WITH_TOKENS: &[&str] = &["/v2/account/authenticate", "/v2/account/session", "/v2/session", "/auth"];

/// Does the request name a key?
pub fn has_key(headers: &HeaderMap) -> bool {
    headers.contains_key(HEADER)
}

/// Answers a request that names a key.
pub async fn once(
    house: &House,
    routes: &mut Router,
    request: Request<Body>,
) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = match bytes(house, body).await {
        Ok(body) => body,
        Err(fault) => return Ok(fault.into_response()),
    };
    let ticket = match ticket(house, &parts, &body) {
        Ok(ticket) => ticket,
        Err(fault) => {
            count("malformed");
            return Ok(fault.into_response());
        }
    };
    let keeps = !WITH_TOKENS.iter().any(|route| parts.uri.path().starts_with(route));
    let routed = tower::Service::call(routes, Request::from_parts(parts, Body::from(body)));
    // Whoever says not who they are, or not truly, is refused by the route.
    let Some(ticket) = ticket else { return routed.await };
    match house.services.core.answer_of(&ticket).await {
        Ok(Some(answer)) => {
            count("repeated");
            return Ok(response(answer));
        }
        Ok(None) => {}
        Err(error) => {
            if error == StoreError::KeyReused {
                count("refused");
            }
            return Ok(Fault::from(error).into_response());
        }
    }
    let mut response = ticket.clone().around(routed).await?;
    count(if ticket.repeated() > 0 { "repeated" } else { "new" });
    if ticket.repeated() > 0 {
        response.headers_mut().insert(REPEATED, HeaderValue::from_static("true"));
    }
    if !keeps || ticket.writes() == 0 || response.status().is_server_error() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    if body.size_hint().upper().is_none_or(|bytes| bytes > ANSWER_BYTES_MAX as u64) {
        return Ok(Response::from_parts(parts, body));
    }
    let body = match to_bytes(body, ANSWER_BYTES_MAX).await {
        Ok(body) => body,
        Err(error) => return Ok(Fault::internal(error).into_response()),
    };
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let answer = WholeAnswer { status: parts.status.as_u16(), kind, body: body.to_vec() };
    let core = house.services.core.clone();
    // Nobody waits for it: until it is kept, and if it never is, the answer is made again from the writes.
    tokio::spawn(async move {
        if let Err(error) = core.keep_answer(&ticket, answer).await {
            tracing::warn!(%error, "an answer could not be kept");
        }
    });
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// The ticket of a request; `None` for one that names no caller, or not truly.
fn ticket(house: &House, parts: &Parts, body: &[u8]) -> Result<Option<std::sync::Arc<Ticket>>, Fault> {
    let mut keys = parts.headers.get_all(HEADER).iter();
    let (key, more) = (keys.next().map_or(&b""[..], HeaderValue::as_bytes), keys.next().is_some());
    let query = parts.uri.query().unwrap_or_default();
    let request = [parts.method.as_str().as_bytes(), parts.uri.path().as_bytes(), query.as_bytes(), body];
    let window_ms = i64::from(house.config.http.idempotency_hours) * 3_600_000;
    let credentials = parts.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let scope = match (bearer(&parts.headers), credentials) {
        (Some(token), _) => house.services.accounts.holder(token).ok().map(|holder| Scope::User(holder.user)),
        (None, Some(credentials)) => Some(Scope::Credentials(credentials)),
        (None, None) => query
            .split('&')
            .find(|pair| pair.starts_with("http_key="))
            .map(|pair| Scope::Credentials(pair.as_bytes())),
    };
    // A key that cannot be one is refused whoever sends it.
    let asked = scope.unwrap_or(Scope::Credentials(b""));
    let ticket = Ticket::new(asked, key, &request, house.services.core.now_ms(), window_ms);
    match ticket {
        Some(ticket) if !more => Ok(scope.map(|_| ticket)),
        _ => Err(Fault::invalid("the idempotency key must be one of 1 to 128 visible ASCII characters")),
    }
}

fn response(answer: WholeAnswer) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    if let Ok(kind) = HeaderValue::from_str(&answer.kind)
        && !answer.kind.is_empty()
    {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response.headers_mut().insert(REPEATED, HeaderValue::from_static("true"));
    response
}

fn count(result: &'static str) {
    counter!("longhouse_idempotent_requests_total", "result" => result).increment(1);
}
