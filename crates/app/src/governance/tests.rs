//! Closing without a clock's help, and hooks that fail, get lost, or are tried for the last time.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use serde::Deserialize;
use store::{
    CommitFault, Credential, EffectState, Electorate, Majority, Options, Place, ProposalChoice,
    ProposalEffect, ProposalTerms, Quorum, Register, Role, Store, TieRule, UserId,
};

use super::*;
use crate::chat::Chat;
use crate::groups::NewGroup;
use crate::notifications::Notifications;
use crate::ports::{Clock, Entropy};
use crate::rpc::RpcError;

struct Hands(Arc<AtomicI64>);

impl Clock for Hands {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
    fn monotonic_us(&self) -> u64 {
        0
    }
}

struct Dice(AtomicU64);

impl Entropy for Dice {
    fn u128(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

const ANN: UserId = UserId(1);

struct Bench {
    store: Store,
    now_ms: Arc<AtomicI64>,
    fault: Arc<Mutex<Option<CommitFault>>>,
    governance: Governance,
    group: GroupId,
}

impl Bench {
    /// One group of one.
    fn new() -> Self {
        let fault: Arc<Mutex<Option<CommitFault>>> = Arc::default();
        let next = Arc::clone(&fault);
        let options = Options { fault: Some(Box::new(move || next.lock().take())), ..Options::default() };
        let store = Store::open_manual(Place::Memory, options).unwrap();
        let now_ms = Arc::new(AtomicI64::new(1_000));
        let core =
            Core::new(store.clone(), Arc::new(Hands(now_ms.clone())), Arc::new(Dice(AtomicU64::new(9))));
        let (device, username) = ("phone-0001".to_owned(), "ann".to_owned());
        store
            .write_now(Register { credential: Credential::Device(device), user: ANN, username, at_ms: 1 })
            .unwrap();
        let notifications = Notifications::new(&core);
        let groups = Groups::new(&core, &Chat::new(&core, &notifications), &notifications);
        let governance = Governance::new(&core, &groups);
        let mut bench = Self { store, now_ms, fault, governance, group: GroupId(0) };
        let new = NewGroup { name: "Farmers".into(), ..NewGroup::default() };
        bench.group = bench.run(groups.create(ANN, new)).unwrap().id;
        bench
    }

    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return done;
            }
            self.store.pump();
        }
    }

    fn later(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Opens what Ann decides alone.
    fn opened(&self, effect: ProposalEffect) -> ProposalId {
        let choice = |text: &str, effect| ProposalChoice { text: text.into(), effect };
        let new = NewProposal {
            title: "What now?".into(),
            text: String::new(),
            choices: vec![choice("yes", Some(effect)), choice("no", None)],
            terms: ProposalTerms {
                secret: false,
                changeable: false,
                quorum: Quorum::PerMille(1_000),
                majority: Majority::TwoThirds,
                tie: TieRule::Rejected,
            },
            electorate: Electorate::Members { roles: vec![Role::Superadmin], joined_before_ms: None },
            open_ms: 5_000,
        };
        let opened = self.run(self.governance.propose(Actor::User(ANN), self.group, new)).unwrap();
        self.run(self.governance.vote(ANN, self.group, opened.id, 0, None)).unwrap();
        opened.id
    }

    fn seen(&self, id: ProposalId) -> store::Proposal {
        self.run(self.governance.get(Actor::User(ANN), self.group, id)).unwrap().proposal
    }

    /// Takes what is due and runs it to its end; how many that were.
    fn hooks(&self) -> usize {
        let tasks = self.run(self.governance.hooks_due()).unwrap();
        let count = tasks.len();
        for task in tasks {
            self.run(task);
        }
        count
    }
}

#[derive(Deserialize)]
struct Feast {
    sheep: u32,
}

fn feast(input: &str) -> ProposalEffect {
    ProposalEffect::Hook { name: "feast".into(), input: input.into() }
}

