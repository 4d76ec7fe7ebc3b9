//! What a command may do. [`Plan::of`] looks at a farm at a moment and says either what would happen, with every
//! number worked out, or why not; [`Plan::carry_out`] then only books it. Validation is the first half alone, so
//! the two can never disagree.

use kernel::{Act, Outbox, Refusal};
use num_bigint::BigUint;

use crate::command::{BUY_COUNT_MAX, CRAFT_COUNT_MAX, Command, Count, SHEAR_COUNT_MAX};
use crate::content::Content;
use crate::cost::{Bill, pays};
use crate::refusals;
use crate::rules::OWNER;
use crate::state::{Holdings, Pending, State};
use crate::units::{MICRO, MICRO_IN_MILLI};
use crate::view::{KeepsakeState, Occasion};

/// The most fleece that one prestige pays into the wallet, whatever the stars.
const FLEECE_MAX: i64 = 1_000_000_000;
/// How long a purchase keeps the same one from being asked for again. An answer comes within milliseconds; it never
/// comes if the room was rewound to a moment between question and answer. One that comes later still counts, and
/// if the keepsake is there by then the money goes back.
const ANSWER_MS_MAX: i64 = 60_000;
/// Purchases without an answer.
const PENDING_MAX: usize = 64;

/// A command that may happen.
#[derive(Debug)]
pub(crate) enum Plan {
    Shear { count: u32, hands_free_ms: i64 },
    Buy { building: usize, count: u32, bill: Bill },
    Upgrade { upgrade: usize, bill: Bill },
    Craft { recipe: usize, times: BigUint },
    Prestige { stars: BigUint },
    Keepsake { keepsake: usize },
}

impl Plan {
    /// Looks only.
    pub(crate) fn of(
        content: &Content,
        state: &State,
        at_ms: i64,
        command: &Command,
    ) -> Result<Self, Refusal> {
        match command {
            Command::Shear { count } => shear(content, state, at_ms, *count),
            Command::Buy { building, count } => {
                buy(content, state, at_ms, known(content.building(building), "building")?, *count)
            }
            Command::Upgrade { upgrade } => {
                improve(content, state, at_ms, known(content.upgrade(upgrade), "upgrade")?)
            }
            Command::Craft { recipe, count } => {
                craft(content, state, at_ms, known(content.recipe(recipe), "recipe")?, *count)
            }
            Command::Prestige => prestige(content, state, at_ms),
            Command::Keepsake { keepsake } => {
                keep(content, state, at_ms, known(content.keepsake(keepsake), "keepsake")?)
            }
        }
    }

    /// Books it, in a farm that is settled at `at_ms`.
    pub(crate) fn carry_out(
        self,
        content: &Content,
        state: &mut State,
        at_ms: i64,
        out: &mut Outbox,
    ) -> Occasion {
        match self {
            Self::Shear { count, hands_free_ms } => {
                let milli = &state.rates.shear * count;
                let micro = &milli * MICRO_IN_MILLI;
                let stock = &mut state.holdings.wools[content.shear.wool];
                stock.amount += &micro;
                stock.earned += micro;
                state.holdings.shears = state.holdings.shears.saturating_add(u64::from(count));
                state.hands_free_ms = hands_free_ms;
                let wool = content.wools[content.shear.wool].title.id.clone();
                Occasion::Sheared { count, wool, amount: milli.to_string() }
            }
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
            Self::Craft { recipe, times } => {
                let recipe = &content.recipes[recipe];
                let bill: Bill =
                    recipe.from.iter().map(|(wool, each)| (*wool, &times * *each * MICRO)).collect();
                pay(&mut state.holdings, &bill);
                for (wool, each) in &recipe.to {
                    state.holdings.wools[*wool].amount += &times * *each * MICRO;
                }
                Occasion::Crafted { recipe: recipe.title.id.clone(), count: times.to_string() }
            }
            Self::Prestige { stars } => {
                let fleece = i64::try_from(&stars).unwrap_or(FLEECE_MAX).min(FLEECE_MAX);
                let currency = content.prestige.currency.clone();
                out.effect(Act::Wallet { seat: OWNER, currency, amount: fleece });
                let before = std::mem::replace(&mut state.holdings, Holdings::none(content));
                state.holdings.stars = before.stars + &stars;
                state.holdings.prestiges = before.prestiges.saturating_add(1);
                state.holdings.shears = before.shears;
                state.holdings.keepsakes = before.keepsakes;
                state.run_ms = at_ms;
                state.recompute(content);
                Occasion::Prestiged { stars: stars.to_string(), fleece }
            }
            Self::Keepsake { keepsake } => {
                let keepsake = &content.keepsakes[keepsake];
                let (tag, id, currency) =
                    (state.next_tag, keepsake.title.id.clone(), keepsake.currency.clone());
                out.ask(
                    tag,
                    Act::Wallet { seat: OWNER, currency: currency.clone(), amount: -keepsake.price },
                );
                state.pending.insert(
                    tag,
                    Pending { keepsake: id.clone(), currency, price: keepsake.price, asked_ms: at_ms },
                );
                // A farm that buys once a nanosecond reaches the end of this in centuries; wrapping is then harmless.
                state.next_tag = tag.wrapping_add(1);
                Occasion::Keepsake { keepsake: id, state: KeepsakeState::Pending, code: None, reason: None }
            }
        }
    }
}

fn known(found: Option<usize>, kind: &str) -> Result<usize, Refusal> {
    found.ok_or_else(|| Refusal::new(refusals::UNKNOWN, format!("there is no such {kind}")))
}

