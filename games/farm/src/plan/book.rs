//! Books what was judged.

use kernel::{Act, Outbox};
use num_bigint::BigUint;

use super::Plan;
use crate::content::Content;
use crate::cost::Bill;
use crate::rules::OWNER;
use crate::state::{Holdings, Pending, State, WEAVES_MAX};
use crate::units::{MICRO, MICRO_IN_MILLI};
use crate::view::{KeepsakeState, Occasion};

/// The most fleece that one prestige pays into the wallet, whatever the stars.
const FLEECE_MAX: i64 = 1_000_000_000;

impl Plan {
    /// Books it, in a farm that is booked up to `at_ms`.
    pub(crate) fn carry_out(
        self,
        content: &Content,
        state: &mut State,
        at_ms: i64,
        out: &mut Outbox,
    ) -> Occasion {
        match self {
            Self::Shear { count, hands_free_ms } => shear(content, state, count, hands_free_ms),
            Self::Buy { building, count, bill } => {
                pay(&mut state.holdings, &bill);
                // The plan bounds the sum by the building's `count_max`.
                state.holdings.counts[building] += count;
                state.recompute(content);
                Occasion::Bought { building: content.buildings[building].title.id.clone(), count }
            }
            Self::Upgrade { upgrade, bill } => {
                pay(&mut state.holdings, &bill);
                // The plan bounds this by the upgrade's `level_max`.
                state.holdings.levels[upgrade] += 1;
                state.recompute(content);
                let level = state.holdings.levels[upgrade];
                Occasion::Upgraded { upgrade: content.upgrades[upgrade].title.id.clone(), level }
            }
            Self::Craft { recipe, times } => craft(content, state, recipe, &times),
            Self::Prestige { stars } => {
                let fleece = i64::try_from(&stars).unwrap_or(FLEECE_MAX).min(FLEECE_MAX);
                let currency = content.prestige.currency.clone();
                out.effect(Act::Wallet { seat: OWNER, currency, amount: fleece });
                let mut before = std::mem::replace(&mut state.holdings, Holdings::none(content));
                before.stars += &stars;
                state.holdings = before.next_run(content);
                state.run_ms = at_ms;
                state.recompute(content);
                Occasion::Prestiged { stars: stars.to_string(), fleece }
            }
            Self::Wish { wish, stars } => {
                state.holdings.spent += stars;
                // The plan bounds this by the wish's `level_max`.
                state.holdings.wishes[wish] += 1;
                state.recompute(content);
                let level = state.holdings.wishes[wish];
                Occasion::Wished { wish: content.wishes[wish].title.id.clone(), level }
            }
            Self::Keepsake { keepsake } => ask(content, state, keepsake, at_ms, out),
        }
    }
}

fn shear(content: &Content, state: &mut State, count: u32, hands_free_ms: i64) -> Occasion {
    let milli = &state.rates.shear * count;
    let micro = &milli * MICRO_IN_MILLI;
    let wool = &content.wools[content.shear.wool];
    let stock = &mut state.holdings.wools[content.shear.wool];
    stock.amount += &micro;
    stock.earned += &micro;
    state.week_earned += micro * wool.worth;
    state.holdings.shears = state.holdings.shears.saturating_add(u64::from(count));
    state.hands_free_ms = hands_free_ms;
    Occasion::Sheared { count, wool: wool.title.id.clone(), amount: milli.to_string() }
}

fn craft(content: &Content, state: &mut State, recipe: usize, times: &BigUint) -> Occasion {
    let recipe = &content.recipes[recipe];
    let bill: Bill = recipe.from.iter().map(|(wool, each)| (*wool, times * *each * MICRO)).collect();
    pay(&mut state.holdings, &bill);
    for (wool, each) in &recipe.to {
        state.holdings.wools[*wool].amount += times * *each * MICRO;
    }
    let more = u64::try_from(times).unwrap_or(WEAVES_MAX);
    state.holdings.weaves = state.holdings.weaves.saturating_add(more).min(WEAVES_MAX);
    Occasion::Crafted { recipe: recipe.title.id.clone(), count: times.to_string() }
}

/// Asks the wallet for a keepsake's price.
fn ask(content: &Content, state: &mut State, keepsake: usize, at_ms: i64, out: &mut Outbox) -> Occasion {
    let keepsake = &content.keepsakes[keepsake];
    let (tag, id, currency) = (state.next_tag, keepsake.title.id.clone(), keepsake.currency.clone());
    out.ask(tag, Act::Wallet { seat: OWNER, currency: currency.clone(), amount: -keepsake.price });
    let pending = Pending { keepsake: id.clone(), currency, price: keepsake.price, asked_ms: at_ms };
    state.pending.insert(tag, pending);
    // A farm that buys once a nanosecond reaches the end of this in centuries; wrapping is then harmless.
    state.next_tag = tag.wrapping_add(1);
    Occasion::Keepsake { keepsake: id, state: KeepsakeState::Pending, code: None, reason: None }
}

/// The plan has seen that it is all there.
fn pay(holdings: &mut Holdings, bill: &Bill) {
    for (wool, amount) in bill {
        holdings.wools[*wool].amount -= amount;
    }
}
