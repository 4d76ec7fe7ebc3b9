//! Status: what users tell their followers.

use crate::core::Core;

/// The use cases.
pub struct Statuses {
    core: Core,
}

impl Statuses {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
