//! How computers play: heuristics over what a player could see as well, inside the rules, by the war's own dice.

use crate::War;

/// The turns of this step.
pub(crate) fn think(_war: &mut War) {}
