//! Tournaments through their times, with a clock that stands still until it is moved.

use std::sync::Arc;

use parking_lot::Mutex;
use proptest::prelude::*;
use store::UserId;

use super::*;
use crate::leaderboards::tests::{DAY, House, WEDNESDAY, ask, owners, score};
use crate::leaderboards::{Record, Window};

fn house() -> (House, Leaderboards, Tournaments) {
    let house = House::new();
    let boards = Leaderboards::new(&house.core);
    let tournaments = Tournaments::new(&boards);
    (house, boards, tournaments)
}

fn cup(id: &str) -> NewTournament {
    NewTournament { id: id.into(), duration_s: 3_600, ..NewTournament::default() }
}

fn daily(id: &str) -> NewTournament {
    NewTournament { reset: "0 12 * * *".into(), ..cup(id) }
}

fn rank(written: Result<Written, BoardError>) -> Result<u64, BoardError> {
    written.map(|Written { record: Record { rank, .. }, .. }| rank)
}

#[test]
fn what_cannot_be_is_refused() {
    let (house, _, tournaments) = house();
    let refused = |new| matches!(house.run(tournaments.create(new)), Err(BoardError::Terms(_)));
    assert!(refused(NewTournament { duration_s: 0, ..cup("t") }));
    assert!(refused(NewTournament { duration_s: -1, ..cup("t") }));
    assert!(refused(NewTournament { start_s: -1, ..cup("t") }));
    assert!(refused(NewTournament { start_s: i64::MAX, ..cup("t") }));
    assert!(refused(NewTournament { end_s: WEDNESDAY, ..cup("t") }));
    assert!(refused(NewTournament { end_s: WEDNESDAY + 3_599, ..cup("t") }));
    assert!(refused(NewTournament { category: 128, ..cup("t") }));
    assert!(refused(NewTournament { title: "\0".into(), ..cup("t") }));
    assert!(refused(NewTournament { description: "x".repeat(5_000), ..cup("t") }));
    assert!(house.run(tournaments.create(NewTournament { end_s: WEDNESDAY + 3_600, ..cup("t") })).unwrap().1);
    assert!(!house.run(tournaments.create(cup("t"))).unwrap().1);
    assert_eq!(house.run(tournaments.join("other", UserId(1))), Err(BoardError::NoTournament));
}

#[test]
fn scores_are_taken_while_it_is_open() {
    let (house, boards, tournaments) = house();
    let noon = WEDNESDAY + DAY / 2;
    let end_s = noon + 3 * DAY;
    house.run(tournaments.create(NewTournament { start_s: noon - 600, end_s, ..daily("cup") })).unwrap();
    let write = |number| rank(house.run(tournaments.write_own("cup", score(1, number))));
    let look = || house.run(tournaments.look("cup")).unwrap();
    let window = |start_active_s, end_active_s, expires_s| Window { start_active_s, end_active_s, expires_s };

    // To come.
    assert_eq!(write(1), Err(BoardError::NotActive));
    let now = look();
    assert_eq!((now.window, now.can_enter), (window(noon - 600, noon, noon), false));
    // It begins before its schedule does: the first window ends with the first reset.
    house.at(noon - 600);
    assert_eq!((write(1), look().can_enter), (Ok(1), true));
    house.at(noon);
    let now = look();
    assert_eq!((now.window, now.size), (window(noon, noon + 3_600, noon + DAY), 0));
    assert_eq!((now.prev_reset_s, now.next_reset_s), (noon, noon + DAY));
    assert_eq!(write(2), Ok(1));
    assert_eq!(look().size, 1);
    house.at(noon + 3_599);
    assert_eq!(write(3), Ok(1));
    // Closed until the next reset.
    house.at(noon + 3_600);
    assert_eq!((write(4), look().can_enter), (Err(BoardError::NotActive), false));
    let list = |expires_s| house.run(tournaments.records("cup", Ask { expires_s, ..ask(10) })).unwrap();
    assert_eq!(owners(&list(None).records), [(1, 3, 1)]);
    house.at(noon + DAY);
    assert_eq!(owners(&list(None).records), []);
    assert_eq!(owners(&list(Some(noon + DAY)).records), [(1, 3, 1)]);
    assert_eq!(owners(&list(Some(noon)).records), [(1, 1, 1)]);
    house.at(noon + 2 * DAY);
    assert_eq!(write(9), Ok(1));
    assert_eq!(look().next_reset_s, 0, "the end comes before another window");
    // Over for good: the last standings stay.
    for later in [end_s, end_s + 100 * DAY] {
        house.at(later);
        assert_eq!((write(9), look().can_enter), (Err(BoardError::NotActive), false));
        assert_eq!(owners(&list(None).records), [(1, 9, 1)]);
    }
    // A tournament is no leaderboard.
    assert_eq!(rank(house.run(boards.write_own("cup", score(1, 1)))), Err(BoardError::NotFound));
    assert_eq!(house.run(boards.delete("cup")), Ok(false));
}

