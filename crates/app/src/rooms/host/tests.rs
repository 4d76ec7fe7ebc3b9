//! What only an order of events shows that the simulator does not make: the host alone, with a world that notes what it is
//! asked for.

use bytes::Bytes;
use kernel::{
    AnyRules, At, CommandId, Epoch, Event, Lasting, Outbox, Pace, Registry, Room, Rules, Seat, Seq,
    Unreadable,
};
use store::{RoomAppend, UserId};

use super::*;
use crate::rooms::ask::{Keep, Loaded};
use crate::rooms::past::Past;
use crate::rooms::served::By;

const ROOM: RoomId = RoomId(7);
const OWNER: UserId = UserId(1);
const NOW: (i64, u64) = (1_000_001, 1_000_001_000);

/// Rules under which nothing ever changes, whatever their content.
struct Stone;

impl Rules for Stone {
    const NAME: &'static str = "stone";
    const VERSION: u32 = 1;
    type State = ();
    type Command = ();

    fn load(_: &[u8]) -> Result<Self, Unreadable> {
        Ok(Self)
    }
    fn pace(&self) -> Pace {
        Pace { step_ms: 50, ..Pace::TURNS }
    }
    fn open(&self, _: At, _: &[u8], _: u64) -> Result<(), Refusal> {
        Ok(())
    }
    fn decode(&self, _: &[u8]) -> Result<(), Refusal> {
        Ok(())
    }
    fn hears_absent(&self, (): &()) -> bool {
        true
    }
    fn validate(&self, (): &(), _: At, _: &Event<'_, ()>) -> Result<(), Refusal> {
        Ok(())
    }
    fn execute(&self, (): &mut (), _: At, _: Event<'_, ()>, _: &mut Outbox) {}
    fn view(&self, (): &(), _: At, _: Seat, _: &mut Vec<u8>) {}
    fn snapshot(&self, (): &(), _: &mut Vec<u8>) {}
    fn restore(&self, _: &[u8]) -> Result<(), Unreadable> {
        Ok(())
    }
}

fn stone(content: &[u8]) -> Arc<dyn AnyRules> {
    Registry::new().with::<Stone>().make("stone", 1, content).unwrap()
}

fn read(rules: &dyn AnyRules) -> Ask {
    let room: Box<dyn Room> = rules.open(ROOM, 1_000_000, b"", 1).unwrap();
    let loaded = Loaded {
        room,
        newer: None,
        epoch: Epoch(2),
        seats: vec![(Seat(0), OWNER)],
        answers: Vec::new(),
        inputs: 1,
        replay_us: 0,
    };
    Ask::Loaded { room: ROOM, result: Ok(Box::new(loaded)) }
}

/// Notes what a host asks for, and does nothing.
#[derive(Default)]
struct Notes {
    appends: Vec<RoomAppend>,
    loads: Vec<RoomId>,
}

impl Outside for Notes {
    fn append(&mut self, _: Vec<RoomId>, appends: Vec<RoomAppend>) {
        self.appends.extend(appends);
    }
    fn load(&mut self, room: RoomId) {
        self.loads.push(room);
    }
    fn load_earlier(&mut self, _: RoomId, _: Past, _: Seq, _: Option<Lasting>) {}
    fn save(&mut self, _: RoomId, _: Epoch, _: Box<dyn Room>, _: Keep) {}
    fn close(&mut self, _: RoomId, _: String) {}
    fn send(&mut self, _: Ask) {}
    fn monotonic_us(&self) -> u64 {
        NOW.1
    }
    fn thread_us(&self) -> Option<u64> {
        None
    }
}

fn host(gather_ms: i64) -> Host {
    let config = RoomsConfig { gather_ms, ..RoomsConfig::default() };
    Host::new(Arc::new(config), ResumeKey::from_secret(b"tests"), Arc::default())
}

fn rules_of(host: &Host) -> Vec<u8> {
    let Some(Slot::Awake(live)) = host.rooms.get(&ROOM) else { panic!("the room is not awake") };
    live.machine.rules().content.0.to_vec()
}

#[test]
fn a_content_published_while_a_room_is_being_read_moves_it_as_it_wakes() {
    let (mut host, mut notes) = (host(0), Notes::default());
    let (older, newer) = (stone(b"older"), stone(b"newer"));
    host.handle(&mut notes, NOW, Ask::Wake { room: ROOM });
    assert_eq!(notes.loads, [ROOM]);
    // It is read under the content of before; that there is another one is heard first.
    host.handle(&mut notes, NOW, Ask::Published { rules: newer.clone() });
    host.handle(&mut notes, NOW, read(older.as_ref()));
    host.tick(&mut notes, NOW);
    host.flush(&mut notes, NOW);
    assert_eq!(rules_of(&host), newer.id().content.0);
    assert_eq!(notes.appends.len(), 1, "that it moved is logged");
    // One that was read under it already stays as it is.
    let (mut host, mut notes) = (self::host(0), Notes::default());
    host.handle(&mut notes, NOW, Ask::Wake { room: ROOM });
    host.handle(&mut notes, NOW, Ask::Published { rules: newer.clone() });
    host.handle(&mut notes, NOW, read(newer.as_ref()));
    host.tick(&mut notes, NOW);
    host.flush(&mut notes, NOW);
    assert_eq!((rules_of(&host), notes.appends.len()), (newer.id().content.0.to_vec(), 0));
}

#[test]
fn a_host_that_ends_waits_for_no_window() {
    const WINDOW_MS: i64 = 60_000;
    let (mut host, mut notes) = (host(WINDOW_MS), Notes::default());
    host.handle(&mut notes, NOW, Ask::Wake { room: ROOM });
    host.handle(&mut notes, NOW, read(stone(b"").as_ref()));
    let (reply, _answer) = oneshot::channel();
    let (by, id, body) = (By::User(OWNER), CommandId(1), Bytes::new());
    host.handle(&mut notes, NOW, Ask::Command { room: ROOM, by, id, body, reply, asked_us: NOW.1 });
    host.flush(&mut notes, NOW);
    assert_eq!(notes.appends.len(), 0, "the row gathers");
    // And somebody wakes for it, before anything else that is due.
    assert_eq!(host.next_due(), Some(NOW.0 - NOW.0 % WINDOW_MS + WINDOW_MS));
    let (reply, _answer) = oneshot::channel();
    host.handle(&mut notes, NOW, Ask::Shutdown { reply });
    host.flush(&mut notes, NOW);
    assert_eq!(notes.appends.len(), 1);
}
