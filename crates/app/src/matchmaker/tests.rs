//! The matchmaker around its pool: sessions that come and go while they wait, bounds, and what a match becomes.

use std::pin::pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use kernel::Registry;
use proptest::prelude::*;
use store::{FamilyId, Options, Place, Store, UserId};
use wire::envelope::{MatchmakerMatched, Message};

use super::*;
use crate::ports::{Clock, Entropy, Task};
use crate::rooms::{Library, ResumeKey, RoomsByHand, RoomsConfig, RoomsParts};
use crate::session::{Delivery, SessionId};

pub(crate) struct Hand(AtomicI64);

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
    fn monotonic_us(&self) -> u64 {
        0
    }
}

struct Count(AtomicU64);

impl Entropy for Count {
    fn u128(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Runs everything at once.
struct AtOnce;

impl Spawn for AtOnce {
    fn task(&self, task: Task) {
        run(task);
    }
    fn blocking(&self, work: Box<dyn FnOnce() + Send>) {
        work();
    }
}

/// Work that waits for nothing but what [`AtOnce`] does.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("this waits"),
    }
}

pub(crate) struct Bench {
    pub core: Core,
    pub matchmaker: Matchmaker,
    next: AtomicU64,
    /// Without workers that take turns: no room is ever opened.
    _rooms: RoomsByHand,
}

impl Bench {
    pub fn new(change: impl FnOnce(&mut MatchmakerSettings)) -> Self {
        let store = Store::open_manual(Place::Memory, Options::default()).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(Hand(AtomicI64::new(1_000)));
        let entropy: Arc<dyn Entropy> = Arc::new(Count(AtomicU64::new(1)));
        let spawn: Arc<dyn Spawn> = Arc::new(AtOnce);
        let rooms = crate::rooms::Rooms::by_hand(RoomsParts {
            store: store.clone(),
            library: Arc::new(Library::new(Registry::default(), Default::default()).unwrap()),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            spawn: Arc::clone(&spawn),
            resume: ResumeKey::from_secret(b"a test"),
            config: RoomsConfig::default(),
        });
        let core = Core::new(store, clock, entropy);
        let mut settings = MatchmakerSettings {
            interval_ms: 1_000,
            tickets_max: 100,
            token_ms: 1_000,
            cluster: "test".into(),
            rules: MatchRules { intervals_max: 2, ..MatchRules::default() },
        };
        change(&mut settings);
        let key = RelayKey::from_secret(b"a test");
        let matchmaker = Matchmaker::new(&core, &rooms.rooms, spawn, key, settings);
        Self { core, matchmaker, next: AtomicU64::new(1), _rooms: rooms }
    }

    /// A new socket of a user, who has one login.
    pub fn session(&self, user: u128) -> Arc<Session> {
        let id = SessionId(u128::from(self.next.fetch_add(1, Ordering::Relaxed)));
        let session =
            Session::of_login(id, UserId(user), format!("u{user}"), FamilyId(user), Default::default());
        let told = Stream::of(Mode::Notifications, user);
        let meta = Meta { hidden: true, ..Meta::default() };
        self.core.streams().join(&told, &session, meta, usize::MAX).unwrap();
        session
    }

    /// A socket breaks.
    pub fn lose(&self, session: &Arc<Session>, until_ms: i64) {
        session.close(crate::session::close::TRY_AGAIN, "lost");
        self.core.streams().park(session, until_ms);
    }

    /// The user comes back.
    pub fn resume(&self, user: u128) -> Arc<Session> {
        let session = self.session(user);
        self.core.streams().resume(&session);
        session
    }
}

/// Every message that waits for a session.
pub(crate) fn heard(session: &Session) -> Vec<Message> {
    let mut all = Vec::new();
    session.drain(&mut all);
    let messages = all.into_iter().filter_map(|delivery| match delivery {
        Delivery::Message(envelope) => envelope.message,
        Delivery::Shared(shared) => shared.envelope().message.clone(),
        _ => None,
    });
    messages.collect()
}

fn matches(session: &Session) -> Vec<MatchmakerMatched> {
    let matched = heard(session).into_iter().filter_map(|message| match message {
        Message::MatchmakerMatched(matched) => Some(matched),
        _ => None,
    });
    matched.collect()
}

fn wanted(query: &str, count: i64) -> Wanted {
    Wanted { min_count: count, max_count: count, query: query.into(), ..Wanted::default() }
}

#[test]
fn a_ticket_goes_with_its_session() {
    let bench = Bench::new(|_| {});
    let (a, b) = (bench.session(1), bench.session(2));
    bench.matchmaker.add(&a, wanted("*", 2)).unwrap();
    bench.core.streams().gone(&a);
    bench.matchmaker.add(&b, wanted("*", 2)).unwrap();
    run(bench.matchmaker.interval());
    assert!(matches(&a).is_empty() && matches(&b).is_empty());
    assert_eq!(bench.matchmaker.stats().tickets, 1);
    let ended = bench.matchmaker.add(&a, wanted("*", 2));
    assert_eq!(ended, Err(MatchmakerError::Session(crate::streams::JoinError::Ended)));
    assert_eq!(bench.matchmaker.stats().tickets, 1);
}

