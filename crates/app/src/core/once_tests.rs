//! The same request, run again and again and cut off anywhere, leaves what one run leaves.

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use store::{CommitFault, Credential, EventKeep, EventsAfter, Operation, Register, StoreError, Tx};

use super::*;
use crate::core::bench::Bench;

const WINDOW_MS: i64 = 60_000;

fn ticket(bench: &Bench, key: &str, body: &str) -> Arc<Ticket> {
    let parts: [&[u8]; 2] = [b"POST", body.as_bytes()];
    let scope = Scope::User(UserId(7));
    Ticket::new(scope, key.as_bytes(), &parts, bench.core.now_ms(), WINDOW_MS).unwrap()
}

/// A request of several writes, each of which depends on the one before. What it makes up (ids) it takes from outputs.
async fn request(core: Core, writes: Vec<u8>) -> Result<Vec<u64>, StoreError> {
    let mut seqs = Vec::new();
    for name in writes {
        let keep = EventKeep {
            name: format!("event-{name}-after-{:?}", seqs.last()),
            user: None,
            properties: "{}".into(),
            at_ms: core.new_id() as i64 & 0xffff,
            outside: false,
        };
        seqs.push(core.write(keep).await?.into_inner());
    }
    Ok(seqs)
}

fn names(bench: &Bench) -> Vec<String> {
    let rows = bench.run(bench.core.read(EventsAfter { seq: 0, limit: 1_000 })).unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

fn fault() -> impl Strategy<Value = Option<CommitFault>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(CommitFault::Full)),
        1 => Just(Some(CommitFault::LostBefore)),
        1 => Just(Some(CommitFault::LostAfter)),
    ]
}

proptest! {
    #[test]
    fn a_request_that_is_repeated_applies_once(
        writes in prop::collection::vec(0..9_u8, 1..6),
        runs in prop::collection::vec((0..8_usize, prop::collection::vec(fault(), 0..8)), 1..4),
    ) {
        let once = Bench::new();
        let plain = once.run(request(once.core.clone(), writes.clone())).unwrap();

        let bench = Bench::new();
        for (steps, faults) in runs {
            *bench.faults.lock().unwrap() = faults;
            let under = ticket(&bench, "key", "body").around(request(bench.core.clone(), writes.clone()));
            // The process dies after so many commits, or a commit fails: the answer is lost either way.
            if let Some(Ok(seqs)) = bench.run_for(under, steps) {
                prop_assert_eq!(&seqs, &plain);
            }
            // What was queued when the process died may have been committed all the same.
            bench.store.pump();
        }
        bench.faults.lock().unwrap().clear();
        let last = ticket(&bench, "key", "body").around(request(bench.core.clone(), writes));
        prop_assert_eq!(bench.run(last).unwrap(), plain);
        prop_assert_eq!(names(&bench), names(&once));
    }
}

#[test]
fn another_request_under_the_same_key_is_refused_and_does_nothing() {
    let bench = Bench::new();
    let run = |key: &str, body: &str, writes: &[u8]| {
        let under = ticket(&bench, key, body).around(request(bench.core.clone(), writes.to_vec()));
        bench.run(under)
    };
    assert_eq!(run("key", "one", &[1]), Ok(vec![1]));
    assert_eq!(run("key", "two", &[2]), Err(StoreError::KeyReused));
    assert_eq!(run("other", "two", &[2]), Ok(vec![2]));
    assert_eq!(run("key", "one", &[1]), Ok(vec![1]));
    assert_eq!(names(&bench).len(), 2);
    let known = bench.run(bench.core.answer_of(&ticket(&bench, "key", "two")));
    assert_eq!(known, Err(StoreError::KeyReused));
}

