//! The functions that every house has: opening rooms, and taking one back in time.

use kernel::{RoomId, Seq};
use serde::Deserialize;
use serde_json::{Value, json};
use wire::match_id::MatchId;

use super::{Call, RpcError, Rpcs, payload};
use crate::rooms::{RoomError, Rooms};

/// Registers `room_open`, `room_mine` and `room_rewind`. `cluster` is the second part of match ids.
pub fn house(rpcs: &mut Rpcs, rooms: &Rooms, cluster: &str) {
    for (id, mine) in [("room_open", false), ("room_mine", true)] {
        let (rooms, cluster) = (rooms.clone(), cluster.to_owned());
        rpcs.register(id, move |call| open(rooms.clone(), cluster.clone(), mine, call));
    }
    let (rooms, cluster) = (rooms.clone(), cluster.to_owned());
    rpcs.register("room_rewind", move |call| rewind(rooms.clone(), cluster.clone(), call));
}

#[derive(Deserialize)]
struct Open {
    rules: String,
    setup: Option<Value>,
}

/// A room for the caller, who gets seat 0. With `mine`, the caller's only one under these rules, opened at the first
/// call.
async fn open(rooms: Rooms, cluster: String, mine: bool, call: Call) -> Result<String, RpcError> {
    let user = call.caller.user()?;
    let Open { rules, setup } = payload(&call)?;
    let setup = setup.map_or_else(|| "{}".to_owned(), |setup| setup.to_string());
    let room = rooms.open(user, &rules, setup.into_bytes(), mine).await?;
    Ok(json!({ "match_id": MatchId { id: room.0, cluster: &cluster }.to_string() }).to_string())
}

#[derive(Deserialize)]
struct Rewind {
    match_id: String,
    to: String,
}

/// Takes a room back to what it was just after an input, and lists the changes of wallets that stand. For servers
/// only.
async fn rewind(rooms: Rooms, cluster: String, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Rewind { match_id, to } = payload(&call)?;
    let id = MatchId::parse(&match_id).map_err(|error| RpcError::Invalid(error.to_string().into()))?;
    if id.cluster != cluster {
        return Err(RpcError::Missing("the match was not found".into()));
    }
    let to = to.parse().map_err(|_| RpcError::Invalid("\"to\" must be a sequence number as text".into()))?;
    let done = rooms.rewind(RoomId(id.id), Seq(to)).await?;
    let standing = done.standing.iter().map(|entry| {
        json!({
            "seq": entry.key.seq.to_string(),
            "user_id": entry.user.to_string(),
            "currency": entry.currency,
            "amount": entry.amount.to_string(),
        })
    });
    let standing: Vec<Value> = standing.collect();
    Ok(json!({ "seq": done.seq.to_string(), "to": done.to.to_string(), "standing": standing }).to_string())
}

impl From<RoomError> for RpcError {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::NoSuchRules(_) | RoomError::NoSuchRoom => RpcError::Missing(error.to_string().into()),
            RoomError::BadSetup(_) | RoomError::BadContent(_) | RoomError::NoSuchPoint { .. } => {
                RpcError::Invalid(error.to_string().into())
            }
            RoomError::Once => RpcError::Refused(error.to_string().into()),
            RoomError::Unavailable(_) => RpcError::Unavailable(error.to_string().into()),
            RoomError::Unreadable(_) => RpcError::Failed(error.to_string()),
            RoomError::Store(error) => error.into(),
        }
    }
}
