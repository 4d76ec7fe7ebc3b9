//! What a seat sees.

use kernel::Seat;

use crate::War;

/// A seat's whole view; for a computer's seat its observation; for nobody what everybody may see.
pub(crate) fn view(_war: &War, _seat: Seat, _out: &mut Vec<u8>) {}
