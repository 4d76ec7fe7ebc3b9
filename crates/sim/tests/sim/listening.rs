//! Updates: gathered, in order, once; and clients that do not listen.

use std::future::Future;
use std::task::{Context, Waker};

use app::rooms::RoomCommand;
use app::session::{OUTBOX_BYTES_MAX, UPDATES_BYTES_MAX};
use kernel::CommandId;
use sim::{Faults, World};
use store::Place;

use crate::board::registry;
use crate::client::{Client, check, open};

fn world() -> World {
    World::with(2, Faults::default(), Place::Memory, registry(&[1]))
}

#[test]
fn nothing_is_said_before_it_is_durable() {
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    let mut two = Client::joined(&mut world, 2, room);
    world.pass(60);
    world.settle();
    one.hear();
    two.hear();
    let (rooms, session) = (world.rooms(), one.session.clone());
    let command = RoomCommand { room, id: CommandId(7), body: b"say:soon"[..].into() };
    let mut sent = Box::pin(async move { rooms.commands(&session, &mut vec![command]).await });
    let context = &mut Context::from_waker(Waker::noop());
    assert!(sent.as_mut().poll(context).is_ready());
    world.turn_rooms();
    assert!(one.hear().is_empty() && two.hear().is_empty(), "something was said before the commit");
    world.settle();
    assert_eq!(one.hear()[0], "7 accepted as 4");
    assert_eq!(two.hear(), ["updates to 4: say:soon"]);
}

#[test]
fn what_is_sent_says_how_far_it_goes_and_no_further() {
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    let mut two = Client::joined(&mut world, 2, room);
    let watcher = Client::new(3, 13);
    one.send(&mut world, room, 1, "say:a");
    let (rooms, session) = (world.rooms(), watcher.session.clone());
    world.wait_for(async move { rooms.watch(&session, room, "watch".into()).await });
    world.turn_rooms();
    // What is taken while the store is busy, a picture for who watches, and one more come to the store together; the picture
    // has what was told before it sent at once.
    one.send(&mut world, room, 2, "say:b");
    world.turn_rooms();
    assert!(world.store.pump() > 0);
    one.send(&mut world, room, 3, "say:c");
    world.settle();
    world.pass(50);
    check(&mut world, &mut two, &["updates to 4: say:a", "updates to 5: say:b", "updates to 6: say:c"]);
}

#[test]
fn commands_that_no_row_holds_are_to_be_sent_again() {
    const COMMANDS: u128 = 20;
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    let mut left: Vec<u128> = (1..=COMMANDS).collect();
    let large = format!("to:2:{}", "x".repeat(1 << 20));
    let mut rounds = 0;
    while !left.is_empty() {
        // The store is busy with one of them, and takes the others together.
        for id in std::mem::take(&mut left) {
            one.send(&mut world, room, id, &large);
            world.turn_rooms();
        }
        world.settle();
        for heard in one.hear().iter().filter(|heard| heard.contains(" refused ")) {
            let (id, why) = heard.split_once(' ').unwrap();
            assert!(why.starts_with("refused 6: the store is slow"), "{heard}");
            left.push(id.parse().unwrap());
        }
        rounds += 1;
        assert!(left.len() as u128 <= COMMANDS - rounds, "some of them are taken each time");
    }
    assert!(rounds > 1, "a row held them all");
    one.send(&mut world, room, 99, "say:done");
    check(&mut world, &mut one, &["99 accepted as 23"]);
}

#[test]
fn updates_of_a_step_come_together_and_to_whom_they_are_for() {
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    let mut two = Client::joined(&mut world, 2, room);
    world.pass(100);
    world.settle();
    one.hear();
    two.hear();
    one.send(&mut world, room, 1, "say:first");
    world.settle();
    for (id, text) in [(2, "say:a"), (3, "to:1:b"), (4, "to:0:c"), (5, "say:d")] {
        one.send(&mut world, room, id, text);
        world.settle();
    }
    world.pass(50);
    check(&mut world, &mut two, &["updates to 4: say:first", "updates to 8: say:a, to:1:b, say:d"]);
    let heard = one.hear();
    assert_eq!(heard.last().unwrap(), "updates to 8: say:a, to:0:c, say:d");
}

