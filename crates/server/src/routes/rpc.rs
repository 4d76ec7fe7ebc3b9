//! Calling named functions over HTTP.
//!
//! The body is a JSON *string* that holds the payload, unless the query says `unwrap`: then it is the payload itself,
//! and so is the answer. Players call with their session token, servers with `?http_key=`.

use std::sync::Arc;

use app::rpc::{Call, Caller};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{ErrorBody, Rpc};

use super::json;
use crate::house::House;
use crate::http::{Ask, Fault, bearer, same, text};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(by_get, by_post))
}

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Query {
    /// What the function gets, with GET.
    payload: String,
    /// The key of server callers.
    http_key: Option<String>,
    /// Present: the body and the answer are the payload itself, not a JSON string that holds it.
    unwrap: Option<String>,
}

/// Calls a function.
#[utoipa::path(
    get,
    operation_id = "rpc_get",
    path = "/v2/rpc/{id}",
    tag = "rpc",
    params(("id" = String, Path, description = "The function's name"), Query),
    responses((status = 200, body = Rpc), (status = "default", body = ErrorBody)),
    security(("bearer" = []), ("http_key" = []))
)]
async fn by_get(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    Ask(query): Ask<Query>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let caller = caller(&house, &query, &headers)?;
    let unwrap = query.unwrap.is_some();
    // A GET's payload is given as a JSON string, too; plain text is taken as it is.
    let payload = serde_json::from_str::<String>(&query.payload).unwrap_or(query.payload);
    call(&house, id, caller, payload, unwrap).await
}

/// Calls a function with a payload.
#[utoipa::path(
    post,
    operation_id = "rpc_post",
    path = "/v2/rpc/{id}",
    tag = "rpc",
    params(("id" = String, Path, description = "The function's name"), Query),
    request_body = String,
    responses((status = 200, body = Rpc), (status = "default", body = ErrorBody)),
    security(("bearer" = []), ("http_key" = []))
)]
async fn by_post(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    Ask(query): Ask<Query>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Fault> {
    let caller = caller(&house, &query, &headers)?;
    let sent = text(&house, sent).await?;
    let unwrap = query.unwrap.is_some();
    let payload = if unwrap || sent.trim().is_empty() {
        sent
    } else {
        serde_json::from_str::<String>(&sent)
            .map_err(|_| Fault::invalid("the body must be a JSON string, or the query must say unwrap"))?
    };
    call(&house, id, caller, payload, unwrap).await
}

fn caller(house: &House, query: &Query, headers: &HeaderMap) -> Result<Caller, Fault> {
    if let Some(key) = query.http_key.as_deref().filter(|key| !key.is_empty()) {
        let right = same(key.as_bytes(), house.config.keys.http_key.reveal().as_bytes());
        return if right {
            Ok(Caller::Server)
        } else {
            Err(Fault::unauthenticated("the HTTP key is invalid"))
        };
    }
    let token = bearer(headers)
        .ok_or_else(|| Fault::unauthenticated("a session token or an HTTP key is required"))?;
    let holder = house.services.accounts.holder(token)?;
    Ok(Caller::User { user: holder.user, username: holder.username, family: holder.family })
}

async fn call(
    house: &House,
    id: String,
    caller: Caller,
    payload: String,
    unwrap: bool,
) -> Result<Response, Fault> {
    let payload = house.rpcs.call(&id, Call { caller, session: None, payload }).await?;
    if unwrap {
        return Ok(([(header::CONTENT_TYPE, "application/json")], payload).into_response());
    }
    Ok(json(&Rpc { id, payload, http_key: String::new() }))
}
