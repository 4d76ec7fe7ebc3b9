//! What a binary brings along: its games with their contents, and a studio's own code.

use std::collections::BTreeMap;

use app::rooms::Library;
use kernel::Registry;

use super::StartError;
use crate::config::Config;
use crate::extend::{Extension, Extensions};

/// What a binary brings along.
#[derive(Default)]
pub struct Games {
    registry: Registry,
    contents: BTreeMap<String, Vec<u8>>,
    pub(super) extensions: Vec<Extension>,
}

impl Games {
    /// No game yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a game with its built-in content (`b""` where it needs none).
    pub fn with<R: kernel::Rules>(mut self, content: impl Into<Vec<u8>>) -> Self {
        self.registry = self.registry.with::<R>();
        let content = content.into();
        if !content.is_empty() {
            self.contents.insert(R::NAME.to_owned(), content);
        }
        self
    }

    /// Adds rules of an older version, which logs from before may need.
    pub fn with_older<R: kernel::Rules>(mut self) -> Self {
        self.registry = self.registry.with::<R>();
        self
    }

    /// Adds a studio's own code: functions, hooks, jobs, consumers of events.
    pub fn with_extension(mut self, extension: impl FnOnce(&mut Extensions) + 'static) -> Self {
        self.extensions.push(Box::new(extension));
        self
    }

    /// The names of the games.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.registry.names()
    }

    /// The games, each with the content that the configuration names or the built-in one.
    pub fn library(&self, config: &Config) -> Result<Library, StartError> {
        let mut contents = self.contents.clone();
        for (name, game) in &config.games {
            if !self.registry.names().any(|known| known == name) {
                let known: Vec<_> = self.registry.names().collect();
                return Err(StartError::NoSuchGame { name: name.clone(), known: known.join(", ") });
            }
            if let Some(path) = &game.content {
                let content = std::fs::read(path).map_err(|error| StartError::ContentFile {
                    name: name.clone(),
                    path: path.clone(),
                    error,
                })?;
                contents.insert(name.clone(), content);
            }
        }
        Library::new(self.registry.clone(), contents).map_err(|error| StartError::Content(error.to_string()))
    }
}
