//! Restarts, new versions, rewinds.

use std::future::Future;
use std::task::{Context, Waker};

use app::rooms::{RoomError, replay};
use kernel::{Registry, Seq, Start};
use ledger::Command;
use sim::{Faults, GRACE_MS, RETAIN_MS, SLEEP_AFTER_MS, World};
use store::{FoundSnapshot, LatestSnapshot, LogSizeOf, Place, RoomGet, RoomState, UserId};

use crate::board::registry;
use crate::client::{Client, check, open};
use crate::grove::replayed;

#[test]
fn going_down_tells_everybody_saves_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let place = || Place::Directory(dir.path().to_owned());
    let mut world = World::with(8, Faults::default(), place(), registry(&[1]));
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    one.send(&mut world, room, 1, "say:last words");
    let rooms = world.rooms();
    world.wait_for(async move { rooms.shutdown().await });
    let (heard, drained) = one.drain();
    assert!(heard.contains(&"1 accepted as 3".to_owned()), "{heard:?}");
    assert_eq!(heard.last().unwrap(), "closing 1: the server is going down; come back in a moment");
    assert_eq!(drained.close.unwrap().code, app::session::close::RESTART);
    let latest = LatestSnapshot { room, at_or_before: Seq(u64::MAX) };
    let FoundSnapshot::Whole(snapshot) = world.store.read_now(latest).unwrap() else {
        panic!("nothing was saved")
    };
    assert_eq!(snapshot.seq, Seq(3));
    world.store.close();
    drop(world);

    let mut world = World::with(9, Faults::default(), place(), registry(&[1]));
    let mut one = Client::new(1, 12);
    one.join(&mut world, room, None);
    world.settle();
    // It was left at the end of its grace, or is still within it; either way the words are there.
    assert!(one.hear()[1].contains("1 lines, last say:last words, 1 here"));
    one.send(&mut world, room, 1, "say:last words");
    check(&mut world, &mut one, &["1 accepted as 3"]);
}

#[test]
fn a_room_moves_to_new_rules_as_it_wakes() {
    let dir = tempfile::tempdir().unwrap();
    let place = || Place::Directory(dir.path().to_owned());
    let mut world = World::with(10, Faults::default(), place(), registry(&[1]));
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    one.send(&mut world, room, 1, "say:small");
    world.settle();
    world.store.close();
    drop(world);

    // Without the old rules, the unsaved tail cannot be followed: the room stays closed and is named.
    let mut world = World::with(11, Faults::default(), place(), registry(&[2]));
    let mut lost = Client::new(1, 11);
    lost.join(&mut world, room, None);
    world.settle();
    assert!(lost.hear()[0].starts_with("join error 5: the room is closed"));
    let RoomState::Faulted(why) = world.store.read_now(RoomGet { room }).unwrap().unwrap().state else {
        panic!()
    };
    assert!(why.contains("no rules board version 1"), "{why}");
    let store = world.store.clone();
    assert!(
        world.wait_for(async move { store.write(store::ReopenRoom { room }).await }).unwrap().into_inner()
    );
    world.store.close();
    drop(world);

    let mut world = World::with(12, Faults::default(), place(), registry(&[1, 2]));
    let mut one = Client::new(1, 12);
    one.join(&mut world, room, None);
    world.settle();
    assert!(one.hear()[1].contains("1 lines, last say:small"));
    one.send(&mut world, room, 2, "say:large");
    world.settle();
    world.pass(60);
    world.settle();
    assert!(one.hear().iter().any(|text| text.ends_with("SAY:LARGE")));
    let latest = LatestSnapshot { room, at_or_before: Seq(u64::MAX) };
    assert!(matches!(world.store.read_now(latest).unwrap(), FoundSnapshot::Whole(_)), "a migration is saved");
    for start in [Start::Open, Start::Snapshot] {
        let replayed =
            replay(&world.store, &world.library, room, start, None, &mut |_| {}).unwrap().room.unwrap();
        assert_eq!(replayed.rules().version, 2);
    }
    world.store.close();
    drop(world);

    // Saved after the migration, it needs the old rules no more.
    let mut world = World::with(13, Faults::default(), place(), registry(&[2]));
    let mut one = Client::new(1, 13);
    one.join(&mut world, room, None);
    world.settle();
    assert!(one.hear()[1].contains("2 lines, last SAY:LARGE"));
}

