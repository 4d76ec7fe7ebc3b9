//! Stored objects: a player's own, and what others let everybody read.

use std::sync::Arc;

use app::storage::{DeleteObject, StorageError, StoragePage, WriteObject, version_text};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use store::{Asks, NOBODY, Object, ObjectAck, ObjectName, UserId};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{
    Code, DeleteStorageObjectsRequest, ErrorBody, ReadStorageObjectsRequest, StorageObject, StorageObjectAck,
    StorageObjectAcks, StorageObjectList, StorageObjects, WriteStorageObjectsRequest,
};

use super::{done, json, rfc3339};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault, body};

/// Objects in one page where the client does not say.
const LIMIT_DEFAULT: u32 = 100;

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(read, write))
        .routes(routes!(delete))
        .routes(routes!(list))
        .routes(routes!(list_of_user))
}

/// Reads objects. One that is not there or may not be read is not in the answer.
#[utoipa::path(
    post,
    path = "/v2/storage",
    tag = "storage",
    operation_id = "read_storage_objects",
    request_body = ReadStorageObjectsRequest,
    responses((status = 200, body = StorageObjects), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn read(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let ReadStorageObjectsRequest { object_ids } = body(&house, sent).await?;
    let names = object_ids.into_iter().map(|id| {
        Ok(ObjectName { user: owner(&id.user_id)?.unwrap_or(NOBODY), collection: id.collection, key: id.key })
    });
    let names = names.collect::<Result<_, Fault>>()?;
    let objects = house.services.storage.read(Asks::User(holder.user), names).await?;
    Ok(json(&StorageObjects { objects: objects.into_iter().map(shape).collect() }))
}

/// Writes objects of the caller: all of them, or none where a version or a permission is against one.
#[utoipa::path(
    put,
    path = "/v2/storage",
    tag = "storage",
    operation_id = "write_storage_objects",
    request_body = WriteStorageObjectsRequest,
    responses((status = 200, body = StorageObjectAcks), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn write(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let WriteStorageObjectsRequest { objects } = body(&house, sent).await?;
    let objects = objects.into_iter().map(|object| WriteObject {
        user: holder.user,
        collection: object.collection,
        key: object.key,
        value: object.value,
        version: object.version,
        may_read: object.permission_read,
        may_write: object.permission_write,
    });
    let acks = house.services.storage.write(Asks::User(holder.user), objects.collect()).await?;
    let acks = acks.into_iter().map(|ack| {
        let ObjectAck { name, version, created_ms, updated_ms } = ack;
        StorageObjectAck {
            collection: name.collection,
            key: name.key,
            version: version_text(version),
            user_id: name.user.to_string(),
            create_time: rfc3339(created_ms),
            update_time: rfc3339(updated_ms),
        }
    });
    Ok(json(&StorageObjectAcks { acks: acks.collect() }))
}

/// Deletes objects of the caller: all of them, or none where one is not there or must stay.
#[utoipa::path(
    put,
    path = "/v2/storage/delete",
    tag = "storage",
    operation_id = "delete_storage_objects",
    request_body = DeleteStorageObjectsRequest,
    responses((status = 200, description = "Deleted"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn delete(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let DeleteStorageObjectsRequest { object_ids } = body(&house, sent).await?;
    let objects = object_ids.into_iter().map(|id| DeleteObject {
        user: holder.user,
        collection: id.collection,
        key: id.key,
        version: id.version,
    });
    house.services.storage.delete(Asks::User(holder.user), objects.collect()).await?;
    Ok(done())
}

/// Which page. Numbers are text here, so that a bad one is named in the answer.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Wanted {
    /// Whose objects; everybody's that are public, if nothing is said.
    user_id: String,
    /// From 1 to 100; 100 unless given.
    #[param(value_type = Option<i32>)]
    limit: Option<String>,
    /// Where the page before ended.
    cursor: String,
}

/// The same for one owner.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct WantedOfUser {
    /// From 1 to 100; 100 unless given.
    #[param(value_type = Option<i32>)]
    limit: Option<String>,
    /// Where the page before ended.
    cursor: String,
}

/// Lists a collection: what everybody may read, or what the caller may read of one owner's.
#[utoipa::path(
    get,
    path = "/v2/storage/{collection}",
    tag = "storage",
    operation_id = "list_storage_objects",
    params(("collection" = String, Path, description = "The collection"), Wanted),
    responses((status = 200, body = StorageObjectList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(collection): Path<String>,
    Ask(wanted): Ask<Wanted>,
) -> Result<Response, Fault> {
    let Wanted { user_id, limit, cursor } = wanted;
    page(&house, holder.user, &collection, &user_id, &limit, &cursor).await
}

/// Lists what the caller may read of one owner's objects in a collection.
#[utoipa::path(
    get,
    path = "/v2/storage/{collection}/{user_id}",
    tag = "storage",
    operation_id = "list_storage_objects_of_user",
    params(
        ("collection" = String, Path, description = "The collection"),
        ("user_id" = String, Path, description = "Whose objects"),
        WantedOfUser
    ),
    responses((status = 200, body = StorageObjectList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list_of_user(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path((collection, user_id)): Path<(String, String)>,
    Ask(wanted): Ask<WantedOfUser>,
) -> Result<Response, Fault> {
    let WantedOfUser { limit, cursor } = wanted;
    page(&house, holder.user, &collection, &user_id, &limit, &cursor).await
}

async fn page(
    house: &House,
    asks: UserId,
    collection: &str,
    user_id: &str,
    limit: &Option<String>,
    cursor: &str,
) -> Result<Response, Fault> {
    let owner = owner(user_id)?;
    let limit = match limit.as_deref() {
        None | Some("") => LIMIT_DEFAULT,
        Some(text) => text.parse().map_err(|_| Fault::from(StorageError::Limit))?,
    };
    let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
    let listed = house.services.storage.list(Asks::User(asks), collection, owner, limit, cursor).await?;
    let StoragePage { objects, cursor } = listed;
    let objects = objects.into_iter().map(shape).collect();
    Ok(json(&StorageObjectList { objects, cursor: cursor.unwrap_or_default() }))
}

/// An owner; none for an empty text.
fn owner(user_id: &str) -> Result<Option<UserId>, Fault> {
    match user_id {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Fault::invalid("a user id must be a UUID")),
    }
}

fn shape(object: Object) -> StorageObject {
    let Object { name, version, may_read, may_write, created_ms, updated_ms, value } = object;
    StorageObject {
        collection: name.collection,
        key: name.key,
        user_id: name.user.to_string(),
        value,
        version: version_text(version),
        permission_read: may_read.cast_signed(),
        permission_write: may_write.cast_signed(),
        create_time: rfc3339(created_ms),
        update_time: rfc3339(updated_ms),
    }
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Store(error) => error.into(),
            StorageError::NoIndex | StorageError::NoAccount => Fault::new(Code::NotFound, error.to_string()),
            StorageError::NameTaken => Fault::new(Code::AlreadyExists, error.to_string()),
            error => Fault::new(Code::InvalidArgument, error.to_string()),
        }
    }
}
