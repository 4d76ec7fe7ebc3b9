//! What accounts own, and how rooms change it: by the effects of their inputs, in the transaction that makes the input
//! durable; the ledger's key (room, input, index) is what keeps a change from happening twice. How server code changes
//! wallets, and the ledger that a player is shown, are in `ledger.rs`.

use kernel::{EffectKey, RoomId};
use serde::{Deserialize, Serialize};

use crate::ledger::is_currency;
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{AppendError, StoreError, UserId};

statements! {
    BALANCES = "SELECT currency, amount FROM wallets WHERE user_id = $1 ORDER BY currency";
    BALANCE = "SELECT amount FROM wallets WHERE user_id = $1 AND currency = $2";
    SET = "INSERT INTO wallets (user_id, currency, amount) VALUES ($1, $2, $3)
        ON CONFLICT (user_id, currency) DO UPDATE SET amount = excluded.amount";
    BOOK = "INSERT INTO wallet_ledger (room_id, seq, idx, user_id, currency, amount, balance, at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (room_id, seq, idx) DO NOTHING";
    BOOKED = "SELECT 1 FROM wallet_ledger WHERE room_id = $1 AND seq = $2 AND idx = $3";
    LEDGER = "SELECT seq, idx, user_id, currency, amount, balance, at_ms FROM wallet_ledger
        WHERE room_id = $1 AND seq > $2 ORDER BY seq, idx LIMIT $3";
}

/// The code of a conditional effect that would take more than there is.
pub const REFUSED_SHORT: u16 = 20;
/// The code of a conditional effect that would bring more than a wallet can hold.
pub const REFUSED_FULL: u16 = 21;
/// Bytes of a currency's name.
pub const CURRENCY_BYTES_MAX: usize = 32;

/// A conditional effect's answer: done, or the code and the sentence of the refusal.
pub type Answer = Result<(), (u16, String)>;

/// What an account has of one currency.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Balance {
    /// The currency's name.
    pub currency: String,
    /// How much.
    pub amount: i64,
}

/// A change of a wallet that an input of a room causes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreEffect {
    /// Its name within the room: applied once, whatever happens.
    pub key: EffectKey,
    /// It may be refused, and its answer is kept until the room has logged it.
    pub conditional: bool,
    /// Whose wallet.
    pub user: UserId,
    /// 1 to [`CURRENCY_BYTES_MAX`] bytes of `a-z0-9_`.
    pub currency: String,
    /// Added to the balance. Not negative unless the effect is conditional.
    pub amount: i64,
}

impl StoreEffect {
    pub(crate) fn check(&self) -> Result<(), AppendError> {
        if !is_currency(&self.currency) {
            return Err(AppendError::Refused("a currency is 1 to 32 bytes of a-z0-9_"));
        }
        if self.amount < 0 && !self.conditional {
            return Err(AppendError::Refused("an unconditional effect must not take from a wallet"));
        }
        Ok(())
    }
}

/// Reads a wallet.
#[derive(Clone, Debug)]
pub struct WalletGet {
    /// Whose.
    pub user: UserId,
}

impl Operation for WalletGet {
    /// In order of the currencies' names.
    type Output = Vec<Balance>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        balances(tx, self.user).await
    }
}

pub(crate) async fn balances<T: Tx>(tx: &mut T, user: UserId) -> Result<Vec<Balance>, StoreError> {
    tx.rows(&BALANCES, &[user.into()], |row| Ok(Balance { currency: row.text(0)?, amount: row.int(1)? }))
        .await
}

pub(crate) async fn set_balance<T: Tx>(
    tx: &mut T,
    user: UserId,
    currency: &str,
    amount: i64,
) -> Result<(), StoreError> {
    tx.execute(&SET, &[user.into(), currency.into(), amount.into()]).await?;
    Ok(())
}

/// Reads the wallet changes that a room's inputs after one caused; an operator sees them before a rewind.
#[derive(Clone, Debug)]
pub struct LedgerOfRoom {
    /// Which.
    pub room: RoomId,
    /// Inputs after this one.
    pub after: kernel::Seq,
    /// At most so many entries.
    pub limit: u32,
}

/// One change of one wallet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerEntry {
    /// What caused it.
    pub key: EffectKey,
    /// Whose wallet.
    pub user: UserId,
    /// Of what.
    pub currency: String,
    /// What was added.
    pub amount: i64,
    /// The balance after it.
    pub balance: i64,
    /// When, by the room's clock.
    pub at_ms: i64,
}

impl Operation for LedgerOfRoom {
    type Output = Vec<LedgerEntry>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.room.into(), self.after.try_into()?, self.limit.into()];
        tx.rows(&LEDGER, &values, |row| {
            Ok(LedgerEntry {
                key: EffectKey { seq: kernel::Seq(row.count(0)?), index: row.small(1)? },
                user: UserId(row.id(2)?),
                currency: row.text(3)?,
                amount: row.int(4)?,
                balance: row.int(5)?,
                at_ms: row.int(6)?,
            })
        })
        .await
    }
}

/// Applies one effect that [`StoreEffect::check`] let through.
///
/// An unconditional effect always succeeds: where the wallet cannot hold it all, it is filled to its bound, and the
/// ledger shows what was really added. A conditional one is refused in both directions.
pub(crate) async fn apply<T: Tx>(
    tx: &mut T,
    room: RoomId,
    effect: &StoreEffect,
    at_ms: i64,
) -> Result<Answer, StoreError> {
    let (user, currency) = (effect.user.into(), (&effect.currency).into());
    let balance = tx.optional(&BALANCE, &[user, currency], |row| row.int(0)).await?.unwrap_or(0);
    let (seq, index) = (effect.key.seq.try_into()?, effect.key.index.into());
    let after = match (balance.checked_add(effect.amount), effect.conditional) {
        (Some(sum), false) => sum,
        (Some(sum), true) if sum >= 0 => sum,
        (None, false) => i64::MAX,
        (refused, true) => {
            if tx.optional(&BOOKED, &[room.into(), seq, index], |_| Ok(())).await?.is_some() {
                return Ok(Ok(()));
            }
            return Ok(Err(match refused {
                Some(_) => (REFUSED_SHORT, format!("not enough {}", effect.currency)),
                None => (REFUSED_FULL, format!("the wallet holds no more {}", effect.currency)),
            }));
        }
    };
    let added = after - balance;
    let booked = tx
        .execute(&BOOK, &[room.into(), seq, index, user, currency, added.into(), after.into(), at_ms.into()])
        .await?;
    if booked == 1 {
        tx.execute(&SET, &[user, currency, after.into()]).await?;
    }
    Ok(Ok(()))
}
