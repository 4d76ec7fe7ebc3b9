//! Pasts that are shown again, and logs that are taken away, against what players saw.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::rooms::{LogExport, ReplayFrom, ReplayPart, RoomError, Viewer};
use bytes::Bytes;
use kernel::{
    AnyRules, LogFileReader, LogRecord, LogSource, Registry, RoomId, Row, RulesId, Seq, Start, Unreadable,
};
use sim::{Faults, World};
use store::{MomentsOf, Place};

use crate::beat::{Beat, KEEP_MS, RESTORED, STEP_MS, Watcher, open, world};

/// A war of some minutes; and what a player knew after each step: sum and coins.
fn played(steps: u64) -> (World, RoomId, Watcher, BTreeMap<u64, (u64, u64)>) {
    let mut world = world(50, Faults::default(), Place::Memory);
    let room = open(&mut world);
    let mut one = Watcher::joined(&mut world, 1, room);
    let mut known = BTreeMap::new();
    for step in 0..steps {
        if step % 97 == 5 {
            one.send(&mut world, u128::from(step) + 1, if step % 2 == 0 { "earn:7" } else { "spend:2" });
        }
        world.pass(STEP_MS);
        world.settle();
        one.listen();
        let (step, sum, coins) = one.knows();
        known.insert(step, (sum, coins));
    }
    (world, room, one, known)
}

fn wish(room: RoomId, step: u64, steps_max: u64, view: bool) -> ReplayFrom {
    ReplayFrom { room, step, steps_max, bytes_max: 1 << 20, viewer: Viewer::Nobody, view }
}

fn part(world: &mut World, wish: ReplayFrom) -> Result<ReplayPart, RoomError> {
    let rooms = world.rooms();
    world.wait_for(async move { rooms.replay_from(wish).await })
}

fn seen(part: &ReplayPart) -> (u64, u64, u64) {
    let text = String::from_utf8(part.view.clone().unwrap()).unwrap();
    let fields: Vec<u64> = text.split(' ').map(|field| field.parse().unwrap()).collect();
    (fields[0], fields[1], fields[2])
}

#[test]
fn moments_are_kept_on_the_way() {
    let (world, room, ..) = played(1_200);
    let moments = world.store.read_now(MomentsOf { room }).unwrap();
    let minute = 1_200 * STEP_MS / KEEP_MS;
    assert!((minute - 2..=minute).contains(&(moments.len() as i64)), "{moments:?}");
    let gaps: Vec<i64> = moments.windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms).collect();
    assert!(gaps.iter().all(|gap| (KEEP_MS..KEEP_MS + 2_000).contains(gap)), "{gaps:?}");
}

#[test]
fn any_step_is_shown_as_it_was_and_what_followed() {
    let (mut world, room, _, known) = played(700);
    let last = *known.last_key_value().unwrap().0;
    for step in [1, 2, 99, 100, 101, 350, 351, 352, 20, 600] {
        let Some((sum, coins)) = known.get(&step) else { continue };
        let part = part(&mut world, wish(room, step, 40, true)).unwrap();
        assert_eq!((part.at.step, seen(&part)), (step, (step, *sum, *coins)));
        assert_eq!((part.to, part.jumped), ((step + 40).min(part.to), false));
        for (at, body) in &part.updates {
            let text = std::str::from_utf8(body).unwrap();
            if let Some((told, sum)) = text.split_once(' ') {
                assert_eq!((told.parse(), sum.parse()), (Ok(*at), Ok(known[at].0)));
            }
        }
        let steps = part.updates.iter().filter(|(_, body)| body.contains(&b' ')).count() as u64;
        assert_eq!(steps, part.to - step, "every step is told once");
    }
    // In parts it is the same as whole.
    let whole = part(&mut world, wish(room, 10, 10_000, true)).unwrap();
    assert!(whole.end && whole.to >= last - 21, "{} of {last}", whole.to);
    let (mut pieces, mut step) = (Vec::new(), 10);
    loop {
        let next = part(&mut world, wish(room, step, 33, false)).unwrap();
        assert_eq!((next.at.step, next.view), (step, None));
        pieces.extend(next.updates);
        step = next.to;
        if next.end {
            break;
        }
    }
    assert!(pieces == whole.updates && step == whole.to);
    // By bytes as well, and never less than a step.
    let little = part(&mut world, ReplayFrom { bytes_max: 1, ..wish(room, 10, 100, false) }).unwrap();
    assert_eq!((little.to, little.updates.is_empty()), (11, false));
    let beyond = part(&mut world, wish(room, last + 5_000, 10, true)).unwrap();
    assert!(beyond.end && beyond.at.step == whole.to && beyond.updates.is_empty());
    let nowhere = part(&mut world, wish(RoomId(1), 1, 1, true));
    assert_eq!(nowhere, Err(RoomError::NoSuchRoom));
}

#[test]
fn what_lasts_of_a_room_is_made_once_for_all_parts_of_its_past() {
    let (mut world, room, ..) = played(1_500);
    RESTORED.set((0, 0));
    for step in [1_300, 700, 1_200, 300] {
        part(&mut world, wish(room, step, 1, true)).unwrap();
    }
    assert_eq!(
        RESTORED.take(),
        (4, 1),
        "each is far from the others, and the first alone begins with nothing"
    );
    let rooms = world.rooms();
    world.wait_for(async move { rooms.rewind_to_step(room, 1_100).await }).unwrap();
    assert_eq!(RESTORED.take(), (1, 0), "a room that is awake has it");
}

