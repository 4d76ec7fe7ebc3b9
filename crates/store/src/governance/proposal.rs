//! A proposal's row, and reading it.

use std::fmt;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::choices::{EffectState, ProposalChoice, ProposalOutcome};
use super::terms::ProposalTerms;
use super::{HOUSE_GROUP, Objection};
use crate::groups::members::member;
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Actor, GroupId, Row, StoreError, UserId, Value};

statements! {
    GET = "SELECT id, group_id, proposer, title, text, choices, terms, state, electorate, votes, opened_ms,
        deadline_ms, closed_ms, counts, outcome, chosen, effect, effect_note FROM proposals WHERE id = $1";
    IN_GROUP = "SELECT id, group_id, proposer, title, text, choices, terms, state, electorate, votes, opened_ms,
        deadline_ms, closed_ms, counts, outcome, chosen, effect, effect_note FROM proposals
        WHERE group_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    IN_STATE = "SELECT id, group_id, proposer, title, text, choices, terms, state, electorate, votes, opened_ms,
        deadline_ms, closed_ms, counts, outcome, chosen, effect, effect_note FROM proposals
        WHERE group_id = $1 AND state = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    ELECTOR = "SELECT voted FROM electors WHERE proposal_id = $1 AND user_id = $2";
    OWN = "SELECT choice FROM open_ballots WHERE proposal_id = $1 AND user_id = $2";
    OPEN_COUNTS = "SELECT choice, COUNT(*) FROM open_ballots WHERE proposal_id = $1 GROUP BY choice ORDER BY choice";
    SECRET_COUNTS = "SELECT choice, COUNT(*) FROM secret_ballots WHERE proposal_id = $1 GROUP BY choice
        ORDER BY choice";
}

/// A proposal: a UUID (RFC 9562, version 7), so that they sort by the time of their opening.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProposalId(pub u128);

impl fmt::Display for ProposalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_u128(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for ProposalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ProposalId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<uuid::Uuid>().map(|id| Self(id.as_u128()))
    }
}

impl From<ProposalId> for Value<'_> {
    fn from(id: ProposalId) -> Self {
        Self::Id(id.0.to_be_bytes())
    }
}

/// Where a proposal stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum ProposalState {
    /// Votes are taken until the deadline.
    Open = 0,
    /// An option was chosen.
    Decided = 1,
    /// No option was chosen.
    Rejected = 2,
    /// It was taken back.
    Withdrawn = 3,
    /// Its group is no more.
    Void = 4,
}

impl ProposalState {
    /// All of them.
    pub const ALL: [ProposalState; 5] =
        [Self::Open, Self::Decided, Self::Rejected, Self::Withdrawn, Self::Void];

    fn stored(number: i64) -> Result<Self, StoreError> {
        let found = usize::try_from(number).ok().and_then(|number| Self::ALL.get(number).copied());
        found.ok_or_else(|| StoreError::Damaged("the state of a proposal is out of range".into()))
    }
}

/// A proposal as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// Which.
    pub id: ProposalId,
    /// Whose; [`HOUSE_GROUP`] for everybody's.
    pub group: GroupId,
    /// Who opened it; nobody for server code, or where that user is gone.
    pub proposer: Option<UserId>,
    /// What it is about, in a few words.
    pub title: String,
    /// What it is about.
    pub text: String,
    /// What can be chosen.
    pub choices: Vec<ProposalChoice>,
    /// By which rules.
    pub terms: ProposalTerms,
    /// Where it stands.
    pub state: ProposalState,
    /// How many may vote; nothing where that is everybody of the house.
    pub electorate: Option<u32>,
    /// How many have voted.
    pub votes: u32,
    /// Since when votes are taken.
    pub opened_ms: i64,
    /// Until when votes are taken.
    pub deadline_ms: i64,
    /// When it was closed.
    pub closed_ms: Option<i64>,
    /// Votes for each option as they were counted at the closing; empty before.
    pub counts: Vec<u32>,
    /// What they came to.
    pub outcome: Option<ProposalOutcome>,
    /// How far the effect is.
    pub effect: EffectState,
    /// What there is to say of it.
    pub effect_note: String,
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::NotStorable("a value without a JSON form"))
}

pub(super) fn of_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(format!("in a proposal: {error}")))
}

pub(super) fn proposal_row(row: &Row<'_>) -> Result<Proposal, StoreError> {
    Ok(Proposal {
        id: ProposalId(row.id(0)?),
        group: GroupId(row.id(1)?),
        proposer: row.opt_id(2)?.map(UserId),
        title: row.text(3)?,
        text: row.text(4)?,
        choices: of_json(&row.text(5)?)?,
        terms: of_json(&row.text(6)?)?,
        state: ProposalState::stored(row.int(7)?)?,
        electorate: row.opt_int(8)?.map(|_| row.small(8)).transpose()?,
        votes: row.small(9)?,
        opened_ms: row.int(10)?,
        deadline_ms: row.int(11)?,
        closed_ms: row.opt_int(12)?,
        counts: of_json(&row.text(13)?)?,
        outcome: ProposalOutcome::of(row.opt_int(14)?, row.opt_int(15)?)?,
        effect: EffectState::of(row.int(16)?)?,
        effect_note: row.text(17)?,
    })
}

