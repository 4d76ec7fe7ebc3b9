//! The write-ahead log stays small whatever happens, and a large one costs a start little.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kernel::Seq;
use metrics_exporter_prometheus::PrometheusBuilder;
use store::*;

use crate::directory::Directory;
use crate::engine::Forever;
use crate::samples::{append_now, chunk, open, room};

const SOFT_BYTES: u64 = 1 << 20;
const HARD_BYTES: u64 = 4 << 20;
/// More than one commit of this test can add.
const BATCH_BYTES_MAX: u64 = 512 << 10;

fn fill(store: &Store, rounds: std::ops::RangeInclusive<u64>, mut look: impl FnMut(&Store)) {
    for seq in rounds {
        let append = RoomAppend { body: vec![7; 20_000], ..chunk(room(1), 1, seq, seq) };
        assert!(append_now(store, vec![append])[0].is_ok());
        look(store);
    }
}

fn bounded(options: Options, with_readers: bool) {
    let dir = Directory::new();
    let store = Store::open(&dir.path(), options).unwrap();
    store.write_now(open(room(1), None, false)).unwrap();
    let (stop, reads, most) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        if with_readers {
            // There is always somebody who has begun to read and has not ended.
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        assert_eq!(store.read_now(Forever), Err(StoreError::ReadTooLong));
                        reads.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        }
        fill(&store, 3..=1_500, |store| {
            most.fetch_max(store.wal_bytes(), Ordering::Relaxed);
        });
        stop.store(true, Ordering::Relaxed);
    });
    let most = most.load(Ordering::Relaxed);
    assert!(most > SOFT_BYTES, "the log never grew: {most}");
    assert!(most < HARD_BYTES + BATCH_BYTES_MAX, "the log grew to {most} bytes");
    assert_eq!(reads.load(Ordering::Relaxed) > 0, with_readers);
    let wal = dir.path().join("longhouse.db-wal");
    assert!(std::fs::metadata(&wal).unwrap().len() < HARD_BYTES + BATCH_BYTES_MAX);
    store.close();
    assert_eq!(store.wal_bytes(), 0);
    drop(store);
    let store = dir.open();
    assert_eq!(store.read_now(LogHead { room: room(1) }).unwrap().unwrap().0, Seq(1_500));
}

fn options(read_max_ms: u64) -> Options {
    Options {
        wal_soft_bytes: SOFT_BYTES,
        wal_hard_bytes: HARD_BYTES,
        read_max: Duration::from_millis(read_max_ms),
        synchronous: Synchronous::Off,
        ..Options::default()
    }
}

#[test]
fn it_is_bounded_under_constant_load() {
    bounded(options(1_000), false);
}

#[test]
fn it_is_bounded_while_there_is_always_a_reader() {
    // Long enough that the writer has filled the log before a reader ends: then it waits.
    bounded(options(150), true);
}

#[test]
fn it_is_bounded_by_hand() {
    let dir = Directory::new();
    let store = Store::open_manual(Place::Directory(dir.path()), options(1_000)).unwrap();
    store.write_now(open(room(1), None, false)).unwrap();
    let mut most = 0;
    fill(&store, 3..=300, |store| most = most.max(store.wal_bytes()));
    assert!(most > SOFT_BYTES / 2 && most < SOFT_BYTES + BATCH_BYTES_MAX, "the log grew to {most} bytes");
}

#[test]
fn figures_tell_of_each_copy() {
    // The thread is asked for what is more than the writer copies itself.
    let for_a_thread = Options { wal_soft_bytes: 6 << 20, wal_hard_bytes: 64 << 20, ..options(1_000) };
    for (options, threads) in [(options(1_000), false), (for_a_thread, true)] {
        let dir = Directory::new();
        let recorder = PrometheusBuilder::new().build_recorder();
        let store = metrics::with_local_recorder(&recorder, || match threads {
            true => Store::open(&dir.path(), options).unwrap(),
            false => Store::open_manual(Place::Directory(dir.path()), options).unwrap(),
        });
        store.write_now(open(room(1), None, false)).unwrap();
        let count = |by: &str| {
            let name = format!("longhouse_store_checkpoint_seconds_count{{by=\"{by}\"}} ");
            let page = recorder.handle().render();
            page.lines().find_map(|line| line.strip_prefix(&name)?.parse::<u64>().ok()).unwrap_or(0)
        };
        let (mut next, until) = (3, Instant::now() + Duration::from_secs(60));
        while count("writer") == 0 || (threads && count("thread") == 0) {
            assert!(Instant::now() < until, "{} by the writer, {} beside", count("writer"), count("thread"));
            fill(&store, next..=next + 99, |_| {});
            next += 100;
        }
        assert!(threads || count("thread") == 0);
    }
}

#[test]
fn a_full_one_that_a_killed_process_left_is_read_at_the_start() {
    let dir = Directory::new();
    let large = Options { wal_soft_bytes: 1 << 40, wal_hard_bytes: 1 << 40, ..options(1_000) };
    let store = Store::open(&dir.path(), large).unwrap();
    store.write_now(open(room(1), None, false)).unwrap();
    fill(&store, 3..=1_500, |_| {});
    assert!(store.wal_bytes() > 30 << 20);
    // What a kill leaves: the files as they are, and nobody who closes them.
    let killed = Directory::new();
    std::fs::create_dir_all(killed.path()).unwrap();
    for file in ["longhouse.db", "longhouse.db-wal"] {
        std::fs::copy(dir.path().join(file), killed.path().join(file)).unwrap();
    }
    let started = Instant::now();
    let again = Store::open(&killed.path(), options(1_000)).unwrap();
    assert_eq!(again.read_now(LogHead { room: room(1) }).unwrap().unwrap().0, Seq(1_500));
    let took = started.elapsed();
    assert!(took < Duration::from_secs(3), "the start took {took:?}");
    // It is larger than the hard bound, and the first commit sees to that.
    assert!(again.wal_bytes() > HARD_BYTES);
    fill(&again, 1_501..=1_510, |_| {});
    assert!(again.wal_bytes() < HARD_BYTES);
}
