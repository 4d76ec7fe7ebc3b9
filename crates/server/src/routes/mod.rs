//! The routes, one file for each domain. A handler takes its request apart, asks a use case and writes the answer in
//! the protocol's shape; it decides nothing.

mod account;
mod achievements;
mod channels;
mod events;
mod friends;
mod governance;
mod groups;
mod health;
mod identity;
mod leaderboards;
mod links;
mod match_log;
mod matches;
mod matchmaker;
mod notifications;
mod openapi;
mod pages;
mod parties;
mod queried;
mod receipts;
mod rpc;
mod session;
mod storage;
mod tournaments;
mod users;
mod yaml;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::PathItem;
use utoipa_axum::router::OpenApiRouter;
use wire::rest::Code;
use wire::time::rfc3339;

use crate::extend::hooked;
use crate::house::House;
use crate::http::Fault;

/// Every route.
pub fn routes(house: Arc<House>) -> Router {
    let (documented, _) = documented().split_for_parts();
    let mut router = documented.merge(openapi::routes()).merge(pages::routes());
    if house.hooks.around_routes() {
        router = router.route_layer(from_fn_with_state(Arc::clone(&house), hooked));
    }
    router
        .route_layer(from_fn(template))
        .fallback(pages::fallback)
        .method_not_allowed_fallback(wrong_method)
        .with_state(house)
}

/// The routes that the API's description lists.
fn documented() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .merge(account::routes())
        .merge(channels::routes())
        .merge(links::routes())
        .merge(users::routes())
        .merge(events::routes())
        .merge(friends::routes())
        .merge(groups::routes())
        .merge(governance::routes())
        .merge(session::routes())
        .merge(storage::routes())
        .merge(achievements::routes())
        .merge(rpc::routes())
        .merge(matches::routes())
        .merge(match_log::routes())
        .merge(matchmaker::routes())
        .merge(parties::routes())
        .merge(notifications::routes())
        .merge(leaderboards::routes())
        .merge(tournaments::routes())
        .merge(identity::routes())
        .merge(receipts::routes())
        .merge(health::routes())
}

/// Every described route as (method, template).
pub fn all() -> BTreeSet<(String, String)> {
    let paths = documented().into_openapi().paths.paths;
    let methods = |item: &PathItem| {
        [
            ("GET", item.get.is_some()),
            ("POST", item.post.is_some()),
            ("PUT", item.put.is_some()),
            ("DELETE", item.delete.is_some()),
        ]
    };
    paths
        .iter()
        .flat_map(|(path, item)| {
            let there = methods(item).into_iter().filter(|(_, there)| *there);
            there.map(|(method, _)| (method.to_owned(), path.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// Leaves the route's template with the answer, for the figures.
async fn template(route: MatchedPath, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(route);
    response
}

async fn wrong_method() -> Fault {
    Fault::new(Code::Unimplemented, "this route does not take that method")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}

/// The answer of what is done and has nothing to tell: `{}`.
fn done() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], "{}").into_response()
}

/// An answer in JSON.
fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => Fault::internal(error).into_response(),
    }
}
