//! Joining and leaving matches.

use std::sync::Arc;

use app::rooms::Resume;
use app::session::Session;
use kernel::{RoomId, Seq};
use wire::envelope::{Envelope, Error, ErrorCode, MatchJoin, MatchLeave, Message};
use wire::limits::{JOIN_METADATA_ENTRIES_MAX, JOIN_METADATA_VALUE_BYTES_MAX};
use wire::match_id::MatchId;

use crate::house::House;

/// The answer comes from the room.
pub async fn join(house: &House, session: &Arc<Session>, cid: String, join: MatchJoin) -> Option<Envelope> {
    match place(house, &join) {
        Ok((room, resume)) => {
            house.services.rooms.join(session, room, cid, resume).await;
            None
        }
        Err(error) => Some(Envelope::new(cid, Message::Error(error))),
    }
}

/// The answer comes from the room.
pub async fn leave(
    house: &House,
    session: &Arc<Session>,
    cid: String,
    leave: MatchLeave,
) -> Option<Envelope> {
    match room(house, &leave.match_id) {
        Ok(room) => {
            house.services.rooms.leave(session, room, cid).await;
            None
        }
        Err(error) => Some(Envelope::new(cid, Message::Error(error))),
    }
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
