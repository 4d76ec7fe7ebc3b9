//! Many small wars at once, as a server has them: the time of a step with somebody listening, how many steps tell something,
//! and what that takes.

use std::time::Duration;

use kernel::{Audience, Event, Outbox, Rules, Seat};
use sovereign::mirror::tiles_of;
use sovereign::{Sovereign, War};

use crate::players::{Dice, Players, at};
use crate::timed;

const WARS: u64 = 100;
const SETUP: &str = r#"{"size":"tiny","seats":10,"tribes":10,"rivals":4,"difficulty":"easy","spawn_seconds":5,"immunity_seconds":0}"#;

/// Plays them, and looks at so many steps after the first ones.
pub fn look(from: u32, steps: u32) {
    let rules = Sovereign;
    let open = |seed| {
        let mut war = rules.open(at(0), SETUP.as_bytes(), seed).unwrap_or_else(|refusal| panic!("{refusal}"));
        let mut out = Outbox::for_replay();
        for seat in 0..u32::from(war.setup().seats) {
            rules.execute(&mut war, at(0), Event::Join { seat: Seat(seat) }, &mut out);
        }
        (war, Players::Bench(Dice::new(seed)))
    };
    let mut wars: Vec<(War, Players)> = (0..WARS).map(open).collect();
    let (mut spent, mut worst) = (Duration::ZERO, Duration::ZERO);
    let (mut told, mut one, mut bytes, mut tiles, mut tile_bytes) = (0_u64, 0_u64, 0, 0, 0);
    let mut out = Outbox::new();
    for step in 0..from + steps {
        for (war, players) in &mut wars {
            let took = timed(|| players.step(war, &mut out));
            if step >= from {
                (spent, worst) = (spent + took, worst.max(took));
                for update in out.updates() {
                    let (changed, size) = tiles_of(&update.body).expect("it was made here");
                    (tiles, tile_bytes) = (tiles + changed, tile_bytes + size);
                    match update.to {
                        Audience::All => (told, bytes) = (told + 1, bytes + update.body.len()),
                        _ => one += 1,
                    }
                }
            }
            out.clear();
        }
    }
    let all = WARS * u64::from(steps);
    println!(
        "{all} steps of {WARS} wars: {:.2} µs each, worst {worst:.1?}; {:.1} % tell everybody something, {:.1} bytes then; \
         {:.2} for one seat; {:.2} changed tiles, {:.2} bytes each",
        spent.as_secs_f64() * 1e6 / all as f64,
        told as f64 * 100.0 / all as f64,
        bytes as f64 / told.max(1) as f64,
        one as f64 / all as f64,
        tiles as f64 / all as f64,
        tile_bytes as f64 / tiles.max(1) as f64,
    );
}
