//! `farm_import`: the save of a game that was only ever played on a device. Taken once, into a young farm, if the rules
//! find it possible.

use std::sync::Arc;

use app::rpc::{Call, RpcError, payload};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::room::Farms;

/// Bytes of a save as JSON; as MessagePack, which the rules bound, it is shorter.
const SAVE_BYTES_MAX: usize = 16 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    save: Map<String, Value>,
}

#[derive(Serialize)]
struct Import {
    #[serde(rename = "do")]
    act: &'static str,
    save: Map<String, Value>,
}

/// Opens the caller's farm if there is none, and gives it the save.
pub async fn import(farms: Arc<Farms>, call: Call) -> Result<String, RpcError> {
    let owner = call.caller.user()?;
    if call.payload.len() > SAVE_BYTES_MAX {
        return Err(RpcError::Invalid(format!("a save has at most {SAVE_BYTES_MAX} bytes").into()));
    }
    let Wanted { save } = payload(&call)?;
    let farm = farms.open(owner).await?;
    Ok(farms.command(owner, farm, &Import { act: "import", save }).await?.to_string())
}
