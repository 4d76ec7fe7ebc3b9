//! Rules for the tests: a board that people write on. Version 2 writes in capitals.

use kernel::{At, Audience, Event, Outbox, Pace, Refusal, Registry, Rules, Seat, Unreadable, Update};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    pub lines: u64,
    pub last: String,
    pub here: u64,
}

/// `say:…` tells all, `to:N:…` tells seat N, `soon:…` is transient, `big:N` tells all N KiB, `no` is refused, `panic`
/// panics.
pub struct Board<const VERSION: u32>;

pub fn registry(versions: &[u32]) -> Registry {
    versions.iter().fold(Registry::new(), |registry, version| match version {
        1 => registry.with::<Board<1>>(),
        _ => registry.with::<Board<2>>(),
    })
}

impl<const V: u32> Rules for Board<V> {
    const NAME: &'static str = "board";
    const VERSION: u32 = V;
    type State = State;
    type Command = String;

    fn load(_: &[u8]) -> Result<Self, Unreadable> {
        Ok(Self)
    }

    fn pace(&self) -> Pace {
        Pace { step_ms: 50, advance_ms: 0, ..Pace::TURNS }
    }

    fn open(&self, _: At, _: &[u8], _: u64) -> Result<State, Refusal> {
        Ok(State::default())
    }

    fn decode(&self, body: &[u8]) -> Result<String, Refusal> {
        String::from_utf8(body.to_vec()).map_err(|_| Refusal::malformed("not text"))
    }

    fn validate(&self, _: &State, _: At, event: &Event<'_, String>) -> Result<(), Refusal> {
        match event {
            Event::Command { command, .. } if command == "no" => Err(Refusal::new(100, "no")),
            Event::Join { seat: Seat(3..) } => Err(Refusal::new(101, "three seats are enough")),
            _ => Ok(()),
        }
    }

    fn execute(&self, state: &mut State, _: At, event: Event<'_, String>, out: &mut Outbox) {
        match event {
            Event::Join { .. } => state.here += 1,
            Event::Leave { .. } => state.here -= 1,
            Event::Command { command, .. } => {
                state.lines += 1;
                state.last = if V > 1 { command.to_uppercase() } else { command.clone() };
                let text = state.last.clone();
                match command.split_once(':') {
                    Some(("to", rest)) => {
                        let seat = rest.split(':').next().and_then(|seat| seat.parse().ok()).unwrap_or(0);
                        out.one(Seat(seat), text);
                    }
                    Some(("soon", _)) => {
                        out.update(Update { to: Audience::All, transient: true, body: text.into_bytes() });
                    }
                    Some(("big", kib)) => out.all(vec![b'x'; kib.parse::<usize>().unwrap_or(0) * 1024]),
                    _ if command == "panic" => panic!("asked to"),
                    _ => out.all(text),
                }
            }
            Event::Advance | Event::Message { .. } | Event::EffectResult { .. } => {}
        }
    }

    fn view(&self, state: &State, _: At, _: Seat, out: &mut Vec<u8>) {
        out.extend_from_slice(
            format!("{} lines, last {}, {} here", state.lines, state.last, state.here).as_bytes(),
        );
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        out.extend_from_slice(&state.lines.to_le_bytes());
        out.extend_from_slice(&state.here.to_le_bytes());
        out.extend_from_slice(state.last.as_bytes());
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        let short = || Unreadable("short".into());
        let number = |at| bytes.get(at..at + 8).map(|b: &[u8]| u64::from_le_bytes(b.try_into().unwrap()));
        let last = String::from_utf8(bytes.get(16..).ok_or_else(short)?.to_vec());
        Ok(State {
            lines: number(0).ok_or_else(short)?,
            here: number(8).ok_or_else(short)?,
            last: last.map_err(|_| short())?,
        })
    }

    fn migrate(&self, _: u32, bytes: &[u8]) -> Result<State, Unreadable> {
        self.restore(bytes)
    }
}
