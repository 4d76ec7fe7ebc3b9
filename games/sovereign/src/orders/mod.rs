//! Whether a command may be given, and what it does.

use kernel::{Refusal, Seat};

use crate::War;
use crate::command::Command;

/// May this seat come in?
pub(crate) fn may_join(_war: &War, _seat: Seat) -> Result<(), Refusal> {
    Ok(())
}

/// May this seat give this command now?
pub(crate) fn check(_war: &War, _seat: Seat, _command: &Command) -> Result<(), Refusal> {
    Ok(())
}

/// Does it. [`check`] has said yes.
pub(crate) fn act(_war: &mut War, _seat: Seat, _command: Command) {}