#[test]
fn a_lost_session_keeps_its_ticket_and_is_matched_when_it_is_back() {
    let bench = Bench::new(|_| {});
    let (a, b) = (bench.session(1), bench.session(2));
    let ticket = bench.matchmaker.add(&a, wanted("*", 2)).unwrap();
    bench.matchmaker.add(&b, wanted("*", 2)).unwrap();
    bench.lose(&a, i64::MAX);
    run(bench.matchmaker.interval());
    assert!(matches(&b).is_empty(), "nobody is matched with someone who is away");
    let back = bench.resume(1);
    run(bench.matchmaker.interval());
    assert_eq!(matches(&back)[0].ticket, ticket);
    assert_eq!(matches(&b).len(), 1);
    // Away for too long.
    bench.matchmaker.add(&back, wanted("*", 2)).unwrap();
    bench.lose(&back, 5);
    bench.core.streams().sweep(5);
    assert_eq!(bench.matchmaker.stats().tickets, 0);
}

#[test]
fn what_waits_is_bounded() {
    let bench = Bench::new(|settings| settings.tickets_max = 4);
    let (a, b) = (bench.session(1), bench.session(2));
    let tickets: Vec<_> = (0..3).map(|_| bench.matchmaker.add(&a, wanted("*", 2)).unwrap()).collect();
    assert_eq!(bench.matchmaker.add(&a, wanted("*", 2)), Err(MatchmakerError::TooMany));
    bench.matchmaker.add(&b, wanted("*", 3)).unwrap();
    assert_eq!(bench.matchmaker.add(&b, wanted("*", 3)), Err(MatchmakerError::Full));
    assert_eq!(bench.matchmaker.remove(&b, &tickets[0]), Err(MatchmakerError::NotFound));
    assert_eq!(bench.matchmaker.remove(&a, &tickets[0]), Ok(()));
    assert_eq!(bench.matchmaker.remove(&a, &tickets[0]), Err(MatchmakerError::NotFound));
    assert_eq!(bench.matchmaker.remove(&a, "nonsense"), Err(MatchmakerError::NotFound));
    bench.matchmaker.add(&b, wanted("*", 3)).unwrap();
    let long = Wanted { strings: [("x".repeat(513), String::new())].into(), ..wanted("*", 2) };
    assert_eq!(bench.matchmaker.add(&a, long), Err(MatchmakerError::Properties));
    let endless = Wanted { numbers: [("x".to_owned(), f64::NAN)].into(), ..wanted("*", 2) };
    assert_eq!(bench.matchmaker.add(&a, endless), Err(MatchmakerError::Properties));
}

#[test]
fn a_studio_decides_what_a_match_becomes() {
    let bench = Bench::new(|_| {});
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    assert!(bench.matchmaker.on_matched(move |matched| {
        notes.lock().push(matched.users.iter().map(|user| user.user.0).collect::<Vec<_>>());
        // There are no such rules: a relayed match is better than none.
        (matched.users.len() == 2).then(|| RoomPlan { rules: "none".into(), setup: Vec::new() })
    }));
    assert!(!bench.matchmaker.on_matched(|_| None), "the first one stands");
    let sessions: Vec<_> = (1..=5).map(|user| bench.session(user)).collect();
    for (session, count) in sessions.iter().zip([2, 2, 3, 3, 3]) {
        bench.matchmaker.add(session, wanted("*", count)).unwrap();
    }
    run(bench.matchmaker.interval());
    assert_eq!(*seen.lock(), [vec![1, 2], vec![3, 4, 5]]);
    let key = RelayKey::from_secret(b"a test");
    let mut ids = Vec::new();
    for session in &sessions {
        let matched = matches(session).pop().unwrap();
        assert_eq!(matched.match_id, None);
        ids.push(key.read(&matched.token.unwrap(), session.user, 0).unwrap());
    }
    assert!(ids[0] == ids[1] && ids[2] == ids[3] && ids[3] == ids[4] && ids[1] != ids[2]);
    assert_eq!(bench.matchmaker.stats().completions.len(), 2);
}

