//! What server code changes at once: accounts, objects and wallets, in one transaction.

use store::{AccountUpdate, Asks, ManyUpdate, ManyUpdated, ObjectAck, WalletUpdated};

use super::{BATCH_MAX, DeleteObject, Storage, StorageError, WriteObject, in_order};
use crate::wallets::{WalletUpdate, changes};

/// All of it or nothing.
#[derive(Clone, Default, Debug)]
pub struct MultiUpdate {
    /// Accounts to change, as [`Accounts::prepare`](crate::accounts::Accounts::prepare) makes them.
    pub accounts: Vec<AccountUpdate>,
    /// Objects to write.
    pub writes: Vec<WriteObject>,
    /// Objects to delete.
    pub deletes: Vec<DeleteObject>,
    /// Wallets to change.
    pub wallets: Vec<WalletUpdate>,
}

/// What was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MultiDone {
    /// One for each object that was written, in their order.
    pub acks: Vec<ObjectAck>,
    /// One for each wallet's change, in their order.
    pub wallets: Vec<WalletUpdated>,
}

impl Storage {
    /// Changes accounts, objects and wallets together. For server code: players' permissions are not asked for.
    pub async fn multi_update(&self, update: MultiUpdate) -> Result<MultiDone, StorageError> {
        let MultiUpdate { accounts, writes, deletes, wallets } = update;
        if accounts.len() > BATCH_MAX {
            return Err(StorageError::Batch);
        }
        let (writes, order) = self.writes(Asks::Server, writes)?;
        let deletes = self.deletes(Asks::Server, deletes)?;
        let wallets = changes(&self.core, wallets).map_err(StorageError::Wallet)?;
        let many = ManyUpdate { accounts, writes, deletes, wallets, at_ms: self.core.now_ms() };
        let ManyUpdated { acks, wallets } = self.core.write(many).await?.into_inner();
        Ok(MultiDone { acks: in_order(acks, &order), wallets })
    }
}
