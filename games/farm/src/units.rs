//! How wool is counted: in millionths where it is kept, in thousandths where it is told.

/// Micro-wool in a wool. A milli-wool a second for a millisecond is one of these.
pub(crate) const MICRO: u32 = 1_000_000;
/// Micro-wool in a milli-wool.
pub(crate) const MICRO_IN_MILLI: u32 = 1_000;
/// Milli-wool in a wool.
pub(crate) const MILLI: u32 = 1_000;
