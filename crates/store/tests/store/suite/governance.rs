//! Governance on every engine: opening, voting both ways, deciding once, and effects.

use store::*;

use super::Engine;

use super::groups::{GROUP, act, by, make, people, role};
use crate::samples::user;

pub const PROPOSAL: ProposalId = ProposalId(500);

pub fn terms() -> ProposalTerms {
    ProposalTerms {
        secret: false,
        changeable: false,
        quorum: Quorum::Votes(1),
        majority: Majority::Plurality,
        tie: TieRule::Rejected,
    }
}

pub fn everybody() -> Electorate {
    let roles = vec![Role::Superadmin, Role::Admin, Role::Member];
    Electorate::Members { roles, joined_before_ms: None }
}

/// A choice between two: the first does this.
pub fn opening(id: ProposalId, actor: Actor, effect: Option<ProposalEffect>) -> ProposalOpen {
    let choice = |text: &str, effect| ProposalChoice { text: text.into(), effect };
    ProposalOpen {
        id,
        group: GROUP,
        actor,
        title: "What now?".into(),
        text: String::new(),
        choices: vec![choice("yes", effect), choice("no", None)],
        terms: terms(),
        electorate: everybody(),
        deadline_ms: 100_000,
        at_ms: 50,
    }
}

pub fn vote(number: u128, choice: u32, tag: u8) -> ProposalVote {
    let cast = Cast { choice, tag: [tag; 32] };
    ProposalVote { group: GROUP, proposal: PROPOSAL, user: user(number), cast, at_ms: 60 }
}

pub fn close(engine: &mut impl Engine, id: ProposalId) -> Option<Judged> {
    engine.run(ProposalClose { proposal: id, at_ms: 100_000 }).unwrap()
}

/// User 1 is superadmin, 2 admin, 3 and 4 are members; 5 and 6 are nobody.
pub fn village(engine: &mut impl Engine) {
    people(engine, 6);
    make(engine, GROUP, "Village", 1).unwrap();
    act(engine, Actor::House, Act::Add, &[2, 3, 4]).unwrap();
    act(engine, by(1), Act::Promote, &[2]).unwrap();
}

fn get(engine: &mut impl Engine, number: u128) -> ProposalSeen {
    let get = ProposalGet { group: GROUP, proposal: PROPOSAL, actor: by(number) };
    engine.run(get).unwrap().unwrap()
}

