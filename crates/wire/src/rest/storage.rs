//! Stored objects: reading, writing, deleting, listing.

use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A stored object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StorageObject {
    /// The collection.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub collection: String,
    /// The key in it.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub key: String,
    /// The owner; absent for the server's own.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id: String,
    /// A JSON object as text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub value: String,
    /// Changes with the value.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub version: String,
    /// Who may read: 0 no one, 1 the owner, 2 everyone.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub permission_read: i32,
    /// Who may write: 0 no one, 1 the owner.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub permission_write: i32,
    /// When it was first written.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub create_time: String,
    /// When it was last written.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub update_time: String,
}

/// Answer to reading objects by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StorageObjects {
    /// Those that were found and may be read.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<StorageObject>,
}

/// Answer to listing a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StorageObjectList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<StorageObject>,
    /// Where the next page begins; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
}

/// Which object to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReadStorageObjectId {
    /// The collection.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub collection: String,
    /// The key in it.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub key: String,
    /// The owner; absent for the server's own.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id: String,
}

/// Body of a read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReadStorageObjectsRequest {
    /// Which objects.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub object_ids: Vec<ReadStorageObjectId>,
}

/// One object to write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WriteStorageObject {
    /// The collection.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub collection: String,
    /// The key in it.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub key: String,
    /// A JSON object as text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub value: String,
    /// Absent: write in any case. `*`: only if there is none. Else: only over this version.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub version: String,
    /// Who may read: 0 no one, 1 the owner, 2 everyone; absent is 1.
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub permission_read: Option<i32>,
    /// Who may write: 0 no one, 1 the owner; absent is 1.
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub permission_write: Option<i32>,
}

/// Body of a write: all of it happens, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WriteStorageObjectsRequest {
    /// The objects.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<WriteStorageObject>,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StorageObjectAck {
    /// The collection.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub collection: String,
    /// The key in it.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub key: String,
    /// For the next write.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub version: String,
    /// The owner.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id: String,
    /// When it was first written.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub create_time: String,
    /// When it was last written.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub update_time: String,
}

/// Answer to a write, in the order of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StorageObjectAcks {
    /// One for each object.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub acks: Vec<StorageObjectAck>,
}

/// Which object to delete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DeleteStorageObjectId {
    /// The collection.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub collection: String,
    /// The key in it.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub key: String,
    /// Absent: delete in any case. Else: only this version.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub version: String,
}

/// Body of a deletion: all of it happens, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DeleteStorageObjectsRequest {
    /// Which objects.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub object_ids: Vec<DeleteStorageObjectId>,
}
