//! Rooms, their logs, effects, seats and snapshots, on every engine.

use kernel::{Epoch, RoomId, Seat, Seq};
use store::*;

use super::Engine;
use crate::samples::{chunk, effect, key, open, room, user};

pub fn rooms_open_once_for_their_owner(engine: &mut impl Engine) {
    let opened = engine.run(open(room(1), Some(user(1)), true)).unwrap();
    assert_eq!(opened, OpenedRoom::Opened(AppendReceipt { last_seq: Seq(2), answers: vec![] }));
    let again = engine.run(open(room(2), Some(user(1)), true)).unwrap();
    assert_eq!(again, OpenedRoom::Exists(room(1)));
    assert_eq!(engine.run(RoomGet { room: room(2) }).unwrap(), None);
    assert!(matches!(engine.run(open(room(3), Some(user(1)), false)).unwrap(), OpenedRoom::Opened(_)));
    assert!(matches!(engine.run(open(room(4), Some(user(2)), true)).unwrap(), OpenedRoom::Opened(_)));
    assert!(matches!(engine.run(open(room(5), None, false)).unwrap(), OpenedRoom::Opened(_)));
    let mine = |number, rules: &str| MineRoom { user: user(number), rules: rules.into() };
    assert_eq!(engine.run(mine(1, "ledger")).unwrap(), Some(room(1)));
    assert_eq!(engine.run(mine(2, "ledger")).unwrap(), Some(room(4)));
    assert_eq!(engine.run(mine(2, "farm")).unwrap(), None);
    assert!(matches!(engine.run(open(room(6), None, true)), Err(StoreError::NotStorable(_))));
    let mut late = open(room(7), None, false);
    (late.first.first_seq, late.first.last_seq) = (Seq(4), Seq(4));
    assert!(matches!(engine.run(late), Err(StoreError::NotStorable(_))));
    assert_eq!(engine.run(RoomGet { room: room(7) }).unwrap(), None);
}

pub fn rooms_are_claimed_and_closed(engine: &mut impl Engine) {
    engine.run(open(room(1), Some(user(1)), false)).unwrap();
    let claim = |holder: &str| ClaimRoom { room: room(1), holder: holder.into() };
    let row = engine.run(claim("there")).unwrap().unwrap();
    let known = RoomRow {
        id: room(1),
        rules: "ledger".into(),
        creator: Some(user(1)),
        mine: false,
        created_ms: 5,
        epoch: Epoch(2),
        holder: "there".into(),
        state: RoomState::Open,
        label: String::new(),
        wake_at_ms: None,
    };
    assert_eq!(row, known);
    assert_eq!(engine.run(RoomGet { room: room(1) }).unwrap(), Some(known.clone()));
    assert_eq!(engine.run(ClaimRoom { room: room(2), holder: String::new() }).unwrap(), None);
    let close = |epoch, fault: Option<&str>| CloseRoom {
        room: room(1),
        epoch: Epoch(epoch),
        fault: fault.map(str::to_owned),
    };
    assert!(!engine.run(close(1, Some("forged"))).unwrap());
    assert!(engine.run(close(2, Some("row 7 is missing"))).unwrap());
    assert!(!engine.run(close(2, None)).unwrap());
    let faulted = RoomRow { state: RoomState::Faulted("row 7 is missing".into()), ..known };
    assert_eq!(engine.run(claim("elsewhere")).unwrap(), Some(faulted));
    assert_eq!(engine.append(chunk(room(1), 2, 3, 3)), Err(AppendError::StaleEpoch));
    assert!(engine.run(ReopenRoom { room: room(1) }).unwrap());
    engine.append(chunk(room(1), 2, 3, 3)).unwrap();
    assert!(engine.run(close(2, None)).unwrap());
    assert!(!engine.run(ReopenRoom { room: room(1) }).unwrap());
    assert_eq!(engine.run(RoomGet { room: room(1) }).unwrap().unwrap().state, RoomState::Ended);
}