fn not_enough() -> Refusal {
    Refusal::new(refusals::NOT_ENOUGH, "there is not enough wool for it")
}

fn locked() -> Refusal {
    Refusal::new(refusals::LOCKED, "what it needs is not there yet")
}

/// The count as a number from 1 to `most`; `None` for as many as possible.
fn within(count: Count, most: u64) -> Result<Option<u64>, Refusal> {
    match count {
        Count::Max => Ok(None),
        Count::Exactly(count) if (1..=most).contains(&count) => Ok(Some(count)),
        Count::Exactly(_) => {
            Err(Refusal::new(refusals::BAD_COUNT, format!("the count must be from 1 to {most}")))
        }
    }
}

fn shear(content: &Content, state: &State, at_ms: i64, count: u64) -> Result<Plan, Refusal> {
    within(Count::Exactly(count), u64::from(SHEAR_COUNT_MAX))?;
    // In bounds by the line before.
    let count = u32::try_from(count).unwrap_or(SHEAR_COUNT_MAX);
    let interval = i64::from(content.shear.interval_ms);
    // Each shear books one interval of the hands' time; they may be booked a burst ahead.
    let hands_free_ms = state.hands_free_ms.max(at_ms).saturating_add(interval * i64::from(count));
    if hands_free_ms > at_ms.saturating_add(interval * i64::from(content.shear.burst)) {
        return Err(Refusal::new(refusals::TOO_FAST, "these hands cannot shear any faster"));
    }
    Ok(Plan::Shear { count, hands_free_ms })
}

fn buy(content: &Content, state: &State, at_ms: i64, index: usize, count: Count) -> Result<Plan, Refusal> {
    let wanted = within(count, u64::from(BUY_COUNT_MAX))?;
    let building = &content.buildings[index];
    let owned = state.holdings.counts[index];
    let room = u64::from(building.count_max.saturating_sub(owned));
    if room < wanted.unwrap_or(1) {
        return Err(Refusal::new(refusals::AT_LIMIT, format!("at most {} of these", building.count_max)));
    }
    if !state.holdings.meets(&building.needs) {
        return Err(locked());
    }
    let purse = state.purse(at_ms);
    // Both are at most `BUY_COUNT_MAX`.
    let most = u32::try_from(wanted.unwrap_or(room.min(u64::from(BUY_COUNT_MAX)))).unwrap_or(BUY_COUNT_MAX);
    let (count, bill) = building.price.most(owned, most, &purse);
    if count == 0 || wanted.is_some() && count < most {
        return Err(not_enough());
    }
    Ok(Plan::Buy { building: index, count, bill })
}

fn improve(content: &Content, state: &State, at_ms: i64, index: usize) -> Result<Plan, Refusal> {
    let upgrade = &content.upgrades[index];
    let level = state.holdings.levels[index];
    if level >= upgrade.level_max {
        return Err(Refusal::new(refusals::AT_LIMIT, format!("at most level {}", upgrade.level_max)));
    }
    if !state.holdings.meets(&upgrade.needs) {
        return Err(locked());
    }
    let bill = upgrade.price.next(level);
    if !pays(&state.purse(at_ms), &bill) {
        return Err(not_enough());
    }
    Ok(Plan::Upgrade { upgrade: index, bill })
}

fn craft(content: &Content, state: &State, at_ms: i64, index: usize, count: Count) -> Result<Plan, Refusal> {
    let wanted = within(count, CRAFT_COUNT_MAX)?.map(BigUint::from);
    let recipe = &content.recipes[index];
    if !state.holdings.meets(&recipe.needs) {
        return Err(locked());
    }
    let purse = state.purse(at_ms);
    let possible =
        recipe.from.iter().map(|(wool, each)| &purse[*wool] / (BigUint::from(*each) * MICRO)).min();
    // Content lets no recipe be without `from`.
    let possible = possible.unwrap_or_default();
    let times = wanted.unwrap_or_else(|| possible.clone());
    if times > possible || times == BigUint::ZERO {
        return Err(not_enough());
    }
    Ok(Plan::Craft { recipe: index, times })
}

fn prestige(content: &Content, state: &State, at_ms: i64) -> Result<Plan, Refusal> {
    if !state.holdings.meets(&content.prestige.needs) {
        return Err(Refusal::new(refusals::NOT_READY, "the farm does not have what the stars ask for"));
    }
    let stars = state.gain(content, at_ms);
    if stars == BigUint::ZERO {
        return Err(Refusal::new(refusals::NOT_READY, "the farm has not earned a star yet"));
    }
    Ok(Plan::Prestige { stars })
}

fn keep(content: &Content, state: &State, at_ms: i64, index: usize) -> Result<Plan, Refusal> {
    let id = &content.keepsakes[index].title.id;
    if state.holdings.keepsakes.contains(id) {
        return Err(Refusal::new(refusals::OWNED, "it is already yours"));
    }
    let waiting = |p: &Pending| p.keepsake == *id && at_ms < p.asked_ms.saturating_add(ANSWER_MS_MAX);
    if state.pending.len() >= PENDING_MAX || state.pending.values().any(waiting) {
        return Err(Refusal::new(refusals::WAITING, "it is being paid for"));
    }
    Ok(Plan::Keepsake { keepsake: index })
}

/// The plan has seen that it is all there.
fn pay(holdings: &mut Holdings, bill: &Bill) {
    for (wool, amount) in bill {
        holdings.wools[*wool].amount -= amount;
    }
}
