//! When the store, the rules or the log fail: one room suffers, and nothing untrue is said.

use sim::{Faults, World};
use store::{ClaimRoom, Place, RoomGet, RoomState};

use crate::board::registry;
use crate::client::{Client, check, open};

const FULL: Faults = Faults { full: 1_000, lost_before: 0, lost_after: 0 };

#[test]
fn a_full_disk_is_told_and_passes() {
    let mut world = World::with(3, FULL, Place::Memory, registry(&[1]));
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    world.faults(true);
    one.send(&mut world, room, 1, "say:lost");
    world.settle();
    let heard = one.hear();
    assert!(heard[0].starts_with("1 refused 6: ") && heard[0].contains("disk is full"), "{heard:?}");
    assert!(heard.iter().any(|text| text.starts_with("closing 1")), "{heard:?}");
    one.send(&mut world, room, 1, "say:lost");
    world.settle();
    assert!(one.hear()[0].starts_with("1 refused"));
    assert_eq!(world.rooms().list(10, |_| true), [], "a room that cannot be read is in no list");
    // Reads go on.
    assert!(world.store.read_now(RoomGet { room }).unwrap().is_some());
    world.faults(false);
    world.pass(1_000);
    one.join(&mut world, room, None);
    world.settle();
    assert_eq!(one.hear()[1], "view at 2: 0 lines, last , 1 here");
    assert_eq!(world.rooms().list(10, |_| true)[0].size, 1);
    one.send(&mut world, room, 1, "say:kept");
    world.settle();
    assert_eq!(one.hear()[0], "1 accepted as 3");
}

#[test]
fn rules_that_panic_cost_their_command_and_nothing_else() {
    let mut world = World::with(4, Faults::default(), Place::Memory, registry(&[1]));
    let (room, other) = (open(&mut world), open(&mut world));
    let mut one = Client::joined(&mut world, 1, room);
    let mut two = Client::joined(&mut world, 2, room);
    let mut away = Client::joined(&mut world, 3, other);
    one.send(&mut world, room, 1, "say:before");
    world.settle();
    one.hear();
    two.hear();
    one.send(&mut world, room, 2, "panic");
    away.send(&mut world, other, 1, "say:fine");
    world.settle();
    let heard = one.hear();
    assert_eq!(heard[0], "2 refused 7: the rules failed on this command; it was not taken");
    assert_eq!(heard[1], "view at 4: 1 lines, last say:before, 2 here");
    assert_eq!(two.hear(), ["view at 4: 1 lines, last say:before, 2 here"]);
    assert_eq!(away.hear()[0], "1 accepted as 3");
    one.send(&mut world, room, 3, "say:after");
    world.settle();
    assert_eq!(one.hear()[0], "3 accepted as 5");
}

#[test]
fn an_owner_whose_epoch_is_old_writes_nothing() {
    let mut world = World::with(5, Faults::default(), Place::Memory, registry(&[1]));
    let room = open(&mut world);
    let mut one = Client::joined(&mut world, 1, room);
    let store = world.store.clone();
    let claim = ClaimRoom { room, holder: "somebody else".into() };
    let claimed = world.wait_for(async move { store.write(claim).await }).unwrap();
    let epoch = claimed.into_inner().unwrap().epoch;
    one.send(&mut world, room, 1, "say:too late");
    world.settle();
    let heard = one.hear();
    assert_eq!(heard[0], "1 refused 6: the room has moved; join again");
    // With one holder alone, the room is taken back under a newer epoch, and goes on.
    assert!(world.store.read_now(RoomGet { room }).unwrap().unwrap().epoch > epoch);
    one.send(&mut world, room, 1, "say:now");
    world.settle();
    assert_eq!(one.hear()[0], "1 accepted as 3");
}

#[test]
fn a_damaged_log_closes_its_room_and_names_the_place() {
    let check_harm = |harm: &str, expected: &str| {
        let dir = tempfile::tempdir().unwrap();
        let place = || Place::Directory(dir.path().to_owned());
        let mut world = World::with(6, Faults::default(), place(), registry(&[1]));
        let (room, other) = (open(&mut world), open(&mut world));
        for room in [room, other] {
            let mut one = Client::joined(&mut world, 1, room);
            for id in 1..6 {
                one.send(&mut world, room, id, "say:hello");
                world.settle();
            }
        }
        world.store.close();
        drop(world);
        let database = rusqlite::Connection::open(dir.path().join("longhouse.db")).unwrap();
        database.execute(harm, [room.to_bytes()]).unwrap();
        database.close().unwrap();

        let mut world = World::with(7, Faults::default(), place(), registry(&[1]));
        let mut one = Client::new(1, 11);
        one.join(&mut world, room, None);
        check(
            &mut world,
            &mut one,
            &["join error 5: the room is closed: its log is damaged; the operator has been told"],
        );
        let RoomState::Faulted(why) = world.store.read_now(RoomGet { room }).unwrap().unwrap().state else {
            panic!("the store was not told")
        };
        assert!(why.contains(expected) && why.contains(&room.to_string()), "{why}");
        one.join(&mut world, other, None);
        world.settle();
        assert_eq!(one.hear()[0], "match with 1");
    };
    check_harm("DELETE FROM room_log WHERE room_id = ?1 AND first_seq = 4", "inputs 4 to 4 are missing");
    check_harm(
        "UPDATE room_log SET body = zeroblob(length(body)) WHERE room_id = ?1 AND first_seq = 4",
        "begins at input 4 is damaged: its checksum does not match",
    );
    check_harm(
        "INSERT INTO room_log (room_id, first_seq, last_seq, epoch, at_ms, sum, body)
         SELECT room_id, 100, 100, epoch, at_ms, sum, body FROM room_log WHERE room_id = ?1 AND first_seq = 4",
        "missing from the log",
    );
}
