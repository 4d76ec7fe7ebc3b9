//! Joining, leaving, grace, coming back.

use sim::{Faults, GRACE_MS, SLEEP_AFTER_MS, World};
use store::Place;

use crate::board::registry;
use crate::client::{Client, check, open};

fn world() -> World {
    World::with(1, Faults::default(), Place::Memory, registry(&[1]))
}

#[test]
fn a_seat_a_view_and_who_is_there() {
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::new(1, 11);
    one.join(&mut world, room, None);
    check(&mut world, &mut one, &["match with 1", "view at 2: 0 lines, last , 1 here", "presences +1 -0"]);
    let mut two = Client::new(2, 12);
    two.join(&mut world, room, None);
    world.settle();
    world.pass(50);
    check(&mut world, &mut two, &["match with 2", "view at 3: 0 lines, last , 2 here", "presences +1 -0"]);
    check(&mut world, &mut one, &["presences +1 -0"]);
    // A second socket of the same user shares the seat: nobody sits down anew.
    let mut again = Client::new(2, 13);
    again.join(&mut world, room, None);
    world.settle();
    world.pass(50);
    check(&mut world, &mut again, &["match with 3", "view at 3: 0 lines, last , 2 here", "presences +1 -0"]);
    assert_eq!(world.rooms().list(10, |_| true)[0].size, 3);
}

#[test]
fn what_is_refused() {
    let mut world = world();
    let room = open(&mut world);
    let mut clients: Vec<_> = (1..4).map(|user| Client::joined(&mut world, user, room)).collect();
    let mut fourth = Client::new(4, 14);
    fourth.join(&mut world, room, None);
    check(&mut world, &mut fourth, &["join error 5: three seats are enough"]);
    fourth.send(&mut world, room, 1, "say:hello");
    check(&mut world, &mut fourth, &["1 refused 2: you are not in this room"]);
    fourth.join(&mut world, kernel::RoomId(5), None);
    check(&mut world, &mut fourth, &["join error 4: there is no such room"]);
    fourth.send(&mut world, kernel::RoomId(5), 2, "say:hello");
    check(&mut world, &mut fourth, &["2 refused 2: you are not in this room"]);
    clients[0].hear();
    clients[0].send(&mut world, room, 3, "no");
    check(&mut world, &mut clients[0], &["3 refused 100: no"]);
}

#[test]
fn a_seat_outlives_its_socket_for_the_grace_time() {
    for (away_ms, here) in [(GRACE_MS - 100, 2), (GRACE_MS + 100, 1)] {
        let mut world = world();
        let room = open(&mut world);
        let mut one = Client::joined(&mut world, 1, room);
        let mut two = Client::joined(&mut world, 2, room);
        two.lose(&mut world);
        world.settle();
        world.pass(away_ms);
        world.settle();
        one.hear();
        // A fresh view shows whether the rules have seen somebody leave.
        let rooms = world.rooms();
        let session = one.session.clone();
        world.wait_for(async move { rooms.refresh(&session, room).await });
        world.settle();
        let heard = one.hear();
        assert!(heard[0].ends_with(&format!("{here} here")), "after {away_ms} ms: {heard:?}");
    }
}

#[test]
fn who_is_gone_before_a_room_has_let_them_in_does_not_come_in() {
    // A room that must be read first, and one that is awake: the socket is gone before either has heard of it.
    for awake in [false, true] {
        let mut world = world();
        let room = open(&mut world);
        let mut one = awake.then(|| Client::joined(&mut world, 1, room));
        for (socket, watch) in [(12, false), (13, true)] {
            let two = Client::new(2, socket);
            let (rooms, session) = (world.rooms(), two.session.clone());
            world.wait_for(async move {
                match watch {
                    true => rooms.watch(&session, room, "watch".into()).await,
                    false => rooms.join(&session, room, "join".into(), None).await,
                }
                rooms.gone(&session).await;
            });
        }
        world.settle();
        assert!(world.rooms().list(10, |_| true).iter().all(|room| room.size == usize::from(awake)));
        if let Some(one) = &mut one {
            one.lose(&mut world);
        }
        for wait in [GRACE_MS, SLEEP_AFTER_MS, SLEEP_AFTER_MS] {
            world.settle();
            world.pass(wait);
        }
        world.settle();
        assert_eq!(world.rooms().awake(), 0, "nobody is there, and so it sleeps");
    }
}

#[test]
fn who_comes_back_gets_what_was_missed() {
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    let mut two = Client::joined(&mut world, 2, room);
    one.send(&mut world, room, 1, "say:seen");
    world.settle();
    world.pass(50);
    world.settle();
    two.hear();
    two.lose(&mut world);
    one.send(&mut world, room, 2, "say:missed");
    one.send(&mut world, room, 3, "to:0:not yours");
    world.settle();
    world.pass(50);
    world.settle();
    two.join(&mut world, room, Some(4));
    world.settle();
    let heard = two.hear();
    assert_eq!(heard[..2], ["match with 2", "updates to 6: say:missed"]);
    // A token that is not one's own is worth nothing: a view comes instead.
    two.lose(&mut world);
    two.token = one.token.clone();
    two.join(&mut world, room, Some(4));
    world.settle();
    assert_eq!(two.hear()[1], "view at 6: 3 lines, last to:0:not yours, 2 here");
}

#[test]
fn an_empty_room_sleeps_and_wakes_as_it_was() {
    let mut world = world();
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    one.send(&mut world, room, 1, "say:good night");
    check(&mut world, &mut one, &["1 accepted as 3", "updates to 3: say:good night"]);
    one.leave(&mut world, room);
    check(&mut world, &mut one, &["leave done"]);
    assert_eq!(world.rooms().awake(), 1);
    world.pass(GRACE_MS);
    world.settle();
    world.pass(SLEEP_AFTER_MS);
    world.settle();
    assert_eq!(world.rooms().awake(), 0);
    one.join(&mut world, room, None);
    check(
        &mut world,
        &mut one,
        &["match with 1", "view at 5: 1 lines, last say:good night, 1 here", "presences +1 -0"],
    );
    // Commands are remembered through the sleep.
    one.send(&mut world, room, 1, "say:good night");
    check(&mut world, &mut one, &["1 accepted as 3"]);
}

#[test]
fn one_room_of_ones_own_however_often_it_is_asked_for() {
    let mut world = world();
    let ask = |world: &mut World, user| {
        let rooms = world.rooms();
        world
            .wait_for(async move { rooms.open(store::UserId(user), "board", b"{}".to_vec(), true).await })
            .unwrap()
    };
    let first = ask(&mut world, 1);
    assert_eq!(ask(&mut world, 1), first);
    assert_ne!(ask(&mut world, 2), first);
}
