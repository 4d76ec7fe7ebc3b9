//! Rooms that run, as their clients see them: every step once and in order, whatever comes in between, fails or is undone.

use app::rooms::{CommandError, RoomError, Viewer};
use kernel::{CommandId, RoomId, Seat, Seq, Start};
use sim::{Faults, GRACE_MS, SLEEP_AFTER_MS, World};
use store::{LoadLog, Place, RoomGet, UserId};

use crate::beat::{COMPUTER, ENOUGH, STEP_MS, Watcher, open, shared_bytes, world};

fn quiet() -> World {
    world(30, Faults::default(), Place::Memory)
}

/// Steps pass, each in its own turn.
fn beat(world: &mut World, steps: usize) {
    for _ in 0..steps {
        world.pass(STEP_MS);
        world.settle();
    }
}

/// Inputs in the store's log.
fn logged(world: &World, room: RoomId) -> u64 {
    let page = world.store.read_now(LoadLog { room, after: Seq(0), bytes_max: 1 << 30 }).unwrap();
    page.chunks.last().map_or(0, |chunk| chunk.last_seq.0)
}

/// The log leads to one room, from its beginning and from its newest snapshot.
fn replays(world: &World, room: RoomId) {
    let replay = |start| {
        let replayed = app::rooms::replay(&world.store, &world.library, room, start, None, &mut |_| {});
        replayed.unwrap().room.unwrap().hash()
    };
    assert_eq!(replay(Start::Open), replay(Start::Snapshot));
}

#[test]
fn every_step_is_told_as_it_ends_and_none_is_logged() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    let (began, inputs) = (one.step(), logged(&world, room));
    for n in 1..=15 {
        beat(&mut world, 1);
        one.listen();
        assert_eq!((one.step(), one.messages.clone()), (began + n, vec![1]));
    }
    assert_eq!(logged(&world, room), inputs, "nothing happened");
    beat(&mut world, 45);
    // Three seconds, in each of which one Advance was logged.
    let now = logged(&world, room);
    assert!((inputs + 2..=inputs + 3).contains(&now), "{inputs} to {now}");
    one.listen();
    assert_eq!((one.step(), one.views), (began + 60, 0));
    replays(&world, room);
}

#[test]
fn a_late_thread_does_all_steps_at_once_and_tells_them_in_one_message() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    let began = one.step();
    world.pass(STEP_MS * 12);
    world.settle();
    one.listen();
    assert_eq!((one.step(), one.messages.clone()), (began + 12, vec![12]));
}

#[test]
fn a_command_between_two_steps_finds_the_steps_passed() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    let coins = one.state.as_ref().unwrap().coins;
    // Refused before four steps are over and taken after; what the refused one let pass is told nevertheless.
    world.pass(STEP_MS * 2);
    let price = format!("spend:{}", coins + 4);
    one.send(&mut world, 1, &price);
    world.settle();
    one.listen();
    assert_eq!((one.answers.clone(), one.messages.iter().sum::<usize>()), (vec![(1, Err(100))], 2));
    world.pass(STEP_MS * 2);
    one.send(&mut world, 2, &price);
    world.settle();
    one.listen();
    assert!(matches!(one.answers[..], [(2, Ok(_))]), "{:?}", one.answers);
    assert_eq!((one.state.as_ref().unwrap().coins, one.messages.iter().sum::<usize>()), (0, 3));
}

