//! Leaderboards: writing, listing and removing scores.

use std::sync::Arc;

use app::leaderboards::{Ask as Wanted, BoardError, Listed, Record, Score, Written};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use store::{Operator, UserId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{
    Code, ErrorBody, LeaderboardRecord, LeaderboardRecordList, Operator as Asked, ScoreWrite, rfc3339,
};

use super::{done, json, queried};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault, body};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(list, write, remove)).routes(routes!(around))
}

/// Lists records in the order of ranks, and those of the owners asked for.
#[utoipa::path(
    get,
    path = "/v2/leaderboard/{leaderboard_id}",
    tag = "leaderboards",
    operation_id = "leaderboard_records_list",
    params(
        ("leaderboard_id" = String, Path, description = "The board"),
        ("owner_ids" = Option<Vec<String>>, Query, description = "Owners whose records are wanted as well"),
        ("limit" = Option<i32>, Query, description = "At most so many, from 1 to 1,000"),
        ("cursor" = Option<String>, Query, description = "Where another page ended"),
        ("expiry" = Option<i64>, Query, description = "The end of an earlier period, in seconds; absent or 0 is now's")
    ),
    responses((status = 200, body = LeaderboardRecordList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(
    State(house): State<Arc<House>>,
    _: Bearer,
    Path(id): Path<String>,
    Ask(query): Ask<queried::Pairs>,
) -> Result<Response, Fault> {
    let listed = house.services.leaderboards.list(&id, wanted(&query)?).await?;
    Ok(json(&shape(listed)))
}

/// Lists an owner's record with those around it.
#[utoipa::path(
    get,
    path = "/v2/leaderboard/{leaderboard_id}/owner/{owner_id}",
    tag = "leaderboards",
    operation_id = "leaderboard_records_around_owner_list",
    params(
        ("leaderboard_id" = String, Path, description = "The board"),
        ("owner_id" = String, Path, description = "Who is in the middle"),
        ("limit" = Option<i32>, Query, description = "At most so many, from 1 to 100"),
        ("cursor" = Option<String>, Query, description = "Where another page ended"),
        ("expiry" = Option<i64>, Query, description = "The end of an earlier period, in seconds; absent or 0 is now's")
    ),
    responses((status = 200, body = LeaderboardRecordList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn around(
    State(house): State<Arc<House>>,
    _: Bearer,
    Path((id, owner)): Path<(String, String)>,
    Ask(query): Ask<queried::Pairs>,
) -> Result<Response, Fault> {
    let owner = UserId(queried::id("owner_id", &owner)?);
    let listed = house.services.leaderboards.around(&id, owner, wanted(&query)?).await?;
    Ok(json(&shape(listed)))
}

/// Writes the player's score. It answers with the record that stands then, and its rank.
#[utoipa::path(
    post,
    path = "/v2/leaderboard/{leaderboard_id}",
    tag = "leaderboards",
    operation_id = "leaderboard_record_write",
    params(("leaderboard_id" = String, Path, description = "The board")),
    request_body = ScoreWrite,
    responses((status = 200, body = LeaderboardRecord), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn write(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
    sent: Body,
) -> Result<Response, Fault> {
    let score = score(holder.user, holder.username, body(&house, sent).await?)?;
    Ok(json(&written(house.services.leaderboards.write_own(&id, score).await?)))
}

/// Removes the player's record.
#[utoipa::path(
    delete,
    path = "/v2/leaderboard/{leaderboard_id}",
    tag = "leaderboards",
    operation_id = "leaderboard_record_delete",
    params(("leaderboard_id" = String, Path, description = "The board")),
    responses((status = 200, description = "There is none any more"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn remove(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    house.services.leaderboards.delete_own(&id, holder.user).await?;
    Ok(done())
}

/// What a list is asked for.
pub(super) fn wanted(query: &queried::Pairs) -> Result<Wanted, Fault> {
    let last = |key: &str| queried::texts(query, key).pop();
    Ok(Wanted {
        owners: queried::ids(query, "owner_ids")?.into_iter().map(UserId).collect(),
        limit: queried::number("limit", last("limit").as_deref())?,
        cursor: last("cursor").unwrap_or_default(),
        expires_s: queried::number("expiry", last("expiry").as_deref())?,
    })
}

/// A score as the protocol has it.
pub(super) fn score(owner: UserId, username: String, sent: ScoreWrite) -> Result<Score, Fault> {
    let operator = match Asked::from_number(sent.operator) {
        Some(Asked::NoOverride) => None,
        Some(Asked::Best) => Some(Operator::Best),
        Some(Asked::Set) => Some(Operator::Set),
        Some(Asked::Increment) => Some(Operator::Increment),
        Some(Asked::Decrement) => Some(Operator::Decrement),
        None => return Err(Fault::invalid("operator must be from 0 to 4")),
    };
    let metadata = Some(sent.metadata).filter(|metadata| !metadata.is_empty());
    Ok(Score { owner, username, score: sent.score, subscore: sent.subscore, metadata, operator })
}

pub(super) fn shape(listed: Listed) -> LeaderboardRecordList {
    let (row, expires_s) = (&listed.board.row, listed.period.expires_s);
    let shaped = |records: Vec<Record>| -> Vec<LeaderboardRecord> {
        records.into_iter().map(|one| record(&row.id, expires_s, row.attempts_max, one)).collect()
    };
    LeaderboardRecordList {
        records: shaped(listed.records),
        owner_records: shaped(listed.owner_records),
        next_cursor: listed.next,
        prev_cursor: listed.prev,
        rank_count: listed.count.try_into().unwrap_or(i64::MAX),
    }
}

/// The record that stands after a score was written.
pub(super) fn written(written: Written) -> LeaderboardRecord {
    let row = &written.board.row;
    record(&row.id, written.period.expires_s, row.attempts_max, written.record)
}

fn record(board: &str, expires_s: i64, attempts_max: i64, record: Record) -> LeaderboardRecord {
    let Record { row, score, subscore, rank } = record;
    LeaderboardRecord {
        leaderboard_id: board.to_owned(),
        owner_id: row.owner.to_string(),
        username: Some(row.username).filter(|name| !name.is_empty()),
        score,
        subscore,
        num_score: row.num_score.try_into().unwrap_or(i32::MAX),
        metadata: row.metadata,
        create_time: rfc3339(row.created_ms),
        update_time: rfc3339(row.updated_ms),
        expiry_time: if expires_s > 0 { rfc3339(expires_s.saturating_mul(1_000)) } else { String::new() },
        rank: rank.try_into().unwrap_or(i64::MAX),
        max_num_score: attempts_max.try_into().unwrap_or(u32::MAX),
    }
}

impl From<BoardError> for Fault {
    fn from(error: BoardError) -> Self {
        let code = match error {
            BoardError::NotFound | BoardError::NoTournament => Code::NotFound,
            BoardError::Authoritative => Code::PermissionDenied,
            BoardError::Store(error) => return error.into(),
            _ => Code::InvalidArgument,
        };
        Fault::new(code, error.to_string())
    }
}
