//! Tournaments: lists of them, joining, and their scores.

use std::sync::Arc;

use app::tournaments::{Tournament as Now, TournamentAsk};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use store::UserId;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{
    ErrorBody, LeaderboardRecord, LeaderboardRecordList, ScoreWrite, Tournament, TournamentList,
    TournamentRecordList, rfc3339,
};

use super::leaderboards::{score, shape, wanted, written};
use super::{done, json, queried};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault, body};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(records, post, put, remove))
        .routes(routes!(join))
        .routes(routes!(around))
}

/// Which tournaments to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Query {
    /// From this category, 0 to 127.
    #[param(value_type = Option<u32>)]
    category_start: Option<String>,
    /// To this category.
    #[param(value_type = Option<u32>)]
    category_end: Option<String>,
    /// Those that begin at this second or later.
    #[param(value_type = Option<u32>)]
    start_time: Option<String>,
    /// Those that are over at this second; absent or 0 is those that are not over now.
    #[param(value_type = Option<u32>)]
    end_time: Option<String>,
    /// At most so many, from 1 to 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// Where the last page ended.
    cursor: String,
}

/// Lists tournaments by category and id.
#[utoipa::path(
    get,
    path = "/v2/tournament",
    tag = "tournaments",
    operation_id = "tournaments_list",
    params(Query),
    responses((status = 200, body = TournamentList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(State(house): State<Arc<House>>, _: Bearer, Ask(query): Ask<Query>) -> Result<Response, Fault> {
    let ask = TournamentAsk {
        category_start: queried::number("category_start", query.category_start.as_deref())?,
        category_end: queried::number("category_end", query.category_end.as_deref())?,
        start_s: queried::number("start_time", query.start_time.as_deref())?,
        end_s: queried::number("end_time", query.end_time.as_deref())?,
        limit: queried::number("limit", query.limit.as_deref())?,
        cursor: query.cursor,
    };
    let page = house.services.tournaments.list(ask).await?;
    let tournaments = page.tournaments.into_iter().map(tournament).collect();
    Ok(json(&TournamentList { tournaments, cursor: page.cursor }))
}

/// Lists records in the order of ranks, and those of the owners asked for.
#[utoipa::path(
    get,
    path = "/v2/tournament/{tournament_id}",
    tag = "tournaments",
    operation_id = "tournament_records_list",
    params(
        ("tournament_id" = String, Path, description = "The tournament"),
        ("owner_ids" = Option<Vec<String>>, Query, description = "Owners whose records are wanted as well"),
        ("limit" = Option<i32>, Query, description = "At most so many, from 1 to 1,000"),
        ("cursor" = Option<String>, Query, description = "Where another page ended"),
        ("expiry" = Option<i64>, Query, description = "The end of an earlier period, in seconds; absent or 0 is now's")
    ),
    responses((status = 200, body = TournamentRecordList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn records(
    State(house): State<Arc<House>>,
    _: Bearer,
    Path(id): Path<String>,
    Ask(query): Ask<queried::Pairs>,
) -> Result<Response, Fault> {
    let listed = house.services.tournaments.records(&id, wanted(&query)?).await?;
    Ok(json(&of_tournament(shape(listed))))
}

/// Lists an owner's record with those around it.
#[utoipa::path(
    get,
    path = "/v2/tournament/{tournament_id}/owner/{owner_id}",
    tag = "tournaments",
    operation_id = "tournament_records_around_owner_list",
    params(
        ("tournament_id" = String, Path, description = "The tournament"),
        ("owner_id" = String, Path, description = "Who is in the middle"),
        ("limit" = Option<i32>, Query, description = "At most so many, from 1 to 100"),
        ("cursor" = Option<String>, Query, description = "Where another page ended"),
        ("expiry" = Option<i64>, Query, description = "The end of an earlier period, in seconds; absent or 0 is now's")
    ),
    responses((status = 200, body = TournamentRecordList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn around(
    State(house): State<Arc<House>>,
    _: Bearer,
    Path((id, owner)): Path<(String, String)>,
    Ask(query): Ask<queried::Pairs>,
) -> Result<Response, Fault> {
    let owner = UserId(queried::id("owner_id", &owner)?);
    let listed = house.services.tournaments.around(&id, owner, wanted(&query)?).await?;
    Ok(json(&of_tournament(shape(listed))))
}

/// Writes the player's score. It answers with the record that stands then, and its rank.
#[utoipa::path(
    post,
    path = "/v2/tournament/{tournament_id}",
    tag = "tournaments",
    operation_id = "tournament_record_write",
    params(("tournament_id" = String, Path, description = "The tournament")),
    request_body = ScoreWrite,
    responses((status = 200, body = LeaderboardRecord), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn post(
    house: State<Arc<House>>,
    who: Bearer,
    id: Path<String>,
    sent: Body,
) -> Result<Response, Fault> {
    write(house, who, id, sent).await
}

/// The same as POST.
#[utoipa::path(
    put,
    path = "/v2/tournament/{tournament_id}",
    tag = "tournaments",
    operation_id = "tournament_record_put",
    params(("tournament_id" = String, Path, description = "The tournament")),
    request_body = ScoreWrite,
    responses((status = 200, body = LeaderboardRecord), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn put(house: State<Arc<House>>, who: Bearer, id: Path<String>, sent: Body) -> Result<Response, Fault> {
    write(house, who, id, sent).await
}

async fn write(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
    sent: Body,
) -> Result<Response, Fault> {
    let score = score(holder.user, holder.username, body(&house, sent).await?)?;
    Ok(json(&written(house.services.tournaments.write_own(&id, score).await?)))
}

/// Removes the player's record. Attempts that it used stay used.
#[utoipa::path(
    delete,
    path = "/v2/tournament/{tournament_id}",
    tag = "tournaments",
    operation_id = "tournament_record_delete",
    params(("tournament_id" = String, Path, description = "The tournament")),
    responses((status = 200, description = "There is none any more"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn remove(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    house.services.tournaments.delete_own(&id, holder.user).await?;
    Ok(done())
}

/// Joins the period that is open.
#[utoipa::path(
    post,
    path = "/v2/tournament/{tournament_id}/join",
    tag = "tournaments",
    operation_id = "tournament_join",
    params(("tournament_id" = String, Path, description = "The tournament")),
    responses((status = 200, description = "The player is in"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn join(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    house.services.tournaments.join(&id, holder.user).await?;
    Ok(done())
}

fn of_tournament(list: LeaderboardRecordList) -> TournamentRecordList {
    let LeaderboardRecordList { records, owner_records, next_cursor, prev_cursor, rank_count } = list;
    TournamentRecordList { records, owner_records, next_cursor, prev_cursor, rank_count }
}

fn tournament(now: Now) -> Tournament {
    let row = &now.board.row;
    let small = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
    let time = |seconds: i64| rfc3339(seconds.saturating_mul(1_000));
    Tournament {
        id: row.id.clone(),
        title: row.title.clone(),
        description: row.description.clone(),
        category: small(row.category),
        sort_order: u32::from(row.descending),
        size: now.size.try_into().unwrap_or(u32::MAX),
        max_size: small(row.size_max),
        max_num_score: small(row.attempts_max),
        can_enter: now.can_enter,
        end_active: small(now.window.end_active_s),
        next_reset: small(now.next_reset_s),
        metadata: row.metadata.clone(),
        create_time: rfc3339(row.created_ms),
        start_time: time(row.start_s),
        end_time: if row.end_s > 0 { time(row.end_s) } else { String::new() },
        duration: small(row.duration_s),
        start_active: small(now.window.start_active_s),
        prev_reset: small(now.prev_reset_s),
        // In the protocol 0 is no operator.
        operator: row.operator as i32 + 1,
        authoritative: row.authoritative,
        join_required: row.join_required,
    }
}
