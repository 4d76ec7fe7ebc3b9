//! Reading, writing and deleting objects by name. A condition stands in the statement that writes, so that a write
//! looks nothing up first.

use serde::{Deserialize, Serialize};

use super::entries::{self, Listed};
use super::{Asks, Object, ObjectName};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Refusal, Row, StoreError, UserId, Value};

statements! {
    GET = "SELECT version, may_read, may_write, created_ms, updated_ms, value FROM objects
        WHERE user_id = $1 AND collection = $2 AND key = $3";
    PUT = "INSERT INTO objects (user_id, collection, key, version, may_read, may_write, created_ms, updated_ms, value)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)
        ON CONFLICT (user_id, collection, key) DO UPDATE SET version = excluded.version,
            may_read = excluded.may_read, may_write = excluded.may_write, updated_ms = excluded.updated_ms,
            value = excluded.value
        WHERE objects.may_write >= $9
        RETURNING created_ms";
    CREATE = "INSERT INTO objects (user_id, collection, key, version, may_read, may_write, created_ms, updated_ms, value)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)
        ON CONFLICT (user_id, collection, key) DO NOTHING";
    REPLACE = "UPDATE objects SET version = $4, may_read = $5, may_write = $6, updated_ms = $7, value = $8
        WHERE user_id = $1 AND collection = $2 AND key = $3 AND may_write >= $9 AND version = $10
        RETURNING created_ms";
    DELETE = "DELETE FROM objects WHERE user_id = $1 AND collection = $2 AND key = $3 AND may_write >= $4";
    DELETE_VERSION = "DELETE FROM objects
        WHERE user_id = $1 AND collection = $2 AND key = $3 AND may_write >= $4 AND version = $5";
    COLLECTION_OF = "SELECT collection, key FROM objects
        WHERE user_id = $1 AND (collection, key) > ($2, $3) ORDER BY collection, key LIMIT $4";
    FORGET = "DELETE FROM objects WHERE user_id = $1 AND collection = $2 AND key = $3";
}

/// What must be there for a write or a deletion to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum If {
    /// Anything or nothing.
    Any,
    /// Nothing.
    Absent,
    /// This version.
    Version(u128),
    /// A version that no object can have.
    Never,
}

/// Reads objects by name.
#[derive(Clone, Debug)]
pub struct ObjectsRead {
    /// Who asks.
    pub asks: Asks,
    /// Which.
    pub names: Vec<ObjectName>,
}

impl Operation for ObjectsRead {
    /// Those that are there and may be read, in the order of the names.
    type Output = Vec<Object>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut found = Vec::with_capacity(self.names.len());
        for name in &self.names {
            if let Some(object) = get(tx, name).await?
                && self.asks.may_read(name.user, object.may_read)
            {
                found.push(object);
            }
        }
        Ok(found)
    }
}

pub(super) async fn get<T: Tx>(tx: &mut T, name: &ObjectName) -> Result<Option<Object>, StoreError> {
    let values = [name.user.into(), (&name.collection).into(), (&name.key).into()];
    tx.optional(&GET, &values, |row| object(row, name.clone(), 0)).await
}

/// An object from the six columns from `at` on.
pub(super) fn object(row: &Row<'_>, name: ObjectName, at: usize) -> Result<Object, StoreError> {
    Ok(Object {
        name,
        version: row.id(at)?,
        may_read: row.small(at + 1)?,
        may_write: row.small(at + 2)?,
        created_ms: row.int(at + 3)?,
        updated_ms: row.int(at + 4)?,
        value: row.text(at + 5)?,
    })
}

/// One object to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectWrite {
    /// Which.
    pub name: ObjectName,
    /// What must be there.
    pub only_if: If,
    /// The new value's version.
    pub version: u128,
    /// Who may read from now on.
    pub may_read: u32,
    /// Who may write from now on.
    pub may_write: u32,
    /// A JSON object as text.
    pub value: String,
    /// What the declared indexes of the collection hold of it.
    pub listed: Vec<Listed>,
}

/// One object to delete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectDelete {
    /// Which.
    pub name: ObjectName,
    /// What must be there. `Any` is refused for players if nothing is, and done with nothing for the server.
    pub only_if: If,
    /// The declared indexes of the collection.
    pub indexes: Vec<String>,
}

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ObjectAck {
    /// Which.
    pub name: ObjectName,
    /// Its version now.
    pub version: u128,
    /// When it was first written.
    pub created_ms: i64,
    /// When it was last written: now.
    pub updated_ms: i64,
}

/// Writes objects, all or none. The caller gives them in the order of their names, which is the same for everybody.
#[derive(Clone, Debug)]
pub struct ObjectsWrite {
    /// Who asks.
    pub asks: Asks,
    /// What.
    pub writes: Vec<ObjectWrite>,
    /// Now.
    pub at_ms: i64,
}

