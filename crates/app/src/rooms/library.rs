//! The rules that rooms run under, each with the content it was made from. Contents are kept in the store under
//! their hash, so that a log replays under the very content it was written under, long after another was published.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::{AnyRules, Hash128, Registry, RulesId, Unreadable};
use parking_lot::{Mutex, RwLock};
use store::{ContentCurrent, ContentGet, ContentPublish, ContentPut, Store, StoreError};

use super::RoomError;
use super::content::CONTENT_BYTES_MAX;
use crate::ports::Reads;

/// Rules with a content that are kept ready. A program runs a handful; more means many old contents at once.
const READY_MAX: usize = 64;

/// All rules of this process.
pub struct Library {
    registry: Registry,
    /// The program's own contents.
    own: BTreeMap<&'static str, Vec<u8>>,
    newest: RwLock<BTreeMap<&'static str, Arc<dyn AnyRules>>>,
    ready: Mutex<BTreeMap<RulesId, Arc<dyn AnyRules>>>,
}

impl Library {
    /// Makes the newest version of each game with its content (`b""` where none is given). The error names the game.
    pub fn new(registry: Registry, mut contents: BTreeMap<String, Vec<u8>>) -> Result<Self, Unreadable> {
        let (mut own, mut newest) = (BTreeMap::new(), BTreeMap::new());
        for name in registry.names() {
            let content = contents.remove(name).unwrap_or_default();
            let version = registry.newest(name).unwrap_or_default();
            let rules = registry.make(name, version, &content);
            let rules = rules.map_err(|error| Unreadable(format!("the content of {name}: {error}")))?;
            newest.insert(name, rules);
            own.insert(name, content);
        }
        if let Some(name) = contents.keys().next() {
            return Err(Unreadable(format!("there is a content for {name}, and no such game")));
        }
        Ok(Self { registry, own, newest: RwLock::new(newest), ready: Mutex::default() })
    }

    /// Keeps the program's own contents in the store, and takes up those that were published there. Rooms must not be
    /// opened before.
    pub async fn begin(&self, store: &Store, at_ms: i64) -> Result<(), StoreError> {
        for (name, body) in &self.own {
            let (rules, hash) = ((*name).to_owned(), Hash128::of(&[body]));
            let put = ContentPut { rules: rules.clone(), hash: hash.0.to_vec(), body: body.clone(), at_ms };
            let _ = store.write(put).await?;
            let Some(current) = store.read(ContentCurrent { rules: rules.clone() }).await? else { continue };
            if current.hash == hash.0 {
                continue;
            }
            let published = store.read(ContentGet { rules, hash: current.hash }).await?;
            match published.map(|content| self.newest_with(name, &content)) {
                Some(Ok(rules)) => {
                    tracing::info!(rules = %rules.id(), own = %hash, "the content that was published is used, not the program's own");
                    self.newest.write().insert(name, rules);
                }
                Some(Err(error)) => {
                    tracing::error!(rules = %name, %error, "the content that was published does not fit this program; its own is used");
                }
                None => {
                    tracing::error!(rules = %name, "the content that was published is not in the store; the program's own is used");
                }
            }
        }
        Ok(())
    }

    /// The rules that new rooms of a game get.
    pub fn newest(&self, name: &str) -> Option<Arc<dyn AnyRules>> {
        self.newest.read().get(name).cloned()
    }

    /// The content that the program, or its configuration, brings for a game; not what was published.
    pub fn own(&self, name: &str) -> Option<&[u8]> {
        self.own.get(name).map(Vec::as_slice)
    }

    /// The newest version of a game with another content.
    pub fn newest_with(&self, name: &str, content: &[u8]) -> Result<Arc<dyn AnyRules>, RoomError> {
        let Some(version) = self.registry.newest(name) else {
            return Err(RoomError::NoSuchRules(name.chars().take(32).collect()));
        };
        if content.len() > CONTENT_BYTES_MAX {
            return Err(RoomError::BadContent(format!("it is longer than {CONTENT_BYTES_MAX} bytes")));
        }
        self.registry.make(name, version, content).map_err(|error| RoomError::BadContent(error.0))
    }

    /// Keeps a content in the store as the one to use, and gives it to new rooms. One call at a time.
    pub(crate) async fn publish(
        &self,
        store: &Store,
        rules: Arc<dyn AnyRules>,
        body: Vec<u8>,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let RulesId { name, content, .. } = rules.id().clone();
        let put = ContentPut { rules: name.clone(), hash: content.0.to_vec(), body, at_ms };
        let _ = store.write(ContentPublish(put)).await?;
        if let Some(newest) = self.newest.write().get_mut(name.as_str()) {
            *newest = rules;
        }
        Ok(())
    }

    /// The rules that a log names. The error says what is missing: a version of the program or a content.
    pub fn rules<S: Reads>(&self, store: &S, id: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable> {
        self.rules_with(id, || {
            let get = ContentGet { rules: id.name.clone(), hash: id.content.0.to_vec() };
            store.read_now(get).map_err(|error| Unreadable(error.to_string()))
        })
    }

    /// The same, with the content from wherever `find` finds it.
    pub fn rules_with(
        &self,
        id: &RulesId,
        find: impl FnOnce() -> Result<Option<Vec<u8>>, Unreadable>,
    ) -> Result<Arc<dyn AnyRules>, Unreadable> {
        if let Some(rules) = self.newest(&id.name).filter(|rules| rules.id() == id) {
            return Ok(rules);
        }
        if let Some(rules) = self.ready.lock().get(id) {
            return Ok(rules.clone());
        }
        let content = match find()? {
            Some(content) => content,
            None if id.content == Hash128::of(&[b""]) => Vec::new(),
            None => return Err(Unreadable(format!("the content of {id} is not there"))),
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
