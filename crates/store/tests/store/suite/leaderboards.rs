//! Boards, records and tournaments, on every engine.

use store::*;

use super::Engine;
use crate::samples::user;

fn board(id: &str) -> BoardRow {
    BoardRow { id: id.into(), descending: true, metadata: "{}".into(), created_ms: 5, ..BoardRow::default() }
}

fn create(engine: &mut impl Engine, board: BoardRow) -> i64 {
    let made = engine.run(BoardCreate { board }).unwrap();
    assert!(made.created);
    made.board.number
}

fn here(board: i64) -> PeriodId {
    PeriodId { board, expires_s: 0 }
}

fn score(period: PeriodId, owner: u128, score: i64) -> RecordWrite {
    RecordWrite {
        period,
        descending: true,
        owner: user(owner),
        username: format!("user {owner}"),
        score,
        subscore: 0,
        metadata: None,
        operator: Operator::Best,
        at_ms: 10,
        terms: Terms::default(),
    }
}

/// The record that stands, and the change.
fn stands(output: Changed<Wrote>) -> (RecordRow, Option<RankChange>) {
    assert!(output.changes.len() <= 1);
    match output.value {
        Wrote::Stands(row) => (row, output.changes.first().copied()),
        other => panic!("{other:?}"),
    }
}

fn scores(rows: &[RecordRow]) -> Vec<(i64, u128)> {
    rows.iter().map(|row| (row.key.score(true), row.owner.0 - user(0).0)).collect()
}

pub fn boards_are_made_once_and_listed(engine: &mut impl Engine) {
    let first = create(engine, board("first"));
    let again = engine.run(BoardCreate { board: BoardRow { descending: false, ..board("first") } }).unwrap();
    assert_eq!((again.created, again.board.number, again.board.descending), (false, first, true));
    let full = BoardRow {
        tournament: true,
        authoritative: true,
        operator: Operator::Decrement,
        reset: "0 0 * * *".into(),
        metadata: r#"{"a":1}"#.into(),
        title: "Title".into(),
        description: "What".into(),
        category: 7,
        duration_s: 60,
        start_s: 100,
        end_s: 200,
        over_s: 200,
        join_required: true,
        size_max: 3,
        attempts_max: 4,
        turn_s: Some(160),
        ..board("cup")
    };
    let number = create(engine, full.clone());
    let full = BoardRow { number, ..full };
    assert_eq!(engine.run(BoardGet { id: "cup".into() }).unwrap(), Some(full.clone()));
    assert_eq!(engine.run(BoardGet { id: "cap".into() }).unwrap(), None);
    let eternal = BoardRow { tournament: true, category: 8, start_s: 50, ..board("eternal") };
    create(engine, eternal);
    let all = |tournament| BoardList {
        tournament,
        after: (0, String::new()),
        category_max: 127,
        start_s_min: 0,
        over_after_s: 0,
        over_s_max: 0,
        limit: 10,
    };
    let mut names = |list: BoardList| -> Vec<String> {
        engine.run(list).unwrap().into_iter().map(|board| board.id).collect()
    };
    assert_eq!(names(all(false)), ["first"]);
    assert_eq!(names(all(true)), ["cup", "eternal"]);
    assert_eq!(names(BoardList { category_max: 7, ..all(true) }), ["cup"]);
    assert_eq!(names(BoardList { after: (7, "cup".into()), ..all(true) }), ["eternal"]);
    assert_eq!(names(BoardList { start_s_min: 51, ..all(true) }), ["cup"]);
    assert_eq!(names(BoardList { over_after_s: 200, ..all(true) }), ["eternal"]);
    assert_eq!(names(BoardList { over_s_max: 200, ..all(true) }), ["cup"]);
    assert_eq!(names(BoardList { limit: 1, ..all(true) }), ["cup"]);

    let due = |now_s| BoardsDue { now_s, limit: 10 };
    assert_eq!(engine.run(due(159)).unwrap(), []);
    assert_eq!(engine.run(due(160)).unwrap(), [full]);
    let turn = |from_s, to_s| BoardTurn { number, from_s, to_s };
    assert!(!engine.run(turn(159, None)).unwrap());
    assert!(engine.run(turn(160, Some(200))).unwrap());
    assert!(!engine.run(turn(160, None)).unwrap());
    assert_eq!(engine.run(due(199)).unwrap(), []);
    assert!(engine.run(turn(200, None)).unwrap());
    assert_eq!(engine.run(due(i64::MAX)).unwrap(), []);

    let delete = |tournament| BoardDelete { id: "cup".into(), tournament };
    assert_eq!(engine.run(delete(false)).unwrap(), None);
    assert_eq!(engine.run(delete(true)).unwrap(), Some(number));
    assert_eq!(engine.run(delete(true)).unwrap(), None);
    assert!(create(engine, board("cup")) > number, "a number is never given twice");
}

