//! A farm to play with in tests, and a client that believes only what it is sent.

use std::collections::BTreeMap;

use farm::view::{FarmView, Update, View};
use farm::{Command, Count, DeviceId, Farm, Late, OWNER, Order, Outcome, SCORE_EVENT, State, Sync};
use kernel::{Act, At, Effect, Event, Outbox, Refusal, Rules};

/// Content in which everything is near.
pub const QUICK: &[u8] = include_bytes!("quick.toml");

/// The same with wishes, events, achievements and terms for saves.
pub fn full() -> Vec<u8> {
    [QUICK, include_bytes!("extras.toml")].concat()
}

pub const BEGIN_MS: i64 = 1_700_000_000_000;

pub struct Yard {
    pub rules: Farm,
    pub state: State,
    pub at: At,
    /// What was asked of the world, in order; but for score events.
    pub effects: Vec<Effect>,
    /// The score events, in order.
    pub scores: Vec<BTreeMap<String, String>>,
    /// Answers to whoever gave a command through the server.
    pub answers: Vec<Vec<u8>>,
    /// What the owner's page shows: the view at the join, and every update since.
    pub page: FarmView,
    /// After each update the page is compared with a fresh view. Long plays do without.
    pub checks_page: bool,
    /// What the owner did, and when.
    pub done: Vec<(i64, Command)>,
    /// What the owner's devices did offline.
    pub journals: Journals,
}

/// What devices keep of what they did offline: the newest number, and the newest chunk.
#[derive(Clone, Default)]
pub struct Journals(BTreeMap<u8, (u64, Vec<Late>)>);

impl Journals {
    /// What was done, each so long before now, in order of time; behind what was sent the last time, if it is sent
    /// again.
    pub fn chunk(&mut self, device: u8, now_ms: i64, done: &[(i64, Command)], again: bool) -> Sync {
        let (last_n, sent) = self.0.entry(device).or_default();
        let mut actions = if again { std::mem::take(sent) } else { Vec::new() };
        let after = actions.first().map_or(*last_n, |first| first.n - 1);
        let mut done: Vec<_> = done.iter().collect();
        done.sort_by_key(|(ago, _)| std::cmp::Reverse(*ago));
        for (ago, command) in done {
            *last_n += 1;
            actions.push(Late { n: *last_n, at_ms: now_ms.saturating_sub(*ago), command: command.clone() });
        }
        *sent = actions.clone();
        sent.truncate(50);
        Sync { device: DeviceId([device; 16]), after, clock_ms: now_ms, actions }
    }
}

/// The answer to a `sync`, without the farm.
#[derive(serde::Deserialize)]
pub struct SyncAnswer {
    pub results: Vec<Outcome>,
}

impl Yard {
    /// A farm whose owner is there.
    pub fn new(content: &[u8]) -> Self {
        let mut yard = Self::empty(content);
        yard.joins();
        yard
    }

    /// A farm whose owner has not come yet.
    pub fn empty(content: &[u8]) -> Self {
        let rules = Farm::load(content).expect("the test's content is sound");
        let at = At { ms: BEGIN_MS, step: 0 };
        let state = rules.open(at, b"{}", 0x1234_5678_9abc_def0).expect("an empty setup is fine");
        let page = sees(&rules, &state, at).farm;
        Self {
            rules,
            state,
            at,
            effects: Vec::new(),
            scores: Vec::new(),
            answers: Vec::new(),
            page,
            checks_page: true,
            done: Vec::new(),
            journals: Journals::default(),
        }
    }

    pub fn waits(&mut self, ms: i64) {
        self.at.ms += ms;
    }

