//! The functions about wallets that every house has. Amounts in answers are numbers as JSON has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::{Balance, LedgerItem, UserId};
use uuid::Uuid;

use super::{LedgerPage, WalletError, WalletUpdate};
use crate::rpc::{Call, RpcError, Rpcs, payload};
use crate::services::Services;

/// Lines of a page, if nothing is said.
const PAGE: u32 = 20;

/// Registers `wallet_update`, `wallet_ledger` and `wallet_ledger_update` for servers, and `wallet_ledger_list` for players.
pub fn functions(rpcs: &mut Rpcs, services: &Arc<Services>) {
    let with = Arc::clone(services);
    rpcs.register("wallet_update", move |call| update(Arc::clone(&with), call));
    let with = Arc::clone(services);
    rpcs.register("wallet_ledger", move |call| ledger(Arc::clone(&with), call));
    let with = Arc::clone(services);
    rpcs.register("wallet_ledger_update", move |call| annotate(Arc::clone(&with), call));
    let with = Arc::clone(services);
    rpcs.register("wallet_ledger_list", move |call| own_ledger(Arc::clone(&with), call));
}

#[derive(Deserialize)]
struct Update {
    updates: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    user_id: String,
    changeset: BTreeMap<String, i64>,
    #[serde(default)]
    metadata: Map<String, Value>,
}

async fn update(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Update { updates } = payload(&call)?;
    let updates = updates.into_iter().map(|One { user_id, changeset, metadata }| {
        Ok(WalletUpdate { user: user(&user_id)?, changes: changeset, metadata })
    });
    let done = services.wallets.update_many(updates.collect::<Result<_, RpcError>>()?).await?;
    let results: Vec<_> = done
        .into_iter()
        .map(|done| {
            json!({
                "id": Uuid::from_u128(done.id).to_string(),
                "user_id": done.user.to_string(),
                "previous": amounts(done.before),
                "updated": amounts(done.after),
            })
        })
        .collect();
    Ok(json!({ "results": results }).to_string())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct List {
    user_id: String,
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn ledger(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let list: List = payload(&call)?;
    let whose = user(&list.user_id)?;
    page(&services, whose, &list).await
}

async fn own_ledger(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    let whose = call.caller.user()?;
    let list = if call.payload.is_empty() { List::default() } else { payload(&call)? };
    page(&services, whose, &list).await
}

async fn page(services: &Services, whose: UserId, list: &List) -> Result<String, RpcError> {
    let at = list.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let page = services.wallets.ledger(whose, list.limit.unwrap_or(PAGE), at).await?;
    let LedgerPage { items, cursor } = page;
    let items: Vec<_> = items.into_iter().map(item).collect();
    Ok(json!({ "items": items, "cursor": cursor.unwrap_or_default() }).to_string())
}

#[derive(Deserialize)]
struct Annotate {
    id: String,
    metadata: Map<String, Value>,
}

async fn annotate(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Annotate { id, metadata } = payload(&call)?;
    let id: Uuid = id.parse().map_err(|_| RpcError::Invalid("an id must be a UUID".into()))?;
    Ok(item(services.wallets.annotate(id.as_u128(), &metadata).await?).to_string())
}

/// A line of a ledger. One that an input of a room caused is named by the room, the input and its place in it.
fn item(item: LedgerItem) -> Value {
    let (created_ms, source, seq, index) = item.place;
    let source = Uuid::from_u128(source);
    let id = if item.by_room { format!("{source}:{seq}:{index}") } else { source.to_string() };
    json!({
        "id": id,
        "user_id": item.user.to_string(),
        "changeset": item.changes,
        "metadata": serde_json::from_str::<Value>(&item.metadata).unwrap_or_default(),
        "create_time": wire::time::rfc3339(created_ms),
        "update_time": wire::time::rfc3339(item.updated_ms),
    })
}

fn amounts(held: Vec<Balance>) -> Map<String, Value> {
    held.into_iter().map(|balance| (balance.currency, balance.amount.into())).collect()
}

fn user(text: &str) -> Result<UserId, RpcError> {
    text.parse().map_err(|_| RpcError::Invalid("a user id must be a UUID".into()))
}

impl From<WalletError> for RpcError {
    fn from(error: WalletError) -> Self {
        match error {
            WalletError::Store(error) => error.into(),
            WalletError::Short | WalletError::Full => RpcError::Refused(error.to_string().into()),
            WalletError::NoAccount | WalletError::NoItem => RpcError::Missing(error.to_string().into()),
            error => RpcError::Invalid(error.to_string().into()),
        }
    }
}
