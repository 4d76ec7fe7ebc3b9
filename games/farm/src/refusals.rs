//! The farm's own codes for "no", beside the house's (see [`kernel::Refusal`]).

/// Only the owner may join and command.
pub const NOT_OWNER: u16 = 100;
/// No such building, upgrade, recipe or keepsake.
pub const UNKNOWN: u16 = 101;
/// The wool for it is not there.
pub const NOT_ENOUGH: u16 = 102;
/// A count of nothing, or above the bound.
pub const BAD_COUNT: u16 = 103;
/// More shears than hands can do.
pub const TOO_FAST: u16 = 104;
/// The highest count or level is reached.
pub const AT_LIMIT: u16 = 105;
/// What it needs is not there yet.
pub const LOCKED: u16 = 106;
/// Prestige would bring nothing, or its conditions are not met.
pub const NOT_READY: u16 = 107;
/// The keepsake is already there.
pub const OWNED: u16 = 108;
/// The keepsake is being paid for.
pub const WAITING: u16 = 109;
