//! Declared indexes: for each, the values of its fields in an order that bytes have, kept by the transactions that
//! write the objects. What a field's value is as bytes, the caller says.

use serde::{Deserialize, Serialize};

use super::objects::get;
use super::{Object, ObjectName};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId, Value};

statements! {
    REMOVE = "DELETE FROM object_entries WHERE name = $1 AND user_id = $2 AND key = $3";
    INSERT = "INSERT INTO object_entries (name, field, value, user_id, key) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (name, field, value, user_id, key) DO NOTHING";
    COUNT = "UPDATE object_indexes SET entries = CASE WHEN entries + $2 < 0 THEN 0 ELSE entries + $2 END
        WHERE name = $1 RETURNING entries";
    OLDEST = "SELECT user_id, key FROM object_entries WHERE name = $1 AND field = ''
        ORDER BY name, field, value, user_id, key LIMIT 1";
    WALK = "SELECT value, user_id, key FROM object_entries
        WHERE name = $1 AND field = $2 AND value <= $3 AND (value, user_id, key) > ($4, $5, $6)
        ORDER BY value, user_id, key LIMIT $7";
    WALK_BACK = "SELECT value, user_id, key FROM object_entries
        WHERE name = $1 AND field = $2 AND value >= $3 AND (value, user_id, key) < ($4, $5, $6)
        ORDER BY value DESC, user_id DESC, key DESC LIMIT $7";
    KNOWN = "SELECT definition, entries FROM object_indexes WHERE name = $1";
    ALL_KNOWN scans "a studio declares a few indexes" = "SELECT name FROM object_indexes ORDER BY name LIMIT $1";
    DECLARE = "INSERT INTO object_indexes (name, definition, entries) VALUES ($1, $2, 0)
        ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, entries = 0";
    DEFINE = "UPDATE object_indexes SET definition = $2 WHERE name = $1";
    DROP = "DELETE FROM object_indexes WHERE name = $1";
    CLEAR = "DELETE FROM object_entries WHERE (name, field, value, user_id, key) IN
        (SELECT name, field, value, user_id, key FROM object_entries WHERE name = $1
        ORDER BY name, field, value, user_id, key LIMIT $2)";
}

/// Indexes that a server may have.
pub const INDEXES_MAX: usize = 64;

/// Indexes that are looked through at a time: more than may be declared, so that a look at those left over ends.
const KNOWN_AT_ONCE: u32 = 2 * INDEXES_MAX as u32;

/// What an index holds of an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// The index.
    pub index: String,
    /// Objects that it holds at most; the one that was written longest ago goes first.
    pub entries_max: u64,
    /// Fields and their values; nothing at all if the object does not belong there.
    pub fields: Vec<(String, Vec<u8>)>,
}

/// Puts in place what indexes hold of an object.
pub(super) async fn replace<T: Tx>(
    tx: &mut T,
    name: &ObjectName,
    listed: &[Listed],
    at_ms: i64,
) -> Result<(), StoreError> {
    for list in listed {
        let gone = clear(tx, &list.index, name).await?;
        let mut change = -gone;
        if !list.fields.is_empty() {
            insert(tx, list, name, at_ms).await?;
            change += 1;
        }
        let mut count = count(tx, &list.index, change).await?;
        while count.is_some_and(|count| count > list.entries_max) {
            let index = [(&list.index).into()];
            let oldest = tx.optional(&OLDEST, &index, |row| {
                Ok(ObjectName { user: UserId(row.id(0)?), collection: String::new(), key: row.text(1)? })
            });
            let Some(oldest) = oldest.await? else { break };
            count = remove(tx, &list.index, &oldest).await?;
        }
    }
    Ok(())
}

async fn insert<T: Tx>(tx: &mut T, list: &Listed, name: &ObjectName, at_ms: i64) -> Result<(), StoreError> {
    let written = (at_ms.cast_unsigned() ^ (1 << 63)).to_be_bytes();
    let (index, user, key) = ((&list.index).into(), name.user.into(), (&name.key).into());
    tx.execute(&INSERT, &[index, "".into(), Value::Blob(&written), user, key]).await?;
    for (field, value) in &list.fields {
        tx.execute(&INSERT, &[index, field.into(), value.into(), user, key]).await?;
    }
    Ok(())
}

/// Takes an object out of an index; how many objects are in it then.
pub(super) async fn remove<T: Tx>(
    tx: &mut T,
    index: &str,
    name: &ObjectName,
) -> Result<Option<u64>, StoreError> {
    let gone = clear(tx, index, name).await?;
    count(tx, index, -gone).await
}

/// 1 if the object was in the index, else 0.
async fn clear<T: Tx>(tx: &mut T, index: &str, name: &ObjectName) -> Result<i64, StoreError> {
    let gone = tx.execute(&REMOVE, &[index.into(), name.user.into(), (&name.key).into()]).await?;
    Ok(i64::from(gone > 0))
}

async fn count<T: Tx>(tx: &mut T, index: &str, change: i64) -> Result<Option<u64>, StoreError> {
    tx.optional(&COUNT, &[index.into(), change.into()], |row| row.count(0)).await
}