#[test]
fn a_rewind_ends_a_part_and_the_next_begins_with_a_view() {
    let (mut world, room, mut one, _) = played(200);
    one.send(&mut world, 1_000, "earn:5000");
    for _ in 0..20 {
        world.pass(STEP_MS);
        world.settle();
    }
    let rooms = world.rooms();
    world.wait_for(async move { rooms.rewind_to_step(room, 150).await }).unwrap();
    for _ in 0..60 {
        world.pass(STEP_MS);
        world.settle();
    }
    let before = part(&mut world, wish(room, 100, 10_000, true)).unwrap();
    assert!(before.jumped && !before.end && before.to >= 215, "{} {}", before.to, before.jumped);
    let after = part(&mut world, wish(room, before.to + 1, 10_000, true)).unwrap();
    assert_eq!((after.at.step, after.jumped, after.end), (before.to + 1, false, true));
    assert!(seen(&after).2 < 5_000);
}

/// A log file that was read, as somewhere to replay from.
#[derive(Default)]
struct Taken {
    room: Option<RoomId>,
    rows: Vec<Row>,
    snapshots: Vec<(Seq, Bytes)>,
    last: Seq,
}

impl LogSource for Taken {
    fn snapshot(&mut self, not_after: Seq) -> Result<Option<Vec<u8>>, Unreadable> {
        let found = self.snapshots.iter().rev().find(|(seq, _)| *seq <= not_after);
        Ok(found.map(|(_, body)| body.to_vec()))
    }

    fn rows(&mut self, after: Seq) -> Result<Vec<Row>, Unreadable> {
        Ok(self.rows.iter().filter(|row| row.last > after).cloned().collect())
    }

    fn rules(&mut self, id: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable> {
        Registry::new().with::<Beat>().make(&id.name, id.version, b"")
    }
}

fn whole(world: &mut World, mut export: LogExport) -> Result<Vec<u8>, RoomError> {
    world.wait_for(async move {
        let mut file = Vec::new();
        while let Some(piece) = export.next().await {
            file.extend(piece?);
        }
        Ok(file)
    })
}

fn read(mut file: &[u8]) -> Taken {
    let (mut reader, mut taken) = (LogFileReader::default(), Taken::default());
    while let Some(len) = reader.wants(file).unwrap()
        && let Some((next, rest)) = file.split_at_checked(len)
        && !next.is_empty()
    {
        file = rest;
        match reader.read(Bytes::copy_from_slice(next)).unwrap() {
            None => {}
            Some(LogRecord::Head { room, rules, .. }) => {
                assert_eq!(rules, "beat");
                taken.room = Some(room);
            }
            Some(LogRecord::Content { .. }) => {}
            Some(LogRecord::Snapshot { seq, body }) => taken.snapshots.push((seq, body)),
            Some(LogRecord::Row(row)) => taken.rows.push(row),
            Some(LogRecord::End { last }) => taken.last = last,
        }
        if reader.is_ended() {
            break;
        }
    }
    assert!(reader.is_ended() && file.is_empty());
    taken
}

#[test]
fn a_log_is_taken_away_whole_and_names_nobody() {
    let (mut world, room, one, _) = played(400);
    let user = one.session.user.0.to_be_bytes();
    let sizes: Vec<usize> = [false, true]
        .map(|moments| {
            let export = world.rooms().export(room, moments);
            let file = whole(&mut world, export).unwrap();
            assert!(!file.windows(16).any(|bytes| bytes == user), "a user is named");
            let mut taken = read(&file);
            assert_eq!(taken.room, Some(room));
            let replay = |taken: &mut Taken, start| kernel::replay(room, taken, start, None).unwrap();
            let open = replay(&mut taken, Start::Open);
            let snapshot = replay(&mut taken, Start::Snapshot);
            assert!(open.hashes > 0 && open.inputs > snapshot.inputs);
            let hash = open.room.as_ref().unwrap().hash();
            assert_eq!(hash, snapshot.room.unwrap().hash());
            assert_eq!(open.room.unwrap().memory().seq, taken.last);
            let here = app::rooms::replay(
                &world.store,
                &world.library,
                room,
                Start::Open,
                Some(taken.last),
                &mut |_| {},
            );
            assert_eq!(here.unwrap().room.unwrap().hash(), hash);
            taken.snapshots.len()
        })
        .into();
    assert_eq!(sizes[0], 1);
    assert!(sizes[1] > 2, "{sizes:?}");
    let nowhere = world.rooms().export(RoomId(1), false);
    assert_eq!(whole(&mut world, nowhere), Err(RoomError::NoSuchRoom));
}

#[test]
fn whether_anybody_may_have_a_log_its_rules_say() {
    let (mut world, room, mut one, _) = played(20);
    let open = |world: &mut World| {
        let rooms = world.rooms();
        world.wait_for(async move { rooms.log_is_open(room).await }).unwrap()
    };
    assert!(!open(&mut world));
    one.send(&mut world, 7_000, "earn:1000000");
    for _ in 0..60 {
        world.pass(STEP_MS);
        world.settle();
    }
    assert!(open(&mut world));
    one.lose(&mut world);
    for _ in 0..6 {
        world.pass(sim::SLEEP_AFTER_MS);
        world.settle();
    }
    assert_eq!(world.rooms().awake(), 0);
    assert!(open(&mut world), "a sleeping room is asked as well");
}
