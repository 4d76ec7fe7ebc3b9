//! Achievements: what there is to achieve, how far a player is, what it brings once.
//!
//! A studio declares them, and server code goes on with them. The last step unlocks one, once, and its reward is in the
//! wallet by the same transaction. A hidden one is shown when it is unlocked.

mod functions;

use std::collections::BTreeMap;

use parking_lot::RwLock;
use serde_json::json;
use store::{AchievementProgress, AchievementProgressed, AchievementRow, AchievementsOf, UserId};

pub use functions::functions;

use crate::core::Core;
use crate::notifications::{Notifications, code};
use crate::wallets::{WalletError, WalletUpdate, changes};

/// Bytes of an achievement's name.
pub const NAME_BYTES_MAX: usize = 128;
/// Achievements that there may be.
pub const ACHIEVEMENTS_MAX: usize = 1_000;
/// Rows that are read at a time.
const PAGE: u32 = 256;

/// Something to achieve.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Achievement {
    /// Its name.
    pub id: String,
    /// As players see it.
    pub title: String,
    /// More about it.
    pub description: String,
    /// Steps that it takes; at least 1.
    pub steps: u64,
    /// Not shown before it is unlocked.
    pub hidden: bool,
    /// What it brings, by currency.
    pub reward: BTreeMap<String, i64>,
}

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AchievementError {
    /// Nothing of that name was declared.
    #[error("there is no such achievement")]
    Unknown,
    /// The account or the reward.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

impl From<store::StoreError> for AchievementError {
    fn from(error: store::StoreError) -> Self {
        Self::Wallet(error.into())
    }
}

/// An achievement, and how far somebody is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AchievementState {
    /// What it is.
    pub achievement: Achievement,
    /// Steps that were done.
    pub progress: u64,
    /// When the last of them was.
    pub unlocked_ms: Option<i64>,
}

/// The use cases.
pub struct Achievements {
    core: Core,
    notifications: Notifications,
    declared: RwLock<BTreeMap<String, Achievement>>,
}

impl Achievements {
    /// Over what every domain works with; nothing to achieve yet.
    pub fn new(core: &Core, notifications: &Notifications) -> Self {
        Self { core: core.clone(), notifications: notifications.clone(), declared: RwLock::default() }
    }

    /// Adds an achievement. Called before the service starts.
    ///
    /// # Panics
    /// If it cannot be one, or its name is taken: a fault of the program that shows at its start.
    pub fn declare(&self, achievement: Achievement) {
        let id = achievement.id.clone();
        assert!(
            (1..=NAME_BYTES_MAX).contains(&id.len()) && !id.contains('\0'),
            "an achievement needs a name"
        );
        assert!(achievement.steps > 0 && i64::try_from(achievement.steps).is_ok(), "{id} needs steps");
        let good = |(currency, amount): (&String, &i64)| store::is_currency(currency) && *amount > 0;
        assert!(achievement.reward.iter().all(good), "the reward of {id} must be of currencies and above 0");
        let mut declared = self.declared.write();
        assert!(declared.len() < ACHIEVEMENTS_MAX, "more than {ACHIEVEMENTS_MAX} achievements");
        assert!(declared.insert(id.clone(), achievement).is_none(), "two achievements are named {id}");
    }

    /// Goes on with an achievement by some steps. Unlocked, it stays as it is. The player is told of the last step.
    pub async fn progress(
        &self,
        user: UserId,
        id: &str,
        by: u64,
    ) -> Result<AchievementProgressed, AchievementError> {
        let achievement = self.declared.read().get(id).cloned().ok_or(AchievementError::Unknown)?;
        let Achievement { id, title, steps, reward, .. } = achievement;
        let shown = json!({ "id": id, "title": title, "reward": reward });
        let reward = if reward.is_empty() {
            None
        } else {
            let metadata = json!({ "achievement": id }).as_object().cloned().unwrap_or_default();
            changes(&self.core, vec![WalletUpdate { user, changes: reward, metadata }])?.pop()
        };
        let at_ms = self.core.now_ms();
        let progress = AchievementProgress { user, achievement: id, steps, by, reward, at_ms };
        let done = self.core.write(progress).await?.into_inner();
        if done.unlocked_now {
            let told =
                self.notifications.send(user, "Achievement unlocked", shown, code::ACHIEVEMENT, None, true);
            if let Err(error) = told.await {
                tracing::warn!(%error, "a player was not told of an achievement");
            }
        }
        Ok(done)
    }

    /// Everything that there is to achieve and that the player may see, with how far they are; in the order of names.
    pub async fn list(&self, user: UserId) -> Result<Vec<AchievementState>, AchievementError> {
        let mut begun: BTreeMap<String, AchievementRow> = BTreeMap::new();
        let mut after = String::new();
        loop {
            let page = self.core.read(AchievementsOf { user, after, limit: PAGE }).await?;
            let full = page.len() == PAGE as usize;
            after = page.last().map(|row| row.achievement.clone()).unwrap_or_default();
            begun.extend(page.into_iter().map(|row| (row.achievement.clone(), row)));
            if !full {
                break;
            }
        }
        let declared = self.declared.read();
        let states = declared.values().map(|achievement| {
            let row = begun.get(&achievement.id);
            AchievementState {
                achievement: achievement.clone(),
                progress: row.map_or(0, |row| row.progress),
                unlocked_ms: row.and_then(|row| row.unlocked_ms),
            }
        });
        Ok(states.filter(|state| !state.achievement.hidden || state.unlocked_ms.is_some()).collect())
    }
}

#[cfg(test)]
mod tests;
