//! `war_map`: a war's ground, for pages. Views name it by its mark only, so that a page that has it already need not ask.
//!
//! A ground is made from the map's size and seed, which costs more than anything else here: one is made at a time, off the
//! threads that serve, and the newest few are kept.

use std::collections::VecDeque;
use std::sync::Arc;

use app::rpc::{Call, RpcError, payload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sovereign::{Map, Size};
use tokio::sync::Mutex;

use super::wars::{Named, Wars};

/// Grounds that are kept. The largest has about a megabyte.
const GROUNDS_KEPT: usize = 16;
/// Calls that wait for a ground to be made; a further one is asked to come back.
const WAITING_MAX: usize = 256;

/// What a ground is made from.
type Key = (Size, u64);

/// See the module.
pub struct Maps {
    wars: Arc<Wars>,
    /// The newest last. Held while a ground is made: whoever wants the same one waits and finds it.
    kept: Mutex<VecDeque<(Key, Arc<str>)>>,
    waiting: tokio::sync::Semaphore,
}

impl Maps {
    /// None yet.
    pub fn new(wars: Arc<Wars>) -> Self {
        Self { wars, kept: Mutex::default(), waiting: tokio::sync::Semaphore::new(WAITING_MAX) }
    }

    async fn answer(&self, key: Key) -> Result<Arc<str>, RpcError> {
        let busy = |_| RpcError::Unavailable("too many maps are asked for; try again".into());
        let _place = self.waiting.try_acquire().map_err(busy)?;
        let mut kept = self.kept.lock().await;
        if let Some((_, answer)) = kept.iter().find(|(known, _)| *known == key) {
            return Ok(Arc::clone(answer));
        }
        let made =
            tokio::task::spawn_blocking(move || Arc::<str>::from(shape(&Map::make(key.0, key.1)))).await;
        let made = made.map_err(|error| RpcError::Failed(error.to_string()))?;
        if kept.len() == GROUNDS_KEPT {
            kept.pop_front();
        }
        kept.push_back((key, Arc::clone(&made)));
        Ok(made)
    }
}

fn shape(map: &Map) -> String {
    json!({
        "w": map.width(),
        "h": map.height(),
        "seed": map.seed().to_string(),
        "ground": map.mark(),
        "terrain": STANDARD.encode(map.encode()),
    })
    .to_string()
}

/// The ground of a war that goes on or is over.
pub async fn map(maps: Arc<Maps>, call: Call) -> Result<String, RpcError> {
    let Named { match_id } = payload(&call)?;
    let label = maps.wars.find(&match_id).await?.label;
    let seed = label.map.parse().map_err(|_| RpcError::Failed("a war's label has no seed".into()))?;
    Ok(maps.answer((label.size, seed)).await?.to_string())
}
