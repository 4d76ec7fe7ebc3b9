//! Proposals of groups and of the house, and voting on them. These routes are the house's own: no published client names
//! them, so words stand where the protocol has numbers.

use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much of the votes an option needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Majority {
    /// More than any other.
    #[default]
    Plurality,
    /// More than half.
    Absolute,
    /// At least two thirds.
    TwoThirds,
}

/// What a tie for the first place comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// Nothing is decided.
    #[default]
    Rejected,
    /// Of the options that tie, the one that stands first.
    First,
}

/// A member gets another role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EffectRole {
    /// Who.
    pub user_id: String,
    /// 0 superadmin, 1 admin, 2 member.
    pub state: i32,
}

/// A member is put out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EffectExpel {
    /// Who.
    pub user_id: String,
    /// They must not come back.
    #[serde(default)]
    pub ban: bool,
}

/// The group gets other settings; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct EffectSettings {
    /// Unique without regard to case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang_tag: Option<String>,
    /// Whether anyone may join without asking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    /// Most members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_count: Option<u32>,
    /// A JSON object as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
}

/// The studio's own code runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EffectHook {
    /// As the studio registered it.
    pub name: String,
    /// What it takes.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub input: serde_json::Value,
}

/// What happens if an option is chosen: exactly one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ProposalEffect {
    /// A member gets another role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<EffectRole>,
    /// A member is put out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expel: Option<EffectExpel>,
    /// The group gets other settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<EffectSettings>,
    /// The studio's own code runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook: Option<EffectHook>,
}

/// Something that can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ProposalOption {
    /// As voters read it.
    #[serde(deserialize_with = "json::or_default")]
    pub text: String,
    /// What happens if it is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<ProposalEffect>,
    /// Votes for it: as they stand while an open vote goes on, as they were counted afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    pub votes: Option<u32>,
}

/// Body of a new proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ProposalCreate {
    /// In a few words.
    #[serde(deserialize_with = "json::or_default")]
    pub title: String,
    /// In full.
    #[serde(deserialize_with = "json::or_default")]
    pub text: String,
    /// 2 to 16 of them.
    #[serde(deserialize_with = "json::or_default")]
    pub options: Vec<ProposalOption>,
    /// Seconds in which votes are taken.
    pub open_sec: u32,
    /// Nobody may learn what a voter chose.
    pub secret: bool,
    /// Votes may be changed until the deadline; not secret ones.
    pub changeable: bool,
    /// So many must vote; 1 if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum_votes: Option<u32>,
    /// Or so many of a thousand of those who may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum_permille: Option<u32>,
    /// How much an option needs.
    pub majority: Majority,
    /// What a tie comes to.
    pub tie: Tie,
    /// Only members with these roles may vote: 0 superadmin, 1 admin, 2 member. Absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voter_states: Option<Vec<i32>>,
    /// Only those who came in before this time may vote.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub joined_before: Option<String>,
    /// Only these may vote; for server code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voter_ids: Option<Vec<String>>,
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// Votes are taken.
    #[default]
    Open,
    /// An option was chosen.
    Decided,
    /// No option was chosen.
    Rejected,
    /// It was taken back.
    Withdrawn,
    /// Its group is no more.
    Void,
}

/// What the votes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalOutcome {
    /// An option was chosen.
    Chosen,
    /// Too few voted.
    NoQuorum,
    /// No option had the majority.
    NoMajority,
    /// Two or more shared the first place.
    Tie,
}

/// How far the effect of a decision is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// There is none.
    #[default]
    None,
    /// It was done.
    Done,
    /// It could not be done any more.
    Refused,
    /// A hook is still to run.
    Pending,
    /// A hook failed so often that it was given up.
    GivenUp,
}

/// What a proposal is to the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ProposalViewer {
    /// The caller may vote.
    pub elector: bool,
    /// The caller has voted.
    pub voted: bool,
    /// For this option, counted from 0; only where ballots are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<u32>,
}

/// A proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Proposal {
    /// Which.
    pub id: String,
    /// Whose; all zeros for one of the whole house.
    pub group_id: String,
    /// Who opened it; empty for server code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proposer_id: String,
    /// In a few words.
    pub title: String,
    /// In full.
    pub text: String,
    /// What can be chosen.
    pub options: Vec<ProposalOption>,
    /// Nobody may learn what a voter chose.
    pub secret: bool,
    /// Votes may be changed until the deadline.
    pub changeable: bool,
    /// So many must vote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum_votes: Option<u32>,
    /// Or so many of a thousand of those who may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum_permille: Option<u32>,
    /// How much an option needs.
    pub majority: Majority,
    /// What a tie comes to.
    pub tie: Tie,
    /// Where it stands.
    pub state: ProposalState,
    /// How many may vote; absent: everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub electorate: Option<u32>,
    /// How many have.
    pub votes: u32,
    /// Since when votes are taken.
    #[schema(format = DateTime)]
    pub create_time: String,
    /// Until when.
    #[schema(format = DateTime)]
    pub deadline_time: String,
    /// When the votes were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub close_time: Option<String>,
    /// What they came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ProposalOutcome>,
    /// The option that was chosen, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<u32>,
    /// How far the effect is.
    pub effect_state: EffectState,
    /// What there is to say of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub effect_note: String,
    /// What it is to the caller.
    pub viewer: ProposalViewer,
}

/// Proposals, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ProposalList {
    /// Up to the limit asked for.
    pub proposals: Vec<Proposal>,
    /// Where the next page begins; absent at the end.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
}

/// Body of a vote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposalVote {
    /// For this option, counted from 0.
    pub option: u32,
    /// The voter's own secret, 32 to 128 visible ASCII characters made at random; for secret ballots only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// Body of a voter's question whether the own secret ballot is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposalReceipt {
    /// As it was sent with the vote.
    pub receipt: String,
}

/// A ballot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Ballot {
    /// Whose, where ballots are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Where they are secret: SHA-256 of the proposal's id, a colon and the receipt, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// For this option, counted from 0.
    pub option: u32,
}

/// Ballots: open ones at any time, secret ones once they were counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct BallotList {
    /// In an order that tells nothing of when they were cast.
    pub ballots: Vec<Ballot>,
    /// Where the next page begins; absent at the end.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
}

/// What was done with a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalDeed {
    /// It was opened.
    #[default]
    Opened,
    /// An open vote was cast.
    Voted,
    /// An open vote was changed.
    Changed,
    /// It was taken back.
    Withdrawn,
    /// The votes were counted.
    Closed,
    /// The decision took effect.
    Applied,
    /// The decision could not take effect.
    Refused,
    /// The hook was given up.
    GivenUp,
}

/// One line of what was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ProposalAct {
    /// Counted from 1.
    pub seq: u32,
    /// Who did it; absent for the house.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// What.
    pub act: ProposalDeed,
    /// The option of an open vote, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<u32>,
    /// When.
    #[schema(format = DateTime)]
    pub time: String,
}

/// What was done, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ProposalActList {
    /// Up to the limit asked for.
    pub acts: Vec<ProposalAct>,
    /// Where the next page begins; absent at the end.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
}

/// What a group asks of proposals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GovernancePolicy {
    /// The lowest role that may open proposals without effect: 0 superadmin, 1 admin, 2 member.
    pub polls_state: i32,
    /// The lowest role that may open proposals that take effect. Below superadmins, the following is asked for.
    pub binding_state: i32,
    /// The least quorum, in so many of a thousand of all members.
    pub quorum_permille: u32,
    /// The least majority.
    pub majority: Majority,
    /// The least time for voting.
    pub open_sec: u32,
}
