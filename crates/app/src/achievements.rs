//! Achievements: what there is to achieve, how far a player is, what it brings once.

use crate::core::Core;

/// The use cases.
pub struct Achievements {
    core: Core,
}

impl Achievements {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
