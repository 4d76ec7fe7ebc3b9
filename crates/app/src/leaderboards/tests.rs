//! Leaderboards against a plain list, and what happens when a period ends. Time stands still until a test moves it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use proptest::prelude::*;
use store::{Operator, Options, PeriodId, Place, RecordWrite, Store, Terms, UserId};

use super::*;
use crate::cursor::BadCursor;
use crate::ports::{Clock, Entropy};

/// 2024-02-28T00:00:00Z, a Wednesday.
pub(crate) const WEDNESDAY: i64 = 1_709_078_400;
pub(crate) const DAY: i64 = 86_400;

pub(crate) struct Still(AtomicI64);

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
    fn monotonic_us(&self) -> u64 {
        0
    }
}

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn u128(&self) -> u128 {
        self.0.fetch_add(1, Ordering::Relaxed).into()
    }
}

/// A store in memory, written by hand, and a clock that stands still.
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) core: Core,
    clock: Arc<Still>,
}

impl House {
    pub(crate) fn new() -> Self {
        let store = Store::open_manual(Place::Memory, Options::default()).unwrap();
        let clock = Arc::new(Still(AtomicI64::new(WEDNESDAY * 1_000)));
        let core = Core::new(store.clone(), Arc::clone(&clock) as _, Arc::new(Counting(AtomicU64::new(1))));
        Self { store, core, clock }
    }

    pub(crate) fn at(&self, now_s: i64) {
        self.clock.0.store(now_s * 1_000, Ordering::Relaxed);
    }

    /// Does a work to its end.
    pub(crate) fn run<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        for _ in 0..100_000 {
            if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return done;
            }
            self.store.pump();
        }
        panic!("it waits for something that never comes");
    }
}

pub(crate) fn score(owner: u128, number: i64) -> Score {
    Score {
        owner: UserId(owner),
        username: format!("user {owner}"),
        score: number,
        subscore: 0,
        metadata: None,
        operator: None,
    }
}

pub(crate) fn owners(records: &[Record]) -> Vec<(u128, i64, u64)> {
    records.iter().map(|record| (record.row.owner.0, record.score, record.rank)).collect()
}

pub(crate) fn ask(limit: u32) -> Ask {
    Ask { limit: Some(limit), ..Ask::default() }
}

fn board(id: &str) -> NewBoard {
    NewBoard { id: id.into(), ..NewBoard::default() }
}

fn boards() -> (House, Leaderboards) {
    let house = House::new();
    let boards = Leaderboards::new(&house.core);
    (house, boards)
}

#[test]
fn what_cannot_be_is_refused() {
    let (house, boards) = boards();
    let create = |new| house.run(boards.create(new)).map(|made| made.1);
    assert_eq!(create(board("b")), Ok(true));
    assert_eq!(create(board("b")), Ok(false));
    for id in ["", "a\nb", "a\0b", &"x".repeat(129)] {
        assert_eq!(create(board(id)), Err(BoardError::Id), "{id}");
    }
    for metadata in ["[]", "{", "1", "null", "{} {}", &format!("{{\"a\":\"{}\"}}", "x".repeat(5_000))] {
        assert_eq!(create(NewBoard { metadata: metadata.into(), ..board("c") }), Err(BoardError::Metadata));
    }
    let never = create(NewBoard { reset: "0 0 31 2 *".into(), ..board("c") });
    assert!(matches!(never, Err(BoardError::Schedule(_))));
    assert_eq!(create(NewBoard { authoritative: true, ..board("mine") }), Ok(true));

    let own = |id: &str, score| house.run(boards.write_own(id, score)).map(|written| written.record.rank);
    assert_eq!(own("nothing", score(1, 1)), Err(BoardError::NotFound));
    assert_eq!(own("mine", score(1, 1)), Err(BoardError::Authoritative));
    assert_eq!(house.run(boards.delete_own("mine", UserId(1))), Err(BoardError::Authoritative));
    assert_eq!(own("b", score(1, -1)), Err(BoardError::Score));
    assert_eq!(own("b", Score { subscore: -1, ..score(1, 1) }), Err(BoardError::Score));
    assert_eq!(own("b", Score { metadata: Some("[1]".into()), ..score(1, 1) }), Err(BoardError::Metadata));
    assert_eq!(own("b", score(1, 1)), Ok(1));
    assert_eq!(house.run(boards.write("mine", score(1, 1))).map(|written| written.record.rank), Ok(1));

    let list = |ask| house.run(boards.list("b", ask)).map(|listed| listed.records.len());
    assert_eq!(list(ask(0)), Err(BoardError::Limit));
    assert_eq!(list(ask(1_001)), Err(BoardError::Limit));
    assert_eq!(list(ask(1_000)), Ok(1));
    assert_eq!(list(Ask { cursor: "x".into(), ..ask(1) }), Err(BoardError::Cursor(BadCursor)));
    assert_eq!(list(Ask { expires_s: Some(-1), ..ask(1) }), Err(BoardError::Expiry));
    assert_eq!(list(Ask { owners: vec![UserId(1); 1_001], ..ask(1) }), Err(BoardError::Owners));
    let around =
        |limit| house.run(boards.around("b", UserId(1), ask(limit))).map(|listed| listed.records.len());
    assert_eq!(around(0), Err(BoardError::AroundLimit));
    assert_eq!(around(101), Err(BoardError::AroundLimit));
    assert_eq!(around(100), Ok(1));
}

