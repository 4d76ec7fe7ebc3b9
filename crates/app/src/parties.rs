//! Parties: a few users who stay together.

use crate::core::Core;

/// The use cases.
pub struct Parties {
    core: Core,
}

impl Parties {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
