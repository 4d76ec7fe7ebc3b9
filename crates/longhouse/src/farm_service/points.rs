//! `farm_points`: what a farm can be taken back to.

use std::sync::Arc;

use app::rpc::{Call, RpcError, payload};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::About;
use super::room::Farms;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    user_id: Option<String>,
}

/// The points of the caller's farm, or of the one that an operator names; the newest first.
pub async fn points(farms: Arc<Farms>, call: Call) -> Result<String, RpcError> {
    let Wanted { user_id } = match call.payload.trim() {
        "" => Wanted { user_id: None },
        _ => payload(&call)?,
    };
    let about = About::of(&call.caller, user_id.as_deref())?;
    let farm = farms.find(about.owner).await?;
    let mut points = farms.services.rooms.points(farm).await?;
    points.sort_by_key(|point| std::cmp::Reverse(point.seq));
    let points = points.iter().map(|point| {
        json!({
            "seq": point.seq.0.to_string(),
            "at_ms": point.at_ms,
            "why": point.why,
            "label": label(&point.label),
        })
    });
    Ok(json!({ "points": points.collect::<Vec<_>>() }).to_string())
}

/// A farm's label is JSON; one that is not is shown as it is.
pub fn label(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}
