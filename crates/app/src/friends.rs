//! Friends: asking, accepting, blocking, listing.

use crate::core::Core;

/// The use cases.
pub struct Friends {
    core: Core,
}

impl Friends {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
