//! Topics that clients may listen to.

use crate::core::Core;

/// The use cases.
pub struct Topics {
    core: Core,
}

impl Topics {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
