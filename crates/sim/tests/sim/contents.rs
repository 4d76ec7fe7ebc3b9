//! Contents that are published while rooms run.

use app::rooms::{Loss, RoomError, Viewer, Worse};
use kernel::{Input, ReadRow, RoomId, Row, Seq};
use sim::{Faults, GRACE_MS, SLEEP_AFTER_MS, World};
use store::{LoadLog, Place, UserId};

use crate::client::Client;
use crate::grove::{fruit, give, open, peek, publish, replayed, world};

const USER: Viewer = Viewer::User(UserId(1));

fn kinds(world: &World, room: RoomId) -> Vec<&'static str> {
    let page = world.store.read_now(LoadLog { room, after: Seq(0), bytes_max: 1 << 20 }).unwrap();
    let mut kinds = Vec::new();
    for chunk in page.chunks {
        let (first, last) = (chunk.first_seq, chunk.last_seq);
        let row = Row { first, last, sum: chunk.sum, body: chunk.body.into() };
        kinds.extend(ReadRow::read(room, &row).unwrap().inputs().map(|input| Input::kind(&input.unwrap().2)));
    }
    kinds
}

#[test]
fn running_rooms_move_to_what_is_published() {
    let mut world = world(30, Faults::default(), Place::Memory);
    let (awake, asleep) = (open(&mut world, 1), open(&mut world, 2));
    let mut one = Client::joined(&mut world, 1, awake);
    world.pass(10_000);
    let id = publish(&mut world, "100").unwrap();
    world.settle();
    let heard = one.hear();
    assert_eq!(heard, ["view at 5: 20 fruit, at 100 a second"], "what grew before grew as it was then");
    assert_eq!(kinds(&world, awake), ["open", "advance", "join", "advance", "migrate"]);
    assert_eq!(replayed(&world, awake).rules(), &id);
    // The other moves as it wakes, and is shown so before; a new room begins with it.
    assert_eq!(peek(&mut world, asleep, Viewer::Nobody).unwrap(), "0 here, at 100 a second");
    give(&mut world, 2, asleep, 1, "far").unwrap();
    assert_eq!(kinds(&world, asleep), ["open", "migrate", "advance", "command"]);
    let new = open(&mut world, 3);
    assert_eq!(replayed(&world, new).rules(), &id);
    // Whoever comes back with what they saw last is shown everything, for it is under another content.
    one.lose(&mut world);
    publish(&mut world, "3").unwrap();
    world.settle();
    one.join(&mut world, awake, Some(5));
    world.settle();
    assert!(one.hear()[1].ends_with("at 3 a second"));
    // The same again moves nobody.
    let before = kinds(&world, awake).len();
    publish(&mut world, "3").unwrap();
    world.settle();
    assert_eq!(kinds(&world, awake).len(), before);
}

#[test]
fn a_command_of_the_same_moment_is_judged_by_the_old_content() {
    let mut world = world(31, Faults::default(), Place::Memory);
    let room = open(&mut world, 1);
    let mut one = Client::joined(&mut world, 1, room);
    // One commit under way, one row open: the migration waits for a row of its own.
    one.send(&mut world, room, 1, "pick");
    world.turn_rooms();
    one.send(&mut world, room, 2, "pick");
    publish(&mut world, "5 cut").unwrap();
    one.send(&mut world, room, 3, "pick");
    world.settle();
    assert_eq!(kinds(&world, room).iter().filter(|kind| **kind == "migrate").count(), 1);
    let heard = one.hear();
    assert!(heard.iter().any(|text| text.starts_with("3 accepted")), "{heard:?}");
    replayed(&world, room);
}

#[test]
fn what_cannot_be_moved_to_is_refused_or_stays_away() {
    let mut world = world(32, Faults::default(), Place::Memory);
    let room = open(&mut world, 1);
    let mut one = Client::joined(&mut world, 1, room);
    let bad = publish(&mut world, "many");
    assert_eq!(bad, Err(RoomError::BadContent("line 1: \"many\" is no number".into())));
    let rooms = world.rooms();
    let none = world.wait_for(async move { rooms.publish("orchard", Vec::new()).await });
    assert_eq!(none, Err(RoomError::NoSuchRules("orchard".into())));
    let rooms = world.rooms();
    let long = vec![b' '; app::rooms::CONTENT_BYTES_MAX + 1];
    assert!(matches!(
        world.wait_for(async move { rooms.publish("grove", long).await }),
        Err(RoomError::BadContent(_))
    ));
    one.send(&mut world, room, 1, "pick");
    world.settle();
    one.hear();
    for content in ["7 axe", "7 no"] {
        publish(&mut world, content).unwrap();
        world.settle();
        // It lives on as it was: nobody is thrown out, nothing is lost.
        assert_eq!(one.hear(), [""; 0]);
        assert_eq!(peek(&mut world, room, USER).unwrap(), "1 fruit, at 2 a second");
    }
    one.lose(&mut world);
    for wait in [GRACE_MS, SLEEP_AFTER_MS, 1] {
        world.settle();
        world.pass(wait);
    }
    world.settle();
    one = Client::joined(&mut world, 1, room);
    one.send(&mut world, room, 2, "pick");
    world.settle();
    assert!(one.hear()[0].starts_with("2 accepted"));
}

