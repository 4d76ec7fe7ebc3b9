//! Rows of rooms with steps gather (`rooms.gather_ms`): what comes within one window is one row of the log, and is answered
//! when that row is durable; rooms without steps, and worlds that do not gather, write at once.

use kernel::{RoomId, Seq};
use ledger::Command;
use sim::{Faults, World};
use store::{LoadLog, Place, UserId};

use crate::beat::{self, Watcher};
use crate::board;
use crate::client::{self, Client};

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

/// Says something in each of the next milliseconds but every tenth; at which of them something was heard, and what.
fn talk(world: &mut World, one: &mut Client, room: RoomId, id: u128, ms: i64) -> Vec<(i64, String)> {
    let mut heard = Vec::new();
    for at in 1..=ms {
        if at % 10 != 0 {
            one.send(world, room, id * at as u128, &format!("say:{at}"));
        }
        world.pass(1);
        world.settle();
        heard.extend(one.hear().into_iter().map(|text| (at, text)));
    }
    heard
}

/// A board, which tells its seats twenty times a second, with somebody there.
fn quiet_board() -> (World, Client, RoomId, u64) {
    let mut world = World::with(GATHERS, Faults::default(), Place::Memory, board::registry(&[1]));
    let room = client::open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    world.settle();
    one.hear();
    let last = rows(&world, room, 0).last().map_or(0, |(_, last)| *last);
    (world, one, room, last)
}

#[test]
fn what_nobody_waits_for_is_one_row_a_step_and_sent_by_its_receipt() {
    let (mut world, mut one, room, last) = quiet_board();
    let heard = talk(&mut world, &mut one, room, 0, 220);
    let rows = rows(&world, room, last);
    let times: Vec<i64> = heard.iter().map(|(at, _)| *at).collect();
    assert!(heard.iter().all(|(_, text)| text.starts_with("updates to ")), "{heard:?}");
    assert_eq!(rows.len(), times.len(), "each row is told at once: {rows:?}, {times:?}");
    // The first is told as soon as its window is over, and its beats go by a grid from there.
    assert!(times[0] <= WINDOW_MS && (40..=51).contains(&(times[1] - times[0])), "{times:?}");
    assert!(times[1..].windows(2).all(|pair| pair[1] - pair[0] == 50), "{times:?}");
    let told: usize = heard.iter().map(|(_, text)| text.matches("say:").count()).sum();
    let taken = rows.last().map_or(0, |(_, newest)| newest - last);
    assert_eq!(told as u64, taken, "everything that is durable was told");
    assert!(taken >= 150, "{taken}");
}

#[test]
fn what_somebody_waits_for_does_not_wait_for_its_step() {
    let (mut world, mut one, room, last) = quiet_board();
    let heard = talk(&mut world, &mut one, room, 1, 100);
    let accepted = heard.iter().filter(|(_, text)| text.contains("accepted"));
    let mut times: Vec<i64> = accepted.map(|(at, _)| *at).collect();
    assert!(times.len() >= 85, "{heard:?}");
    times.dedup();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] <= WINDOW_MS), "{times:?}");
    assert!(rows(&world, room, last).len() >= 19);
}

#[test]
fn what_somebody_waits_for_takes_along_what_gathers_for_longer() {
    let (mut world, mut one, room, _) = quiet_board();
    one.send(&mut world, room, 0, "say:a");
    let begun = talk(&mut world, &mut one, room, 0, 60);
    assert!(begun.len() >= 2, "a beat goes on: {begun:?}");
    let last = rows(&world, room, 0).last().map_or(0, |(_, last)| *last);
    one.send(&mut world, room, 0, "say:unanswered");
    world.settle();
    one.send(&mut world, room, 9, "say:answered");
    world.settle();
    world.pass(WINDOW_MS);
    world.settle();
    let heard = one.hear();
    assert!(heard.iter().any(|text| text.starts_with("9 accepted")), "{heard:?}");
    let after = rows(&world, room, last);
    assert_eq!(after.len(), 1, "one row holds what gathered: {after:?}");
}

#[test]
fn what_is_durable_earlier_is_sent_together_with_the_rest_of_its_step() {
    let (mut world, mut one, room, _) = quiet_board();
    one.send(&mut world, room, 0, "say:a");
    let begun = talk(&mut world, &mut one, room, 0, 60);
    assert!(begun.len() >= 2, "a beat goes on: {begun:?}");
    one.send(&mut world, room, 9, "say:answered");
    let mut heard = Vec::new();
    for at in 1..=120 {
        if at == 20 {
            one.send(&mut world, room, 0, "say:unanswered");
        }
        world.pass(1);
        world.settle();
        heard.extend(one.hear().into_iter().filter(|text| text.starts_with("updates")));
    }
    assert!(heard[0].contains("answered, say:unanswered"), "{heard:?}");
}