pub fn open_votes_are_counted_and_shown(engine: &mut impl Engine) {
    village(engine);
    let mut open = opening(PROPOSAL, by(3), None);
    open.terms.changeable = true;
    let opened = engine.run(open).unwrap().unwrap();
    assert_eq!((opened.electorate, opened.state, opened.votes), (Some(4), ProposalState::Open, 0));
    act(engine, Actor::House, Act::Kick, &[4]).unwrap();
    assert_eq!(engine.run(vote(5, 0, 0)).unwrap(), Err(Objection::NotAnElector), "a stranger");
    assert_eq!(engine.run(vote(4, 0, 0)).unwrap(), Err(Objection::NotAnElector), "has left");
    engine
        .run(GroupUpdate {
            group: GROUP,
            actor: by(1),
            settings: GroupSettings { max_count: Some(9), ..Default::default() },
            at_ms: 55,
        })
        .unwrap()
        .unwrap();
    act(engine, Actor::House, Act::Add, &[5]).unwrap();
    assert_eq!(engine.run(vote(5, 0, 0)).unwrap(), Err(Objection::NotAnElector), "came later");
    assert_eq!(engine.run(vote(1, 2, 0)).unwrap(), Err(Objection::NoSuchChoice));
    for (number, choice) in [(1, 0), (2, 1), (3, 1), (3, 1), (1, 1)] {
        assert_eq!(engine.run(vote(number, choice, 0)).unwrap(), Ok(()));
    }
    let seen = get(engine, 2);
    assert_eq!((seen.proposal.counts.as_slice(), seen.proposal.votes), (&[0, 3][..], 3));
    assert_eq!(seen.viewer, Viewer { elector: true, voted: true, choice: Some(1) });
    assert_eq!(get(engine, 5).viewer, Viewer::default());
    let late = ProposalVote { at_ms: 100_000, ..vote(2, 0, 0) };
    assert_eq!(engine.run(late).unwrap(), Err(Objection::Closed));
    let early = ProposalClose { proposal: PROPOSAL, at_ms: 99_999 };
    assert_eq!(engine.run(early).unwrap(), None);
    let judged = close(engine, PROPOSAL).unwrap();
    assert_eq!(judged.proposal.outcome, Some(ProposalOutcome::Chosen(1)));
    assert_eq!(close(engine, PROPOSAL), None, "once");
    let seen = get(engine, 1).proposal;
    assert_eq!((seen.state, seen.counts), (ProposalState::Decided, vec![0, 3]));
    let acts = ProposalActs { group: GROUP, proposal: PROPOSAL, actor: by(3), after: 0, limit: 9 };
    let acts = engine.run(acts).unwrap().unwrap();
    let told: Vec<_> = acts.iter().map(|line| (line.by.map(|one| one.0 - user(0).0), line.act)).collect();
    let expected = [
        (Some(3), Acted::Opened),
        (Some(1), Acted::Voted(0)),
        (Some(2), Acted::Voted(1)),
        (Some(3), Acted::Voted(1)),
        (Some(1), Acted::Changed(1)),
        (None, Acted::Closed),
    ];
    assert_eq!(told, expected);
    let ballots = BallotsPage { group: GROUP, proposal: PROPOSAL, actor: by(3), after: Vec::new(), limit: 2 };
    let first = engine.run(ballots.clone()).unwrap().unwrap();
    let open = |number, choice| CastBallot::Open { user: user(number), choice };
    assert_eq!(first, [open(1, 1), open(2, 1)]);
    let rest = BallotsPage { after: user(2).to_bytes().to_vec(), ..ballots };
    assert_eq!(engine.run(rest).unwrap().unwrap(), [open(3, 1)]);
}

pub fn secret_votes_lead_to_nobody(engine: &mut impl Engine) {
    village(engine);
    let mut open = opening(PROPOSAL, by(1), None);
    open.terms.secret = true;
    engine.run(open).unwrap().unwrap();
    assert_eq!(engine.run(vote(1, 0, 7)).unwrap(), Ok(()));
    assert_eq!(engine.run(vote(1, 0, 7)).unwrap(), Ok(()), "sent again");
    assert_eq!(engine.run(vote(1, 1, 7)).unwrap(), Err(Objection::Voted));
    assert_eq!(engine.run(vote(1, 0, 8)).unwrap(), Err(Objection::Voted));
    assert_eq!(engine.run(vote(2, 0, 7)).unwrap(), Err(Objection::ReceiptTaken));
    assert_eq!(engine.run(vote(2, 1, 3)).unwrap(), Ok(()));
    assert_eq!(engine.run(vote(3, 0, 200)).unwrap(), Ok(()));
    let seen = get(engine, 1);
    assert_eq!((seen.proposal.votes, seen.proposal.counts), (3, vec![]), "nothing is told before the end");
    assert_eq!(seen.viewer, Viewer { elector: true, voted: true, choice: None });
    let ballots =
        BallotsPage { group: GROUP, proposal: PROPOSAL, actor: Actor::House, after: Vec::new(), limit: 9 };
    assert_eq!(engine.run(ballots.clone()).unwrap().unwrap(), [], "not even to the house");
    let find = |tag: u8| BallotFind { group: GROUP, proposal: PROPOSAL, actor: by(4), tag: [tag; 32] };
    assert_eq!(engine.run(find(3)).unwrap(), Ok(Some(1)));
    assert_eq!(engine.run(find(4)).unwrap(), Ok(None));
    let judged = close(engine, PROPOSAL).unwrap();
    assert_eq!(judged.proposal.counts, [2, 1]);
    let secret = |tag: u8, choice| CastBallot::Secret { tag: [tag; 32], choice };
    assert_eq!(engine.run(ballots).unwrap().unwrap(), [secret(3, 1), secret(7, 0), secret(200, 0)]);
    let acts = ProposalActs { group: GROUP, proposal: PROPOSAL, actor: Actor::House, after: 0, limit: 9 };
    let acts: Vec<_> = engine.run(acts).unwrap().unwrap().into_iter().map(|line| line.act).collect();
    assert_eq!(acts, [Acted::Opened, Acted::Closed]);
}

