//! The house's functions for server callers: making boards, removing them, and writing many scores at once. Studios
//! that bring their own binary call the use cases instead.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use store::{Operator, UserId};

use super::{BoardError, NewBoard, Score, Written};
use crate::rpc::{Call, RpcError, Rpcs, payload};
use crate::services::Services;
use crate::tournaments::NewTournament;

/// Registers `leaderboard_create`, `leaderboard_delete`, `leaderboard_write_many`, `tournament_create` and
/// `tournament_delete`.
pub fn calls(rpcs: &mut Rpcs, services: &Arc<Services>) {
    let with = |services: &Arc<Services>| Arc::clone(services);
    let house = with(services);
    rpcs.register("leaderboard_create", move |call| create(Arc::clone(&house), call));
    let house = with(services);
    rpcs.register("leaderboard_delete", move |call| delete(Arc::clone(&house), call, false));
    let house = with(services);
    rpcs.register("leaderboard_write_many", move |call| write_many(Arc::clone(&house), call));
    let house = with(services);
    rpcs.register("tournament_create", move |call| create_tournament(Arc::clone(&house), call));
    let house = with(services);
    rpcs.register("tournament_delete", move |call| delete(Arc::clone(&house), call, true));
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sort {
    #[serde(alias = "ascending")]
    Asc,
    #[default]
    #[serde(alias = "descending")]
    Desc,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    Best,
    Set,
    Incr,
    Decr,
}

impl From<Named> for Operator {
    fn from(named: Named) -> Self {
        match named {
            Named::Best => Operator::Best,
            Named::Set => Operator::Set,
            Named::Incr => Operator::Increment,
            Named::Decr => Operator::Decrement,
        }
    }
}

#[derive(Deserialize)]
struct BoardInput {
    id: String,
    #[serde(default)]
    authoritative: bool,
    #[serde(default, alias = "sort_order")]
    sort: Sort,
    operator: Option<Named>,
    #[serde(default)]
    reset: String,
    metadata: Option<Map<String, Value>>,
}

async fn create(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    let input: BoardInput = read(&call)?;
    let new = NewBoard {
        id: input.id,
        authoritative: input.authoritative,
        ascending: matches!(input.sort, Sort::Asc),
        operator: input.operator.map(Operator::from).unwrap_or_default(),
        reset: input.reset,
        metadata: text(input.metadata).unwrap_or_default(),
    };
    let (board, created) = services.leaderboards.create(new).await?;
    Ok(json!({ "id": board.row.id, "created": created }).to_string())
}

#[derive(Deserialize)]
struct TournamentInput {
    #[serde(flatten)]
    board: BoardInput,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    category: u32,
    #[serde(default)]
    start_time: i64,
    #[serde(default)]
    end_time: i64,
    duration: i64,
    #[serde(default)]
    max_size: u32,
    #[serde(default)]
    max_num_score: u32,
    #[serde(default)]
    join_required: bool,
}

async fn create_tournament(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    let input: TournamentInput = read(&call)?;
    let board = input.board;
    let new = NewTournament {
        id: board.id,
        authoritative: board.authoritative,
        ascending: matches!(board.sort, Sort::Asc),
        operator: board.operator.map(Operator::from).unwrap_or_default(),
        reset: board.reset,
        metadata: text(board.metadata).unwrap_or_default(),
        title: input.title,
        description: input.description,
        category: input.category,
        start_s: input.start_time,
        end_s: input.end_time,
        duration_s: input.duration,
        size_max: input.max_size,
        attempts_max: input.max_num_score,
        join_required: input.join_required,
    };
    let (board, created) = services.tournaments.create(new).await?;
    Ok(json!({ "id": board.row.id, "created": created }).to_string())
}

#[derive(Deserialize)]
struct IdInput {
    id: String,
}

async fn delete(services: Arc<Services>, call: Call, tournament: bool) -> Result<String, RpcError> {
    let IdInput { id } = read(&call)?;
    let deleted = match tournament {
        true => services.tournaments.delete(&id).await?,
        false => services.leaderboards.delete(&id).await?,
    };
    Ok(json!({ "deleted": deleted }).to_string())
}

#[derive(Deserialize)]
struct ScoresInput {
    /// Of a leaderboard or a tournament, for records that name none.
    id: Option<String>,
    records: Vec<ScoreInput>,
}

#[derive(Deserialize)]
struct ScoreInput {
    id: Option<String>,
    owner_id: String,
    #[serde(default)]
    username: String,
    score: Whole,
    #[serde(default)]
    subscore: Whole,
    metadata: Option<Map<String, Value>>,
    operator: Option<Named>,
}

/// A number, or as the protocol writes those of 64 bits: a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Whole {
    Number(i64),
    Text(String),
}

impl Default for Whole {
    fn default() -> Self {
        Whole::Number(0)
    }
}

impl Whole {
    fn read(self) -> Result<i64, RpcError> {
        match self {
            Whole::Number(number) => Ok(number),
            Whole::Text(text) => {
                text.parse().map_err(|_| RpcError::Invalid(format!("{text:?} is no whole number").into()))
            }
        }
    }
}

async fn write_many(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    let ScoresInput { id: board, records } = read(&call)?;
    let scores: Result<Vec<_>, RpcError> = records
        .into_iter()
        .map(|input| {
            let owner: UserId = input
                .owner_id
                .parse()
                .map_err(|_| RpcError::Invalid(format!("{:?} is no owner id", input.owner_id).into()))?;
            let score = Score {
                owner,
                username: input.username,
                score: input.score.read()?,
                subscore: input.subscore.read()?,
                metadata: text(input.metadata),
                operator: input.operator.map(Operator::from),
            };
            let id = input.id.or_else(|| board.clone());
            Ok((id.ok_or(RpcError::Invalid("a record names no board".into()))?, score))
        })
        .collect();
    let answers = services.leaderboards.write_many(scores?).await?;
    let answers: Vec<Value> = answers.into_iter().map(shape).collect();
    Ok(json!({ "records": answers }).to_string())
}

fn shape(answer: Result<Written, BoardError>) -> Value {
    match answer {
        Ok(Written { record, .. }) => json!({
            "owner_id": record.row.owner.to_string(),
            "score": record.score.to_string(),
            "subscore": record.subscore.to_string(),
            "num_score": record.row.num_score,
            "rank": record.rank.to_string(),
        }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, RpcError> {
    call.caller.server()?;
    payload(call)
}

fn text(metadata: Option<Map<String, Value>>) -> Option<String> {
    metadata.map(|metadata| Value::Object(metadata).to_string())
}

impl From<BoardError> for RpcError {
    fn from(error: BoardError) -> Self {
        match error {
            BoardError::NotFound | BoardError::NoTournament => RpcError::Missing(error.to_string().into()),
            BoardError::Authoritative => RpcError::Denied("only server code may change these records"),
            BoardError::NotActive | BoardError::NotJoined | BoardError::Full | BoardError::NoAttempts => {
                RpcError::Refused(error.to_string().into())
            }
            BoardError::Store(error) => error.into(),
            error => RpcError::Invalid(error.to_string().into()),
        }
    }
}