#[test]
fn an_end_that_time_brings_is_in_the_label_one_step_later() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    // A look at the label has just been taken: the next would be a second away.
    let coins = one.state.as_ref().unwrap().coins;
    one.send(&mut world, 1, &format!("earn:{}", ENOUGH - coins - 30));
    beat(&mut world, 26);
    let label = |world: &World| world.store.read_now(RoomGet { room }).unwrap().unwrap().label;
    one.listen();
    while one.state.as_ref().unwrap().coins < ENOUGH {
        assert_eq!(label(&world), "on");
        beat(&mut world, 1);
        one.listen();
    }
    let inputs = logged(&world, room);
    beat(&mut world, 1);
    assert_eq!(label(&world), "over");
    let rooms = world.rooms();
    assert!(world.wait_for(async move { rooms.log_is_open(room).await }).unwrap());
    // Once, and then again at the pace of ordinary rows.
    let ended = logged(&world, room);
    beat(&mut world, 10);
    assert!(
        ended <= inputs + 1 && logged(&world, room) == ended,
        "{inputs}, {ended}, {}",
        logged(&world, room)
    );
    replays(&world, room);
}

#[test]
fn who_comes_back_is_told_the_steps_that_were_missed() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    let mut two = Watcher::joined(&mut world, 2, room);
    beat(&mut world, 7);
    one.listen();
    let lost_at = one.step();
    one.lose(&mut world);
    two.send(&mut world, 1, "earn:9");
    beat(&mut world, 9);
    one.join(&mut world, true);
    beat(&mut world, 1);
    one.listen();
    two.listen();
    assert_eq!((one.views, one.step() > lost_at + 9), (0, true));
    assert_eq!(one.knows(), two.knows());
    // Only so much is kept; whoever was away for longer sees the room anew.
    one.lose(&mut world);
    beat(&mut world, app::rooms::RECENT_UPDATES_MAX + 10);
    two.listen();
    one.join(&mut world, true);
    beat(&mut world, 1);
    one.listen();
    two.listen();
    assert_eq!((one.views, one.knows()), (1, two.knows()));
}

#[test]
fn everybody_gets_the_very_same_bytes() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut watchers: Vec<_> = (1..=20).map(|user| Watcher::joined(&mut world, user, room)).collect();
    beat(&mut world, 1);
    watchers.iter_mut().for_each(Watcher::listen);
    for _ in 0..3 {
        beat(&mut world, 1);
        let sets = shared_bytes(&mut watchers);
        assert_eq!(sets, [(0..20).collect()], "a step is encoded once");
    }
}

#[test]
fn time_stands_still_for_an_empty_room_and_through_the_night() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    beat(&mut world, 3);
    one.listen();
    one.lose(&mut world);
    let coins = one.state.as_ref().unwrap().coins;
    beat(&mut world, (GRACE_MS / STEP_MS) as usize + 1);
    world.pass(SLEEP_AFTER_MS);
    world.settle();
    world.pass(1);
    world.settle();
    assert_eq!(world.rooms().awake(), 0);
    world.pass(3_600_000);
    one.join(&mut world, true);
    world.settle();
    one.listen();
    // The grace counts as presence, the night does not.
    let grace = (GRACE_MS / STEP_MS) as u64;
    let earned = one.state.as_ref().unwrap().coins - coins;
    assert!((grace - 2..=grace + 2).contains(&earned), "{earned}");
    assert_eq!(one.views, 1);
    replays(&world, room);
}

#[test]
fn computers_play_where_people_do() {
    let mut world = quiet();
    let room = open(&mut world);
    let rooms = world.rooms();
    let act = |world: &mut World, seat: Seat, id: u128, text: &'static str| {
        let rooms = rooms.clone();
        world.wait_for(async move { rooms.act(room, seat, CommandId(id), text.as_bytes().into()).await })
    };
    let asleep = act(&mut world, COMPUTER, 1, "auto:1");
    assert!(matches!(asleep, Err(CommandError::Unavailable(_))), "{asleep:?}");
    let mut one = Watcher::joined(&mut world, 1, room);
    beat(&mut world, 30);
    assert_eq!(rooms.list(1, |_| true)[0].served, [COMPUTER]);
    let done = act(&mut world, COMPUTER, 2, "auto:70").unwrap();
    assert!(!done.repeat);
    assert!(act(&mut world, COMPUTER, 2, "auto:70").unwrap().repeat, "an id is taken once");
    assert_eq!(
        act(&mut world, Seat(0), 3, "auto:1"),
        Err(CommandError::NotSeated),
        "people's seats are theirs"
    );
    assert_eq!(act(&mut world, COMPUTER, 4, "earn:1"), Err(CommandError::NotSeated));
    beat(&mut world, 1);
    one.listen();
    assert!(one.state.as_ref().unwrap().coins > 70);
    let peek = rooms.clone();
    let view = world.wait_for(async move { peek.peek(room, Viewer::Seat(COMPUTER)).await }).unwrap();
    assert!(String::from_utf8(view).unwrap().ends_with(" computer"));
    replays(&world, room);
}