    /// Takes any event as a room would. Checks what holds for all of them.
    pub fn takes(&mut self, event: Event<'_, Order>) -> Result<Option<Update>, Refusal> {
        let fact = matches!(event, Event::Leave { .. } | Event::Advance | Event::EffectResult { .. });
        let answer = self.rules.validate(&self.state, self.at, &event);
        assert!(answer.is_ok() || !fact, "a fact was refused: {event:?}");
        answer?;
        let mut out = Outbox::new();
        self.rules.execute(&mut self.state, self.at, event, &mut out);
        for effect in out.take_effects() {
            match effect.act {
                Act::Event { seat: OWNER, name, properties } if name == SCORE_EVENT => {
                    self.scores.push(properties)
                }
                _ => self.effects.push(effect),
            }
        }
        self.answers.extend(Some(out.take_answer()).filter(|answer| !answer.is_empty()));
        let mut updates = out.take_updates();
        assert!(updates.len() <= 1, "one input, at most one update");
        let Some(update) = updates.pop() else { return Ok(None) };
        let update = Update::decode(&update.body).expect("an update can be read back");
        self.page.apply(update.farm.clone());
        if !self.checks_page {
            return Ok(Some(update));
        }
        assert_eq!(self.page, self.sees().farm, "the update tells all that has changed");
        Ok(Some(update))
    }

    pub fn does(&mut self, command: Command) -> Result<Update, Refusal> {
        let update = self.takes(Event::Command { seat: OWNER, command: command.clone().into() })?;
        self.done.push((self.at.ms, command));
        Ok(update.expect("an accepted command is answered by an update"))
    }

    /// Gives a chunk as the server would, and reads the answer.
    pub fn syncs(&mut self, chunk: Sync) -> Result<SyncAnswer, Refusal> {
        self.takes(Event::Command { seat: OWNER, command: Command::Sync(chunk).into() })?;
        let answer = self.answers.last().expect("a sync is answered");
        Ok(rmp_serde::from_slice(answer).expect("an answer can be read"))
    }

    pub fn joins(&mut self) {
        self.takes(Event::Join { seat: OWNER }).expect("the owner may join");
        self.page = self.sees().farm;
    }

    pub fn leaves(&mut self) {
        self.takes(Event::Leave { seat: OWNER }).expect("leaving is a fact");
    }

    pub fn sees(&self) -> View {
        sees(&self.rules, &self.state, self.at)
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.rules.snapshot(&self.state, &mut bytes);
        bytes
    }

    /// Milli-wool in store.
    pub fn has(&self, wool: &str) -> u128 {
        self.sees().farm.wools[wool].amount.parse().expect("small in tests that ask")
    }

    /// Shears so long, with the patience it takes, that there is so much whole wool.
    pub fn shears_up_to(&mut self, whole: u128) {
        while self.has("plain") < whole * 1_000 {
            self.waits(1_000);
            self.does(shear(20)).expect("20 shears a second are possible");
        }
    }
}

fn sees(rules: &Farm, state: &State, at: At) -> View {
    let mut bytes = Vec::new();
    rules.view(state, at, OWNER, &mut bytes);
    View::decode(&bytes).expect("a view can be read back")
}

pub fn shear(count: u64) -> Command {
    Command::Shear { count }
}

pub fn buy(building: &str, count: u64) -> Command {
    Command::Buy { building: building.into(), count: Count::Exactly(count) }
}

pub fn buy_max(building: &str) -> Command {
    Command::Buy { building: building.into(), count: Count::Max }
}

pub fn upgrade(upgrade: &str) -> Command {
    Command::Upgrade { upgrade: upgrade.into() }
}

pub fn craft(recipe: &str, count: u64) -> Command {
    Command::Craft { recipe: recipe.into(), count: Count::Exactly(count) }
}

pub fn craft_max(recipe: &str) -> Command {
    Command::Craft { recipe: recipe.into(), count: Count::Max }
}

pub fn keepsake(keepsake: &str) -> Command {
    Command::Keepsake { keepsake: keepsake.into() }
}

pub fn wish(wish: &str) -> Command {
    Command::Wish { wish: wish.into() }
}
