//! What telling a large war costs: bytes a second to each client and what they are of, bytes a changed tile, the time of a
//! step with and without listeners, of a view, a snapshot and its reading. Run it in release:
//! `cargo run --release -p sovereign --example told -- [plan|bench] [minutes] ['{"size":"large",…}']`.
//! `bench` is the war of `swarm bench sovereign` and its players; `wars [from] [steps]` a hundred small ones at once.

mod pack;
mod players;
mod wars;

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::{Audience, Event, Outbox, Rules, Seat};
use pack::{entries, plain};
use players::{Dice, Players, at};
use sovereign::mirror::tiles_of;
use sovereign::{Phase, Sovereign, War};

/// Steps that are looked at in each minute.
const STEPS: u32 = 400;
/// Steps between two moments that the house keeps of a war.
const KEEP_STEPS: u32 = 200;
/// What stands around the bodies of a step on a socket: frame, envelope, the room's header, a length for each body.
const AROUND_BYTES: usize = 88;
const AROUND_BODY_BYTES: usize = 4;

fn main() {
    let mut words = std::env::args().skip(1);
    let what = words.next().unwrap_or_else(|| "bench".into());
    if what == "wars" {
        let mut number = |least| words.next().and_then(|word| word.parse().ok()).unwrap_or(least);
        return wars::look(number(1_800), number(400));
    }
    let bench = what == "bench";
    let minutes: u32 = words.next().and_then(|word| word.parse().ok()).unwrap_or(8);
    let setup = words.next().unwrap_or_else(|| {
        let text = if bench {
            r#"{"size":"large","seats":100,"tribes":100,"rivals":100,"difficulty":"easy","spawn_seconds":5,"immunity_seconds":0,"map":7}"#
        } else {
            r#"{"size":"large","seats":100,"tribes":150,"rivals":50,"spawn_seconds":10}"#
        };
        text.into()
    });
    let mut players = if bench { Players::Bench(Dice::new(7)) } else { Players::Plan };
    let rules = Sovereign;
    let mut out = Outbox::for_replay();
    let mut war = rules.open(at(0), setup.as_bytes(), 7).unwrap_or_else(|refusal| panic!("{refusal}"));
    for seat in 0..u32::from(war.setup().seats) {
        rules.execute(&mut war, at(0), Event::Join { seat: Seat(seat) }, &mut out);
    }
    for minute in 0..minutes {
        while war.step() < minute * 1_200 + 600 && !matches!(war.phase(), Phase::Over(..)) {
            players.step(&mut war, &mut out);
            out.clear();
        }
        look(&war, &players);
    }
}

fn look(war: &War, players: &Players) {
    let alive = war.nations().iter().filter(|nation| nation.is_alive()).count();
    println!(
        "\nminute {:.1}: {alive} nations, {} attacks",
        f64::from(war.step()) / 1_200.0,
        war.attacks().len()
    );
    let rules = Sovereign;
    let mut bodies = Vec::new();
    let (mut quiet, mut same) = (war.clone(), players.clone());
    let silent = timed(|| (0..STEPS).for_each(|_| same.step(&mut quiet, &mut Outbox::for_replay())));
    let (mut heard, mut same) = (war.clone(), players.clone());
    let mut out = Outbox::new();
    let told = timed(|| {
        for _ in 0..STEPS {
            same.step(&mut heard, &mut out);
            bodies.append(&mut out.take_updates());
            out.clear();
        }
    });
    println!("  a step {:.1?}, told {:.1?}", silent / STEPS, told / STEPS);
    let seconds = f64::from(STEPS) / 20.0;
    let seats = usize::from(war.setup().seats).max(1);
    let mut keys: BTreeMap<u64, f64> = BTreeMap::new();
    let (mut all, mut one, mut around, mut tiles, mut tile_bytes) = (0, 0, 0, 0, 0);
    for update in &bodies {
        let part = match &update.to {
            Audience::All => {
                all += update.body.len();
                around += AROUND_BYTES + AROUND_BODY_BYTES;
                1.0
            }
            _ => {
                one += update.body.len() + AROUND_BODY_BYTES;
                1.0 / seats as f64
            }
        };
        for (key, value) in entries(&plain(&update.body)) {
            *keys.entry(key).or_default() += (1 + value.len()) as f64 * part;
        }
        let (changed, bytes) = tiles_of(&update.body).expect("it was made here");
        tiles += changed;
        tile_bytes += bytes;
    }
    let one = one as f64 / seats as f64;
    println!(
        "  {:.2} kB/s to each: {:.2} to all, {:.2} to one, {:.2} around them; {:.0} changed tiles/s, {:.2} bytes each",
        (all as f64 + one + around as f64) / seconds / 1e3,
        all as f64 / seconds / 1e3,
        one / seconds / 1e3,
        around as f64 / seconds / 1e3,
        tiles as f64 / seconds,
        tile_bytes as f64 / tiles.max(1) as f64,
    );
    let each: Vec<String> =
        keys.iter().map(|(key, bytes)| format!("{key}: {:.2}", bytes / seconds / 1e3)).collect();
    println!("  kB/s before deflation by key: {}", each.join(", "));
    let (mut view, mut bytes) = (Vec::new(), Vec::new());
    let shown = timed(|| rules.view(&heard, at(0), Seat(1), &mut view));
    let written = timed(|| rules.snapshot(&heard, &mut bytes));
    let read = timed(|| drop(rules.restore(&bytes)));
    let map = rules.lasting(&heard);
    let again = timed(|| drop(rules.restore_with(&bytes, map.as_ref())));
    let sought = timed(|| {
        let mut then = rules.restore_with(&bytes, map.as_ref()).expect("it was written here");
        (0..KEEP_STEPS).for_each(|_| same.step(&mut then, &mut Outbox::for_replay()));
        rules.view(&then, at(0), Seat(1), &mut Vec::new());
    });
    let copied = timed(|| drop(heard.clone()));
    println!(
        "  view {shown:.1?} {} kB; snapshot {written:.1?} {} kB, read {read:.1?}, with the map {again:.1?}; copy {copied:.1?}",
        view.len() / 1_000,
        bytes.len() / 1_000
    );
    println!("  the step that is farthest from a moment, with its view: {sought:.1?}");
}

fn timed(work: impl FnOnce()) -> Duration {
    let cpu = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let begun = cpu();
    work();
    cpu() - begun
}
