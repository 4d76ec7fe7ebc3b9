//! The request that asks for a socket: is it one, and who asks?

use std::net::IpAddr;

use app::session::Origin;
use app::tokens::Holder;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use hyper::body::Incoming;
use serde::Deserialize;
use wire::envelope::Format;
use wire::websocket::handshake;

use crate::house::House;
use crate::http::{Fault, bearer};
use crate::rates::{SocketRates, household};

/// A client that may have a socket.
pub struct Admission {
    /// Who.
    pub holder: Holder,
    /// How its envelopes are written.
    pub format: Format,
    /// Show the user to followers at once.
    pub appear: bool,
    /// What it may send.
    pub rates: Option<Box<SocketRates>>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What clients say in the query.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Query {
    token: String,
    format: String,
    status: String,
}

/// The answer that turns the connection into a socket, and for whom; or why not.
pub fn admit(
    house: &House,
    request: &Request<Incoming>,
    client: Option<IpAddr>,
) -> Result<(Response<Body>, Admission), Fault> {
    let headers = request.headers();
    let key = key(request.method(), request.version(), headers)?;
    let axum::extract::Query(query) = axum::extract::Query::<Query>::try_from_uri(request.uri())
        .map_err(|error| Fault::invalid(format!("the query is malformed: {error}")))?;
    let token = match query.token.as_str() {
        "" => bearer(headers).ok_or_else(|| Fault::unauthenticated("a session token is required"))?,
        token => token,
    };
    let holder = house.services.accounts.holder(token)?;
    let format =
        Format::parse(&query.format).ok_or_else(|| Fault::invalid("the format must be json or protobuf"))?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let accept = HeaderValue::try_from(handshake::accept_key(key)).expect("base64 is visible ASCII");
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    let appear = query.status == "true";
    let origin = origin(request.headers(), client);
    Ok((response, Admission { holder, format, appear, rates: house.rates.socket(client), origin }))
}

/// Where a client comes from. `client` is none for this machine, which stands for nobody.
fn origin(headers: &HeaderMap, client: Option<IpAddr>) -> Origin {
    let number = client.map_or(0, household);
    // Of the newer kind the upper half names the network; the older kind lies in the lower half.
    let household = if number >> 64 == 0 { number as u64 } else { (number >> 64) as u64 };
    let agent = headers.get(header::USER_AGENT).map_or(0, |agent| {
        let hash = blake3::hash(agent.as_bytes());
        hash.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    });
    Origin { household, agent }
}

/// The client's key, if the request is a WebSocket handshake (RFC 6455 section 4.2.1).
fn key<'a>(method: &Method, version: Version, headers: &'a HeaderMap) -> Result<&'a str, Fault> {
    let has = |name, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    if method != Method::GET || version < Version::HTTP_11 || !has(header::UPGRADE, "websocket") {
        return Err(
            Fault::invalid("this route is for WebSocket clients").with_status(StatusCode::UPGRADE_REQUIRED)
        );
    }
    if !has(header::CONNECTION, "upgrade") {
        return Err(Fault::invalid("the Connection header must say Upgrade"));
    }
    if !has(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(Fault::invalid("the WebSocket version must be 13"));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok());
    key.filter(|key| handshake::is_key(key))
        .ok_or_else(|| Fault::invalid("the Sec-WebSocket-Key is malformed"))
}