#[test]
fn pages_lead_through_the_list_and_back() {
    let (house, boards) = boards();
    house.run(boards.create(board("b"))).unwrap();
    for owner in 1..=25 {
        house.run(boards.write_own("b", score(owner, i64::from(owner as u32) * 10))).unwrap();
    }
    let list = |cursor: &str| house.run(boards.list("b", Ask { cursor: cursor.into(), ..ask(10) })).unwrap();
    let first = list("");
    assert_eq!((first.prev.as_str(), first.count, first.records[0].rank), ("", 25, 1));
    let second = list(&first.next);
    let third = list(&second.next);
    assert_eq!(owners(&third.records).first(), Some(&(5, 50, 21)));
    assert_eq!((third.records.len(), third.next.as_str()), (5, ""));
    assert_eq!(owners(&list(&third.prev).records), owners(&second.records));
    assert_eq!(list(&second.prev), first);

    // Those who are worse than the page's last go on after it, whatever was written meanwhile.
    house.run(boards.write_own("b", score(1, 1_000))).unwrap();
    let again = list(&first.next);
    assert_eq!(owners(&again.records)[0], (15, 150, 12));

    let around = house.run(boards.around("b", UserId(13), ask(5))).unwrap();
    assert_eq!(
        owners(&around.records),
        [(15, 150, 12), (14, 140, 13), (13, 130, 14), (12, 120, 15), (11, 110, 16)]
    );
    let below = list(&around.next);
    assert_eq!(owners(&below.records)[0], (10, 100, 17));
    let above =
        house.run(boards.around("b", UserId(13), Ask { cursor: around.prev.clone(), ..ask(2) })).unwrap();
    assert_eq!(owners(&above.records), [(17, 170, 10), (16, 160, 11)]);
    assert!(house.run(boards.around("b", UserId(99), ask(5))).unwrap().records.is_empty());

    let of = Ask { owners: vec![UserId(3), UserId(99), UserId(1)], ..Ask::default() };
    let found = house.run(boards.list("b", of.clone())).unwrap();
    assert_eq!((owners(&found.owner_records), found.records.len()), (vec![(3, 30, 24), (1, 1_000, 1)], 0));
    let both = house.run(boards.list("b", Ask { limit: Some(2), ..of })).unwrap();
    assert_eq!((both.owner_records.len(), both.records.len()), (2, 2));

    // A cursor belongs to its board and comes back unchanged or not at all.
    house.run(boards.create(board("other"))).unwrap();
    let foreign = house.run(boards.list("other", Ask { cursor: first.next.clone(), ..ask(10) }));
    assert_eq!(foreign, Err(BoardError::Cursor(BadCursor)));
    for at in 0..first.next.len() {
        let mut changed = first.next.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let cursor = String::from_utf8(changed).unwrap();
        let refused = house.run(boards.list("b", Ask { cursor, ..ask(10) }));
        assert_eq!(refused, Err(BoardError::Cursor(BadCursor)), "{at}");
    }
}