#[test]
fn a_room_goes_back_to_any_step_and_everybody_sees_it() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    beat(&mut world, 33);
    one.listen();
    let then = one.state.clone().unwrap();
    one.send(&mut world, 1, "earn:1000");
    beat(&mut world, 20);
    let rooms = world.rooms();
    let back = |world: &mut World, step| {
        let rooms = rooms.clone();
        world.wait_for(async move { rooms.rewind_to_step(room, step).await })
    };
    let done = back(&mut world, then.step).unwrap();
    assert_eq!(done.step, Some(then.step));
    world.settle();
    one.listen();
    let now = one.state.clone().unwrap();
    assert_eq!(one.views, 1);
    // It goes on from there with the steps that have passed since it was done.
    assert!(now.coins < then.coins + 20 && now.coins >= then.coins, "{then:?} {now:?}");
    assert!(matches!(back(&mut world, now.step + 100), Err(RoomError::NoSuchPoint { .. })));
    beat(&mut world, 25);
    one.listen();
    replays(&world, room);
}

#[test]
fn a_command_is_taken_out_after_a_look_at_what_falls_with_it() {
    let mut world = quiet();
    let room = open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    one.send(&mut world, 1, "earn:1000");
    beat(&mut world, 5);
    one.send(&mut world, 2, "spend:900");
    world.settle();
    one.send(&mut world, 3, "spend:1");
    world.settle();
    one.listen();
    let seqs: Vec<u64> = one.answers.iter().map(|(_, answer)| answer.unwrap()).collect();
    let rooms = world.rooms();
    let without = |world: &mut World, seq, dry_run| {
        let rooms = rooms.clone();
        world.wait_for(async move { rooms.without(room, Seq(seq), dry_run).await })
    };
    let coins = one.state.as_ref().unwrap().coins;
    let tried = without(&mut world, seqs[0], true).unwrap();
    assert_eq!(tried.seq, None);
    let fell: Vec<_> = tried.refused.iter().map(|fallen| (fallen.seq.0, fallen.why.code)).collect();
    assert_eq!((fell, tried.more), (vec![(seqs[1], 100)], 0));
    world.settle();
    one.listen();
    assert_eq!(one.views, 0, "nothing has happened");
    let done = without(&mut world, seqs[0], false).unwrap();
    assert_eq!((done.refused, done.seq.is_some()), (tried.refused, true));
    world.settle();
    one.listen();
    assert_eq!(one.views, 1);
    let now = one.state.as_ref().unwrap().coins;
    assert!(now + 100 <= coins + 30, "{coins} and then {now}");
    assert!(matches!(without(&mut world, seqs[1], false), Err(RoomError::NotTakenOut(_))), "it has fallen");
    assert!(matches!(without(&mut world, 2, true), Err(RoomError::NotTakenOut(_))), "a join");
    beat(&mut world, 25);
    one.listen();
    replays(&world, room);
}

