//! What changed in a step, told to everybody with one encoding.

use kernel::Outbox;

use crate::War;

/// Tells what the step changed and forgets it.
pub(crate) fn tell(war: &mut War, _out: &mut Outbox) {
    war.news = Default::default();
}
