//! A function that creates a room: a small plaza, of which the caller tells the others the match id.

use app::rpc::Call;
use serde_json::json;
use server::extend::Extensions;

pub fn register(house: &mut Extensions) {
    let services = house.services();
    house.rpc("plaza_open", move |call: Call| {
        let services = services.clone();
        async move {
            let user = call.caller.user()?;
            let setup = json!({ "width": 100, "height": 100 }).to_string();
            let room = services.rooms.open(user, "plaza", setup.into_bytes(), false).await?;
            Ok(json!({ "match_id": services.match_id(room) }).to_string())
        }
    });
}
