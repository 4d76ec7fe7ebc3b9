//! How fast wars run: steps a second, and the worst step, with every seat played by a simple plan. Run it in release:
//! `cargo run --release -p sovereign --example pace`. With a number it plays that many wars of the default setup with
//! computers alone, and says how each went.

use std::time::Duration;

use kernel::{At, Event, Hash128, Outbox, Rules, Seat};
use sovereign::{Command, NationId, Phase, Sovereign, War};

/// Steps between two commands of a seat.
const EVERY: u32 = 60;
/// Steps between two looks at what keeping the war costs.
const KEEP: u32 = 200;

fn main() {
    if let Some(wars) = std::env::args().nth(1).and_then(|text| text.parse::<u64>().ok()) {
        for seed in 1..=wars {
            story(seed);
        }
        return;
    }
    let small = r#"{"size": "medium", "seats": 20, "tribes": 14, "rivals": 6, "spawn_seconds": 5}"#;
    let large = r#"{"size": "large", "seats": 100, "tribes": 150, "rivals": 50, "spawn_seconds": 10}"#;
    pace("20 seats, 20 computers, 250,000 tiles", small, 20);
    pace("100 seats, 200 computers, 1,000,000 tiles", large, 100);
}

/// Runs a war to its end, as a replay does: nobody is told anything.
fn pace(name: &str, setup: &str, seats: u32) {
    let rules = Sovereign;
    let mut out = Outbox::for_replay();
    let mut war = rules.open(at(0), setup.as_bytes(), 7).expect("the setup is good");
    for seat in 0..seats {
        rules.execute(&mut war, at(0), Event::Join { seat: Seat(seat) }, &mut out);
    }
    let mut spent: Vec<Duration> = Vec::new();
    let mut commands = 0;
    let mut kept = Kept::default();
    while !matches!(war.phase(), Phase::Over(..)) {
        let now = at(u64::from(war.step()) + 1);
        let turn = war.step() % EVERY;
        for seat in (0..seats).filter(|seat| seat % EVERY == turn) {
            if let Some(command) = plan(&war, Seat(seat)) {
                let event = Event::Command { seat: Seat(seat), command };
                let then = at(u64::from(war.step()));
                if rules.validate(&war, then, &event).is_ok() {
                    rules.execute(&mut war, then, event, &mut out);
                    commands += 1;
                }
            }
        }
        if war.step().is_multiple_of(20) {
            let then = at(u64::from(war.step()));
            rules.execute(&mut war, then, Event::Advance, &mut out);
        }
        let begun = cpu();
        rules.pass(&mut war, now, &mut out);
        spent.push(cpu() - begun);
        out.clear();
        if war.step().is_multiple_of(KEEP) {
            kept.look(&war);
        }
    }
    let steps = spent.len();
    let all: Duration = spent.iter().sum();
    spent.sort_unstable();
    println!(
        "{name}: {steps} steps and {commands} commands in {all:.1?}: {:.0} steps/s, {:.0} × real time; \
         a step {:.1?}, 99 % {:.1?}, 99.9 % {:.1?}, worst {:.1?}",
        steps as f64 / all.as_secs_f64(),
        steps as f64 / all.as_secs_f64() / 20.0,
        all / steps as u32,
        spent[steps * 99 / 100],
        spent[steps * 999 / 1_000],
        spent[steps - 1],
    );
    println!("  {kept}; the last state is {}", Hash128::of(&[&bytes(&war)]));
}

/// What it costs to keep a war, at the worst.
#[derive(Default)]
struct Kept {
    copied: Duration,
    written: Duration,
    read: Duration,
    bytes: usize,
}

impl Kept {
    fn look(&mut self, war: &War) {
        let begun = cpu();
        let copy = war.clone();
        self.copied = self.copied.max(cpu() - begun);
        let begun = cpu();
        let kept = bytes(&copy);
        self.written = self.written.max(cpu() - begun);
        self.bytes = self.bytes.max(kept.len());
        if war.step().is_multiple_of(KEEP * 16) {
            let begun = cpu();
            Sovereign.restore(&kept).expect("a war can be read that was written");
            self.read = self.read.max(cpu() - begun);
        }
    }
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { copied, written, read, bytes } = self;
        write!(f, "a copy {copied:.1?}, a snapshot {written:.1?} and {bytes} bytes, read again in {read:.1?}")
    }
}

/// A war's snapshot.
fn bytes(war: &War) -> Vec<u8> {
    let mut bytes = Vec::new();
    Sovereign.snapshot(war, &mut bytes);
    bytes
}

/// What a seat does: strikes at wild land while there is any beside it, else at the weakest neighbour.
fn plan(war: &War, seat: Seat) -> Option<Command> {
    let nation = war.of_seat(seat).filter(|nation| nation.is_alive())?;
    let cap = war.cap(nation.id);
    if war.touches(nation.id, NationId::NOBODY) {
        return (nation.troops * 4 > cap).then_some(Command::Attack { on: 0, share: 200 });
    }
    let strength = |id: NationId| war.nation(id).map_or(u64::MAX, |other| other.troops);
    let weakest = war
        .contacts(nation.id)
        .iter()
        .map(|contact| contact.0)
        .filter(|&other| !war.allied(nation.id, other))
        .min_by_key(|&other| (strength(other), other))?;
    let ready =
        nation.troops * 10 > cap * 4 && (strength(weakest) < nation.troops || nation.troops * 10 > cap * 8);
    ready.then_some(Command::Attack { on: weakest.0, share: 400 })
}

/// A war of computers alone, told in a line for every two minutes.
fn story(seed: u64) {
    let rules = Sovereign;
    let mut out = Outbox::for_replay();
    let mut war = rules.open(at(0), b"", seed).expect("the default setup is good");
    while !matches!(war.phase(), Phase::Over(..)) {
        let now = at(u64::from(war.step()) + 20);
        let then = at(u64::from(war.step()));
        rules.execute(&mut war, then, Event::Advance, &mut out);
        rules.pass(&mut war, now, &mut out);
        out.clear();
        if war.step().is_multiple_of(2_400) || matches!(war.phase(), Phase::Over(..)) {
            let land = u64::from(war.map().land());
            let alive = war.nations().iter().filter(|nation| nation.is_alive());
            let mut best: Vec<_> = alive.clone().collect();
            best.sort_by_key(|nation| std::cmp::Reverse(nation.tiles));
            let shares: Vec<String> = best
                .iter()
                .take(5)
                .map(|nation| {
                    format!("{} {:?} {} %", nation.id.0, nation.troops, u64::from(nation.tiles) * 100 / land)
                })
                .collect();
            let owned: u64 = best.iter().map(|nation| u64::from(nation.tiles)).sum();
            println!(
                "war {seed}, minute {:.1}: {} alive, {} % owned; {}",
                f64::from(war.step()) / 1_200.0,
                alive.count(),
                owned * 100 / land,
                shares.join(", "),
            );
        }
    }
}

/// What this thread has used of a processor.
fn cpu() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
}

/// The time of a step.
fn at(step: u64) -> At {
    At { ms: step as i64 * 50, step }
}
