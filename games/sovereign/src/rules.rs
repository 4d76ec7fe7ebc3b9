//! The war as a room: which inputs it takes, and what time alone does.
//!
//! Time is steps of 50 ms. Between inputs the room is run step by step; nothing of that is logged, because it follows
//! from the state and the time alone. A pause between two inputs that is longer than
//! [`PAUSE_STEPS_MAX`](crate::tuning::PAUSE_STEPS_MAX) counts as that: nobody is at war with a server that is away.

use kernel::{At, Event, Lasting, Outbox, Pace, Refusal, Rules, Seat, Unreadable};

use crate::command::Command;
use crate::tuning::PAUSE_STEPS_MAX;
use crate::{Code, Phase, Setup, War, orders, snapshot, tell, view};

/// Milliseconds of a step.
pub const STEP_MS: u32 = 50;
/// A snapshot is kept about every so many milliseconds of room time, so that any step can soon be shown again.
const KEEP_MS: u32 = 10_000;
/// Milliseconds after which the passing of time is logged.
const ADVANCE_MS: u32 = 1_000;

/// The rules. They need no content file.
#[derive(Clone, Copy, Debug)]
pub struct Sovereign;

impl Sovereign {
    /// Runs the steps up to a time.
    fn run(self, war: &mut War, at: At, out: &mut Outbox) {
        let (since, step) = war.input;
        let gone = at.step.saturating_sub(since).min(u64::from(PAUSE_STEPS_MAX));
        let until = step + gone as u32;
        while war.step < until {
            war.one_step();
            tell::tell(war, out);
        }
    }
}

impl Rules for Sovereign {
    const NAME: &'static str = "sovereign";
    const VERSION: u32 = 1;
    type State = War;
    type Command = Command;

    fn load(content: &[u8]) -> Result<Self, Unreadable> {
        if content.is_empty() {
            Ok(Self)
        } else {
            Err(Unreadable("Sovereign Lines takes no content file".into()))
        }
    }

    fn pace(&self) -> Pace {
        Pace { step_ms: STEP_MS, advance_ms: ADVANCE_MS, runs: true, keep_ms: KEEP_MS }
    }

    fn open(&self, at: At, setup: &[u8], seed: u64) -> Result<War, Refusal> {
        Ok(War::begin(Setup::read(setup)?, seed, at.step))
    }

    fn decode(&self, body: &[u8]) -> Result<Command, Refusal> {
        Command::decode(body)
    }

    /// Computer seats are never joined; what a player may do is said by `validate`.
    fn hears_absent(&self, _command: &Command) -> bool {
        true
    }

    fn validate(&self, war: &War, _at: At, event: &Event<'_, Command>) -> Result<(), Refusal> {
        match event {
            Event::Join { seat } => orders::may_join(war, *seat),
            Event::Command { seat, command } => orders::check(war, *seat, command),
            Event::Message { .. } => Err(Code::NotForThisSeat.refusal("a war takes no messages")),
            Event::Leave { .. } | Event::Advance | Event::EffectResult { .. } => Ok(()),
        }
    }

    fn execute(&self, war: &mut War, at: At, event: Event<'_, Command>, out: &mut Outbox) {
        match event {
            Event::Join { seat } => war.join(seat),
            Event::Command { seat, command } => orders::act(war, seat, command),
            Event::Leave { .. } | Event::Advance | Event::Message { .. } | Event::EffectResult { .. } => {}
        }
        let before = war.input.1;
        war.input = (at.step, war.step);
        if let Phase::Over(since, _) = war.phase
            && since > before
        {
            // The first input after the end: nothing can be said to the server as time alone passes.
            war.say_end(out);
        }
    }

    fn pass(&self, war: &mut War, at: At, out: &mut Outbox) {
        self.run(war, at, out);
    }

    fn view(&self, war: &War, _at: At, seat: Seat, out: &mut Vec<u8>) {
        view::view(war, seat, out);
    }

    fn served(&self, war: &War) -> Vec<Seat> {
        let choosing = match war.phase {
            Phase::Choosing(_) => true,
            Phase::War => false,
            Phase::Over(..) => return Vec::new(),
        };
        let able = war.nations.iter().filter(|nation| choosing || nation.is_alive());
        let seat = |kind| match kind {
            crate::Kind::Rival(seat) => Some(seat),
            crate::Kind::Player(_) | crate::Kind::Tribe => None,
        };
        able.filter_map(|nation| seat(nation.kind)).collect()
    }

    fn snapshot(&self, war: &War, out: &mut Vec<u8>) {
        snapshot::write(war, out);
    }

    fn restore(&self, bytes: &[u8]) -> Result<War, Unreadable> {
        self.restore_with(bytes, None)
    }

    /// The map.
    fn lasting(&self, war: &War) -> Option<Lasting> {
        Some(war.map().clone())
    }

    fn restore_with(&self, bytes: &[u8], lasting: Option<&Lasting>) -> Result<War, Unreadable> {
        let map = lasting.and_then(|lasting| lasting.clone().downcast().ok());
        snapshot::read(bytes, map)
    }

    fn rewound(&self, war: &mut War, _then: At, at: At) {
        war.input = (at.step, war.step);
    }

    fn label(&self, war: &War) -> String {
        let people =
            war.nations.iter().filter(|nation| matches!(nation.kind, crate::Kind::Player(_))).count();
        let phase = match war.phase {
            Phase::Choosing(_) => "choosing",
            Phase::War => "war",
            Phase::Over(..) => "over",
        };
        let setup = war.setup();
        serde_json::json!({
            "rules": Self::NAME, "phase": phase, "players": people, "seats": setup.seats, "size": setup.size,
            "name": setup.name, "open": !setup.private && phase == "choosing" && people < usize::from(setup.seats),
            "map": war.map().seed().to_string(), "private": setup.private, "fog": setup.fog, "step": war.step,
        })
        .to_string()
    }

    /// Everybody may study a war that is over.
    fn log_is_open(&self, war: &War) -> bool {
        matches!(war.phase, Phase::Over(..))
    }

    fn gauges(&self, war: &War, report: &mut dyn FnMut(&'static str, i64)) {
        report("sovereign_wars", i64::from(war.phase == Phase::War));
        report("sovereign_attacks", war.attacks.len() as i64);
    }
}
