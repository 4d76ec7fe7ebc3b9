//! The list of matches: the awake rooms.

use std::sync::Arc;

use app::rooms::RoomInfo;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use wire::limits::MATCH_LIST_MAX;
use wire::rest::{MatchList, MatchListed};

use super::json;
use crate::house::House;
use crate::http::{Ask, Bearer, Fault};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().route("/v2/match", get(list))
}

/// What to list. Numbers are text here, so that a bad one is named in the answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Query {
    limit: Option<String>,
    authoritative: Option<String>,
    label: Option<String>,
    min_size: Option<String>,
    max_size: Option<String>,
}

/// Matches in one answer where the client does not say.
const LIMIT_DEFAULT: usize = 10;

async fn list(State(house): State<Arc<House>>, _: Bearer, Ask(query): Ask<Query>) -> Result<Response, Fault> {
    let limit = number("limit", &query.limit)?.unwrap_or(LIMIT_DEFAULT);
    if !(1..=MATCH_LIST_MAX).contains(&limit) {
        return Err(Fault::invalid(format!("limit must be from 1 to {MATCH_LIST_MAX}")));
    }
    let least = number("min_size", &query.min_size)?.unwrap_or(0);
    let most = number("max_size", &query.max_size)?.unwrap_or(usize::MAX);
    if query.authoritative.as_deref() == Some("false") {
        // Relayed matches alone were asked for, and there are none here.
        return Ok(json(&MatchList::default()));
    }
    let label = query.label.filter(|label| !label.is_empty());
    let keep = |room: &RoomInfo| {
        (least..=most).contains(&room.size) && label.as_ref().is_none_or(|label| *label == room.label)
    };
    let matches = house.services.rooms.list(limit, keep).into_iter().map(|room| MatchListed {
        match_id: house.match_id(room.id),
        authoritative: true,
        label: Some(room.label),
        size: i32::try_from(room.size).unwrap_or(i32::MAX),
        tick_rate: 0,
        handler_name: room.rules,
    });
    Ok(json(&MatchList { matches: matches.collect() }))
}

fn number(name: &str, text: &Option<String>) -> Result<Option<usize>, Fault> {
    let text = text.as_deref().filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|_| Fault::invalid(format!("{name} must be a whole number"))))
        .transpose()
}
