//! Ballots against a plain recount: every elector counts once, and what was decided is done once, whatever is sent
//! again, at once, or lost in a crash.

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier, Mutex};

use proptest::prelude::*;
use store::*;

use crate::samples::user;
use crate::suite::Engine;
use crate::suite::governance::{PROPOSAL, close, everybody, opening, village, vote};
use crate::suite::groups::{GROUP, by, new_group, people};

const USERS: u128 = 7;
const CHOICES: u32 = 3;

/// Somebody votes, perhaps under somebody else's tag, perhaps for nothing that there is.
#[derive(Clone, Debug)]
enum Event {
    Vote { who: u128, choice: u32, tag: u8 },
    Leave(u128),
    Come(u128),
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (1..=USERS, 0..=CHOICES, 0..10u8).prop_map(|(who, choice, tag)| Event::Vote { who, choice, tag }),
        1 => (2..=USERS).prop_map(Event::Leave),
        1 => (2..=USERS).prop_map(Event::Come),
    ]
}

fn terms() -> impl Strategy<Value = ProposalTerms> {
    let quorum = prop_oneof![(1..6u32).prop_map(Quorum::Votes), (1..=1_000u32).prop_map(Quorum::PerMille)];
    let majority = prop::sample::select(vec![Majority::Plurality, Majority::Absolute, Majority::TwoThirds]);
    let tie = prop::sample::select(vec![TieRule::Rejected, TieRule::First]);
    (any::<bool>(), any::<bool>(), quorum, majority, tie).prop_map(
        |(secret, change, quorum, majority, tie)| ProposalTerms {
            secret,
            changeable: change && !secret,
            quorum,
            majority,
            tie,
        },
    )
}

/// Counted by hand, with fractions, ballot by ballot.
fn by_hand(ballots: &[u32], electorate: usize, terms: &ProposalTerms) -> ProposalOutcome {
    let cast = ballots.len();
    let turnout = match terms.quorum {
        Quorum::Votes(least) => cast >= least as usize,
        Quorum::PerMille(share) => cast as f64 / electorate as f64 >= f64::from(share) / 1_000.0,
    };
    if cast == 0 || !turnout {
        return ProposalOutcome::NoQuorum;
    }
    let votes = |choice: u32| ballots.iter().filter(|ballot| **ballot == choice).count();
    let most = (0..CHOICES).map(votes).max().unwrap();
    let top: Vec<u32> = (0..CHOICES).filter(|choice| votes(*choice) == most).collect();
    let share = most as f64 / cast as f64;
    match terms.majority {
        Majority::Plurality if top.len() == 1 || terms.tie == TieRule::First => {
            ProposalOutcome::Chosen(top[0])
        }
        Majority::Plurality => ProposalOutcome::Tie,
        Majority::Absolute if share > 0.5 => ProposalOutcome::Chosen(top[0]),
        Majority::TwoThirds if share + 1e-9 >= 2.0 / 3.0 => ProposalOutcome::Chosen(top[0]),
        _ => ProposalOutcome::NoMajority,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_elector_counts_once(terms in terms(), course in prop::collection::vec(events(), 0..40)) {
        let mut store = Store::open_manual(Place::Memory, Options::default()).unwrap();
        people(&mut store, USERS);
        let mut group = new_group(GROUP, "Model");
        group.max_count = 100;
        store.run(GroupCreate { creator: user(1), group }).unwrap().unwrap();
        let mut here: Vec<u128> = (1..USERS).collect();
        let add = |targets: &[u128]| GroupAct {
            group: GROUP,
            actor: Actor::House,
            act: Act::Add,
            targets: targets.iter().map(|one| user(*one)).collect(),
            at_ms: 20,
        };
        store.run(add(&here)).unwrap().unwrap();
        let electors = here.clone();
        let mut open = opening(PROPOSAL, by(1), None);
        open.terms = terms.clone();
        open.choices.push(ProposalChoice { text: "perhaps".into(), effect: None });
        store.run(open).unwrap().unwrap();
        // Who voted what, and under which tag.
        let mut cast: BTreeMap<u128, (u32, u8)> = BTreeMap::new();
        for event in &course {
            match *event {
                Event::Vote { who, choice, tag } => {
                    let tag = if terms.secret { tag } else { 0 };
                    let taken = terms.secret && cast.values().any(|(_, used)| *used == tag);
                    let allowed = here.contains(&who) && electors.contains(&who) && choice < CHOICES;
                    let allowed = allowed && match cast.get(&who) {
                        // A secret vote that is sent again is one whose ballot lies there already.
                        Some(_) if terms.secret => cast.values().any(|known| *known == (choice, tag)),
                        Some((known, _)) => terms.changeable || *known == choice,
                        None => !taken,
                    };
                    let answer = store.run(vote(who, choice, tag)).unwrap();
                    prop_assert_eq!(answer.is_ok(), allowed, "{:?}: {:?} in {:?}", event, answer, cast);
                    if allowed && !(terms.secret && cast.contains_key(&who)) {
                        cast.insert(who, (choice, tag));
                    }
                }
                Event::Leave(who) => {
                    let kick = GroupAct { act: Act::Kick, ..add(&[who]) };
                    store.run(kick).unwrap().unwrap();
                    here.retain(|one| *one != who);
                }
                Event::Come(who) => {
                    store.run(add(&[who])).unwrap().unwrap();
                    if !here.contains(&who) {
                        here.push(who);
                    }
                }
            }
        }
        let judged = close(&mut store, PROPOSAL).unwrap().proposal;
        let ballots: Vec<u32> = cast.values().map(|(choice, _)| *choice).collect();
        let counts: Vec<u32> = (0..CHOICES)
            .map(|choice| u32::try_from(ballots.iter().filter(|ballot| **ballot == choice).count()).unwrap())
            .collect();
        prop_assert_eq!(&judged.counts, &counts);
        prop_assert_eq!(judged.votes as usize, cast.len());
        prop_assert_eq!(judged.outcome, Some(by_hand(&ballots, electors.len(), &terms)));
        prop_assert_eq!(close(&mut store, PROPOSAL), None);
        let page = BallotsPage { group: GROUP, proposal: PROPOSAL, actor: by(1), after: Vec::new(), limit: 100 };
        prop_assert_eq!(store.run(page).unwrap().unwrap().len(), cast.len());
    }

    #[test]
    fn a_recount_of_any_counts_is_the_plain_one(
        counts in prop::collection::vec(0..9u32, CHOICES as usize),
        more in 0..20usize,
        terms in terms(),
    ) {
        let ballots: Vec<u32> =
            (0u32..).zip(&counts).flat_map(|(choice, votes)| vec![choice; *votes as usize]).collect();
        let electorate = ballots.len() + more;
        let known = Some(u32::try_from(electorate).unwrap());
        prop_assert_eq!(recount(&counts, known, &terms), by_hand(&ballots, electorate, &terms));
    }
}

/// Closed by many threads at once, a decision is done by one of them.
#[test]
fn closing_at_once_decides_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(dir.path(), Options::default()).unwrap();
    village(&mut store);
    let effect = ProposalEffect::Expel { user: user(4), ban: false };
    store.run(opening(PROPOSAL, by(1), Some(effect))).unwrap().unwrap();
    store.run(vote(1, 0, 0)).unwrap().unwrap();
    let start = Arc::new(Barrier::new(8));
    let judged = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (mut store, start, judged) = (store.clone(), Arc::clone(&start), Arc::clone(&judged));
            scope.spawn(move || {
                start.wait();
                if let Some(done) = close(&mut store, PROPOSAL) {
                    judged.lock().unwrap().push(done);
                }
            });
        }
    });
    let judged = judged.lock().unwrap();
    assert_eq!(judged.len(), 1);
    assert_eq!(judged[0].done.as_ref().unwrap().changes.len(), 1);
    // Whoever comes back is not put out a second time.
    let back = GroupAct { group: GROUP, actor: by(1), act: Act::Add, targets: vec![user(4)], at_ms: 100_001 };
    store.run(back).unwrap().unwrap();
    assert!(close(&mut store, PROPOSAL).is_none());
    assert!(store.run(GroupRole { group: GROUP, user: user(4) }).unwrap().is_some());
}

