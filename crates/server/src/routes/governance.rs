//! Proposals of groups and voting on them. Where a path names a group, all zeros stand for the house.

use std::sync::Arc;

use app::governance::{
    GovernanceError, ballot_outside, outside, policy_of, policy_outside, proposal_of, state_of,
};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use store::{Actor, GroupId, Objection, ProposalId};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::governance::{
    Ballot, BallotList, GovernancePolicy, Proposal, ProposalActList, ProposalCreate, ProposalList,
    ProposalReceipt, ProposalVote,
};
use wire::rest::{Code, ErrorBody};

use super::groups::group;
use super::{done, json, queried};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault, body};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(policy, set_policy))
        .routes(routes!(list, propose))
        .routes(routes!(get, withdraw))
        .routes(routes!(vote))
        .routes(routes!(ballots))
        .routes(routes!(verify))
        .routes(routes!(acts))
}

/// Proposals, ballots or acts in one answer where the client does not say.
const LIMIT_DEFAULT: u32 = 20;

/// What the group asks of proposals.
#[utoipa::path(
    get,
    operation_id = "governance_policy_get",
    path = "/v2/group/{group_id}/governance",
    tag = "governance",
    params(("group_id" = String, Path)),
    responses((status = 200, body = GovernancePolicy), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn policy(
    State(house): State<Arc<House>>,
    _: Bearer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let policy = house.services.governance.policy(group(&id)?).await?;
    Ok(json(&policy_outside(policy)))
}

/// Asks something else of proposals. The group's superadmins may.
#[utoipa::path(
    put,
    operation_id = "governance_policy_set",
    path = "/v2/group/{group_id}/governance",
    tag = "governance",
    params(("group_id" = String, Path)),
    request_body = GovernancePolicy,
    responses((status = 200, description = "Changed"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn set_policy(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
    sent: Body,
) -> Result<Response, Fault> {
    let asked: GovernancePolicy = body(&house, sent).await?;
    let actor = Actor::User(holder.user);
    house.services.governance.set_policy(actor, group(&id)?, policy_of(asked)?).await?;
    Ok(done())
}

/// Which proposals to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// At most so many, from 1 to 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// Where the last page ended.
    cursor: String,
    /// Only those that are `open`, `decided`, `rejected`, `withdrawn` or `void`.
    state: String,
}

/// Lists a group's proposals, the newest first. Members may.
#[utoipa::path(
    get,
    operation_id = "governance_list",
    path = "/v2/group/{group_id}/proposal",
    tag = "governance",
    params(("group_id" = String, Path), Filter),
    responses((status = 200, body = ProposalList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
    Ask(asked): Ask<Filter>,
) -> Result<Response, Fault> {
    let limit = queried::number("limit", asked.limit.as_deref())?.unwrap_or(LIMIT_DEFAULT);
    let (actor, state) = (Actor::User(holder.user), state_of(&asked.state)?);
    let found = house.services.governance.list(actor, group(&id)?, state, limit, &asked.cursor).await?;
    Ok(json(&ProposalList::from(found)))
}

/// Opens a proposal. The group's policy says who may.
#[utoipa::path(
    post,
    operation_id = "governance_propose",
    path = "/v2/group/{group_id}/proposal",
    tag = "governance",
    params(("group_id" = String, Path)),
    request_body = ProposalCreate,
    responses((status = 200, body = Proposal), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn propose(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
    sent: Body,
) -> Result<Response, Fault> {
    let (actor, group) = (Actor::User(holder.user), group(&id)?);
    let asked: ProposalCreate = body(&house, sent).await?;
    let governance = &house.services.governance;
    let opened = governance.propose(actor, group, proposal_of(group, asked)?).await?;
    let seen = governance.get(actor, group, opened.id).await?;
    Ok(json(&outside(&seen)))
}

/// A proposal as it stands, and what it is to the caller.
#[utoipa::path(
    get,
    operation_id = "governance_get",
    path = "/v2/group/{group_id}/proposal/{proposal_id}",
    tag = "governance",
    params(("group_id" = String, Path), ("proposal_id" = String, Path)),
    responses((status = 200, body = Proposal), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn get(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(ids): Path<(String, String)>,
) -> Result<Response, Fault> {
    let (group, proposal) = both(&ids)?;
    let seen = house.services.governance.get(Actor::User(holder.user), group, proposal).await?;
    Ok(json(&outside(&seen)))
}

/// Takes an open proposal back. Who opened it may, and superadmins.
#[utoipa::path(
    delete,
    operation_id = "governance_withdraw",
    path = "/v2/group/{group_id}/proposal/{proposal_id}",
    tag = "governance",
    params(("group_id" = String, Path), ("proposal_id" = String, Path)),
    responses((status = 200, description = "Taken back"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn withdraw(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(ids): Path<(String, String)>,
) -> Result<Response, Fault> {
    let (group, proposal) = both(&ids)?;
    house.services.governance.withdraw(Actor::User(holder.user), group, proposal).await?;
    Ok(done())
}

/// Votes. The same again is answered as the first time.
#[utoipa::path(
    post,
    operation_id = "governance_vote",
    path = "/v2/group/{group_id}/proposal/{proposal_id}/vote",
    tag = "governance",
    params(("group_id" = String, Path), ("proposal_id" = String, Path)),
    request_body = ProposalVote,
    responses((status = 200, description = "Counted"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn vote(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(ids): Path<(String, String)>,
    sent: Body,
) -> Result<Response, Fault> {
    let (group, proposal) = both(&ids)?;
    let asked: ProposalVote = body(&house, sent).await?;
    let receipt = asked.receipt.as_deref();
    house.services.governance.vote(holder.user, group, proposal, asked.option, receipt).await?;
    Ok(done())
}

/// The ballots, so that everybody can count them: open ones at any time, secret ones once they were counted.
#[utoipa::path(
    get,
    operation_id = "governance_ballots",
    path = "/v2/group/{group_id}/proposal/{proposal_id}/ballot",
    tag = "governance",
    params(("group_id" = String, Path), ("proposal_id" = String, Path), queried::Page),
    responses((status = 200, body = BallotList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn ballots(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(ids): Path<(String, String)>,
    Ask(asked): Ask<queried::Page>,
) -> Result<Response, Fault> {
    let (group, proposal) = both(&ids)?;
    let (actor, limit) = (Actor::User(holder.user), asked.limit(LIMIT_DEFAULT)?);
    let found = house.services.governance.ballots(actor, group, proposal, limit, &asked.cursor).await?;
    Ok(json(&BallotList::from(found)))
}

/// What is counted under a voter's receipt. The receipt travels in the body, because addresses are logged on the way.
#[utoipa::path(
    post,
    operation_id = "governance_verify",
    path = "/v2/group/{group_id}/proposal/{proposal_id}/verify",
    tag = "governance",
    params(("group_id" = String, Path), ("proposal_id" = String, Path)),
    request_body = ProposalReceipt,
    responses((status = 200, body = Ballot), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn verify(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(ids): Path<(String, String)>,
    sent: Body,
) -> Result<Response, Fault> {
    let (group, proposal) = both(&ids)?;
    let asked: ProposalReceipt = body(&house, sent).await?;
    let actor = Actor::User(holder.user);
    let ballot = house.services.governance.verify(actor, group, proposal, &asked.receipt).await?;
    Ok(json(&ballot_outside(ballot)))
}

/// Who did what with a proposal, in order; votes are among it where ballots are open.
#[utoipa::path(
    get,
    operation_id = "governance_acts",
    path = "/v2/group/{group_id}/proposal/{proposal_id}/act",
    tag = "governance",
    params(("group_id" = String, Path), ("proposal_id" = String, Path), queried::Page),
    responses((status = 200, body = ProposalActList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn acts(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(ids): Path<(String, String)>,
    Ask(asked): Ask<queried::Page>,
) -> Result<Response, Fault> {
    let (group, proposal) = both(&ids)?;
    let (actor, limit) = (Actor::User(holder.user), asked.limit(LIMIT_DEFAULT)?);
    let page = house.services.governance.acts(actor, group, proposal, limit, &asked.cursor).await?;
    Ok(json(&ProposalActList::from(page)))
}

fn both((group_id, proposal_id): &(String, String)) -> Result<(GroupId, ProposalId), Fault> {
    Ok((group(group_id)?, ProposalId(queried::id("proposal_id", proposal_id)?)))
}

impl From<GovernanceError> for Fault {
    fn from(error: GovernanceError) -> Self {
        let code = match &error {
            GovernanceError::Store(error) => return error.clone().into(),
            GovernanceError::NoBallot => Code::NotFound,
            GovernanceError::Objection(objection) => match objection {
                Objection::NotFound | Objection::NoSuchGroup => Code::NotFound,
                Objection::Denied | Objection::NotAnElector | Objection::BelowPolicy => {
                    Code::PermissionDenied
                }
                Objection::Voted | Objection::ReceiptTaken => Code::AlreadyExists,
                Objection::NoSuchChoice | Objection::HouseEffect => Code::InvalidArgument,
                Objection::Closed
                | Objection::Full
                | Objection::TooManyInGroup
                | Objection::TooManyOfMember
                | Objection::NoElectors => Code::FailedPrecondition,
            },
            GovernanceError::Invalid(_)
            | GovernanceError::Limit
            | GovernanceError::Cursor(_)
            | GovernanceError::Receipt => Code::InvalidArgument,
        };
        Fault::new(code, error.to_string())
    }
}
