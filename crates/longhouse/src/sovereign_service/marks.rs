//! Where the players of a war came from: marks of addresses and devices, kept apart from the war's log. A mark is a keyed
//! hash that holds within one war: two of the same war can be compared, two of different wars cannot, and none can be read
//! back. They lie among the player's own documents, so they are taken along with the account and erased with it.

use std::collections::BTreeMap;

use app::rpc::RpcError;
use app::storage::WriteObject;
use kernel::RoomId;
use serde::{Deserialize, Serialize};
use server::extend::Asker;
use store::{Asks, ObjectName, UserId};
use uuid::Uuid;
use wire::envelope::Message;

use super::wars::Wars;

/// The collection, under the player; the key is the room.
const COLLECTION: &str = "sovereign_marks";
/// Addresses, and devices, that are kept of one player in one war.
const MARKS_MAX: usize = 8;
/// The name under which a page gives its device's id at login.
const DEVICE: &str = "device";

/// Where one player came from in one war. Marks are 32 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Marks {
    /// Addresses, or networks of the newer kind.
    pub addresses: Vec<String>,
    /// Devices.
    pub devices: Vec<String>,
}

impl Marks {
    /// Notes one more of each; `true` if that says something new.
    fn add(&mut self, address: Option<String>, device: Option<String>) -> bool {
        let put = |list: &mut Vec<String>, mark: Option<String>| {
            let new = mark.filter(|mark| list.len() < MARKS_MAX && !list.contains(mark));
            let is_new = new.is_some();
            list.extend(new);
            is_new
        };
        put(&mut self.addresses, address) | put(&mut self.devices, device)
    }
}

/// Called after somebody asked to join a match: if it is a war and not to watch, notes from where.
pub async fn note(wars: &Wars, asker: Asker, message: &Message) -> Result<(), RpcError> {
    let (Message::MatchJoin(join), Some(user), Some(origin)) = (message, asker.user, asker.origin) else {
        return Ok(());
    };
    let room = join.match_id.as_deref().and_then(|id| wars.room_of(id).ok());
    let Some(room) = room.filter(|_| !join.metadata.contains_key("spectate")) else { return Ok(()) };
    if wars.war(room).await?.is_none() {
        return Ok(());
    }
    let vault = wars.services.accounts.vault();
    let mark = |text: String| format!("{:032x}", vault.mark(room.0, &text));
    let address = (origin.household != 0).then(|| mark(format!("address {}", origin.household)));
    // A page that names no device is known by its program and its address, of which one alone says little.
    let device = match asker.vars.get(DEVICE).filter(|id| !id.is_empty()) {
        Some(id) => Some(mark(format!("device {id}"))),
        None => (origin.household != 0 && origin.agent != 0)
            .then(|| mark(format!("program {} {}", origin.household, origin.agent))),
    };
    let mut marks = of(wars, room, &[user]).await?.remove(&user).unwrap_or_default();
    if !marks.add(address, device) {
        return Ok(());
    }
    let object = WriteObject {
        user,
        collection: COLLECTION.into(),
        key: key(room),
        value: serde_json::to_string(&marks).map_err(|error| RpcError::Failed(error.to_string()))?,
        version: String::new(),
        may_read: Some(0),
        may_write: Some(0),
    };
    wars.services.storage.write(Asks::Server, vec![object]).await?;
    Ok(())
}

/// The marks of these players in a war; those who have none are left out.
pub async fn of(wars: &Wars, room: RoomId, users: &[UserId]) -> Result<BTreeMap<UserId, Marks>, RpcError> {
    let mut found = BTreeMap::new();
    for some in users.chunks(app::storage::BATCH_MAX) {
        let name = |user: &UserId| ObjectName { user: *user, collection: COLLECTION.into(), key: key(room) };
        let objects = wars.services.storage.read(Asks::Server, some.iter().map(name).collect()).await?;
        for object in objects {
            let marks = serde_json::from_str(&object.value)
                .map_err(|error| RpcError::Failed(format!("marks cannot be read: {error}")))?;
            found.insert(object.name.user, marks);
        }
    }
    Ok(found)
}

fn key(room: RoomId) -> String {
    Uuid::from_u128(room.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_noted_and_only_so_much() {
        let text = |number: usize| Some(format!("{number:032x}"));
        let mut marks = Marks::default();
        assert!(marks.add(text(1), text(2)));
        assert!(!marks.add(text(1), text(2)));
        assert!(!marks.add(None, None));
        assert!(marks.add(text(1), text(3)));
        for number in 4..100 {
            marks.add(text(number), text(number));
        }
        assert_eq!((marks.addresses.len(), marks.devices.len()), (MARKS_MAX, MARKS_MAX));
        assert!(!marks.add(text(100), None));
    }
}
