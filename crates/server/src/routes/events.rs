//! Events that clients report.

use std::sync::Arc;

use app::events::{EventError, Report};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{Code, ErrorBody, Event};
use wire::time::Timestamp;

use super::done;
use crate::house::House;
use crate::http::{Bearer, Fault, body};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(event))
}

/// Reports an event for the studio's own consumers.
#[utoipa::path(
    post,
    path = "/v2/event",
    tag = "events",
    request_body = Event,
    responses((status = 200, description = "Kept"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn event(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let Event { name, timestamp, properties, .. } = body(&house, sent).await?;
    let at_ms = match timestamp.as_str() {
        "" => None,
        text => Some(
            Timestamp::parse(text)
                .ok_or_else(|| Fault::invalid("the timestamp must be a time in RFC 3339"))?
                .to_ms(),
        ),
    };
    let report = Report { name, user: Some(holder.user), properties, at_ms, outside: true };
    house.services.events.report(report).await?;
    Ok(done())
}

impl From<EventError> for Fault {
    fn from(error: EventError) -> Self {
        match error {
            EventError::Name | EventError::Properties => Fault::new(Code::InvalidArgument, error.to_string()),
            EventError::Consumer(detail) => Fault::internal(detail),
            EventError::Store(error) => error.into(),
        }
    }
}
