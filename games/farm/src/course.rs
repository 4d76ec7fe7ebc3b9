//! What each input does to a farm, and what the owner, the caller and the house are told of it.

use kernel::{ANSWER_BYTES_MAX, Act, At, Outbox, Refusal};
use serde::Serialize;

use crate::command::{By, Command, Order, Save, Sync};
use crate::plan::{Plan, When};
use crate::rules::{FarmRules, OWNER};
use crate::state::State;
use crate::sync::{self, Outcome};
use crate::view::{FarmPart, FarmView, KeepsakeState, Occasion, Update};
use crate::{import, score};

/// The answer to a `sync`.
#[derive(Serialize)]
struct SyncAnswer {
    upto: u64,
    results: Vec<Outcome>,
    farm: Option<FarmView>,
}

/// The answer to an `import` or a `report`.
#[derive(Serialize)]
struct FarmAnswer {
    farm: Option<FarmView>,
}

impl<const V: u32> FarmRules<V> {
    pub(crate) fn arrives(&self, state: &mut State, at: At, out: &mut Outbox) {
        state.arrive(&self.content, at.ms);
        self.scores_in_time(state, at, out);
    }

    pub(crate) fn departs(&self, state: &mut State, at: At, out: &mut Outbox) {
        let was_here = state.present;
        state.depart(&self.content, at.ms);
        if Self::OFFLINE && was_here {
            score::emit(&self.content, state, at.ms, out);
        }
    }

    /// Nothing but time. While the owner is away it waits for what was done offline.
    pub(crate) fn passes(&self, state: &mut State, at: At, out: &mut Outbox) {
        if !state.present && Self::OFFLINE {
            return;
        }
        if state.passes(&self.content, at.ms) && state.present {
            self.tell(out, self.show(state, at).all(), None);
        }
        self.scores_in_time(state, at, out);
    }

    pub(crate) fn order(&self, state: &mut State, at: At, order: &Order, out: &mut Outbox) {
        match &order.command {
            Command::Sync(chunk) => self.syncs(state, at, chunk, out),
            Command::Import(save) => self.imports(state, at, save, out),
            Command::Report => self.reports(state, at, out),
            command => self.command(state, at, command, order.by, out),
        }
    }

    fn command(&self, state: &mut State, at: At, command: &Command, by: Option<By>, out: &mut Outbox) {
        let changed = state.passes(&self.content, at.ms);
        // `validate` has made the same plan a moment ago, and booking changes nothing of what it looks at.
        let Ok(plan) = Plan::of(&self.content, state, When::now(at.ms), command) else { return };
        let occasion = plan.carry_out(&self.content, state, at.ms, out);
        if let Some(by) = by {
            state.devices.used(by.device, at.ms).last_n = by.n;
        }
        let show = self.show(state, at);
        let part = match occasion {
            Occasion::Sheared { .. } | Occasion::Crafted { .. } if !changed => show.purse(),
            Occasion::Keepsake { .. } if !changed => show.shelf(),
            _ => show.all(),
        };
        let prestiged = matches!(occasion, Occasion::Prestiged { .. });
        self.tell(out, part, Some(occasion));
        if Self::OFFLINE && prestiged {
            score::emit(&self.content, state, at.ms, out);
        }
        self.scores_in_time(state, at, out);
    }

    fn syncs(&self, state: &mut State, at: At, chunk: &Sync, out: &mut Outbox) {
        let synced = sync::take(&self.content, state, at, chunk, out);
        if synced.kept > 0 {
            score::emit(&self.content, state, at.ms, out);
        }
        if state.present && synced.kept + synced.refused > 0 {
            let (kept, refused) = (synced.kept, synced.refused);
            self.tell(out, self.show(state, at).whole(), Some(Occasion::Synced { kept, refused }));
        }
        let (upto, results) = (synced.upto, synced.results);
        let farm = self.show(state, at).farm();
        answer(out, |farm| SyncAnswer { upto, results: results.clone(), farm }, farm);
    }

    fn imports(&self, state: &mut State, at: At, save: &Save, out: &mut Outbox) {
        // `validate` has judged the same a moment ago.
        let Ok(holdings) = import::judge(&self.content, state, at.ms, save) else { return };
        // What grew until now grew on the farm as it was.
        state.passes(&self.content, at.ms);
        state.holdings = holdings;
        state.imported = true;
        state.recompute(&self.content);
        state.relight();
        score::emit(&self.content, state, at.ms, out);
        if state.present {
            self.tell(out, self.show(state, at).whole(), Some(Occasion::Imported));
        }
        answer(out, |farm| FarmAnswer { farm }, self.show(state, at).farm());
    }

    fn reports(&self, state: &mut State, at: At, out: &mut Outbox) {
        if state.present {
            self.passes(state, at, out);
        }
        score::emit(&self.content, state, at.ms, out);
        answer(out, |farm| FarmAnswer { farm }, self.show(state, at).farm());
    }

    /// The wallet's answer to a keepsake. It comes once for each; a tag that nobody waits for changes nothing.
    pub(crate) fn paid(
        &self,
        state: &mut State,
        at: At,
        tag: u64,
        outcome: &Result<(), Refusal>,
        out: &mut Outbox,
    ) {
        let Some(pending) = state.pending.remove(&tag) else { return self.passes(state, at, out) };
        if state.present || !Self::OFFLINE {
            state.passes(&self.content, at.ms);
        }
        let wanted = self.content.keepsake(&pending.keepsake).is_some()
            && !state.holdings.keepsakes.contains(&pending.keepsake);
        let (mut code, mut reason) = (None, None);
        let now = match outcome {
            Ok(()) if wanted => {
                state.holdings.keepsakes.insert(pending.keepsake.clone());
                state.recompute(&self.content);
                if Self::OFFLINE {
                    state.relight();
                }
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
        if state.present {
            let event = Occasion::Keepsake { keepsake: pending.keepsake, state: now, code, reason };
            self.tell(out, self.show(state, at).all(), Some(event));
        }
        self.scores_in_time(state, at, out);
    }

    fn scores_in_time(&self, state: &mut State, at: At, out: &mut Outbox) {
        if Self::OFFLINE && state.present && score::is_due(state, at.ms) {
            score::emit(&self.content, state, at.ms, out);
        }
    }

    fn tell(&self, out: &mut Outbox, farm: FarmPart, event: Option<Occasion>) {
        let update = Update { farm, event };
        out.one(
            OWNER,
            rmp_serde::to_vec_named(&update).expect("strings and integers always have a MessagePack form"),
        );
    }
}

/// Answers with the farm, or without it where the content lets farms grow larger than an answer may be.
fn answer<T: Serialize>(out: &mut Outbox, body: impl Fn(Option<FarmView>) -> T, farm: FarmView) {
    let bytes = |farm| {
        rmp_serde::to_vec_named(&body(farm)).expect("strings and integers always have a MessagePack form")
    };
    let with = bytes(Some(farm));
    out.answer(if with.len() > ANSWER_BYTES_MAX { bytes(None) } else { with });
}