pub fn rooms_are_listed(engine: &mut impl Engine) {
    for number in 1..=5 {
        engine.run(open(room(number), Some(user(number)), false)).unwrap();
    }
    let mut named = chunk(room(4), 1, 3, 3);
    (named.label, named.new_seats) = (Some("{\"name\":\"four\"}".into()), vec![(Seat(1), user(1))]);
    engine.append(named).unwrap();
    engine.run(CloseRoom { room: room(3), epoch: Epoch(1), fault: None }).unwrap();
    let mut list = |before, open_only| {
        let found = engine.run(ListRooms { before, open_only, limit: 2 }).unwrap();
        found.iter().map(|listed| (listed.row.id, listed.seats)).collect::<Vec<_>>()
    };
    assert_eq!(list(None, true), [(room(5), 1), (room(4), 2)]);
    assert_eq!(list(Some(room(4)), true), [(room(2), 1), (room(1), 1)]);
    assert_eq!(list(Some(room(4)), false), [(room(3), 1), (room(2), 1)]);
    assert_eq!(list(Some(room(1)), false), []);
    assert_eq!(engine.run(RoomGet { room: room(4) }).unwrap().unwrap().label, "{\"name\":\"four\"}");
    let size = engine.run(LogSizeOf { room: room(4) }).unwrap();
    let bytes = (chunk(room(4), 1, 1, 2).body.len() + chunk(room(4), 1, 3, 3).body.len()) as u64;
    assert_eq!(size, LogSize { chunks: 2, bytes, first_seq: 1, last_seq: 3 });
    assert_eq!(engine.run(LogSizeOf { room: room(9) }).unwrap(), LogSize::default());
}

pub fn rooms_wake_when_due(engine: &mut impl Engine) {
    for (number, wake_at) in [(1, Some(300)), (2, Some(100)), (3, Some(200)), (4, None)] {
        engine.run(open(room(number), None, false)).unwrap();
        let mut sleeping = chunk(room(number), 1, 3, 3);
        sleeping.wake_at = Some(wake_at);
        engine.append(sleeping).unwrap();
    }
    let due = |now_ms, limit| RoomsDue { now_ms, limit };
    assert_eq!(engine.run(due(Some(99), 9)).unwrap(), []);
    assert_eq!(engine.run(due(Some(200), 9)).unwrap(), [(room(2), 100), (room(3), 200)]);
    assert_eq!(engine.run(due(Some(200), 1)).unwrap(), [(room(2), 100)]);
    assert_eq!(engine.run(due(None, 1)).unwrap(), [(room(2), 100)]);
    let mut awake = chunk(room(2), 1, 4, 4);
    awake.wake_at = Some(None);
    engine.append(awake).unwrap();
    assert_eq!(engine.run(due(None, 1)).unwrap(), [(room(3), 200)]);
    engine.run(CloseRoom { room: room(3), epoch: Epoch(1), fault: None }).unwrap();
    assert_eq!(engine.run(due(None, 1)).unwrap(), [(room(1), 300)]);
}

pub fn old_terms_and_wrong_numbers_are_refused(engine: &mut impl Engine) {
    engine.run(open(room(1), None, false)).unwrap();
    assert_eq!(engine.append(chunk(room(1), 1, 1, 2)), Err(AppendError::Repeated { head: 2 }));
    assert_eq!(engine.append(chunk(room(1), 1, 2, 5)), Err(AppendError::Repeated { head: 2 }));
    assert_eq!(engine.append(chunk(room(1), 1, 4, 5)), Err(AppendError::Gap { head: 2 }));
    assert_eq!(engine.append(chunk(room(1), 1, 3, 5)).unwrap().last_seq, Seq(5));
    assert_eq!(engine.append(chunk(room(1), 1, 3, 5)), Err(AppendError::Repeated { head: 5 }));
    assert_eq!(engine.append(chunk(room(2), 1, 1, 1)), Err(AppendError::StaleEpoch));
    engine.run(ClaimRoom { room: room(1), holder: "there".into() }).unwrap();
    // The old holder, with the next number and with one that is behind: both times it has lost the room.
    assert_eq!(engine.append(chunk(room(1), 1, 6, 6)), Err(AppendError::StaleEpoch));
    engine.append(chunk(room(1), 2, 6, 8)).unwrap();
    assert_eq!(engine.append(chunk(room(1), 1, 6, 6)), Err(AppendError::StaleEpoch));
    assert_eq!(engine.append(chunk(room(1), 3, 9, 9)), Err(AppendError::StaleEpoch));
    let head = engine.run(LogHead { room: room(1) }).unwrap();
    assert_eq!(head, Some((Seq(8), Epoch(2), 80)));
    assert!(matches!(engine.append(chunk(room(1), 2, 9, 8)), Err(AppendError::Refused(_))));
    assert!(matches!(engine.append(chunk(room(1), 2, 0, 9)), Err(AppendError::Refused(_))));
    let too_large = RoomAppend { body: vec![0; APPEND_BYTES_MAX + 1], ..chunk(room(1), 2, 9, 9) };
    assert!(matches!(engine.append(too_large), Err(AppendError::Refused(_))));
}

