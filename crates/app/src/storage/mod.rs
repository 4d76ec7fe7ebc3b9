//! Players' documents: JSON objects with a version and permissions, by owner, collection and key.
//!
//! A write names the version that it replaces: none (the last write wins), `*` (only if there is nothing), or one that
//! was read. A batch is one transaction. Players reach their own objects and what is public; server code reaches
//! everything, and may change objects together with wallets and accounts ([`Storage::multi_update`]).

mod checks;
mod index;
mod multi;
mod query;

use std::collections::BTreeMap;

use parking_lot::RwLock;
use store::{
    Asks, ListOf, NOBODY, Object, ObjectAck, ObjectDelete, ObjectName, ObjectWrite, ObjectsDelete,
    ObjectsList, ObjectsRead, ObjectsWrite, Refusal, StoreError, UserId,
};

pub use index::{FIELDS_MAX, StorageIndex};
pub use multi::{MultiDone, MultiUpdate};
pub use query::{StorageFound, StorageQuery};

use crate::core::Core;
use crate::cursor;
use crate::query::QueryError;
use crate::rpc::RpcError;
use crate::wallets::WalletError;

/// Bytes of a collection's name and of a key.
pub const NAME_BYTES_MAX: usize = 128;
/// Bytes of a value.
pub const VALUE_BYTES_MAX: usize = 256 << 10;
/// How deep a value may be nested.
pub const VALUE_DEPTH_MAX: usize = 64;
/// Objects in one read, write or deletion.
pub const BATCH_MAX: usize = 100;
/// Objects in one page of a list.
pub const PAGE_MAX: u32 = 100;

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StorageError {
    /// A collection or a key cannot be one.
    #[error("a collection and a key must be set, with at most {NAME_BYTES_MAX} bytes each and no NUL")]
    Name,
    /// A value is no JSON object, or too large.
    #[error("a value must be a JSON object of at most {VALUE_BYTES_MAX} bytes and {VALUE_DEPTH_MAX} levels")]
    Value,
    /// A permission is none.
    #[error("a permission to read must be 0, 1 or 2, and one to write 0 or 1")]
    Permission,
    /// Too many objects at once.
    #[error("at most {BATCH_MAX} objects at once")]
    Batch,
    /// A limit is out of range.
    #[error("the limit must be from 1 to {PAGE_MAX}")]
    Limit,
    /// A cursor was changed, or belongs to another list.
    #[error("the cursor is invalid")]
    Cursor,
    /// A condition does not hold.
    #[error("storage write rejected: not found, another version, or not allowed")]
    Rejected,
    /// No index has that name.
    #[error("there is no index of that name")]
    NoIndex,
    /// The index does not hold the field.
    #[error("the index does not hold the field that is sorted by")]
    NoField,
    /// The query cannot be read.
    #[error("the query cannot be read: {0}")]
    Query(#[from] QueryError),
    /// A wallet that would have been changed as well.
    #[error(transparent)]
    Wallet(WalletError),
    /// An account that would have been changed as well.
    #[error("there is no such account")]
    NoAccount,
    /// An account that would have got somebody else's name.
    #[error("somebody else has that username")]
    NameTaken,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for StorageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(Refusal::Object) => Self::Rejected,
            StoreError::Refused(Refusal::NoAccount) => Self::NoAccount,
            StoreError::Refused(Refusal::NameTaken) => Self::NameTaken,
            StoreError::Refused(Refusal::Short | Refusal::Full) => Self::Wallet(error.into()),
            error => Self::Store(error),
        }
    }
}

impl From<StorageError> for RpcError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Store(error) => error.into(),
            StorageError::Wallet(error) => error.into(),
            StorageError::NoAccount | StorageError::NoIndex => RpcError::Missing(error.to_string().into()),
            StorageError::Rejected | StorageError::NameTaken => RpcError::Refused(error.to_string().into()),
            error => RpcError::Invalid(error.to_string().into()),
        }
    }
}

/// One object to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WriteObject {
    /// Whose; [`NOBODY`] for the server's own. A player writes under its own name only.
    pub user: UserId,
    /// The collection.
    pub collection: String,
    /// The key in it.
    pub key: String,
    /// A JSON object as text.
    pub value: String,
    /// Empty: in any case. `*`: only if there is nothing. Else: only over this version.
    pub version: String,
    /// Who may read: 0 the server, 1 the owner, 2 everybody; the owner, if nothing is said.
    pub may_read: Option<i32>,
    /// Who may write: 0 the server, 1 the owner; the owner, if nothing is said.
    pub may_write: Option<i32>,
}

/// One object to delete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeleteObject {
    /// Whose.
    pub user: UserId,
    /// The collection.
    pub collection: String,
    /// The key in it.
    pub key: String,
    /// Empty: whatever version it has. Else: only this version.
    pub version: String,
}

/// A page of objects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoragePage {
    /// In order.
    pub objects: Vec<Object>,
    /// Where the next page begins; nothing at the end.
    pub cursor: Option<String>,
}

/// The use cases.
pub struct Storage {
    core: Core,
    /// By collection.
    indexes: RwLock<BTreeMap<String, Vec<StorageIndex>>>,
}

