//! Which rooms are awake in this process, for lists of matches. Sleeping rooms are in the store alone.

use std::collections::BTreeMap;

use kernel::{RoomId, Seat};
use parking_lot::RwLock;

/// An awake room in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomInfo {
    /// Which.
    pub id: RoomId,
    /// The name of its rules.
    pub rules: String,
    /// What the rules say of it, at most a second old.
    pub label: String,
    /// How many presences it has.
    pub size: usize,
    /// Anybody may have its whole log; a label that goes with it is as new.
    pub log_is_open: bool,
    /// The seats that computers may play now, as old as the label.
    pub served: Vec<Seat>,
}

#[derive(Default)]
pub(crate) struct Directory(RwLock<BTreeMap<RoomId, RoomInfo>>);

impl Directory {
    pub fn put(&self, info: RoomInfo) {
        self.0.write().insert(info.id, info);
    }

    pub fn get(&self, room: RoomId) -> Option<RoomInfo> {
        self.0.read().get(&room).cloned()
    }

    pub fn remove(&self, room: RoomId) {
        self.0.write().remove(&room);
    }

    pub fn len(&self) -> usize {
        self.0.read().len()
    }

    /// The newest rooms that `keep` keeps, at most `limit`.
    pub fn list(&self, limit: usize, keep: impl Fn(&RoomInfo) -> bool) -> Vec<RoomInfo> {
        self.0.read().values().rev().filter(|info| keep(info)).take(limit).cloned().collect()
    }
}