pub fn logs_are_read_in_pages_and_pruned(engine: &mut impl Engine) {
    engine.run(open(room(1), None, false)).unwrap();
    let written: Vec<_> = (1..=6).map(|n| chunk(room(1), 1, n * 3, n * 3 + 2)).collect();
    for append in &written {
        engine.append(append.clone()).unwrap();
    }
    let load = |after, bytes_max| LoadLog { room: room(1), after: Seq(after), bytes_max };
    let firsts = |page: &LogPage| page.chunks.iter().map(|chunk| chunk.first_seq.0).collect::<Vec<_>>();
    let all = engine.run(load(0, 1 << 20)).unwrap();
    assert_eq!((firsts(&all), all.more), (vec![1, 3, 6, 9, 12, 15, 18], false));
    let (first, back) = (&written[0], &all.chunks[1]);
    assert_eq!(
        (back.first_seq, back.last_seq, back.epoch, back.at_ms, back.sum, &back.body),
        (first.first_seq, first.last_seq, first.epoch, first.at_ms, first.sum, &first.body)
    );
    // In the middle of a chunk, at its end, at the log's end and beyond it.
    assert_eq!(firsts(&engine.run(load(7, 1 << 20)).unwrap()), [6, 9, 12, 15, 18]);
    assert_eq!(firsts(&engine.run(load(8, 1 << 20)).unwrap()), [9, 12, 15, 18]);
    assert_eq!(firsts(&engine.run(load(20, 1 << 20)).unwrap()), [0u64; 0]);
    assert_eq!(firsts(&engine.run(load(90, 1 << 20)).unwrap()), [0u64; 0]);
    let two = (written[2].body.len() + written[3].body.len()) as u64;
    let page = engine.run(load(8, two)).unwrap();
    assert_eq!((firsts(&page), page.more), (vec![9, 12], true));
    let page = engine.run(load(8, 0)).unwrap();
    assert_eq!((firsts(&page), page.more), (vec![9], true));
    let prune = |before, before_ms, limit| PruneLog { room: room(1), before: Seq(before), before_ms, limit };
    assert_eq!(engine.run(prune(9, i64::MAX, 2)).unwrap(), 2);
    assert_eq!(engine.run(prune(9, i64::MAX, 2)).unwrap(), 1);
    assert_eq!(engine.run(prune(9, i64::MAX, 2)).unwrap(), 0);
    assert_eq!(engine.run(prune(99, 120, 9)).unwrap(), 1);
    assert_eq!(engine.run(prune(99, i64::MAX, 9)).unwrap(), 2);
    assert_eq!(firsts(&engine.run(load(0, 1 << 20)).unwrap()), [18]);
    engine.append(chunk(room(1), 1, 21, 21)).unwrap();
    assert_eq!(engine.run(LogHead { room: room(9) }).unwrap(), None);
}

fn wallet(engine: &mut impl Engine, number: u128) -> Vec<(String, i64)> {
    let wallet = engine.run(WalletGet { user: user(number) }).unwrap();
    wallet.into_iter().map(|balance| (balance.currency, balance.amount)).collect()
}

