//! Token families: one per login. A login writes nothing; a family has a row once it was refreshed or revoked.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{FamilyId, Row, StoreError, UserId, Value};

statements! {
    GET = "SELECT family, user_id, generation, revoked, expires_ms FROM token_families WHERE family = $1";
    INSERT = "INSERT INTO token_families (family, user_id, generation, revoked, expires_ms)
        VALUES ($1, $2, $3, $4, $5)";
    ROTATE = "UPDATE token_families SET generation = $2, expires_ms = $3 WHERE family = $1";
    REVOKE = "UPDATE token_families SET revoked = 1 WHERE family = $1";
    REVOKED = "SELECT family, user_id, generation, revoked, expires_ms FROM token_families
        WHERE revoked = 1 AND (expires_ms, family) > ($1, $2)
        ORDER BY expires_ms, family LIMIT $3";
    OF_USER = "SELECT family, user_id, generation, revoked, expires_ms FROM token_families
        WHERE user_id = $1 AND expires_ms > $2 ORDER BY expires_ms, family LIMIT $3";
    PRUNE = "DELETE FROM token_families WHERE family IN
        (SELECT family FROM token_families WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT $2)";
}

/// A family's row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Family {
    /// Its name; tokens carry it.
    pub family: FamilyId,
    /// Whose.
    pub user: UserId,
    /// How often it was refreshed; only tokens of this generation are refreshed again.
    pub generation: u64,
    /// Logged out.
    pub revoked: bool,
    /// When its newest token ends; after that the row is pruned.
    pub expires_ms: i64,
}

fn family(row: &Row<'_>) -> Result<Family, StoreError> {
    Ok(Family {
        family: FamilyId(row.id(0)?),
        user: UserId(row.id(1)?),
        generation: row.count(2)?,
        revoked: row.flag(3)?,
        expires_ms: row.int(4)?,
    })
}

/// Reads a family. `None`: never refreshed, never revoked (generation 0), or long over.
#[derive(Clone, Debug)]
pub struct FamilyGet {
    /// Which.
    pub family: FamilyId,
}

impl Operation for FamilyGet {
    type Output = Option<Family>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&GET, &[self.family.into()], family).await
    }
}

/// Uses up a refresh token of generation `expected` for one of the next generation.
#[derive(Clone, Debug)]
pub struct FamilyRotate {
    /// Which.
    pub family: FamilyId,
    /// Whose; the token says it.
    pub user: UserId,
    /// The token's generation; 0 is the login's own.
    pub expected: u64,
    /// When the new token ends.
    pub expires_ms: i64,
}

/// What [`FamilyRotate`] did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Rotation {
    /// The new token's generation.
    Rotated(u64),
    /// That token was used before. Nothing was changed; the caller decides whether to revoke the family.
    Reused {
        /// The family's newest generation.
        generation: u64,
    },
    /// Logged out.
    Revoked,
    /// No such family (pruned), or it is somebody else's.
    Unknown,
}

impl Operation for FamilyRotate {
    type Output = Rotation;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let found = tx.optional(&GET, &[self.family.into()], family).await?;
        let next = self.expected.checked_add(1).ok_or(StoreError::NotStorable("a generation above 2^64"))?;
        let generation = Value::count(next)?;
        match found {
            None if self.expected == 0 => {
                let values =
                    [self.family.into(), self.user.into(), generation, false.into(), self.expires_ms.into()];
                tx.execute(&INSERT, &values).await?;
                Ok(Rotation::Rotated(next))
            }
            None => Ok(Rotation::Unknown),
            Some(row) if row.user != self.user => Ok(Rotation::Unknown),
            Some(row) if row.revoked => Ok(Rotation::Revoked),
            Some(row) if row.generation != self.expected => {
                Ok(Rotation::Reused { generation: row.generation })
            }
            Some(_) => {
                tx.execute(&ROTATE, &[self.family.into(), generation, self.expires_ms.into()]).await?;
                Ok(Rotation::Rotated(next))
            }
        }
    }
}

/// Ends a family: none of its tokens is good any more.
#[derive(Clone, Debug)]
pub struct FamilyRevoke {
    /// Which.
    pub family: FamilyId,
    /// Whose; the token says it.
    pub user: UserId,
    /// When its last token would have ended.
    pub expires_ms: i64,
}

impl Operation for FamilyRevoke {
    /// `false`: it was revoked before, or is somebody else's.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        match tx.optional(&GET, &[self.family.into()], family).await? {
            Some(row) if row.revoked || row.user != self.user => Ok(false),
            Some(_) => {
                tx.execute(&REVOKE, &[self.family.into()]).await?;
                Ok(true)
            }
            None => {
                let values =
                    [self.family.into(), self.user.into(), 0i64.into(), true.into(), self.expires_ms.into()];
                tx.execute(&INSERT, &values).await?;
                Ok(true)
            }
        }
    }
}

/// Reads revoked families that are not over, in pages, so that a starting server knows them all.
#[derive(Clone, Debug)]
pub struct FamiliesRevoked {
    /// `(expires_ms, family)` of the last one seen; at the start `(now, FamilyId(0))`.
    pub after: (i64, FamilyId),
    /// At most so many.
    pub limit: u32,
}

impl Operation for FamiliesRevoked {
    /// In order of `(expires_ms, family)`.
    type Output = Vec<Family>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&REVOKED, &[self.after.0.into(), self.after.1.into(), self.limit.into()], family).await
    }
}

/// Reads a user's families that have a row and are not over.
#[derive(Clone, Debug)]
pub struct FamiliesOfUser {
    /// Whose.
    pub user: UserId,
    /// Now.
    pub now_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for FamiliesOfUser {
    type Output = Vec<Family>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&OF_USER, &[self.user.into(), self.now_ms.into(), self.limit.into()], family).await
    }
}

/// Removes families that are over, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct FamiliesPrune {
    /// Now.
    pub now_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for FamiliesPrune {
    /// How many were removed; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&PRUNE, &[self.now_ms.into(), self.limit.into()]).await
    }
}
