//! Rules for the tests: seats add to a sum, ask for effects and send messages. Version 2 counts double.

use std::collections::BTreeMap;

use kernel::{Act, At, Event, Outbox, Pace, Refusal, Rules, Seat, Unreadable};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    pub sum: u64,
    pub joined: u64,
    pub asked: u64,
    pub answered: u64,
    pub passed_ms: i64,
    pub last_ms: i64,
}

/// Each command is one byte: below 200 it adds, 200 asks the wallet, 201 sends a message, 202 panics, 203 says too
/// much, else refused. Multiples of ten are heard of the absent, multiples of seven marked; an answer is the sum.
pub struct Tally<const VERSION: u32>;

impl<const V: u32> Rules for Tally<V> {
    const NAME: &'static str = "tally";
    const VERSION: u32 = V;
    type State = State;
    type Command = u8;

    fn load(_: &[u8]) -> Result<Self, Unreadable> {
        Ok(Self)
    }

    fn pace(&self) -> Pace {
        Pace { step_ms: 50, advance_ms: 1_000, ..Pace::TURNS }
    }

    fn open(&self, at: At, _: &[u8], seed: u64) -> Result<State, Refusal> {
        Ok(State { sum: seed % 7, last_ms: at.ms, ..State::default() })
    }

    fn decode(&self, body: &[u8]) -> Result<u8, Refusal> {
        match body {
            [byte] => Ok(*byte),
            _ => Err(Refusal::malformed("one byte")),
        }
    }

    fn hears_absent(&self, command: &u8) -> bool {
        command.is_multiple_of(10)
    }

    fn mark(&self, _: &State, _: At, event: &Event<'_, u8>) -> Option<&'static str> {
        match event {
            Event::Command { command, .. } if command.is_multiple_of(7) => Some("seven"),
            Event::Join { seat: Seat(3) } => Some("third"),
            _ => None,
        }
    }

    fn validate(&self, _: &State, _: At, event: &Event<'_, u8>) -> Result<(), Refusal> {
        match event {
            Event::Command { command: 204.., .. } => Err(Refusal::new(100, "too high")),
            Event::Join { seat: Seat(9..) } => Err(Refusal::new(101, "full")),
            _ => Ok(()),
        }
    }

    fn execute(&self, state: &mut State, at: At, event: Event<'_, u8>, out: &mut Outbox) {
        state.passed_ms += at.ms - state.last_ms;
        state.last_ms = at.ms;
        match event {
            Event::Command { command: 200, seat } => {
                state.asked += 1;
                out.ask(state.asked, Act::Wallet { seat, currency: "gold".into(), amount: -1 });
            }
            Event::Command { command: 201, .. } => {
                out.effect(Act::Message { room: kernel::RoomId(77), body: vec![1] });
            }
            Event::Command { command: 202, .. } => panic!("asked to"),
            Event::Command { command: 203, .. } => out.answer(vec![0; kernel::ANSWER_BYTES_MAX + 1]),
            Event::Command { command, seat } => {
                state.sum += u64::from(command) * u64::from(V);
                out.all(state.sum.to_le_bytes());
                out.answer(state.sum.to_le_bytes());
                if command == 100 {
                    let properties = BTreeMap::from([("sum".to_owned(), state.sum.to_string())]);
                    out.effect(Act::Event { seat, name: "hundred".into(), properties });
                }
            }
            Event::Join { .. } => state.joined += 1,
            Event::Leave { .. } => state.joined -= 1,
            Event::Message { body, .. } => state.sum += body.len() as u64,
            Event::EffectResult { tag, outcome } => state.answered += tag * u64::from(outcome.is_ok()),
            Event::Advance => {}
        }
    }

    fn view(&self, state: &State, _: At, _: Seat, out: &mut Vec<u8>) {
        out.extend_from_slice(&state.sum.to_le_bytes());
    }

    fn rewound(&self, state: &mut State, then: At, at: At) {
        state.last_ms += at.ms - then.ms;
    }

    fn measures(&self, state: &State, at: At, report: &mut dyn FnMut(&str, u128)) {
        report("sum", state.sum.into());
        report("passed", (at.ms - state.last_ms).unsigned_abs().into());
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        for field in [
            state.sum,
            state.joined,
            state.asked,
            state.answered,
            state.passed_ms as u64,
            state.last_ms as u64,
        ] {
            out.extend_from_slice(&field.to_le_bytes());
        }
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        let fields: Vec<u64> =
            bytes.chunks_exact(8).map(|f| u64::from_le_bytes(f.try_into().unwrap())).collect();
        let [sum, joined, asked, answered, passed, last] = fields[..] else {
            return Err(Unreadable("length".into()));
        };
        Ok(State { sum, joined, asked, answered, passed_ms: passed as i64, last_ms: last as i64 })
    }

    fn migrate(&self, _: u32, bytes: &[u8]) -> Result<State, Unreadable> {
        self.restore(bytes)
    }
}
