//! What a command may do. [`Plan::of`] looks at a farm at a moment and says either what would happen, with every
//! number worked out, or why not (`judge`); [`Plan::carry_out`] then only books it (`book`). Validation is the first
//! half alone, so the two can never disagree.

mod book;
mod judge;

use kernel::Refusal;
use num_bigint::BigUint;

use crate::command::Command;
use crate::content::Content;
use crate::cost::Bill;
use crate::refusals;
use crate::state::State;

/// A command that may happen.
#[derive(Debug)]
pub(crate) enum Plan {
    Shear { count: u32, hands_free_ms: i64 },
    Buy { building: usize, count: u32, bill: Bill },
    Upgrade { upgrade: usize, bill: Bill },
    Craft { recipe: usize, times: BigUint },
    Prestige { stars: BigUint },
    Wish { wish: usize, stars: BigUint },
    Keepsake { keepsake: usize },
}

/// When a command takes place.
#[derive(Clone, Copy)]
pub(crate) struct When {
    /// In the farm's time: never before its last booking.
    pub at_ms: i64,
    /// In the time of the hands, which may be before it, for a shear that was done offline.
    pub hands_ms: i64,
}

impl When {
    /// Now, for both.
    pub(crate) fn now(at_ms: i64) -> Self {
        Self { at_ms, hands_ms: at_ms }
    }
}

impl Plan {
    /// Looks only.
    pub(crate) fn of(
        content: &Content,
        state: &State,
        when: When,
        command: &Command,
    ) -> Result<Self, Refusal> {
        let at_ms = when.at_ms;
        match command {
            Command::Shear { count } => judge::shear(content, state, when.hands_ms, *count),
            Command::Buy { building, count } => {
                let building = known(content.building(building), "building")?;
                judge::buy(content, state, at_ms, building, *count)
            }
            Command::Upgrade { upgrade } => {
                judge::upgrade(content, state, at_ms, known(content.upgrade(upgrade), "upgrade")?)
            }
            Command::Craft { recipe, count } => {
                judge::craft(content, state, at_ms, known(content.recipe(recipe), "recipe")?, *count)
            }
            Command::Prestige => judge::prestige(content, state, at_ms),
            Command::Wish { wish } => judge::wish(content, state, known(content.wish(wish), "wish")?),
            Command::Keepsake { keepsake } => {
                judge::keepsake(content, state, at_ms, known(content.keepsake(keepsake), "keepsake")?)
            }
            // These have ways of their own; here they come only as actions of a `sync`.
            Command::Sync(_) | Command::Import(_) | Command::Report => {
                Err(refusals::general(refusals::ONLINE_ONLY))
            }
        }
    }
}

fn known(found: Option<usize>, kind: &str) -> Result<usize, Refusal> {
    found.ok_or_else(|| Refusal::new(refusals::UNKNOWN, format!("there is no such {kind}")))
}