pub(super) async fn read<T: Tx>(
    tx: &mut T,
    group: GroupId,
    id: ProposalId,
) -> Result<Option<Proposal>, StoreError> {
    let found = tx.optional(&GET, &[id.into()], proposal_row).await?;
    Ok(found.filter(|found| found.group == group))
}

pub(super) async fn read_any<T: Tx>(tx: &mut T, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
    tx.optional(&GET, &[id.into()], proposal_row).await
}

/// Has this elector voted? `None` if they are none.
pub(super) async fn elector<T: Tx>(
    tx: &mut T,
    id: ProposalId,
    user: UserId,
) -> Result<Option<bool>, StoreError> {
    tx.optional(&ELECTOR, &[id.into(), user.into()], |row| row.flag(0)).await
}

/// What somebody chose in an open ballot.
pub(super) async fn own_choice<T: Tx>(
    tx: &mut T,
    id: ProposalId,
    user: UserId,
) -> Result<Option<u32>, StoreError> {
    tx.optional(&OWN, &[id.into(), user.into()], |row| row.small(0)).await
}

/// Votes for each option, counted ballot by ballot.
pub(super) async fn count<T: Tx>(tx: &mut T, proposal: &Proposal) -> Result<Vec<u32>, StoreError> {
    let statement = if proposal.terms.secret { &SECRET_COUNTS } else { &OPEN_COUNTS };
    let found = tx.rows(statement, &[proposal.id.into()], |row| Ok((row.small(0)?, row.small(1)?))).await?;
    let mut counts = vec![0; proposal.choices.len()];
    for (choice, votes) in found {
        let place = usize::try_from(choice).ok().and_then(|choice| counts.get_mut(choice));
        *place
            .ok_or_else(|| StoreError::Damaged(format!("a ballot of {} is for no option", proposal.id)))? =
            votes;
    }
    Ok(counts)
}

/// May an actor see what goes on there? Members may; what concerns the house concerns everybody.
pub(super) async fn may_see<T: Tx>(tx: &mut T, group: GroupId, actor: Actor) -> Result<bool, StoreError> {
    Ok(match actor {
        Actor::House => true,
        Actor::User(_) if group == HOUSE_GROUP => true,
        Actor::User(user) => member(tx, group, user).await?.is_some_and(|member| member.role.is_member()),
    })
}

/// How a proposal looks to somebody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProposalSeen {
    /// The proposal. While votes are taken, `counts` is as it stands, or empty where ballots are secret.
    pub proposal: Proposal,
    /// What it is to who looks.
    pub viewer: Viewer,
}

/// What a proposal is to who looks at it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Viewer {
    /// They are in the electorate.
    pub elector: bool,
    /// They have voted.
    pub voted: bool,
    /// What they chose, where ballots are open.
    pub choice: Option<u32>,
}

pub(super) async fn seen<T: Tx>(
    tx: &mut T,
    mut proposal: Proposal,
    actor: Actor,
) -> Result<ProposalSeen, StoreError> {
    if proposal.state == ProposalState::Open && !proposal.terms.secret {
        proposal.counts = count(tx, &proposal).await?;
    }
    let mut viewer = Viewer::default();
    if let Actor::User(user) = actor {
        let known = elector(tx, proposal.id, user).await?;
        viewer.elector = known.is_some() || proposal.electorate.is_none();
        viewer.voted = known == Some(true);
        if viewer.voted && !proposal.terms.secret {
            viewer.choice = own_choice(tx, proposal.id, user).await?;
        }
    }
    Ok(ProposalSeen { proposal, viewer })
}

/// Reads a proposal.
#[derive(Clone, Debug)]
pub struct ProposalGet {
    /// Whose.
    pub group: GroupId,
    /// Which.
    pub proposal: ProposalId,
    /// Who looks.
    pub actor: Actor,
}

impl Operation for ProposalGet {
    type Output = Result<ProposalSeen, Objection>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if !may_see(tx, self.group, self.actor).await? {
            return Ok(Err(Objection::Denied));
        }
        match read(tx, self.group, self.proposal).await? {
            Some(proposal) => seen(tx, proposal, self.actor).await.map(Ok),
            None => Ok(Err(Objection::NotFound)),
        }
    }
}

/// Reads a group's proposals, the newest first.
#[derive(Clone, Debug)]
pub struct ProposalsPage {
    /// Whose.
    pub group: GroupId,
    /// Who looks.
    pub actor: Actor,
    /// Only those in this state.
    pub state: Option<ProposalState>,
    /// Older than this one.
    pub before: Option<ProposalId>,
    /// At most so many.
    pub limit: u32,
}

impl Operation for ProposalsPage {
    type Output = Result<Vec<ProposalSeen>, Objection>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if !may_see(tx, self.group, self.actor).await? {
            return Ok(Err(Objection::Denied));
        }
        let before = self.before.unwrap_or(ProposalId(u128::MAX));
        let rows = match self.state {
            Some(state) => {
                let values =
                    [self.group.into(), i64::from(state as u8).into(), before.into(), self.limit.into()];
                tx.rows(&IN_STATE, &values, proposal_row).await?
            }
            None => {
                let values = [self.group.into(), before.into(), self.limit.into()];
                tx.rows(&IN_GROUP, &values, proposal_row).await?
            }
        };
        let mut page = Vec::with_capacity(rows.len());
        for proposal in rows {
            page.push(seen(tx, proposal, self.actor).await?);
        }
        Ok(Ok(page))
    }
}
