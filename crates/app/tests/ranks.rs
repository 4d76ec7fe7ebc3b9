//! Ranks under writers and readers on threads, over a real store: exact when they are done, at every answer in between
//! within what could be, and the same again after a restart.
// In a test, what cannot be is a failure, and `unwrap` says where.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::core::{Core, Scope, Ticket};
use app::ports::{Clock, Entropy};
use app::ranks::{Ranks, Standing};
use store::{
    BoardCreate, BoardRow, Direction, Operator, Options, PeriodId, RankKey, RecordDelete, RecordList,
    RecordWrite, RecordsWrite, Store, Terms, UserId, Wrote,
};

struct Outside;

impl Clock for Outside {
    fn now_ms(&self) -> i64 {
        1_000
    }
    fn monotonic_us(&self) -> u64 {
        0
    }
}

impl Entropy for Outside {
    fn u128(&self) -> u128 {
        7
    }
}

/// A generator that is the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn core(store: &Store) -> Core {
    Core::new(store.clone(), Arc::new(Outside), Arc::new(Outside))
}

fn write(period: PeriodId, owner: u64, score: u64, operator: Operator) -> RecordWrite {
    RecordWrite {
        period,
        descending: true,
        owner: UserId(owner.into()),
        username: String::new(),
        score: score as i64,
        subscore: 0,
        metadata: None,
        operator,
        at_ms: 1,
        terms: Terms::default(),
    }
}

async fn period(core: &Core) -> PeriodId {
    let board = BoardRow { id: "b".into(), descending: true, ..BoardRow::default() };
    let made = core.write(BoardCreate { board }).await.unwrap();
    PeriodId { board: made.board.number, expires_s: 0 }
}

/// Every record of the store has the rank of its place.
async fn check(core: &Core, ranks: &Ranks, period: PeriodId) -> u64 {
    let (mut from, mut place) = (RankKey::FIRST, 0);
    loop {
        let list = RecordList { period, from, direction: Direction::After, limit: 1_000 };
        let page = core.read(list).await.unwrap();
        let keys: Vec<RankKey> = page.iter().map(|row| row.key).collect();
        for standing in ranks.standings(period, &keys).await.unwrap() {
            place += 1;
            assert_eq!(standing.rank, place);
        }
        match keys.last() {
            Some(last) => from = *last,
            None => break,
        }
    }
    assert_eq!(ranks.count(period).await.unwrap(), place);
    place
}

