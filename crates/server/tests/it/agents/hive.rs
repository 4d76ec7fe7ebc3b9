//! A small game for outside workers: computers' seats that count, and a room that gives jobs.

use std::collections::BTreeMap;

use kernel::{Act, At, DeskJob, DeskResult, Event, Outbox, Pace, Refusal, RoomId, Rules, Seat, Unreadable};
use serde::{Deserialize, Serialize};

/// What a seat may not add.
pub const UNLUCKY: u64 = 13;
pub const UNLUCKY_CODE: u16 = 113;

#[derive(Clone, Default, Serialize, Deserialize)]
pub struct State {
    counts: BTreeMap<u32, u64>,
    /// Results in the order in which they came: the mark, the text, whether it is the fallback.
    pub results: Vec<(u64, String, bool)>,
    /// Jobs that the desk noted, and that it did not.
    pub noted: (u32, u32),
    jobs: u64,
}

pub enum Command {
    Add(u64),
    /// A job of a kind, in so many milliseconds.
    Ask(String, u64),
    /// A message to the desk that is no job.
    Babble,
}

pub struct Hive;

impl Rules for Hive {
    const NAME: &'static str = "hive";
    const VERSION: u32 = 1;
    type State = State;
    type Command = Command;

    fn load(_: &[u8]) -> Result<Self, Unreadable> {
        Ok(Self)
    }

    fn pace(&self) -> Pace {
        Pace::TURNS
    }

    fn open(&self, _: At, _: &[u8], _: u64) -> Result<State, Refusal> {
        Ok(State::default())
    }

    fn decode(&self, body: &[u8]) -> Result<Command, Refusal> {
        let text = String::from_utf8_lossy(body);
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["add", number] => number.parse().ok().map(Command::Add),
            ["ask", kind, ms] => ms.parse().ok().map(|ms| Command::Ask(kind.to_owned(), ms)),
            ["babble"] => Some(Command::Babble),
            _ => None,
        }
        .ok_or_else(|| Refusal::malformed("add N, ask KIND MS, or babble"))
    }

    fn hears_absent(&self, _: &Command) -> bool {
        true
    }

    fn validate(&self, _: &State, _: At, event: &Event<'_, Command>) -> Result<(), Refusal> {
        match event {
            Event::Command { command: Command::Add(UNLUCKY), .. } => {
                Err(Refusal::new(UNLUCKY_CODE, "an unlucky number"))
            }
            Event::Message { from, .. } if *from != RoomId::DESK => {
                Err(Refusal::new(Refusal::UNSUPPORTED, "only the desk is heard"))
            }
            _ => Ok(()),
        }
    }

    fn execute(&self, state: &mut State, _: At, event: Event<'_, Command>, out: &mut Outbox) {
        match event {
            Event::Command { seat, command: Command::Add(number) } => {
                *state.counts.entry(seat.0).or_default() += number;
            }
            Event::Command { command: Command::Ask(kind, within_ms), .. } => {
                state.jobs += 1;
                let (body, fallback) = (format!("job {}", state.jobs).into_bytes(), b"nobody".to_vec());
                let job = DeskJob { kind, body, within_ms, fallback, memory: String::new(), tag: state.jobs };
                out.ask(state.jobs, Act::Message { room: RoomId::DESK, body: job.to_bytes() });
            }
            Event::Command { command: Command::Babble, .. } => {
                out.ask(0, Act::Message { room: RoomId::DESK, body: vec![255; 9] });
            }
            Event::EffectResult { outcome, .. } => match outcome {
                Ok(()) => state.noted.0 += 1,
                Err(_) => state.noted.1 += 1,
            },
            Event::Message { body, .. } => {
                let result = DeskResult::from_bytes(body).expect("the desk speaks so");
                let text = String::from_utf8_lossy(&result.body).into_owned();
                state.results.push((result.tag, text, result.fallback));
            }
            Event::Join { .. } | Event::Leave { .. } | Event::Advance => {}
        }
    }

    fn view(&self, state: &State, _: At, seat: Seat, out: &mut Vec<u8>) {
        match state.counts.get(&seat.0) {
            Some(count) if seat >= Seat::SERVED_FIRST => out.extend(count.to_string().bytes()),
            None if (Seat::SERVED_FIRST..Seat::NOBODY).contains(&seat) => out.push(b'0'),
            _ => self.snapshot(state, out),
        }
    }

    fn served(&self, _: &State) -> Vec<Seat> {
        (0..3).map(|seat| Seat(Seat::SERVED_FIRST.0 + seat)).collect()
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        out.extend(serde_json::to_vec(state).expect("plain values"));
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        serde_json::from_slice(bytes).map_err(|error| Unreadable(error.to_string()))
    }
}
