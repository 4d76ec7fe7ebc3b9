//! Who may not speak in a channel, or not come in, and until when.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId};

statements! {
    SET = "INSERT INTO chat_sanctions (channel, user_id, kind, until_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (channel, user_id, kind) DO UPDATE SET until_ms = excluded.until_ms";
    LIFT = "DELETE FROM chat_sanctions WHERE channel = $1 AND user_id = $2 AND kind = $3";
    GET = "SELECT channel, kind, until_ms FROM chat_sanctions
        WHERE user_id = $1 AND channel IN ($2, '') AND until_ms > $3";
    ERASE = "DELETE FROM chat_sanctions WHERE user_id = $1";
}

/// What a user may not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum SanctionKind {
    /// Speak.
    Mute = 0,
    /// Be there.
    Ban = 1,
}

/// Sets a sanction or lifts it.
#[derive(Clone, Debug)]
pub struct SanctionSet {
    /// Where; empty is everywhere.
    pub channel: String,
    /// Whom.
    pub user: UserId,
    /// What.
    pub kind: SanctionKind,
    /// Until when; `None` lifts it.
    pub until_ms: Option<i64>,
}

impl Operation for SanctionSet {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (channel, user, kind) =
            ((&self.channel).into(), self.user.into(), i64::from(self.kind as u8).into());
        match self.until_ms {
            Some(until_ms) => tx.execute(&SET, &[channel, user, kind, until_ms.into()]).await?,
            None => tx.execute(&LIFT, &[channel, user, kind]).await?,
        };
        Ok(())
    }
}

/// Reads what a user may not in a channel, and for how long.
#[derive(Clone, Debug)]
pub struct SanctionsGet {
    /// Where.
    pub channel: String,
    /// Who.
    pub user: UserId,
    /// Now; what is over counts no more.
    pub now_ms: i64,
}

/// What [`SanctionsGet`] found: the end of each sanction that holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sanctions {
    /// May not speak here until then.
    pub muted_ms: Option<i64>,
    /// May not speak anywhere until then.
    pub muted_everywhere_ms: Option<i64>,
    /// May not be here until then.
    pub banned_ms: Option<i64>,
}

impl Operation for SanctionsGet {
    type Output = Sanctions;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let read = |row: &Row<'_>| Ok((row.text(0)?, row.int(1)?, row.int(2)?));
        let values = [self.user.into(), (&self.channel).into(), self.now_ms.into()];
        let mut found = Sanctions::default();
        for (channel, kind, until_ms) in tx.rows(&GET, &values, read).await? {
            let place = match (kind, channel.is_empty()) {
                (0, false) => &mut found.muted_ms,
                (0, true) => &mut found.muted_everywhere_ms,
                _ => &mut found.banned_ms,
            };
            *place = (*place).max(Some(until_ms));
        }
        Ok(found)
    }
}

/// Forgets a user's sanctions.
#[derive(Clone, Debug)]
pub struct SanctionsErase {
    /// Whose.
    pub user: UserId,
}

impl Operation for SanctionsErase {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&ERASE, &[self.user.into()]).await?;
        Ok(())
    }
}
