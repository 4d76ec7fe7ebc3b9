//! A save of a local-only game: whether it could have come about, and what the farm has if it did.
//!
//! Nobody has watched that game, so all that can be said is what was possible: no more worth than the final farm and
//! tireless hands could have made in the whole time. Honest saves are far below; forged ones gain at most what
//! playing would have brought.

use kernel::Refusal;
use num_bigint::BigUint;

use crate::calendar::DAY_MS;
use crate::command::Save;
use crate::content::{Content, Import, Need};
use crate::production::Rates;
use crate::refusals;
use crate::state::{Holdings, State};
use crate::units::{MICRO, MICRO_IN_MILLI};

/// What the farm has after it, or why not.
pub(crate) fn judge(content: &Content, state: &State, now_ms: i64, save: &Save) -> Result<Holdings, Refusal> {
    let terms = content.import.ok_or_else(|| impossible("this farm takes no saves"))?;
    if state.imported {
        return Err(Refusal::new(refusals::IMPORTED, "a save was taken over before"));
    }
    let holdings = &state.holdings;
    if holdings.prestiges > 0 || holdings.llamas(content) > u64::from(terms.young_llamas) {
        return Err(Refusal::new(refusals::NOT_YOUNG, "the farm has come too far to begin from a save"));
    }
    let mut next = claimed(content, save)?;
    let time_ms = time_ms(terms, now_ms, save)?;
    worth(content, &mut next, save, time_ms)?;
    next.shears = holdings.shears.saturating_add(save.shears);
    Ok(Holdings {
        wishes: holdings.wishes.clone(),
        stars: holdings.stars.clone(),
        spent: holdings.spent.clone(),
        weaves: holdings.weaves,
        keepsakes: holdings.keepsakes.clone(),
        ..next
    })
}

fn impossible(why: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(refusals::IMPOSSIBLE, why)
}

/// What the save says to be there, if such a farm can be.
fn claimed(content: &Content, save: &Save) -> Result<Holdings, Refusal> {
    let mut next = Holdings::none(content);
    for (id, text) in &save.wools {
        let wool = content.wool(id).ok_or_else(|| impossible("the save has a wool that nobody knows"))?;
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let amount = digits.then(|| text.parse::<BigUint>().ok()).flatten();
        let amount = amount.ok_or_else(|| impossible("the save has wool that is no whole number"))?;
        next.wools[wool].amount = amount * MICRO;
    }
    for (id, count) in &save.buildings {
        let index = content.building(id);
        let index = index.ok_or_else(|| impossible("the save has a building that nobody knows"))?;
        if *count > content.buildings[index].count_max {
            return Err(impossible("the save has more of a building than there can be"));
        }
        next.counts[index] = *count;
    }
    for (id, level) in &save.upgrades {
        let index = content.upgrade(id);
        let index = index.ok_or_else(|| impossible("the save has an upgrade that nobody knows"))?;
        if *level > content.upgrades[index].level_max {
            return Err(impossible("the save has a higher level than there can be"));
        }
        next.levels[index] = *level;
    }
    let bought = |needs: &[Need], owned: u32| owned == 0 || next.meets(needs);
    let buildings = content.buildings.iter().zip(&next.counts).all(|(b, count)| bought(&b.needs, *count));
    let upgrades = content.upgrades.iter().zip(&next.levels).all(|(u, level)| bought(&u.needs, *level));
    if !buildings || !upgrades {
        return Err(impossible("the save has something without what it needs"));
    }
    Ok(next)
}

/// How long the game was played at most.
fn time_ms(terms: Import, now_ms: i64, save: &Save) -> Result<u64, Refusal> {
    let (from_ms, to_ms) = (save.started_ms.max(terms.since_ms), save.saved_ms.min(now_ms));
    if to_ms <= from_ms {
        return Err(impossible("the save was made before its game began"));
    }
    let most_ms = i64::from(terms.days_max).saturating_mul(DAY_MS);
    Ok(to_ms.abs_diff(from_ms).min(most_ms.unsigned_abs()))
}

/// Compares all that is there with all that could have been made, and notes what must have been.
fn worth(content: &Content, next: &mut Holdings, save: &Save, time_ms: u64) -> Result<(), Refusal> {
    let shears = time_ms / u64::from(content.shear.interval_ms) + u64::from(content.shear.burst);
    if save.shears > shears {
        return Err(impossible("the save has more shears than hands can do in the time"));
    }
    // Wool that counts nothing for prestige still does not come from nothing.
    let weights: Vec<u64> = content.wools.iter().map(|wool| wool.worth.max(1)).collect();
    let rates = Rates::everyday(content, next);
    let grown: BigUint = rates.wools.iter().zip(&weights).map(|(rate, weight)| rate * *weight).sum();
    let shorn = &rates.shear * weights[content.shear.wool] * MICRO_IN_MILLI;
    let possible = grown * time_ms + shorn * shears;

    let mut left = possible;
    let mut made = |wool: usize, micro: &BigUint, next: &mut Holdings| -> Result<(), Refusal> {
        let worth = micro * weights[wool];
        if worth > left {
            return Err(impossible("the save is worth more than could have grown in its time"));
        }
        left -= worth;
        next.wools[wool].earned += micro;
        Ok(())
    };
    for wool in 0..content.wools.len() {
        let amount = next.wools[wool].amount.clone();
        made(wool, &amount, next)?;
    }
    let prices = content.buildings.iter().map(|b| &b.price).chain(content.upgrades.iter().map(|u| &u.price));
    let owned: Vec<u32> = next.counts.iter().chain(&next.levels).copied().collect();
    for (price, owned) in prices.zip(owned) {
        for bill in price.first(owned) {
            for (wool, micro) in bill {
                made(wool, &micro, next)?;
            }
        }
    }
    Ok(())
}
