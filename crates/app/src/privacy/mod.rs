//! What a player may ask of the house about the own data: all of it in one document (`export.rs`), and its end (`erase.rs`).
//!
//! **Taken along** is everything that is kept under the player's id, domain by domain. **Erased** is everything that is
//! personal or the player's own. What stays holds the bare id, which then names nobody: wallet ledgers and purchases, so
//! that sums agree; votes that were counted, under an id made for the purpose; seats in logs of rooms.

mod erase;
mod export;

use store::StoreError;

use crate::accounts::AccountError;
use crate::leaderboards::BoardError;

/// Rows that are read or removed at a time.
const ROWS: u32 = 200;
/// Messages of a channel, whoever said them, that are looked at in one transaction.
const MESSAGES_LOOKED_AT: u32 = 1_000;

/// Why an account is not taken along or erased.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PrivacyError {
    /// The account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Its records.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
