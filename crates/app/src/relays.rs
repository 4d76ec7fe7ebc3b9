//! Relayed matches: data from one client to the others, with no rules in between.

use crate::core::Core;

/// The use cases.
pub struct Relays {
    core: Core,
}

impl Relays {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }
}

/// A relayed match's name in the protocol.
pub fn match_id(id: u128) -> String {
    format!("{}.", uuid::Uuid::from_u128(id))
}
