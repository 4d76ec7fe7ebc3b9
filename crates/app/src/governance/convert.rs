//! Between the shapes that clients see and those that are kept.

use store::{
    CastBallot, EffectState, Electorate, GroupPolicy, GroupSettings, HOUSE_GROUP, Majority, ProposalChoice,
    ProposalEffect, ProposalOutcome, ProposalSeen, ProposalState, ProposalTerms, Quorum, Role, TieRule,
    UserId,
};
use wire::rest::governance as shape;
use wire::time::{Timestamp, rfc3339};

use super::{ActsPage, BallotsFound, GovernanceError, NewProposal, ProposalsFound};

fn invalid(why: impl Into<String>) -> GovernanceError {
    GovernanceError::Invalid(why.into())
}

fn user(id: &str) -> Result<UserId, GovernanceError> {
    id.parse().map_err(|_| invalid("a user's id is not one"))
}

fn role(state: i32) -> Result<Role, GovernanceError> {
    Role::of(state.into()).ok_or_else(|| invalid("a state must be 0, 1 or 2"))
}

/// A proposal as a client asks for it.
pub fn proposal_of(
    group: store::GroupId,
    asked: shape::ProposalCreate,
) -> Result<NewProposal, GovernanceError> {
    let quorum = match (asked.quorum_votes, asked.quorum_permille) {
        (None, None) => Quorum::Votes(1),
        (Some(votes), None) => Quorum::Votes(votes),
        (None, Some(share)) => Quorum::PerMille(share),
        (Some(_), Some(_)) => return Err(invalid("a quorum is a number of votes or a share, not both")),
    };
    let narrowed = asked.voter_states.is_some() || asked.joined_before.is_some();
    let electorate = match asked.voter_ids {
        Some(_) if narrowed => return Err(invalid("voters are named or chosen by role and time, not both")),
        Some(ids) => Electorate::Users(ids.iter().map(|id| user(id)).collect::<Result<_, _>>()?),
        None if group == HOUSE_GROUP && !narrowed => Electorate::Everybody,
        None => Electorate::Members {
            roles: match asked.voter_states {
                Some(states) => states.into_iter().map(role).collect::<Result<_, _>>()?,
                None => vec![Role::Superadmin, Role::Admin, Role::Member],
            },
            joined_before_ms: match asked.joined_before {
                Some(text) => Some(
                    Timestamp::parse(&text)
                        .map(Timestamp::to_ms)
                        .ok_or_else(|| invalid("joined_before must be a time in RFC 3339"))?,
                ),
                None => None,
            },
        },
    };
    let choices = asked.options.into_iter().map(|option| {
        let effect = option.effect.map(effect_of).transpose()?;
        Ok(ProposalChoice { text: option.text, effect })
    });
    Ok(NewProposal {
        title: asked.title,
        text: asked.text,
        choices: choices.collect::<Result<_, GovernanceError>>()?,
        terms: ProposalTerms {
            secret: asked.secret,
            changeable: asked.changeable,
            quorum,
            majority: majority_of(asked.majority),
            tie: match asked.tie {
                shape::Tie::Rejected => TieRule::Rejected,
                shape::Tie::First => TieRule::First,
            },
        },
        electorate,
        open_ms: i64::from(asked.open_sec) * 1_000,
    })
}

/// What an option does, as a client asks for it.
pub fn effect_of(asked: shape::ProposalEffect) -> Result<ProposalEffect, GovernanceError> {
    let shape::ProposalEffect { role: new_role, expel, settings, hook } = asked;
    match (new_role, expel, settings, hook) {
        (Some(effect), None, None, None) => {
            Ok(ProposalEffect::Role { user: user(&effect.user_id)?, role: role(effect.state)? })
        }
        (None, Some(effect), None, None) => {
            Ok(ProposalEffect::Expel { user: user(&effect.user_id)?, ban: effect.ban })
        }
        (None, None, Some(settings), None) => {
            let shape::EffectSettings { name, description, avatar_url, lang_tag, open, max_count, metadata } =
                settings;
            let settings =
                GroupSettings { name, description, avatar_url, lang_tag, open, max_count, metadata };
            Ok(ProposalEffect::Settings(settings))
        }
        (None, None, None, Some(hook)) => {
            Ok(ProposalEffect::Hook { name: hook.name, input: hook.input.to_string() })
        }
        _ => Err(invalid("an effect is exactly one of role, expel, settings and hook")),
    }
}