/// Takes an object out of every index, declared or not any more.
pub(super) async fn forget<T: Tx>(tx: &mut T, name: &ObjectName) -> Result<(), StoreError> {
    let known = tx.rows(&ALL_KNOWN, &[KNOWN_AT_ONCE.into()], |row| row.text(0)).await?;
    for index in known {
        let held = tx.optional(&KNOWN, &[(&index).into()], |row| row.text(0)).await?;
        let collection = held.as_deref().and_then(|definition| definition.split('\n').next());
        if collection == Some(&name.collection) {
            remove(tx, &index, name).await?;
        }
    }
    Ok(())
}

/// A place in an index: (value, owner, key).
pub type EntryPlace = (Vec<u8>, UserId, String);

/// Walks along a field of an index, from low values to high ones or back, and reads the objects there.
#[derive(Clone, Debug)]
pub struct ObjectsWalk {
    /// The index.
    pub index: String,
    /// The collection that it is of.
    pub collection: String,
    /// The field.
    pub field: String,
    /// Where it goes on: what comes after this place (before it, backwards).
    pub from: EntryPlace,
    /// The last value of the walk, itself included.
    pub to: Vec<u8>,
    /// From high values to low ones.
    pub back: bool,
    /// At most so many.
    pub limit: u32,
}

impl Operation for ObjectsWalk {
    /// In the order of the walk. An object that is gone meanwhile is not there, its place is.
    type Output = Vec<(EntryPlace, Option<Object>)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (value, user, key) = &self.from;
        let values = [
            (&self.index).into(),
            (&self.field).into(),
            (&self.to).into(),
            value.into(),
            (*user).into(),
            key.into(),
            self.limit.into(),
        ];
        let statement = if self.back { &WALK_BACK } else { &WALK };
        let places =
            tx.rows(statement, &values, |row| Ok((row.blob(0)?, UserId(row.id(1)?), row.text(2)?))).await?;
        let mut found = Vec::with_capacity(places.len());
        for place in places {
            let name =
                ObjectName { user: place.1, collection: self.collection.clone(), key: place.2.clone() };
            found.push((place, get(tx, &name).await?));
        }
        Ok(found)
    }
}

/// What the store knows of an index.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IndexKnown {
    /// What it holds, as its declaration says; its first line is the collection. Empty while it is being filled.
    pub definition: String,
    /// Objects in it.
    pub entries: u64,
}

/// Reads what the store knows of an index.
#[derive(Clone, Debug)]
pub struct IndexGet {
    /// Which.
    pub name: String,
}

impl Operation for IndexGet {
    type Output = Option<IndexKnown>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&KNOWN, &[(&self.name).into()], |row| {
            Ok(IndexKnown { definition: row.text(0)?, entries: row.count(1)? })
        })
        .await
    }
}

/// Empties an index, a bounded number of entries at a time, and then begins it anew under this definition.
#[derive(Clone, Debug)]
pub struct IndexBegin {
    /// Which.
    pub name: String,
    /// As [`IndexKnown::definition`]; one that says that the index is not filled yet.
    pub definition: String,
    /// At most so many.
    pub limit: u32,
}

impl Operation for IndexBegin {
    /// Whether it is empty and begun.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let gone = tx.execute(&CLEAR, &[(&self.name).into(), self.limit.into()]).await?;
        tx.execute(&DECLARE, &[(&self.name).into(), (&self.definition).into()]).await?;
        Ok(gone < u64::from(self.limit))
    }
}

/// Enters objects that were there before the index was.
#[derive(Clone, Debug)]
pub struct IndexFill {
    /// The objects' names, when they were last written, and what the index holds of them.
    pub objects: Vec<(ObjectName, i64, Listed)>,
}

impl Operation for IndexFill {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        for (name, updated_ms, listed) in &self.objects {
            // Written again meanwhile: then the writer has entered it.
            if get(tx, name).await?.is_some_and(|object| object.updated_ms == *updated_ms) {
                replace(tx, name, std::slice::from_ref(listed), *updated_ms).await?;
            }
        }
        Ok(())
    }
}

/// Says that an index is filled.
#[derive(Clone, Debug)]
pub struct IndexReady {
    /// Which.
    pub name: String,
    /// As [`IndexKnown::definition`].
    pub definition: String,
}

impl Operation for IndexReady {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&DEFINE, &[(&self.name).into(), (&self.definition).into()]).await?;
        Ok(())
    }
}

/// Removes an index that is not declared any more, a bounded number of entries at a time.
#[derive(Clone, Debug)]
pub struct IndexDrop {
    /// Those that are declared.
    pub declared: Vec<String>,
    /// At most so many entries.
    pub limit: u32,
}

impl Operation for IndexDrop {
    /// Whether none is left.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let known = tx.rows(&ALL_KNOWN, &[KNOWN_AT_ONCE.into()], |row| row.text(0)).await?;
        for index in known.iter().filter(|index| !self.declared.contains(index)) {
            if tx.execute(&CLEAR, &[index.into(), self.limit.into()]).await? >= u64::from(self.limit) {
                return Ok(false);
            }
            tx.execute(&DROP, &[index.into()]).await?;
        }
        Ok(known.len() < KNOWN_AT_ONCE as usize)
    }
}