#[test]
fn joining_room_and_attempts() {
    let (house, _, tournaments) = house();
    let closed = NewTournament { join_required: true, size_max: 2, attempts_max: 2, ..daily("closed") };
    house.at(WEDNESDAY + DAY / 2);
    house.run(tournaments.create(closed)).unwrap();
    let join = |owner| house.run(tournaments.join("closed", UserId(owner)));
    let write = |owner, number| rank(house.run(tournaments.write_own("closed", score(owner, number))));
    assert_eq!(write(1, 5), Err(BoardError::NotJoined));
    assert_eq!((join(1), join(1), join(2), join(3)), (Ok(()), Ok(()), Ok(()), Err(BoardError::Full)));
    assert_eq!(join(1), Ok(()), "who is in stays in");
    let now = house.run(tournaments.look("closed")).unwrap();
    assert_eq!((now.size, now.can_enter), (2, false));
    assert_eq!((write(1, 5), write(2, 9)), (Ok(1), Ok(1)));
    // An attempt that is not better counts.
    assert_eq!((write(1, 1), write(1, 50)), (Ok(2), Err(BoardError::NoAttempts)));
    house.run(tournaments.delete_own("closed", UserId(1))).unwrap();
    assert_eq!(write(1, 50), Err(BoardError::NoAttempts), "removing the record gives none back");
    // The next period is a new one for everybody.
    house.at(WEDNESDAY + DAY + DAY / 2);
    assert_eq!(write(1, 5), Err(BoardError::NotJoined));
    assert_eq!((join(3), write(3, 1)), (Ok(()), Ok(1)));
    house.at(WEDNESDAY + DAY + DAY / 2 + 3_600);
    assert_eq!(join(4), Err(BoardError::NotActive));

    let open = NewTournament { size_max: 1, ..cup("open") };
    house.run(tournaments.create(open)).unwrap();
    let enter = |owner| rank(house.run(tournaments.write_own("open", score(owner, 1))));
    assert_eq!(house.run(tournaments.join("open", UserId(9))), Ok(()));
    assert_eq!((enter(1), enter(2), enter(1)), (Ok(1), Err(BoardError::Full), Ok(1)));

    let own = NewTournament { authoritative: true, ..cup("own") };
    house.run(tournaments.create(own)).unwrap();
    assert_eq!(rank(house.run(tournaments.write_own("own", score(1, 1)))), Err(BoardError::Authoritative));
    assert_eq!(rank(house.run(tournaments.write("own", score(1, 1)))), Ok(1));
    assert_eq!(house.run(tournaments.delete_own("own", UserId(1))), Err(BoardError::Authoritative));
    assert_eq!(house.run(tournaments.delete_record("own", UserId(1))), Ok(true));
}

#[test]
fn ends_and_resets_are_told_once_each() {
    let (house, _, tournaments) = house();
    let told = Arc::new(Mutex::new(Vec::new()));
    let (ends, resets) = (Arc::clone(&told), Arc::clone(&told));
    tournaments.on_end(move |turn| {
        ends.lock().push(("end", turn.period.expires_s, turn.at_s));
        async { Ok(()) }
    });
    tournaments.on_reset(move |turn| {
        resets.lock().push(("reset", turn.period.expires_s, turn.at_s));
        async { Ok(()) }
    });
    let noon = WEDNESDAY + DAY / 2;
    let end_s = noon + 2 * DAY;
    house.run(tournaments.create(NewTournament { start_s: noon, end_s, ..daily("cup") })).unwrap();
    let once = NewTournament { start_s: noon + 60, duration_s: 60, ..cup("once") };
    house.run(tournaments.create(once)).unwrap();
    for second in (noon - 3_600..end_s + 2 * DAY).step_by(60) {
        house.at(second);
        house.run(tournaments.boards.turn()).unwrap();
    }
    let (first, second) = (noon + DAY, end_s);
    assert_eq!(
        *told.lock(),
        [
            ("end", noon + 120, noon + 120),
            ("end", first, noon + 3_600),
            ("reset", first, first),
            ("end", second, first + 3_600),
        ]
    );
}

