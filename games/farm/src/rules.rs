//! The farm as a room: which inputs it takes. What each does to the farm, and what the owner is told, is `course`.

use kernel::{At, Event, Outbox, Pace, Refusal, Rules, Seat, Unreadable};
use serde::{Deserialize, Serialize};

use crate::calendar::day;
use crate::catalogue::catalogue;
use crate::command::{Command, Order};
use crate::content::{Content, DEFAULT_CONTENT};
use crate::plan::{Plan, When};
use crate::show::Show;
use crate::snapshot::{self, Format, Reading};
use crate::state::State;
use crate::units::MICRO;
use crate::view::{Catalogue, FarmView, PublicFarm};
use crate::{import, measure, points, refusals, sync};

/// Whose farm it is: the one who opened the room. Visitors cannot join.
pub const OWNER: Seat = Seat(0);

/// Bytes of a setup.
pub const SETUP_BYTES_MAX: usize = 1_024;

/// The rules of one version, with one content. Version 1 books at every input and knows no offline play; it is there
/// so that logs of its time can be followed.
#[derive(Debug)]
pub struct FarmRules<const VERSION: u32> {
    pub(crate) content: Content,
    catalogue: Catalogue,
}

/// The rules as they are.
pub type Farm = FarmRules<2>;
/// The rules as they were before offline play.
pub type FarmV1 = FarmRules<1>;

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

/// The same for somebody else.
#[derive(Serialize)]
struct PublicBody<'a> {
    content: &'a Catalogue,
    farm: &'a PublicFarm,
}

impl Farm {
    /// The rules with the content that comes with the game.
    pub fn standard() -> Self {
        Self::load(DEFAULT_CONTENT).expect("the tests load the content that is compiled in")
    }
}

impl<const VERSION: u32> FarmRules<VERSION> {
    /// Time away waits for what was done offline.
    pub(crate) const OFFLINE: bool = VERSION >= 2;

    /// What the game is made of.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// What there is in the game, as views tell it.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    pub(crate) fn show<'a>(&'a self, state: &'a State, at: At) -> Show<'a> {
        Show { content: &self.content, state, at_ms: at.ms }
    }

    fn allows(&self, state: &State, at: At, order: &Order) -> Result<(), Refusal> {
        let new = matches!(order.command, Command::Wish { .. }) || order.command.is_heard_absent();
        if !Self::OFFLINE && (new || order.by.is_some()) {
            return Err(Refusal::new(Refusal::UNSUPPORTED, "this farm does not know that yet"));
        }
        if order.by.is_some_and(|by| by.n <= state.devices.last_n(by.device)) {
            return Err(Refusal::new(refusals::REPEATED, "this was known already"));
        }
        match &order.command {
            Command::Sync(chunk) => sync::judge(state, chunk),
            Command::Import(save) => import::judge(&self.content, state, at.ms, save).map(drop),
            Command::Report => Ok(()),
            command => Plan::of(&self.content, state, When::now(at.ms), command).map(drop),
        }
    }

    fn format() -> Format {
        if Self::OFFLINE { Format::Second } else { Format::First }
    }
}

impl<const V: u32> Rules for FarmRules<V> {
    const NAME: &'static str = "farm";
    const VERSION: u32 = V;

    type State = State;
    type Command = Order;

    fn load(content: &[u8]) -> Result<Self, Unreadable> {
        let content = Content::parse(content)?;
        Ok(Self { catalogue: catalogue(&content), content })
    }

    fn pace(&self) -> Pace {
        Pace { step_ms: 50, advance_ms: 5_000, ..Pace::TURNS }
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

    fn decode(&self, body: &[u8]) -> Result<Order, Refusal> {
        Order::decode(body)
    }

    fn hears_absent(&self, order: &Order) -> bool {
        order.command.is_heard_absent()
    }

    fn validate(&self, state: &State, at: At, event: &Event<'_, Order>) -> Result<(), Refusal> {
        match event {
            Event::Join { seat } | Event::Command { seat, .. } if *seat != OWNER => {
                Err(Refusal::new(refusals::NOT_OWNER, "this farm is somebody else's"))
            }
            Event::Command { command, .. } => self.allows(state, at, command),
            Event::Join { .. } | Event::Leave { .. } | Event::Advance | Event::EffectResult { .. } => Ok(()),
            Event::Message { .. } => Err(Refusal::new(Refusal::UNSUPPORTED, "a farm takes no messages")),
        }
    }

    fn execute(&self, state: &mut State, at: At, event: Event<'_, Order>, out: &mut Outbox) {
        if self.mark(state, at, &event).is_some() {
            state.marked_day = day(at.ms);
        }
        match event {
            Event::Join { .. } => self.arrives(state, at, out),
            Event::Leave { seat } if seat == OWNER => self.departs(state, at, out),
            Event::Leave { .. } | Event::Advance | Event::Message { .. } => self.passes(state, at, out),
            Event::Command { command, .. } => self.order(state, at, &command, out),
            Event::EffectResult { tag, outcome } => self.paid(state, at, tag, outcome, out),
        }
    }

    fn mark(&self, state: &State, at: At, event: &Event<'_, Order>) -> Option<&'static str> {
        if Self::OFFLINE { points::why(state, at.ms, event) } else { None }
    }

    fn rewound(&self, state: &mut State, then: At, at: At) {
        if Self::OFFLINE {
            state.wakes_later(&self.content, then.ms, at.ms);
        }
    }

    fn view(&self, state: &State, at: At, seat: Seat, out: &mut Vec<u8>) {
        let (content, show) = (&self.catalogue, self.show(state, at));
        let bytes = if seat == OWNER {
            rmp_serde::to_vec_named(&ViewBody { content, farm: &show.farm() })
        } else {
            rmp_serde::to_vec_named(&PublicBody { content, farm: &show.public() })
        };
        out.extend(bytes.expect("strings and integers always have a MessagePack form"));
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        snapshot::write(&self.content, state, Self::format(), out);
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        snapshot::read(&self.content, bytes, Self::format(), Reading::Strict)
    }

    fn migrate(&self, from: u32, bytes: &[u8]) -> Result<State, Unreadable> {
        let format = match from {
            1 => Format::First,
            2 if Self::OFFLINE => Format::Second,
            _ => {
                let name = Self::NAME;
                return Err(Unreadable(format!("{name} version {V} cannot take over version {from}")));
            }
        };
        snapshot::read(&self.content, bytes, format, Reading::Lenient)
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

    fn measures(&self, state: &State, at: At, report: &mut dyn FnMut(&str, u128)) {
        measure::measures(&self.content, state, at.ms, report);
    }
}
