//! Stored objects: a JSON text with a version and permissions, under an owner, a collection and a key.
//!
//! What a value says is the caller's business: its version and the entries of declared indexes come in ready-made.

pub(crate) mod entries;
pub(crate) mod list;
mod multi;
pub(crate) mod objects;

pub use entries::*;
pub use list::*;
pub use multi::*;
pub use objects::*;

use serde::{Deserialize, Serialize};

use crate::UserId;

/// The owner of what belongs to the server.
pub const NOBODY: UserId = UserId(0);

/// Which object.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ObjectName {
    /// The owner, or [`NOBODY`].
    pub user: UserId,
    /// The collection.
    pub collection: String,
    /// The key in it.
    pub key: String,
}

/// A stored object.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Object {
    /// Which.
    pub name: ObjectName,
    /// Changes with the value.
    pub version: u128,
    /// Who may read: 0 the server, 1 the owner, 2 everybody.
    pub may_read: u32,
    /// Who may write: 0 the server, 1 the owner.
    pub may_write: u32,
    /// When it was first written.
    pub created_ms: i64,
    /// When it was last written.
    pub updated_ms: i64,
    /// A JSON object as text.
    pub value: String,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asks {
    /// Server code, which may do everything.
    Server,
    /// A player.
    User(UserId),
}

impl Asks {
    /// May this one read an object of `owner` with that permission?
    pub fn may_read(self, owner: UserId, permission: u32) -> bool {
        match self {
            Self::Server => true,
            Self::User(user) => permission == 2 || permission == 1 && owner == user,
        }
    }

    /// The permission that an object must at least have for this one to write it. Whose it is, the caller has checked.
    fn writes_from(self) -> u32 {
        match self {
            Self::Server => 0,
            Self::User(_) => 1,
        }
    }
}
