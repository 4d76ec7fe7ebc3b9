//! Erasing an account: everything that names a person goes, in one transaction. Wallet ledgers, purchases and logs of
//! rooms hold the bare id only and stay, so that sums and replays still agree.

use crate::credentials::credentials;
use crate::operation::{Operation, Tx};
use crate::personal::{Kind, remove};
use crate::statement::statements;
use crate::{StoreError, UserId};

statements! {
    DROP_DEVICE = "DELETE FROM devices WHERE device_id = $1";
    DROP_IDENTITY = "DELETE FROM identities WHERE provider = $1 AND subject = $2";
    DROP_EMAIL = "DELETE FROM emails WHERE user_id = $1";
    DROP_FAMILIES = "DELETE FROM token_families WHERE user_id = $1";
    DROP_USER = "DELETE FROM users WHERE id = $1";
}

/// Removes an account and what it is logged in to with.
#[derive(Clone, Debug)]
pub struct AccountErase {
    /// Whose.
    pub user: UserId,
    /// Now.
    pub at_ms: i64,
}

impl Operation for AccountErase {
    /// Whether there was such an account.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let user = self.user;
        let has = credentials(tx, user).await?;
        for device in &has.devices {
            tx.execute(&DROP_DEVICE, &[device.into()]).await?;
        }
        for (provider, subject) in &has.identities {
            tx.execute(&DROP_IDENTITY, &[provider.into(), subject.into()]).await?;
        }
        tx.execute(&DROP_EMAIL, &[user.into()]).await?;
        for kind in [Kind::Email, Kind::Location, Kind::Timezone] {
            remove(tx, user, kind).await?;
        }
        tx.execute(&DROP_FAMILIES, &[user.into()]).await?;
        crate::session_ends::put(tx, user, self.at_ms).await?;
        Ok(tx.execute(&DROP_USER, &[user.into()]).await? == 1)
    }
}
