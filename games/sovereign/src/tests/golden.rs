//! One war with everything in it, and the hash of its end: the same in debug and release builds, on every machine, and
//! when the war was kept and read again on the way. Another hash means that logs of old wars lead elsewhere now: raise the
//! rules' version when wars are out there, and write the new one down.

use kernel::{At, Event, Hash128, Outbox, Rules, Seat};

use crate::dice::Dice;
use crate::{Command, NationId, Sovereign, War};

/// Steps of the war.
const STEPS: u32 = 2_400;
/// How it ends: since landings are carried over their first tiles, and turns come together in wars of few.
const END: &str = "48c7281235d38de94d8a74774904f31b";

fn at(step: u32) -> At {
    At { ms: i64::from(step) * 50, step: u64::from(step) }
}

fn bytes(war: &War) -> Vec<u8> {
    let mut bytes = Vec::new();
    Sovereign.snapshot(war, &mut bytes);
    bytes
}

/// What a seat sends at a step, good or not: what is refused is not taken, as in a room.
fn command(war: &War, step: u32, seat: u32) -> Option<Command> {
    let me = war.of_seat(Seat(seat))?;
    let home = me.home;
    match (step % 120, step) {
        (5, ..40) => Some(Command::Spawn { tile: war.land().len() as u32 / 2 + seat * 40 + step }),
        (60, _) => {
            let on = war.contacts(me.id).first().map_or(NationId::NOBODY, |contact| contact.0);
            Some(Command::Attack { on: on.0, share: 250 })
        }
        (80, _) => Some(Command::Boat { to: (step * 37 + seat * 991) % war.land().len() as u32, share: 100 }),
        (90, _) => Some(Command::Build { site: crate::Site::City, tile: home }),
        (100, _) => Some(Command::Ally { with: war.contacts(me.id).last().map_or(0, |contact| contact.0.0) }),
        (110, _) => Some(Command::Retreat { attack: step / 100 }),
        _ => None,
    }
}

/// Plays it. Before some steps, as the dice of `restore` fall, the war is written and read again.
fn play(mut restore: Option<Dice>) -> War {
    let setup = br#"{"size": "tiny", "tribes": 10, "rivals": 4, "seats": 3, "spawn_seconds": 2, "difficulty": "hard"}"#;
    let mut out = Outbox::for_replay();
    let mut war = Sovereign.open(at(0), setup, 11).unwrap();
    for seat in 0..3 {
        Sovereign.execute(&mut war, at(0), Event::Join { seat: Seat(seat) }, &mut out);
    }
    for step in 1..=STEPS {
        let now = at(step);
        Sovereign.pass(&mut war, now, &mut out);
        for seat in 0..3 {
            let Some(command) = command(&war, step, seat) else { continue };
            let event = Event::Command { seat: Seat(seat), command };
            if Sovereign.validate(&war, now, &event).is_ok() {
                Sovereign.execute(&mut war, now, event, &mut out);
            }
        }
        if step.is_multiple_of(20) {
            Sovereign.execute(&mut war, now, Event::Advance, &mut out);
        }
        if restore.as_mut().is_some_and(|dice| dice.below(150) == 0) {
            war = Sovereign.restore(&bytes(&war)).unwrap();
        }
        out.clear();
    }
    war
}

#[test]
fn a_golden_war_ends_as_written_down() {
    let war = play(None);
    let lands: Vec<_> = war.nations().iter().map(|nation| nation.tiles).collect();
    assert!(lands.iter().filter(|&&tiles| tiles == 0).count() > 3, "much has happened: {lands:?}");
    assert_eq!(Hash128::of(&[&bytes(&war)]).to_string(), END);
}

#[test]
fn a_golden_war_ends_the_same_when_it_was_kept_and_read_again() {
    for seed in 1..=2 {
        assert_eq!(Hash128::of(&[&bytes(&play(Some(Dice::new(seed))))]).to_string(), END);
    }
}
