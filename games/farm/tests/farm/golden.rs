//! Golden logs: games that were played once and must lead to the same farm for as long as the rules' version stays.
//! `tests/golden/README.md` says what to do when this fails.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use farm::OWNER;
use farm::view::{FarmView, StatsView, View};
use farm::{Command, Farm, FarmV1};
use kernel::{Fault, ReadRow, Replayed, Room, Row, Rules, Seq, Start, replay};

use crate::balance::spends;
use crate::properties::Act;
use crate::room::{Host, ROOM, Shelf, rules};
use crate::yard::*;

const HOUR_MS: i64 = 3_600_000;
const STANDARD: &[u8] = include_bytes!("../golden/standard.toml");
const DEVICES: &[u8] = include_bytes!("../golden/devices.toml");
const QUICK: &[u8] = include_bytes!("../golden/quick.toml");

/// A log of this version, written if it is not there yet.
fn check(name: &str, content: &[u8], play: impl FnOnce(&mut Host)) {
    let log = path(Farm::VERSION, name, "log");
    if !log.exists() && std::env::var_os("FARM_GOLDEN").is_some_and(|value| value == "write") {
        let mut host = Host::open(content, 64);
        play(&mut host);
        host.ends_row();
        std::fs::write(&log, to_bytes(&host.shelf().rows)).expect("the folder can be written");
        let (_, summary) = follow(Farm::VERSION, content, &log);
        std::fs::write(path(Farm::VERSION, name, "expected"), summary).expect("the folder can be written");
    }
    compare(Farm::VERSION, name, content);
}

fn compare(version: u32, name: &str, content: &[u8]) {
    let expected = path(version, name, "expected");
    let help = "see tests/golden/README.md";
    let want =
        std::fs::read_to_string(&expected).unwrap_or_else(|error| panic!("{expected:?}: {error}; {help}"));
    let (hashes, found) = follow(version, content, &path(version, name, "log"));
    assert!(hashes > 2, "rows carry hashes on the way");
    assert_eq!(found, want, "the same log leads to another farm; {help}");
}

