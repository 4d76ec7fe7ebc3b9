//! The wallet beside a restore: what goes back in it ([`super::line`] says how much), done together with remembering it.

use std::collections::BTreeMap;

use app::rpc::RpcError;
use app::services::Services;
use app::storage::{MultiUpdate, StorageError, WriteObject, version_text};
use app::wallets::WalletUpdate;
use kernel::{RoomId, Seq};
use serde_json::json;
use store::{Asks, LedgerEntry, LedgerOfRoom, ObjectName, UserId};

use super::line::{Past, Restore};

/// Where a farm's past restores are kept, for the service alone.
const COLLECTION: &str = "farm_restores";
/// Entries read at a time.
const PAGE: u32 = 1_000;
/// Entries that one restore looks at.
const ENTRIES_MAX: usize = 20_000;

/// What a restore moves in its owner's wallet.
pub struct Undone {
    /// What is undone: changes that stand in the ledger.
    pub standing: Vec<LedgerEntry>,
    /// By currency, what is added to the wallet.
    pub sums: BTreeMap<String, i64>,
    past: Past,
    version: String,
}

/// What going back to `to` would move, or has moved, when `head` was the farm's newest input.
pub async fn undone(
    services: &Services,
    owner: UserId,
    farm: RoomId,
    (head, to): (Seq, Seq),
) -> Result<Undone, RpcError> {
    let name = ObjectName { user: owner, collection: COLLECTION.into(), key: farm.to_string() };
    let object = services.storage.read(Asks::Server, vec![name]).await?.pop();
    let (past, version) = match object {
        Some(object) => {
            let past = serde_json::from_str::<Past>(&object.value);
            (past.map_err(|error| RpcError::Failed(error.to_string()))?, version_text(object.version))
        }
        None => (Past::default(), "*".to_owned()),
    };
    let mut entries = entries(services, farm, Seq(past.floor(to.0))).await?;
    entries.retain(|entry| entry.user == owner);
    let moved = past.moved(&entries, head.0, to.0);
    let sums = past.sums(&moved);
    let standing = moved.iter().filter(|(_, sign)| *sign < 0).map(|(entry, _)| (*entry).clone()).collect();
    Ok(Undone { standing, sums, past, version })
}

/// All changes that a farm's inputs after one have caused.
async fn entries(services: &Services, farm: RoomId, after: Seq) -> Result<Vec<LedgerEntry>, RpcError> {
    let (mut all, mut after): (Vec<LedgerEntry>, _) = (Vec::new(), after);
    loop {
        let page = services.core.read(LedgerOfRoom { room: farm, after, limit: PAGE }).await?;
        let Some(last) = page.last().map(|entry| entry.key.seq).filter(|_| page.len() == PAGE as usize)
        else {
            all.extend(page);
            return Ok(all);
        };
        // A page may end in the middle of an input, whose entries are then read again, all together.
        let whole = page.iter().filter(|entry| entry.key.seq < last).count();
        if whole == 0 || all.len() + whole > ENTRIES_MAX {
            return Err(RpcError::Refused("this point is too far back: too much has happened since".into()));
        }
        all.extend(page.into_iter().take(whole));
        after = Seq(last.0.saturating_sub(1));
    }
}

/// Could the wallet give what would be taken? The error says what is short.
pub async fn check(services: &Services, owner: UserId, sums: &BTreeMap<String, i64>) -> Result<(), RpcError> {
    let held = services.wallets.get(owner).await?;
    for (currency, sum) in sums {
        let held = held.get(currency).copied().unwrap_or_default();
        if held.saturating_add(*sum) < 0 {
            let wanted = sum.unsigned_abs();
            return Err(RpcError::Refused(
                format!("going back would take {wanted} {currency} back, and the wallet has {held}").into(),
            ));
        }
    }
    Ok(())
}

/// Moves it, as far as the wallet goes, and remembers the restore; both or neither. What was moved.
pub async fn settle(
    services: &Services,
    owner: UserId,
    farm: RoomId,
    undone: &Undone,
    (at, to): (Seq, Seq),
) -> Result<BTreeMap<String, i64>, RpcError> {
    let held = services.wallets.get(owner).await?;
    let given = undone.sums.iter().map(|(currency, sum)| {
        let held = held.get(currency).copied().unwrap_or_default();
        (currency.clone(), (*sum).max(-held))
    });
    let given: BTreeMap<_, _> = given.filter(|(_, amount)| *amount != 0).collect();
    let past = undone.past.with(Restore { to: to.0, at: at.0 }, &undone.sums, &given);
    let kept = WriteObject {
        user: owner,
        collection: COLLECTION.into(),
        key: farm.to_string(),
        value: json!(past).to_string(),
        version: undone.version.clone(),
        may_read: Some(0),
        may_write: Some(0),
    };
    let metadata = json!({ "farm_restored_to": to.to_string() }).as_object().cloned().unwrap_or_default();
    let wallets = match given.is_empty() {
        true => Vec::new(),
        false => vec![WalletUpdate { user: owner, changes: given.clone(), metadata }],
    };
    let update = MultiUpdate { writes: vec![kept], wallets, ..MultiUpdate::default() };
    match services.storage.multi_update(update).await {
        Ok(_) => Ok(given),
        Err(StorageError::Rejected) => {
            Err(RpcError::Unavailable("another restore of this farm is under way; ask again".into()))
        }
        Err(error) => Err(error.into()),
    }
}
