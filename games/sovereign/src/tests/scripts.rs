//! Short wars by script: what the map looks like at their ends, letter by letter. A change of the rules shows here, and is
//! then looked at.

use super::drawn::{self, A, B, WILD};
use crate::{Tile, War, snapshot};

const FIELD: [&str; 8] = [
    "~~~~~~~~~~~~~~~~~~~~~~~~",
    "~~AA......^^......BB~~~~",
    "~AAAA....^^^^....BBBB~~~",
    "~AAAA....^^^.....BBBB~~~",
    "~~AA.....^^^......BB~~~~",
    "~~......................",
    "~~~~......~~~~~.........",
    "~~~~~~~~~~~~~~~~~~~CCC~~",
];

/// What happens when.
type Script = [(u32, fn(&mut War))];

fn play(war: &mut War, script: &Script, steps: u32) {
    for _ in 0..steps {
        let now = war.step() - 20;
        script.iter().filter(|line| line.0 == now).for_each(|line| line.1(war));
        war.one_step();
    }
}

#[test]
fn two_take_wild_land_and_meet() {
    let mut war = drawn::war(&FIELD);
    let script: &Script = &[
        (0, |war| {
            war.attack(A, WILD, 500);
        }),
        (0, |war| {
            war.attack(B, WILD, 500);
        }),
    ];
    play(&mut war, script, 60);
    assert_eq!(
        drawn::picture(&war),
        [
            "~~~~~~~~~~~~~~~~~~~~~~~~",
            "~~AAAAA...^^..BBBBBB~~~~",
            "~AAAAAA..^^^^.BBBBBBB~~~",
            "~AAAAAA..^^^..BBBBBBB~~~",
            "~~AAAAA..^^^...BBBBB~~~~",
            "~~AAA...........BBBBB...",
            "~~~~......~~~~~...BBB...",
            "~~~~~~~~~~~~~~~~~~~CCC~~",
        ]
    );
}

#[test]
fn one_beats_the_other_and_crosses_the_bay() {
    let mut war = drawn::war(&FIELD);
    drawn::troops(&mut war, A, 9_000);
    let script: &Script = &[
        (0, |war| {
            war.attack(A, WILD, 1_000);
        }),
        (0, |war| {
            war.attack(B, WILD, 300);
        }),
        (20, |war| {
            let way = war.way(A, Tile(7 * 24 + 19)).unwrap();
            war.launch(A, way, 1_500);
        }),
        (100, |war| {
            war.attack(A, B, 5_000);
        }),
    ];
    play(&mut war, script, 95);
    assert_eq!(
        drawn::picture(&war),
        [
            "~~~~~~~~~~~~~~~~~~~~~~~~",
            "~~AAAAAAA.^^.BBBBBBB~~~~",
            "~AAAAAAAA^^^^BBBBBBBB~~~",
            "~AAAAAAA.^^^.BBBBBBBB~~~",
            "~~AAAAAAA^^^.BBBBBBB~~~~",
            "~~AAAAAAA....BBBBBBBBBB.",
            "~~~~AAAA..~~~~~BBBBBBBB.",
            "~~~~~~~~~~~~~~~~~~~ACC~~",
        ]
    );
    play(&mut war, script, 50);
    assert_eq!(
        drawn::picture(&war),
        [
            "~~~~~~~~~~~~~~~~~~~~~~~~",
            "~~AAAAAAAAAAAAAAAAAA~~~~",
            "~AAAAAAAAAAAAAAAAAAAA~~~",
            "~AAAAAAAAA^AAAAAAAAAA~~~",
            "~~AAAAAAAAAAAAAAAAAA~~~~",
            "~~AAAAAAAAAAAAAAAAAAAAAA",
            "~~~~AAAAAA~~~~~AAAAAAAAA",
            "~~~~~~~~~~~~~~~~~~~ACC~~",
        ]
    );
}

#[test]
fn a_war_that_was_kept_and_read_again_goes_on_the_same() {
    let mut war = super::play::war(crate::Size::Tiny, 10, 4, 9);
    let bytes = |war: &War| {
        let mut bytes = Vec::new();
        snapshot::write(war, &mut bytes);
        bytes
    };
    let mut again = war.clone();
    for step in 1..=1_500 {
        super::play::step(&mut war);
        super::play::step(&mut again);
        war.news = Default::default();
        again.news = Default::default();
        if step % 250 == 77 {
            again = snapshot::read(&bytes(&again), None).unwrap();
        }
    }
    assert_eq!(bytes(&war), bytes(&again));
}
