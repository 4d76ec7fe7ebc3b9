//! Cases of saves from a local-only game.

use std::collections::BTreeMap;

use farm::Command;
use farm::Save;
use farm::command::{SAVE_FORMAT, SAVE_VERSION};

use super::cases::{rich, shears, starry};
use super::tape::Tape;
use crate::yard::*;

const DAY_MS: i64 = 86_400_000;

/// A week of play, a few llamas, some wool.
pub fn honest() -> Save {
    Save {
        format: SAVE_FORMAT.into(),
        version: SAVE_VERSION,
        started_ms: BEGIN_MS - 7 * DAY_MS,
        saved_ms: BEGIN_MS,
        wools: BTreeMap::from([("plain".into(), "123456".into()), ("silky".into(), "78".into())]),
        buildings: BTreeMap::from([("llama".into(), 12), ("suri".into(), 2)]),
        upgrades: BTreeMap::from([("shears".into(), 2), ("songs".into(), 1)]),
        shears: 4_321,
    }
}

pub fn all() -> Vec<Tape> {
    let forged = |name: &str, forge: &dyn Fn(&mut Save)| {
        let mut save = honest();
        forge(&mut save);
        let mut tape = Tape::quick(name);
        tape.joins();
        tape = tape.begins();
        tape.waits(60_000).does(Command::Import(save));
        tape
    };
    let mut cases = vec![
        forged("a save is taken over", &|_| {}),
        forged("a save with too much wool", &|save| {
            save.wools.insert("plain".into(), "9".repeat(12));
        }),
        forged("a save with wool in words", &|save| {
            save.wools.insert("plain".into(), "+5".into());
        }),
        forged("a save with what nobody knows", &|save| {
            save.buildings.insert("dragon".into(), 1);
        }),
        forged("a save above a limit", &|save| {
            save.upgrades.insert("shears".into(), 4);
        }),
        forged("a save without what it needs", &|save| {
            save.buildings.insert("llama".into(), 1);
        }),
        forged("a save from the future", &|save| save.started_ms = BEGIN_MS + DAY_MS),
        forged("a save with too many shears", &|save| save.shears = 7 * 86_400 * 20 + 51),
    ];
    let mut again = Tape::quick("a save before the first join, and again");
    again = again.begins();
    again.waits(60_000).does(Command::Import(honest())).waits(1_000).does(Command::Import(honest())).joins();
    cases.push(again);
    for mut tape in [rich("too many llamas for a save"), starry("too far for a save")] {
        shears(&mut tape, 1);
        tape = tape.begins();
        tape.waits(1_000).does(Command::Import(honest()));
        cases.push(tape);
    }
    cases
}
