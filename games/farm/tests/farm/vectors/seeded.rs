//! Players who do anything at all, by a fixed sequence: what nobody thought of.

use farm::{Command, Late};

use super::tape::{Tape, late};
use crate::golden::chance;
use crate::yard::*;

fn command(next: &mut impl FnMut(u64) -> u64) -> Command {
    match next(16) {
        0..4 => shear(1 + next(40)),
        4 | 5 => buy("llama", 1 + next(3)),
        6 => buy_max(["llama", "suri"][usize::from(next(3) == 0)]),
        7 => buy("suri", 1),
        8 | 9 => upgrade(["shears", "hands", "hay", "combs", "songs"][usize::from(next(5) as u8)]),
        10 => craft("spin", 1 + next(4)),
        11 => craft_max("spin"),
        12 => Command::Prestige,
        13..15 => wish(
            ["thumb", "start", "friend", "well", "night", "hum", "blade", "silk"][usize::from(next(8) as u8)],
        ),
        _ => keepsake(["scarecrow", "lantern"][usize::from(next(2) == 0)]),
    }
}

pub fn quick(seed: u64, steps: usize) -> Tape {
    let mut next = chance(seed);
    let mut tape = Tape::quick(&format!("a wanderer, {seed}"));
    tape.joins();
    for _ in 0..60 {
        tape.waits(1_000).does(shear(20));
    }
    tape = tape.begins();
    let mut numbers = [0_u64; 2];
    for _ in 0..steps {
        match next(10) {
            0..5 if tape.state.present => {
                tape.waits(next(20_000).cast_signed()).does(command(&mut next));
            }
            5 if tape.state.present => {
                tape.waits(next(1_000).cast_signed()).leaves();
            }
            5 => {
                tape.waits(next(100_000_000).cast_signed()).joins();
            }
            6 => {
                tape.waits(next(3_000_000).cast_signed()).passes();
            }
            7 => match tape.state.pending.values().next().map(|pending| pending.keepsake.clone()) {
                Some(keepsake) => {
                    tape.waits(10).pays(&keepsake, next(3) > 0);
                }
                None => {
                    tape.waits(10).passes();
                }
            },
            _ => {
                let name = next(2) as u8;
                let last = &mut numbers[usize::from(name)];
                let from = tape.ms;
                tape.waits(next(10_000_000).cast_signed());
                let span = (tape.ms - from).cast_unsigned() + 1;
                let after = *last;
                let mut times: Vec<i64> = (0..next(6)).map(|_| from + next(span).cast_signed()).collect();
                times.sort();
                let actions: Vec<Late> = times
                    .into_iter()
                    .map(|at_ms| {
                        *last += 1 + next(2);
                        late(*last, at_ms, command(&mut next))
                    })
                    .collect();
                tape.syncs(name, after, actions);
            }
        }
    }
    tape
}

/// The first purchases of the standard content, one after the other, with pauses.
pub fn standard(seed: u64) -> Tape {
    let mut next = chance(100 + seed);
    let mut tape = Tape::standard(&format!("a farmer, {seed}"));
    tape.joins();
    for _ in 0..30 * seed {
        tape.waits(1_000).does(shear(20)).does(buy_max("meadow_llama")).does(upgrade("sharp_shears"));
        tape.does(buy_max("hay_barn")).does(upgrade("fresh_hay"));
    }
    tape = tape.begins();
    for _ in 0..40 {
        tape.waits(next(30_000).cast_signed());
        match next(8) {
            0..3 => tape.does(shear(1 + next(20))),
            3 => {
                tape.does(buy_max(["meadow_llama", "hay_barn", "shearing_shed"][usize::from(next(3) as u8)]))
            }
            4 => tape.does(buy("hay_barn", 1)),
            5 => tape.does(upgrade(["sharp_shears", "many_hands", "fresh_hay"][usize::from(next(3) as u8)])),
            6 => tape.leaves().waits(next(40_000_000).cast_signed()).joins(),
            _ => tape.passes(),
        };
    }
    tape
}
