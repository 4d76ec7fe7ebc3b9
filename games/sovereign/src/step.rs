//! One step of time, in its order.

use crate::{Phase, War};

impl War {
    /// A twentieth of a second passes.
    pub(crate) fn one_step(&mut self) {
        self.step += 1;
        match self.phase {
            Phase::Choosing(until) => self.choose(until),
            Phase::War => {
                self.grow();
                self.finish_sites();
                self.trade();
                crate::ai::think(self);
                crate::diplomacy::pass(self);
                self.advance();
                self.sail();
                self.bury();
                self.settle_names();
                self.judge();
            }
            Phase::Over(..) => {}
        }
    }
}