#[test]
fn who_looks_after_the_deadline_closes() {
    let bench = Bench::new();
    let settings = store::GroupSettings { description: Some("decided".into()), ..Default::default() };
    let id = bench.opened(ProposalEffect::Settings(settings));
    bench.later(4_999);
    assert_eq!(bench.seen(id).state, ProposalState::Open);
    bench.later(1);
    let list = bench.governance.list(Actor::User(ANN), bench.group, None, 10, "");
    let listed = bench.run(list).unwrap().proposals.remove(0).proposal;
    assert_eq!((listed.state, listed.effect), (ProposalState::Decided, EffectState::Done));
    let group = bench.run(bench.governance.groups.get(bench.group)).unwrap().unwrap();
    assert_eq!(group.description, "decided");
    bench.run(bench.governance.tick()).unwrap();
    assert_eq!(bench.seen(id).closed_ms, listed.closed_ms, "once");
}

#[test]
fn a_hook_that_gets_lost_runs_again_under_the_same_key() {
    let bench = Bench::new();
    let ran: Arc<Mutex<Vec<(ProposalId, u32)>>> = Arc::default();
    let seen = Arc::clone(&ran);
    bench.governance.hook("feast", move |decision, Feast { sheep }| {
        seen.lock().push((decision.proposal, sheep));
        std::future::ready(Ok(()))
    });
    let id = bench.opened(feast(r#"{"sheep":7}"#));
    bench.later(5_000);
    bench.run(bench.governance.tick()).unwrap();
    assert_eq!(bench.seen(id).effect, EffectState::Pending);
    // Taken by a server that dies before it runs it.
    drop(bench.run(bench.governance.hooks_due()).unwrap());
    assert_eq!((bench.hooks(), ran.lock().len()), (0, 0), "somebody has it");
    bench.later(60_000);
    // Run by a server that dies before the note of its end is committed.
    let tasks = bench.run(bench.governance.hooks_due()).unwrap();
    *bench.fault.lock() = Some(CommitFault::LostBefore);
    for task in tasks {
        bench.run(task);
    }
    assert_eq!((bench.seen(id).effect, ran.lock().len()), (EffectState::Pending, 1));
    bench.later(60_000);
    assert_eq!(bench.hooks(), 1);
    assert_eq!(bench.seen(id).effect, EffectState::Done);
    assert_eq!(*ran.lock(), [(id, 7), (id, 7)], "twice, under one key");
    bench.later(600_000);
    assert_eq!(bench.hooks(), 0);
}

#[test]
fn a_hook_that_fails_for_ever_is_given_up() {
    let bench = Bench::new();
    let tries = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&tries);
    bench.governance.hook("feast", move |_, Feast { .. }| {
        counted.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Err(RpcError::Failed("no wood".into())))
    });
    let wrong = GovernanceError::Invalid(String::new());
    let check = |name: &str, input: &str| bench.governance.check_hook(name, input).map_err(|_| wrong.clone());
    assert_eq!(check("feast", r#"{"sheep":"many"}"#), Err(wrong.clone()));
    assert_eq!(check("dance", r#"{"sheep":1}"#), Err(wrong.clone()));
    assert_eq!(check("feast", r#"{"sheep":1}"#), Ok(()));
    let id = bench.opened(feast(r#"{"sheep":7}"#));
    bench.later(5_000);
    bench.run(bench.governance.tick()).unwrap();
    assert_eq!(bench.hooks(), 1);
    assert_eq!(bench.hooks(), 0, "not at once");
    bench.later(2_000);
    assert_eq!(bench.hooks(), 1);
    for _ in 0..30 {
        bench.later(600_000);
        bench.hooks();
    }
    assert_eq!(tries.load(Ordering::Relaxed), u64::from(HOOK_TRIES_MAX));
    let seen = bench.seen(id);
    assert_eq!((seen.effect, seen.effect_note.as_str()), (EffectState::GivenUp, "no wood"));
}

#[test]
fn receipts_are_bounded_and_bound_to_their_proposal() {
    let one = tag_of(ProposalId(1), &"r".repeat(32)).unwrap();
    assert_ne!(one, tag_of(ProposalId(2), &"r".repeat(32)).unwrap());
    for bad in ["", &"r".repeat(31), &"r".repeat(129), &"ä".repeat(32), &" ".repeat(32)] {
        assert_eq!(tag_of(ProposalId(1), bad), Err(GovernanceError::Receipt), "{bad}");
    }
}
