//! `farm_sync`: a chunk of what a device played without a connection. The rules judge each action against the farm that
//! it meets; a chunk that comes again is answered as it was, by its device's numbers.

use std::sync::Arc;

use app::rpc::{Call, RpcError, payload};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::room::Farms;
use super::transcode::Device;

/// Actions in one chunk. The rules have the same bound; here it ends a long list before it is written anew.
const ACTIONS_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    device: String,
    after: u64,
    clock_ms: i64,
    actions: Vec<Map<String, Value>>,
}

/// The rules' command. What may stand in an action is theirs to say, key by key.
#[derive(Serialize)]
struct Sync {
    #[serde(rename = "do")]
    act: &'static str,
    device: Device,
    after: u64,
    clock_ms: i64,
    actions: Vec<Map<String, Value>>,
}

/// Opens the caller's farm if there is none, and gives it the chunk.
pub async fn sync(farms: Arc<Farms>, call: Call) -> Result<String, RpcError> {
    let owner = call.caller.user()?;
    let Wanted { device, after, clock_ms, actions } = payload(&call)?;
    if actions.len() > ACTIONS_MAX {
        return Err(RpcError::Invalid(format!("at most {ACTIONS_MAX} actions at once").into()));
    }
    let command = Sync { act: "sync", device: Device::parse(&device)?, after, clock_ms, actions };
    let farm = farms.open(owner).await?;
    Ok(farms.command(owner, farm, &command).await?.to_string())
}
