//! The farm as a room: which inputs it takes, and what it tells the owner after each.

use kernel::{Act, At, Event, Outbox, Pace, Refusal, Rules, Seat, Unreadable};
use serde::{Deserialize, Serialize};

use crate::catalogue::catalogue;
use crate::command::Command;
use crate::content::{Content, DEFAULT_CONTENT};
use crate::plan::Plan;
use crate::refusals;
use crate::show::Show;
use crate::snapshot::{self, Reading};
use crate::state::State;
use crate::units::MICRO;
use crate::view::{Catalogue, FarmPart, FarmView, KeepsakeState, Occasion, Update};

/// Whose farm it is: the one who opened the room. Visitors cannot join yet.
pub const OWNER: Seat = Seat(0);

/// Bytes of a setup.
pub const SETUP_BYTES_MAX: usize = 1_024;

/// The rules, with one content.
#[derive(Debug)]
pub struct Farm {
    content: Content,
    catalogue: Catalogue,
}

/// What may stand in a setup: nothing yet, and unknown keys are refused so that something may one day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Setup {}

/// A view is written often and its catalogue never changes, so it is borrowed.
#[derive(Serialize)]
struct ViewBody<'a> {
    content: &'a Catalogue,
    farm: &'a FarmView,
}

impl Farm {
    /// The rules with the content that comes with the game.
    pub fn standard() -> Self {
        Self::load(DEFAULT_CONTENT).expect("the tests load the content that is compiled in")
    }

    /// What the game is made of.
    pub fn content(&self) -> &Content {
        &self.content
    }

    fn show<'a>(&'a self, state: &'a State, at: At) -> Show<'a> {
        Show { content: &self.content, state, at_ms: at.ms }
    }

    fn tell(out: &mut Outbox, farm: FarmPart, event: Option<Occasion>) {
        let update = Update { farm, event };
        out.one(
            OWNER,
            rmp_serde::to_vec_named(&update).expect("strings and integers always have a MessagePack form"),
        );
    }

    fn command(&self, state: &mut State, at: At, command: &Command, out: &mut Outbox) {
        state.settle(at.ms);
        // `validate` has made the same plan a moment ago, and settling changes nothing of what it looks at.
        let Ok(plan) = Plan::of(&self.content, state, at.ms, command) else { return };
        let occasion = plan.carry_out(&self.content, state, at.ms, out);
        let show = self.show(state, at);
        let part = match occasion {
            Occasion::Sheared { .. } | Occasion::Crafted { .. } => show.purse(),
            Occasion::Keepsake { .. } => show.shelf(),
            Occasion::Bought { .. } | Occasion::Upgraded { .. } | Occasion::Prestiged { .. } => show.all(),
        };
        Self::tell(out, part, Some(occasion));
    }

    /// The wallet's answer to a keepsake. It comes once for each; a tag that nobody waits for changes nothing.
    fn answer(&self, state: &mut State, at: At, tag: u64, outcome: &Result<(), Refusal>, out: &mut Outbox) {
        state.settle(at.ms);
        let Some(pending) = state.pending.remove(&tag) else { return };
        let wanted = self.content.keepsake(&pending.keepsake).is_some()
            && !state.holdings.keepsakes.contains(&pending.keepsake);
        let (mut code, mut reason) = (None, None);
        let now = match outcome {
            Ok(()) if wanted => {
                state.holdings.keepsakes.insert(pending.keepsake.clone());
                state.recompute(&self.content);
                KeepsakeState::Owned
            }
            Ok(()) => {
                // The content has lost the keepsake while the wallet was asked, or it was asked twice: money back.
                out.effect(Act::Wallet { seat: OWNER, currency: pending.currency, amount: pending.price });
                KeepsakeState::Refused
            }
            Err(refusal) => {
                (code, reason) = (Some(refusal.code), Some(refusal.reason.to_string()));
                KeepsakeState::Refused
            }
        };
        let event = Occasion::Keepsake { keepsake: pending.keepsake, state: now, code, reason };
        Self::tell(out, self.show(state, at).all(), Some(event));
    }
}

