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
        let Self { user, achievement, steps, by, reward, at_ms } = self;
        let by = |known: u64| known.saturating_add(*by);
        go_on(tx, *user, achievement, *steps, by, reward.as_ref(), *at_ms).await
    }
}

/// How far somebody is with an achievement, as counted elsewhere.
#[derive(Clone, Debug)]
pub struct AchievementReached {
    /// Who.
    pub user: UserId,
    /// With what.
    pub achievement: String,
    /// Steps that it has.
    pub steps: u64,
    /// Steps that are done by now. Fewer than are known change nothing.
    pub to: u64,
    /// What unlocking brings.
    pub reward: Option<WalletChange>,
}

/// Notes how far players are with achievements, all in one transaction. As with [`AchievementProgress`], the last step
/// unlocks one, once, and brings its reward.
#[derive(Clone, Debug)]
pub struct AchievementsReach {
    /// Who, and how far.
    pub reached: Vec<AchievementReached>,
    /// Now.
    pub at_ms: i64,
}

impl Operation for AchievementsReach {
    /// One for each, in their order.
    type Output = Vec<AchievementProgressed>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut done = Vec::with_capacity(self.reached.len());
        for AchievementReached { user, achievement, steps, to, reward } in &self.reached {
            let to = |known: u64| known.max(*to);
            done.push(go_on(tx, *user, achievement, *steps, to, reward.as_ref(), self.at_ms).await?);
        }
        Ok(done)
    }
}

/// Moves one player's progress to what `next` makes of it.
async fn go_on<T: Tx>(
    tx: &mut T,
    user: UserId,
    achievement: &str,
    steps: u64,
    next: impl FnOnce(u64) -> u64,
    reward: Option<&WalletChange>,
    at_ms: i64,
) -> Result<AchievementProgressed, StoreError> {
    check_account(tx, user).await?;
    let known = tx.optional(&GET, &[user.into(), achievement.into()], row).await?;
    if let Some(row) = &known
        && row.unlocked_ms.is_some()
    {
        return Ok(AchievementProgressed { row: row.clone(), unlocked_now: false, reward: None });
    }
    let progress = next(known.map_or(0, |row| row.progress)).min(steps);
    let unlocked_now = progress >= steps;
    let unlocked_ms = unlocked_now.then_some(at_ms);
    let values = [user.into(), achievement.into(), Value::count(progress)?, unlocked_ms.into(), at_ms.into()];
    tx.execute(&SET, &values).await?;
    let reward = match reward {
        Some(change) if unlocked_now => change_all(tx, std::slice::from_ref(change), at_ms).await?.pop(),
        _ => None,
    };
    let row =
        AchievementRow { achievement: achievement.to_owned(), progress, unlocked_ms, updated_ms: at_ms };
    Ok(AchievementProgressed { row, unlocked_now, reward })
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