pub fn who_may_open_is_the_groups_policy(engine: &mut impl Engine) {
    village(engine);
    let expel = || Some(ProposalEffect::Expel { user: user(4), ban: false });
    let mut number = 600;
    let mut open = |engine: &mut _, actor, effect, change: fn(&mut ProposalOpen)| {
        number += 1;
        let mut open = opening(ProposalId(number), actor, effect);
        change(&mut open);
        Engine::run(engine, open).unwrap().map(drop)
    };
    let as_is: fn(&mut ProposalOpen) = |_| {};
    assert_eq!(open(engine, by(5), None, as_is), Err(Objection::Denied), "a stranger");
    assert_eq!(open(engine, by(4), None, as_is), Ok(()), "a member's poll");
    assert_eq!(open(engine, by(2), expel(), as_is), Err(Objection::Denied), "an admin's decision");
    assert_eq!(open(engine, by(1), expel(), as_is), Ok(()), "a superadmin's decision");
    let policy = GroupPolicy { binding: Role::Member, open_ms: 1_000, ..GroupPolicy::default() };
    let set = |actor| PolicySet { group: GROUP, actor, policy };
    assert_eq!(engine.run(set(by(2))).unwrap(), Err(Objection::Denied));
    assert_eq!(engine.run(set(by(1))).unwrap(), Ok(()));
    assert_eq!(engine.run(PolicyGet { group: GROUP }).unwrap(), policy);
    assert_eq!(open(engine, by(4), expel(), as_is), Err(Objection::BelowPolicy));
    let enough: fn(&mut ProposalOpen) = |open| {
        (open.terms.quorum, open.terms.majority) = (Quorum::PerMille(500), Majority::Absolute);
    };
    assert_eq!(open(engine, by(4), expel(), enough), Ok(()));
    let few: fn(&mut ProposalOpen) = |open| {
        (open.terms.quorum, open.terms.majority) = (Quorum::PerMille(500), Majority::Absolute);
        open.electorate = Electorate::Members { roles: vec![Role::Superadmin], joined_before_ms: None };
    };
    assert_eq!(open(engine, by(4), expel(), few), Err(Objection::BelowPolicy), "not all may vote");
    let nobody: fn(&mut ProposalOpen) = |open| {
        open.electorate = Electorate::Members { roles: vec![Role::Member], joined_before_ms: Some(5) };
    };
    assert_eq!(open(engine, by(1), None, nobody), Err(Objection::NoElectors));
    for _ in 0..OPEN_PER_MEMBER_MAX {
        assert_eq!(open(engine, by(3), None, as_is), Ok(()));
    }
    assert_eq!(open(engine, by(3), None, as_is), Err(Objection::TooManyOfMember));
    let house: fn(&mut ProposalOpen) = |open| {
        (open.group, open.electorate) = (HOUSE_GROUP, Electorate::Everybody);
    };
    assert_eq!(open(engine, by(1), None, house), Err(Objection::Denied));
    assert_eq!(open(engine, Actor::House, expel(), house), Err(Objection::HouseEffect));
    assert_eq!(open(engine, Actor::House, None, house), Ok(()));
}

