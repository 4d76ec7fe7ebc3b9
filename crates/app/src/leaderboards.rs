//! Leaderboards: records and ranks.

use crate::core::Core;

/// The use cases.
pub struct Leaderboards {
    core: Core,
}

impl Leaderboards {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