#[test]
fn a_reset_begins_a_new_period_and_the_old_one_can_be_read() {
    let (house, boards) = boards();
    house.run(boards.create(NewBoard { reset: "@daily".into(), ..board("daily") })).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    boards.on_reset(move |turn| {
        heard.lock().push((turn.board.row.id.clone(), turn.period.expires_s, turn.at_s));
        async { Ok(()) }
    });
    let (first, second) = (WEDNESDAY + DAY, WEDNESDAY + 2 * DAY);
    let write = |number| house.run(boards.write_own("daily", score(1, number))).unwrap();
    assert_eq!(write(5).period.expires_s, first);
    house.at(first - 1);
    assert_eq!(write(7).period.expires_s, first);
    assert_eq!(house.run(boards.boards().turn()), Ok(0));
    house.at(first);
    assert_eq!(house.run(boards.boards().turn()), Ok(1));
    let list = |expires_s| house.run(boards.list("daily", Ask { expires_s, ..ask(10) })).unwrap();
    assert_eq!(owners(&list(None).records), []);
    let written = write(3);
    assert_eq!((written.period.expires_s, written.record.score, written.record.rank), (second, 3, 1));
    assert_eq!(owners(&list(None).records), [(1, 3, 1)]);
    assert_eq!(owners(&list(Some(0)).records), [(1, 3, 1)]);
    assert_eq!(owners(&list(Some(first)).records), [(1, 7, 1)]);
    assert_eq!(owners(&list(Some(first + 1)).records), []);
    assert_eq!(*told.lock(), [("daily".to_owned(), first, first)]);

    // Down for ten days: the period with somebody in it is told of, the empty ones are not.
    house.at(WEDNESDAY + 12 * DAY + 30);
    assert_eq!(house.run(boards.boards().turn()), Ok(1));
    assert_eq!(house.run(boards.boards().turn()), Ok(0));
    assert_eq!(told.lock().last(), Some(&("daily".to_owned(), second, second)));
    house.at(WEDNESDAY + 13 * DAY);
    assert_eq!(house.run(boards.boards().turn()), Ok(1));

    // Kept for ever, unless somebody says how long.
    let keep = |seconds| while house.run(boards.boards().housekeeping(seconds, 1)).unwrap() {};
    keep(None);
    assert_eq!(owners(&list(Some(first)).records), [(1, 7, 1)]);
    keep(Some(12 * DAY));
    assert_eq!(owners(&list(Some(first)).records), []);
    assert_eq!(owners(&list(Some(second)).records), [(1, 3, 1)]);
}

#[test]
fn a_listener_that_fails_is_called_again() {
    let (house, boards) = boards();
    house.run(boards.create(NewBoard { reset: "@hourly".into(), ..board("b") })).unwrap();
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    boards.on_reset(move |_| {
        let call = counted.fetch_add(1, Ordering::Relaxed);
        async move { if call < 2 { Err(TurnFailed("not now".into())) } else { Ok(()) } }
    });
    house.at(WEDNESDAY + 3_600);
    let told: Vec<_> = (0..4).map(|_| house.run(boards.boards().turn()).unwrap()).collect();
    assert_eq!((told, calls.load(Ordering::Relaxed)), (vec![0, 0, 1, 0], 3));
}

#[test]
fn a_deleted_board_takes_everything_along() {
    let (house, boards) = boards();
    house.run(boards.create(board("b"))).unwrap();
    house.run(boards.write_own("b", score(1, 5))).unwrap();
    let cursor_of_old = {
        house.run(boards.write_own("b", score(2, 4))).unwrap();
        house.run(boards.list("b", ask(1))).unwrap().next
    };
    assert_eq!(house.run(boards.delete("b")), Ok(true));
    assert_eq!(house.run(boards.delete("b")), Ok(false));
    assert_eq!(house.run(boards.list("b", ask(1))), Err(BoardError::NotFound));
    assert_eq!(house.run(boards.write("b", score(1, 1))), Err(BoardError::NotFound));
    house.run(boards.create(board("b"))).unwrap();
    assert!(house.run(boards.list("b", ask(1))).unwrap().records.is_empty());
    let old = house.run(boards.list("b", Ask { cursor: cursor_of_old, ..ask(1) }));
    assert_eq!(old, Err(BoardError::Cursor(BadCursor)));
    while house.run(boards.boards().housekeeping(None, 1)).unwrap() {}
    assert_eq!(house.run(boards.write("b", score(1, 1))).unwrap().record.rank, 1);
}

#[test]
fn an_account_sees_and_takes_away_what_it_wrote() {
    let (house, boards) = boards();
    for id in ["a", "b"] {
        house.run(boards.create(NewBoard { reset: "@daily".into(), ..board(id) })).unwrap();
        for owner in 1..=3 {
            house.run(boards.write_own(id, score(owner, owner as i64))).unwrap();
        }
    }
    let mine = house.run(boards.boards().records_of(UserId(3))).unwrap();
    let places: Vec<_> = mine.iter().map(|one| (one.board_id.as_str(), one.score, one.expires_s)).collect();
    assert_eq!(places, [("a", 3, WEDNESDAY + DAY), ("b", 3, WEDNESDAY + DAY)]);
    house.run(boards.boards().erase(UserId(3))).unwrap();
    assert!(house.run(boards.boards().records_of(UserId(3))).unwrap().is_empty());
    let left = house.run(boards.list("b", ask(10))).unwrap();
    assert_eq!((owners(&left.records), left.count), (vec![(2, 2, 1), (1, 1, 2)], 2));
}

