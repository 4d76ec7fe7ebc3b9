//! What a player has achieved and may yet achieve. An addition of ours to the client protocol.

use std::sync::Arc;

use app::achievements::{AchievementError, AchievementState};
use app::wallets::WalletError;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{Code, ErrorBody};

use super::{json, rfc3339};
use crate::house::House;
use crate::http::{Bearer, Fault};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Everything that the caller may see.
#[derive(Serialize, ToSchema)]
struct AchievementList {
    achievements: Vec<Achievement>,
}

/// Something to achieve, and how far the caller is.
#[derive(Serialize, ToSchema)]
struct Achievement {
    /// Its name.
    id: String,
    /// As players see it.
    title: String,
    /// More about it.
    description: String,
    /// Steps that it takes.
    steps: String,
    /// Steps that were done.
    progress: String,
    /// It was not shown before it was unlocked.
    hidden: bool,
    /// What it brings, by currency.
    reward: BTreeMap<String, String>,
    /// When it was unlocked; absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    unlock_time: Option<String>,
}

/// Lists what there is to achieve, with how far the caller is. Hidden ones are shown once they are unlocked.
#[utoipa::path(
    get,
    path = "/v2/achievement",
    tag = "achievements",
    operation_id = "list_achievements",
    responses((status = 200, body = AchievementList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(State(house): State<Arc<House>>, Bearer(holder): Bearer) -> Result<Response, Fault> {
    let states = house.services.achievements.list(holder.user).await?;
    Ok(json(&AchievementList { achievements: states.into_iter().map(shape).collect() }))
}

fn shape(state: AchievementState) -> Achievement {
    let AchievementState { achievement, progress, unlocked_ms } = state;
    let reward = achievement.reward.into_iter().map(|(currency, amount)| (currency, amount.to_string()));
    Achievement {
        id: achievement.id,
        title: achievement.title,
        description: achievement.description,
        steps: achievement.steps.to_string(),
        progress: progress.to_string(),
        hidden: achievement.hidden,
        reward: reward.collect(),
        unlock_time: unlocked_ms.map(rfc3339),
    }
}

impl From<AchievementError> for Fault {
    fn from(error: AchievementError) -> Self {
        match error {
            AchievementError::Unknown => Fault::new(Code::NotFound, error.to_string()),
            AchievementError::Bad(_) | AchievementError::Batch => Fault::invalid(error.to_string()),
            AchievementError::Wallet(WalletError::Store(error)) => error.into(),
            AchievementError::Wallet(error) => Fault::new(Code::FailedPrecondition, error.to_string()),
        }
    }
}
