//! How far players are with achievements. What there is to achieve, and what it brings, the caller says.

use serde::{Deserialize, Serialize};

use crate::ledger::{WalletChange, WalletUpdated, change_all, check_account};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId, Value};

statements! {
    GET = "SELECT achievement, progress, unlocked_ms, updated_ms FROM achievements
        WHERE user_id = $1 AND achievement = $2";
    OF_USER = "SELECT achievement, progress, unlocked_ms, updated_ms FROM achievements
        WHERE user_id = $1 AND achievement > $2 ORDER BY achievement LIMIT $3";
    SET = "INSERT INTO achievements (user_id, achievement, progress, unlocked_ms, updated_ms)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (user_id, achievement) DO UPDATE SET progress = excluded.progress,
            unlocked_ms = excluded.unlocked_ms, updated_ms = excluded.updated_ms";
    FORGET = "DELETE FROM achievements WHERE user_id = $1";
}

/// How far somebody is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AchievementRow {
    /// With what.
    pub achievement: String,
    /// Steps that were done.
    pub progress: u64,
    /// When the last of them was.
    pub unlocked_ms: Option<i64>,
    /// When it last went on.
    pub updated_ms: i64,
}

fn row(row: &Row<'_>) -> Result<AchievementRow, StoreError> {
    Ok(AchievementRow {
        achievement: row.text(0)?,
        progress: row.count(1)?,
        unlocked_ms: row.opt_int(2)?,
        updated_ms: row.int(3)?,
    })
}

/// Reads how far somebody is with each that was begun, in the order of their names.
#[derive(Clone, Debug)]
pub struct AchievementsOf {
    /// Who.
    pub user: UserId,
    /// The last one seen; an empty text at the start.
    pub after: String,
    /// At most so many.
    pub limit: u32,
}

impl Operation for AchievementsOf {
    type Output = Vec<AchievementRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&OF_USER, &[self.user.into(), (&self.after).into(), self.limit.into()], row).await
    }
}

/// Goes on with an achievement. The last step unlocks it, once, and brings its reward in the same transaction.
#[derive(Clone, Debug)]
pub struct AchievementProgress {
    /// Who.
    pub user: UserId,
    /// With what.
    pub achievement: String,
    /// Steps that it has.
    pub steps: u64,
    /// Steps that are done now.
    pub by: u64,
    /// What unlocking brings.
    pub reward: Option<WalletChange>,
    /// Now.
    pub at_ms: i64,
}

/// What [`AchievementProgress`] did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AchievementProgressed {
    /// How far they are.
    pub row: AchievementRow,
    /// This was the last step.
    pub unlocked_now: bool,
    /// What it brought.
    pub reward: Option<WalletUpdated>,
}

impl Operation for AchievementProgress {
    type Output = AchievementProgressed;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        check_account(tx, self.user).await?;
        let name = (&self.achievement).into();
        let known = tx.optional(&GET, &[self.user.into(), name], row).await?;
        if let Some(row) = &known
            && row.unlocked_ms.is_some()
        {
            return Ok(AchievementProgressed { row: row.clone(), unlocked_now: false, reward: None });
        }
        let progress = known.map_or(0, |row| row.progress).saturating_add(self.by).min(self.steps);
        let unlocked_now = progress >= self.steps;
        let unlocked_ms = unlocked_now.then_some(self.at_ms);
        let values = [self.user.into(), name, Value::count(progress)?, unlocked_ms.into(), self.at_ms.into()];
        tx.execute(&SET, &values).await?;
        let reward = match &self.reward {
            Some(change) if unlocked_now => {
                change_all(tx, std::slice::from_ref(change), self.at_ms).await?.pop()
            }
            _ => None,
        };
        let achievement = self.achievement.clone();
        let row = AchievementRow { achievement, progress, unlocked_ms, updated_ms: self.at_ms };
        Ok(AchievementProgressed { row, unlocked_now, reward })
    }
}

/// Forgets how far somebody was.
#[derive(Clone, Debug)]
pub struct AchievementsForget {
    /// Who.
    pub user: UserId,
}

impl Operation for AchievementsForget {
    /// How many achievements that were.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&FORGET, &[self.user.into()]).await
    }
}
