//! The cases. Where one needs a rich farm, it is made by playing, which is no part of the case.

use farm::{By, Command, Count, Order};

use super::seeded;
use super::tape::{Tape, device, late};
use crate::yard::*;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

pub fn all() -> Vec<Tape> {
    let mut cases = Vec::new();
    cases.extend(hands());
    cases.extend(purchases());
    cases.extend(time());
    cases.extend(calendar());
    cases.extend(prestige());
    cases.extend(wishes());
    cases.extend(keepsakes());
    cases.extend(offline());
    cases.extend(devices());
    cases.extend(super::saves::all());
    cases.extend((1..=12).map(|seed| seeded::quick(seed, 60)));
    cases.extend((1..=4).map(seeded::standard));
    cases
}

/// A case that begins with the owner there.
fn here(name: &str) -> Tape {
    let mut tape = Tape::quick(name);
    tape.joins();
    tape
}

/// Shears with all hands for so many seconds.
pub fn shears(tape: &mut Tape, seconds: u32) {
    for _ in 0..seconds {
        tape.waits(1_000).does(shear(20));
    }
}

/// A farm with a few of everything.
pub fn rich(name: &str) -> Tape {
    let mut tape = here(name);
    shears(&mut tape, 30);
    tape.all([
        buy("llama", 6),
        upgrade("shears"),
        upgrade("hands"),
        craft("spin", 12),
        buy("suri", 2),
        upgrade("hay"),
        upgrade("songs"),
    ]);
    shears(&mut tape, 60);
    tape
}

/// One that has traded once and has stars to spend.
pub fn starry(name: &str) -> Tape {
    let mut tape = rich(name);
    shears(&mut tape, 300);
    tape.all([Command::Prestige]);
    tape
}

fn case(mut tape: Tape, play: impl FnOnce(&mut Tape)) -> Tape {
    tape = tape.begins();
    play(&mut tape);
    tape
}

fn hands() -> Vec<Tape> {
    vec![
        case(Tape::quick("the first join"), |t| {
            t.waits(5_000).joins().waits(1).passes();
        }),
        case(here("a burst, then twenty a second"), |t| {
            t.does(shear(50)).does(shear(1)).waits(49).does(shear(1)).waits(1).does(shear(1));
            t.waits(100).does(shear(3)).does(shear(2)).waits(HOUR_MS).does(shear(50)).does(shear(1));
        }),
        case(here("counts out of bounds"), |t| {
            t.does(shear(0)).does(shear(51)).does(buy("llama", 0)).does(buy("llama", 1_001));
            t.does(craft("spin", 0)).does(craft("spin", 1_000_000_001));
        }),
        case(rich("a shear has its share of what grows"), |t| {
            t.all([shear(1), upgrade("hands"), shear(7), upgrade("shears"), shear(20)]);
        }),
    ]
}

fn purchases() -> Vec<Tape> {
    vec![
        case(here("nobody knows these"), |t| {
            t.does(buy("dragon", 1)).does(upgrade("wings")).does(craft("gold", 1));
            t.does(keepsake("llama")).does(wish("fame"));
        }),
        case(here("the first llamas"), |t| {
            t.does(buy("llama", 1)).does(shear(5)).does(buy("llama", 1)).does(buy("llama", 1));
            t.waits(18_019).does(buy("llama", 1)).waits(1).does(buy("llama", 1));
        }),
        case(rich("as many as can be paid"), |t| {
            t.all([
                buy_max("llama"),
                buy_max("llama"),
                craft_max("spin"),
                buy_max("suri"),
                craft_max("spin"),
            ]);
        }),
        case(rich("milestones double"), |t| {
            shears(t, 20);
            t.all([buy("llama", 3), buy("llama", 1), buy("llama", 1)]);
        }),
        case(rich("limits of a building"), |t| {
            shears(t, 500);
            t.all([buy("llama", 41), buy("llama", 35), buy("llama", 34), buy_max("llama"), buy("llama", 1)]);
        }),
        case(rich("limits of an upgrade"), |t| {
            shears(t, 30);
            t.all([upgrade("shears"), upgrade("shears"), upgrade("shears")]);
        }),
        case(here("locked"), |t| {
            t.does(upgrade("hands")).does(buy("suri", 1)).does(buy_max("suri")).does(upgrade("hay"));
        }),
        case(rich("weaving"), |t| {
            t.all([
                craft("spin", 1),
                craft("spin", 3),
                craft_max("spin"),
                craft_max("spin"),
                craft("spin", 1),
            ]);
        }),
        case(rich("every upgrade once"), |t| {
            t.all([upgrade("combs"), upgrade("songs"), upgrade("hay"), upgrade("shears"), upgrade("hands")]);
        }),
        case(standard_start(), |t| {
            t.all([
                buy("meadow_llama", 2),
                buy_max("meadow_llama"),
                upgrade("sharp_shears"),
                upgrade("fresh_hay"),
            ]);
            t.all([buy("hay_barn", 1), craft("spin_silk", 1), Command::Prestige]);
        }),
    ]
}

