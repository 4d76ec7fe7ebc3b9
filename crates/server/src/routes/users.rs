//! Users as others see them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use store::UserId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{ErrorBody, Users};

use super::account::user_shape;
use super::json;
use super::queried::{Pairs, ids, texts};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(users))
}

/// Some users, at most a hundred; those who do not exist are passed over.
#[utoipa::path(
    get,
    path = "/v2/user",
    tag = "users",
    params(
        ("ids" = Option<Vec<String>>, Query, description = "Their ids"),
        ("usernames" = Option<Vec<String>>, Query, description = "Their names"),
        ("facebook_ids" = Option<Vec<String>>, Query, description = "Facebook's names for them"),
    ),
    responses((status = 200, body = Users), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn users(
    State(house): State<Arc<House>>,
    Bearer(_): Bearer,
    Ask(query): Ask<Pairs>,
) -> Result<Response, Fault> {
    let ids = ids(&query, "ids")?.into_iter().map(UserId).collect();
    let (names, facebook) = (texts(&query, "usernames"), texts(&query, "facebook_ids"));
    let found = house.services.accounts.users(ids, names, facebook).await?;
    Ok(json(&Users { users: found.into_iter().map(user_shape).collect() }))
}
