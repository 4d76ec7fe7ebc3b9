//! What time brings: the one place where milliseconds become wool.
//!
//! Between two moments the herd works `min(b, until) − min(a, until)`, which adds up exactly however the time is cut.
//! Rates change where an event of the calendar begins or ends, so the time is cut there first.

use std::borrow::Cow;

use num_bigint::BigUint;

use crate::calendar::{week, week_begins_ms};
use crate::content::Content;
use crate::production::Rates;
use crate::state::State;

/// What has grown since the last booking.
pub(crate) struct Growth {
    /// Micro-wool of each kind.
    pub wools: Vec<BigUint>,
    /// How long the herd has worked.
    pub worked_ms: u64,
    /// The week's worth by then, micro: what was booked of it, and what has grown since it began.
    pub week_earned: BigUint,
    /// The rates from then on, if others than before.
    pub rates: Option<Rates>,
}

impl Growth {
    /// Up to `at_ms`; a moment before the last booking is as that.
    pub(crate) fn of(content: &Content, state: &State, at_ms: i64) -> Self {
        let to_ms = at_ms.max(state.settled_ms);
        let (week_before, week_now) = (week(state.settled_ms), week(to_ms));
        let mut growth = Self {
            wools: vec![BigUint::ZERO; state.rates.wools.len()],
            worked_ms: 0,
            week_earned: if week_before == week_now { state.week_earned.clone() } else { BigUint::ZERO },
            rates: None,
        };
        let week_ms = if week_before == week_now { i64::MIN } else { week_begins_ms(week_now) };
        let lantern = |ms: i64| ms.min(state.works_until_ms);
        let mut from_ms = state.settled_ms;
        let mut rates = Cow::Borrowed(&state.rates);
        loop {
            let change = rates.until_ms.filter(|until| *until <= to_ms);
            let end_ms = change.unwrap_or(to_ms);
            let worked_ms = span(lantern(from_ms), lantern(end_ms));
            if worked_ms > 0 {
                for (sum, rate) in growth.wools.iter_mut().zip(&rates.wools) {
                    *sum += rate * worked_ms;
                }
                growth.worked_ms = growth.worked_ms.saturating_add(worked_ms);
                growth.week_earned += &rates.worth * span(lantern(from_ms.max(week_ms)), lantern(end_ms));
            }
            let Some(change_ms) = change else { break };
            rates = Cow::Owned(Rates::at(content, &state.holdings, change_ms));
            from_ms = change_ms;
        }
        if let Cow::Owned(rates) = rates {
            growth.rates = Some(rates);
        }
        growth
    }
}

fn span(from_ms: i64, to_ms: i64) -> u64 {
    if to_ms > from_ms { to_ms.abs_diff(from_ms) } else { 0 }
}