#[test]
fn what_was_published_wins_over_the_programs_own() {
    let dir = tempfile::tempdir().unwrap();
    let place = || Place::Directory(dir.path().to_owned());
    let mut first = world(33, Faults::default(), place());
    let room = open(&mut first, 1);
    publish(&mut first, "9").unwrap();
    first.store.close();
    drop(first);
    let mut second = world(34, Faults::default(), place());
    let rules = |world: &World| world.library.newest("grove").unwrap().id().content;
    assert_eq!(rules(&second), kernel::Hash128::of(&[b"9"]));
    assert_eq!(peek(&mut second, room, USER).unwrap(), "0 fruit, at 9 a second");
    // Back to the program's own, by publishing it.
    publish(&mut second, "2").unwrap();
    second.store.close();
    drop(second);
    let third = world(35, Faults::default(), place());
    assert_eq!(rules(&third), kernel::Hash128::of(&[b"2"]));
}

#[test]
fn many_rooms_move_under_failing_commits_and_lose_nothing() {
    let mut moved = 0;
    for seed in 0..30 {
        let faults = Faults { full: 20, lost_before: 60, lost_after: 60 };
        let mut world = world(seed, faults, Place::Memory);
        let rooms: Vec<RoomId> = (1..=24).map(|user| open(&mut world, user)).collect();
        let mut clients: Vec<Client> =
            rooms.iter().zip(1..).map(|(room, user)| Client::joined(&mut world, user, *room)).collect();
        world.faults(true);
        for id in 1..6 {
            for (client, room) in clients.iter_mut().zip(&rooms) {
                if world.chance(2) == 0 {
                    client.send(&mut world, *room, id, "mark");
                }
            }
            world.pass(world.chance(2_000) as i64);
            // The store may be down at that moment; then nothing is published.
            let _ = publish(&mut world, &format!("{}", 100 + id));
            for _ in 0..world.chance(8) {
                world.turn();
            }
        }
        world.faults(false);
        world.pass(1_000);
        world.settle();
        publish(&mut world, "1000").unwrap();
        world.settle();
        for room in rooms {
            let seen = peek(&mut world, room, Viewer::Nobody).unwrap();
            assert!(seen.ends_with("at 1000 a second"), "seed {seed}: {seen}");
            moved += kinds(&world, room).iter().filter(|kind| **kind == "migrate").count();
            fruit(&world, room);
        }
    }
    assert!(moved > 30 * 24 * 2, "only {moved} moves: the runs say little");
}

#[test]
fn a_dry_run_says_what_would_be_lost_and_changes_nothing() {
    let mut world = world(36, Faults::default(), Place::Memory);
    let rooms: Vec<RoomId> = (1..=4).map(|user| open(&mut world, user)).collect();
    for (room, user) in rooms.iter().zip(1..).skip(1) {
        for id in 0..user {
            give(&mut world, user, *room, id + 1, "far").unwrap();
        }
    }
    let other = crate::grove::open(&mut world, 9);
    let heads = |world: &World| rooms.iter().map(|room| kinds(world, *room).len()).collect::<Vec<_>>();
    let before = heads(&world);
    let check = |world: &mut World, content: &str| {
        let (rooms, content) = (world.rooms(), content.as_bytes().to_vec());
        world.wait_for(async move { rooms.check("grove", content, |_| {}).await }).unwrap()
    };
    let better = check(&mut world, "3");
    assert_eq!((better.rooms, better.stuck, better.worse.len()), (5, 0, 0));
    let worse = check(&mut world, "1 cut");
    let loss = |room, before, after| Loss { room, before, after };
    assert_eq!(worse.worse["fruit"], Worse { rooms: 3, worst: loss(rooms[3], 40, 20) });
    assert_eq!(worse.worse["rate"], Worse { rooms: 5, worst: loss(other, 2, 1) });
    let stuck = check(&mut world, "5 axe");
    assert_eq!((stuck.rooms, stuck.stuck, stuck.stuck_shown.len()), (5, 3, 3));
    assert_eq!(stuck.stuck_shown[0], (rooms[3], "its rules panicked".to_owned()));
    let stuck = check(&mut world, "5 no");
    assert_eq!((stuck.stuck, stuck.stuck_shown[0].1.as_str()), (5, "no grove moves here"));
    assert_eq!(heads(&world), before);
    assert_eq!(world.library.newest("grove").unwrap().id().content, kernel::Hash128::of(&[b"2"]));
    let rooms = world.rooms();
    let bad = world.wait_for(async move { rooms.check("grove", b"x".to_vec(), |_| {}).await });
    assert!(matches!(bad, Err(RoomError::BadContent(_))));
}
