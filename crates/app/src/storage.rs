//! Players' documents: versions, permissions, lists, queries.

use crate::core::Core;

/// The use cases.
pub struct Storage {
    core: Core,
}

impl Storage {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
