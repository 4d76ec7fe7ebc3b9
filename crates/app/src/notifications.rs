//! Notifications: kept for a user and pushed to the sockets that are open.

use crate::core::Core;

/// The use cases.
pub struct Notifications {
    core: Core,
}

impl Notifications {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