pub fn a_decision_changes_the_group_once(engine: &mut impl Engine) {
    village(engine);
    let effects = [
        ProposalEffect::Role { user: user(3), role: Role::Superadmin },
        ProposalEffect::Expel { user: user(4), ban: true },
        ProposalEffect::Settings(GroupSettings { name: Some("Town".into()), ..Default::default() }),
        ProposalEffect::Role { user: user(4), role: Role::Admin },
    ];
    for (id, effect) in (1_000u128..).map(ProposalId).zip(effects) {
        engine.run(opening(id, by(1), Some(effect))).unwrap().unwrap();
        for number in [1, 2] {
            engine.run(ProposalVote { proposal: id, ..vote(number, 0, 0) }).unwrap().unwrap();
        }
        assert!(close(engine, id).is_some());
        assert_eq!(close(engine, id), None);
    }
    assert_eq!((role(engine, 3), role(engine, 4)), (Some(Role::Superadmin), Some(Role::Banned)));
    let group = engine.run(GroupGet { group: GROUP }).unwrap().unwrap();
    assert_eq!((group.name.as_str(), group.members), ("Town", 3));
    let refused = ProposalGet { group: GROUP, proposal: ProposalId(1_003), actor: Actor::House };
    let refused = engine.run(refused).unwrap().unwrap().proposal;
    assert_eq!((refused.state, refused.effect), (ProposalState::Decided, EffectState::Refused));
    assert!(refused.effect_note.contains("not found"), "{}", refused.effect_note);
}

pub fn hooks_are_claimed_and_noted(engine: &mut impl Engine) {
    village(engine);
    let hook = ProposalEffect::Hook { name: "feast".into(), input: "{}".into() };
    engine.run(opening(PROPOSAL, by(1), Some(hook))).unwrap().unwrap();
    engine.run(vote(1, 0, 0)).unwrap().unwrap();
    assert!(engine.run(HooksDue { now_ms: 200_000, limit: 9 }).unwrap().is_empty());
    assert_eq!(close(engine, PROPOSAL).unwrap().proposal.effect, EffectState::Pending);
    let due = engine.run(HooksDue { now_ms: 100_000, limit: 9 }).unwrap();
    assert_eq!((due.len(), due[0].tries, due[0].due_ms), (1, 0, 100_000));
    let claim = || HookClaim { proposal: PROPOSAL, due_ms: 100_000, again_ms: 160_000 };
    assert!(engine.run(claim()).unwrap());
    assert!(!engine.run(claim()).unwrap(), "somebody else has it");
    assert!(engine.run(HooksDue { now_ms: 159_999, limit: 9 }).unwrap().is_empty());
    assert_eq!(engine.run(HooksDue { now_ms: 160_000, limit: 9 }).unwrap()[0].tries, 1, "lost, so due again");
    let end = |effect, again_ms| HookEnd {
        proposal: PROPOSAL,
        effect,
        note: "no wood".into(),
        again_ms,
        at_ms: 161_000,
    };
    assert!(engine.run(end(EffectState::Pending, Some(170_000))).unwrap());
    assert_eq!(engine.run(HooksDue { now_ms: 170_000, limit: 9 }).unwrap()[0].due_ms, 170_000);
    assert!(engine.run(end(EffectState::Done, None)).unwrap());
    assert!(!engine.run(end(EffectState::Done, None)).unwrap(), "noted before");
    assert!(engine.run(HooksDue { now_ms: i64::MAX, limit: 9 }).unwrap().is_empty());
    assert_eq!(get(engine, 1).proposal.effect, EffectState::Done);
}

