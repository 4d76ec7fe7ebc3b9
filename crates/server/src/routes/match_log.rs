//! A room's whole log as a file to take away. Operators have any room's; everybody has that of a room whose rules say so,
//! as they may once a game is over. Seats stand for people in it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use app::rooms::{LogExport, RoomError};
use app::rpc::RpcError;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use kernel::RoomId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::match_id::MatchId;
use wire::rest::{Code, ErrorBody};

use crate::house::House;
use crate::http::{Ask, Fault, bearer, same};

/// What the file is.
const KIND: &str = "application/octet-stream";

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(log))
}

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Wanted {
    /// The key of server callers, who may have any room's log.
    http_key: Option<String>,
    /// Present: with the snapshots along the way, so that any step is shown soon.
    moments: Option<String>,
}

/// Gives a room's log away as a file.
///
/// Players have it if the room's rules let anybody read its log, as they may once a game is over; servers with the HTTP
/// key always. People are seats in it. `longhouse replay --file` reads it.
#[utoipa::path(
    get,
    path = "/v2/match/{match_id}/log",
    tag = "matches",
    operation_id = "match_log",
    params(("match_id" = String, Path, description = "The match"), Wanted),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "default", body = ErrorBody)
    ),
    security(("bearer" = []), ("http_key" = []))
)]
async fn log(
    State(house): State<Arc<House>>,
    Path(match_id): Path<String>,
    Ask(wanted): Ask<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let server = is_server(&house, &wanted, &headers)?;
    let id = MatchId::parse(&match_id).map_err(|error| Fault::invalid(error.to_string()))?;
    let missing = || Fault::new(Code::NotFound, "the match was not found");
    if id.cluster != house.config.cluster {
        return Err(missing());
    }
    let room = RoomId(id.id);
    let rooms = &house.services.rooms;
    if !server && !rooms.log_is_open(room).await.map_err(fault)? {
        return Err(Fault::new(Code::PermissionDenied, "nobody may have this match's log for now"));
    }
    let mut export = rooms.export(room, wanted.moments.is_some());
    // Whatever is wrong at its beginning can still be told.
    let first = export.next().await.ok_or_else(missing)?.map_err(fault)?;
    let name = format!("attachment; filename=\"{room}.lhlog\"");
    let head = [(header::CONTENT_TYPE, KIND), (header::CONTENT_DISPOSITION, name.as_str())];
    Ok((head, Body::new(Pieces { first: Some(first), next: Some(next(export)) })).into_response())
}

fn is_server(house: &House, wanted: &Wanted, headers: &HeaderMap) -> Result<bool, Fault> {
    if let Some(key) = wanted.http_key.as_deref().filter(|key| !key.is_empty()) {
        let right = same(key.as_bytes(), house.config.keys.http_key.reveal().as_bytes());
        return if right { Ok(true) } else { Err(Fault::unauthenticated("the HTTP key is invalid")) };
    }
    let token = bearer(headers)
        .ok_or_else(|| Fault::unauthenticated("a session token or an HTTP key is required"))?;
    house.services.accounts.holder(token)?;
    Ok(false)
}

fn fault(error: RoomError) -> Fault {
    RpcError::from(error).into()
}

type Piece = Option<Result<Bytes, RoomError>>;
type Next = Pin<Box<dyn Future<Output = (LogExport, Piece)> + Send>>;

fn next(mut export: LogExport) -> Next {
    Box::pin(async move {
        let piece = export.next().await;
        (export, piece)
    })
}

/// The file, made as it is sent.
struct Pieces {
    first: Option<Bytes>,
    next: Option<Next>,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = RoomError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RoomError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let Some(coming) = &mut self.next else { return Poll::Ready(None) };
        let (export, piece) = ready!(coming.as_mut().poll(context));
        self.next = piece.as_ref().is_some_and(Result::is_ok).then(|| next(export));
        if let Some(Err(error)) = &piece {
            // The client finds a file without an end.
            tracing::warn!(%error, "a log was not given away whole");
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }
}
