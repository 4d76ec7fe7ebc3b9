//! Wars that are cut at any step and go on from their bytes.

use kernel::{Outbox, Rules as _};
use proptest::prelude::*;
use sovereign::Sovereign;

use crate::game::{Dice, Game};

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn a_restored_war_goes_on_the_same(seed in 0u64..1_000, cut in 1u64..500, fog: bool) {
        let setup = format!(r#"{{"size":"tiny","tribes":6,"rivals":3,"spawn_seconds":2,"immunity_seconds":0,"fog":{fog}}}"#);
        let mut game = Game::open(&setup, 3, seed);
        while game.step < cut {
            game.play();
        }
        // Something was done since the last step, and is still to be told.
        game.dice = Dice::new(seed + cut);
        for seat in 1..=3 {
            game.command(seat, sovereign::Command::Attack { on: 0, share: 100 });
            game.command(seat, sovereign::Command::Ally { with: 5 });
        }
        game.out.clear();
        let bytes = game.snapshot();
        let war = Sovereign.restore(&bytes).unwrap();
        let mut other =
            Game { war, step: game.step, people: 3, dice: Dice::new(seed + cut), out: Outbox::new() };
        prop_assert!(other.snapshot() == bytes);
        for _ in 0..300 {
            game.play();
            other.play();
            prop_assert!(game.out.take_updates() == other.out.take_updates(), "told at {}", game.step);
        }
        prop_assert!(game.snapshot() == other.snapshot());
    }
}
