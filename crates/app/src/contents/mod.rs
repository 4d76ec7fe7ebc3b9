//! Contents: the data files that games are made of, checked and published while the service runs.
//!
//! A check tries a content on every room and says what players would lose; publishing makes it the one that rooms move
//! to. Whoever makes something of a content (achievements, prices in a shop) listens, and is told of each that comes into
//! force, in order.
//!
//! **Not here.** How rooms move ([`crate::rooms`]), and what a content means (the rules).

mod findings;
mod functions;

use std::sync::Arc;

use kernel::RulesId;
use parking_lot::RwLock;
use tokio::sync::Semaphore;

pub use findings::{Finding, Findings, Stuck};
pub use functions::functions;

use crate::rooms::{RoomError, Rooms};

type Listener = Arc<dyn Fn(&str, &[u8]) + Send + Sync>;

/// The use cases.
pub struct Contents {
    rooms: Rooms,
    listeners: RwLock<Vec<Listener>>,
    /// One is published after the other, so that listeners hear the last one last.
    turn: Semaphore,
}

impl Contents {
    /// Over the rooms; nobody listens yet.
    pub fn new(rooms: &Rooms) -> Self {
        Self { rooms: rooms.clone(), listeners: RwLock::default(), turn: Semaphore::new(1) }
    }

    /// What is in force for the rooms of some rules; nothing if there are no such rules.
    pub async fn current(&self, rules: &str) -> Result<Option<(RulesId, Vec<u8>)>, RoomError> {
        self.rooms.content(rules).await
    }

    /// What players would lose under a content. Nothing is changed. One check runs at a time.
    pub async fn check(&self, rules: &str, content: Vec<u8>) -> Result<Findings, RoomError> {
        Ok(self.rooms.check(rules, content, |_| {}).await?.into())
    }

    /// Puts a content in force: for new rooms at once, for those that are awake within moments, for others as they wake.
    pub async fn publish(&self, rules: &str, content: Vec<u8>) -> Result<RulesId, RoomError> {
        let gone = |_| RoomError::Unavailable("the server is going down".into());
        let _turn = self.turn.acquire().await.map_err(gone)?;
        let id = self.rooms.publish(rules, content.clone()).await?;
        let listeners = self.listeners.read().clone();
        for listener in listeners {
            listener(rules, &content);
        }
        Ok(id)
    }

    /// Has a function called with each content that is published, and the name of its rules. Not with the one that is in
    /// force already.
    pub fn on_published(&self, listener: impl Fn(&str, &[u8]) + Send + Sync + 'static) {
        self.listeners.write().push(Arc::new(listener));
    }
}
