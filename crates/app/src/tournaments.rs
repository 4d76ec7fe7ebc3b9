//! Tournaments: leaderboards with a time, a size and attempts.

use crate::core::Core;

/// The use cases.
pub struct Tournaments {
    core: Core,
}

impl Tournaments {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
