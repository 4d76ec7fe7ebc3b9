//! The writer: operations side by side in one commit, each as if it were alone.

use std::future::Future;
use std::io::Write;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use kernel::{Epoch, Seq};
use store::*;

use crate::directory::Directory;
use crate::samples::{append_now, chunk, effect, key, open, room, user};

fn by_hand(fault: Option<FaultHook>) -> Store {
    Store::open_manual(Place::Memory, Options { fault, ..Options::default() }).unwrap()
}

static ENDLESS: Statement = Statement::new(
    "tests::ENDLESS",
    "WITH RECURSIVE n (i) AS (SELECT COUNT(*) FROM rooms UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT COUNT(*) FROM n",
);

/// A read of a table that does not end by itself.
pub struct Forever;

impl Operation for Forever {
    type Output = i64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<i64, StoreError> {
        tx.one(&ENDLESS, &[i64::MAX.into()], |row| row.int(0)).await
    }
}

/// Keeps a content and then does what it should not.
struct Then(u8, fn() -> Wrong);

enum Wrong {
    Nothing,
    Fails,
    Waits,
}

impl Operation for Then {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<(), StoreError> {
        keep(self.0).run(tx).await?;
        match self.1() {
            Wrong::Nothing => Ok(()),
            Wrong::Fails => keep_badly().run(tx).await.map(|_| ()),
            Wrong::Waits => std::future::pending().await,
        }
    }
}

fn keep(number: u8) -> ContentPut {
    ContentPut { rules: "r".into(), hash: vec![number], body: vec![number], at_ms: 1 }
}

fn keep_badly() -> ContentPut {
    ContentPut { rules: "r\0".into(), ..keep(0) }
}

fn kept(store: &Store) -> Vec<u8> {
    let has = |number: &u8| {
        let get = ContentGet { rules: "r".into(), hash: vec![*number] };
        store.read_now(get).unwrap().is_some()
    };
    (0..20).filter(has).collect()
}

type Writing<'a, T> = Pin<Box<dyn Future<Output = Result<Committed<T>, StoreError>> + 'a>>;

/// Polls once, which queues it; a thread may be so quick that it is done by then.
fn queue<O: Operation>(store: &Store, operation: O) -> Writing<'_, O::Output> {
    let mut writing: Writing<'_, O::Output> = Box::pin(store.write(operation));
    match poll(&mut writing) {
        Poll::Ready(result) => Box::pin(std::future::ready(result)),
        Poll::Pending => writing,
    }
}

