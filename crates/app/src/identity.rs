//! Logins that somebody else vouches for.

use crate::core::Core;

/// The use cases.
pub struct Identity {
    core: Core,
}

impl Identity {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