impl Operation for ObjectsWrite {
    /// One for each, in their order. A condition that does not hold ends it with [`StoreError::Refused`].
    type Output = Vec<ObjectAck>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        write_all(tx, self.asks, &self.writes, self.at_ms).await
    }
}

pub(crate) async fn write_all<T: Tx>(
    tx: &mut T,
    asks: Asks,
    writes: &[ObjectWrite],
    at_ms: i64,
) -> Result<Vec<ObjectAck>, StoreError> {
    let mut acks = Vec::with_capacity(writes.len());
    for write in writes {
        let created_ms = put(tx, asks, write, at_ms).await?.ok_or(StoreError::Refused(Refusal::Object))?;
        entries::replace(tx, &write.name, &write.listed, at_ms).await?;
        let (name, version) = (write.name.clone(), write.version);
        acks.push(ObjectAck { name, version, created_ms, updated_ms: at_ms });
    }
    Ok(acks)
}

/// When the object was first written, or nothing if the condition does not hold.
async fn put<T: Tx>(
    tx: &mut T,
    asks: Asks,
    write: &ObjectWrite,
    at_ms: i64,
) -> Result<Option<i64>, StoreError> {
    let name = &write.name;
    let values: [Value<'_>; 8] = [
        name.user.into(),
        (&name.collection).into(),
        (&name.key).into(),
        Value::Id(write.version.to_be_bytes()),
        write.may_read.into(),
        write.may_write.into(),
        at_ms.into(),
        (&write.value).into(),
    ];
    let [a, b, c, d, e, f, g, h] = values;
    let from = asks.writes_from().into();
    match write.only_if {
        If::Any => tx.optional(&PUT, &[a, b, c, d, e, f, g, h, from], |row| row.int(0)).await,
        If::Absent => Ok((tx.execute(&CREATE, &values).await? == 1).then_some(at_ms)),
        If::Version(version) => {
            let version = Value::Id(version.to_be_bytes());
            tx.optional(&REPLACE, &[a, b, c, d, e, f, g, h, from, version], |row| row.int(0)).await
        }
        If::Never => Ok(None),
    }
}

/// Deletes objects, all or none.
#[derive(Clone, Debug)]
pub struct ObjectsDelete {
    /// Who asks.
    pub asks: Asks,
    /// Which, in the order of their names.
    pub deletes: Vec<ObjectDelete>,
}

impl Operation for ObjectsDelete {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        delete_all(tx, self.asks, &self.deletes).await
    }
}

pub(crate) async fn delete_all<T: Tx>(
    tx: &mut T,
    asks: Asks,
    deletes: &[ObjectDelete],
) -> Result<(), StoreError> {
    for delete in deletes {
        let name = &delete.name;
        let (user, collection, key) = (name.user.into(), (&name.collection).into(), (&name.key).into());
        let from = asks.writes_from().into();
        let gone = match delete.only_if {
            If::Any => tx.execute(&DELETE, &[user, collection, key, from]).await?,
            If::Version(version) => {
                let version = Value::Id(version.to_be_bytes());
                tx.execute(&DELETE_VERSION, &[user, collection, key, from, version]).await?
            }
            If::Absent | If::Never => 0,
        };
        if gone == 0 && (asks != Asks::Server || delete.only_if != If::Any) {
            return Err(StoreError::Refused(Refusal::Object));
        }
        for index in &delete.indexes {
            entries::remove(tx, index, name).await?;
        }
    }
    Ok(())
}

/// Names a user's objects of all collections, in order.
#[derive(Clone, Debug)]
pub struct ObjectsNamed {
    /// Whose.
    pub user: UserId,
    /// `(collection, key)` of the last one seen; two empty texts at the start.
    pub after: (String, String),
    /// At most so many.
    pub limit: u32,
}

impl Operation for ObjectsNamed {
    type Output = Vec<ObjectName>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let user = self.user;
        let values = [user.into(), (&self.after.0).into(), (&self.after.1).into(), self.limit.into()];
        tx.rows(&COLLECTION_OF, &values, |row| {
            Ok(ObjectName { user, collection: row.text(0)?, key: row.text(1)? })
        })
        .await
    }
}

/// Removes a user's objects, with all that indexes hold of them, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct ObjectsForget {
    /// Whose.
    pub user: UserId,
    /// At most so many.
    pub limit: u32,
}

impl Operation for ObjectsForget {
    /// How many were removed; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let after = (String::new(), String::new());
        let names = ObjectsNamed { user: self.user, after, limit: self.limit }.run(tx).await?;
        for name in &names {
            let values = [name.user.into(), (&name.collection).into(), (&name.key).into()];
            tx.execute(&FORGET, &values).await?;
            entries::forget(tx, name).await?;
        }
        Ok(names.len() as u64)
    }
}