fn poll<T>(writing: &mut Writing<'_, T>) -> Poll<Result<Committed<T>, StoreError>> {
    writing.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn result<T>(mut writing: Writing<'_, T>) -> Result<T, StoreError> {
    match poll(&mut writing) {
        Poll::Ready(result) => result.map(Committed::into_inner),
        Poll::Pending => panic!("it was not answered"),
    }
}

#[test]
fn an_operation_that_fails_panics_or_waits_leaves_no_trace_in_its_batch() {
    let store = by_hand(None);
    let first = queue(&store, Then(1, || Wrong::Nothing));
    let panics = queue(&store, Then(2, || panic!("on purpose")));
    let waits = queue(&store, Then(3, || Wrong::Waits));
    let fails = queue(&store, Then(4, || Wrong::Fails));
    let last = queue(&store, Then(5, || Wrong::Nothing));
    assert_eq!(store.pump(), 5);
    assert_eq!(result(first), Ok(()));
    assert_eq!(result(panics), Err(StoreError::Panicked("on purpose".into())));
    assert_eq!(result(waits), Err(StoreError::Pending));
    assert_eq!(result(fails), Err(StoreError::NotStorable("a text with a NUL byte")));
    assert_eq!(result(last), Ok(()));
    assert_eq!(kept(&store), [1, 5]);
}

#[test]
fn the_writers_thread_outlives_panics_of_operations_and_of_callbacks() {
    let dir = Directory::new();
    let store = dir.open();
    let panicked = store.write_now(Then(2, || panic!("on purpose")));
    assert_eq!(panicked.map(Committed::into_inner), Err(StoreError::Panicked("on purpose".into())));
    store.append(vec![chunk(room(1), 1, 1, 1)], Box::new(|_| panic!("on purpose")));
    store.write_now(keep(7)).unwrap();
    assert_eq!(kept(&store), [7]);
}

#[test]
fn a_batch_is_one_commit_and_appends_go_first() {
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&commits);
    let store = by_hand(Some(Box::new(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        None
    })));
    store.write_now(open(room(1), None, false)).unwrap();
    assert_eq!(commits.swap(0, Ordering::Relaxed), 1);
    let looks: Vec<_> = (0..100).map(|_| queue(&store, LogHead { room: room(1) })).collect();
    let (sender, answers) = mpsc::sync_channel(100);
    for seq in 3..=102 {
        let sender = sender.clone();
        let append = vec![chunk(room(1), 1, seq, seq)];
        store.append(append, Box::new(move |answers| sender.send(answers.len()).unwrap()));
    }
    assert!(answers.try_recv().is_err(), "nothing is answered before the commit");
    assert_eq!(store.pump(), 200);
    assert_eq!(commits.load(Ordering::Relaxed), 1);
    assert_eq!(answers.try_iter().sum::<usize>(), 100);
    for look in looks {
        assert_eq!(result(look).unwrap().unwrap().0, Seq(102), "the appends went first");
    }
    assert_eq!(store.pump(), 0);
}

#[test]
fn a_commit_that_fails_fails_all_of_it_and_says_how() {
    let faults = Arc::new(Mutex::new(Vec::new()));
    let next = Arc::clone(&faults);
    let store = by_hand(Some(Box::new(move || next.lock().unwrap().pop())));
    let unknown = StoreError::Unknown("as a test asked".into());
    let cases = [
        (CommitFault::Full, StoreError::Full, false),
        (CommitFault::LostBefore, unknown.clone(), false),
        (CommitFault::LostAfter, unknown, true),
    ];
    for (number, (fault, error, happened)) in (1u8..).zip(cases) {
        let id = room(number.into());
        store.write_now(open(id, None, false)).unwrap();
        faults.lock().unwrap().push(fault);
        let one = queue(&store, keep(number));
        let other = queue(&store, keep(number + 10));
        let append = append_now(&store, vec![chunk(id, 1, 3, 3), chunk(id, 1, 3, 3)]);
        assert_eq!(append[0], Err(AppendError::Store(error.clone())));
        // What the append's own mistake was stays the answer.
        assert_eq!(append[1], Err(AppendError::Repeated { head: 3 }));
        assert_eq!(result(one), Err(error.clone()));
        assert_eq!(result(other), Err(error.clone()));
        assert_eq!(kept(&store).contains(&number), happened);
        let head = store.read_now(LogHead { room: id }).unwrap().unwrap().0;
        assert_eq!(head, if happened { Seq(3) } else { Seq(2) });
        let next = append_now(&store, vec![chunk(id, 1, head.0 + 1, head.0 + 1)]);
        assert!(next[0].is_ok(), "the store goes on after {fault:?}");
    }
}

