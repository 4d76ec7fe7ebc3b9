//! The routes, one file for each domain. A handler takes its request apart, asks a use case and writes the answer in
//! the protocol's shape; it decides nothing.

mod account;
mod health;
mod matches;
mod pages;
mod rpc;
mod session;

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

use crate::extend::hooked;
use crate::house::House;
use crate::http::Fault;

/// Every route.
pub fn routes(house: Arc<House>) -> Router {
    let (documented, _) = documented().split_for_parts();
    let mut router = documented.merge(pages::routes());
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
        .merge(session::routes())
        .merge(rpc::routes())
        .merge(matches::routes())
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

/// An answer in JSON.
fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => Fault::internal(error).into_response(),
    }
}

/// A time in the protocol's form, RFC 3339 in UTC with whole seconds.
fn rfc3339(ms: i64) -> String {
    let seconds = ms.div_euclid(1_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Civil date of a day number, with years that begin in March (Howard Hinnant's `civil_from_days`).
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn times() {
        let check = |ms: i64, text: &str| assert_eq!(rfc3339(ms), text);
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_400_000, "2000-02-29T00:00:00Z");
        check(1_709_210_096_789, "2024-02-29T12:34:56Z");
        check(4_102_444_799_000, "2099-12-31T23:59:59Z");
        check(-1, "1969-12-31T23:59:59Z");
    }
}