#[test]
fn a_rewind_does_not_lose_coins_that_were_on_their_way() {
    let mut world =
        World::with(16, Faults::default(), Place::Memory, Registry::new().with::<ledger::Ledger>());
    let rooms = world.rooms();
    let setup = br#"{"accounts":1,"balance":100}"#.to_vec();
    let room = world.wait_for(async move { rooms.open(UserId(1), "ledger", setup, false).await }).unwrap();
    let mut one = Client::joined(&mut world, 1, room);
    for (id, command) in [
        (1, Command::Withdraw { account: 0, amount: 30 }),
        (2, Command::Deposit { account: 0, amount: 10 }),
        (3, Command::Transfer { from: 0, to: 0, amount: 1 }),
    ] {
        let mut body = Vec::new();
        command.encode(&mut body);
        one.send_bytes(&mut world, room, id, body);
        world.settle();
    }
    assert_eq!(one.hear()[..2], ["1 accepted as 3", "2 accepted as 4"]);
    // Back to when the deposit was asked for and not answered: the wallet has given the coins all the same.
    let rooms = world.rooms();
    let done = world.wait_for(async move { rooms.rewind(room, Seq(4)).await }).unwrap();
    assert!(done.standing.is_empty(), "nothing undone had moved coins");
    let total = |start| {
        let room =
            replay(&world.store, &world.library, room, start, None, &mut |_| {}).unwrap().room.unwrap();
        let mut view = Vec::new();
        room.view(room.memory().at, kernel::Seat(0), &mut view);
        u64::from_le_bytes(view[..8].try_into().unwrap())
    };
    assert_eq!((total(Start::Open), total(Start::Snapshot)), (80, 80));
    // Back to before both: what left and what came stands, and the operator is told.
    let rooms = world.rooms();
    let done = world.wait_for(async move { rooms.rewind(room, Seq(2)).await }).unwrap();
    let standing: Vec<i64> = done.standing.iter().map(|entry| entry.amount).collect();
    assert_eq!(standing, [30, -10]);
}

#[test]
fn who_takes_a_command_out_is_told_of_the_coins_that_it_and_what_falls_with_it_moved() {
    let mut world =
        World::with(17, Faults::default(), Place::Memory, Registry::new().with::<ledger::Ledger>());
    let rooms = world.rooms();
    let setup = br#"{"accounts":1,"balance":40}"#.to_vec();
    let room = world.wait_for(async move { rooms.open(UserId(1), "ledger", setup, false).await }).unwrap();
    let mut one = Client::joined(&mut world, 1, room);
    for (id, command) in [
        (1, Command::Withdraw { account: 0, amount: 30 }),
        (2, Command::Deposit { account: 0, amount: 10 }),
        (3, Command::Withdraw { account: 0, amount: 15 }),
        (4, Command::Withdraw { account: 0, amount: 5 }),
    ] {
        let mut body = Vec::new();
        command.encode(&mut body);
        one.send_bytes(&mut world, room, id, body);
        world.settle();
    }
    // Without the deposit, the second withdrawal finds too little. The others stand, and are nobody's concern.
    for dry_run in [true, false] {
        let rooms = world.rooms();
        let done = world.wait_for(async move { rooms.without(room, Seq(4), dry_run).await }).unwrap();
        let fallen: Vec<_> = done.refused.iter().map(|fallen| fallen.kind).collect();
        let standing: Vec<i64> = done.standing.iter().map(|entry| entry.amount).collect();
        assert_eq!((done.seq.is_none(), fallen, standing), (dry_run, vec!["command"], vec![-10, 15]));
    }
}

