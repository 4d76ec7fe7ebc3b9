//! What a client asked for, done in its order. While anything waits, what the rooms have for the client goes on being
//! sent.

use std::pin::pin;
use std::sync::Arc;

use app::rooms::{Resume, RoomCommand};
use app::rpc::{Call, Caller};
use app::session::Session;
use kernel::{RoomId, Seq};
use wire::envelope::{Envelope, Error, ErrorCode, MatchJoin, Message, Pong, Rpc};
use wire::limits::{CID_BYTES_MAX, JOIN_METADATA_ENTRIES_MAX, JOIN_METADATA_VALUE_BYTES_MAX};
use wire::match_id::MatchId;

use super::End;
use super::line::Line;
use super::reader::Step;
use super::sender::Sender;
use crate::house::House;
use crate::http::{Fault, RequestId};

/// Hands commands to the rooms. Waits while too many wait for their answers; meanwhile the socket is not read.
pub async fn commands(
    house: &House,
    session: &Arc<Session>,
    line: &Line,
    sender: &Sender,
    mut batch: Vec<RoomCommand>,
) -> Result<(), End> {
    sending(house, session, line, sender, house.rooms.commands(session, &mut batch)).await
}

/// Does all of it, one after the other.
pub async fn steps(
    house: &House,
    session: &Arc<Session>,
    line: &Line,
    sender: &Sender,
    steps: Vec<Step>,
) -> Result<(), End> {
    for step in steps {
        match step {
            Step::Commands(batch) => commands(house, session, line, sender, batch).await?,
            Step::Message(envelope) => {
                let answer = sending(house, session, line, sender, message(house, session, *envelope)).await;
                if let Some(answer) = answer? {
                    sender.reply(line, &answer).await?;
                }
            }
            Step::Refused(answer) => sender.reply(line, &answer).await?,
            Step::Pong(payload) => sender.pong(line, &payload).await?,
            Step::End(end) => return Err(end),
        }
    }
    Ok(())
}

/// Waits for something while sending what is ready. Most things are done at once, so that comes first.
async fn sending<T>(
    house: &House,
    session: &Arc<Session>,
    line: &Line,
    sender: &Sender,
    work: impl Future<Output = T>,
) -> Result<T, End> {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return Ok(done),
            () = session.ready() => sender.send(house, session, line).await?,
        }
    }
}

/// Does what one message asks for. `None`: the answer comes through the session, from the room.
async fn message(house: &House, session: &Arc<Session>, envelope: Envelope) -> Option<Envelope> {
    let Envelope { cid, message } = envelope;
    if cid.len() > CID_BYTES_MAX {
        let why = format!("a cid has at most {CID_BYTES_MAX} bytes");
        return Some(refused("", ErrorCode::BadInput, why));
    }
    match message {
        None => Some(refused(&cid, ErrorCode::MissingPayload, "the envelope has no message".into())),
        Some(Message::Ping(_)) => Some(Envelope::new(cid, Message::Pong(Pong {}))),
        Some(Message::Pong(_)) => None,
        Some(Message::MatchJoin(join)) => match place(house, &join) {
            Ok((room, resume)) => {
                house.rooms.join(session, room, cid, resume).await;
                None
            }
            Err(error) => Some(Envelope::new(cid, Message::Error(error))),
        },
        Some(Message::MatchLeave(leave)) => match room(house, &leave.match_id) {
            Ok(room) => {
                house.rooms.leave(session, room, cid).await;
                None
            }
            Err(error) => Some(Envelope::new(cid, Message::Error(error))),
        },
        Some(Message::Rpc(rpc)) => Some(call(house, session, cid, rpc).await),
        Some(Message::MatchCreate(_)) => {
            let why = "relayed matches are not served here; open a room with the function room_open";
            Some(refused(&cid, ErrorCode::UnrecognizedPayload, why.into()))
        }
        Some(
            Message::Error(_)
            | Message::Match(_)
            | Message::MatchData(_)
            | Message::MatchDataSend(_)
            | Message::MatchPresenceEvent(_),
        ) => Some(refused(&cid, ErrorCode::UnrecognizedPayload, "clients do not send this message".into())),
    }
}

async fn call(house: &House, session: &Session, cid: String, rpc: Rpc) -> Envelope {
    let Rpc { id, payload, .. } = rpc;
    let request = RequestId::new();
    let span = tracing::info_span!("request", request_id = request.as_str(), rpc = %id.escape_debug());
    let caller = Caller::User { user: session.user, username: session.username.clone() };
    let called =
        tracing::Instrument::instrument(house.rpcs.call(&id, Call { caller, payload }), span.clone());
    match called.await {
        Ok(payload) => Envelope::new(cid, Message::Rpc(Rpc { id, payload, http_key: String::new() })),
        Err(error) => Envelope::new(cid, Message::Error(span.in_scope(|| Fault::from(error).envelope()))),
    }
}

fn refused(cid: &str, code: ErrorCode, why: String) -> Envelope {
    Envelope::new(cid, Message::Error(Error::new(code, why)))
}

fn room(house: &House, match_id: &str) -> Result<RoomId, Error> {
    let id = MatchId::parse(match_id).map_err(|error| Error::new(ErrorCode::BadInput, error.to_string()))?;
    if id.cluster != house.config.cluster {
        return Err(Error::new(ErrorCode::MatchNotFound, "the match was not found"));
    }
    Ok(RoomId(id.id))
}

/// Which room a client wants into, and what it brings from an earlier visit.
fn place(house: &House, join: &MatchJoin) -> Result<(RoomId, Option<Resume>), Error> {
    let bad = |why: &str| Error::new(ErrorCode::BadInput, why);
    let Some(match_id) = &join.match_id else {
        return Err(bad("a match id is required; matchmaker tokens are not served here"));
    };
    let fits = |text: &String| text.len() <= JOIN_METADATA_VALUE_BYTES_MAX;
    if join.metadata.len() > JOIN_METADATA_ENTRIES_MAX
        || !join.metadata.iter().all(|(k, v)| fits(k) && fits(v))
    {
        return Err(bad("the metadata of the join is too large"));
    }
    let resume = match join.metadata.get("resume") {
        None => None,
        Some(token) => {
            let seen = join.metadata.get("seq").map_or(Ok(0), |seq| seq.parse());
            let seen = Seq(seen.map_err(|_| bad("metadata.seq must be a sequence number"))?);
            Some(Resume { token: token.clone(), seen })
        }
    };
    Ok((room(house, match_id)?, resume))
}