pub fn everybody_of_the_house_may_vote(engine: &mut impl Engine) {
    village(engine);
    let mut open = opening(PROPOSAL, Actor::House, None);
    (open.group, open.electorate, open.at_ms) = (HOUSE_GROUP, Electorate::Everybody, 6);
    assert_eq!(engine.run(open).unwrap().unwrap().electorate, None);
    let vote = |number, choice| ProposalVote { group: HOUSE_GROUP, ..vote(number, choice, 0) };
    assert_eq!(engine.run(vote(1, 0)).unwrap(), Err(Objection::NotAnElector), "the accounts are younger");
    let mut open = opening(ProposalId(501), Actor::House, None);
    (open.group, open.electorate) = (HOUSE_GROUP, Electorate::Users(vec![user(5), user(9), user(5)]));
    assert_eq!(engine.run(open).unwrap().unwrap().electorate, Some(1));
    let vote = |number, choice| ProposalVote { proposal: ProposalId(501), ..vote(number, choice) };
    assert_eq!(engine.run(vote(1, 0)).unwrap(), Err(Objection::NotAnElector));
    assert_eq!(engine.run(vote(5, 1)).unwrap(), Ok(()));
    assert_eq!(engine.run(vote(5, 0)).unwrap(), Err(Objection::Voted));
    let mut open = opening(ProposalId(502), Actor::House, None);
    (open.group, open.electorate) = (HOUSE_GROUP, Electorate::Everybody);
    engine.run(open).unwrap().unwrap();
    for number in 1..=3 {
        engine.run(ProposalVote { proposal: ProposalId(502), ..vote(number, 1) }).unwrap().unwrap();
    }
    let judged = close(engine, ProposalId(502)).unwrap().proposal;
    assert_eq!((judged.counts, judged.votes), (vec![0, 3], 3));
    let list = |state, before| ProposalsPage { group: HOUSE_GROUP, actor: by(6), state, before, limit: 2 };
    let ids = |found: Vec<ProposalSeen>| found.iter().map(|seen| seen.proposal.id.0).collect::<Vec<_>>();
    assert_eq!(ids(engine.run(list(None, None)).unwrap().unwrap()), [502, 501]);
    assert_eq!(ids(engine.run(list(None, Some(ProposalId(501)))).unwrap().unwrap()), [500]);
    assert_eq!(ids(engine.run(list(Some(ProposalState::Decided), None)).unwrap().unwrap()), [502]);
    assert_eq!(engine.run(ProposalsDue { now_ms: 100_000, limit: 9 }).unwrap().len(), 2);
    assert!(engine.run(ProposalsDue { now_ms: 99_999, limit: 9 }).unwrap().is_empty());
}

pub fn proposals_end_with_their_group_their_people_and_time(engine: &mut impl Engine) {
    village(engine);
    engine.run(opening(PROPOSAL, by(3), None)).unwrap().unwrap();
    engine.run(vote(3, 1, 0)).unwrap().unwrap();
    engine.run(vote(2, 1, 0)).unwrap().unwrap();
    let withdraw = |actor| ProposalWithdraw { group: GROUP, proposal: PROPOSAL, actor, at_ms: 70 };
    assert_eq!(engine.run(withdraw(by(2))).unwrap(), Err(Objection::Denied));
    engine.run(GovernanceForget { user: user(3), as_user: user(333) }).unwrap();
    let seen = get(engine, 1).proposal;
    assert_eq!((seen.proposer, seen.counts), (None, vec![0, 2]), "the vote stays, the name does not");
    let ballots = BallotsPage { group: GROUP, proposal: PROPOSAL, actor: by(1), after: Vec::new(), limit: 9 };
    let ballots = engine.run(ballots).unwrap().unwrap();
    assert_eq!(ballots[1], CastBallot::Open { user: user(333), choice: 1 });
    assert_eq!(engine.run(withdraw(by(1))).unwrap(), Ok(()));
    assert_eq!(engine.run(withdraw(by(1))).unwrap(), Err(Objection::Closed));
    assert_eq!(close(engine, PROPOSAL), None);
    engine.run(opening(ProposalId(501), by(1), None)).unwrap().unwrap();
    engine.run(GroupDelete { group: GROUP, actor: by(1), at_ms: 80 }).unwrap().unwrap();
    let get = |id| ProposalGet { group: GROUP, proposal: ProposalId(id), actor: Actor::House };
    assert_eq!(engine.run(get(501)).unwrap().unwrap().proposal.state, ProposalState::Void);
    assert_eq!(close(engine, ProposalId(501)), None);
    assert!(!engine.run(PruneDue { now_ms: 79 }).unwrap());
    assert!(engine.run(PruneDue { now_ms: 80 }).unwrap());
    let mut rounds = 0;
    while engine.run(GovernancePrune { now_ms: 80, limit: 3 }).unwrap() > 0 {
        rounds += 1;
    }
    assert!(rounds > 2, "a few rows at a time");
    assert_eq!(engine.run(get(501)).unwrap(), Err(Objection::NotFound));
    assert_eq!(engine.run(get(500)).unwrap(), Err(Objection::NotFound));
}
