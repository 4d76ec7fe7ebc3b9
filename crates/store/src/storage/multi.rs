//! What server code changes at once: accounts, objects and wallets, in one transaction.

use serde::{Deserialize, Serialize};

use super::objects::{delete_all, write_all};
use super::{Asks, ObjectAck, ObjectDelete, ObjectWrite};
use crate::ledger::{WalletChange, WalletUpdated, change_all};
use crate::operation::{Operation, Tx};
use crate::{AccountUpdate, AccountUpdated, Refusal, StoreError};

/// Changes all of it or nothing: accounts, then objects, then wallets.
#[derive(Clone, Debug)]
pub struct ManyUpdate {
    /// Accounts to change.
    pub accounts: Vec<AccountUpdate>,
    /// Objects to write, in the order of their names.
    pub writes: Vec<ObjectWrite>,
    /// Objects to delete, in the order of their names.
    pub deletes: Vec<ObjectDelete>,
    /// Wallets to change.
    pub wallets: Vec<WalletChange>,
    /// Now.
    pub at_ms: i64,
}

/// What [`ManyUpdate`] did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ManyUpdated {
    /// One for each write, in their order.
    pub acks: Vec<ObjectAck>,
    /// One for each wallet's change, in their order.
    pub wallets: Vec<WalletUpdated>,
}

impl Operation for ManyUpdate {
    type Output = ManyUpdated;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        for account in &self.accounts {
            match account.run(tx).await? {
                AccountUpdated::Done => {}
                AccountUpdated::UsernameTaken => return Err(StoreError::Refused(Refusal::NameTaken)),
                AccountUpdated::NotFound => return Err(StoreError::Refused(Refusal::NoAccount)),
            }
        }
        let acks = write_all(tx, Asks::Server, &self.writes, self.at_ms).await?;
        delete_all(tx, Asks::Server, &self.deletes).await?;
        let wallets = change_all(tx, &self.wallets, self.at_ms).await?;
        Ok(ManyUpdated { acks, wallets })
    }
}
