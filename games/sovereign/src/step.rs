//! One step of time, in its order.

use crate::War;

impl War {
    /// A twentieth of a second passes.
    pub(crate) fn one_step(&mut self) {
        self.step += 1;
        crate::ai::think(self);
        crate::diplomacy::pass(self);
    }
}
