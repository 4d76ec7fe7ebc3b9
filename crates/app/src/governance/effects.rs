//! What a decision does outside of the group: a studio's hooks, by name and with typed input.
//!
//! A hook runs after its proposal was closed, at least once: a server that stops between the hook's end and the note of
//! it runs the hook again. So a hook does its work under the proposal's id as a key, and drops repeats.

use std::pin::Pin;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use store::{
    EffectState, GroupId, HookClaim, HookDue, HookEnd, HooksDue, ProposalEffect, ProposalId, ProposalOutcome,
    StoreError,
};

use super::{Governance, GovernanceError};
use crate::ports::Task;
use crate::rpc::RpcError;

/// Bytes of a hook's name.
pub const HOOK_NAME_BYTES_MAX: usize = 64;
/// Times that a failing hook is tried.
pub const HOOK_TRIES_MAX: u32 = 20;
/// Bytes of a hook's last words that are kept.
const NOTE_BYTES_MAX: usize = 512;
/// Hooks that one round starts.
const HOOKS_AT_ONCE: u32 = 16;
/// A hook whose end is not noted within this time is run again.
const HOOK_MS_MAX: i64 = 60_000;
/// The wait after the first failure; it doubles with each.
const AGAIN_MS: i64 = 1_000;
/// The longest wait between two tries.
const AGAIN_MS_MAX: i64 = 600_000;

/// What was decided, for a hook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Which proposal: the key under which the hook does its work once.
    pub proposal: ProposalId,
    /// Whose decision it is.
    pub group: GroupId,
    /// The option that was chosen, counted from 0.
    pub option: u32,
}

type Ran = Pin<Box<dyn Future<Output = Result<(), RpcError>> + Send>>;

type Takes = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;
type Run = Box<dyn Fn(Decision, &str) -> Ran + Send + Sync>;

/// A registered hook: whether it takes an input, and how it runs.
pub(super) struct Hook {
    takes: Takes,
    run: Run,
}

impl Governance {
    /// Lets decisions run a studio's code. Inputs that are no `T` are refused when a proposal opens.
    ///
    /// # Panics
    /// If the name is empty, too long, or taken: a fault of the program that shows at its start.
    pub fn hook<T, F, A>(&self, name: &str, hook: F)
    where
        T: DeserializeOwned + Send,
        F: Fn(Decision, T) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), RpcError>> + Send + 'static,
    {
        assert!(
            (1..=HOOK_NAME_BYTES_MAX).contains(&name.len()),
            "the name of a hook must be 1 to 64 bytes: {name}"
        );
        let read = |input: &str| serde_json::from_str::<T>(input).map_err(|error| error.to_string());
        let hook = Hook {
            takes: Box::new(move |input| read(input).map(drop)),
            run: Box::new(move |decision, input| match read(input) {
                Ok(input) => Box::pin(hook(decision, input)),
                Err(error) => Box::pin(std::future::ready(Err(RpcError::Failed(error)))),
            }),
        };
        let taken = self.hooks.write().insert(name.to_owned(), Arc::new(hook)).is_some();
        assert!(!taken, "two hooks have the name {name}");
    }

    /// Would there be a hook for this input?
    pub(super) fn check_hook(&self, name: &str, input: &str) -> Result<(), GovernanceError> {
        let hooks = self.hooks.read();
        let hook =
            hooks.get(name).ok_or_else(|| GovernanceError::Invalid(format!("there is no hook {name:?}")))?;
        (hook.takes)(input)
            .map_err(|error| GovernanceError::Invalid(format!("the hook {name} does not take this: {error}")))
    }

    /// The hooks that are to run now, taken for this server. The caller runs them; one that it gives up is due again
    /// after a while.
    pub async fn hooks_due(&self) -> Result<Vec<Task>, StoreError> {
        let now_ms = self.core.now_ms();
        let mut tasks: Vec<Task> = Vec::new();
        for due in self.core.read(HooksDue { now_ms, limit: HOOKS_AT_ONCE }).await? {
            let again_ms = now_ms.saturating_add(HOOK_MS_MAX);
            let claim = HookClaim { proposal: due.proposal.id, due_ms: due.due_ms, again_ms };
            if self.core.store().write(claim).await?.into_inner() {
                let governance = self.clone();
                tasks.push(Box::pin(async move { governance.run(due).await }));
            }
        }
        Ok(tasks)
    }

    async fn run(&self, due: HookDue) {
        let id = due.proposal.id;
        let ran = self.call(&due).await;
        let at_ms = self.core.now_ms();
        let result = match &ran {
            Ok(()) => "done",
            Err(_) => "failed",
        };
        metrics::counter!("longhouse_decision_hooks_total", "result" => result).increment(1);
        let tries = due.tries.saturating_add(1);
        let (effect, note, again_ms) = match ran {
            Ok(()) => (EffectState::Done, String::new(), None),
            Err(error) => {
                tracing::error!(%error, proposal = %id, tries, "a decision's hook failed");
                let text = error.to_string();
                let end = (0..=text.len().min(NOTE_BYTES_MAX)).rev().find(|at| text.is_char_boundary(*at));
                let note = text[..end.unwrap_or(0)].to_owned();
                if tries >= HOOK_TRIES_MAX {
                    (EffectState::GivenUp, note, None)
                } else {
                    let wait = AGAIN_MS.saturating_mul(1 << tries.min(20)).min(AGAIN_MS_MAX);
                    (EffectState::Pending, note, Some(at_ms.saturating_add(wait)))
                }
            }
        };
        let end = HookEnd { proposal: id, effect, note, again_ms, at_ms };
        if let Err(error) = self.core.store().write(end).await {
            tracing::warn!(%error, proposal = %id, "the end of a hook could not be noted: it will run again");
        }
    }

    async fn call(&self, due: &HookDue) -> Result<(), RpcError> {
        let proposal = &due.proposal;
        let Some(ProposalOutcome::Chosen(option)) = proposal.outcome else {
            return Err(RpcError::Failed("nothing was chosen".into()));
        };
        let chosen = usize::try_from(option).ok().and_then(|option| proposal.choices.get(option));
        let Some(ProposalEffect::Hook { name, input }) = chosen.and_then(|choice| choice.effect.as_ref())
        else {
            return Err(RpcError::Failed("what was chosen has no hook".into()));
        };
        let hook = self.hooks.read().get(name).cloned();
        let hook = hook.ok_or_else(|| RpcError::Failed(format!("there is no hook {name:?} any more")))?;
        (hook.run)(Decision { proposal: proposal.id, group: proposal.group, option }, input).await
    }
}
