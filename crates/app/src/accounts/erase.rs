//! An account that goes. What is personal goes with it; ledgers and logs of rooms keep the bare id, which then names
//! nobody.

use store::UserId;

use super::{AccountError, Accounts};

impl Accounts {
    /// Removes an account and all that it is logged in to with. Its sessions end at once. What other domains hold of the
    /// player is theirs to remove: [`Services::erase`](crate::services::Services::erase) does it all.
    pub(crate) async fn erase(&self, user: UserId) -> Result<(), AccountError> {
        let at_ms = self.core.now_ms();
        self.ended_all(store::SessionsEnded { user, ended_ms: at_ms })?;
        if self.core.write(store::AccountErase { user, at_ms }).await?.into_inner() {
            Ok(())
        } else {
            Err(AccountError::NotFound)
        }
    }
}
