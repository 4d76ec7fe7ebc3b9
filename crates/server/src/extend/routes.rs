//! Hooks around routes: a layer that is in the way of those routes only that have some.

use std::sync::Arc;
use std::time::Duration;

use axum::RequestExt;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::{Asker, RouteAnswer, RouteRequest};
use crate::house::House;
use crate::http::{Fault, bearer};

/// Bytes of an answer that hooks are shown; of a longer one they see no body.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// The layer.
pub async fn hooked(
    State(house): State<Arc<House>>,
    route: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let Some(around) = house.hooks.route(request.method(), route.as_str()) else {
        return next.run(request).await;
    };
    let asker = asker(&house, &request);
    let (mut parts, mut asked) = match take_apart(&house, route.as_str(), request).await {
        Ok(taken) => taken,
        Err(fault) => return fault.into_response(),
    };
    for hook in &around.before {
        asked = match hook(asker.clone(), asked).await {
            Ok(asked) => asked,
            Err(error) => return Fault::from(error).into_response(),
        };
    }
    let body = match asked.body {
        Value::Null => Vec::new(),
        ref body => body.to_string().into_bytes(),
    };
    match with_query(&parts.uri, &asked.query) {
        Ok(uri) => parts.uri = uri,
        Err(fault) => return fault.into_response(),
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if around.after.is_empty() || !response.status().is_success() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = match to_bytes(body, ANSWER_BYTES_MAX).await {
        Ok(body) => body,
        Err(error) => return Fault::internal(error).into_response(),
    };
    let shown = serde_json::from_slice(&body).unwrap_or_default();
    let (asked, answer) =
        (Arc::new(asked), Arc::new(RouteAnswer { status: parts.status.as_u16(), body: shown }));
    for hook in &around.after {
        if let Err(error) = hook(asker.clone(), Arc::clone(&asked), Arc::clone(&answer)).await {
            tracing::error!(%error, route = %asked.route, "a hook after a route failed");
        }
    }
    Response::from_parts(parts, Body::from(body))
}

/// Who asks. A bad token is the route's to refuse.
fn asker(house: &House, request: &Request) -> Asker {
    match bearer(request.headers()).and_then(|token| house.services.accounts.holder(token).ok()) {
        Some(holder) => Asker {
            user: Some(holder.user),
            username: holder.username,
            vars: holder.vars,
            ..Asker::default()
        },
        None => Asker::default(),
    }
}

async fn take_apart(
    house: &House,
    route: &str,
    mut request: Request,
) -> Result<(axum::http::request::Parts, RouteRequest), Fault> {
    let path = request.extract_parts::<RawPathParams>().await;
    let path = path.map_err(|_| Fault::invalid("the path is malformed"))?;
    let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (parts, body) = request.into_parts();
    let bounds = &house.config.http;
    let reading = to_bytes(body, bounds.body_bytes_max);
    let body = tokio::time::timeout(Duration::from_millis(bounds.body_ms_max), reading).await;
    let body = match body {
        Ok(Ok(body)) => body,
        _ => return Err(Fault::invalid("the body is broken, too long or took too long")),
    };
    let body = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body)
            .map_err(|error| Fault::invalid(format!("the body is not JSON: {error}")))?
    };
    let query = parts.uri.query().unwrap_or_default();
    let query = serde_urlencoded::from_str(query)
        .map_err(|error| Fault::invalid(format!("the query is malformed: {error}")))?;
    let asked = RouteRequest { method: parts.method.clone(), route: route.to_owned(), path, query, body };
    Ok((parts, asked))
}

fn with_query(uri: &Uri, query: &[(String, String)]) -> Result<Uri, Fault> {
    let query = serde_urlencoded::to_string(query).map_err(Fault::internal)?;
    let path = uri.path();
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(text.parse().map_err(Fault::internal)?);
    Uri::from_parts(parts).map_err(Fault::internal)
}
