//! Wars that are cut at any step and go on from their bytes.

use std::sync::Arc;

use kernel::{Lasting, Outbox, Rules as _};
use proptest::prelude::*;
use sovereign::{Sovereign, War};

use crate::game::{Dice, Game};

#[test]
fn a_map_is_shared_by_wars_that_have_the_same_and_by_no_others() {
    let war = |size: &str, map: u64| {
        let game = Game::open(&format!(r#"{{"size":"{size}","map":{map},"tribes":3,"rivals":1}}"#), 1, 4);
        (game.snapshot(), game.war)
    };
    let (bytes, one) = war("tiny", 8);
    let share = |lasting: &War| Sovereign.restore_with(&bytes, Sovereign.lasting(lasting).as_ref()).unwrap();
    assert!(Arc::ptr_eq(share(&one).map(), one.map()));
    for (_, other) in [war("tiny", 9), war("small", 8)] {
        let read = share(&other);
        assert!(!Arc::ptr_eq(read.map(), other.map()) && read.map() == one.map());
    }
    let stranger: Lasting = Arc::new("no map");
    assert!(Sovereign.restore_with(&bytes, Some(&stranger)).unwrap().map() == one.map());
}

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
            Game { war, step: game.step, people: 3, dice: Dice::new(seed + cut), out: Outbox::new(), given: Vec::new() };
        prop_assert!(other.snapshot() == bytes);
        for _ in 0..300 {
            game.play();
            other.play();
            prop_assert!(game.out.take_updates() == other.out.take_updates(), "told at {}", game.step);
        }
        prop_assert!(game.snapshot() == other.snapshot());
    }
}
