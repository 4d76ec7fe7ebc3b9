//! How the matchmaker is doing.

use std::sync::Arc;

use app::matchmaker::{MatchmakerError, Stats};
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::envelope::ErrorCode;
use wire::rest::{Code, ErrorBody, MatchmakerCompletion, MatchmakerStats};

use super::{json, rfc3339};
use crate::house::House;
use crate::http::{Bearer, Fault};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(stats))
}

/// How many wait, since when, and how long the newest matches took.
#[utoipa::path(
    get,
    path = "/v2/matchmaker/stats",
    tag = "matchmaker",
    responses((status = 200, body = MatchmakerStats), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn stats(State(house): State<Arc<House>>, _: Bearer) -> Result<Response, Fault> {
    let Stats { tickets, oldest_ms, completions } = house.services.matchmaker.stats();
    let completions = completions.into_iter().map(|(created_ms, completed_ms)| MatchmakerCompletion {
        create_time: rfc3339(created_ms),
        complete_time: rfc3339(completed_ms),
    });
    Ok(json(&MatchmakerStats {
        ticket_count: i32::try_from(tickets).unwrap_or(i32::MAX),
        oldest_ticket_create_time: oldest_ms.map(rfc3339).unwrap_or_default(),
        completions: completions.collect(),
    }))
}

impl From<MatchmakerError> for Fault {
    fn from(error: MatchmakerError) -> Self {
        let code = match error {
            MatchmakerError::Counts(_)
            | MatchmakerError::Query(_)
            | MatchmakerError::Properties
            | MatchmakerError::PartyTooLarge => Code::InvalidArgument,
            MatchmakerError::TooMany | MatchmakerError::Full => Code::ResourceExhausted,
            MatchmakerError::NotFound => Code::NotFound,
            MatchmakerError::Session(_) => Code::FailedPrecondition,
        };
        Fault::new(code, error.to_string()).on_socket(ErrorCode::BadInput)
    }
}
