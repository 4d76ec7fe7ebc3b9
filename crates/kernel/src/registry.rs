//! The rules a program carries, by name and version. Old versions stay registered for as long as some room's log
//! may need them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::machine::Loaded;
use crate::{AnyRules, Rules, Unreadable};

type Make = fn(&[u8]) -> Result<Arc<dyn AnyRules>, Unreadable>;

/// Which games exist.
#[derive(Clone, Default)]
pub struct Registry {
    makers: BTreeMap<(&'static str, u32), Make>,
}

impl Registry {
    /// No games yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a game, or a further version of one.
    pub fn with<R: Rules>(mut self) -> Self {
        self.makers.insert((R::NAME, R::VERSION), |content| Ok(Arc::new(Loaded::<R>::new(content)?)));
        self
    }

    /// The newest version of a game, if it is known.
    pub fn newest(&self, name: &str) -> Option<u32> {
        self.makers.keys().filter(|(known, _)| *known == name).map(|(_, version)| *version).max()
    }

    /// The names of all games.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let mut names: Vec<_> = self.makers.keys().map(|(name, _)| *name).collect();
        names.dedup();
        names.into_iter()
    }

    /// Rules with a content. The error says which rules are missing or what is wrong with the content.
    pub fn make(&self, name: &str, version: u32, content: &[u8]) -> Result<Arc<dyn AnyRules>, Unreadable> {
        let found = self.makers.iter().find(|((known, at), _)| *known == name && *at == version);
        let (_, make) =
            found.ok_or_else(|| Unreadable(format!("this program has no rules {name} version {version}")))?;
        make(content)
    }
}
