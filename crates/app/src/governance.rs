//! Governance: proposals, ballots, and decisions that take effect.

use crate::core::Core;

/// The use cases.
pub struct Governance {
    core: Core,
}

impl Governance {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