#[test]
fn lists_by_category_and_time() {
    let (house, _, tournaments) = house();
    let make = |new| house.run(tournaments.create(new)).unwrap();
    for number in 0..5 {
        make(NewTournament { category: number, ..daily(&format!("daily {number}")) });
    }
    make(NewTournament { start_s: WEDNESDAY + DAY, ..cup("tomorrow") });
    make(cup("today"));
    let names = |ask: TournamentAsk| {
        let page = house.run(tournaments.list(ask))?;
        let names: Vec<_> = page.tournaments.iter().map(|one| one.board.row.id.clone()).collect();
        Ok::<_, BoardError>((names.join(" "), page.cursor))
    };
    let all = TournamentAsk::default;
    let found = |ask| names(ask).unwrap().0;
    assert_eq!(found(all()), "daily 0 today tomorrow daily 1 daily 2 daily 3 daily 4");
    assert_eq!(
        found(TournamentAsk { category_start: Some(1), category_end: Some(2), ..all() }),
        "daily 1 daily 2"
    );
    assert_eq!(found(TournamentAsk { start_s: Some(WEDNESDAY + 1), ..all() }), "tomorrow");
    house.at(WEDNESDAY + 3_600);
    assert_eq!(found(TournamentAsk { category_end: Some(0), ..all() }), "daily 0 tomorrow");
    let over = TournamentAsk { end_s: Some(WEDNESDAY + 3_600), ..all() };
    assert_eq!(found(over), "today");

    let page = |cursor| TournamentAsk { limit: Some(4), cursor, ..all() };
    let (first, cursor) = names(page(String::new())).unwrap();
    let (second, end) = names(page(cursor.clone())).unwrap();
    assert_eq!(
        (first.as_str(), second.as_str(), end.as_str()),
        ("daily 0 tomorrow daily 1 daily 2", "daily 3 daily 4", "")
    );
    let other = TournamentAsk { category_end: Some(3), ..page(cursor) };
    assert!(matches!(names(other), Err(BoardError::Cursor(_))));
    for limit in [0, 101] {
        assert!(matches!(names(TournamentAsk { limit: Some(limit), ..all() }), Err(BoardError::Terms(_))));
    }
    let reversed = TournamentAsk { category_start: Some(3), category_end: Some(2), ..all() };
    assert!(matches!(names(reversed), Err(BoardError::Terms(_))));
}

proptest! {
    /// At any moment of any tournament: the window lies in its period, periods follow one another without overlap, and
    /// turns come in order and at the window's ends.
    #[test]
    fn windows_lie_in_their_periods(
        minutes in 1..120i64, duration_s in 1..10_000i64, start_s in 1_000_000..1_010_000i64,
        length_s in prop::option::of(0..40_000i64), scheduled in any::<bool>(), now_s in 990_000..1_080_000i64,
    ) {
        let reset = if scheduled { format!("*/{} * * * *", minutes.min(59)) } else { String::new() };
        let end_s = length_s.map_or(0, |length| start_s + duration_s + length);
        let new = NewTournament { reset, start_s, end_s, duration_s, ..cup("t") };
        let board = Board::new(check(new, now_s).unwrap()).unwrap();
        let window = board.window(now_s);
        prop_assert!(start_s <= window.start_active_s);
        prop_assert!(window.start_active_s < window.end_active_s);
        prop_assert!(window.end_active_s <= window.expires_s);
        prop_assert!(end_s == 0 || window.expires_s <= end_s);
        prop_assert!(window.end_active_s - window.start_active_s <= duration_s);
        if (start_s..if end_s > 0 { end_s } else { i64::MAX }).contains(&now_s) && scheduled {
            prop_assert!(window.start_active_s <= now_s && now_s < window.expires_s);
        }
        if scheduled && (end_s == 0 || window.expires_s < end_s) {
            prop_assert_eq!(board.window(window.expires_s).start_active_s, window.expires_s);
        }
        if let Some(turn) = board.turn_after(now_s) {
            prop_assert!(turn > now_s);
            let (at, ended, reset) = board.turn_at(turn);
            prop_assert!(ended || reset || turn == end_s);
            prop_assert!(!ended || at.end_active_s == turn);
            prop_assert!(board.turn_after(turn).is_none_or(|next| next > turn));
        }
    }
}
