//! What players own, changed by server code only, and the ledger of every change.
//!
//! A change names amounts to add or to take; none falls below nothing. Every change is a line of the player's ledger,
//! beside those that inputs of rooms caused.

mod functions;

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use store::{
    LedgerAnnotate, LedgerItem, LedgerOfUser, Refusal, StoreError, UserId, WalletChange, WalletGet,
    WalletUpdated, WalletsUpdate, is_currency,
};

pub use functions::functions;

use crate::core::Core;
use crate::cursor;

/// Wallets that are changed at once.
pub const BATCH_MAX: usize = 100;
/// Currencies in one change.
pub const CURRENCIES_MAX: usize = 32;
/// Bytes of a change's metadata as JSON.
pub const METADATA_BYTES_MAX: usize = 4_096;
/// Lines in one page of a ledger.
pub const PAGE_MAX: u32 = 100;

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WalletError {
    /// The change cannot be one.
    #[error("a change is of 1 to {CURRENCIES_MAX} currencies, each named by 1 to 32 of a-z0-9_")]
    Changes,
    /// Too many at once.
    #[error("from 1 to {BATCH_MAX} wallets are changed at once")]
    Batch,
    /// The metadata is too long.
    #[error("metadata must be a JSON object of at most {METADATA_BYTES_MAX} bytes")]
    Metadata,
    /// The limit is out of range.
    #[error("the limit must be from 1 to {PAGE_MAX}")]
    Limit,
    /// The cursor was changed, or belongs to another ledger.
    #[error("the cursor is invalid")]
    Cursor,
    /// A wallet has less than is to be taken. Nothing was changed.
    #[error("a wallet has less than is to be taken")]
    Short,
    /// A wallet cannot hold that much. Nothing was changed.
    #[error("a wallet cannot hold that much")]
    Full,
    /// Nobody has that id. Nothing was changed.
    #[error("there is no such account")]
    NoAccount,
    /// The ledger has no such line by server code.
    #[error("the ledger has no such change")]
    NoItem,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for WalletError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(Refusal::Short) => Self::Short,
            StoreError::Refused(Refusal::Full) => Self::Full,
            StoreError::Refused(Refusal::NoAccount) => Self::NoAccount,
            error => Self::Store(error),
        }
    }
}

/// A change of one wallet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WalletUpdate {
    /// Whose.
    pub user: UserId,
    /// What is added to each currency, or taken.
    pub changes: BTreeMap<String, i64>,
    /// Kept in the ledger.
    pub metadata: Map<String, Value>,
}

/// A page of a ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerPage {
    /// The newest first.
    pub items: Vec<LedgerItem>,
    /// Where the next page begins; nothing at the end.
    pub cursor: Option<String>,
}

/// The use cases.
pub struct Wallets {
    core: Core,
}

impl Wallets {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }

    /// What a player owns.
    pub async fn get(&self, user: UserId) -> Result<BTreeMap<String, i64>, WalletError> {
        let held = self.core.read(WalletGet { user }).await?;
        Ok(held.into_iter().map(|balance| (balance.currency, balance.amount)).collect())
    }

    /// Changes one wallet.
    pub async fn update(
        &self,
        user: UserId,
        changes: BTreeMap<String, i64>,
        metadata: Map<String, Value>,
    ) -> Result<WalletUpdated, WalletError> {
        let mut done = self.update_many(vec![WalletUpdate { user, changes, metadata }]).await?;
        done.pop().ok_or(WalletError::Batch)
    }

    /// Changes wallets, all or none, one after the other.
    pub async fn update_many(&self, updates: Vec<WalletUpdate>) -> Result<Vec<WalletUpdated>, WalletError> {
        if updates.is_empty() {
            return Err(WalletError::Batch);
        }
        let changes = changes(&self.core, updates)?;
        let update = WalletsUpdate { changes, at_ms: self.core.now_ms() };
        Ok(self.core.write(update).await?.into_inner())
    }

    /// A player's ledger, the newest line first.
    pub async fn ledger(
        &self,
        user: UserId,
        limit: u32,
        at: Option<&str>,
    ) -> Result<LedgerPage, WalletError> {
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(WalletError::Limit);
        }
        let scope: [&[u8]; 2] = [b"ledger", &user.to_bytes()];
        let before = match at {
            Some(text) => {
                let held = cursor::open(&scope, text).map_err(|_| WalletError::Cursor)?;
                Some(unpack(&held).ok_or(WalletError::Cursor)?)
            }
            None => None,
        };
        let mut items = self.core.read(LedgerOfUser { user, before, limit: limit + 1 }).await?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let last = items.last().filter(|_| more);
        let cursor = last.map(|item| cursor::seal(&scope, &pack(item.place)));
        Ok(LedgerPage { items, cursor })
    }

    /// Gives a change by server code other metadata.
    pub async fn annotate(&self, id: u128, metadata: &Map<String, Value>) -> Result<LedgerItem, WalletError> {
        let annotate = LedgerAnnotate { id, metadata: text(metadata)?, at_ms: self.core.now_ms() };
        self.core.write(annotate).await?.into_inner().ok_or(WalletError::NoItem)
    }
}

/// Changes as the store takes them.
pub(crate) fn changes(core: &Core, updates: Vec<WalletUpdate>) -> Result<Vec<WalletChange>, WalletError> {
    if updates.len() > BATCH_MAX {
        return Err(WalletError::Batch);
    }
    let change = |WalletUpdate { user, changes, metadata }: WalletUpdate| {
        let few = (1..=CURRENCIES_MAX).contains(&changes.len());
        if !few || !changes.keys().all(|currency| is_currency(currency)) {
            return Err(WalletError::Changes);
        }
        Ok(WalletChange { id: core.new_id(), user, changes, metadata: text(&metadata)? })
    };
    updates.into_iter().map(change).collect()
}

fn text(metadata: &Map<String, Value>) -> Result<String, WalletError> {
    let text = serde_json::to_string(metadata).map_err(|_| WalletError::Metadata)?;
    if text.len() > METADATA_BYTES_MAX { Err(WalletError::Metadata) } else { Ok(text) }
}

fn pack((at_ms, source, seq, index): store::LedgerPlace) -> Vec<u8> {
    let (at_ms, source) = (at_ms.to_be_bytes(), source.to_be_bytes());
    [&at_ms[..], &source[..], &seq.to_be_bytes()[..], &index.to_be_bytes()[..]].concat()
}

fn unpack(held: &[u8]) -> Option<store::LedgerPlace> {
    let (at_ms, rest) = held.split_first_chunk()?;
    let (source, rest) = rest.split_first_chunk()?;
    let (seq, rest) = rest.split_first_chunk()?;
    let (index, rest) = rest.split_first_chunk()?;
    let place = (
        i64::from_be_bytes(*at_ms),
        u128::from_be_bytes(*source),
        u64::from_be_bytes(*seq),
        u32::from_be_bytes(*index),
    );
    rest.is_empty().then_some(place)
}

#[cfg(test)]
mod tests;