fn standard_start() -> Tape {
    let mut tape = Tape::standard("the standard farm's first minutes");
    tape.joins();
    shears(&mut tape, 20);
    tape
}

fn time() -> Vec<Tape> {
    vec![
        case(rich("growth is exact to the millisecond"), |t| {
            for ms in [1, 1, 1, 997, 12_345, 0, 59_999] {
                t.waits(ms).passes();
            }
        }),
        case(rich("away for less than the allowance"), |t| {
            t.leaves().waits(20 * MINUTE_MS).passes().waits(1).joins();
        }),
        case(rich("away for longer than the allowance"), |t| {
            t.leaves().waits(10 * HOUR_MS).passes().waits(90 * HOUR_MS).joins().waits(1_000).does(shear(1));
        }),
        case(rich("a gap while the owner was there"), |t| {
            t.waits(50 * HOUR_MS).passes().waits(5_000).passes();
        }),
        case(rich("the lantern's last millisecond"), |t| {
            // An hour, and the half hour of the songs.
            t.leaves().waits(90 * MINUTE_MS - 1).joins().leaves();
            t.waits(90 * MINUTE_MS).joins().leaves().waits(90 * MINUTE_MS + 1).joins();
        }),
        case(rich("leaving twice on a day"), |t| {
            t.leaves().waits(HOUR_MS).joins().waits(1).leaves().waits(2 * HOUR_MS).joins();
        }),
    ]
}

fn calendar() -> Vec<Tape> {
    // Minutes until 23:00, when the rain begins, from 22:13:20.
    let to_rain = |t: &Tape| 1_700_002_800_000 - t.ms;
    vec![
        case(rich("an event begins, to the millisecond"), |t| {
            let wait = to_rain(t);
            t.waits(wait - 1).passes().waits(1).passes().waits(1).passes();
        }),
        case(rich("growth over an event's beginning, in one piece"), |t| {
            let wait = to_rain(t);
            t.waits(wait - 2_000).passes().waits(5_000).does(buy("llama", 1)).waits(1).does(shear(3));
        }),
        case(rich("two events that overlap, in one piece and in many"), |t| {
            t.waits(to_rain(t) - 7).passes();
            for _ in 0..10 {
                t.waits(29 * MINUTE_MS + 333).passes().does(shear(2));
            }
        }),
        case(rich("an event comes and goes while the owner is away"), |t| {
            let wait = to_rain(t);
            t.waits(wait - MINUTE_MS).leaves().waits(6 * HOUR_MS).joins();
        }),
        case(rich("the lantern goes out in the middle of an event"), |t| {
            let wait = to_rain(t);
            t.leaves().waits(wait + 90 * MINUTE_MS).joins().does(shear(1));
        }),
        case(rich("a new week, with events over its beginning"), |t| {
            let monday = 1_700_438_400_000 - t.ms;
            t.waits(monday - 30 * MINUTE_MS).passes().waits(HOUR_MS).passes();
            t.waits(HOUR_MS).does(shear(5)).waits(HOUR_MS).passes();
        }),
        case(rich("two weeks later"), |t| {
            t.leaves().waits(14 * DAY_MS).joins().does(shear(5));
        }),
        case(rich("away over the beginning of a week"), |t| {
            let monday = 1_700_438_400_000 - t.ms;
            t.waits(monday - 30 * MINUTE_MS).passes().leaves().waits(2 * HOUR_MS).joins();
        }),
    ]
}

fn prestige() -> Vec<Tape> {
    vec![
        case(here("not ready for stars"), |t| {
            t.does(Command::Prestige);
            shears(t, 10);
            t.all([buy("llama", 2), craft("spin", 1), Command::Prestige]);
        }),
        case(rich("a farm is traded"), |t| {
            shears(t, 100);
            t.all([Command::Prestige, Command::Prestige, shear(10), buy("llama", 1)]);
        }),
        case(starry("a farm is traded with head start and gain"), |t| {
            t.all([wish("well"), wish("thumb"), wish("start"), wish("start"), wish("friend")]);
            shears(t, 60);
            t.all([buy("llama", 5), craft("spin", 3), buy("suri", 1)]);
            shears(t, 200);
            t.all([Command::Prestige, shear(1), buy("llama", 1), buy("suri", 1)]);
        }),
    ]
}