fn path(version: u32, name: &str, ending: &str) -> PathBuf {
    folder().join(format!("v{version}_{name}.{ending}"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Replays a log file. Says how many hashes on the way were compared, and where it leads.
fn follow(version: u32, content: &[u8], log: &Path) -> (u64, String) {
    let done = replayed(version, content, log);
    let room = done.room.expect("a golden log is not empty");
    let mut text = String::new();
    writeln!(text, "rules   {}", room.rules()).expect("a String takes all");
    writeln!(text, "inputs  {}", done.inputs).expect("a String takes all");
    writeln!(text, "label   {}", room.label()).expect("a String takes all");
    writeln!(text, "state   {}", room.hash()).expect("a String takes all");
    (done.hashes, text)
}

fn replayed(version: u32, content: &[u8], log: &Path) -> Replayed {
    let rows = from_bytes(&std::fs::read(log).expect("a golden log can be read"));
    let mut shelf = Shelf { rules: rules(version, content), rows, snapshot: None };
    replay(ROOM, &mut shelf, Start::Open, None).unwrap_or_else(|fault| panic!("{log:?}: {fault}"))
}

/// Rows one after the other: first, last, checksum, length of the body, body; little-endian.
fn to_bytes(rows: &[Row]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in rows {
        for number in [row.first.0, row.last.0, row.sum, row.body.len() as u64] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&row.body);
    }
    bytes
}

fn from_bytes(mut bytes: &[u8]) -> Vec<Row> {
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let mut number = || {
            let (head, rest) = bytes.split_first_chunk().expect("a golden log is whole");
            bytes = rest;
            u64::from_le_bytes(*head)
        };
        let (first, last, sum, len) = (Seq(number()), Seq(number()), number(), number());
        let (body, rest) = bytes.split_at(usize::try_from(len).expect("it was in memory once"));
        bytes = rest;
        rows.push(Row { first, last, sum, body: body.to_vec().into() });
    }
    rows
}

/// The greedy player's first 40 minutes, a night away, a prestige, and the beginning of the second run.
fn first_day(host: &mut Host) {
    let mut yard = Yard::new(STANDARD);
    let content = yard.sees().content;
    let mut acts = vec![Act::Come];
    let mut told = 0;
    let mut tell = |yard: &Yard, acts: &mut Vec<Act>, now: &mut i64| {
        for (ms, command) in &yard.done[told..] {
            acts.extend([Act::Wait(ms - *now), Act::Do(command.clone())]);
            *now = *ms;
        }
        told = yard.done.len();
    };
    let mut now = yard.at.ms;
    let works = |yard: &mut Yard, minutes: i64| {
        for _ in 0..minutes * 12 {
            yard.waits(5_000);
            yard.does(shear(20)).expect("hands are faster than that");
            spends(yard, &content);
        }
    };
    works(&mut yard, 40);
    tell(&yard, &mut acts, &mut now);
    yard.leaves();
    yard.waits(11 * HOUR_MS);
    yard.joins();
    acts.extend([Act::Go, Act::Wait(5 * HOUR_MS), Act::Pass, Act::Wait(6 * HOUR_MS), Act::Come]);
    now += 11 * HOUR_MS;
    works(&mut yard, 5);
    yard.does(Command::Prestige).expect("the night brought enough");
    works(&mut yard, 5);
    tell(&yard, &mut acts, &mut now);
    for act in &acts {
        host.does(act);
    }
    for act in [Act::Do(keepsake("scarecrow")), Act::Wait(3), Act::Answer(true), Act::Wait(90_000), Act::Pass]
    {
        host.does(&act);
    }
}

/// A fixed sequence of numbers, each below what is asked (SplitMix64, Steele et al. 2014).
pub fn chance(mut seed: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

/// Anything at all, for a while: steps through every kind of act.
fn wander(host: &mut Host) {
    let mut next = chance(4);
    host.does(&Act::Come);
    for _ in 0..2_000 {
        let act = match next(20) {
            0..4 => Act::Wait(next(5_000).cast_signed()),
            4 => Act::Wait(next(20_000_000).cast_signed()),
            5..9 => Act::Do(shear(1 + next(50))),
            9 => Act::Do(buy("llama", 1 + next(3))),
            10 => Act::Do(buy_max(["llama", "suri"][usize::from(next(3) == 0)])),
            11 => Act::Do(upgrade(["shears", "hands", "hay", "combs", "songs"][usize::from(next(5) as u8)])),
            12 => Act::Do(craft("spin", 1 + next(4))),
            13 => Act::Do(craft_max("spin")),
            14 => Act::Do(if next(8) == 0 { Command::Prestige } else { buy("suri", 1) }),
            15 => Act::Do(keepsake(["scarecrow", "lantern"][usize::from(next(2) == 0)])),
            16 => Act::Answer(next(2) == 0),
            17 => Act::Go,
            18 => Act::Come,
            _ => Act::Pass,
        };
        host.does(&act);
    }
    host.does(&Act::Come);
}

/// The same on a farm of today: somebody who comes and goes, with three devices.
fn commute(host: &mut Host) {
    let mut next = chance(11);
    let wishes = ["thumb", "start", "friend", "well", "night", "hum", "blade", "silk"];
    let deed = move |next: &mut dyn FnMut(u64) -> u64| match next(14) {
        0..4 => shear(1 + next(50)),
        4 => buy("llama", 1 + next(3)),
        5 => buy_max(["llama", "suri"][usize::from(next(3) == 0)]),
        6 => upgrade(["shears", "hands", "hay", "combs", "songs"][usize::from(next(5) as u8)]),
        7 => craft("spin", 1 + next(4)),
        8 => craft_max("spin"),
        9 => Command::Prestige,
        10..13 => wish(wishes[usize::from(next(8) as u8)]),
        _ => keepsake(["scarecrow", "lantern"][usize::from(next(2) == 0)]),
    };
    host.does(&Act::Do(Command::Import(crate::vectors::honest())));
    host.does(&Act::Come);
    for _ in 0..1_500 {
        let act = match next(16) {
            0..4 => Act::Wait(next(60_000).cast_signed()),
            4 => Act::Wait(next(20_000_000).cast_signed()),
            5..10 => Act::Do(deed(&mut next)),
            10 => Act::Answer(next(2) == 0),
            11 => Act::Go,
            12 => Act::Come,
            13 => Act::Pass,
            _ => {
                let done = (0..next(8)).map(|_| (next(10_000_000).cast_signed(), deed(&mut next))).collect();
                Act::Return(next(3) as u8, done, next(4) == 0)
            }
        };
        host.does(&act);
    }
    host.does(&Act::Do(Command::Report));
    host.does(&Act::Come);
}

#[test]
fn the_first_day_of_the_standard_farm() {
    check("standard", STANDARD, first_day);
}

#[test]
fn a_walk_through_everything() {
    check("quick", QUICK, wander);
}

/// Wishes, events, weeks, and three devices that play offline.
#[test]
fn a_walk_in_and_out_of_the_house() {
    check("devices", DEVICES, commute);
}

/// Farms of the version before: their logs are followed to the same state, and they move on from there.
#[test]
fn the_version_before_is_still_followed_and_moves_on() {
    for (name, content) in [("standard", STANDARD), ("quick", QUICK)] {
        compare(FarmV1::VERSION, name, content);
        let log = path(FarmV1::VERSION, name, "log");
        let old = replayed(FarmV1::VERSION, content, &log).room.expect("it is not empty");
        let at = old.at(old.memory().at.ms + HOUR_MS);
        let new = rules(Farm::VERSION, content).migrate(old.as_ref(), at).expect("it moves on");
        assert_eq!(new.label(), old.label());
        let farm = |room: &dyn Room| {
            let mut bytes = Vec::new();
            room.view(at, OWNER, &mut bytes);
            View::decode(&bytes).expect("a view can be read back").farm
        };
        let (before, after) = (farm(old.as_ref()), farm(new.as_ref()));
        // Version 1 counted neither weeks nor weaves.
        let stats = StatsView { weaves: after.stats.weaves, ..before.stats.clone() };
        let before = FarmView { week: after.week.clone(), stats, ..before };
        assert_eq!(after, before, "nothing is lost on the way");
    }
}

/// The check itself is checked: a log whose rows are sound and whose story is another is found out.
#[test]
fn another_story_is_found() {
    let mut host = Host::open(QUICK, 8);
    let mut other = Host::open(QUICK, 8);
    host.does(&Act::Come);
    other.does(&Act::Come);
    for index in 0..20 {
        host.does(&Act::Do(shear(1)));
        other.does(&Act::Do(shear(if index == 12 { 2 } else { 1 })));
    }
    let (mut shelf, others) = (host.shelf(), other.shelf());
    // The second row of the other farm, with the hash of this one.
    let hash = ReadRow::read(ROOM, &shelf.rows[1]).expect("its own").hash;
    let read = ReadRow::read(ROOM, &others.rows[1]).expect("its own");
    let mut writer = kernel::RowWriter::default();
    for input in read.inputs() {
        let (seq, at, input) = input.expect("its own");
        writer.push(seq, at, &input);
    }
    shelf.rows[1] = writer.finish(ROOM, shelf.rules.id(), hash).expect("inputs were pushed");
    let fault =
        replay(ROOM, &mut shelf, Start::Open, None).map(|_| ()).expect_err("the hash is of another farm");
    assert!(matches!(fault, Fault::Differs { seq: Seq(16), .. }), "{fault}");
}
