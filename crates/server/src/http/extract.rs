//! What routes take out of a request: who calls, the query, the body. Each refuses in the protocol's words.

use std::sync::Arc;
use std::time::Duration;

use app::tokens::Holder;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::DeserializeOwned;
use wire::rest::Code;

use super::Fault;
use crate::house::House;

/// A player with a valid session token in the `Authorization` header.
pub struct Bearer(pub Holder);

impl FromRequestParts<Arc<House>> for Bearer {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Fault> {
        // The rates have looked at it on the way in.
        if let Some(holder) = parts.extensions.remove::<Holder>() {
            return Ok(Self(holder));
        }
        let token =
            bearer(&parts.headers).ok_or_else(|| Fault::unauthenticated("a session token is required"))?;
        Ok(Self(house.services.accounts.holder(token)?))
    }
}

/// The token of a Bearer header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    scheme(headers, "Bearer ")
}

/// A client that knows the server key, as the user name of HTTP Basic.
pub struct ServerKey;

impl FromRequestParts<Arc<House>> for ServerKey {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Fault> {
        let given = scheme(&parts.headers, "Basic ").and_then(|text| BASE64.decode(text).ok());
        let key = given.as_deref().and_then(|pair| pair.split(|byte| *byte == b':').next());
        match key {
            Some(key) if same(key, house.config.keys.server_key.reveal().as_bytes()) => Ok(Self),
            Some(_) => Err(Fault::unauthenticated("the server key is invalid")),
            None => Err(Fault::unauthenticated("the server key is required")),
        }
    }
}

fn scheme<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (start, rest) = value.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

/// Are two secrets the same? Takes the same time wherever they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (x, y)| differs | (x ^ y)) == 0
}

/// The query, read into `T`; unknown parts are passed over.
pub struct Ask<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<House>> for Ask<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<House>) -> Result<Self, Fault> {
        let Query(query) = Query::try_from_uri(&parts.uri)
            .map_err(|error| Fault::invalid(format!("the query is malformed: {error}")))?;
        Ok(Self(query))
    }
}

/// The body's bytes, within the bounds of size and time.
pub(crate) async fn bytes(house: &House, body: Body) -> Result<Bytes, Fault> {
    let bounds = &house.config.http;
    let reading = to_bytes(body, bounds.body_bytes_max);
    match tokio::time::timeout(Duration::from_millis(bounds.body_ms_max), reading).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            Err(Fault::invalid(format!("the body is broken or longer than {} bytes", bounds.body_bytes_max))
                .with_status(StatusCode::PAYLOAD_TOO_LARGE))
        }
        Err(_) => Err(Fault::new(Code::DeadlineExceeded, "the body took too long to arrive")
            .with_status(StatusCode::REQUEST_TIMEOUT)),
    }
}

/// The body as JSON, with objects where objects belong; nothing at all is the empty object.
pub async fn body<T: DeserializeOwned>(house: &House, body: Body) -> Result<T, Fault> {
    let bytes = bytes(house, body).await?;
    let text = if bytes.is_empty() { b"{}" } else { &bytes[..] };
    wire::objects::from_slice(text)
        .map_err(|error| Fault::invalid(format!("the body is not what it should be: {error}")))
}

/// The body as text.
pub async fn text(house: &House, body: Body) -> Result<String, Fault> {
    let bytes = bytes(house, body).await?;
    String::from_utf8(bytes.into()).map_err(|_| Fault::invalid("the body is not UTF-8 text"))
}
