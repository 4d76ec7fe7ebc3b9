//! What may happen on a plaza, and what then happens.

use std::collections::BTreeMap;

use kernel::{At, Event, Outbox, Pace, Refusal, Rules, Seat, Unreadable};
use serde::{Deserialize, Serialize};

use crate::{Seen, Step};

/// Edges of a plaza.
const EDGE_MAX: u16 = 32_768;

/// How a plaza begins, as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// From the left edge to the right one.
    pub width: u16,
    /// From the upper edge to the lower one.
    pub height: u16,
}

impl Default for Setup {
    fn default() -> Self {
        Self { width: 1_000, height: 1_000 }
    }
}

/// The refusals of a plaza.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Code {
    /// Over the edge.
    Outside = Refusal::RULES_FIRST,
}

/// Who is where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    setup: Setup,
    players: BTreeMap<Seat, Step>,
}

impl State {
    /// Those who are here, in order of their seats.
    pub fn players(&self) -> impl Iterator<Item = Seen> {
        self.players.iter().map(|(seat, step)| Seen { seat: *seat, step: *step })
    }
}

/// The rules. They need no content file.
#[derive(Clone, Copy, Debug)]
pub struct Plaza;

impl Rules for Plaza {
    const NAME: &'static str = "plaza";
    const VERSION: u32 = 1;
    type State = State;
    type Command = Step;

    fn load(content: &[u8]) -> Result<Self, Unreadable> {
        if content.is_empty() { Ok(Self) } else { Err(Unreadable("the plaza takes no content file".into())) }
    }

    fn pace(&self) -> Pace {
        Pace { step_ms: 50, advance_ms: 0, ..Pace::TURNS }
    }

    fn open(&self, _at: At, setup: &[u8], _seed: u64) -> Result<State, Refusal> {
        let setup: Setup = serde_json::from_slice(setup)
            .map_err(|error| Refusal::malformed(format!("the plaza's setup cannot be read: {error}")))?;
        let edges = 1..=EDGE_MAX;
        if edges.contains(&setup.width) && edges.contains(&setup.height) {
            Ok(State { setup, players: BTreeMap::new() })
        } else {
            Err(Refusal::malformed("a plaza's edges are 1 to 32,768"))
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Step, Refusal> {
        Step::decode(body)
    }

    fn validate(&self, state: &State, _at: At, event: &Event<'_, Step>) -> Result<(), Refusal> {
        match event {
            Event::Command { command, .. } => {
                let Setup { width, height } = state.setup;
                if command.x < width && command.y < height {
                    Ok(())
                } else {
                    Err(Refusal::new(Code::Outside as u16, "that is outside of the plaza"))
                }
            }
            Event::Message { .. } => Err(Refusal::malformed("a plaza takes no messages")),
            Event::Join { .. } | Event::Leave { .. } | Event::Advance | Event::EffectResult { .. } => Ok(()),
        }
    }

    fn execute(&self, state: &mut State, _at: At, event: Event<'_, Step>, out: &mut Outbox) {
        match event {
            Event::Join { seat } => {
                let middle = Step { x: state.setup.width / 2, y: state.setup.height / 2, mark: 0 };
                let step = *state.players.entry(seat).or_insert(middle);
                out.all(Seen { seat, step }.to_bytes());
            }
            Event::Command { seat, command } => {
                state.players.insert(seat, command);
                out.all(Seen { seat, step: command }.to_bytes());
            }
            Event::Leave { seat } => {
                state.players.remove(&seat);
                let (x, y) = Seen::GONE;
                out.all(Seen { seat, step: Step { x, y, mark: 0 } }.to_bytes());
            }
            Event::Advance | Event::Message { .. } | Event::EffectResult { .. } => {}
        }
    }

    fn view(&self, state: &State, _at: At, _seat: Seat, out: &mut Vec<u8>) {
        out.extend_from_slice(&state.setup.width.to_le_bytes());
        out.extend_from_slice(&state.setup.height.to_le_bytes());
        state.players().for_each(|seen| seen.encode(out));
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        out.extend_from_slice(&state.setup.width.to_le_bytes());
        out.extend_from_slice(&state.setup.height.to_le_bytes());
        state.players().for_each(|seen| seen.encode(out));
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        let unreadable = |why: &str| Unreadable(format!("a snapshot of a plaza {why}"));
        let Some(([w0, w1, h0, h1], rest)) = bytes.split_first_chunk::<4>() else {
            return Err(unreadable("is too short"));
        };
        let setup = Setup { width: u16::from_le_bytes([*w0, *w1]), height: u16::from_le_bytes([*h0, *h1]) };
        let mut players = BTreeMap::new();
        for entry in rest.chunks(Seen::BYTES) {
            let seen = Seen::decode(entry).ok_or_else(|| unreadable("ends in the middle of a player"))?;
            if players.last_key_value().is_some_and(|(last, _)| *last >= seen.seat) {
                return Err(unreadable("has players out of order"));
            }
            players.insert(seen.seat, seen.step);
        }
        Ok(State { setup, players })
    }

    fn label(&self, state: &State) -> String {
        format!(r#"{{"rules":"plaza","players":{}}}"#, state.players.len())
    }

    fn gauges(&self, state: &State, report: &mut dyn FnMut(&'static str, i64)) {
        report("plaza_players", state.players.len() as i64);
    }
}
