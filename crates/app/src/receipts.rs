//! Purchases in stores, checked with the store.

use crate::core::Core;

/// The use cases.
pub struct Receipts {
    core: Core,
}

impl Receipts {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
