//! Those who only watch: the steps that everybody was told, in order and once, some time ago.

use sim::{Faults, SLEEP_AFTER_MS, World};
use store::Place;

use crate::beat::{STEP_MS, Watcher, open, shared_bytes, world};

/// How far behind they are in a world that does not say otherwise.
const DELAY_MS: i64 = 10_000;
const DELAY_STEPS: u64 = (DELAY_MS / STEP_MS) as u64;

fn quiet() -> World {
    world(40, Faults::default(), Place::Memory)
}

fn beat(world: &mut World, steps: u64) {
    for _ in 0..steps {
        world.pass(STEP_MS);
        world.settle();
    }
}

fn watch(world: &mut World, who: &mut Watcher) {
    let (rooms, session, room) = (world.rooms(), who.session.clone(), who.room);
    who.away = false;
    world.wait_for(async move { rooms.watch(&session, room, "watch".into()).await });
    world.settle();
}

fn watching(world: &mut World, user: u128, room: kernel::RoomId) -> Watcher {
    let mut one = Watcher::new(user, room);
    watch(world, &mut one);
    one
}

#[test]
fn who_watches_sees_every_step_once_and_late() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut player = Watcher::joined(&mut world, 1, room);
    let mut first = watching(&mut world, 2, room);
    first.listen();
    assert_eq!((first.views, first.away), (0, false), "the first picture is not old enough");
    beat(&mut world, DELAY_STEPS + 1);
    first.listen();
    assert_eq!(first.views, 1);
    player.send(&mut world, 1, "earn:5");
    let mut late = watching(&mut world, 3, room);
    for _ in 0..30 {
        beat(&mut world, 20);
        for one in [&mut player, &mut first, &mut late] {
            one.listen();
        }
        let behind = player.step() - first.step();
        assert!((DELAY_STEPS..=DELAY_STEPS + 1).contains(&behind), "{behind} steps behind");
        assert_eq!((first.views, first.knows()), (0, late.knows()));
    }
    // It is told nothing that it might do, and does nothing.
    first.send(&mut world, 9, "earn:1");
    beat(&mut world, 1);
    first.listen();
    assert_eq!(first.answers, [(9, Err(kernel::Refusal::WATCHES))]);
    assert_eq!(world.rooms().list(1, |_| true)[0].size, 1);
}

#[test]
fn however_many_watch_everything_is_encoded_once() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut player = Watcher::joined(&mut world, 1, room);
    let mut many: Vec<_> = (2..40).map(|user| watching(&mut world, user, room)).collect();
    beat(&mut world, DELAY_STEPS + 2);
    many.iter_mut().for_each(Watcher::listen);
    for _ in 0..3 {
        beat(&mut world, 1);
        assert_eq!(shared_bytes(&mut many), [(0..38).collect()]);
    }
    player.listen();
    assert!(player.step() > many[0].step());
}

#[test]
fn a_jump_of_the_room_is_shown_in_its_turn() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut player = Watcher::joined(&mut world, 1, room);
    let mut one = watching(&mut world, 2, room);
    beat(&mut world, DELAY_STEPS + 40);
    player.send(&mut world, 1, "earn:1000");
    beat(&mut world, 20);
    player.listen();
    let (rooms, to) = (world.rooms(), player.step() - 30);
    world.wait_for(async move { rooms.rewind_to_step(room, to).await }).unwrap();
    beat(&mut world, 1);
    one.listen();
    let before = one.state.clone().unwrap();
    // What was told before it, it is still told; then a view, and what follows that.
    beat(&mut world, DELAY_STEPS - 30);
    one.listen();
    assert_eq!((one.views, one.step() > before.step), (0, true));
    beat(&mut world, 40);
    one.listen();
    player.listen();
    assert_eq!((one.views, player.views), (1, 1));
    let rich = one.state.clone().unwrap().coins;
    assert!(rich < 1_000, "{rich} coins after they were undone");
    beat(&mut world, 30);
    one.listen();
}

#[test]
fn a_room_that_is_watched_stays_awake_and_no_longer() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut one = watching(&mut world, 2, room);
    for _ in 0..30 {
        world.pass(SLEEP_AFTER_MS);
        world.settle();
    }
    one.listen();
    assert_eq!((world.rooms().awake(), one.views), (1, 1));
    one.lose(&mut world);
    for _ in 0..3 {
        world.pass(SLEEP_AFTER_MS);
        world.settle();
    }
    assert_eq!(world.rooms().awake(), 0);
    // Its room is gone and comes back; so may who watched.
    watch(&mut world, &mut one);
    assert_eq!(world.rooms().awake(), 1);
}

#[test]
fn commits_that_fail_show_nobody_anything_that_was_not() {
    for seed in 0..12 {
        let faults = Faults { full: 30, lost_before: 30, lost_after: 30 };
        let mut world = world(seed, faults, Place::Memory);
        let room = open(&mut world);
        let mut player = Watcher::joined(&mut world, 1, room);
        let mut one = watching(&mut world, 2, room);
        beat(&mut world, DELAY_STEPS);
        world.faults(true);
        for id in 1..120u128 {
            if player.away {
                player.join(&mut world, false);
            }
            player.send(&mut world, id, if id % 2 == 0 { "earn:3" } else { "spend:2" });
            beat(&mut world, 1 + id as u64 % 4);
            // Who is told something that does not fit panics.
            player.listen();
            if one.away {
                one = watching(&mut world, 2, room);
            }
            one.listen();
        }
        world.faults(false);
        // A room that could not be read is tried again.
        beat(&mut world, 40);
        player.listen();
        one.listen();
        if player.away {
            player.join(&mut world, false);
        }
        if one.away {
            one = watching(&mut world, 2, room);
        }
        beat(&mut world, 2 * DELAY_STEPS);
        one.listen();
        player.listen();
        let behind = player.step() - one.step();
        assert!(behind <= DELAY_STEPS + 1, "seed {seed}: {behind} steps behind");
    }
}
