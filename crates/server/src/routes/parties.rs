//! The list of parties.

use std::sync::Arc;

use app::parties::{BadCursor, PartyError, PartyPage};
use app::query::Query;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::envelope::ErrorCode;
use wire::rest::{Code, ErrorBody, PartyList, PartyListed};

use super::matches::listed;
use super::{json, queried};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What to list. Numbers are text here, so that a bad one is named in the answer.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Wanted {
    /// From 1 to 100; 10 unless given.
    #[param(value_type = Option<i32>)]
    limit: Option<String>,
    /// Those that anybody may join, or the others.
    #[param(value_type = Option<bool>)]
    open: Option<String>,
    /// By what the labels say: `+label.mode:duel`.
    query: Option<String>,
    /// Where the page before said that the next one begins.
    cursor: Option<String>,
}

/// Lists parties that are not hidden, the newest first.
#[utoipa::path(
    get,
    path = "/v2/party",
    tag = "parties",
    operation_id = "list_parties",
    params(Wanted),
    responses((status = 200, body = PartyList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(
    State(house): State<Arc<House>>,
    _: Bearer,
    Ask(wanted): Ask<Wanted>,
) -> Result<Response, Fault> {
    let limit = listed(wanted.limit.as_deref())?;
    let open = queried::flag("open", wanted.open.as_deref())?;
    let query = Query::parse(wanted.query.as_deref().unwrap_or_default())?;
    // Looking at every label may take a while.
    let listing = tokio::task::spawn_blocking(move || {
        let cursor = wanted.cursor.as_deref().filter(|cursor| !cursor.is_empty());
        house.services.parties.list(limit, open, &query, cursor)
    });
    let PartyPage { parties, cursor } = listing.await.map_err(Fault::internal)??;
    let parties = parties.into_iter().map(|party| PartyListed {
        party_id: party.party_id,
        open: party.open,
        hidden: party.hidden,
        max_size: i32::try_from(party.max_size).unwrap_or(i32::MAX),
        label: party.label,
    });
    Ok(json(&PartyList { parties: parties.collect(), cursor: cursor.unwrap_or_default() }))
}

impl From<BadCursor> for Fault {
    fn from(error: BadCursor) -> Self {
        Fault::invalid(error.to_string())
    }
}

impl From<PartyError> for Fault {
    fn from(error: PartyError) -> Self {
        let code = match error {
            PartyError::NotFound | PartyError::NoSuchMember => Code::NotFound,
            PartyError::NotLeader => Code::PermissionDenied,
            PartyError::Size | PartyError::Label => Code::InvalidArgument,
            PartyError::TooManyParties | PartyError::TooManyRequests => Code::ResourceExhausted,
            PartyError::Join(_) => Code::FailedPrecondition,
            PartyError::Matchmaker(error) => return error.into(),
        };
        Fault::new(code, error.to_string()).on_socket(ErrorCode::BadInput)
    }
}
