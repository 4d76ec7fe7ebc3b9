//! A war's past, `war_replay`: any step of it, and what was told after it, in parts.
//!
//! The past of a war that is over is open to whoever has its id. While it goes on it is an operator's alone: it would show
//! a player what fog hides, and a spectator what is still to come.

use std::sync::Arc;

use app::rooms::{REPLAY_STEPS_MAX, ReplayFrom, Viewer};
use app::rpc::{Call, RpcError, payload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::Seat;
use serde::Deserialize;
use serde_json::json;

use super::wars::{Found, Wars};

/// Bytes of updates after which a part ends.
const PART_BYTES_MAX: usize = 1 << 20;
/// Steps of a part where the caller does not say: ten seconds.
const STEPS: u64 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    match_id: String,
    #[serde(default)]
    step: u64,
    steps: Option<u64>,
    /// Not wanted by whoever goes on where the last part ended.
    view: Option<bool>,
    /// As this seat saw it; as everybody may see it, if nothing is said.
    seat: Option<u32>,
}

fn may_see(call: &Call, war: &Found) -> Result<(), RpcError> {
    match call.caller.server() {
        Err(_) if !war.is_over() => Err(RpcError::Denied("a war's past is open once it is over")),
        _ => Ok(()),
    }
}

/// What was seen at the end of a step, and what was told in the steps after it.
pub async fn replay(wars: Arc<Wars>, call: Call) -> Result<String, RpcError> {
    let Wanted { match_id, step, steps, view, seat } = payload(&call)?;
    let steps = steps.unwrap_or(STEPS);
    if !(1..=REPLAY_STEPS_MAX).contains(&steps) {
        return Err(RpcError::Invalid(format!("\"steps\" must be from 1 to {REPLAY_STEPS_MAX}").into()));
    }
    let war = wars.find(&match_id).await?;
    may_see(&call, &war)?;
    let wish = ReplayFrom {
        room: war.room,
        step,
        steps_max: steps,
        bytes_max: PART_BYTES_MAX,
        viewer: seat.map_or(Viewer::Nobody, |seat| Viewer::Seat(Seat(seat))),
        view: view.unwrap_or(true),
    };
    let part = wars.services.rooms.replay_from(wish).await?;
    let last = wars.last_step(&war).await?;
    let updates = part.updates.iter().map(|(step, body)| json!([step, STANDARD.encode(body)]));
    Ok(json!({
        "step": part.at.step,
        "view": part.view.map(|view| STANDARD.encode(view)),
        "updates": updates.collect::<Vec<_>>(),
        // After a jump nothing follows from what was told before it: the next part begins with a view.
        "next": part.to.saturating_add(u64::from(part.jumped)),
        "jumped": part.jumped,
        "last": last.max(part.to),
        "end": part.end,
    })
    .to_string())
}

#[cfg(test)]
mod tests {
    use app::rpc::Caller;
    use kernel::RoomId;
    use store::{FamilyId, UserId};

    use super::super::testing::Place;
    use super::*;

    fn call(caller: Caller, payload: serde_json::Value) -> Call {
        Call { caller, session: None, payload: payload.to_string() }
    }

    fn player() -> Caller {
        Caller::User { user: UserId(1), username: "ada".into(), family: FamilyId(1) }
    }

    #[test]
    fn the_past_of_a_war_that_goes_on_is_an_operators_alone() {
        // how far the war is, who calls, may it be seen
        let table = [
            ("choosing", Caller::Server, true),
            ("war", Caller::Server, true),
            ("over", Caller::Server, true),
            ("choosing", player(), false),
            ("war", player(), false),
            ("over", player(), true),
        ];
        for (phase, caller, wanted) in table {
            let label =
                serde_json::from_value(json!({ "phase": phase, "size": "tiny", "map": "7" })).unwrap();
            let war = Found { room: RoomId(9), opened_ms: 0, label };
            let case = format!("{phase}, {caller:?}");
            match may_see(&call(caller, json!({})), &war) {
                Ok(()) => assert!(wanted, "{case}"),
                Err(why) => assert!(!wanted && matches!(why, RpcError::Denied(_)), "{case}: {why}"),
            }
        }
    }

    #[tokio::test]
    async fn a_player_is_told_nothing_of_a_war_that_goes_on() {
        let place = Place::new(&["ada"]).await;
        let war = place.war().await;
        let wanted = json!({ "match_id": place.services().match_id(war), "seat": 0 });
        let asked = |caller| replay(Arc::clone(&place.wars), call(caller, wanted.clone()));
        assert!(matches!(asked(player()).await, Err(RpcError::Denied(_))));
        let shown: serde_json::Value = serde_json::from_str(&asked(Caller::Server).await.unwrap()).unwrap();
        assert!(shown["view"].is_string(), "{shown}");
        place.running.stop().await;
    }
}