fn wishes() -> Vec<Tape> {
    vec![
        case(here("no stars, no wishes"), |t| {
            t.does(wish("thumb")).does(wish("start"));
        }),
        case(starry("every wish once"), |t| {
            t.all(["start", "thumb", "well", "night", "hum", "blade", "silk", "start"].map(wish));
            t.waits(1_000).does(shear(3)).does(buy("llama", 1)).waits(10_000).passes();
        }),
        case(starry("a wish up to its limit"), |t| {
            t.all([wish("night"), wish("night"), wish("night")]);
            t.leaves().waits(5 * HOUR_MS).joins();
        }),
        case(starry("until the stars are spent"), |t| {
            t.all(std::iter::repeat_n(wish("hum"), 12));
        }),
    ]
}

fn keepsakes() -> Vec<Tape> {
    vec![
        case(rich("a keepsake is paid for"), |t| {
            t.does(keepsake("scarecrow")).does(keepsake("scarecrow")).waits(20).pays("scarecrow", true);
            t.waits(1_000).does(keepsake("scarecrow")).does(keepsake("lantern")).waits(5);
            t.pays("lantern", false).waits(1_000).does(keepsake("lantern"));
        }),
        case(rich("the wallet answers when the owner has left"), |t| {
            t.does(keepsake("lantern")).does(keepsake("scarecrow")).leaves().waits(1_000);
            t.pays("lantern", true).waits(1_000).pays("scarecrow", true).waits(9 * HOUR_MS).joins();
        }),
    ]
}

