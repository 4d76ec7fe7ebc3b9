//! What players own, changed by server code only, and the ledger of every change.

use crate::core::Core;

/// The use cases.
pub struct Wallets {
    core: Core,
}

impl Wallets {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}
