//! Rules for the tests: trees bear fruit while somebody is here, as fast as the content says.

use std::collections::BTreeMap;

use app::rooms::{Answered, CommandError, RoomError, Viewer, replay};
use kernel::{
    Act, At, CommandId, Event, Outbox, Pace, Refusal, Registry, RoomId, Rules, RulesId, Seat, Start,
    Unreadable,
};
use sim::{Faults, World};
use store::{Place, UserId};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    pub fruit: u64,
    pub here: u64,
    pub settled_ms: i64,
}

/// A command is a word: `pick` adds 1; `far` adds 10, is heard of the absent, answers and tells an event; `mark` adds
/// 100 and is marked; `no` is refused; `panic` panics. The content: fruit a second; with `cut`, a move to it halves
/// what there is, with `axe` it panics where there is any, with `no` it fails.
pub struct Grove {
    rate: u64,
    turn: Turn,
}

#[derive(PartialEq, Eq)]
enum Turn {
    Keep,
    Cut,
    Axe,
    No,
}

impl Grove {
    fn grown(&self, state: &State, at: At) -> u64 {
        let seconds = (at.ms - state.settled_ms) as u64 / 1_000;
        state.fruit + if state.here > 0 { seconds * self.rate } else { 0 }
    }

    fn settle(&self, state: &mut State, at: At) {
        state.fruit = self.grown(state, at);
        state.settled_ms = at.ms;
    }
}

impl Rules for Grove {
    const NAME: &'static str = "grove";
    const VERSION: u32 = 1;
    type State = State;
    type Command = String;

    fn load(content: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(content).map_err(|_| Unreadable("line 1: not text".into()))?;
        let (rate, turn) = text.split_once(' ').unwrap_or((text, ""));
        let rate = rate.parse().map_err(|_| Unreadable(format!("line 1: {rate:?} is no number")))?;
        let turn = match turn {
            "" => Turn::Keep,
            "cut" => Turn::Cut,
            "axe" => Turn::Axe,
            "no" => Turn::No,
            other => return Err(Unreadable(format!("line 1: {other:?}"))),
        };
        Ok(Self { rate, turn })
    }

    fn pace(&self) -> Pace {
        Pace { step_ms: 0, advance_ms: 60_000, ..Pace::TURNS }
    }

    fn open(&self, at: At, _: &[u8], _: u64) -> Result<State, Refusal> {
        Ok(State { settled_ms: at.ms, ..State::default() })
    }

    fn decode(&self, body: &[u8]) -> Result<String, Refusal> {
        String::from_utf8(body.to_vec()).map_err(|_| Refusal::malformed("not text"))
    }

    fn hears_absent(&self, command: &String) -> bool {
        command != "pick"
    }

    fn validate(&self, _: &State, _: At, event: &Event<'_, String>) -> Result<(), Refusal> {
        match event {
            Event::Command { command, .. } if command == "no" => Err(Refusal::new(100, "no")),
            _ => Ok(()),
        }
    }

    fn mark(&self, _: &State, _: At, event: &Event<'_, String>) -> Option<&'static str> {
        matches!(event, Event::Command { command, .. } if command == "mark").then_some("marked")
    }

    fn execute(&self, state: &mut State, at: At, event: Event<'_, String>, out: &mut Outbox) {
        self.settle(state, at);
        match event {
            Event::Join { .. } => state.here += 1,
            Event::Leave { .. } => state.here -= 1,
            Event::Command { command, seat } => {
                match command.as_str() {
                    "far" => {
                        state.fruit += 10;
                        out.answer(state.fruit.to_string());
                        let properties = BTreeMap::from([("fruit".to_owned(), state.fruit.to_string())]);
                        out.effect(Act::Event { seat, name: "picked".into(), properties });
                    }
                    "mark" => state.fruit += 100,
                    "panic" => panic!("asked to"),
                    _ => state.fruit += 1,
                }
                out.all(state.fruit.to_string());
            }
            Event::Advance | Event::Message { .. } | Event::EffectResult { .. } => {}
        }
    }

    fn view(&self, state: &State, at: At, seat: Seat, out: &mut Vec<u8>) {
        let text = match seat {
            Seat::NOBODY => format!("{} here, at {} a second", state.here, self.rate),
            _ => format!("{} fruit, at {} a second", self.grown(state, at), self.rate),
        };
        out.extend_from_slice(text.as_bytes());
    }

    fn label(&self, state: &State) -> String {
        format!("{} fruit", state.fruit)
    }

    fn measures(&self, state: &State, at: At, report: &mut dyn FnMut(&str, u128)) {
        report("fruit", self.grown(state, at).into());
        report("rate", self.rate.into());
    }

    fn rewound(&self, state: &mut State, then: At, at: At) {
        // The time that is undone does not pass twice.
        state.settled_ms += at.ms - then.ms;
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        for number in [state.fruit, state.here, state.settled_ms as u64] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        let numbers: Vec<u64> =
            bytes.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect();
        let [fruit, here, settled] = numbers[..] else { return Err(Unreadable("length".into())) };
        Ok(State { fruit, here, settled_ms: settled as i64 })
    }

    fn migrate(&self, _: u32, bytes: &[u8]) -> Result<State, Unreadable> {
        let mut state = self.restore(bytes)?;
        match self.turn {
            Turn::Keep => {}
            Turn::Cut => state.fruit /= 2,
            Turn::Axe => assert_eq!(state.fruit, 0, "an axe fells what bears fruit"),
            Turn::No => return Err(Unreadable("no grove moves here".into())),
        }
        Ok(state)
    }
}

pub fn world(seed: u64, faults: Faults, place: Place) -> World {
    World::with_contents(seed, faults, place, Registry::new().with::<Grove>(), &[("grove", "2")])
}

pub fn open(world: &mut World, user: u128) -> RoomId {
    let rooms = world.rooms();
    world.wait_for(async move { rooms.open(UserId(user), "grove", Vec::new(), true).await }).unwrap()
}

pub fn give(
    world: &mut World,
    user: u128,
    room: RoomId,
    id: u128,
    word: &str,
) -> Result<Answered, CommandError> {
    let (rooms, body) = (world.rooms(), word.as_bytes().to_vec());
    world.wait_for(async move { rooms.command(UserId(user), room, CommandId(id), body.into()).await })
}

pub fn peek(world: &mut World, room: RoomId, viewer: Viewer) -> Result<String, RoomError> {
    let rooms = world.rooms();
    let view = world.wait_for(async move { rooms.peek(room, viewer).await });
    view.map(|view| String::from_utf8(view).unwrap())
}

pub fn publish(world: &mut World, content: &str) -> Result<RulesId, RoomError> {
    let (rooms, content) = (world.rooms(), content.as_bytes().to_vec());
    world.wait_for(async move { rooms.publish("grove", content).await })
}

/// The room by its whole log, which must agree with its newest snapshot.
pub fn replayed(world: &World, room: RoomId) -> Box<dyn kernel::Room> {
    let from =
        |start| replay(&world.store, &world.library, room, start, None, &mut |_| {}).unwrap().room.unwrap();
    let whole = from(Start::Open);
    assert_eq!(whole.hash(), from(Start::Snapshot).hash());
    whole
}

pub fn fruit(world: &World, room: RoomId) -> u64 {
    u64::from_le_bytes(replayed(world, room).state_bytes()[..8].try_into().unwrap())
}