#[test]
fn a_batch_is_one_commit_with_an_answer_for_each() {
    let (house, boards) = boards();
    house.run(boards.create(board("b"))).unwrap();
    house.run(boards.create(NewBoard { authoritative: true, ..board("mine") })).unwrap();
    let scores = [("b", 1, 5), ("nothing", 1, 5), ("mine", 1, 9), ("b", 2, -1), ("b", 2, 7), ("b", 1, 8)];
    let scores = scores.map(|(id, owner, number)| (id.to_owned(), score(owner, number)));
    let answers = house.run(boards.write_many(scores.to_vec())).unwrap();
    let short = |answer: &Result<Written, BoardError>| match answer {
        Ok(written) => Ok((written.record.score, written.record.rank)),
        Err(error) => Err(error.clone()),
    };
    let short: Vec<_> = answers.iter().map(short).collect();
    // Ranks are those after the whole batch; a score that was beaten within it has the place it would have.
    assert_eq!(
        short,
        [Ok((5, 3)), Err(BoardError::NotFound), Ok((9, 1)), Err(BoardError::Score), Ok((7, 2)), Ok((8, 1))]
    );
    let many = vec![("b".to_owned(), score(1, 1)); BATCH_MAX + 1];
    assert_eq!(house.run(boards.write_many(many)), Err(BoardError::Batch));
}