/// A commit that fails takes the decision and its effect back together; one that was lost on the way has done both.
#[test]
fn a_crash_leaves_both_or_neither() {
    for fault in [CommitFault::Full, CommitFault::LostBefore, CommitFault::LostAfter] {
        let next: Arc<Mutex<Option<CommitFault>>> = Arc::default();
        let (asked, options) = (Arc::clone(&next), Options::default());
        let options = Options { fault: Some(Box::new(move || asked.lock().unwrap().take())), ..options };
        let mut store = Store::open_manual(Place::Memory, options).unwrap();
        village(&mut store);
        let effect = ProposalEffect::Role { user: user(3), role: Role::Superadmin };
        store.run(opening(PROPOSAL, by(1), Some(effect))).unwrap().unwrap();
        store.run(vote(1, 0, 0)).unwrap().unwrap();
        *next.lock().unwrap() = Some(fault);
        assert!(store.run(ProposalClose { proposal: PROPOSAL, at_ms: 100_000 }).is_err());
        let role = store.run(GroupRole { group: GROUP, user: user(3) }).unwrap().unwrap().role;
        let again = close(&mut store, PROPOSAL);
        if fault == CommitFault::LostAfter {
            assert_eq!((role, again.is_some()), (Role::Superadmin, false), "{fault:?}");
        } else {
            assert_eq!((role, again.is_some()), (Role::Member, true), "{fault:?}");
        }
        let role = store.run(GroupRole { group: GROUP, user: user(3) }).unwrap().unwrap().role;
        assert_eq!(role, Role::Superadmin);
        let acts = ProposalActs { group: GROUP, proposal: PROPOSAL, actor: by(1), after: 0, limit: 99 };
        let acts: Vec<_> = store.run(acts).unwrap().unwrap().into_iter().map(|line| line.act).collect();
        assert_eq!(acts, [Acted::Opened, Acted::Voted(0), Acted::Closed, Acted::Applied], "{fault:?}");
    }
}

#[test]
fn electorates_are_the_roles_and_times_that_were_asked_for() {
    let mut store = Store::open_manual(Place::Memory, Options::default()).unwrap();
    village(&mut store);
    let mut count = |id, electorate| {
        let open = ProposalOpen { electorate, ..opening(ProposalId(id), Actor::House, None) };
        store.run(open).unwrap().map(|opened| opened.electorate)
    };
    let of =
        |roles: &[Role], joined_before_ms| Electorate::Members { roles: roles.to_vec(), joined_before_ms };
    assert_eq!(count(700, everybody()), Ok(Some(4)));
    assert_eq!(count(701, of(&[Role::Member, Role::Member], None)), Ok(Some(2)));
    assert_eq!(count(702, of(&[Role::Superadmin, Role::Admin], None)), Ok(Some(2)));
    assert_eq!(count(703, of(&[Role::Superadmin, Role::Member], Some(15))), Ok(Some(1)));
    assert_eq!(count(704, of(&[Role::Member], Some(20))), Err(Objection::NoElectors));
}