#[test]
fn after_a_restart_the_room_goes_on_where_its_log_ended() {
    let dir = tempfile::tempdir().unwrap();
    let place = || Place::Directory(dir.path().to_owned());
    let mut first = world(1, Faults::default(), place());
    let room = open(&mut first);
    let mut one = Watcher::joined(&mut first, 1, room);
    one.send(&mut first, 1, "earn:5");
    beat(&mut first, 30);
    one.listen();
    let before = one.state.clone().unwrap();
    // It goes without a word, some steps ahead of its log.
    drop(first);
    let mut second = world(2, Faults::default(), place());
    second.pass(STEP_MS * 40);
    one.join(&mut second, true);
    second.settle();
    one.listen();
    let after = one.state.clone().unwrap();
    // Some of those steps may come out differently, so it is a view that the client gets.
    assert_eq!(one.views, 1);
    assert!(after.coins >= before.coins.min(24), "{before:?} {after:?}");
    beat(&mut second, 30);
    one.listen();
    let rooms = second.rooms();
    second.wait_for(async move { rooms.shutdown().await });
    replays(&second, room);
}

const FAULTY: Faults = Faults { full: 30, lost_before: 30, lost_after: 60 };

/// Four people come, go, give commands and lose their sockets in a room that runs, while commits fail; now and then an
/// operator takes something back. Each checks by itself that what it is told fits together.
fn run(seed: u64, faults: Faults) -> usize {
    let mut world = world(seed, faults, Place::Memory);
    let room = open(&mut world);
    let mut watchers: Vec<_> = (1..=4).map(|user| Watcher::new(user, room)).collect();
    let mut accepted = 0;
    world.faults(true);
    for act in 0..150u128 {
        let one = &mut watchers[world.chance(4) as usize];
        one.listen();
        accepted += one.answers.iter().filter(|(_, answer)| answer.is_ok()).count();
        if one.away {
            let resume = world.chance(3) > 0;
            one.join(&mut world, resume);
        }
        match world.chance(20) {
            0..9 => {
                let kind = if world.chance(2) == 0 { "earn" } else { "spend" };
                let text = format!("{kind}:{}", world.chance(60));
                one.send(&mut world, act + 1, &text);
            }
            9..12 => one.lose(&mut world),
            12 => one.refresh(&mut world),
            13 => {
                let (rooms, step) = (world.rooms(), one.seen.1.saturating_sub(world.chance(30)));
                let _ = world.wait_for(async move { rooms.rewind_to_step(room, step).await });
            }
            14 => {
                let (rooms, seq) = (world.rooms(), Seq(world.chance(one.seen.0 + 1)));
                let _ = world.wait_for(async move { rooms.without(room, seq, false).await });
            }
            _ => {}
        }
        for _ in 0..world.chance(6) {
            world.turn();
        }
        world.pass(world.chance(160) as i64);
    }
    world.faults(false);
    for _ in 0..8 {
        for one in &mut watchers {
            one.listen();
            if one.away {
                one.join(&mut world, true);
            }
        }
        world.settle();
        world.pass(600);
    }
    beat(&mut world, 2);
    watchers.iter_mut().for_each(Watcher::listen);
    let known = watchers[0].knows();
    assert!(watchers.iter().all(|one| one.knows() == known), "seed {seed}");
    let rooms = world.rooms();
    world.wait_for(async move { rooms.shutdown().await });
    replays(&world, room);
    accepted
}

#[test]
fn whatever_fails_no_step_is_told_twice_or_left_out() {
    for seed in 0..12 {
        run(seed, Faults::default());
    }
    let accepted: usize = (100..140).map(|seed| run(seed, FAULTY)).sum();
    assert!(accepted > 250, "only {accepted} commands were accepted: the runs say little");
}

#[test]
fn nobody_is_nobody() {
    let mut world = quiet();
    let room = open(&mut world);
    let rooms = world.rooms();
    // Read from the store, it stands where its log ended.
    world.pass(STEP_MS * 10);
    let look = rooms.clone();
    let looked = world.wait_for(async move { look.look(room, None, Viewer::User(UserId(9))).await }).unwrap();
    assert_eq!(looked.view, b"0 0 0 0");
}
