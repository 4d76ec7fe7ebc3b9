//! The same by name, for clients whose kit has no routes for it: `governance_propose`, `governance_withdraw`,
//! `governance_vote`, `governance_verify`, `governance_list`, `governance_get`, `governance_ballots`,
//! `governance_acts` and `governance_policy`. Servers with the HTTP key speak for the house.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Actor, GroupId, HOUSE_GROUP, Objection, ProposalId};
use wire::rest::governance as shape;

use super::convert::{ballot_outside, state_of};
use super::{Governance, GovernanceError, LIST_MAX, outside, policy_of, policy_outside, proposal_of};
use crate::rpc::{Call, Caller, RpcError, Rpcs, payload};

/// Registers them.
pub fn functions(rpcs: &mut Rpcs, governance: &Governance) {
    macro_rules! register {
        ($($id:literal => $function:ident),* $(,)?) => {
            $(let known = governance.clone();
            rpcs.register($id, move |call| $function(known.clone(), call));)*
        };
    }
    register! {
        "governance_propose" => propose,
        "governance_withdraw" => withdraw,
        "governance_vote" => vote,
        "governance_verify" => verify,
        "governance_list" => list,
        "governance_get" => get,
        "governance_ballots" => ballots,
        "governance_acts" => acts,
        "governance_policy" => policy,
    }
}

/// Which group; none is the house.
#[derive(Deserialize)]
struct InGroup {
    #[serde(default)]
    group_id: String,
}

#[derive(Deserialize)]
struct Which {
    proposal_id: String,
    #[serde(default)]
    limit: Option<u32>,
    #[serde(default)]
    cursor: String,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    state: String,
    #[serde(default)]
    limit: Option<u32>,
    #[serde(default)]
    cursor: String,
}

#[derive(Deserialize)]
struct Vote {
    proposal_id: String,
    option: u32,
    receipt: Option<String>,
}

#[derive(Deserialize)]
struct Verify {
    proposal_id: String,
    receipt: String,
}

#[derive(Deserialize)]
struct Policy {
    policy: Option<shape::GovernancePolicy>,
}

async fn propose(governance: Governance, call: Call) -> Result<String, RpcError> {
    let (group, asked) = read::<shape::ProposalCreate>(&call)?;
    let actor = actor(&call.caller);
    let opened = governance.propose(actor, group, proposal_of(group, asked)?).await?;
    let seen = governance.get(actor, group, opened.id).await?;
    write(&outside(&seen))
}

async fn withdraw(governance: Governance, call: Call) -> Result<String, RpcError> {
    let (group, asked) = read::<Which>(&call)?;
    governance.withdraw(actor(&call.caller), group, proposal(&asked.proposal_id)?).await?;
    Ok("{}".into())
}

async fn vote(governance: Governance, call: Call) -> Result<String, RpcError> {
    let user = call.caller.user()?;
    let (group, asked) = read::<Vote>(&call)?;
    let receipt = asked.receipt.as_deref();
    governance.vote(user, group, proposal(&asked.proposal_id)?, asked.option, receipt).await?;
    Ok("{}".into())
}

async fn verify(governance: Governance, call: Call) -> Result<String, RpcError> {
    let (group, asked) = read::<Verify>(&call)?;
    let proposal = proposal(&asked.proposal_id)?;
    let ballot = governance.verify(actor(&call.caller), group, proposal, &asked.receipt).await?;
    write(&ballot_outside(ballot))
}

async fn list(governance: Governance, call: Call) -> Result<String, RpcError> {
    let (group, asked) = read::<List>(&call)?;
    let (state, limit) = (state_of(&asked.state)?, asked.limit.unwrap_or(LIST_MAX));
    let found = governance.list(actor(&call.caller), group, state, limit, &asked.cursor).await?;
    write(&shape::ProposalList::from(found))
}

async fn get(governance: Governance, call: Call) -> Result<String, RpcError> {
    let (group, asked) = read::<Which>(&call)?;
    let seen = governance.get(actor(&call.caller), group, proposal(&asked.proposal_id)?).await?;
    write(&outside(&seen))
}

async fn ballots(governance: Governance, call: Call) -> Result<String, RpcError> {
    let (group, Which { proposal_id, limit, cursor }) = read(&call)?;
    let (proposal, limit) = (proposal(&proposal_id)?, limit.unwrap_or(LIST_MAX));
    let found = governance.ballots(actor(&call.caller), group, proposal, limit, &cursor).await?;
    write(&shape::BallotList::from(found))
}

async fn acts(governance: Governance, call: Call) -> Result<String, RpcError> {
    let (group, Which { proposal_id, limit, cursor }) = read(&call)?;
    let (proposal, limit) = (proposal(&proposal_id)?, limit.unwrap_or(LIST_MAX));
    let found = governance.acts(actor(&call.caller), group, proposal, limit, &cursor).await?;
    write(&shape::ProposalActList::from(found))
}

/// Reads a group's policy, or sets it where one is given.
async fn policy(governance: Governance, call: Call) -> Result<String, RpcError> {
    let (group, asked) = read::<Policy>(&call)?;
    if let Some(policy) = asked.policy {
        governance.set_policy(actor(&call.caller), group, policy_of(policy)?).await?;
    }
    write(&policy_outside(governance.policy(group).await?))
}

fn actor(caller: &Caller) -> Actor {
    match caller {
        Caller::Server => Actor::House,
        Caller::User { user, .. } => Actor::User(*user),
    }
}

fn proposal(id: &str) -> Result<ProposalId, RpcError> {
    id.parse().map_err(|_| RpcError::Invalid("\"proposal_id\" must be a proposal's id".into()))
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<(GroupId, T), RpcError> {
    let InGroup { group_id } = payload(call)?;
    let group = match group_id.as_str() {
        "" => HOUSE_GROUP,
        id => id.parse().map_err(|_| RpcError::Invalid("\"group_id\" must be a group's id".into()))?,
    };
    Ok((group, payload(call)?))
}

fn write(answer: &impl Serialize) -> Result<String, RpcError> {
    serde_json::to_string(answer).map_err(|error| RpcError::Failed(error.to_string()))
}

impl From<GovernanceError> for RpcError {
    fn from(error: GovernanceError) -> Self {
        let text = error.to_string().into();
        match error {
            GovernanceError::Store(error) => error.into(),
            GovernanceError::Objection(Objection::Denied) => {
                RpcError::Denied("the role in this group does not allow that")
            }
            GovernanceError::Objection(Objection::NotAnElector) => RpcError::Denied(
                "only those who could vote when the proposal opened, and are still here, may vote",
            ),
            GovernanceError::NoBallot
            | GovernanceError::Objection(Objection::NotFound | Objection::NoSuchGroup) => {
                RpcError::Missing(text)
            }
            GovernanceError::Objection(Objection::NoSuchChoice | Objection::HouseEffect)
            | GovernanceError::Invalid(_)
            | GovernanceError::Limit
            | GovernanceError::Cursor(_)
            | GovernanceError::Receipt => RpcError::Invalid(text),
            GovernanceError::Objection(_) => RpcError::Refused(text),
        }
    }
}
