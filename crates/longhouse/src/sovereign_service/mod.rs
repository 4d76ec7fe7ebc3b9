//! What the house does for Sovereign Lines beside its rules: functions that pages and operators call, what becomes of
//! those who are matched, results, and reports of how people played.
//!
//! | file | idea |
//! | --- | --- |
//! | `mod.rs` | what is registered |
//! | `wars.rs` | a war by its match id: opening it, finding it, who sits where |
//! | `map.rs` | its ground, for pages |
//! | `matched.rs` | a war for those whom the matchmaker brought together |
//! | `replay.rs` | its past: any step of it, and what came after |
//! | `results.rs`, `prizes.rs` | what its end brings: everybody's list of wars, wins, achievements |
//! | `marks.rs` | where people came from, as marks that cannot be read back |
//! | `report.rs` | how people played, and what of it an operator should look at |
//!
//! What this does not do: it decides nothing about the game. Who may do what, and who has won, is said by the rules
//! (`games/sovereign`).

mod map;
mod marks;
mod matched;
mod prizes;
mod replay;
mod report;
mod results;
#[cfg(test)]
mod testing;
mod wars;

use std::sync::Arc;

use app::rpc::{Call, RpcError};
use server::extend::Extensions;

use map::Maps;
use report::Reports;
use results::Results;
use wars::Wars;

/// The rules' name.
const RULES: &str = "sovereign";

/// Registers all of it.
pub fn register(house: &mut Extensions) {
    let services = house.services();
    let wars = Arc::new(Wars::new(Arc::clone(&services)));
    rpc(house, &wars, "war_open", wars::open);
    rpc(house, &wars, "war_players", wars::players);
    rpc(house, &wars, "war_replay", replay::replay);
    rpc(house, &wars, "war_replays", results::replays);
    let maps = Arc::new(Maps::new(Arc::clone(&wars)));
    rpc(house, &maps, "war_map", map::map);
    let reports = Arc::new(Reports::new(Arc::clone(&wars)));
    rpc(house, &reports, "war_report", report::report);
    rpc(house, &reports, "war_flags", report::flags);

    house.on_matched(matched::plan);
    let marking = Arc::clone(&wars);
    house.after_message("match_join", move |asker, message, _| {
        let wars = Arc::clone(&marking);
        async move { marks::note(&wars, asker, &message).await }
    });
    let results = Arc::new(Results::new(wars, reports));
    house.on_events("sovereign_results", move |events| {
        let results = Arc::clone(&results);
        async move { results.take(events).await }
    });
    house.at_start(async move { prizes::create(&services).await });
}

fn rpc<T, F, A>(house: &mut Extensions, with: &Arc<T>, id: &str, function: F)
where
    T: Send + Sync + 'static,
    F: Fn(Arc<T>, Call) -> A + Send + Sync + 'static,
    A: Future<Output = Result<String, RpcError>> + Send + 'static,
{
    let with = Arc::clone(with);
    house.rpc(id, move |call| function(Arc::clone(&with), call));
}