#[test]
fn a_key_is_its_callers_own() {
    let bench = Bench::new();
    let scopes = [
        Scope::User(UserId(7)),
        Scope::User(UserId(8)),
        Scope::Credentials(b"one server's key"),
        Scope::Credentials(b"another server's key"),
    ];
    for (seq, scope) in (1..).zip(scopes) {
        let ticket = || Ticket::new(scope, b"key", &[b"body"], bench.core.now_ms(), WINDOW_MS).unwrap();
        assert_eq!(bench.run(bench.core.answer_of(&ticket())), Ok(None), "{scope:?}");
        for _ in 0..2 {
            let under = ticket().around(request(bench.core.clone(), vec![1]));
            assert_eq!(bench.run(under), Ok(vec![seq]), "{scope:?}");
        }
        let answer = WholeAnswer { status: 200, kind: String::new(), body: vec![seq as u8] };
        bench.run(bench.core.keep_answer(&ticket(), answer.clone())).unwrap();
        assert_eq!(bench.run(bench.core.answer_of(&ticket())), Ok(Some(answer)), "{scope:?}");
    }
}

#[test]
fn a_key_is_free_again_after_its_time_with_all_its_writes() {
    let bench = Bench::new();
    let run = || {
        let under = ticket(&bench, "key", "body").around(request(bench.core.clone(), vec![1, 2]));
        bench.run(under).unwrap()
    };
    assert_eq!(run(), [1, 2]);
    bench.pass(WINDOW_MS - 1);
    assert_eq!(run(), [1, 2]);
    bench.pass(1);
    assert_eq!(run(), [3, 4]);
    assert_eq!(run(), [3, 4]);
}

#[test]
fn a_repetition_that_goes_another_way_is_refused() {
    let bench = Bench::new();
    let first = ticket(&bench, "key", "body").around(request(bench.core.clone(), vec![1]));
    bench.run(first).unwrap();
    let create = Register {
        credential: Credential::Device("device-0001".into()),
        user: UserId(1),
        username: "ann".into(),
        at_ms: 1,
    };
    let named = NameOnly(create);
    let second = ticket(&bench, "key", "body").around(bench.core.write(named));
    assert_eq!(bench.run(second).map(|_| ()), Err(StoreError::AnswerLost));
}

/// Another kind of write.
#[derive(Clone)]
struct NameOnly(Register);

#[derive(Serialize, Deserialize)]
struct Named(String);

impl Operation for NameOnly {
    type Output = Named;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Named, StoreError> {
        self.0.run(tx).await?;
        Ok(Named(self.0.username.clone()))
    }
}

#[test]
fn the_whole_answer_is_kept_for_requests_that_wrote() {
    let bench = Bench::new();
    let answer = || WholeAnswer { status: 200, kind: "text".into(), body: b"first".to_vec() };
    let ours = ticket(&bench, "key", "body");
    let ask = || bench.run(bench.core.answer_of(&ours)).unwrap();
    let keep = |answer| bench.run(bench.core.keep_answer(&ours, answer)).unwrap();
    keep(answer());
    assert_eq!(ask(), None, "nothing was written");
    let under = Arc::clone(&ours).around(request(bench.core.clone(), vec![1]));
    bench.run(under).unwrap();
    assert_eq!((ask(), ours.writes(), ours.repeated()), (None, 1, 0));
    keep(answer());
    keep(WholeAnswer { status: 500, ..answer() });
    assert_eq!(ask(), Some(answer()), "the first answer stays");
}

#[test]
fn keys_are_short_and_visible() {
    let of = |key: &[u8]| Ticket::new(Scope::Credentials(b"secret"), key, &[], 0, 1).is_some();
    assert!(of(b"a") && of("k".repeat(128).as_bytes()) && of(b"with space"));
    assert!(!of(b"") && !of("k".repeat(129).as_bytes()) && !of("ä".as_bytes()) && !of(b"a\nb"));
    let id = |parts: &[&[u8]]| Ticket::new(Scope::User(UserId(1)), b"k", parts, 0, 1).unwrap().mark.request;
    assert_ne!(id(&[b"ab", b"c"]), id(&[b"a", b"bc"]));
}
