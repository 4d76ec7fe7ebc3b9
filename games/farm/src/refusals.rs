//! The farm's own codes for "no", beside the house's (see [`kernel::Refusal`]).

use kernel::Refusal;

/// Only the owner may join and command.
pub const NOT_OWNER: u16 = 100;
/// No such building, upgrade, recipe, keepsake or wish.
pub const UNKNOWN: u16 = 101;
/// The wool, or the free stars, for it are not there.
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
/// The device's number is known already.
pub const REPEATED: u16 = 110;
/// The device believes that more is known than is.
pub const OUT_OF_ORDER: u16 = 111;
/// The farm has come too far for an import.
pub const NOT_YOUNG: u16 = 112;
/// The save cannot have come about.
pub const IMPOSSIBLE: u16 = 113;
/// A save was taken over before.
pub const IMPORTED: u16 = 114;
/// Not as an action of a `sync`.
pub const ONLINE_ONLY: u16 = 115;

/// The refusal that belongs to a code, where the particular sentence is no longer known.
pub(crate) fn general(code: u16) -> Refusal {
    let reason = match code {
        UNKNOWN => "there is no such thing",
        NOT_ENOUGH => "there is not enough for it",
        BAD_COUNT => "the count is out of bounds",
        TOO_FAST => "these hands cannot shear any faster",
        AT_LIMIT => "it is at its limit",
        LOCKED => "what it needs is not there yet",
        NOT_READY => "the farm is not ready for it",
        ONLINE_ONLY => "this can be done online only",
        _ => "it was refused",
    };
    Refusal::new(code, reason)
}
