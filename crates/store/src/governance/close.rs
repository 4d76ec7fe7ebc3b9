//! Closing a proposal: its ballots are counted, and what was chosen is done, in one transaction. A proposal that is
//! closed is left as it is, so closing twice, or two at once, does nothing twice.

use serde::{Deserialize, Serialize};

use super::PROPOSALS_KEPT_MS;
use super::ballots::{Acted, note};
use super::choices::{EffectState, ProposalEffect, ProposalOutcome};
use super::proposal::{Proposal, ProposalId, ProposalState, count, json, read_any};
use super::terms::{Majority, ProposalTerms, Quorum, TieRule};
use crate::groups::members::Plan;
use crate::groups::settings::{change, read_group};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{GroupDone, GroupId, GroupRefusal, Role, StoreError};

statements! {
    CLOSE = "UPDATE proposals SET state = $2, closed_ms = $3, counts = $4, outcome = $5, chosen = $6, effect = $7,
        effect_note = $8, effect_due_ms = $9, prune_ms = $10 WHERE id = $1 AND state = 0";
    DUE = "SELECT id, deadline_ms FROM proposals WHERE state = 0 AND deadline_ms <= $1
        ORDER BY deadline_ms, id LIMIT $2";
    EFFECTS = "SELECT id, effect_tries, effect_due_ms FROM proposals WHERE effect_due_ms IS NOT NULL AND effect_due_ms <= $1
        ORDER BY effect_due_ms, id LIMIT $2";
    CLAIM = "UPDATE proposals SET effect_due_ms = $3, effect_tries = effect_tries + 1
        WHERE id = $1 AND effect_due_ms = $2";
    EFFECT_END = "UPDATE proposals SET effect = $2, effect_note = $3, effect_due_ms = $4
        WHERE id = $1 AND effect_due_ms IS NOT NULL";
}

/// What counts come to under these terms. `electorate` is how many could vote, where that is known.
pub fn recount(counts: &[u32], electorate: Option<u32>, terms: &ProposalTerms) -> ProposalOutcome {
    let votes: u64 = counts.iter().map(|&votes| u64::from(votes)).sum();
    let enough = match terms.quorum {
        Quorum::Votes(least) => votes >= u64::from(least),
        Quorum::PerMille(share) => {
            electorate.is_some_and(|all| votes * 1_000 >= u64::from(all) * u64::from(share))
        }
    };
    if !enough || votes == 0 {
        return ProposalOutcome::NoQuorum;
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let mut first = (0u32..).zip(counts).filter(|(_, votes)| **votes == most).map(|(choice, _)| choice);
    let (Some(winner), tied) = (first.next(), first.next().is_some()) else {
        return ProposalOutcome::NoMajority;
    };
    let most = u64::from(most);
    match terms.majority {
        Majority::Plurality if tied && terms.tie == TieRule::Rejected => ProposalOutcome::Tie,
        Majority::Plurality => ProposalOutcome::Chosen(winner),
        Majority::Absolute if most * 2 > votes => ProposalOutcome::Chosen(winner),
        Majority::TwoThirds if most * 3 >= votes * 2 => ProposalOutcome::Chosen(winner),
        Majority::Absolute | Majority::TwoThirds => ProposalOutcome::NoMajority,
    }
}

/// Closes a proposal whose deadline has come.
#[derive(Clone, Debug)]
pub struct ProposalClose {
    /// Which.
    pub proposal: ProposalId,
    /// Now.
    pub at_ms: i64,
}

/// A proposal that was just closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// As it is now.
    pub proposal: Proposal,
    /// What the decision changed in the group.
    pub done: Option<GroupDone>,
}

impl Operation for ProposalClose {
    /// `None` if there was nothing to close: it is closed, not due, or not there.
    type Output = Option<Judged>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let Some(mut proposal) = read_any(tx, self.proposal).await? else { return Ok(None) };
        if proposal.state != ProposalState::Open || self.at_ms < proposal.deadline_ms {
            return Ok(None);
        }
        proposal.counts = count(tx, &proposal).await?;
        let outcome = recount(&proposal.counts, proposal.electorate, &proposal.terms);
        let mut done = None;
        if let ProposalOutcome::Chosen(choice) = outcome {
            proposal.state = ProposalState::Decided;
            let effect = usize::try_from(choice).ok().and_then(|choice| proposal.choices.get(choice));
            match effect.and_then(|choice| choice.effect.as_ref()) {
                None => {}
                Some(ProposalEffect::Hook { .. }) => proposal.effect = EffectState::Pending,
                Some(effect) => match apply(tx, proposal.group, effect, self.at_ms).await? {
                    Ok(what) => {
                        proposal.effect = EffectState::Done;
                        done = what;
                    }
                    Err(refusal) => {
                        proposal.effect = EffectState::Refused;
                        proposal.effect_note = refusal.to_string();
                    }
                },
            }
        } else {
            proposal.state = ProposalState::Rejected;
        }
        proposal.closed_ms = Some(self.at_ms);
        proposal.outcome = Some(outcome);
        let pending = proposal.effect == EffectState::Pending;
        let (number, chosen) = outcome.columns();
        let counts = json(&proposal.counts)?;
        let values = [
            self.proposal.into(),
            i64::from(proposal.state as u8).into(),
            self.at_ms.into(),
            (&counts).into(),
            number.into(),
            chosen.into(),
            i64::from(proposal.effect as u8).into(),
            (&proposal.effect_note).into(),
            pending.then_some(self.at_ms).into(),
            (!pending).then_some(self.at_ms.saturating_add(PROPOSALS_KEPT_MS)).into(),
        ];
        if done.as_ref().is_some_and(|done| done.ended) {
            // The group is gone by its own decision, and this proposal with it: it was made void a moment ago.
            return Ok(Some(Judged { proposal, done }));
        }
        tx.execute(&CLOSE, &values).await?;
        note(tx, self.proposal, None, Acted::Closed, self.at_ms).await?;
        match proposal.effect {
            EffectState::Done => note(tx, self.proposal, None, Acted::Applied, self.at_ms).await?,
            EffectState::Refused => note(tx, self.proposal, None, Acted::Refused, self.at_ms).await?,
            EffectState::None | EffectState::Pending | EffectState::GivenUp => {}
        }
        Ok(Some(Judged { proposal, done }))
    }
}

