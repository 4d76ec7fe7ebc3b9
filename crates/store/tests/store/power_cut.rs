//! The power goes, at every sync of a short run and at every acknowledgement: what was acknowledged is there, whole
//! and once. The test proves itself: without syncs it must find losses.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use kernel::{Seat, Seq};
use store::*;

use crate::samples::{append_now, chunk, effect, open, room, user};
use crate::vfs::{Disk, Image, Keep, restore};

const ROOMS: u128 = 3;
const ROUNDS: u64 = 24;
/// Variants of each cut in which some of what was not synced survives.
const SURVIVALS: u64 = 3;

/// What the run did, in the order in which it was acknowledged.
#[derive(Clone, Debug)]
enum Done {
    User(u128),
    Opened(u128),
    Append { room: u128, seq: u64 },
}

/// An image of the disk, and how much had been acknowledged when it was taken.
struct Cut {
    acknowledged: usize,
    image: Image,
}

struct Run {
    done: Vec<Done>,
    cuts: Vec<Cut>,
}

fn body(room: u128, seq: u64) -> Vec<u8> {
    // From one page to several, so that leaves split and bodies overflow.
    let length = 40 + (seq as usize * 977 + room as usize * 131) % 9_000;
    let mut body = format!("{room}/{seq}:").into_bytes();
    body.resize(length, seq as u8);
    body
}

fn append(number: u128, seq: u64) -> RoomAppend {
    let mut append = RoomAppend { body: body(number, seq), ..chunk(room(number), 1, seq, seq) };
    append.effects = vec![effect(seq, 0, user(number), 1, false)];
    append
}

/// Plays a fixed course on a disk and takes images of it.
fn run(synchronous: Synchronous, threads: bool) -> Run {
    let disk = Disk::new();
    let dir = tempfile::tempdir().unwrap();
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let cuts = Arc::new(Mutex::new(Vec::new()));
    let take = {
        let (acknowledged, cuts) = (Arc::clone(&acknowledged), Arc::clone(&cuts));
        move |files: &crate::vfs::Files| {
            let acknowledged = acknowledged.load(Ordering::SeqCst);
            let mut cuts = cuts.lock().unwrap();
            let seed = cuts.len() as u64;
            let survivals = (0..SURVIVALS).map(|n| Keep::Some(seed * SURVIVALS + n));
            for keep in std::iter::once(Keep::Nothing).chain(survivals) {
                cuts.push(Cut { acknowledged, image: files.cut(keep) });
            }
        }
    };
    disk.at_sync(take.clone());
    // A small log, so that the run fills and restarts it several times.
    let options = Options {
        synchronous,
        vfs: Some(disk.name().to_owned()),
        wal_soft_bytes: 96 << 10,
        ..Options::default()
    };
    let store = if threads {
        Store::open(dir.path(), options).unwrap()
    } else {
        Store::open_manual(Place::Directory(dir.path().to_owned()), options).unwrap()
    };
    let mut done = Vec::new();
    let mut acknowledge = |what: Vec<Done>| {
        done.extend(what);
        acknowledged.store(done.len(), Ordering::SeqCst);
        take(&disk.files());
    };
    for number in 1..=ROOMS {
        let device = format!("device-{number:04}");
        let username = format!("name-{number}");
        let create =
            Register { credential: Credential::Device(device), user: user(number), username, at_ms: 1 };
        assert!(matches!(*store.write_now(create).unwrap(), Registered::Created(_)));
        acknowledge(vec![Done::User(number)]);
        let mut opening = open(room(number), Some(user(number)), true);
        opening.first.last_seq = Seq(1);
        assert!(matches!(*store.write_now(opening).unwrap(), OpenedRoom::Opened(_)));
        acknowledge(vec![Done::Opened(number)]);
    }
    for seq in 2..=ROUNDS {
        let appends: Vec<_> = (1..=ROOMS).map(|number| append(number, seq)).collect();
        assert!(append_now(&store, appends).iter().all(Result::is_ok));
        acknowledge((1..=ROOMS).map(|room| Done::Append { room, seq }).collect());
    }
    drop(store);
    let cuts = std::mem::take(&mut *cuts.lock().unwrap());
    Run { done, cuts }
}

