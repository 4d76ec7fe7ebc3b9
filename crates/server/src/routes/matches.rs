//! The list of matches: the awake rooms, and the matches that only relay.

use std::sync::Arc;

use app::query::{Doc, Query, QueryError};
use app::relays::{RelayError, match_id};
use app::rooms::RoomInfo;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::envelope::ErrorCode;
use wire::limits::MATCH_LIST_MAX;
use wire::rest::{Code, ErrorBody, MatchList, MatchListed};

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
    /// Rooms alone, or relayed matches alone.
    #[param(value_type = Option<bool>)]
    authoritative: Option<String>,
    /// Exactly this label; relayed matches have none.
    label: Option<String>,
    /// With so many presences at least.
    #[param(value_type = Option<i32>)]
    min_size: Option<String>,
    /// With so many presences at most.
    #[param(value_type = Option<i32>)]
    max_size: Option<String>,
    /// By what the labels say: `+label.mode:duel`. Relayed matches have none.
    query: Option<String>,
}

/// Matches or parties in one answer where the client does not say.
const LIMIT_DEFAULT: usize = 10;

/// Lists matches, rooms before relayed ones, the newest first.
#[utoipa::path(
    get,
    path = "/v2/match",
    tag = "matches",
    operation_id = "list_matches",
    params(Wanted),
    responses((status = 200, body = MatchList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(
    State(house): State<Arc<House>>,
    _: Bearer,
    Ask(wanted): Ask<Wanted>,
) -> Result<Response, Fault> {
    let limit = listed(wanted.limit.as_deref())?;
    let least = queried::number("min_size", wanted.min_size.as_deref())?.unwrap_or(0);
    let most = queried::number("max_size", wanted.max_size.as_deref())?.unwrap_or(usize::MAX);
    let authoritative = queried::flag("authoritative", wanted.authoritative.as_deref())?;
    let label = wanted.label.filter(|label| !label.is_empty());
    let query = Query::parse(wanted.query.as_deref().unwrap_or_default())?;
    let labelled = label.is_some() || !query.is_everything();

    let mut matches = Vec::new();
    if authoritative != Some(false) {
        let rooms = Arc::clone(&house);
        let looking = move || {
            let keep = |room: &RoomInfo| {
                (least..=most).contains(&room.size) && label.as_ref().is_none_or(|label| *label == room.label)
            };
            if query.is_everything() {
                return rooms.services.rooms.list(limit, keep);
            }
            // Labels are looked into once the list is no longer held: rooms change it as they go.
            let mut found = rooms.services.rooms.list(usize::MAX, keep);
            let mut left = limit;
            found.retain(|room| {
                let keeps = left > 0 && query.matches(&Doc::of_label(&room.label));
                left -= usize::from(keeps);
                keeps
            });
            found
        };
        // Looking into every label may take a while.
        let found = match labelled {
            true => tokio::task::spawn_blocking(looking).await.map_err(Fault::internal)?,
            false => looking(),
        };
        matches.extend(found.into_iter().map(|room| MatchListed {
            match_id: house.match_id(room.id),
            authoritative: true,
            label: Some(room.label),
            size: i32::try_from(room.size).unwrap_or(i32::MAX),
            tick_rate: 0,
            handler_name: room.rules,
        }));
    }
    if authoritative != Some(true) && !labelled {
        let relayed =
            house.services.relays.list(limit - matches.len(), |size| (least..=most).contains(&size));
        matches.extend(relayed.into_iter().map(|(id, size)| MatchListed {
            match_id: match_id(id),
            authoritative: false,
            label: None,
            size: i32::try_from(size).unwrap_or(i32::MAX),
            tick_rate: 0,
            handler_name: String::new(),
        }));
    }
    Ok(json(&MatchList { matches }))
}

/// How many matches, or parties, are wanted.
pub(super) fn listed(limit: Option<&str>) -> Result<usize, Fault> {
    let limit = queried::number("limit", limit)?.unwrap_or(LIMIT_DEFAULT);
    if !(1..=MATCH_LIST_MAX).contains(&limit) {
        return Err(Fault::invalid(format!("limit must be from 1 to {MATCH_LIST_MAX}")));
    }
    Ok(limit)
}

impl From<QueryError> for Fault {
    fn from(error: QueryError) -> Self {
        Fault::invalid(error.to_string())
    }
}

impl From<RelayError> for Fault {
    fn from(error: RelayError) -> Self {
        let (code, socket) = match error {
            RelayError::NotFound => (Code::NotFound, ErrorCode::MatchNotFound),
            RelayError::Name | RelayError::Token(_) => (Code::InvalidArgument, ErrorCode::BadInput),
            RelayError::Join(_) => (Code::FailedPrecondition, ErrorCode::MatchJoinRejected),
        };
        Fault::new(code, error.to_string()).on_socket(socket)
    }
}
