//! Whose turn comes in which step. What is done once in so many steps is spread over them, so that no step has much to do.
//! In a war of few it comes in every [`ATTACK_EVERY`]th step alone: the others are quiet, and a quiet step costs no
//! message to anybody; what is told comes together, and so takes fewer bytes.

use crate::War;
use crate::tuning::{ATTACK_EVERY, FEW_NATIONS};

impl War {
    /// The steps from one in which somebody's turn may come to the next.
    fn turns_apart(&self) -> u32 {
        if self.nations.len() <= FEW_NATIONS { ATTACK_EVERY } else { 1 }
    }

    /// Which of every so many turns comes in a step: a number below so many steps, or below as many of them as have turns.
    pub(crate) fn turn_of(&self, step: u32, every: u32) -> Option<(u32, u32)> {
        let apart = self.turns_apart();
        debug_assert!(every.is_multiple_of(ATTACK_EVERY), "{every} steps have turns that never come");
        step.is_multiple_of(apart).then(|| (step / apart % (every / apart), every / apart))
    }

    /// The turn of a number comes in a step: once in so many, a multiple of [`ATTACK_EVERY`].
    pub(crate) fn is_turn(&self, number: u32, step: u32, every: u32) -> bool {
        self.turn_of(step, every).is_some_and(|(turn, of)| number % of == turn)
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::play;
    use crate::tuning::{ATTACK_EVERY, FEW_NATIONS};

    #[test]
    fn every_number_has_its_turn_once_and_few_have_theirs_in_the_same_steps() {
        let few = play::war(crate::Size::Tiny, 10, 4, 9);
        let many = play::war(crate::Size::Tiny, FEW_NATIONS as u16, 1, 9);
        for (war, apart) in [(&few, ATTACK_EVERY), (&many, 1)] {
            for every in [4, 20, 80, 88] {
                for number in [0, 1, 7, 23, 160, u32::MAX] {
                    let steps = 1_000..1_000 + every;
                    let turns: Vec<u32> = steps.filter(|step| war.is_turn(number, *step, every)).collect();
                    assert_eq!(turns.len(), 1, "{number} every {every}");
                    assert_eq!(turns[0] % apart, 0);
                }
                let used = (0..every).filter(|step| (0..every).any(|n| war.is_turn(n, *step, every)));
                assert_eq!(used.count() as u32, every / apart);
            }
        }
    }
}