impl Rules for Farm {
    const NAME: &'static str = "farm";
    const VERSION: u32 = 1;

    type State = State;
    type Command = Command;

    fn load(content: &[u8]) -> Result<Self, Unreadable> {
        let content = Content::parse(content)?;
        Ok(Self { catalogue: catalogue(&content), content })
    }

    fn pace(&self) -> Pace {
        Pace { step_ms: 50, advance_ms: 5_000 }
    }

    fn open(&self, at: At, setup: &[u8], seed: u64) -> Result<State, Refusal> {
        if setup.len() > SETUP_BYTES_MAX {
            return Err(Refusal::malformed("a farm's setup has at most 1,024 bytes"));
        }
        if !setup.trim_ascii().is_empty() {
            serde_json::from_slice::<Setup>(setup).map_err(|_| Refusal::malformed("a farm's setup is {}"))?;
        }
        // The upper half of the seed is as good as any other.
        let looks = u32::try_from(seed >> 32).unwrap_or_default();
        Ok(State::new(&self.content, at.ms, looks))
    }

    fn decode(&self, body: &[u8]) -> Result<Command, Refusal> {
        Command::decode(body)
    }

    fn validate(&self, state: &State, at: At, event: &Event<'_, Command>) -> Result<(), Refusal> {
        match event {
            Event::Join { seat } | Event::Command { seat, .. } if *seat != OWNER => {
                Err(Refusal::new(refusals::NOT_OWNER, "this farm is somebody else's"))
            }
            Event::Command { command, .. } => Plan::of(&self.content, state, at.ms, command).map(drop),
            Event::Join { .. } | Event::Leave { .. } | Event::Advance | Event::EffectResult { .. } => Ok(()),
            Event::Message { .. } => Err(Refusal::new(Refusal::UNSUPPORTED, "a farm takes no messages")),
        }
    }

    fn execute(&self, state: &mut State, at: At, event: Event<'_, Command>, out: &mut Outbox) {
        match event {
            Event::Join { .. } => state.arrive(at.ms),
            Event::Leave { seat } if seat == OWNER => state.depart(at.ms),
            Event::Leave { .. } | Event::Advance | Event::Message { .. } => state.settle(at.ms),
            Event::Command { command, .. } => self.command(state, at, &command, out),
            Event::EffectResult { tag, outcome } => self.answer(state, at, tag, outcome, out),
        }
    }

    fn view(&self, state: &State, at: At, _seat: Seat, out: &mut Vec<u8>) {
        let farm = self.show(state, at).farm();
        let body = ViewBody { content: &self.catalogue, farm: &farm };
        let bytes =
            rmp_serde::to_vec_named(&body).expect("strings and integers always have a MessagePack form");
        out.extend_from_slice(&bytes);
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        snapshot::write(&self.content, state, out);
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        snapshot::read(&self.content, bytes, Reading::Strict)
    }

    fn migrate(&self, from: u32, bytes: &[u8]) -> Result<State, Unreadable> {
        if from != Self::VERSION {
            let (name, version) = (Self::NAME, Self::VERSION);
            return Err(Unreadable(format!("{name} version {version} cannot take over version {from}")));
        }
        snapshot::read(&self.content, bytes, Reading::Lenient)
    }

    fn label(&self, state: &State) -> String {
        let wool: num_bigint::BigUint = state.holdings.wools.iter().map(|w| &w.amount / MICRO).sum();
        let holdings = &state.holdings;
        let (digits, llamas) = (wool.to_string().len(), holdings.llamas(&self.content));
        format!(r#"{{"wool_digits":{digits},"llamas":{llamas},"prestiges":{}}}"#, holdings.prestiges)
    }

    fn gauges(&self, state: &State, report: &mut dyn FnMut(&'static str, i64)) {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        report("farm_llamas", count(state.holdings.llamas(&self.content)));
        report("farm_prestiges", i64::from(state.holdings.prestiges));
        report("farm_keepsakes", count(state.holdings.keepsakes.len() as u64));
    }
}
