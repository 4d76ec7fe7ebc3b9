//! The functions about achievements that every house has.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use store::UserId;

use super::{AchievementError, AchievementState};
use crate::rpc::{Call, RpcError, Rpcs, payload};
use crate::services::Services;
use crate::wallets::WalletError;

/// Registers `achievements_list` for players and `achievements_progress` for servers.
pub fn functions(rpcs: &mut Rpcs, services: &Arc<Services>) {
    let with = Arc::clone(services);
    rpcs.register("achievements_list", move |call| list(Arc::clone(&with), call));
    let with = Arc::clone(services);
    rpcs.register("achievements_progress", move |call| progress(Arc::clone(&with), call));
}

async fn list(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    let user = call.caller.user()?;
    let states = services.achievements.list(user).await?;
    let states: Vec<_> = states.iter().map(shape).collect();
    Ok(json!({ "achievements": states }).to_string())
}

/// An achievement as clients see it.
fn shape(state: &AchievementState) -> Value {
    let AchievementState { achievement, progress, unlocked_ms } = state;
    json!({
        "id": achievement.id,
        "title": achievement.title,
        "description": achievement.description,
        "steps": achievement.steps,
        "progress": progress,
        "hidden": achievement.hidden,
        "reward": achievement.reward,
        "unlock_time": unlocked_ms.map(wire::time::rfc3339),
    })
}

#[derive(Deserialize)]
struct Progress {
    user_id: String,
    id: String,
    #[serde(default = "one")]
    by: u64,
}

fn one() -> u64 {
    1
}

async fn progress(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Progress { user_id, id, by } = payload(&call)?;
    let user: UserId = user_id.parse().map_err(|_| RpcError::Invalid("a user id must be a UUID".into()))?;
    let done = services.achievements.progress(user, &id, by).await?;
    Ok(json!({
        "progress": done.row.progress,
        "unlocked_now": done.unlocked_now,
        "unlock_time": done.row.unlocked_ms.map(wire::time::rfc3339),
    })
    .to_string())
}

impl From<AchievementError> for RpcError {
    fn from(error: AchievementError) -> Self {
        match error {
            AchievementError::Unknown => RpcError::Missing(error.to_string().into()),
            AchievementError::Bad(_) | AchievementError::Batch => RpcError::Invalid(error.to_string().into()),
            AchievementError::Wallet(WalletError::Store(error)) => error.into(),
            AchievementError::Wallet(error) => error.into(),
        }
    }
}
