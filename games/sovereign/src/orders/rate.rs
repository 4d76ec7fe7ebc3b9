//! How many commands a seat may give: an allowance that fills with time. Only what is taken is paid for, because what is
//! refused changes nothing.

use kernel::Refusal;

use crate::tuning::{COMMANDS_A_SECOND, COMMANDS_AT_ONCE, STEPS_A_SECOND};
use crate::{Code, Nation};

/// Thousandths of a command that a full allowance has: every nation begins with it.
pub(crate) const FULL: u32 = COMMANDS_AT_ONCE * 1_000;
/// Thousandths of a command that a step adds.
const A_STEP: u32 = COMMANDS_A_SECOND * 1_000 / STEPS_A_SECOND;
/// Thousandths that a command costs.
const COST: u32 = 1_000;

/// What the nation's seat may spend at a step, in thousandths.
fn at(nation: &Nation, step: u32) -> u32 {
    let grown = step.saturating_sub(nation.allowance_at).saturating_mul(A_STEP);
    nation.allowance.saturating_add(grown).min(FULL)
}

/// May its seat give one more?
pub(super) fn check(nation: &Nation, step: u32) -> Result<(), Refusal> {
    if at(nation, step) < COST {
        return Err(Code::TooFast.refusal("that is more commands than a seat may give in the time"));
    }
    Ok(())
}

/// It gave one.
pub(super) fn spend(nation: &mut Nation, step: u32) {
    nation.allowance = at(nation, step).saturating_sub(COST);
    nation.allowance_at = step;
}
