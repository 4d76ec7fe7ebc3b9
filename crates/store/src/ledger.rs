//! Changes of wallets by server code, and the one ledger that a player is shown: these changes and those that inputs of
//! rooms caused, in order of time.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::wallets::{Balance, CURRENCY_BYTES_MAX, balances, set_balance};
use crate::{Refusal, Row, StoreError, UserId, Value};

statements! {
    ACCOUNT = "SELECT 1 FROM users WHERE id = $1";
    INSERT = "INSERT INTO ledger (id, user_id, changeset, metadata, created_ms, updated_ms)
        VALUES ($1, $2, $3, $4, $5, $5)";
    OF_SERVER = "SELECT id, changeset, metadata, created_ms, updated_ms FROM ledger
        WHERE user_id = $1 AND (created_ms, id) < ($2, $3) ORDER BY created_ms DESC, id DESC LIMIT $4";
    OF_ROOMS = "SELECT room_id, seq, idx, currency, amount, at_ms FROM wallet_ledger
        WHERE user_id = $1 AND (at_ms, room_id, seq, idx) < ($2, $3, $4, $5)
        ORDER BY at_ms DESC, room_id DESC, seq DESC, idx DESC LIMIT $6";
    GET = "SELECT id, changeset, metadata, created_ms, updated_ms, user_id FROM ledger WHERE id = $1";
    ANNOTATE = "UPDATE ledger SET metadata = $2, updated_ms = $3 WHERE id = $1";
    FORGET = "UPDATE ledger SET metadata = '{}' WHERE user_id = $1";
}

/// A change of one wallet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WalletChange {
    /// Its name in the ledger, if it is done.
    pub id: u128,
    /// Whose wallet.
    pub user: UserId,
    /// What is added to each currency, or taken.
    pub changes: BTreeMap<String, i64>,
    /// A JSON object for the ledger.
    pub metadata: String,
}

/// A wallet that was changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WalletUpdated {
    /// The change's name in the ledger.
    pub id: u128,
    /// Whose wallet.
    pub user: UserId,
    /// What it held before, in order of the currencies' names.
    pub before: Vec<Balance>,
    /// What it holds now.
    pub after: Vec<Balance>,
}

/// Changes wallets, all or none: one that would fall below nothing or above what a number can say ends it with
/// [`StoreError::Refused`]. Several changes of one wallet are done one after the other.
#[derive(Clone, Debug)]
pub struct WalletsUpdate {
    /// What.
    pub changes: Vec<WalletChange>,
    /// Now.
    pub at_ms: i64,
}

impl Operation for WalletsUpdate {
    /// One for each, in their order.
    type Output = Vec<WalletUpdated>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        change_all(tx, &self.changes, self.at_ms).await
    }
}

pub(crate) async fn change_all<T: Tx>(
    tx: &mut T,
    changes: &[WalletChange],
    at_ms: i64,
) -> Result<Vec<WalletUpdated>, StoreError> {
    let mut done = Vec::with_capacity(changes.len());
    for change in changes {
        done.push(apply(tx, change, at_ms).await?);
    }
    Ok(done)
}

async fn apply<T: Tx>(tx: &mut T, change: &WalletChange, at_ms: i64) -> Result<WalletUpdated, StoreError> {
    let WalletChange { id, user, changes, metadata } = change;
    check_account(tx, *user).await?;
    if !changes.keys().all(|currency| is_currency(currency)) {
        return Err(StoreError::NotStorable("a currency that is not 1 to 32 bytes of a-z0-9_"));
    }
    let before = balances(tx, *user).await?;
    let mut after: BTreeMap<String, i64> =
        before.iter().map(|balance| (balance.currency.clone(), balance.amount)).collect();
    for (currency, amount) in changes {
        let held = after.entry(currency.clone()).or_default();
        let sum = held.checked_add(*amount).ok_or(StoreError::Refused(Refusal::Full))?;
        if sum < 0 {
            return Err(StoreError::Refused(Refusal::Short));
        }
        *held = sum;
        set_balance(tx, *user, currency, sum).await?;
    }
    let changeset = encode(changes);
    let id_value = Value::Id(id.to_be_bytes());
    let values = [id_value, (*user).into(), (&changeset).into(), metadata.into(), at_ms.into()];
    tx.execute(&INSERT, &values).await?;
    let after = after.into_iter().map(|(currency, amount)| Balance { currency, amount }).collect();
    Ok(WalletUpdated { id: *id, user: *user, before, after })
}