/// Opens what a cut left. `Err`: something acknowledged is missing, or something is there twice or in part.
fn check(run: &Run, cut: &Cut) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    restore(&cut.image, dir.path());
    let options = Options { synchronous: Synchronous::Off, ..Options::default() };
    let store = Store::open_manual(Place::Directory(dir.path().to_owned()), options)
        .map_err(|error| format!("it does not open: {error}"))?;
    let read = |error: StoreError| format!("it cannot be read: {error}");
    for done in &run.done[..cut.acknowledged] {
        let there = match done {
            Done::User(number) => {
                let device = format!("device-{number:04}");
                store.read_now(FindByDevice { device }).map_err(read)?.is_some()
            }
            Done::Opened(number) => {
                let seats = store.read_now(SeatsOf { room: room(*number) }).map_err(read)?;
                seats == [(Seat(0), user(*number))]
            }
            Done::Append { room: number, seq } => {
                let head = store.read_now(LogHead { room: room(*number) }).map_err(read)?;
                head.is_some_and(|(head, ..)| head.0 >= *seq)
            }
        };
        if !there {
            return Err(format!("acknowledged, but not there: {done:?}"));
        }
    }
    for number in 1..=ROOMS {
        let load = LoadLog { room: room(number), after: Seq(0), bytes_max: 1 << 30 };
        let page = store.read_now(load).map_err(read)?;
        for (chunk, seq) in page.chunks.iter().zip(1u64..) {
            let whole = chunk.first_seq.0 == seq && (seq == 1 || chunk.body == body(number, seq));
            if !whole {
                return Err(format!("room {number} has a torn row at {seq}"));
            }
        }
        // Every input but the first pays one coin.
        let paid = page.chunks.len().saturating_sub(1) as i64;
        let wallet = store.read_now(WalletGet { user: user(number) }).map_err(read)?;
        let has = wallet.first().map_or(0, |balance| balance.amount);
        let ledger = LedgerOfRoom { room: room(number), after: Seq(0), limit: 10_000 };
        let entries = store.read_now(ledger).map_err(read)?.len() as i64;
        if (has, entries) != (paid, paid) {
            return Err(format!("room {number}: {paid} inputs, {entries} in the ledger, {has} coins"));
        }
    }
    drop(store);
    let conn = rusqlite::Connection::open(dir.path().join("longhouse.db")).unwrap();
    let sound: String =
        conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(|e| e.to_string())?;
    if sound != "ok" {
        return Err(sound);
    }
    Ok(())
}

fn nothing_is_lost(threads: bool) {
    let run = run(Synchronous::Full, threads);
    assert!(run.cuts.len() > 400, "the run has {} cuts", run.cuts.len());
    // The database grows by checkpoints only: there were some among the cuts.
    let database = |cut: &Cut| cut.image.get("longhouse.db").map_or(0, Vec::len);
    let mut sizes: Vec<_> = run.cuts.iter().map(database).collect();
    sizes.dedup();
    assert!(sizes.len() > 8, "the log was emptied too seldom: {sizes:?}");
    for (number, cut) in run.cuts.iter().enumerate() {
        let sound = check(&run, cut);
        assert_eq!(sound, Ok(()), "cut {number} of {}, {} acknowledged", run.cuts.len(), cut.acknowledged);
    }
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    nothing_is_lost(false);
}

/// The same with the writer and the checkpointer each on its thread.
#[test]
fn a_power_cut_between_threads_loses_nothing_that_was_acknowledged() {
    nothing_is_lost(true);
}

#[test]
fn without_syncs_the_same_test_finds_losses() {
    let run = run(Synchronous::Off, false);
    let losses = run.cuts.iter().filter(|cut| check(&run, cut).is_err()).count();
    assert!(losses > run.cuts.len() / 2, "{losses} of {} cuts were found to lose something", run.cuts.len());
}
