//! What the house does for Llama Wool Farm beside its rules: functions that pages and operators call, ranks and
//! achievements.
//!
//! | file | idea |
//! | --- | --- |
//! | `mod.rs` | what is registered |
//! | `caller.rs` | whose farm a call is about |
//! | `room.rs` | a player's farm: finding it, giving it a command, looking at it |
//! | `transcode.rs` | JSON outside, MessagePack inside |
//! | `sync.rs`, `import.rs` | play from before the connection: a chunk of actions, a save of a local game |
//! | `visit.rs` | somebody else's farm, what is public of it |
//! | `points.rs`, `restore.rs`, `purse.rs`, `line.rs` | restore points, going back to one, and the wallet with it |
//! | `often.rs` | how often a player may go back |
//! | `boards.rs`, `score.rs`, `ranks.rs` | the boards, what a farm reports, and bringing the one to the other |
//! | `achievements.rs` | what the content says there is to achieve |
//!
//! What this does not do: it decides nothing about the game. Whether an action is possible, what a farm is worth and what
//! counts for ranks is said by the rules (`games/farm`), whose word is only carried from one shape to another here.

mod achievements;
mod boards;
mod caller;
mod import;
mod line;
mod often;
mod points;
mod purse;
mod ranks;
mod restore;
mod room;
mod score;
mod sync;
mod transcode;
mod visit;

use std::sync::Arc;

use app::rpc::{Call, RpcError};
use server::extend::Extensions;

use achievements::Goals;
use ranks::Ranks;
use room::Farms;

/// The rules' name.
const RULES: &str = "farm";

/// Registers all of it.
pub fn register(house: &mut Extensions) {
    let services = house.services();
    let farms = Arc::new(Farms::new(Arc::clone(&services)));
    rpc(house, &farms, "farm_sync", sync::sync);
    rpc(house, &farms, "farm_import", import::import);
    rpc(house, &farms, "farm_visit", visit::visit);
    rpc(house, &farms, "farm_points", points::points);
    rpc(house, &farms, "farm_restore", restore::restore);

    let goals = Arc::new(Goals::new(Arc::clone(&services)));
    let ranks = Arc::new(Ranks::new(Arc::clone(&services), Arc::clone(&goals)));
    house.on_events("farm_ranks", move |events| {
        let ranks = Arc::clone(&ranks);
        async move { ranks.take(events).await }
    });
    house.at_start(async move {
        boards::create(&services).await?;
        goals.follow().await
    });
}

fn rpc<F, A>(house: &mut Extensions, farms: &Arc<Farms>, id: &str, function: F)
where
    F: Fn(Arc<Farms>, Call) -> A + Send + Sync + 'static,
    A: Future<Output = Result<String, RpcError>> + Send + 'static,
{
    let farms = Arc::clone(farms);
    house.rpc(id, move |call| function(Arc::clone(&farms), call));
}