fn offline() -> Vec<Tape> {
    let away = |name: &str| {
        let mut tape = rich(name);
        tape.leaves();
        tape
    };
    vec![
        case(away("a chunk of everything"), |t| {
            let left = t.ms;
            let at = |minutes: i64| left + minutes * MINUTE_MS;
            t.waits(3 * HOUR_MS).syncs(
                1,
                0,
                vec![
                    late(1, at(1), shear(20)),
                    late(2, at(2), buy("llama", 1)),
                    late(3, at(2), buy("unicorn", 1)),
                    late(5, at(30), craft_max("spin")),
                    late(6, at(31), keepsake("scarecrow")),
                    late(7, at(32), Command::Report),
                    late(8, at(40), upgrade("combs")),
                    late(9, at(41), buy("llama", 40)),
                    late(10, at(42), wish("thumb")),
                ],
            );
            t.waits(1_000).joins();
        }),
        case(away("the same chunk again, and again with more"), |t| {
            let left = t.ms;
            let first = vec![late(1, left + 1, shear(60)), late(2, left + 2, shear(5))];
            let more =
                [&first[..], &[late(3, left + 3_000, shear(5)), late(4, left + 1, shear(50))]].concat();
            t.waits(HOUR_MS).syncs(1, 0, first.clone()).syncs(1, 0, first).syncs(1, 0, more.clone());
            t.waits(5).syncs(1, 2, more[2..].to_vec()).syncs(1, 0, more).joins();
        }),
        case(away("chunks out of order"), |t| {
            let left = t.ms;
            t.waits(HOUR_MS).syncs(1, 3, vec![late(4, left, shear(1))]).syncs(
                1,
                0,
                vec![late(3, left, shear(1))],
            );
            t.syncs(1, 4, vec![]).syncs(1, 3, vec![]).syncs(1, 3, vec![late(4, left, shear(1))]);
        }),
        case(away("forged times"), |t| {
            let left = t.ms;
            let day = 400 * DAY_MS;
            t.waits(HOUR_MS).syncs(
                1,
                0,
                vec![late(1, left + day, buy("llama", 1)), late(2, left - day, shear(20))],
            );
            t.syncs(
                1,
                2,
                vec![late(3, i64::MAX, shear(50)), late(4, i64::MIN, shear(50)), late(5, left, shear(1))],
            );
            t.joins();
        }),
        case(away("a clock that is years ahead"), |t| {
            let (left, ahead) = (t.ms, 5 * 365 * DAY_MS);
            t.waits(2 * HOUR_MS);
            let clock_ms = t.ms + ahead;
            let actions = vec![
                late(1, left + ahead + 5_000, shear(9)),
                late(2, left + ahead + HOUR_MS, buy("llama", 2)),
            ];
            t.does(Command::Sync(farm::Sync { device: device(1), after: 0, clock_ms, actions })).joins();
        }),
        case(away("two devices, one pair of hands"), |t| {
            let left = t.ms;
            let clicks =
                |from: u64| (0..4).map(move |n| late(from + n, left + 1_000 * n as i64, shear(20))).collect();
            t.waits(HOUR_MS).syncs(1, 0, clicks(1)).syncs(2, 0, clicks(1)).joins();
        }),
        case(away("allowance bought offline counts from the departure"), |t| {
            let left = t.ms;
            t.waits(5 * HOUR_MS).syncs(1, 0, vec![late(1, left + 80 * MINUTE_MS, upgrade("songs"))]);
            t.syncs(
                1,
                1,
                vec![late(2, left + 100 * MINUTE_MS, shear(5)), late(3, left + 4 * HOUR_MS, shear(5))],
            )
            .joins();
        }),
        case(away("allowance bought when the herd was asleep"), |t| {
            let left = t.ms;
            t.waits(5 * HOUR_MS).syncs(1, 0, vec![late(1, left + 110 * MINUTE_MS, upgrade("songs"))]).joins();
        }),
        case(away("actions over an event's beginning and end"), |t| {
            let left = t.ms;
            let at = |minutes: i64| left + minutes * MINUTE_MS;
            t.waits(6 * HOUR_MS).syncs(1, 0, vec![late(1, at(30), shear(5)), late(2, at(60), shear(5))]);
            t.syncs(1, 2, vec![late(3, at(85), buy("llama", 1)), late(4, at(170), shear(5))]).joins();
        }),
        case(offline_prestige(), |t| {
            let left = t.ms;
            let at = |seconds: i64| left + seconds * 1_000;
            t.waits(2 * HOUR_MS).syncs(
                1,
                0,
                vec![
                    late(1, at(1), wish("thumb")),
                    late(2, at(2), wish("start")),
                    late(3, at(3), Command::Prestige),
                    late(4, at(4), Command::Prestige),
                    late(5, at(10), shear(20)),
                    late(6, at(11), buy("llama", 1)),
                    late(7, at(12), upgrade("songs")),
                ],
            );
            t.waits(MINUTE_MS).joins();
        }),
        case(rich("a short cut in the line, while the seat is still there"), |t| {
            let cut = t.ms;
            t.waits(5_000).passes().waits(1_000);
            t.syncs(
                1,
                0,
                vec![
                    late(1, cut + 500, shear(10)),
                    late(2, cut + 5_500, shear(10)),
                    late(3, cut + 5_600, buy("llama", 1)),
                ],
            );
            t.waits(1_000).does(shear(20)).waits(2_000).passes();
        }),
        case(away("nobody comes back to a farm that only reports"), |t| {
            t.waits(HOUR_MS).does(Command::Report).waits(HOUR_MS).joins().waits(1_000).does(Command::Report);
        }),
    ]
}

fn offline_prestige() -> Tape {
    let mut tape = starry("a farm is traded offline");
    shears(&mut tape, 60);
    tape.all([buy("llama", 5), craft("spin", 3), buy("suri", 1)]);
    shears(&mut tape, 200);
    tape.leaves();
    tape
}

fn devices() -> Vec<Tape> {
    let by = |n: u64, command: Command| Order { command, by: Some(By { device: device(1), n }) };
    vec![
        case(rich("numbered commands, and the same ones in a chunk"), |t| {
            t.waits(1_000).does(by(1, shear(1))).does(by(1, shear(1))).does(by(3, buy("llama", 1)));
            t.does(by(4, buy("llama", 40))).does(by(3, shear(1))).waits(1_000).does(by(4, shear(1)));
            let cut = t.ms;
            t.leaves().waits(MINUTE_MS);
            t.syncs(1, 3, vec![late(4, cut, shear(1)), late(5, cut + 1_000, shear(1))]);
            t.joins().does(by(5, shear(1))).does(by(6, shear(1)));
        }),
        case(rich("the device that was not used for longest is forgotten"), |t| {
            t.leaves();
            for name in 1..=17 {
                let now = t.waits(1_000).ms;
                t.syncs(name, 0, vec![late(9, now, buy("unicorn", 1))]);
            }
            let now = t.waits(1_000).ms;
            t.syncs(1, 9, vec![]).syncs(3, 9, vec![late(10, now, shear(1))]);
        }),
        case(rich("as many as can be paid, by number"), |t| {
            let command = Command::Buy { building: "llama".into(), count: Count::Max };
            t.waits(1_000).does(by(7, command.clone())).does(by(7, command));
        }),
    ]
}