#[test]
fn a_full_queue_refuses_appends_at_once_and_lets_writes_wait() {
    let store = by_hand(None);
    store.write_now(open(room(1), None, false)).unwrap();
    let busy = |rooms: Vec<RoomAppend>| {
        let (sender, answers) = mpsc::sync_channel(1);
        store.append(rooms, Box::new(move |answers: Vec<Appended>| sender.send(answers).unwrap()));
        answers.try_recv().ok().map(|answers| answers.into_iter().map(Result::unwrap_err).collect::<Vec<_>>())
    };
    let large = |seq| RoomAppend { body: vec![0; APPEND_BYTES_MAX], ..chunk(room(1), 1, seq, seq) };
    let fitting = u64::try_from(QUEUE_APPEND_BYTES_MAX / APPEND_BYTES_MAX).unwrap();
    for seq in 3..3 + fitting {
        assert_eq!(busy(vec![large(seq)]), None);
    }
    let refused = vec![AppendError::Store(StoreError::Busy); 2];
    assert_eq!(busy(vec![chunk(room(1), 1, 99, 99); 2]), Some(refused));
    store.pump();
    assert_eq!(store.read_now(LogHead { room: room(1) }).unwrap().unwrap().0, Seq(2 + fitting));

    let look = || LogHead { room: room(2) };
    let mut queued: Vec<_> = (0..QUEUE_BULK_MAX).map(|_| queue(&store, look())).collect();
    let mut waiting: Vec<_> = (0..QUEUE_WAITERS_MAX).map(|_| queue(&store, look())).collect();
    assert_eq!(store.write_now(look()), Err(StoreError::Busy));
    assert_eq!(store.pump(), BATCH_BULK_MAX);
    for _ in 0..BATCH_BULK_MAX {
        assert_eq!(result(queued.remove(0)), Ok(None));
    }
    // A place is free for whoever waited the longest.
    assert!(poll(&mut waiting[0]).is_pending());
    while store.pump() > 0 {}
    assert_eq!(result(waiting.remove(0)), Ok(None));
}

#[test]
fn what_is_queued_is_done_before_a_store_closes_and_nothing_after() {
    let dir = Directory::new();
    let store = dir.open();
    store.write_now(open(room(1), None, false)).unwrap();
    let (sender, answers) = mpsc::sync_channel(1_000);
    for seq in 3..=500 {
        let sender = sender.clone();
        let done: AppendDone = Box::new(move |answers| sender.send(answers[0].is_ok()).unwrap());
        store.append(vec![chunk(room(1), 1, seq, seq)], done);
    }
    // The caller goes away; the operation is queued and runs.
    drop(queue(&store, keep(9)));
    store.close();
    assert_eq!(answers.try_iter().filter(|&ok| ok).count(), 498);
    assert_eq!(store.write_now(keep(1)), Err(StoreError::Closed));
    let late = append_now(&store, vec![chunk(room(1), 1, 501, 501)]);
    assert_eq!(late, [Err(AppendError::Store(StoreError::Closed))]);
    let get = ContentGet { rules: "r".into(), hash: vec![9] };
    assert_eq!(store.read_now(get), Err(StoreError::Closed));
    // Its directory is free, whoever still holds a handle.
    assert_eq!(kept(&dir.open()), [9]);
}

#[test]
fn by_hand_a_closed_store_answers_what_it_will_not_do() {
    let store = by_hand(None);
    let (sender, answers) = mpsc::sync_channel(1);
    store.append(vec![chunk(room(1), 1, 1, 1)], Box::new(move |mut a| sender.send(a.remove(0)).unwrap()));
    let writing = queue(&store, keep(1));
    store.close();
    assert_eq!(answers.try_recv().unwrap().unwrap_err(), AppendError::Store(StoreError::Closed));
    assert_eq!(result(writing).unwrap_err(), StoreError::Closed);
}

#[test]
fn a_callback_may_use_the_store_and_hold_its_last_handle() {
    let dir = Directory::new();
    let store = dir.open();
    store.write_now(open(room(1), None, false)).unwrap();
    let (sender, answers) = mpsc::sync_channel(1);
    let again = store.clone();
    let first: AppendDone = Box::new(move |_| {
        let second: AppendDone = Box::new(move |answers| sender.send(answers[0].is_ok()).unwrap());
        again.append(vec![chunk(room(1), 1, 4, 4)], second);
    });
    store.append(vec![chunk(room(1), 1, 3, 3)], first);
    drop(store);
    assert!(answers.recv_timeout(Duration::from_secs(60)).unwrap());
    // The writer ends by itself then, and lets the directory go.
    let until = Instant::now() + Duration::from_secs(60);
    while Store::open(&dir.path(), Options::default()).is_err() {
        assert!(Instant::now() < until, "the directory was not let go");
        std::thread::yield_now();
    }
}

