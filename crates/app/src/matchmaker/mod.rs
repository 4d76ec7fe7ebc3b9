//! The matchmaker: tickets with properties and queries, matched at intervals.

pub mod pool;

use crate::core::Core;

/// The use cases.
pub struct Matchmaker {
    core: Core,
}

impl Matchmaker {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
