//! The rules that rooms run under, each with the content it was made from. Contents are kept in the store under
//! their hash, so that a log replays under the very content it was written under, long after the file has changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::{AnyRules, Hash128, Registry, RulesId, Unreadable};
use parking_lot::Mutex;
use store::{ContentGet, ContentPut, Store, StoreError};

use crate::ports::Reads;

/// Rules with a content that are kept ready. A program runs a handful; more means many old contents at once.
const READY_MAX: usize = 64;

/// All rules of this process.
pub struct Library {
    registry: Registry,
    newest: BTreeMap<&'static str, (Arc<dyn AnyRules>, Vec<u8>)>,
    ready: Mutex<BTreeMap<RulesId, Arc<dyn AnyRules>>>,
}

impl Library {
    /// Makes the newest version of each game with its content (`b""` where none is given). The error names the game.
    pub fn new(registry: Registry, mut contents: BTreeMap<String, Vec<u8>>) -> Result<Self, Unreadable> {
        let mut newest = BTreeMap::new();
        for name in registry.names() {
            let content = contents.remove(name).unwrap_or_default();
            let version = registry.newest(name).unwrap_or_default();
            let rules = registry.make(name, version, &content);
            let rules = rules.map_err(|error| Unreadable(format!("the content of {name}: {error}")))?;
            newest.insert(name, (rules, content));
        }
        if let Some(name) = contents.keys().next() {
            return Err(Unreadable(format!("there is a content for {name}, and no such game")));
        }
        Ok(Self { registry, newest, ready: Mutex::default() })
    }

    /// Keeps today's contents in the store. Rooms must not be opened before.
    pub async fn publish(&self, store: &Store, at_ms: i64) -> Result<(), StoreError> {
        for (name, (rules, body)) in &self.newest {
            let (rules_name, hash) = ((*name).to_owned(), rules.id().content.0.to_vec());
            let put = ContentPut { rules: rules_name, hash, body: body.clone(), at_ms };
            let _ = store.write(put).await?;
        }
        Ok(())
    }

    /// The rules that new rooms of a game get.
    pub fn newest(&self, name: &str) -> Option<&Arc<dyn AnyRules>> {
        self.newest.get(name).map(|(rules, _)| rules)
    }

    /// The rules that a log names. The error says what is missing: a version of the program or a content.
    pub fn rules<S: Reads>(&self, store: &S, id: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable> {
        if let Some(rules) = self.newest(&id.name).filter(|rules| rules.id() == id) {
            return Ok(rules.clone());
        }
        if let Some(rules) = self.ready.lock().get(id) {
            return Ok(rules.clone());
        }
        let get = ContentGet { rules: id.name.clone(), hash: id.content.0.to_vec() };
        let content = match store.read_now(get).map_err(|error| Unreadable(error.to_string()))? {
            Some(content) => content,
            None if id.content == Hash128::of(&[b""]) => Vec::new(),
            None => return Err(Unreadable(format!("the content of {id} is not in the store"))),
        };
        let rules = self.registry.make(&id.name, id.version, &content)?;
        let mut ready = self.ready.lock();
        if ready.len() >= READY_MAX {
            ready.clear();
        }
        ready.insert(id.clone(), rules.clone());
        Ok(rules)
    }
}
