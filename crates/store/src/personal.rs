//! What is personal about a player, sealed, in a table of its own: one row for each kind. The store sees sealed bytes
//! and the id of the key; who holds keys is the caller's business.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId};

statements! {
    OF_USER = "SELECT kind, key_id, sealed FROM personal WHERE user_id = $1 ORDER BY kind";
    PUT = "INSERT INTO personal (user_id, kind, key_id, sealed) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id, kind) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed";
    DROP = "DELETE FROM personal WHERE user_id = $1 AND kind = $2";
    UNDER_KEY = "SELECT user_id, kind, key_id, sealed FROM personal
        WHERE key_id = $1 AND (user_id, kind) > ($2, $3) ORDER BY user_id, kind LIMIT $4";
    OTHER_KEY = "SELECT key_id FROM personal WHERE key_id > $1 ORDER BY key_id LIMIT 1";
    COUNT_UNDER = "SELECT COUNT(*) FROM personal WHERE key_id = $1";
    RESEAL = "UPDATE personal SET key_id = $4, sealed = $5 WHERE user_id = $1 AND kind = $2 AND key_id = $3";
}

/// What a sealed text is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[repr(i64)]
pub enum Kind {
    /// The e-mail address.
    Email = 1,
    /// Where the player is.
    Location = 2,
    /// The player's time zone.
    Timezone = 3,
}

impl Kind {
    fn read(number: i64) -> Result<Self, StoreError> {
        [Kind::Email, Kind::Location, Kind::Timezone]
            .into_iter()
            .find(|kind| *kind as i64 == number)
            .ok_or_else(|| StoreError::Damaged(format!("{number} is no kind of personal data")))
    }
}

/// A sealed text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Personal {
    /// What it is.
    pub kind: Kind,
    /// The key under which it is sealed.
    pub key_id: i64,
    /// The bytes.
    pub sealed: Vec<u8>,
}

fn personal(row: &Row<'_>, from: usize) -> Result<Personal, StoreError> {
    Ok(Personal {
        kind: Kind::read(row.int(from)?)?,
        key_id: row.int(from + 1)?,
        sealed: row.blob(from + 2)?,
    })
}

pub(crate) async fn of_user<T: Tx>(tx: &mut T, user: UserId) -> Result<Vec<Personal>, StoreError> {
    tx.rows(&OF_USER, &[user.into()], |row| personal(row, 0)).await
}

pub(crate) async fn put<T: Tx>(tx: &mut T, user: UserId, personal: &Personal) -> Result<(), StoreError> {
    let kind = personal.kind as i64;
    let values = [user.into(), kind.into(), personal.key_id.into(), (&personal.sealed).into()];
    tx.execute(&PUT, &values).await?;
    Ok(())
}

pub(crate) async fn remove<T: Tx>(tx: &mut T, user: UserId, kind: Kind) -> Result<(), StoreError> {
    tx.execute(&DROP, &[user.into(), (kind as i64).into()]).await?;
    Ok(())
}

/// Reads sealed texts under other keys than the current one, so that they can be sealed again. A key that has none left
/// is passed over.
#[derive(Clone, Debug)]
pub struct PersonalUnder {
    /// The key that they are under.
    pub key_id: i64,
    /// The last one that was seen; nothing at the start.
    pub after: Option<(UserId, Kind)>,
    /// At most so many.
    pub limit: u32,
}

impl Operation for PersonalUnder {
    type Output = Vec<(UserId, Personal)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (user, kind) = self.after.map_or((UserId(0), 0), |(user, kind)| (user, kind as i64));
        let values = [self.key_id.into(), user.into(), kind.into(), self.limit.into()];
        tx.rows(&UNDER_KEY, &values, |row| Ok((UserId(row.id(0)?), personal(row, 1)?))).await
    }
}

/// Reads under which keys there is something, and how much.
#[derive(Clone, Debug)]
pub struct PersonalKeys;

impl Operation for PersonalKeys {
    type Output = Vec<(i64, u64)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (mut keys, mut after) = (Vec::new(), i64::MIN);
        while let Some(key) = tx.optional(&OTHER_KEY, &[after.into()], |row| row.int(0)).await? {
            let count = tx.optional(&COUNT_UNDER, &[key.into()], |row| row.count(0)).await?;
            keys.push((key, count.unwrap_or(0)));
            after = key;
        }
        Ok(keys)
    }
}

/// Puts texts under another key, each only if it still is what was read.
#[derive(Clone, Debug)]
pub struct PersonalReseal {
    /// Whose, the key it was under, and what it is now.
    pub resealed: Vec<(UserId, i64, Personal)>,
}

impl Operation for PersonalReseal {
    /// How many were put; others were changed meanwhile, and then they are under the current key already.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut count = 0;
        for (user, was, now) in &self.resealed {
            let values = [
                (*user).into(),
                (now.kind as i64).into(),
                (*was).into(),
                now.key_id.into(),
                (&now.sealed).into(),
            ];
            count += tx.execute(&RESEAL, &values).await?;
        }
        Ok(count)
    }
}