#[test]
fn reads_end_in_time_and_write_nothing() {
    let dir = Directory::new();
    let options = Options { read_max: Duration::from_millis(20), ..Options::default() };
    let store = Store::open(&dir.path(), options).unwrap();
    assert_eq!(store.read_now(Forever), Err(StoreError::ReadTooLong));
    assert!(matches!(store.read_now(keep(1)), Err(StoreError::Engine(_))));
    assert!(matches!(by_hand(None).read_now(keep(1)), Err(StoreError::Engine(_))));
    assert_eq!(kept(&store), [0u8; 0]);
}

#[test]
fn many_threads_write_and_read_at_once() {
    const THREADS: u64 = 8;
    const EACH: u64 = 200;
    let dir = Directory::new();
    let store = Store::open(&dir.path(), Options { readers: 2, ..Options::default() }).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &store;
            scope.spawn(move || {
                let id = room((thread + 1).into());
                store.write_now(open(id, Some(user(thread.into())), true)).unwrap();
                for seq in 3..3 + EACH {
                    assert!(append_now(store, vec![chunk(id, 1, seq, seq)])[0].is_ok());
                    // What was acknowledged is seen by every later read.
                    assert_eq!(store.read_now(LogHead { room: id }).unwrap().unwrap().0, Seq(seq));
                }
            });
        }
    });
    for thread in 0..THREADS {
        let head = store.read_now(LogHead { room: room((thread + 1).into()) }).unwrap();
        assert_eq!(head.unwrap().0, Seq(2 + EACH));
    }
}

#[test]
fn snapshots_are_saved_in_parts_and_thinned_out() {
    let dir = Directory::new();
    let store = dir.open();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    store.write_now(open(room(1), None, false)).unwrap();
    let save = |seq: u64, size: usize, epoch| {
        let body = vec![seq as u8; size];
        let saved = store.save_snapshot(room(1), Epoch(epoch), Seq(seq), seq.cast_signed(), body, false);
        runtime.block_on(saved).unwrap()
    };
    let sizes = [0, 1, SNAPSHOT_PART_BYTES_MAX, SNAPSHOT_PART_BYTES_MAX + 1, 40 * SNAPSHOT_PART_BYTES_MAX];
    for (seq, size) in (1u64..).zip(sizes) {
        assert_eq!(save(seq, size, 1), SnapshotSaved::Saved);
        let found = store.read_now(LatestSnapshot { room: room(1), at_or_before: Seq(u64::MAX) }).unwrap();
        let FoundSnapshot::Whole(found) = found else { panic!("{found:?}") };
        assert_eq!(
            (found.seq, found.at_ms, found.body),
            (Seq(seq), seq.cast_signed(), vec![seq as u8; size])
        );
    }
    assert_eq!(save(6, 10, 2), SnapshotSaved::StaleEpoch);
    // All are of one day: the newest two stay, and the large one goes when it is the third.
    let oldest = |at_or_before| store.read_now(LatestSnapshot { room: room(1), at_or_before }).unwrap();
    assert_eq!(oldest(Seq(3)), FoundSnapshot::None);
    save(7, 10, 1);
    save(8, 10, 1);
    assert_eq!(oldest(Seq(6)), FoundSnapshot::None);
}