pub fn effects_change_wallets_once(engine: &mut impl Engine) {
    engine.run(open(room(1), None, false)).unwrap();
    let mut paid = chunk(room(1), 1, 3, 4);
    paid.effects = vec![
        effect(3, 0, user(1), 50, false),
        effect(3, 1, user(1), -30, true),
        effect(4, 0, user(1), -30, true),
        StoreEffect { currency: "gems".into(), ..effect(4, 1, user(1), 2, true) },
        effect(4, 2, user(2), i64::MAX, false),
    ];
    let receipt = engine.append(paid.clone()).unwrap();
    let short = Err((REFUSED_SHORT, "not enough coins".to_owned()));
    let answers = vec![(key(3, 1), Ok(())), (key(4, 0), short.clone()), (key(4, 1), Ok(()))];
    assert_eq!(receipt, AppendReceipt { last_seq: Seq(4), answers: answers.clone() });
    assert_eq!(wallet(engine, 1), [("coins".to_owned(), 20), ("gems".to_owned(), 2)]);
    assert_eq!(engine.append(paid), Err(AppendError::Repeated { head: 4 }));
    assert_eq!(wallet(engine, 1), [("coins".to_owned(), 20), ("gems".to_owned(), 2)]);
    assert_eq!(engine.run(AnswersOf { room: room(1) }).unwrap(), answers);
    let mut heard = chunk(room(1), 1, 5, 6);
    heard.answered = vec![key(3, 1), key(4, 1)];
    // A wallet is full: what always succeeds fills it, what may be refused is.
    heard.effects = vec![effect(5, 0, user(2), 1, false), effect(6, 0, user(2), 1, true)];
    let full = Err((REFUSED_FULL, "the wallet holds no more coins".to_owned()));
    assert_eq!(engine.append(heard).unwrap().answers, [(key(6, 0), full.clone())]);
    assert_eq!(wallet(engine, 2), [("coins".to_owned(), i64::MAX)]);
    assert_eq!(engine.run(AnswersOf { room: room(1) }).unwrap(), [(key(4, 0), short), (key(6, 0), full)]);
    let ledger = |after| LedgerOfRoom { room: room(1), after: Seq(after), limit: 9 };
    let entries = engine.run(ledger(3)).unwrap();
    let amounts: Vec<_> = entries.iter().map(|entry| (entry.key, entry.amount, entry.balance)).collect();
    assert_eq!(amounts, [(key(4, 1), 2, 2), (key(4, 2), i64::MAX, i64::MAX), (key(5, 0), 0, i64::MAX)]);
}

pub fn an_append_is_whole_or_not_at_all(engine: &mut impl Engine) {
    engine.run(open(room(1), Some(user(1)), false)).unwrap();
    let mut wrong = Vec::new();
    let mut negative = chunk(room(1), 1, 3, 3);
    negative.effects = vec![effect(3, 0, user(1), -1, false)];
    wrong.push(negative);
    let mut foreign = chunk(room(1), 1, 3, 3);
    foreign.effects = vec![effect(3, 0, user(1), 7, false), effect(4, 0, user(1), 7, false)];
    wrong.push(foreign);
    for currency in ["", "Coins", "a b", "abcdefghijklmnopqrstuvwxyz0123456"] {
        let mut unnamed = chunk(room(1), 1, 3, 3);
        unnamed.effects = vec![StoreEffect { currency: currency.into(), ..effect(3, 0, user(1), 7, false) }];
        wrong.push(unnamed);
    }
    // Found only after the log's row is written.
    let mut crowded = chunk(room(1), 1, 3, 3);
    crowded.effects = vec![effect(3, 0, user(1), 7, false)];
    crowded.new_seats = vec![(Seat(1), user(2)), (Seat(0), user(3))];
    wrong.push(crowded);
    for append in wrong {
        assert!(matches!(engine.append(append), Err(AppendError::Refused(_))));
    }
    let mut nul = chunk(room(1), 1, 3, 3);
    (nul.label, nul.new_seats) = (Some("a\0b".into()), vec![(Seat(1), user(2))]);
    assert!(matches!(engine.append(nul), Err(AppendError::Store(StoreError::NotStorable(_)))));
    assert_eq!(engine.run(LogHead { room: room(1) }).unwrap().unwrap().0, Seq(2));
    assert_eq!(engine.run(SeatsOf { room: room(1) }).unwrap(), [(Seat(0), user(1))]);
    assert_eq!(wallet(engine, 1), []);
    engine.append(chunk(room(1), 1, 3, 3)).unwrap();
}

