//! Events that clients and the service report.

use crate::core::Core;

/// The use cases.
pub struct Events {
    core: Core,
}

impl Events {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