#[test]
fn old_rows_go_once_snapshots_stand_for_them() {
    let mut world = World::with(15, Faults::default(), Place::Memory, registry(&[1]));
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    for id in 1..900 {
        one.send(&mut world, room, id, "say:x");
        world.settle();
    }
    let sleep = |world: &mut World, one: &mut Client| {
        one.leave(world, room);
        for wait in [GRACE_MS, SLEEP_AFTER_MS, 1] {
            world.settle();
            world.pass(wait);
        }
        world.settle();
    };
    sleep(&mut world, &mut one);
    let size = |world: &World| world.store.read_now(LogSizeOf { room }).unwrap();
    assert_eq!(size(&world).first_seq, 1, "young rows stay");
    // A day later there is a second snapshot, and the first day's rows are old.
    for _ in 0..3 {
        world.pass(24 * RETAIN_MS);
        one.join(&mut world, room, None);
        for id in 1_000..1_300 {
            one.send(&mut world, room, id, "say:y");
            world.settle();
        }
        sleep(&mut world, &mut one);
    }
    assert!(size(&world).first_seq > 800, "{:?}", size(&world));
    one.hear();
    one.join(&mut world, room, None);
    world.settle();
    assert!(one.hear()[1].contains("lines, last say:y"));
}

#[test]
fn an_end_waits_for_no_rewind() {
    let mut world = World::with(14, Faults::default(), Place::Memory, registry(&[1]));
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    one.send(&mut world, room, 1, "say:one");
    world.settle();
    one.hear();
    let rooms = world.rooms();
    let mut rewind = Box::pin(async move { rooms.rewind(room, Seq(2)).await });
    let context = &mut Context::from_waker(Waker::noop());
    assert!(rewind.as_mut().poll(context).is_pending());
    // The store was asked for the past and has not answered; somebody has asked for something meanwhile.
    world.turn_rooms();
    one.send(&mut world, room, 2, "say:two");
    world.turn_rooms();
    let rooms = world.rooms();
    world.wait_for(async move { rooms.shutdown().await });
    let going_down = "the server is going down; come back in a moment";
    assert_eq!(world.wait_for(rewind), Err(RoomError::Unavailable(going_down.into())));
    let heard = one.hear();
    assert!(heard.contains(&format!("2 refused 6: {going_down}")), "{heard:?}");
    assert_eq!(replayed(&world, room).memory().seq, Seq(3), "nothing was undone");
}

#[test]
fn a_rewind_is_logged_and_shown_to_everybody() {
    let mut world = World::with(14, Faults::default(), Place::Memory, registry(&[1]));
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    let mut two = Client::joined(&mut world, 2, room);
    for id in 1..6 {
        one.send(&mut world, room, id, &format!("say:{id}"));
        world.settle();
    }
    one.hear();
    two.hear();
    // To after the first line, when both were there.
    let rooms = world.rooms();
    let done = world.wait_for(async move { rooms.rewind(room, Seq(4)).await }).unwrap();
    assert_eq!((done.seq, done.to), (Seq(9), Seq(4)));
    world.settle();
    for client in [&mut one, &mut two] {
        assert!(client.hear().contains(&"view at 9: 1 lines, last say:1, 2 here".to_owned()));
    }
    one.send(&mut world, room, 9, "say:other");
    world.settle();
    assert_eq!(one.hear()[0], "9 accepted as 10");
    // A command from before the rewind is not taken again.
    one.send(&mut world, room, 3, "say:3");
    check(&mut world, &mut one, &["3 accepted as 6"]);
    // To before the second player came: who is present sits down again.
    let rooms = world.rooms();
    world.wait_for(async move { rooms.rewind(room, Seq(2)).await }).unwrap();
    world.settle();
    assert!(two.hear().iter().any(|text| text.ends_with("0 lines, last , 2 here")));
    let rooms = world.rooms();
    let beyond = world.wait_for(async move { rooms.rewind(room, Seq(500)).await });
    assert!(matches!(beyond, Err(RoomError::NoSuchPoint { .. })));
    let hash = |start| {
        replay(&world.store, &world.library, room, start, None, &mut |_| {}).unwrap().room.unwrap().hash()
    };
    assert_eq!(hash(Start::Open), hash(Start::Snapshot));
}
