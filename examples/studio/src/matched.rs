//! A hook for players who were matched: those who ask for the mode "plaza" get one that is as large as they are many; all
//! others get a relayed match.

use app::matchmaker::RoomPlan;
use serde_json::json;
use server::extend::Extensions;

/// Paces of room for each player.
const PACES: usize = 50;

pub fn register(house: &mut Extensions) {
    house.on_matched(|matched| {
        let wants = |mode: Option<&String>| mode.is_some_and(|mode| mode == "plaza");
        if !matched.users.iter().all(|user| wants(user.strings.get("mode"))) {
            return None;
        }
        let edge = matched.users.len() * PACES;
        let setup = json!({ "width": edge, "height": edge }).to_string();
        Some(RoomPlan { rules: "plaza".into(), setup: setup.into_bytes() })
    });
}
