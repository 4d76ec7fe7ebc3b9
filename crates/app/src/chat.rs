//! Chat in rooms, between two users and in groups.

use crate::core::Core;

/// The use cases.
pub struct Chat {
    core: Core,
}

impl Chat {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