pub fn seats_have_one_person_each(engine: &mut impl Engine) {
    engine.run(open(room(1), Some(user(1)), false)).unwrap();
    engine.run(open(room(2), Some(user(2)), false)).unwrap();
    let sit = |seq, seat, number| {
        let mut sitting = chunk(room(1), 1, seq, seq);
        sitting.new_seats = vec![(Seat(seat), user(number))];
        sitting
    };
    engine.append(sit(3, 1, 2)).unwrap();
    assert!(matches!(engine.append(sit(4, 1, 3)), Err(AppendError::Refused(_))));
    assert!(matches!(engine.append(sit(4, 2, 2)), Err(AppendError::Refused(_))));
    assert_eq!(engine.run(SeatsOf { room: room(1) }).unwrap(), [(Seat(0), user(1)), (Seat(1), user(2))]);
    let of = |number, after| RoomsOfUser { user: user(number), after, limit: 1 };
    assert_eq!(engine.run(of(2, RoomId(0))).unwrap(), [(room(1), Seat(1))]);
    assert_eq!(engine.run(of(2, room(1))).unwrap(), [(room(2), Seat(0))]);
    assert_eq!(engine.run(of(2, room(2))).unwrap(), []);
}

pub fn snapshots_are_whole_or_damaged(engine: &mut impl Engine) {
    engine.run(open(room(1), None, false)).unwrap();
    let part = |seq, part: u32, parts, text: &str| SaveSnapshotPart {
        room: room(1),
        epoch: Epoch(1),
        seq: Seq(seq),
        part,
        parts,
        at_ms: 9,
        body: text.as_bytes().to_vec(),
        moment: false,
    };
    let latest = |at_or_before| LatestSnapshot { room: room(1), at_or_before: Seq(at_or_before) };
    assert_eq!(engine.run(latest(u64::MAX)).unwrap(), FoundSnapshot::None);
    assert!(!engine.run(SaveSnapshotPart { epoch: Epoch(2), ..part(4, 0, 1, "forged") }).unwrap());
    assert!(engine.run(part(4, 1, 2, "world")).unwrap());
    assert_eq!(engine.run(latest(u64::MAX)).unwrap(), FoundSnapshot::None);
    assert!(engine.run(part(4, 0, 2, "hello ")).unwrap());
    let hello = FoundSnapshot::Whole(Snapshot { seq: Seq(4), at_ms: 9, body: b"hello world".to_vec() });
    assert_eq!(engine.run(latest(u64::MAX)).unwrap(), hello);
    assert_eq!(engine.run(latest(3)).unwrap(), FoundSnapshot::None);
    assert!(engine.run(part(8, 0, 2, "half")).unwrap());
    let found = engine.run(latest(9)).unwrap();
    assert!(matches!(found, FoundSnapshot::Damaged { seq: Seq(8), .. }), "{found:?}");
    assert_eq!(engine.run(latest(7)).unwrap(), hello);
    // Written again in fewer parts, over what a cut left of more.
    engine.run(part(8, 1, 2, "all")).unwrap();
    engine.run(part(8, 0, 1, "small")).unwrap();
    let small = FoundSnapshot::Whole(Snapshot { seq: Seq(8), at_ms: 9, body: b"small".to_vec() });
    assert_eq!(engine.run(latest(9)).unwrap(), small);
    assert_eq!(engine.run(ThinSnapshots { room: room(1) }).unwrap(), (vec![], Some(Seq(4))));
    assert_eq!(engine.run(DropSnapshot { room: room(1), seq: Seq(8), limit: 1 }).unwrap(), 1);
    assert_eq!(engine.run(latest(9)).unwrap(), hello);
    assert_eq!(engine.run(DropSnapshot { room: room(1), seq: Seq(8), limit: 2 }).unwrap(), 1);
    let large = SaveSnapshotPart { body: vec![0; SNAPSHOT_PART_BYTES_MAX + 1], ..part(9, 0, 1, "") };
    assert!(matches!(engine.run(large), Err(StoreError::NotStorable(_))));
    assert!(matches!(engine.run(part(9, 1, 1, "")), Err(StoreError::NotStorable(_))));
}