#[test]
fn a_client_that_does_not_read_is_skipped_forward_and_costs_a_bounded_amount() {
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    let mut slow = Client::joined(&mut world, 2, room);
    world.pass(60);
    world.settle();
    slow.hear();
    let each_kib = 60;
    let count = 3 * UPDATES_BYTES_MAX / (each_kib * 1024);
    for id in 0..count {
        one.send(&mut world, room, id as u128 + 1, &format!("big:{each_kib}"));
        world.settle();
        world.pass(60);
        world.settle();
        assert!(one.hear().iter().any(|text| text.ends_with("60 KiB")), "the others are served");
    }
    let (heard, drained) = slow.drain();
    assert_eq!(
        (heard, drained.skipped.as_slice()),
        (vec![], [room].as_slice()),
        "everything old was dropped"
    );
    assert!(drained.close.is_none());
    let (rooms, session) = (world.rooms(), slow.session.clone());
    world.wait_for(async move { rooms.refresh(&session, room).await });
    check(&mut world, &mut slow, &[&format!("view at {}: {count} lines, last big:60, 2 here", count + 3)]);
    one.send(&mut world, room, 99, "say:on we go");
    world.pass(60);
    check(&mut world, &mut slow, &[&format!("updates to {}: say:on we go", count + 4)]);
}

#[test]
fn who_was_skipped_forward_hears_nothing_until_the_view() {
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    let mut slow = Client::joined(&mut world, 2, room);
    let say = |world: &mut World, one: &mut Client, id: u128, text: &str| {
        one.send(world, room, id, text);
        world.settle();
        world.pass(60);
        world.settle();
        one.hear();
    };
    say(&mut world, &mut one, 1, "big:200");
    say(&mut world, &mut one, 2, "big:200");
    let (heard, drained) = slow.drain();
    assert_eq!((heard, drained.skipped.as_slice()), (vec![], [room].as_slice()));
    // Its socket is about to ask for a view, and the room does not know yet. What it says now follows from what was dropped:
    // whoever took it would think that nothing is missing, and ask for no more than what comes after it when they come back.
    say(&mut world, &mut one, 3, "say:meanwhile");
    assert_eq!(slow.hear(), [""; 0]);
    let (rooms, session) = (world.rooms(), slow.session.clone());
    world.wait_for(async move { rooms.refresh(&session, room).await });
    check(&mut world, &mut slow, &["view at 6: 3 lines, last say:meanwhile, 2 here"]);
    say(&mut world, &mut one, 4, "say:on we go");
    assert_eq!(slow.hear(), ["updates to 7: say:on we go"]);
    // Whoever leaves before the view begins anew.
    say(&mut world, &mut one, 5, "big:200");
    say(&mut world, &mut one, 6, "big:200");
    assert_eq!(slow.drain().1.skipped, [room]);
    say(&mut world, &mut one, 7, "say:behind them");
    slow.leave(&mut world, room);
    slow.join(&mut world, room, Some(9));
    world.settle();
    assert_eq!(slow.hear()[..3], ["leave done", "match with 2", "updates to 10: say:behind them"]);
}

#[test]
fn a_client_whose_answers_pile_up_is_closed_and_told_to_come_back() {
    let mut world = world();
    let room = open(&mut world);
    let slow = Client::joined(&mut world, 1, room);
    let mut asked = 0;
    while asked < 2 * OUTBOX_BYTES_MAX / 400 {
        let (rooms, session) = (world.rooms(), slow.session.clone());
        world.wait_for(async move { rooms.leave(&session, kernel::RoomId(3), "x".into()).await });
        asked += 1;
    }
    world.settle();
    let mut deliveries = Vec::new();
    let drained = slow.session.drain(&mut deliveries);
    assert_eq!(drained.close.unwrap().code, app::session::close::TRY_AGAIN);
    assert!(deliveries.len() < asked);
}

#[test]
fn transient_updates_are_sent_and_not_kept() {
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    world.pass(60);
    world.settle();
    one.hear();
    one.send(&mut world, room, 1, "soon:here");
    world.settle();
    world.pass(60);
    world.settle();
    assert!(one.hear().iter().any(|text| text.ends_with(": soon:here")));
    one.lose(&mut world);
    one.join(&mut world, room, Some(2));
    world.settle();
    assert_eq!(one.hear()[1], "updates to 3: ");
}
