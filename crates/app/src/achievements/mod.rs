//! Achievements: what there is to achieve, how far a player is, what it brings once.
//!
//! A studio declares them, and server code goes on with them. The last step unlocks one, once, and its reward is in the
//! wallet by the same transaction. A hidden one is shown when it is unlocked.

mod functions;

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::RwLock;
use serde_json::json;
use store::{
    AchievementProgress, AchievementProgressed, AchievementReached, AchievementRow, AchievementsOf,
    AchievementsReach, UserId, WalletChange,
};

pub use functions::functions;

use crate::core::Core;
use crate::notifications::{Notifications, code};
use crate::wallets::{WalletError, WalletUpdate, changes};

/// Bytes of an achievement's name.
pub const NAME_BYTES_MAX: usize = 128;
/// Achievements that there may be.
pub const ACHIEVEMENTS_MAX: usize = 1_000;
/// Players' achievements that are gone on with at once.
pub const REACHED_MAX: usize = 16_384;
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
    /// What was to be declared cannot be an achievement.
    #[error("{0}")]
    Bad(String),
    /// Too many at once.
    #[error("at most {REACHED_MAX} achievements are gone on with at once")]
    Batch,
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

/// How far a player is with an achievement, as server code counts it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reached {
    /// Who.
    pub user: UserId,
    /// With what.
    pub id: String,
    /// Steps that are done by now; fewer than are known change nothing.
    pub to: u64,
}

/// The use cases.
pub struct Achievements {
    core: Core,
    notifications: Notifications,
    declared: RwLock<BTreeMap<String, Declared>>,
}

/// An achievement, and the set that it was declared with.
struct Declared {
    achievement: Achievement,
    set: Option<String>,
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
        if let Err(error) = self.add(None, vec![achievement]) {
            panic!("{error}");
        }
    }

    /// Puts these achievements in the place of those that were declared under this name of a set before. May be called
    /// while the service runs: how far players are is kept by the achievements' names, also of those that go and may
    /// come back.
    pub fn declare_set(&self, set: &str, achievements: Vec<Achievement>) -> Result<(), AchievementError> {
        self.add(Some(set), achievements)
    }

    fn add(&self, set: Option<&str>, achievements: Vec<Achievement>) -> Result<(), AchievementError> {
        let mut declared = self.declared.write();
        let others = |known: &Declared| set.is_none() || known.set.as_deref() != set;
        let mut seen = BTreeSet::new();
        for achievement in &achievements {
            check(achievement).map_err(AchievementError::Bad)?;
            let id = achievement.id.as_str();
            if !seen.insert(id) || declared.get(id).is_some_and(others) {
                return Err(AchievementError::Bad(format!("two achievements are named {id}")));
            }
        }
        let kept = declared.values().filter(|known| others(known)).count();
        if kept + achievements.len() > ACHIEVEMENTS_MAX {
            return Err(AchievementError::Bad(format!("more than {ACHIEVEMENTS_MAX} achievements")));
        }
        declared.retain(|_, known| others(known));
        declared.extend(achievements.into_iter().map(|achievement| {
            (achievement.id.clone(), Declared { achievement, set: set.map(str::to_owned) })
        }));
        Ok(())
    }

    fn get(&self, id: &str) -> Result<Achievement, AchievementError> {
        let declared = self.declared.read();
        declared.get(id).map(|known| known.achievement.clone()).ok_or(AchievementError::Unknown)
    }

    /// What unlocking it brings a player.
    fn reward(&self, user: UserId, of: &Achievement) -> Result<Option<WalletChange>, AchievementError> {
        if of.reward.is_empty() {
            return Ok(None);
        }
        let metadata = json!({ "achievement": of.id }).as_object().cloned().unwrap_or_default();
        Ok(changes(&self.core, vec![WalletUpdate { user, changes: of.reward.clone(), metadata }])?.pop())
    }

    /// Goes on with an achievement by some steps. Unlocked, it stays as it is. The player is told of the last step.
    pub async fn progress(
        &self,
        user: UserId,
        id: &str,
        by: u64,
    ) -> Result<AchievementProgressed, AchievementError> {
        let achievement = self.get(id)?;
        let reward = self.reward(user, &achievement)?;
        let (name, steps, at_ms) = (id.to_owned(), achievement.steps, self.core.now_ms());
        let progress = AchievementProgress { user, achievement: name, steps, by, reward, at_ms };
        let done = self.core.write(progress).await?.into_inner();
        if done.unlocked_now {
            self.tell(user, &achievement).await;
        }
        Ok(done)
    }

    /// Notes how far players are, in one transaction; what says less than is known changes nothing, so it may be said
    /// again. Players are told of their last steps. The answers are in the order of what was given.
    pub async fn reach(&self, reached: Vec<Reached>) -> Result<Vec<AchievementProgressed>, AchievementError> {
        if reached.len() > REACHED_MAX {
            return Err(AchievementError::Batch);
        }
        let mut achievements = Vec::with_capacity(reached.len());
        let mut rows = Vec::with_capacity(reached.len());
        for Reached { user, id, to } in reached {
            let achievement = self.get(&id)?;
            let reward = self.reward(user, &achievement)?;
            rows.push(AchievementReached { user, achievement: id, steps: achievement.steps, to, reward });
            achievements.push((user, achievement));
        }
        let reach = AchievementsReach { reached: rows, at_ms: self.core.now_ms() };
        let done = self.core.write(reach).await?.into_inner();
        for ((user, achievement), done) in achievements.iter().zip(&done) {
            if done.unlocked_now {
                self.tell(*user, achievement).await;
            }
        }
        Ok(done)
    }

    async fn tell(&self, user: UserId, achievement: &Achievement) {
        let Achievement { id, title, reward, .. } = achievement;
        let shown = json!({ "id": id, "title": title, "reward": reward });
        let told =
            self.notifications.send(user, "Achievement unlocked", shown, code::ACHIEVEMENT, None, true);
        if let Err(error) = told.await {
            tracing::warn!(%error, "a player was not told of an achievement");
        }
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
        let states = declared.values().map(|Declared { achievement, .. }| {
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

/// Can this be an achievement?
fn check(achievement: &Achievement) -> Result<(), String> {
    let Achievement { id, steps, reward, .. } = achievement;
    if !(1..=NAME_BYTES_MAX).contains(&id.len()) || id.contains('\0') {
        return Err("an achievement needs a name".into());
    }
    if *steps == 0 || i64::try_from(*steps).is_err() {
        return Err(format!("{id} needs steps"));
    }
    if !reward.iter().all(|(currency, amount)| store::is_currency(currency) && *amount > 0) {
        return Err(format!("the reward of {id} must be of currencies and above 0"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