#[test]
fn a_plan_needs_everybodys_consent() {
    let check = |users: &[&[(&str, &str)]], expected: Option<(&str, &str)>| {
        let users = users.iter().map(|strings| MatchedUser {
            user: UserId(1),
            presence: Default::default(),
            party: None,
            strings: strings.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect(),
            numbers: Default::default(),
        });
        let found = plan(&Matched { users: users.collect() });
        let expected = expected.map(|(rules, setup)| RoomPlan { rules: rules.into(), setup: setup.into() });
        assert_eq!(found, expected);
    };
    let room: &[_] = &[("mode", "authoritative"), ("rules", "chess")];
    check(&[room, room], Some(("chess", "{}")));
    check(
        &[&[("mode", "authoritative"), ("rules", "chess"), ("setup", "[1]")], room],
        Some(("chess", "[1]")),
    );
    check(&[room, &[("mode", "authoritative"), ("rules", "go")]], None);
    check(&[room, &[("rules", "chess")]], None);
    check(&[&[("mode", "authoritative")]], None);
    check(&[], None);
}

#[derive(Clone, Debug)]
enum Step {
    Add(u128, i64, bool),
    Remove(u128),
    Lose(u128),
    Return(u128),
    Go(u128),
    Interval,
}

fn step() -> impl Strategy<Value = Step> {
    let user = || 0..5u128;
    prop_oneof![
        4 => (user(), 2..4i64, any::<bool>()).prop_map(|(user, count, less)| Step::Add(user, count, less)),
        1 => user().prop_map(Step::Remove),
        1 => user().prop_map(Step::Lose),
        2 => user().prop_map(Step::Return),
        1 => user().prop_map(Step::Go),
        3 => Just(Step::Interval),
    ]
}

/// What a user's socket does.
#[derive(Clone)]
enum State {
    Here(Arc<Session>),
    Lost(Arc<Session>),
    Gone,
}

proptest! {
    /// Whatever sessions do while they wait: who is told of a match had that ticket and was here, each ticket is
    /// matched once, all of a match are told the same, and in the end nothing is left.
    #[test]
    fn tickets_are_matched_once_and_leave_nothing(steps in prop::collection::vec(step(), 0..60)) {
        let bench = Bench::new(|_| {});
        let mut users: Vec<State> = (0..5).map(|user| State::Here(bench.session(user))).collect();
        let mut waiting: Vec<Vec<String>> = vec![Vec::new(); 5];
        for step in steps {
            match step {
                Step::Add(user, count, less) => if let State::Here(session) = &users[user as usize] {
                    let min_count = if less { 2 } else { count };
                    let added = bench.matchmaker.add(session, Wanted { min_count, ..wanted("*", count) });
                    prop_assert_eq!(added.is_ok(), waiting[user as usize].len() < TICKETS_PER_SESSION_MAX);
                    waiting[user as usize].extend(added);
                },
                Step::Remove(user) => if let State::Here(session) = &users[user as usize]
                    && let Some(ticket) = waiting[user as usize].pop()
                {
                    prop_assert_eq!(bench.matchmaker.remove(session, &ticket), Ok(()));
                },
                Step::Lose(user) => if let State::Here(session) = users[user as usize].clone() {
                    bench.lose(&session, i64::MAX);
                    // A session that never waited has nothing to come back to.
                    users[user as usize] = State::Lost(session);
                },
                Step::Return(user) => match &users[user as usize] {
                    State::Here(_) => {}
                    State::Lost(_) => users[user as usize] = State::Here(bench.resume(user)),
                    State::Gone => users[user as usize] = State::Here(bench.session(user)),
                },
                Step::Go(user) => if let State::Here(session) = users[user as usize].clone() {
                    bench.core.streams().gone(&session);
                    users[user as usize] = State::Gone;
                    waiting[user as usize].clear();
                },
                Step::Interval => {
                    run(bench.matchmaker.interval());
                    let mut told: Vec<(usize, MatchmakerMatched)> = Vec::new();
                    for (user, state) in users.iter().enumerate() {
                        let (State::Here(session) | State::Lost(session)) = state else { continue };
                        let mine = matches(session);
                        prop_assert!(mine.len() <= 1, "one match an interval");
                        prop_assert!(mine.is_empty() || matches!(state, State::Here(_)));
                        for matched in mine {
                            let at = waiting[user].iter().position(|ticket| *ticket == matched.ticket);
                            prop_assert!(at.is_some(), "a ticket that does not wait");
                            waiting[user].remove(at.unwrap());
                            told.push((user, matched));
                        }
                    }
                    for (user, matched) in &told {
                        let names: Vec<_> = matched.users.iter()
                            .map(|user| user.presence.as_ref().unwrap().username.clone()).collect();
                        let own = format!("u{user}");
                        prop_assert!(names.contains(&own));
                        let same = told.iter().filter(|(_, other)| other.users == matched.users).count();
                        prop_assert_eq!(same, names.len(), "all of a match are told");
                    }
                }
            }
            prop_assert_eq!(bench.matchmaker.stats().tickets, waiting.iter().map(Vec::len).sum::<usize>());
        }
        for state in &users {
            match state {
                State::Here(session) => bench.core.streams().gone(session),
                State::Lost(_) | State::Gone => {}
            }
        }
        bench.core.streams().sweep(i64::MAX);
        prop_assert!(bench.matchmaker.0.queue.lock().is_bare());
    }
}
