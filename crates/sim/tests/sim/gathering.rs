//! Rows of rooms with steps gather (`rooms.gather_ms`): what comes within one window is one row of the log, and is answered
//! when that row is durable; rooms without steps, and worlds that do not gather, write at once.

use kernel::{RoomId, Seq};
use ledger::Command;
use sim::{Faults, World};
use store::{LoadLog, Place, UserId};

use crate::beat::{self, Watcher};
use crate::client::Client;

/// A world that gathers, and one that does not: see `World::with_contents`.
const GATHERS: u64 = 201;
const WRITES_AT_ONCE: u64 = 200;
/// The window of a world that gathers.
const WINDOW_MS: i64 = 5;
const COMMANDS: u128 = 4;

/// The rows of the log, by the inputs in them, after an input.
fn rows(world: &World, room: RoomId, after: u64) -> Vec<(u64, u64)> {
    let page = world.store.read_now(LoadLog { room, after: Seq(after), bytes_max: 1 << 30 }).unwrap();
    page.chunks.iter().map(|chunk| (chunk.first_seq.0, chunk.last_seq.0)).collect()
}

/// A room that runs, with one player in it, just after a window and with nothing on its way; and its newest input.
fn quiet(seed: u64) -> (World, Watcher, u64) {
    let mut world = beat::world(seed, Faults::default(), Place::Memory);
    let room = beat::open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    // Joining took turns, and each of them some time.
    world.pass(beat::STEP_MS);
    world.settle();
    while world.now_ms() % WINDOW_MS != 0 {
        world.pass(1);
        world.settle();
    }
    one.listen();
    let last = rows(&world, room, 0).last().map_or(0, |(_, last)| *last);
    (world, one, last)
}

/// Commands one by one, each with as many turns as anybody wants, all at one moment. How many of them were answered before
/// time went on.
fn command(world: &mut World, one: &mut Watcher) -> usize {
    let mut answered = 0;
    for id in 1..=COMMANDS {
        one.send(world, id, "earn:3");
        world.settle();
        one.listen();
        answered += one.answers.len();
    }
    answered
}

#[test]
fn what_comes_within_a_window_is_one_row_and_answered_together() {
    let (mut world, mut one, last) = quiet(GATHERS);
    assert_eq!(command(&mut world, &mut one), 0, "an answer before its row");
    world.pass(WINDOW_MS - 1);
    world.settle();
    one.listen();
    assert_eq!((one.answers.len(), rows(&world, one.room, last)), (0, vec![]), "the window is still open");
    world.pass(1);
    world.settle();
    one.listen();
    let accepted: Vec<_> = one.answers.iter().map(|(id, answer)| (*id, answer.unwrap())).collect();
    let wanted: Vec<_> = (1..=COMMANDS).map(|id| (id, last + id as u64)).collect();
    assert_eq!(accepted, wanted);
    assert_eq!(rows(&world, one.room, last), [(last + 1, last + COMMANDS as u64)], "one row holds them all");
}

#[test]
fn the_next_window_is_another_row() {
    let (mut world, mut one, last) = quiet(GATHERS);
    for (id, text) in [(1, "earn:1"), (2, "earn:2"), (3, "earn:3")] {
        one.send(&mut world, id, text);
        world.settle();
        world.pass(WINDOW_MS);
        world.settle();
    }
    let each = [(last + 1, last + 1), (last + 2, last + 2), (last + 3, last + 3)];
    assert_eq!(rows(&world, one.room, last), each);
}

#[test]
fn a_world_that_does_not_gather_writes_each_as_it_comes() {
    let (mut world, mut one, last) = quiet(WRITES_AT_ONCE);
    assert_eq!(command(&mut world, &mut one), COMMANDS as usize);
    assert_eq!(rows(&world, one.room, last).len(), COMMANDS as usize);
}

#[test]
fn rooms_without_steps_do_not_gather() {
    let mut world = World::new(GATHERS, Faults::default());
    let rooms = world.rooms();
    let room = rooms.clone();
    let room =
        world.wait_for(async move { room.open(UserId(1), "ledger", b"{}".to_vec(), false).await }).unwrap();
    let mut body = Vec::new();
    Command::Deposit { account: 1, amount: 5 }.encode(&mut body);
    let mut one = Client::new(1, 1);
    one.join(&mut world, room, None);
    world.settle();
    one.hear();
    one.send_bytes(&mut world, room, 7, body);
    world.settle();
    let heard = one.hear();
    assert!(heard.iter().any(|text| text.starts_with("7 accepted")), "{heard:?}");
}
