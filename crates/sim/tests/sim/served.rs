//! What server code asks of rooms: commands without a socket, views without waking, points to go back to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::rooms::{Answered, CommandError, RoomError, Viewer};
use kernel::{Refusal, RoomId, Seq};
use sim::{Faults, GRACE_MS, RETAIN_MS, SLEEP_AFTER_MS, World};
use store::{EventsAfter, LoadLog, LogSizeOf, POINTS_MAX, Place, RoomGet, UserId};

use crate::client::Client;
use crate::grove::{fruit, give, open, peek, replayed, world};

fn quiet() -> World {
    world(20, Faults::default(), Place::Memory)
}

fn sleep(world: &mut World) {
    for wait in [GRACE_MS, SLEEP_AFTER_MS, SLEEP_AFTER_MS, 1] {
        world.settle();
        world.pass(wait);
    }
    world.settle();
    assert_eq!(world.rooms().awake(), 0);
}

fn events(world: &World) -> Vec<(u64, Option<UserId>, String)> {
    let rows = world.store.read_now(EventsAfter { seq: 0, limit: 1_000 }).unwrap();
    rows.into_iter().map(|row| (row.seq, row.user, row.properties)).collect()
}

#[test]
fn server_code_acts_for_the_absent() {
    let mut world = quiet();
    let rung = Arc::new(AtomicUsize::new(0));
    let ring = rung.clone();
    world.rooms().on_events(move || {
        ring.fetch_add(1, Ordering::Relaxed);
    });
    let room = open(&mut world, 1);
    // Nobody ever joined, and the room sleeps.
    let done = give(&mut world, 1, room, 5, "far").unwrap();
    let mut expected = Answered { seq: Seq(3), repeat: false, answer: b"10".to_vec() };
    assert_eq!(done, expected, "after the Advance of a room that wakes");
    let properties = format!(r#"{{"fruit":"10","room":"{room}"}}"#);
    assert_eq!(events(&world), [(1, Some(UserId(1)), properties)]);
    assert_eq!(rung.load(Ordering::Relaxed), 1);
    // Again, with the same id: nothing more.
    (expected.repeat, expected.answer) = (true, Vec::new());
    assert_eq!(give(&mut world, 1, room, 5, "far"), Ok(expected.clone()));
    sleep(&mut world);
    assert_eq!(give(&mut world, 1, room, 5, "far"), Ok(expected));
    assert_eq!((events(&world).len(), rung.load(Ordering::Relaxed)), (1, 1));
    assert_eq!(give(&mut world, 1, room, 6, "pick"), Err(CommandError::NotSeated));
    assert_eq!(give(&mut world, 2, room, 7, "far"), Err(CommandError::NotSeated));
    let no = Err(CommandError::Refused(Refusal::new(100, "no")));
    assert_eq!(give(&mut world, 1, room, 8, "no"), no);
    let Err(CommandError::Refused(gone)) = give(&mut world, 1, RoomId(9), 9, "far") else { panic!() };
    assert_eq!(gone.code, Refusal::NO_ROOM);
    let long = "x".repeat(app::rooms::SERVER_COMMAND_BYTES_MAX + 1);
    assert!(matches!(give(&mut world, 1, room, 9, &long), Err(CommandError::Refused(_))));
    // Whoever is there sees what it does, and the answer is not theirs.
    let mut one = Client::joined(&mut world, 1, room);
    give(&mut world, 1, room, 10, "far").unwrap();
    world.settle();
    assert!(one.hear().iter().any(|text| text.starts_with("updates") && text.ends_with(": 20")));
    let rooms = world.rooms();
    assert_eq!(world.wait_for(async move { rooms.mine(UserId(1), "grove").await }), Ok(Some(room)));
}

#[test]
fn rules_that_panic_over_a_command_of_the_server_cost_that_command() {
    let mut world = quiet();
    let room = open(&mut world, 1);
    give(&mut world, 1, room, 1, "far").unwrap();
    let Err(CommandError::Refused(fault)) = give(&mut world, 1, room, 2, "panic") else { panic!() };
    assert_eq!(fault.code, Refusal::FAULT);
    assert_eq!(give(&mut world, 1, room, 3, "far").unwrap().answer, b"20");
}

#[test]
fn under_failing_commits_a_command_is_done_exactly_once() {
    let (mut failed, mut repeats) = (0, 0);
    for seed in 0..60 {
        let faults = Faults { full: 40, lost_before: 60, lost_after: 120 };
        let mut world = world(seed, faults, Place::Memory);
        let room = open(&mut world, 1);
        world.faults(true);
        let mut seqs = Vec::new();
        for id in 1..=12 {
            let word = if id % 4 == 0 { "mark" } else { "far" };
            let answered = (0..200).find_map(|_| match give(&mut world, 1, room, id, word) {
                Ok(answered) => Some(answered),
                Err(CommandError::Unavailable(_)) => {
                    failed += 1;
                    world.pass(300);
                    None
                }
                Err(other) => panic!("seed {seed}: {other}"),
            });
            let answered = answered.unwrap_or_else(|| panic!("seed {seed}: never taken"));
            repeats += usize::from(answered.repeat);
            seqs.push(answered.seq);
            if world.chance(3) == 0 {
                sleep_under_faults(&mut world);
            }
        }
        world.faults(false);
        assert!(seqs.is_sorted_by(|a, b| a < b), "seed {seed}: {seqs:?}");
        assert_eq!(fruit(&world, room), 9 * 10 + 3 * 100, "seed {seed}");
        assert_eq!(events(&world).len(), 9, "seed {seed}");
        let rooms = world.rooms();
        let points = world.wait_for(async move { rooms.points(room).await }).unwrap();
        let marked: Vec<Seq> = points.iter().rev().map(|point| point.seq.next()).collect();
        assert_eq!(marked, [seqs[3], seqs[7], seqs[11]], "seed {seed}");
        // Every point can be gone back to, whether or not its snapshot was written.
        let first = points[2].seq;
        let rooms = world.rooms();
        world.wait_for(async move { rooms.rewind(room, first).await }).unwrap();
        assert_eq!(fruit(&world, room), 30, "seed {seed}");
    }
    assert!(failed > 50 && repeats > 10, "the runs say little: {failed} failures, {repeats} repeats");
}

fn sleep_under_faults(world: &mut World) {
    for wait in [GRACE_MS, SLEEP_AFTER_MS, SLEEP_AFTER_MS] {
        world.settle();
        world.pass(wait);
    }
}

#[test]
fn a_look_wakes_nobody_and_shows_what_is_durable() {
    let mut world = quiet();
    let room = open(&mut world, 1);
    give(&mut world, 1, room, 1, "far").unwrap();
    sleep(&mut world);
    let row = |world: &World| world.store.read_now(RoomGet { room }).unwrap();
    let before = row(&world);
    let user = |number| Viewer::User(UserId(number));
    assert_eq!(peek(&mut world, room, user(1)).unwrap(), "10 fruit, at 2 a second");
    for viewer in [Viewer::Nobody, user(2)] {
        assert_eq!(peek(&mut world, room, viewer).unwrap(), "0 here, at 2 a second");
    }
    assert_eq!((row(&world), world.rooms().awake()), (before, 0));
    assert_eq!(peek(&mut world, RoomId(3), Viewer::Nobody), Err(RoomError::NoSuchRoom));
    // Awake, with time passing.
    let mut one = Client::joined(&mut world, 1, room);
    world.pass(5_000);
    let seen = peek(&mut world, room, user(1)).unwrap();
    assert!(seen.starts_with("20 fruit"), "{seen}");
    assert_eq!(peek(&mut world, room, Viewer::Nobody).unwrap(), "1 here, at 2 a second");
    // What is not durable is not seen: the look waits for it.
    one.send(&mut world, room, 2, "mark");
    let rooms = world.rooms();
    let mut look = Box::pin(async move { rooms.peek(room, user(1)).await });
    let noop = &mut std::task::Context::from_waker(std::task::Waker::noop());
    for _ in 0..5 {
        assert!(look.as_mut().poll(noop).is_pending());
        world.turn_rooms();
    }
    let seen = world.wait_for(look).unwrap();
    assert!(String::from_utf8_lossy(&seen).starts_with("120 fruit"));
    let rooms = world.rooms();
    world.wait_for(async move { rooms.shutdown().await });
}

#[test]
fn a_point_can_be_gone_back_to_after_its_log_is_gone() {
    let mut world = quiet();
    let room = open(&mut world, 1);
    let mut one = Client::joined(&mut world, 1, room);
    // Within a row, so that the point lies between two inputs of one commit.
    for (id, word) in [(1, "pick"), (2, "mark"), (3, "pick")] {
        one.send(&mut world, room, id, word);
    }
    world.settle();
    let marked = |world: &mut World| {
        let rooms = world.rooms();
        world.wait_for(async move { rooms.points(room).await }).unwrap()
    };
    let point = marked(&mut world).pop().unwrap();
    assert_eq!((point.why.as_str(), point.label.as_str()), ("marked", "1 fruit"));
    let chunks = |world: &World| {
        world.store.read_now(LoadLog { room, after: point.seq, bytes_max: 1 }).unwrap().chunks
    };
    assert!(chunks(&world)[0].first_seq <= point.seq, "the point does not lie within a row");
    one.lose(&mut world);
    sleep(&mut world);
    // Days pass; the log is long, saved and pruned.
    for day in 0..3 {
        world.pass(24 * RETAIN_MS);
        let mut two = Client::joined(&mut world, 1, room);
        for id in 0..300 {
            two.send(&mut world, room, 1_000 * (day + 1) + id, "pick");
            world.settle();
        }
        two.lose(&mut world);
        sleep(&mut world);
    }
    let size = world.store.read_now(LogSizeOf { room }).unwrap();
    assert!(size.first_seq > point.seq.0 + 2, "{size:?}");
    let rewind = |world: &mut World, to| {
        let rooms = world.rooms();
        world.wait_for(async move { rooms.rewind(room, to).await })
    };
    assert!(matches!(rewind(&mut world, Seq(point.seq.0 + 1)), Err(RoomError::Unreadable(_))));
    let seen = |world: &mut World| peek(world, room, Viewer::User(UserId(1))).unwrap();
    let then = seen(&mut world);
    // It can be looked at as it was then, without going there.
    let rooms = world.rooms();
    let look = async move { rooms.look(room, Some(point.seq), Viewer::User(UserId(1))).await };
    let looked = world.wait_for(look).unwrap();
    assert_eq!((looked.seq, looked.label.as_str()), (point.seq, "1 fruit"));
    assert_eq!((&looked.view[..], looked.measures[0].1), (&b"1 fruit, at 2 a second"[..], 1));
    assert_eq!(seen(&mut world), then);
    rewind(&mut world, point.seq).unwrap();
    assert_eq!(seen(&mut world), "1 fruit, at 2 a second");
    // A rewind is a point itself, and is taken back like anything else.
    let back = marked(&mut world)[0].clone();
    assert_eq!(back.why, "rewind");
    rewind(&mut world, back.seq).unwrap();
    assert_eq!(seen(&mut world), then);
    sleep(&mut world);
    assert_eq!(seen(&mut world), then);
}

#[test]
fn the_newest_points_stay() {
    let mut world = quiet();
    let room = open(&mut world, 1);
    for id in 1..=u128::from(POINTS_MAX) + 5 {
        give(&mut world, 1, room, id, "mark").unwrap();
    }
    world.settle();
    let rooms = world.rooms();
    let points = world.wait_for(async move { rooms.points(room).await }).unwrap();
    assert_eq!(points.len() as u32, POINTS_MAX);
    assert_eq!((points[0].label.as_str(), points[39].label.as_str()), ("4400 fruit", "500 fruit"));
    // As one batch, no more marks wait to be written than may: the rest is passed over, the commands are not.
    let mut one = Client::joined(&mut world, 1, room);
    for id in 100..120 {
        one.send(&mut world, room, id, "mark");
    }
    world.settle();
    assert_eq!(fruit(&world, room), 6_500);
    let rooms = world.rooms();
    let points = world.wait_for(async move { rooms.points(room).await }).unwrap();
    assert_eq!(points.iter().filter(|point| point.at_ms == points[0].at_ms).count(), 8);
    assert_eq!(replayed(&world, room).memory().seq.0, 2 + 45 + 1 + 20);
}
