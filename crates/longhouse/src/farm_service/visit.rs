//! `farm_visit`: what everybody may see of a player's farm. The farm is not woken for it.

use std::sync::Arc;

use app::rooms::Viewer;
use app::rpc::{Call, Caller, RpcError, payload};
use serde::Deserialize;
use serde_json::json;

use super::caller::user_id;
use super::room::Farms;
use super::transcode::from_rules;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    user_id: String,
}

/// The public half of a view, with its owner's names. Players of whom one blocks the other do not see each other's farms.
pub async fn visit(farms: Arc<Farms>, call: Call) -> Result<String, RpcError> {
    let Wanted { user_id: named } = payload(&call)?;
    let owner = user_id(&named)?;
    let missing = || RpcError::Missing("this player has no farm".into());
    if let Caller::User { user, .. } = &call.caller {
        let blocked = farms.services.friends.blocked(*user, owner).await;
        if blocked.map_err(|error| RpcError::Unavailable(error.to_string().into()))? {
            return Err(missing());
        }
    }
    let farm = farms.find(owner).await?;
    let shown = farms
        .services
        .accounts
        .users(vec![owner], Vec::new(), Vec::new())
        .await?
        .pop()
        .ok_or_else(missing)?;
    let view = from_rules(&farms.services.rooms.peek(farm, Viewer::Nobody).await?)?;
    let user = json!({
        "id": owner.to_string(),
        "username": shown.profile.username,
        "display_name": shown.profile.display_name,
    });
    Ok(json!({ "user": user, "content": view["content"], "farm": view["farm"] }).to_string())
}