/// Ends an operation about an account that is not there.
pub(crate) async fn check_account<T: Tx>(tx: &mut T, user: UserId) -> Result<(), StoreError> {
    match tx.optional(&ACCOUNT, &[user.into()], |_| Ok(())).await? {
        Some(()) => Ok(()),
        None => Err(StoreError::Refused(Refusal::NoAccount)),
    }
}

/// Can this be a currency's name?
pub fn is_currency(name: &str) -> bool {
    let letters = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    (1..=CURRENCY_BYTES_MAX).contains(&name.len()) && letters
}

/// `coins:5 gems:-2`: a currency's name has neither a colon nor a space.
fn encode(changes: &BTreeMap<String, i64>) -> String {
    let parts: Vec<_> = changes.iter().map(|(currency, amount)| format!("{currency}:{amount}")).collect();
    parts.join(" ")
}

fn decode(text: &str) -> Result<BTreeMap<String, i64>, StoreError> {
    let pair = |part: &str| {
        let (currency, amount) = part.split_once(':')?;
        Some((currency.to_owned(), amount.parse().ok()?))
    };
    let pairs: Option<_> = text.split(' ').filter(|part| !part.is_empty()).map(pair).collect();
    pairs.ok_or_else(|| StoreError::Damaged("a change of a wallet".into()))
}

/// A place in a player's ledger: (time, change or room, input, index), in this order.
pub type LedgerPlace = (i64, u128, u64, u32);

/// One line of a player's ledger.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LedgerItem {
    /// Where it stands. The second part names a change by server code, or a room; then `by_room` is set.
    pub place: LedgerPlace,
    /// An input of a room caused it.
    pub by_room: bool,
    /// Whose wallet.
    pub user: UserId,
    /// What was added or taken.
    pub changes: BTreeMap<String, i64>,
    /// A JSON object.
    pub metadata: String,
    /// When its metadata was last changed.
    pub updated_ms: i64,
}

/// Reads a player's ledger, the newest first.
#[derive(Clone, Debug)]
pub struct LedgerOfUser {
    /// Whose.
    pub user: UserId,
    /// The last line seen.
    pub before: Option<LedgerPlace>,
    /// At most so many.
    pub limit: u32,
}

impl Operation for LedgerOfUser {
    type Output = Vec<LedgerItem>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let most = i64::MAX.unsigned_abs();
        let (ms, source, seq, index) = self.before.unwrap_or((i64::MAX, u128::MAX, most, u32::MAX));
        let source = Value::Id(source.to_be_bytes());
        let (user, limit) = (self.user, self.limit.into());
        let values = [user.into(), ms.into(), source, limit];
        let mut lines = tx.rows(&OF_SERVER, &values, |row| line(row, user)).await?;
        let values = [user.into(), ms.into(), source, Value::count(seq)?, index.into(), limit];
        let of_rooms = tx.rows(&OF_ROOMS, &values, |row| {
            let at_ms = row.int(5)?;
            Ok(LedgerItem {
                place: (at_ms, row.id(0)?, row.count(1)?, row.small(2)?),
                by_room: true,
                user,
                changes: BTreeMap::from([(row.text(3)?, row.int(4)?)]),
                metadata: "{}".into(),
                updated_ms: at_ms,
            })
        });
        lines.extend(of_rooms.await?);
        lines.sort_by_key(|line| Reverse(line.place));
        lines.truncate(self.limit as usize);
        Ok(lines)
    }
}

fn line(row: &Row<'_>, user: UserId) -> Result<LedgerItem, StoreError> {
    Ok(LedgerItem {
        place: (row.int(3)?, row.id(0)?, 0, 0),
        by_room: false,
        user,
        changes: decode(&row.text(1)?)?,
        metadata: row.text(2)?,
        updated_ms: row.int(4)?,
    })
}

/// Gives a change by server code other metadata.
#[derive(Clone, Debug)]
pub struct LedgerAnnotate {
    /// Which change.
    pub id: u128,
    /// A JSON object.
    pub metadata: String,
    /// Now.
    pub at_ms: i64,
}

impl Operation for LedgerAnnotate {
    /// The line as it is now; `None` if there is no such change.
    type Output = Option<LedgerItem>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let id = Value::Id(self.id.to_be_bytes());
        tx.execute(&ANNOTATE, &[id, (&self.metadata).into(), self.at_ms.into()]).await?;
        tx.optional(&GET, &[id], |row| line(row, UserId(row.id(5)?))).await
    }
}

/// Takes the metadata out of a user's ledger; its sums stay.
#[derive(Clone, Debug)]
pub struct LedgerForget {
    /// Whose.
    pub user: UserId,
}

impl Operation for LedgerForget {
    /// How many lines that were.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&FORGET, &[self.user.into()]).await
    }
}