#[test]
fn a_write_whose_caller_went_away_is_counted() {
    let (house, boards) = boards();
    let made = house.run(boards.create(board("b"))).unwrap().0;
    house.run(boards.write_own("b", score(1, 5))).unwrap();
    assert_eq!(house.run(boards.list("b", ask(1))).unwrap().count, 1);
    for owner in 2..=4 {
        let mut gone = Box::pin(boards.write_own("b", score(owner, 9)));
        assert!(gone.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(gone);
    }
    // Writes commit in the order in which they came, so whoever hears of this one hears of those.
    house.run(boards.write_own("b", score(5, 1))).unwrap();
    let period = PeriodId { board: made.row.number, expires_s: 0 };
    assert_eq!(house.run(boards.boards().ranks().count(period)), Ok(5));
    let listed = house.run(boards.list("b", ask(10))).unwrap();
    assert_eq!(owners(&listed.records), [(2, 9, 1), (3, 9, 2), (4, 9, 3), (1, 5, 4), (5, 1, 5)]);
    assert_eq!(listed.count, 5);
}

#[test]
fn memory_is_bounded_and_what_went_is_read_again() {
    let house = House::new();
    let ranks = crate::ranks::Ranks::with_limits(&house.core, 10, 3);
    let boards = Leaderboards::new(&house.core);
    let periods: Vec<PeriodId> = (0..6)
        .map(|number| {
            let made = house.run(boards.create(board(&format!("b{number}")))).unwrap().0;
            PeriodId { board: made.row.number, expires_s: 0 }
        })
        .collect();
    let write = |period, owner| RecordWrite {
        period,
        descending: true,
        owner: UserId(owner),
        username: String::new(),
        score: 1,
        subscore: 0,
        metadata: None,
        operator: Operator::Best,
        at_ms: 1,
        terms: Terms::default(),
    };
    for (number, period) in periods.iter().enumerate() {
        for owner in 0..=number as u128 {
            house.run(ranks.write(write(*period, owner))).unwrap();
        }
    }
    for (number, period) in periods.iter().enumerate().chain(periods.iter().enumerate()) {
        assert_eq!(house.run(ranks.count(*period)), Ok(number as u64 + 1));
        assert!(ranks.held().0 <= 10, "{:?}", ranks.held());
    }
    // One alone above the limit has no ranks, however it came there.
    for owner in 6..11 {
        house.run(ranks.write(write(periods[5], owner))).unwrap();
    }
    assert_eq!(house.run(ranks.count(periods[5])), Ok(0));
    assert!(ranks.held().0 <= 10);
    let again = crate::ranks::Ranks::with_limits(&house.core, 10, 3);
    assert_eq!(house.run(again.count(periods[5])), Ok(0));
    assert_eq!(house.run(again.count(periods[0])), Ok(1));
}

#[derive(Clone, Debug)]
struct Step {
    owner: u128,
    score: i64,
    subscore: i64,
    operator: Option<Operator>,
    delete: bool,
    restart: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let operator = prop::option::of(prop::sample::select(vec![
        Operator::Best,
        Operator::Set,
        Operator::Increment,
        Operator::Decrement,
    ]));
    let rare = || prop::bool::weighted(0.1);
    (0..6u128, 0..4i64, 0..3i64, operator, rare(), rare()).prop_map(
        |(owner, score, subscore, operator, delete, restart)| Step {
            owner,
            score,
            subscore,
            operator,
            delete,
            restart,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// The model: a map of owners, sorted by score, subscore and the step at which the score last moved.
    #[test]
    fn any_writes_leave_what_a_sorted_list_would(
        steps in prop::collection::vec(step(), 1..50),
        ascending in any::<bool>(),
        operator in prop::sample::select(vec![Operator::Best, Operator::Set, Operator::Increment, Operator::Decrement]),
    ) {
        let (house, mut boards) = boards();
        house.run(boards.create(NewBoard { ascending, operator, ..board("b") })).unwrap();
        let mut model: BTreeMap<u128, (i64, i64, usize, u32)> = BTreeMap::new();
        for (at, step) in steps.into_iter().enumerate() {
            if step.restart {
                boards = Leaderboards::new(&house.core);
            }
            let place = |model: &BTreeMap<u128, (i64, i64, usize, u32)>| {
                let sign = if ascending { 1 } else { -1 };
                let mut sorted: Vec<_> = model.iter().map(|(owner, of)| (sign * of.0, sign * of.1, of.2, *owner)).collect();
                sorted.sort_unstable();
                sorted.into_iter().map(|(.., owner)| owner).collect::<Vec<_>>()
            };
            if step.delete {
                let there = house.run(boards.delete_record("b", UserId(step.owner))).unwrap();
                prop_assert_eq!(there, model.remove(&step.owner).is_some());
            } else {
                let (score, subscore) = (step.score, step.subscore);
                let used = step.operator.unwrap_or(operator);
                let old = model.get(&step.owner).copied();
                let better = |a: (i64, i64), b: (i64, i64)| if ascending { a < b } else { a > b };
                let new = match (old, used) {
                    (None, Operator::Decrement) => (0, 0),
                    (None, _) | (Some(_), Operator::Set) => (score, subscore),
                    (Some(old), Operator::Best) => {
                        if better((score, subscore), (old.0, old.1)) { (score, subscore) } else { (old.0, old.1) }
                    }
                    (Some(old), Operator::Increment) => (old.0 + score, old.1 + subscore),
                    (Some(old), Operator::Decrement) => ((old.0 - score).max(0), (old.1 - subscore).max(0)),
                };
                let moved = old.is_none_or(|old| (old.0, old.1) != new);
                let beaten = used == Operator::Best && !moved;
                let writes = old.map_or(0, |old| old.3) + u32::from(!beaten);
                let since = old.filter(|_| !moved).map_or(at, |old| old.2);
                model.insert(step.owner, (new.0, new.1, since, writes));
                let given = Score { subscore, operator: step.operator, ..super::tests::score(step.owner, score) };
                let written = house.run(boards.write_own("b", given)).unwrap().record;
                let rank = place(&model).iter().position(|owner| *owner == step.owner).unwrap() as u64 + 1;
                prop_assert_eq!((written.score, written.subscore, written.row.num_score), (new.0, new.1, writes));
                prop_assert_eq!(written.rank, rank);
            }
            let listed = house.run(boards.list("b", ask(100))).unwrap();
            let expected = place(&model);
            prop_assert_eq!(listed.count, expected.len() as u64);
            let found: Vec<u128> = listed.records.iter().map(|record| record.row.owner.0).collect();
            prop_assert_eq!(&found, &expected);
            for (place, record) in listed.records.iter().enumerate() {
                prop_assert_eq!(record.rank, place as u64 + 1);
            }
            if let Some(owner) = expected.get(expected.len() / 2) {
                let around = house.run(boards.around("b", UserId(*owner), ask(3))).unwrap();
                let from = around.records[0].rank as usize - 1;
                let found: Vec<u128> = around.records.iter().map(|record| record.row.owner.0).collect();
                prop_assert_eq!(&found[..], &expected[from..from + found.len()]);
                prop_assert!(found.contains(owner) && found.len() == expected.len().min(3));
            }
        }
    }
}
