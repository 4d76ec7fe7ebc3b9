//! A user's notifications.

use std::sync::Arc;

use app::notifications::{NotificationError, outside};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{Code, ErrorBody, NotificationList};

use super::{done, json, queried};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(list, delete))
}

/// Notifications in one answer where the client does not say.
const LIMIT_DEFAULT: u32 = 100;

/// What to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Query {
    /// At most so many, from 1 to 1,000.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// Where an earlier list ended: only what came since.
    cacheable_cursor: String,
}

/// Lists the user's notifications, the oldest first.
#[utoipa::path(
    get,
    operation_id = "notifications_list",
    path = "/v2/notification",
    tag = "notifications",
    params(Query),
    responses((status = 200, body = NotificationList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<Query>,
) -> Result<Response, Fault> {
    let limit = queried::number("limit", query.limit.as_deref())?.unwrap_or(LIMIT_DEFAULT);
    let page = house.services.notifications.list(holder.user, limit, &query.cacheable_cursor).await?;
    Ok(json(&NotificationList {
        notifications: page.notifications.iter().map(|one| outside(one, true)).collect(),
        cacheable_cursor: page.cursor,
    }))
}

/// Deletes some of the user's notifications.
#[utoipa::path(
    delete,
    operation_id = "notifications_delete",
    path = "/v2/notification",
    tag = "notifications",
    params(("ids" = Vec<String>, Query, description = "Their ids, each as a parameter of its own")),
    responses((status = 200, description = "They are gone"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn delete(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<queried::Pairs>,
) -> Result<Response, Fault> {
    let ids = queried::ids(&query, "ids")?;
    house.services.notifications.delete(holder.user, ids).await?;
    Ok(done())
}

impl From<NotificationError> for Fault {
    fn from(error: NotificationError) -> Self {
        match error {
            NotificationError::Store(error) => error.into(),
            error => Fault::new(Code::InvalidArgument, error.to_string()),
        }
    }
}