const OWNERS: u64 = 300;
const WRITERS: u64 = 8;
const STEPS: u64 = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_and_readers_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options::default()).unwrap();
    let core = core(&store);
    let period = period(&core).await;
    let ranks = Ranks::new(&core);
    let mut tasks = Vec::new();
    for number in 0..WRITERS {
        let (ranks, mut dice) = (ranks.clone(), Dice(number));
        tasks.push(tokio::spawn(async move {
            for _ in 0..STEPS {
                // Few owners: writes of the same one meet.
                let owner = dice.below(if number % 2 == 0 { 3 } else { OWNERS });
                let (score, operator) = match dice.below(3) {
                    0 => (dice.below(100), Operator::Set),
                    1 => (1, Operator::Increment),
                    _ => (dice.below(1_000), Operator::Best),
                };
                match dice.below(20) {
                    0 => {
                        let owner = UserId(owner.into());
                        let delete = RecordDelete { period, owner, remember: false, at_ms: 1 };
                        ranks.write(delete).await.unwrap();
                    }
                    1 => {
                        let writes = (owner..owner + 5).map(|owner| write(period, owner, score, operator));
                        ranks.write(RecordsWrite { writes: writes.collect() }).await.unwrap();
                    }
                    // A caller that goes away at once, or after some time.
                    2 => begun_and_dropped(ranks.write(write(period, owner, score, operator))).await,
                    _ => {
                        let wrote = ranks.write(write(period, owner, score, operator)).await.unwrap();
                        let Wrote::Stands(row) = wrote else { panic!("{wrote:?}") };
                        let Standing { rank, count } = ranks.standing(period, row.key).await.unwrap();
                        assert!((1..=count + 1).contains(&rank), "{rank} of {count}");
                    }
                }
            }
        }));
    }
    for number in 0..2 {
        let (ranks, mut dice) = (ranks.clone(), Dice(100 + number));
        tasks.push(tokio::spawn(async move {
            for _ in 0..STEPS / 3 {
                // Dropped from memory and read again among all the writing.
                ranks.forget(period);
                assert!(ranks.count(period).await.unwrap() <= OWNERS + 5);
                for _ in 0..dice.below(50) {
                    tokio::task::yield_now().await;
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    // Writes whose callers went away may still wait for their commit, before this one.
    ranks.write(write(period, 0, 1, Operator::Set)).await.unwrap();
    let counted = check(&core, &ranks, period).await;
    assert!(counted > OWNERS / 2, "{counted}");
    drop((ranks, core));
    store.close();
    drop(store);

    let store = Store::open(dir.path(), Options::default()).unwrap();
    let core = self::core(&store);
    assert_eq!(check(&core, &Ranks::new(&core), period).await, counted);
}

/// Polls a future once and drops it.
async fn begun_and_dropped(work: impl Future) {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|context| {
        let _ = work.as_mut().poll(context);
        std::task::Poll::Ready(())
    })
    .await;
}

/// Owners whose records go and come all the time, several writes of each under way at once: nobody is counted twice, not
/// even between two commits.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_owner_who_goes_and_comes_is_counted_once() {
    const OWNERS: u64 = 2;
    const ROUNDS: u64 = 300;
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options::default()).unwrap();
    let core = core(&store);
    let period = period(&core).await;
    let ranks = Ranks::new(&core);
    let done = Arc::new(AtomicBool::new(false));
    let watchers: Vec<_> = (0..2)
        .map(|_| {
            let (ranks, done) = (ranks.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let count = ranks.count(period).await.unwrap();
                    assert!(count <= OWNERS, "{count} records of {OWNERS} owners");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let writers: Vec<_> = (0..OWNERS * 3)
        .map(|number| {
            let ranks = ranks.clone();
            tokio::spawn(async move {
                let owner = number % OWNERS;
                for round in 0..ROUNDS {
                    let delete =
                        RecordDelete { period, owner: UserId(owner.into()), remember: false, at_ms: 1 };
                    let (deleted, wrote) = tokio::join!(
                        ranks.write(delete),
                        ranks.write(write(period, owner, round, Operator::Set))
                    );
                    deleted.unwrap();
                    wrote.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    for watcher in watchers {
        watcher.await.unwrap();
    }
    check(&core, &ranks, period).await;
}

/// A request that is sent again is given what its write gave, and moves nothing a second time.
#[tokio::test]
async fn a_repeated_write_moves_a_record_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options::default()).unwrap();
    let core = core(&store);
    let period = period(&core).await;
    let ranks = Ranks::new(&core);
    assert_eq!(ranks.count(period).await.unwrap(), 0);
    let under_key = async |key: &[u8], score: u64| {
        let ticket = Ticket::new(Scope::User(UserId(1)), key, &[], 1_000, 60_000).unwrap();
        let wrote = ticket.clone().around(ranks.write(write(period, 1, score, Operator::Set))).await.unwrap();
        (wrote, ticket.repeated())
    };
    let (first, _) = under_key(b"first", 5).await;
    let (second, _) = under_key(b"second", 7).await;
    assert_eq!(under_key(b"first", 5).await, (first, 1));
    assert_eq!(under_key(b"second", 7).await, (second, 1));
    assert_eq!(check(&core, &ranks, period).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_readers_wait_for_one_reading() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options::default()).unwrap();
    let core = core(&store);
    let period = period(&core).await;
    let first = Ranks::new(&core);
    const RECORDS: u64 = 5_000;
    for part in 0..RECORDS / 1_000 {
        let owners = part * 1_000..(part + 1) * 1_000;
        let writes = owners.map(|owner| write(period, owner, owner * 7_919 % RECORDS, Operator::Set));
        first.write(RecordsWrite { writes: writes.collect() }).await.unwrap();
    }
    // Begun again by whoever comes next, when its reader goes away half-way.
    let ranks = Ranks::new(&core);
    for _ in 0..3 {
        begun_and_dropped(ranks.count(period)).await;
    }
    let readers: Vec<_> = (0..32)
        .map(|number| {
            let ranks = ranks.clone();
            tokio::spawn(async move {
                let owner = UserId(u128::from(RECORDS + number));
                let new = write(period, RECORDS + number, RECORDS + number, Operator::Set);
                let wrote = ranks.write(new).await.unwrap();
                let Wrote::Stands(row) = wrote else { panic!("{wrote:?}") };
                assert_eq!(row.owner, owner);
                let standing = ranks.standing(period, row.key).await.unwrap();
                assert!(standing.rank <= 32 && standing.count > RECORDS, "{standing:?}");
            })
        })
        .collect();
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(check(&core, &ranks, period).await, RECORDS + 32);
}
