//! The functions that every house has: opening rooms, and taking one back in time.

use kernel::{RoomId, Seq};
use serde::Deserialize;
use serde_json::{Value, json};
use store::LedgerEntry;
use wire::match_id::MatchId;

use super::{Call, RpcError, Rpcs, payload};
use crate::rooms::{RoomError, Rooms};

/// Registers `room_open`, `room_mine`, `room_rewind` and `room_without`. `cluster` is the second part of match ids.
pub fn house(rpcs: &mut Rpcs, rooms: &Rooms, cluster: &str) {
    for (id, mine) in [("room_open", false), ("room_mine", true)] {
        let (rooms, cluster) = (rooms.clone(), cluster.to_owned());
        rpcs.register(id, move |call| open(rooms.clone(), cluster.clone(), mine, call));
    }
    let (back, there) = (rooms.clone(), cluster.to_owned());
    rpcs.register("room_rewind", move |call| rewind(back.clone(), there.clone(), call));
    let (rooms, cluster) = (rooms.clone(), cluster.to_owned());
    rpcs.register("room_without", move |call| without(rooms.clone(), cluster.clone(), call));
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
    /// An input; or else
    to: Option<String>,
    /// a step.
    step: Option<String>,
}

/// Takes a room back to what it was just after an input or at the end of a step, and lists the changes of wallets that
/// stand. For servers only.
async fn rewind(rooms: Rooms, cluster: String, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Rewind { match_id, to, step } = payload(&call)?;
    let room = room_of(&match_id, &cluster)?;
    let done = match (to, step) {
        (Some(to), None) => rooms.rewind(room, Seq(number("to", &to)?)).await?,
        (None, Some(step)) => rooms.rewind_to_step(room, number("step", &step)?).await?,
        _ => return Err(RpcError::Invalid("either \"to\" or \"step\" says how far".into())),
    };
    let mut answer = json!({
        "seq": done.seq.to_string(),
        "to": done.to.to_string(),
        "standing": standing(&done.standing),
    });
    if let Some(step) = done.step {
        answer["step"] = step.to_string().into();
    }
    Ok(answer.to_string())
}

#[derive(Deserialize)]
struct WithoutCommand {
    match_id: String,
    seq: String,
    #[serde(default)]
    dry_run: bool,
}

/// Takes one command out of a room's past, or says what would fall with it. For servers only.
async fn without(rooms: Rooms, cluster: String, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let WithoutCommand { match_id, seq, dry_run } = payload(&call)?;
    let room = room_of(&match_id, &cluster)?;
    let done = rooms.without(room, Seq(number("seq", &seq)?), dry_run).await?;
    let refused = done.refused.iter().map(|fallen| {
        json!({
            "seq": fallen.seq.to_string(),
            "step": fallen.at.step.to_string(),
            "at_ms": fallen.at.ms.to_string(),
            "seat": fallen.seat.map(|seat| seat.0),
            "kind": fallen.kind,
            "code": fallen.why.code,
            "reason": fallen.why.reason,
        })
    });
    let answer = json!({
        "seq": done.seq.map(|seq| seq.to_string()),
        "removed": done.removed.to_string(),
        "refused": refused.collect::<Vec<_>>(),
        "more": done.more,
        "standing": standing(&done.standing),
    });
    Ok(answer.to_string())
}

fn room_of(match_id: &str, cluster: &str) -> Result<RoomId, RpcError> {
    let id = MatchId::parse(match_id).map_err(|error| RpcError::Invalid(error.to_string().into()))?;
    if id.cluster != cluster {
        return Err(RpcError::Missing("the match was not found".into()));
    }
    Ok(RoomId(id.id))
}

fn number(field: &str, text: &str) -> Result<u64, RpcError> {
    text.parse().map_err(|_| RpcError::Invalid(format!("{field:?} must be a number as text").into()))
}

/// Changes of wallets, as both list them.
fn standing(entries: &[LedgerEntry]) -> Vec<Value> {
    let shown = entries.iter().map(|entry| {
        json!({
            "seq": entry.key.seq.to_string(),
            "user_id": entry.user.to_string(),
            "currency": entry.currency,
            "amount": entry.amount.to_string(),
        })
    });
    shown.collect()
}

impl From<RoomError> for RpcError {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::NoSuchRules(_) | RoomError::NoSuchRoom => RpcError::Missing(error.to_string().into()),
            RoomError::BadSetup(_)
            | RoomError::BadContent(_)
            | RoomError::NoSuchPoint { .. }
            | RoomError::NotTakenOut(_) => RpcError::Invalid(error.to_string().into()),
            RoomError::Once => RpcError::Refused(error.to_string().into()),
            RoomError::Unavailable(_) => RpcError::Unavailable(error.to_string().into()),
            RoomError::Unreadable(_) => RpcError::Failed(error.to_string()),
            RoomError::Store(error) => error.into(),
        }
    }
}
