//! What telling a large war costs: bytes a second to each client and what they are of, bytes a changed tile, the time of a
//! step with and without listeners, of a view, a snapshot and its reading. Run it in release:
//! `cargo run --release -p sovereign --example told -- '{"size":"large",…}' [minutes]`

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::{At, Audience, Event, Outbox, Rules, Seat};
use sovereign::{Command, NationId, Phase, Sovereign, War};

/// Steps that are looked at in each minute.
const STEPS: u32 = 400;

fn main() {
    let mut words = std::env::args().skip(1);
    let setup = words.next().unwrap_or_else(|| {
        r#"{"size":"large","seats":100,"tribes":150,"rivals":50,"spawn_seconds":10}"#.into()
    });
    let minutes: u32 = words.next().and_then(|word| word.parse().ok()).unwrap_or(8);
    let rules = Sovereign;
    let mut out = Outbox::for_replay();
    let mut war = rules.open(at(0), setup.as_bytes(), 7).unwrap_or_else(|refusal| panic!("{refusal}"));
    let seats = u32::from(war.setup().seats);
    for seat in 0..seats {
        rules.execute(&mut war, at(0), Event::Join { seat: Seat(seat) }, &mut out);
    }
    for minute in 0..minutes {
        while war.step() < minute * 1_200 + 600 && !matches!(war.phase(), Phase::Over(..)) {
            step(&mut war, seats, &mut out);
            out.clear();
        }
        look(&war, seats);
    }
}

fn look(war: &War, seats: u32) {
    let alive = war.nations().iter().filter(|nation| nation.is_alive()).count();
    println!("\nminute {}: {alive} nations, {} attacks", war.step() / 1_200, war.attacks().len());
    let rules = Sovereign;
    let mut bodies = Vec::new();
    let mut quiet = war.clone();
    let silent = timed(|| (0..STEPS).for_each(|_| step(&mut quiet, seats, &mut Outbox::for_replay())));
    let mut heard = war.clone();
    let mut out = Outbox::new();
    let told = timed(|| {
        for _ in 0..STEPS {
            step(&mut heard, seats, &mut out);
            bodies.append(&mut out.take_updates());
            out.clear();
        }
    });
    println!("  a step {:.1?}, told {:.1?}", silent / STEPS, told / STEPS);
    let seconds = f64::from(STEPS) / 20.0;
    let mut keys: BTreeMap<u64, usize> = BTreeMap::new();
    let (mut all, mut one, mut tiles) = (0, 0, 0);
    for update in &bodies {
        match &update.to {
            Audience::All => all += update.body.len(),
            Audience::One(seat) if seat.0 == 1 => one += update.body.len(),
            _ => continue,
        }
        for (key, value) in entries(&plain(&update.body)) {
            *keys.entry(key).or_default() += value.len();
            if key == 2 {
                tiles += count(value);
            }
        }
    }
    println!(
        "  {:.1} kB/s to all, {:.2} kB/s to seat 1; {:.0} changed tiles/s, {:.2} bytes each before deflation",
        all as f64 / seconds / 1e3,
        one as f64 / seconds / 1e3,
        tiles as f64 / seconds,
        keys.get(&2).map_or(0.0, |bytes| *bytes as f64 / f64::from(tiles.max(1))),
    );
    let each: Vec<String> =
        keys.iter().map(|(key, bytes)| format!("{key}: {:.2}", *bytes as f64 / seconds / 1e3)).collect();
    println!("  kB/s before deflation by key: {}", each.join(", "));
    let (mut view, mut bytes) = (Vec::new(), Vec::new());
    let shown = timed(|| rules.view(&heard, at(0), Seat(1), &mut view));
    let written = timed(|| rules.snapshot(&heard, &mut bytes));
    let read = timed(|| drop(rules.restore(&bytes)));
    let copied = timed(|| drop(heard.clone()));
    println!(
        "  view {shown:.1?} {} kB; snapshot {written:.1?} {} kB, read {read:.1?}; copy {copied:.1?}",
        view.len() / 1_000,
        bytes.len() / 1_000
    );
}

fn step(war: &mut War, seats: u32, out: &mut Outbox) {
    let rules = Sovereign;
    let (then, now) = (at(u64::from(war.step())), at(u64::from(war.step()) + 1));
    let turn = war.step() % 60;
    for seat in (0..seats).filter(|seat| seat % 60 == turn) {
        if let Some(command) = plan(war, Seat(seat)) {
            let event = Event::Command { seat: Seat(seat), command };
            if rules.validate(war, then, &event).is_ok() {
                rules.execute(war, then, event, out);
            }
        }
    }
    if war.step().is_multiple_of(20) {
        rules.execute(war, then, Event::Advance, out);
    }
    rules.pass(war, now, out);
}

/// Strikes at wild land while there is any beside it, else at the weakest neighbour.
fn plan(war: &War, seat: Seat) -> Option<Command> {
    let nation = war.of_seat(seat).filter(|nation| nation.is_alive())?;
    if nation.troops * 4 < war.cap(nation.id) {
        return None;
    }
    let strength = |id: NationId| war.nation(id).map_or(0, |other| other.troops);
    let weakest =
        war.contacts(nation.id).iter().map(|contact| contact.0).min_by_key(|&id| (strength(id), id))?;
    Some(Command::Attack { on: weakest.0, share: 250 })
}

fn at(step: u64) -> At {
    At { ms: step as i64 * 50, step }
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

fn plain(body: &[u8]) -> Vec<u8> {
    match body[0] {
        0 => body[1..].to_vec(),
        _ => miniz_oxide::inflate::decompress_to_vec(&body[1..]).expect("it was deflated here"),
    }
}

/// The entries of a map of MessagePack with numbers for keys.
fn entries(pack: &[u8]) -> Vec<(u64, &[u8])> {
    let mut at = 1;
    let count = usize::from(pack[0] & 0x0F);
    (0..count)
        .map(|_| {
            let key = u64::from(pack[at]);
            at += 1;
            let start = at;
            at = after(pack, at);
            (key, &pack[start..at])
        })
        .collect()
}

/// Where the value that begins here ends.
fn after(pack: &[u8], at: usize) -> usize {
    let wide =
        |bytes: usize| pack[at + 1..at + 1 + bytes].iter().fold(0, |n, byte| n << 8 | usize::from(*byte));
    let list = |count: usize, start: usize| (0..count).fold(start, |at, _| after(pack, at));
    match pack[at] {
        0x90..=0x9F => list(usize::from(pack[at] & 0x0F), at + 1),
        0xDC => list(wide(2), at + 3),
        0xDD => list(wide(4), at + 5),
        0xC4 => at + 2 + wide(1),
        0xC5 => at + 3 + wide(2),
        0xC6 => at + 5 + wide(4),
        0xCC => at + 2,
        0xCD => at + 3,
        0xCE => at + 5,
        0xCF => at + 9,
        _ => at + 1,
    }
}

/// Tiles in runs of changes.
fn count(value: &[u8]) -> u32 {
    let mut at = match value[0] {
        0xC4 => 2,
        0xC5 => 3,
        _ => 5,
    };
    let mut next = || {
        let (mut number, mut shift) = (0_u64, 0);
        while at < value.len() {
            let byte = value[at];
            at += 1;
            number |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    };
    let mut tiles = 0;
    while next().is_some() {
        for _ in 0..next().unwrap_or(0) {
            tiles += match next() {
                Some(head) if head & 1 == 1 => next().unwrap_or(0) as u32 + 2,
                _ => 1,
            };
        }
    }
    tiles
}
