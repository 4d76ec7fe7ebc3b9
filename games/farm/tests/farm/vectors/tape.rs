//! A farm whose story is written down.

use farm::{Command, DEFAULT_CONTENT, DeviceId, Farm, Late, OWNER, Order, Outcome, State, Sync};
use kernel::{At, Event, Outbox, Refusal, Rules};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::exact::exact;
use crate::yard::{BEGIN_MS, full};

pub struct Tape {
    name: String,
    content: &'static str,
    pub rules: Farm,
    pub state: State,
    pub ms: i64,
    start: Map<String, Value>,
    steps: Vec<Value>,
}

/// What follows the farm in the answer is of no interest here.
#[derive(Deserialize)]
struct Answer {
    upto: u64,
    results: Vec<Outcome>,
}

pub fn catalogue(content: &[u8]) -> Value {
    let rules = Farm::load(content).expect("the test's content is sound");
    let at = At { ms: BEGIN_MS, step: 0 };
    let state = rules.open(at, b"", 0).expect("no setup is fine");
    let mut bytes = Vec::new();
    rules.view(&state, at, OWNER, &mut bytes);
    let view = farm::view::View::decode(&bytes).expect("a view can be read back");
    serde_json::to_value(view.content).expect("a catalogue is JSON")
}

pub fn device(name: u8) -> DeviceId {
    DeviceId([name; 16])
}

pub fn late(n: u64, at_ms: i64, command: Command) -> Late {
    Late { n, at_ms, command }
}

impl Tape {
    /// A new farm of the content in which everything is near, whose owner has not come yet.
    pub fn quick(name: &str) -> Self {
        Self::of(name, "quick", &full())
    }

    pub fn standard(name: &str) -> Self {
        Self::of(name, "standard", DEFAULT_CONTENT)
    }

    fn of(name: &str, content: &'static str, bytes: &[u8]) -> Self {
        let rules = Farm::load(bytes).expect("the test's content is sound");
        let state = rules.open(At { ms: BEGIN_MS, step: 0 }, b"", 7 << 32).expect("no setup is fine");
        let start = exact(rules.content(), &state);
        Self { name: name.into(), content, rules, state, ms: BEGIN_MS, start, steps: Vec::new() }
    }

    /// What came before is no part of the case.
    pub fn begins(mut self) -> Self {
        self.steps.clear();
        self.start = exact(self.rules.content(), &self.state);
        self
    }

    pub fn waits(&mut self, ms: i64) -> &mut Self {
        self.ms += ms;
        self
    }

    pub fn joins(&mut self) -> &mut Self {
        self.takes(json!({"join": true}), Event::Join { seat: OWNER })
    }

    pub fn leaves(&mut self) -> &mut Self {
        self.takes(json!({"leave": true}), Event::Leave { seat: OWNER })
    }

    pub fn passes(&mut self) -> &mut Self {
        self.takes(json!({"advance": true}), Event::Advance)
    }

    pub fn does(&mut self, command: impl Into<Order>) -> &mut Self {
        let order = command.into();
        let input = json!({"command": serde_json::to_value(&order).expect("a command is JSON")});
        self.takes(input, Event::Command { seat: OWNER, command: order })
    }

    /// Each of them after a second.
    pub fn all(&mut self, commands: impl IntoIterator<Item = Command>) -> &mut Self {
        for command in commands {
            self.waits(1_000).does(command);
        }
        self
    }

    pub fn syncs(&mut self, name: u8, after: u64, actions: Vec<Late>) -> &mut Self {
        let clock_ms = self.ms;
        self.does(Command::Sync(Sync { device: device(name), after, clock_ms, actions }))
    }

    /// The wallet answers.
    pub fn pays(&mut self, keepsake: &str, paid: bool) -> &mut Self {
        let waiting = self.state.pending.iter().find(|(_, pending)| pending.keepsake == keepsake);
        let tag = *waiting.expect("it was asked for").0;
        let outcome = if paid { Ok(()) } else { Err(Refusal::new(500, "no")) };
        let input = json!({"keepsake": keepsake, "paid": paid});
        self.takes(input, Event::EffectResult { tag, outcome: &outcome })
    }

    fn takes(&mut self, input: Value, event: Event<'_, Order>) -> &mut Self {
        let at = At { ms: self.ms, step: 0 };
        let before = exact(self.rules.content(), &self.state);
        let answer = self.rules.validate(&self.state, at, &event);
        let mut step = json!({"at_ms": self.ms, "input": input, "outcome": "ok"});
        match answer {
            Ok(()) => {
                let is_sync = matches!(&event, Event::Command { command, .. } if matches!(command.command, Command::Sync(_)));
                let mut out = Outbox::new();
                self.rules.execute(&mut self.state, at, event, &mut out);
                if is_sync {
                    let answer: Answer = rmp_serde::from_slice(&out.take_answer()).expect("its own words");
                    step["answer"] = json!({"upto": answer.upto, "results": answer.results});
                }
            }
            Err(refusal) => step["outcome"] = json!({"code": refusal.code}),
        }
        let after = exact(self.rules.content(), &self.state);
        let changed = after.into_iter().filter(|(key, value)| before[key] != *value);
        step["state"] = changed.collect::<Map<_, _>>().into();
        self.steps.push(step);
        self
    }

    pub fn into_case(self) -> Value {
        json!({"name": self.name, "content": self.content, "start": self.start, "steps": self.steps})
    }
}
