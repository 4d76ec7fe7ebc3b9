//! Parties against a model of theirs, and who may do what.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::matchmaker::tests::{Bench, heard, run};

fn parties(bench: &Bench) -> Parties {
    Parties::new(&bench.core, &bench.matchmaker)
}

fn open(max_size: i64) -> NewParty {
    NewParty { open: true, max_size, ..NewParty::default() }
}

fn id_of(shown: &Shown) -> u128 {
    parse_id(&shown.party_id).unwrap()
}

fn wanted(count: i64) -> Wanted {
    Wanted { min_count: count, max_count: count, query: "*".into(), ..Wanted::default() }
}

/// Every act of every kind of caller.
#[test]
fn who_may_do_what() {
    type Act = (&'static str, fn(&Parties, &Arc<Session>, u128, SessionId) -> Result<(), PartyError>);
    let acts: &[Act] = &[
        ("promote", |parties, session, id, other| parties.promote(session, id, other).map(drop)),
        ("accept", |parties, session, id, _| parties.accept(session, id, SessionId(3))),
        ("remove", |parties, session, id, other| parties.remove(session, id, other)),
        ("close", |parties, session, id, _| parties.close(session, id)),
        ("requests", |parties, session, id, _| parties.requests(session, id).map(drop)),
        ("update", |parties, session, id, _| {
            parties.update(session, PartyUpdate { party_id: party_id(id), ..PartyUpdate::default() })
        }),
        ("search", |parties, session, id, _| parties.matchmaker_add(session, id, wanted(4)).map(drop)),
        ("stop", |parties, session, id, _| parties.matchmaker_remove(session, id, "x")),
        ("send", |parties, session, id, _| parties.send(session, id, 1, Vec::new())),
        ("leave", |parties, session, id, _| parties.leave(session, id)),
        ("join", |parties, session, id, _| parties.join(session, id).map(drop)),
    ];
    let callers: &[(&str, [&str; 11])] = &[
        ("leader", ["ok", "ok", "ok", "ok", "ok", "ok", "ok", "no ticket", "ok", "ok", "ok"]),
        ("member", ["rank", "rank", "rank", "rank", "rank", "rank", "rank", "rank", "ok", "ok", "ok"]),
        ("asking", ["none", "none", "none", "none", "none", "none", "none", "none", "none", "none", "ok"]),
        ("stranger", ["none", "none", "none", "none", "none", "none", "none", "none", "none", "none", "ok"]),
    ];
    for (caller, (who, expected)) in callers.iter().enumerate() {
        for ((act, work), expected) in acts.iter().zip(expected) {
            let bench = Bench::new(|_| {});
            let parties = parties(&bench);
            let sessions: Vec<_> = (1..=4).map(|user| bench.session(user)).collect();
            let id = id_of(&parties.create(&sessions[0], open(4)).unwrap());
            parties.join(&sessions[1], id).unwrap();
            let closed = PartyUpdate { party_id: party_id(id), ..PartyUpdate::default() };
            parties.update(&sessions[0], closed).unwrap();
            assert_eq!(parties.join(&sessions[2], id), Ok(Joining::Asked));
            let found = match work(&parties, &sessions[caller], id, sessions[1].id) {
                Ok(()) => "ok",
                Err(PartyError::NotLeader) => "rank",
                Err(PartyError::NotFound) => "none",
                Err(PartyError::Matchmaker(MatchmakerError::NotFound)) => "no ticket",
                Err(error) => panic!("{who} {act}: {error}"),
            };
            assert_eq!(found, *expected, "{who} {act}");
            let gone = work(&parties, &sessions[caller], 1, sessions[1].id);
            assert_eq!(gone, Err(PartyError::NotFound), "{who} {act} without a party");
        }
    }
}

#[test]
fn requests_are_bounded_and_those_who_went_are_forgotten() {
    let bench = Bench::new(|_| {});
    let parties = parties(&bench);
    let leader = bench.session(1);
    let id = id_of(&parties.create(&leader, NewParty { max_size: 2, ..NewParty::default() }).unwrap());
    let asking: Vec<_> = (0..REQUESTS_MAX as u128).map(|user| bench.session(100 + user)).collect();
    for session in &asking {
        assert_eq!(parties.join(session, id), Ok(Joining::Asked));
        assert_eq!(parties.join(session, id), Ok(Joining::Asked), "asked once");
    }
    let late = bench.session(2);
    assert_eq!(parties.join(&late, id), Err(PartyError::TooManyRequests));
    bench.core.streams().gone(&asking[7]);
    assert_eq!(parties.join(&late, id), Ok(Joining::Asked));
    let PartyJoinRequest { presences, .. } = parties.requests(&leader, id).unwrap();
    assert_eq!(presences.len(), REQUESTS_MAX);
    assert_eq!(presences.last().unwrap().username, "u2");
    parties.accept(&leader, id, late.id).unwrap();
    assert_eq!(parties.accept(&leader, id, asking[0].id), Err(PartyError::Join(JoinError::Full)));
    assert_eq!(parties.requests(&leader, id).unwrap().presences.len(), REQUESTS_MAX - 1, "it asks on");
}

#[test]
fn a_party_waits_for_a_member_who_was_lost() {
    let bench = Bench::new(|_| {});
    let parties = parties(&bench);
    let (a, b, c) = (bench.session(1), bench.session(2), bench.session(3));
    let id = id_of(&parties.create(&a, open(0)).unwrap());
    parties.join(&b, id).unwrap();
    let ticket = parties.matchmaker_add(&a, id, wanted(3)).unwrap().ticket;
    bench.matchmaker.add(&c, wanted(3)).unwrap();
    bench.lose(&b, i64::MAX);
    run(bench.matchmaker.interval());
    assert!(!heard(&a).iter().any(|message| matches!(message, Message::MatchmakerMatched(_))));
    let back = bench.resume(2);
    run(bench.matchmaker.interval());
    for session in [&a, &back] {
        let told = heard(session).into_iter().find_map(|message| match message {
            Message::MatchmakerMatched(matched) => Some(matched),
            _ => None,
        });
        let matched = told.expect("both are told");
        assert_eq!((matched.ticket, matched.users.len()), (ticket.clone(), 3));
        assert_eq!(matched.own.unwrap().party_id, party_id(id));
    }
    // One who does not come back takes the party's tickets along.
    parties.matchmaker_add(&a, id, wanted(3)).unwrap();
    bench.lose(&back, 5);
    bench.core.streams().sweep(5);
    assert_eq!(bench.matchmaker.stats().tickets, 0);
}

#[test]
fn sizes_and_labels_are_bounded() {
    let bench = Bench::new(|_| {});
    let parties = parties(&bench);
    let a = bench.session(1);
    for (size, expected) in
        [(-1, Err(PartyError::Size)), (257, Err(PartyError::Size)), (0, Ok(256)), (9, Ok(9))]
    {
        assert_eq!(parties.create(&a, open(size)).map(|party| party.max_size), expected);
    }
    let label = "x".repeat(LABEL_BYTES_MAX + 1);
    assert_eq!(parties.create(&a, NewParty { label, ..open(1) }).map(drop), Err(PartyError::Label));
    bench.core.streams().gone(&a);
    assert!(parties.is_empty(), "nobody is left");
    assert_eq!(parties.create(&a, open(1)).map(drop), Err(PartyError::Join(JoinError::Ended)));
    assert!(parties.is_empty());
}

#[derive(Clone, Debug)]
enum Step {
    Create(usize, bool, usize),
    Join(usize, usize),
    Leave(usize, usize),
    Promote(usize, usize, usize),
    Accept(usize, usize, usize),
    Remove(usize, usize, usize),
    Close(usize, usize),
    Search(usize, usize),
    Lose(usize),
    Return(usize),
    Go(usize),
}

const USERS: usize = 5;

fn step() -> impl Strategy<Value = Step> {
    let (user, party) = (|| 0..USERS, || 0..3usize);
    prop_oneof![
        3 => (user(), any::<bool>(), 1..4usize).prop_map(|(u, open, size)| Step::Create(u, open, size)),
        6 => (user(), party()).prop_map(|(u, p)| Step::Join(u, p)),
        2 => (user(), party()).prop_map(|(u, p)| Step::Leave(u, p)),
        2 => (user(), party(), user()).prop_map(|(u, p, o)| Step::Promote(u, p, o)),
        4 => (user(), party(), user()).prop_map(|(u, p, o)| Step::Accept(u, p, o)),
        2 => (user(), party(), user()).prop_map(|(u, p, o)| Step::Remove(u, p, o)),
        1 => (user(), party()).prop_map(|(u, p)| Step::Close(u, p)),
        2 => (user(), party()).prop_map(|(u, p)| Step::Search(u, p)),
        2 => user().prop_map(Step::Lose),
        3 => user().prop_map(Step::Return),
        1 => user().prop_map(Step::Go),
    ]
}

/// A party as it should be. Users stand for their sessions.
#[derive(Clone, Debug)]
struct Model {
    open: bool,
    max_size: usize,
    leader: usize,
    members: Vec<usize>,
    requests: Vec<usize>,
    tickets: usize,
}

impl Model {
    /// A member goes. `false` if nobody is left.
    fn lose(&mut self, user: usize) -> bool {
        self.members.retain(|member| *member != user);
        self.tickets = 0;
        if self.leader == user
            && let Some(oldest) = self.members.first()
        {
            self.leader = *oldest;
        }
        !self.members.is_empty()
    }
}

proptest! {
    #[test]
    fn parties_are_as_their_model(steps in prop::collection::vec(step(), 0..80)) {
        let bench = Bench::new(|_| {});
        let parties = parties(&bench);
        let mut sessions: Vec<_> = (0..USERS).map(|user| bench.session(user as u128)).collect();
        let mut here = [true; USERS];
        let mut models: BTreeMap<u128, Model> = BTreeMap::new();
        for step in steps {
            let at = |models: &BTreeMap<u128, Model>, party: usize| models.keys().nth(party).copied();
            match step {
                Step::Create(user, open, size) if here[user] && models.len() < 3 => {
                    let new = NewParty { open, max_size: size as i64, ..NewParty::default() };
                    let id = id_of(&parties.create(&sessions[user], new).unwrap());
                    let (members, requests) = (vec![user], Vec::new());
                    models.insert(id, Model { open, max_size: size, leader: user, members, requests, tickets: 0 });
                }
                Step::Join(user, party) if here[user] => if let Some(id) = at(&models, party) {
                    let model = models.get_mut(&id).unwrap();
                    let joined = parties.join(&sessions[user], id);
                    if model.members.contains(&user) {
                        prop_assert!(matches!(joined, Ok(Joining::Joined(_))));
                    } else if !model.open {
                        prop_assert_eq!(joined, Ok(Joining::Asked));
                        if !model.requests.contains(&user) {
                            model.requests.push(user);
                        }
                    } else if model.members.len() == model.max_size {
                        prop_assert_eq!(joined, Err(PartyError::Join(JoinError::Full)));
                    } else {
                        prop_assert!(matches!(joined, Ok(Joining::Joined(_))));
                        model.members.push(user);
                        model.requests.retain(|other| *other != user);
                        model.tickets = 0;
                    }
                },
                Step::Leave(user, party) if here[user] => if let Some(id) = at(&models, party) {
                    let model = models.get_mut(&id).unwrap();
                    let member = model.members.contains(&user);
                    prop_assert_eq!(parties.leave(&sessions[user], id).is_ok(), member);
                    if member && !model.lose(user) {
                        models.remove(&id);
                    }
                },
                Step::Promote(user, party, other) if here[user] => if let Some(id) = at(&models, party) {
                    let model = models.get_mut(&id).unwrap();
                    let done = model.leader == user && model.members.contains(&other);
                    prop_assert_eq!(parties.promote(&sessions[user], id, sessions[other].id).is_ok(), done);
                    if done {
                        model.leader = other;
                    }
                },
                Step::Accept(user, party, other) if here[user] => if let Some(id) = at(&models, party) {
                    let model = models.get_mut(&id).unwrap();
                    let accepted = parties.accept(&sessions[user], id, sessions[other].id);
                    let asked = model.leader == user && model.requests.contains(&other);
                    let full = model.members.len() == model.max_size;
                    prop_assert_eq!(accepted.is_ok(), asked && !full && here[other]);
                    if asked && !full {
                        model.requests.retain(|one| *one != other);
                        if here[other] {
                            model.members.push(other);
                            model.tickets = 0;
                        }
                    }
                },
                Step::Remove(user, party, other) if here[user] => if let Some(id) = at(&models, party) {
                    let model = models.get_mut(&id).unwrap();
                    let removed = parties.remove(&sessions[user], id, sessions[other].id);
                    // Those who are away have been forgotten.
                    let asked = model.requests.contains(&other) && here[other];
                    let member = model.members.contains(&other);
                    prop_assert_eq!(removed.is_ok(), model.leader == user && (asked || member));
                    if removed.is_ok() && asked {
                        model.requests.retain(|one| *one != other);
                    } else if removed.is_ok() && !model.lose(other) {
                        models.remove(&id);
                    }
                },
                Step::Close(user, party) if here[user] => if let Some(id) = at(&models, party) {
                    let leads = models[&id].leader == user;
                    prop_assert_eq!(parties.close(&sessions[user], id).is_ok(), leads);
                    if leads {
                        models.remove(&id);
                    }
                },
                Step::Search(user, party) if here[user] => if let Some(id) = at(&models, party) {
                    let model = models.get_mut(&id).unwrap();
                    let found = parties.matchmaker_add(&sessions[user], id, wanted(4));
                    prop_assert_eq!(found.is_ok(), model.leader == user && model.tickets < 3);
                    model.tickets += usize::from(found.is_ok());
                },
                Step::Lose(user) if here[user] => {
                    bench.lose(&sessions[user], i64::MAX);
                    here[user] = false;
                }
                Step::Return(user) if !here[user] => {
                    // What it asked for was asked by a session that is no more.
                    models.values_mut().for_each(|model| model.requests.retain(|one| *one != user));
                    sessions[user] = bench.resume(user as u128);
                    here[user] = true;
                }
                Step::Go(user) if here[user] => {
                    bench.core.streams().gone(&sessions[user]);
                    models.retain(|_, model| {
                        model.requests.retain(|one| *one != user);
                        !model.members.contains(&user) || model.lose(user)
                    });
                    here[user] = false;
                }
                _ => {}
            }
            let tickets: usize = models.values().map(|model| model.tickets).sum();
            prop_assert_eq!(bench.matchmaker.stats().tickets, tickets);
            prop_assert_eq!(parties.len(), models.len());
            for (id, model) in &models {
                let shown = {
                    let table = parties.table.lock();
                    parties.shown(*id, &table[id], &sessions[0])
                };
                let users: Vec<_> = shown.presences.iter().map(|presence| &presence.username[1..]).collect();
                let expected: Vec<_> = model.members.iter().map(usize::to_string).collect();
                prop_assert_eq!(users, expected);
                let leader = format!("u{}", model.leader);
                prop_assert_eq!(shown.leader.unwrap().username, leader);
                if here[model.leader] {
                    let asking = parties.requests(&sessions[model.leader], *id).unwrap().presences;
                    let asking: Vec<_> = asking.iter().map(|presence| presence.username.clone()).collect();
                    // Those who are away are not shown, and forgotten.
                    let expected: Vec<_> = model.requests.iter().filter(|user| here[**user])
                        .map(|user| format!("u{user}")).collect();
                    prop_assert_eq!(asking, expected);
                }
            }
        }
        for session in &sessions {
            bench.core.streams().gone(session);
        }
        bench.core.streams().sweep(i64::MAX);
        prop_assert!(parties.is_empty());
        prop_assert_eq!(bench.matchmaker.stats().tickets, 0);
    }
}