fn effect_outside(effect: &ProposalEffect) -> shape::ProposalEffect {
    let mut shown = shape::ProposalEffect::default();
    match effect {
        ProposalEffect::Role { user, role } => {
            shown.role = Some(shape::EffectRole { user_id: user.to_string(), state: *role as i32 });
        }
        ProposalEffect::Expel { user, ban } => {
            shown.expel = Some(shape::EffectExpel { user_id: user.to_string(), ban: *ban });
        }
        ProposalEffect::Settings(settings) => {
            let GroupSettings { name, description, avatar_url, lang_tag, open, max_count, metadata } =
                settings.clone();
            shown.settings = Some(shape::EffectSettings {
                name,
                description,
                avatar_url,
                lang_tag,
                open,
                max_count,
                metadata,
            });
        }
        ProposalEffect::Hook { name, input } => {
            let input = serde_json::from_str(input).unwrap_or_default();
            shown.hook = Some(shape::EffectHook { name: name.clone(), input });
        }
    }
    shown
}

/// A proposal as a client sees it.
pub fn outside(seen: &ProposalSeen) -> shape::Proposal {
    let ProposalSeen { proposal, viewer } = seen;
    let options = proposal.choices.iter().enumerate().map(|(place, choice)| shape::ProposalOption {
        text: choice.text.clone(),
        effect: choice.effect.as_ref().map(effect_outside),
        votes: proposal.counts.get(place).copied(),
    });
    let (quorum_votes, quorum_permille) = match proposal.terms.quorum {
        Quorum::Votes(votes) => (Some(votes), None),
        Quorum::PerMille(share) => (None, Some(share)),
    };
    let (outcome, chosen) = match proposal.outcome {
        None => (None, None),
        Some(ProposalOutcome::Chosen(choice)) => (Some(shape::ProposalOutcome::Chosen), Some(choice)),
        Some(ProposalOutcome::NoQuorum) => (Some(shape::ProposalOutcome::NoQuorum), None),
        Some(ProposalOutcome::NoMajority) => (Some(shape::ProposalOutcome::NoMajority), None),
        Some(ProposalOutcome::Tie) => (Some(shape::ProposalOutcome::Tie), None),
    };
    shape::Proposal {
        id: proposal.id.to_string(),
        group_id: proposal.group.to_string(),
        proposer_id: proposal.proposer.map(|user| user.to_string()).unwrap_or_default(),
        title: proposal.title.clone(),
        text: proposal.text.clone(),
        options: options.collect(),
        secret: proposal.terms.secret,
        changeable: proposal.terms.changeable,
        quorum_votes,
        quorum_permille,
        majority: majority_outside(proposal.terms.majority),
        tie: match proposal.terms.tie {
            TieRule::Rejected => shape::Tie::Rejected,
            TieRule::First => shape::Tie::First,
        },
        state: match proposal.state {
            ProposalState::Open => shape::ProposalState::Open,
            ProposalState::Decided => shape::ProposalState::Decided,
            ProposalState::Rejected => shape::ProposalState::Rejected,
            ProposalState::Withdrawn => shape::ProposalState::Withdrawn,
            ProposalState::Void => shape::ProposalState::Void,
        },
        electorate: proposal.electorate,
        votes: proposal.votes,
        create_time: rfc3339(proposal.opened_ms),
        deadline_time: rfc3339(proposal.deadline_ms),
        close_time: proposal.closed_ms.map(rfc3339),
        outcome,
        chosen,
        effect_state: match proposal.effect {
            EffectState::None => shape::EffectState::None,
            EffectState::Done => shape::EffectState::Done,
            EffectState::Refused => shape::EffectState::Refused,
            EffectState::Pending => shape::EffectState::Pending,
            EffectState::GivenUp => shape::EffectState::GivenUp,
        },
        effect_note: proposal.effect_note.clone(),
        viewer: shape::ProposalViewer { elector: viewer.elector, voted: viewer.voted, option: viewer.choice },
    }
}

