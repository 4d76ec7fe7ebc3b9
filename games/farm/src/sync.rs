//! Offline play comes home: a device's chunk of actions, each judged in the farm as it stands when its turn comes.

use kernel::{At, Outbox, Refusal};
use serde::{Deserialize, Serialize};

use crate::command::{Command, Sync};
use crate::content::Content;
use crate::plan::{Plan, When};
use crate::refusals;
use crate::state::State;

/// What became of one action.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Which.
    pub n: u64,
    /// It was known already, and nothing was done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// Refused, now or when it was new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Outcome {
    fn new(n: u64, again: bool, refusal: Option<Refusal>) -> Self {
        let code = refusal.as_ref().map(|refusal| refusal.code);
        Self { n, again, code, reason: refusal.map(|refusal| refusal.reason.into_owned()) }
    }
}

/// What became of a chunk.
pub(crate) struct Synced {
    pub upto: u64,
    pub results: Vec<Outcome>,
    pub kept: u32,
    pub refused: u32,
}

/// May the chunk be looked at?
pub(crate) fn judge(state: &State, sync: &Sync) -> Result<(), Refusal> {
    let known = state.devices.last_n(sync.device);
    if sync.after > known {
        return Err(Refusal::new(refusals::OUT_OF_ORDER, format!("known up to {known}")));
    }
    Ok(())
}

/// Does what can be done. Nothing is booked beyond the last action: what follows may come in another chunk.
pub(crate) fn take(content: &Content, state: &mut State, at: At, sync: &Sync, out: &mut Outbox) -> Synced {
    let known = state.devices.last_n(sync.device);
    let mut synced =
        Synced { upto: known, results: Vec::with_capacity(sync.actions.len()), kept: 0, refused: 0 };
    // Of this chunk, also those that were refused when they came the first time.
    let mut refused = Vec::new();
    for late in &sync.actions {
        let again = late.n <= known;
        let refusal = if again {
            state.devices.refused(sync.device, late.n).map(refusals::general)
        } else {
            let t_ms = clamped(state, at, sync.clock_ms, late.at_ms);
            let done = act(content, state, t_ms, &late.command, out);
            synced.upto = late.n;
            synced.kept += u32::from(done.is_ok());
            synced.refused += u32::from(done.is_err());
            done.err()
        };
        refused.extend(refusal.as_ref().map(|refusal| (late.n, refusal.code)));
        synced.results.push(Outcome::new(late.n, again, refusal));
    }
    if synced.kept > 0 && !state.present && !state.returned {
        state.returned = true;
        state.returns = state.returns.saturating_add(1);
    }
    let device = state.devices.used(sync.device, at.ms);
    if synced.upto > known {
        device.last_n = synced.upto;
        device.refused = refused;
    }
    synced
}

/// When an action was done, by the room's clock: between the farm's beginning and now, whatever the device says.
fn clamped(state: &State, at: At, clock_ms: i64, at_ms: i64) -> i64 {
    let t_ms = i128::from(at_ms) + i128::from(at.ms) - i128::from(clock_ms);
    let t_ms = t_ms.max(i128::from(state.opened_ms)).min(i128::from(at.ms));
    // At most `at.ms` by the line before; at least the smaller of two moments.
    i64::try_from(t_ms).unwrap_or(at.ms)
}

fn act(
    content: &Content,
    state: &mut State,
    t_ms: i64,
    command: &Command,
    out: &mut Outbox,
) -> Result<(), Refusal> {
    if matches!(command, Command::Keepsake { .. }) {
        return Err(refusals::general(refusals::ONLINE_ONLY));
    }
    let when = When { at_ms: t_ms.max(state.settled_ms), hands_ms: t_ms };
    let plan = Plan::of(content, state, when, command)?;
    state.book(content, when.at_ms);
    plan.carry_out(content, state, when.at_ms, out);
    // The lantern burns from where it was lit, for the allowance as it is now.
    state.relight();
    Ok(())
}
