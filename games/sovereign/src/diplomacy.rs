//! Alliances and votes as time passes: what ends, and what is decided.

use crate::War;

/// What ends with this step.
pub(crate) fn pass(_war: &mut War) {}