impl From<ProposalsFound> for shape::ProposalList {
    fn from(found: ProposalsFound) -> Self {
        Self { proposals: found.proposals.iter().map(outside).collect(), cursor: found.cursor }
    }
}

impl From<BallotsFound> for shape::BallotList {
    fn from(found: BallotsFound) -> Self {
        Self { ballots: found.ballots.into_iter().map(ballot_outside).collect(), cursor: found.cursor }
    }
}

/// A ballot as a client sees it.
pub fn ballot_outside(ballot: CastBallot) -> shape::Ballot {
    match ballot {
        CastBallot::Open { user, choice } => {
            shape::Ballot { user_id: Some(user.to_string()), tag: None, option: choice }
        }
        CastBallot::Secret { tag, choice } => {
            let tag = tag.iter().map(|byte| format!("{byte:02x}")).collect();
            shape::Ballot { user_id: None, tag: Some(tag), option: choice }
        }
    }
}

impl From<ActsPage> for shape::ProposalActList {
    fn from(page: ActsPage) -> Self {
        use store::Acted;
        let acts = page.acts.into_iter().map(|line| {
            let (act, option) = match line.act {
                Acted::Opened => (shape::ProposalDeed::Opened, None),
                Acted::Voted(choice) => (shape::ProposalDeed::Voted, Some(choice)),
                Acted::Changed(choice) => (shape::ProposalDeed::Changed, Some(choice)),
                Acted::Withdrawn => (shape::ProposalDeed::Withdrawn, None),
                Acted::Closed => (shape::ProposalDeed::Closed, None),
                Acted::Applied => (shape::ProposalDeed::Applied, None),
                Acted::Refused => (shape::ProposalDeed::Refused, None),
                Acted::GivenUp => (shape::ProposalDeed::GivenUp, None),
            };
            shape::ProposalAct {
                seq: u32::try_from(line.seq).unwrap_or(u32::MAX),
                user_id: line.by.map(|user| user.to_string()),
                act,
                option,
                time: rfc3339(line.at_ms),
            }
        });
        Self { acts: acts.collect(), cursor: page.cursor }
    }
}

fn majority_of(asked: shape::Majority) -> Majority {
    match asked {
        shape::Majority::Plurality => Majority::Plurality,
        shape::Majority::Absolute => Majority::Absolute,
        shape::Majority::TwoThirds => Majority::TwoThirds,
    }
}

fn majority_outside(majority: Majority) -> shape::Majority {
    match majority {
        Majority::Plurality => shape::Majority::Plurality,
        Majority::Absolute => shape::Majority::Absolute,
        Majority::TwoThirds => shape::Majority::TwoThirds,
    }
}

/// A policy as a client asks for it.
pub fn policy_of(asked: shape::GovernancePolicy) -> Result<GroupPolicy, GovernanceError> {
    Ok(GroupPolicy {
        polls: role(asked.polls_state)?,
        binding: role(asked.binding_state)?,
        quorum_permille: asked.quorum_permille,
        majority: majority_of(asked.majority),
        open_ms: i64::from(asked.open_sec) * 1_000,
    })
}

/// A policy as a client sees it.
pub fn policy_outside(policy: GroupPolicy) -> shape::GovernancePolicy {
    shape::GovernancePolicy {
        polls_state: policy.polls as i32,
        binding_state: policy.binding as i32,
        quorum_permille: policy.quorum_permille,
        majority: majority_outside(policy.majority),
        open_sec: u32::try_from(policy.open_ms / 1_000).unwrap_or(u32::MAX),
    }
}

/// A state by its name in lists.
pub fn state_of(name: &str) -> Result<Option<ProposalState>, GovernanceError> {
    Ok(Some(match name {
        "" => return Ok(None),
        "open" => ProposalState::Open,
        "decided" => ProposalState::Decided,
        "rejected" => ProposalState::Rejected,
        "withdrawn" => ProposalState::Withdrawn,
        "void" => ProposalState::Void,
        _ => return Err(invalid("state must be open, decided, rejected, withdrawn or void")),
    }))
}
