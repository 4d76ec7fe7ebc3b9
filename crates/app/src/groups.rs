//! Groups: roles and who may change them.

use crate::core::Core;

/// The use cases.
pub struct Groups {
    core: Core,
}

impl Groups {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