pub fn scores_meet_by_their_operator(engine: &mut impl Engine) {
    let period = here(create(engine, board("b")));
    let mut write = |write: RecordWrite| stands(engine.run(write).unwrap());
    let (row, change) = write(RecordWrite { subscore: 3, ..score(period, 1, 10) });
    let key = RankKey::of(true, 10, 3, 1);
    assert_eq!((row.key, row.num_score, row.metadata.as_str()), (key, 1, "{}"));
    assert_eq!(change, Some(RankChange { period, owner: user(1), seq: 1, old: None, new: Some(key) }));

    // Not better: nothing at all happens, neither to the metadata nor to the name.
    let worse = RecordWrite {
        metadata: Some("[]".into()),
        username: "other".into(),
        subscore: 3,
        at_ms: 20,
        ..score(period, 1, 10)
    };
    assert_eq!(write(worse.clone()), (row.clone(), None));
    let counted = Terms { counted: true, ..Terms::default() };
    let (attempt, change) = write(RecordWrite { terms: counted, ..worse });
    assert_eq!((attempt, change), (RecordRow { num_score: 2, ..row }, None));
    // The subscore decides where scores are equal, and only there.
    let (row, _) = write(RecordWrite { subscore: 9, ..score(period, 1, 9) });
    assert_eq!((row.key.score(true), row.key.subscore(true)), (10, 3));
    let (row, change) = write(RecordWrite { subscore: 4, at_ms: 30, ..score(period, 1, 10) });
    assert_eq!((row.key, row.updated_ms, row.created_ms), (RankKey::of(true, 10, 4, 2), 30, 10));
    assert_eq!(change.unwrap().old, Some(key));

    let with = |operator, number| RecordWrite { operator, subscore: 1, ..score(period, 1, number) };
    let (row, _) = write(with(Operator::Set, 5));
    assert_eq!((row.key.score(true), row.key.subscore(true), row.key.seq), (5, 1, 3));
    let named = RecordWrite {
        metadata: Some(r#"{"n":1}"#.into()),
        username: String::new(),
        ..with(Operator::Set, 5)
    };
    let (row, change) = write(named);
    assert_eq!((row.metadata.as_str(), row.username.as_str(), change), (r#"{"n":1}"#, "user 1", None));
    let (row, _) = write(with(Operator::Increment, 7));
    assert_eq!((row.key.score(true), row.key.subscore(true)), (12, 2));
    let (row, _) = write(with(Operator::Increment, i64::MAX));
    assert_eq!((row.key.score(true), row.key.subscore(true)), (i64::MAX, 3));
    let (row, _) = write(with(Operator::Decrement, i64::MAX));
    assert_eq!((row.key.score(true), row.key.subscore(true)), (0, 2));
    let (row, change) = write(with(Operator::Decrement, 1));
    assert_eq!((row.key.score(true), row.key.subscore(true)), (0, 1));
    assert!(change.is_some());
    let (row, _) = write(RecordWrite { owner: user(2), ..with(Operator::Decrement, 50) });
    assert_eq!(row.key.score(true), 0, "a first score is never below zero");
}

pub fn records_are_listed_in_the_order_of_ranks(engine: &mut impl Engine) {
    let period = here(create(engine, board("b")));
    let other = PeriodId { expires_s: 99, ..period };
    for (owner, number) in [(1, 10), (2, 30), (3, 20), (4, 30), (5, 5)] {
        engine.run(score(period, owner, number)).unwrap();
    }
    engine.run(score(other, 1, 1_000)).unwrap();
    let list = |from, direction, limit| RecordList { period, from, direction, limit };
    let all = engine.run(list(RankKey::FIRST, Direction::After, 100)).unwrap();
    // The same score: who came first stands first.
    assert_eq!(scores(&all), [(30, 2), (30, 4), (20, 3), (10, 1), (5, 5)]);
    let page = engine.run(list(all[1].key, Direction::After, 2)).unwrap();
    assert_eq!(scores(&page), [(20, 3), (10, 1)]);
    let page = engine.run(list(all[3].key, Direction::Before, 2)).unwrap();
    assert_eq!(scores(&page), [(30, 4), (20, 3)]);
    let of = RecordsOf { period, owners: vec![user(5), user(9), user(2)] };
    assert_eq!(scores(&engine.run(of).unwrap()), [(5, 5), (30, 2)]);

    let mut around = |owner, limit| {
        let found = engine.run(RecordsAround { period, owner: user(owner), limit }).unwrap();
        let owners: Vec<u128> = scores(&found.rows).into_iter().map(|(_, owner)| owner).collect();
        (owners, found.more)
    };
    assert_eq!(around(3, 1), (vec![3], true));
    assert_eq!(around(3, 3), (vec![4, 3, 1], true));
    assert_eq!(around(2, 3), (vec![2, 4, 3], true));
    assert_eq!(around(5, 3), (vec![3, 1, 5], false));
    assert_eq!(around(3, 4), (vec![2, 4, 3, 1], true));
    assert_eq!(around(3, 100), (vec![2, 4, 3, 1, 5], false));
    assert_eq!(around(9, 5), (vec![], false));

    let page = |after, limit| RankPage { period, after, limit };
    let first = engine.run(page(None, 3)).unwrap();
    assert_eq!((first.seq, first.keys.len()), (5, 3));
    assert_eq!(first.keys[0], (user(1), RankKey::of(true, 10, 0, 1)));
    let rest = engine.run(page(Some(first.keys[2].0), 3)).unwrap();
    assert_eq!(rest.keys.iter().map(|key| key.0).collect::<Vec<_>>(), [user(4), user(5)]);
    let periods = PeriodsGet { periods: vec![other, PeriodId { expires_s: 1, ..period }, period] };
    let counts: Vec<_> = engine.run(periods).unwrap().iter().map(|row| row.records).collect();
    assert_eq!(counts, [1, 0, 5]);

    // Less is better on another board.
    let times = here(create(engine, board("times")));
    let lap = |owner, number| RecordWrite { descending: false, ..score(times, owner, number) };
    let writes = vec![lap(1, 70), lap(2, 60), lap(1, 65), lap(2, 61)];
    let done = engine.run(RecordsWrite { writes }).unwrap();
    assert_eq!((done.value.len(), done.changes.len()), (4, 3));
    let rows = engine.run(RecordList { period: times, ..list(RankKey::FIRST, Direction::After, 9) }).unwrap();
    assert_eq!(rows.iter().map(|row| row.key.score(false)).collect::<Vec<_>>(), [60, 65]);
}

pub fn tournaments_have_room_and_attempts(engine: &mut impl Engine) {
    let period = PeriodId { board: create(engine, board("cup")), expires_s: 500 };
    let join = |owner, size_max| TournamentJoin { period, owner: user(owner), size_max, at_ms: 9 };
    let joined = Terms { counted: true, attempts_max: 2, size_max: 2, join_required: true };
    let attempt = |owner, number| RecordWrite { terms: joined, ..score(period, owner, number) };
    assert_eq!(engine.run(attempt(1, 5)).unwrap().value, Wrote::NotJoined);
    assert_eq!(engine.run(join(1, 2)).unwrap(), Joined::In { new: true });
    assert_eq!(engine.run(join(1, 2)).unwrap(), Joined::In { new: false });
    assert_eq!(engine.run(join(2, 2)).unwrap(), Joined::In { new: true });
    assert_eq!(engine.run(join(3, 2)).unwrap(), Joined::Full);
    assert_eq!(engine.run(join(3, 0)).unwrap(), Joined::In { new: true });
    let held = engine.run(PeriodsGet { periods: vec![period] }).unwrap();
    assert_eq!(held, [PeriodRow { seq: 0, records: 0, entrants: 3 }]);
    assert_eq!(stands(engine.run(attempt(1, 5)).unwrap()).0.num_score, 1);
    assert_eq!(stands(engine.run(attempt(1, 4)).unwrap()).0.num_score, 2);
    assert_eq!(engine.run(attempt(1, 9)).unwrap().value, Wrote::NoAttempts);
    // Removing the record does not bring the attempts back.
    let delete = |remember| RecordDelete { period, owner: user(1), remember, at_ms: 9 };
    let gone = engine.run(delete(true)).unwrap();
    assert!(gone.value);
    assert_eq!(gone.changes[0].new, None);
    assert!(!engine.run(delete(true)).unwrap().value);
    assert_eq!(engine.run(attempt(1, 9)).unwrap().value, Wrote::NoAttempts);

    let open = PeriodId { board: create(engine, board("open")), expires_s: 500 };
    let limited = Terms { counted: true, attempts_max: 0, size_max: 1, join_required: false };
    let enter = |owner| RecordWrite { terms: limited, ..score(open, owner, 1) };
    stands(engine.run(enter(1)).unwrap());
    assert_eq!(engine.run(enter(2)).unwrap().value, Wrote::Full);
    stands(engine.run(enter(1)).unwrap());

    let mine = |after| PeriodsOfOwner { owner: user(1), after, limit: 10 };
    let start = PeriodId { board: i64::MIN, expires_s: 0 };
    let place = OwnersPeriod { period: open, board_id: "open".into(), descending: true };
    assert_eq!(engine.run(mine(start)).unwrap(), [place]);
    assert_eq!(engine.run(mine(open)).unwrap(), []);
    assert_eq!(engine.run(EntriesForget { owner: user(1), limit: 10 }).unwrap(), 1);
    assert_eq!(engine.run(EntriesForget { owner: user(1), limit: 10 }).unwrap(), 0);
}

pub fn what_is_over_and_what_is_gone_is_removed(engine: &mut impl Engine) {
    let number = create(engine, board("b"));
    let at = |expires_s| PeriodId { board: number, expires_s };
    for expires_s in [0, 100, 200] {
        for owner in 1..=5 {
            engine.run(score(at(expires_s), owner, 1)).unwrap();
        }
        engine.run(TournamentJoin { period: at(expires_s), owner: user(1), size_max: 0, at_ms: 1 }).unwrap();
    }
    let purge = |engine: &mut dyn FnMut(BoardsPurge) -> Option<PeriodId>, over_s| {
        let mut steps = 0;
        while engine(BoardsPurge { over_s, limit: 2 }).is_some() {
            steps += 1;
        }
        steps
    };
    let mut run = |step| engine.run(step).unwrap();
    assert_eq!(purge(&mut run, None), 0);
    assert_eq!(purge(&mut run, Some(99)), 0);
    assert_eq!(purge(&mut run, Some(100)), 3);
    let left = |engine: &mut dyn FnMut(PeriodsGet) -> Vec<PeriodRow>| -> Vec<u64> {
        engine(PeriodsGet { periods: vec![at(0), at(100), at(200)] }).iter().map(|row| row.records).collect()
    };
    assert_eq!(left(&mut |get| engine.run(get).unwrap()), [5, 0, 5]);

    assert_eq!(engine.run(BoardDelete { id: "b".into(), tournament: false }).unwrap(), Some(number));
    assert_eq!(engine.run(score(at(0), 9, 1)).unwrap().value, Wrote::NoBoard);
    assert_eq!(engine.run(score(at(300), 9, 1)).unwrap().value, Wrote::NoBoard);
    let join = TournamentJoin { period: at(0), owner: user(9), size_max: 0, at_ms: 1 };
    assert_eq!(engine.run(join).unwrap(), Joined::NoBoard);
    assert_eq!(purge(&mut |step| engine.run(step).unwrap(), None), 7);
    assert_eq!(left(&mut |get| engine.run(get).unwrap()), [0, 0, 0]);
    let rest = RecordsOf { period: at(0), owners: (1..=5).map(user).collect() };
    assert_eq!(engine.run(rest).unwrap(), []);
}