#[test]
fn a_snapshot_that_was_cut_short_is_not_seen() {
    let faults = Arc::new(Mutex::new(Vec::new()));
    let next = Arc::clone(&faults);
    let store = by_hand(Some(Box::new(move || next.lock().unwrap().pop().flatten())));
    store.write_now(open(room(1), None, false)).unwrap();
    let save = |seq, parts: usize| {
        let body = vec![seq as u8; parts * SNAPSHOT_PART_BYTES_MAX];
        let mut saving = Box::pin(store.save_snapshot(room(1), Epoch(1), Seq(seq), 0, body, false));
        loop {
            match saving.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(saved) => break saved,
                Poll::Pending => assert_eq!(store.pump(), 1),
            }
        }
    };
    assert_eq!(save(1, 3), Ok(SnapshotSaved::Saved));
    for good in 0..4 {
        let fails = std::iter::once(Some(CommitFault::Full));
        *faults.lock().unwrap() = fails.chain(std::iter::repeat_n(None, good)).collect();
        assert_eq!(save(2, 4), Err(StoreError::Full));
        let found = store.read_now(LatestSnapshot { room: room(1), at_or_before: Seq(9) }).unwrap();
        assert!(matches!(&found, FoundSnapshot::Whole(found) if found.seq == Seq(1)), "after {good} parts");
    }
    assert_eq!(save(2, 4), Ok(SnapshotSaved::Saved));
    let found = store.read_now(LatestSnapshot { room: room(1), at_or_before: Seq(9) }).unwrap();
    assert!(matches!(found, FoundSnapshot::Whole(found) if found.seq == Seq(2)));
}

#[test]
fn an_effect_is_applied_once_even_where_the_log_was_tampered_with() {
    let dir = Directory::new();
    let store = dir.open();
    store.write_now(open(room(1), None, false)).unwrap();
    let mut paid = chunk(room(1), 1, 3, 3);
    paid.effects = vec![effect(3, 0, user(1), 10, false), effect(3, 1, user(1), -8, true)];
    for _ in 0..3 {
        let receipt = append_now(&store, vec![paid.clone()]).remove(0).unwrap();
        assert_eq!(receipt.answers, [(key(3, 1), Ok(()))]);
        assert_eq!(store.read_now(WalletGet { user: user(1) }).unwrap()[0].amount, 2);
        let outside = rusqlite::Connection::open(dir.database()).unwrap();
        assert_eq!(outside.execute("DELETE FROM room_log WHERE first_seq = 3", []).unwrap(), 1);
    }
}

/// Notes its turn and takes its time.
struct Slow(usize, Arc<Mutex<Vec<usize>>>);

impl Operation for Slow {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<(), StoreError> {
        self.1.lock().unwrap().push(self.0);
        let until = Instant::now() + Duration::from_millis(BATCH_MS_MAX / 2);
        while Instant::now() < until {
            keep(self.0 as u8).run(tx).await?;
        }
        Ok(())
    }
}

#[test]
fn what_a_batch_has_no_time_for_keeps_its_turn() {
    let dir = Directory::new();
    let store = dir.open();
    let turns = Arc::new(Mutex::new(Vec::new()));
    let writing: Vec<_> = (0..12).map(|number| queue(&store, Slow(number, Arc::clone(&turns)))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for writing in writing {
        runtime.block_on(writing).unwrap();
    }
    assert_eq!(*turns.lock().unwrap(), (0..12).collect::<Vec<_>>());
    assert_eq!(kept(&store), (0..12).collect::<Vec<u8>>());
}

/// Collects the lines of a log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_slow_statement_is_logged_with_its_callers_request() {
    let lines = Lines::default();
    let sink = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || sink.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        let options = Options { slow_statement: Duration::ZERO, ..Options::default() };
        let store = Store::open_manual(Place::Memory, options).unwrap();
        let writing = tracing::info_span!("request", id = "r-17").in_scope(|| queue(&store, keep(1)));
        store.pump();
        assert!(result(writing).unwrap());
    });
    let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let slow = lines.lines().find(|line| line.contains("slow statement")).unwrap();
    assert!(slow.contains("contents::PUT") && slow.contains("r-17"), "{slow}");
}