impl Storage {
    /// Over what every domain works with; no index yet.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone(), indexes: RwLock::default() }
    }

    /// Reads objects by name: those that are there and may be read.
    pub async fn read(&self, asks: Asks, names: Vec<ObjectName>) -> Result<Vec<Object>, StorageError> {
        if names.len() > BATCH_MAX {
            return Err(StorageError::Batch);
        }
        names.iter().try_for_each(|name| checks::name(&name.collection, &name.key))?;
        if names.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.core.read(ObjectsRead { asks, names }).await?)
    }

    /// Writes objects, all or none; what was written, in their order.
    pub async fn write(&self, asks: Asks, objects: Vec<WriteObject>) -> Result<Vec<ObjectAck>, StorageError> {
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        let (writes, order) = self.writes(asks, objects)?;
        let write = ObjectsWrite { asks, writes, at_ms: self.core.now_ms() };
        let acks = self.core.write(write).await?.into_inner();
        Ok(in_order(acks, &order))
    }

    /// Deletes objects, all or none. A player that names one which is not there is refused; for server code there is
    /// nothing to do then.
    pub async fn delete(&self, asks: Asks, objects: Vec<DeleteObject>) -> Result<(), StorageError> {
        if objects.is_empty() {
            return Ok(());
        }
        let deletes = self.deletes(asks, objects)?;
        self.core.write(ObjectsDelete { asks, deletes }).await?;
        Ok(())
    }

    /// Lists a collection: with an owner, the owner's objects that may be read; without, everybody's that are public.
    /// For server code, all of them.
    pub async fn list(
        &self,
        asks: Asks,
        collection: &str,
        owner: Option<UserId>,
        limit: u32,
        at: Option<&str>,
    ) -> Result<StoragePage, StorageError> {
        checks::name(collection, "key")?;
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(StorageError::Limit);
        }
        let of = match (asks, owner) {
            (Asks::Server, Some(owner)) => ListOf::Owner(owner, 0),
            (Asks::Server, None) => ListOf::Everything,
            (Asks::User(user), Some(owner)) if user == owner => ListOf::Owner(owner, 1),
            (Asks::User(_), Some(owner)) => ListOf::PublicOf(owner),
            (Asks::User(_), None) => ListOf::Public,
        };
        let kind: u8 = match of {
            ListOf::Owner(_, 0) => 0,
            ListOf::Owner(..) => 1,
            ListOf::PublicOf(_) => 2,
            ListOf::Public => 3,
            ListOf::Everything => 4,
        };
        let owner = owner.map_or([0; 16], UserId::to_bytes);
        let scope: [&[u8]; 4] = [b"storage", &[kind], &owner, collection.as_bytes()];
        let after = match at {
            Some(text) => place(&cursor::open(&scope, text).map_err(|_| StorageError::Cursor)?)?,
            None => (NOBODY, String::new()),
        };
        let list = ObjectsList { collection: collection.to_owned(), of, after, limit };
        let page = self.core.read(list).await?;
        let cursor = page.next.map(|(user, key)| {
            let held = [&user.to_bytes()[..], key.as_bytes()].concat();
            cursor::seal(&scope, &held)
        });
        Ok(StoragePage { objects: page.objects, cursor })
    }

    /// Checks writes and puts them into the order in which everybody writes; with the place that each had.
    fn writes(
        &self,
        asks: Asks,
        objects: Vec<WriteObject>,
    ) -> Result<(Vec<ObjectWrite>, Vec<usize>), StorageError> {
        if objects.len() > BATCH_MAX {
            return Err(StorageError::Batch);
        }
        let mut writes = Vec::with_capacity(objects.len());
        for object in objects {
            checks::owner(asks, object.user)?;
            checks::name(&object.collection, &object.key)?;
            checks::value(&object.value)?;
            let (may_read, may_write) = checks::permissions(object.may_read, object.may_write)?;
            let name = ObjectName { user: object.user, collection: object.collection, key: object.key };
            writes.push(ObjectWrite {
                only_if: checks::only_if(&object.version),
                version: checks::version_of(&object.value),
                may_read,
                may_write,
                listed: self.listed(&name, &object.value),
                value: object.value,
                name,
            });
        }
        let mut order: Vec<usize> = (0..writes.len()).collect();
        order.sort_by(|&a, &b| writes[a].name.cmp(&writes[b].name));
        let mut sorted: Vec<_> = writes.into_iter().map(Some).collect();
        let writes = order.iter().filter_map(|&place| sorted[place].take()).collect();
        Ok((writes, order))
    }

    fn deletes(&self, asks: Asks, objects: Vec<DeleteObject>) -> Result<Vec<ObjectDelete>, StorageError> {
        if objects.len() > BATCH_MAX {
            return Err(StorageError::Batch);
        }
        let mut deletes = Vec::with_capacity(objects.len());
        for DeleteObject { user, collection, key, version } in objects {
            checks::owner(asks, user)?;
            checks::name(&collection, &key)?;
            let name = ObjectName { user, collection, key };
            let indexes = self.indexes_of(&name);
            deletes.push(ObjectDelete { only_if: checks::only_if(&version), indexes, name });
        }
        deletes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(deletes)
    }
}

/// Answers of sorted writes in the order in which they were asked for.
fn in_order(acks: Vec<ObjectAck>, order: &[usize]) -> Vec<ObjectAck> {
    let mut placed: Vec<_> = order.iter().copied().zip(acks).collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, ack)| ack).collect()
}

/// An owner and a key, as a cursor holds them.
fn place(held: &[u8]) -> Result<(UserId, String), StorageError> {
    let (user, key) = held.split_at_checked(16).ok_or(StorageError::Cursor)?;
    let user = UserId::from_slice(user).ok_or(StorageError::Cursor)?;
    let key = String::from_utf8(key.to_vec()).map_err(|_| StorageError::Cursor)?;
    Ok((user, key))
}

/// A version as clients see it.
pub fn version_text(version: u128) -> String {
    format!("{version:032x}")
}

#[cfg(test)]
mod tests;