/// Does to a group what it decided. A refusal changes nothing.
async fn apply<T: Tx>(
    tx: &mut T,
    group: GroupId,
    effect: &ProposalEffect,
    at_ms: i64,
) -> Result<Result<Option<GroupDone>, GroupRefusal>, StoreError> {
    let Some(group) = read_group(tx, group).await? else { return Ok(Err(GroupRefusal::NotFound)) };
    let (user, to) = match effect {
        ProposalEffect::Hook { .. } => return Ok(Ok(None)),
        ProposalEffect::Settings(settings) => {
            return Ok(change(tx, group, settings, at_ms).await?.map(|_| None));
        }
        ProposalEffect::Role { user, role } => (*user, Some(*role)),
        ProposalEffect::Expel { user, ban } => (*user, ban.then_some(Role::Banned)),
    };
    let mut plan = Plan::of(group, at_ms);
    let now = plan.look(tx, user).await?.map(|member| member.role);
    let fits = match effect {
        ProposalEffect::Role { .. } => now.is_some_and(Role::is_member),
        _ => now.is_some(),
    };
    if !fits {
        return Ok(Err(GroupRefusal::NoSuchUser(user)));
    }
    if now != to
        && let Err(refusal) = plan.set(tx, user, to).await?
    {
        return Ok(Err(refusal));
    }
    Ok(plan.finish(tx).await?.map(Some))
}

/// Reads open proposals whose deadline has come, the longest waiting first.
#[derive(Clone, Debug)]
pub struct ProposalsDue {
    /// Now.
    pub now_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for ProposalsDue {
    type Output = Vec<ProposalId>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.now_ms.into(), self.limit.into()];
        tx.rows(&DUE, &values, |row| row.id(0).map(ProposalId)).await
    }
}

/// Reads decisions whose hook is to run now.
#[derive(Clone, Debug)]
pub struct HooksDue {
    /// Now.
    pub now_ms: i64,
    /// At most so many.
    pub limit: u32,
}

/// A decision whose hook is to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HookDue {
    /// What was decided.
    pub proposal: Proposal,
    /// How often the hook was tried.
    pub tries: u32,
    /// Since when it is due.
    pub due_ms: i64,
}

impl Operation for HooksDue {
    type Output = Vec<HookDue>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.now_ms.into(), self.limit.into()];
        let read = |row: &crate::Row<'_>| Ok((ProposalId(row.id(0)?), row.small(1)?, row.int(2)?));
        let mut found = Vec::new();
        for (id, tries, due_ms) in tx.rows(&EFFECTS, &values, read).await? {
            if let Some(proposal) = read_any(tx, id).await? {
                found.push(HookDue { proposal, tries, due_ms });
            }
        }
        Ok(found)
    }
}

/// Takes a hook for one try, by moving its due time: of several servers one runs it, and it is due again if that one
/// never says how it ended.
#[derive(Clone, Debug)]
pub struct HookClaim {
    /// Whose.
    pub proposal: ProposalId,
    /// As it was read.
    pub due_ms: i64,
    /// When it is due again unless its end is noted.
    pub again_ms: i64,
}

impl Operation for HookClaim {
    /// Is it ours?
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.proposal.into(), self.due_ms.into(), self.again_ms.into()];
        Ok(tx.execute(&CLAIM, &values).await? == 1)
    }
}

/// Notes how a try of a hook ended.
#[derive(Clone, Debug)]
pub struct HookEnd {
    /// Whose.
    pub proposal: ProposalId,
    /// `Done`, `GivenUp`, or `Pending` for another try.
    pub effect: EffectState,
    /// What there is to say.
    pub note: String,
    /// When it is tried again.
    pub again_ms: Option<i64>,
    /// Now.
    pub at_ms: i64,
}

impl Operation for HookEnd {
    /// `false` if its end was noted before.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let again_ms = self.again_ms.filter(|_| self.effect == EffectState::Pending);
        let number = i64::from(self.effect as u8);
        let values = [self.proposal.into(), number.into(), (&self.note).into(), again_ms.into()];
        let noted = tx.execute(&EFFECT_END, &values).await? == 1;
        if noted && again_ms.is_none() {
            super::end::keep_until(tx, self.proposal, self.at_ms.saturating_add(PROPOSALS_KEPT_MS)).await?;
            let act = if self.effect == EffectState::Done { Acted::Applied } else { Acted::GivenUp };
            note(tx, self.proposal, None, act, self.at_ms).await?;
        }
        Ok(noted)
    }
}
