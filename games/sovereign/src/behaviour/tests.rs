//! Scripted players, some of flesh.

use proptest::prelude::*;

use super::*;
use crate::dice::Dice;

const STEP_MS: i64 = 50;

fn watch(war: &[(i64, u32, Command)]) -> Vec<Behaviour> {
    let mut watch = Watch::new();
    watch.opened(br#"{"tribes":0,"rivals":0}"#);
    watch.joined(0, 0, Seat(0));
    watch.joined(0, 0, Seat(1));
    for (ms, seat, command) in war {
        let body = command.encode();
        watch.command(Heard { step: (ms / STEP_MS) as u64, ms: *ms, seat: Seat(*seat), body: &body });
    }
    watch.report()
}

fn wild() -> Command {
    Command::Attack { on: 0, share: 200 }
}

fn kinds(behaviour: &Behaviour) -> Vec<&'static str> {
    behaviour.flags.iter().map(|flag| flag.kind).collect()
}

/// Pauses as people make them: mostly a second or two, sometimes a flurry, sometimes a long look.
fn person(seed: u64, commands: usize) -> Vec<(i64, u32, Command)> {
    let mut dice = Dice::new(seed);
    let mut ms = 5_000;
    (0..commands)
        .map(|_| {
            let pause = match dice.below(10) {
                0..=1 => 180 + dice.below(400),
                2..=7 => 600 + dice.below(2_500),
                _ => 3_000 + dice.below(9_000),
            };
            ms += i64::from(pause);
            (ms, 1, wild())
        })
        .collect()
}

#[test]
fn a_timer_is_seen_and_a_person_is_not() {
    let bot = (0..200).map(|at| (10_000 + at * 400 + at % 3, 0, wild()));
    let mut war: Vec<_> = bot.chain(person(7, 200)).collect();
    war.sort_by_key(|(ms, ..)| *ms);
    let seats = watch(&war);
    assert_eq!(kinds(&seats[0]), ["alike"]);
    assert_eq!(kinds(&seats[1]), [""; 0]);
    let flag = &seats[0].flags[0];
    assert!(flag.value > 950 && flag.threshold == ALIKE, "{flag:?}");
    // Where one sees it: within the first of its evenly spaced commands.
    assert!((200..=200 + 40 * 8).contains(&flag.step), "{flag:?}");
    assert!((360..=440).contains(&seats[0].pause_ms), "{}", seats[0].pause_ms);
    assert_eq!((seats[0].commands, seats[0].first_step, seats[0].pauses), (200, 0, 199));
}

#[test]
fn more_than_fingers_can_is_seen() {
    let mut dice = Dice::new(1);
    let mut ms = 60_000;
    let burst: Vec<_> = (0..300)
        .map(|_| {
            ms += i64::from(30 + dice.below(260));
            (ms, 0, wild())
        })
        .collect();
    let seats = watch(&burst);
    assert_eq!(kinds(&seats[0]), ["in_ten_seconds", "in_a_minute"]);
    // Quick for a moment is nothing.
    let seats = watch(&burst[..50]);
    assert_eq!((kinds(&seats[0]).len(), seats[0].in_a_minute), (0, 50));
}

#[test]
fn answers_that_nobody_could_give_are_seen() {
    // Seat 1 attacks now and then; seat 0 answers each time, after what `after` says.
    let war = |after: fn(i64) -> i64| -> Vec<(i64, u32, Command)> {
        let mut dice = Dice::new(3);
        let mut ms = 0;
        let rounds = (0..20).flat_map(|round| {
            ms += i64::from(11_000 + dice.below(20_000));
            let attack = (ms, 1, Command::Attack { on: 1, share: 100 });
            [attack, (ms + after(round), 0, Command::Attack { on: 2, share: 500 })]
        });
        rounds.collect()
    };
    let seats = watch(&war(|round| 90 + round * 5));
    assert_eq!(kinds(&seats[0]), ["soon"]);
    assert_eq!((seats[0].answers, seats[0].soon, seats[0].soonest_ms), (20, 1_000, Some(90)));
    let first = war(|round| 90 + round * 5)[1].0;
    assert_eq!(seats[0].flags[0].step, (first / STEP_MS) as u64, "where the soonest was");
    let seats = watch(&war(|round| 700 + round * 90));
    assert_eq!((kinds(&seats[0]).len(), seats[0].answers), (0, 20));
    // Seat 1 is the first each time: its next attack is no answer to one of long ago.
    assert_eq!(seats[1].answers, 0);
}

#[test]
fn a_few_say_nothing_however_even_or_soon() {
    let even = |pauses: u64| -> Vec<_> { (0..=pauses as i64).map(|at| (at * 1_000, 0, wild())).collect() };
    assert_eq!(kinds(&watch(&even(PAUSES_MIN - 1))[0]), [""; 0]);
    assert_eq!(kinds(&watch(&even(PAUSES_MIN))[0]), ["alike"]);
    let soon = |answers: u64| -> Vec<_> {
        let deed = |ms, seat, on| (ms, seat, Command::Attack { on, share: 100 });
        (0..answers as i64).flat_map(|at| [deed(at * 11_000, 1, 1), deed(at * 11_000 + 90, 0, 2)]).collect()
    };
    assert_eq!(kinds(&watch(&soon(ANSWERS_MIN - 1))[0]), [""; 0]);
    assert_eq!(kinds(&watch(&soon(ANSWERS_MIN))[0]), ["soon"]);
    // One deed has one answer, and what comes after it is no second one.
    let mut twice = soon(1);
    twice.push((150, 0, twice[1].2.clone()));
    assert_eq!(watch(&twice)[0].answers, 1);
}

/// Commands with these pauses between them.
fn with_pauses(pauses: &[i64]) -> Vec<(i64, u32, Command)> {
    let mut ms = 0;
    let later = pauses.iter().map(|pause| {
        ms += pause;
        (ms, 0, wild())
    });
    [(0, 0, wild())].into_iter().chain(later).collect()
}

/// Seat 1 attacks seat 0 every eleven seconds, which answers after each of these times.
fn with_answers(after: &[i64]) -> Vec<(i64, u32, Command)> {
    let deed = |ms, seat, on| (ms, seat, Command::Attack { on, share: 100 });
    let rounds = (0..).map(|round| round * 11_000).zip(after);
    rounds.flat_map(|(ms, after)| [deed(ms, 1, 1), deed(ms + after, 0, 2)]).collect()
}

#[test]
fn each_flag_is_raised_from_its_threshold_on_and_not_below() {
    let even = |count: usize, ms: i64| with_pauses(&vec![ms; count - 1]);
    // So many pauses of about a second, of two lengths within a fifth; the others are unlike each other.
    let alike = |count: usize| {
        let unlike = (0..)
            .map(|nth| if nth < 14 { 30 * 5_i64.pow(nth) / 4_i64.pow(nth) } else { 2_000 << (nth - 14) });
        let about_a_second = (0..count).map(|nth| if nth % 2 == 0 { 1_000 } else { 1_100 });
        let pauses: Vec<i64> = about_a_second.chain(unlike).take(PAUSES_MIN as usize).collect();
        with_pauses(&pauses)
    };
    let soon = |count: usize| {
        let after: Vec<i64> =
            (0..ANSWERS_MIN as usize).map(|nth| if nth < count { SOON_MS - 1 } else { SOON_MS }).collect();
        with_answers(&after)
    };
    // What is found below, and from where on it is a flag.
    let table = [
        ("in_ten_seconds", even(59, 100), even(60, 100), (59, 60)),
        ("in_a_minute", even(239, 245), even(240, 245), (239, 240)),
        ("alike", alike(23), alike(24), (575, 600)),
        ("soon", soon(5), soon(6), (625, 750)),
    ];
    for (kind, below, enough, found) in table {
        let flag = |war: &[_]| watch(war)[0].flags.iter().find(|flag| flag.kind == kind).cloned();
        assert_eq!(flag(&below), None, "{kind} below its threshold");
        let raised = flag(&enough).unwrap();
        assert_eq!((raised.value, raised.threshold), (found.1, found.1), "{kind}");
        let seat = &watch(&below)[0];
        let value = match kind {
            "in_ten_seconds" => seat.in_ten_seconds,
            "in_a_minute" => seat.in_a_minute,
            "alike" => seat.alike,
            _ => seat.soon,
        };
        assert_eq!(value, found.0, "{kind}");
    }
}

#[test]
fn whatever_is_done_to_somebody_may_be_answered_and_nothing_else() {
    use crate::{MotionKind, Site};
    let about = |nation: u16| {
        vec![
            Command::Attack { on: nation, share: 1 },
            Command::Ally { with: nation },
            Command::Break { with: nation },
            Command::Decline { from: nation },
            Command::Donate { to: nation, troops: 1, gold: 1 },
            Command::Move { motion: MotionKind::War, about: nation },
        ]
    };
    // A deed of seat 1 and an answer to it after a second.
    let answers = |deed: &Command, answer: &Command| {
        watch(&[(1_000, 1, deed.clone()), (2_000, 0, answer.clone())])[0].answers
    };
    for (deed, answer) in about(1).iter().zip(about(2).iter().rev()) {
        assert_eq!(answers(deed, answer), 1, "{deed:?}, {answer:?}");
    }
    let alone = [
        Command::Spawn { tile: 2 },
        Command::Boat { to: 2, share: 1 },
        Command::Retreat { attack: 2 },
        Command::TurnBack { boat: 2 },
        Command::Build { site: Site::City, tile: 2 },
        Command::Ping { tile: 2, sign: 2 },
        Command::Vote { motion: 2, yes: true },
        Command::Resign,
    ];
    for other in alone {
        assert_eq!(answers(&about(1)[0], &other), 0, "{other:?}");
    }
    // What one does to oneself is refused, and would be no answer.
    let own = about(1).into_iter().zip(0..).map(|(command, at)| (1_000 * at, 0, command));
    assert_eq!(watch(&own.collect::<Vec<_>>())[0].answers, 0);
}

#[test]
fn an_answer_comes_within_ten_seconds() {
    let answers = |after| watch(&with_answers(&[after]))[0].answers;
    assert_eq!((answers(0), answers(10_000), answers(10_001)), (1, 1, 0));
}

#[test]
fn a_short_game_is_counted_as_a_minute() {
    let per_minute = |count: usize, ms: i64| watch(&with_pauses(&vec![ms; count - 1]))[0].per_minute;
    assert_eq!((per_minute(11, 500), per_minute(241, 500)), (11, 120));
}

#[test]
fn people_come_after_computers() {
    let mut watch = Watch::new();
    watch.opened(br#"{"tribes":3,"rivals":2}"#);
    for seat in [5, 2, 5] {
        watch.joined(0, 0, Seat(seat));
    }
    assert_eq!(watch.nations, BTreeMap::from([(6, Seat(5)), (7, Seat(2))]));
}

#[test]
fn a_seat_that_did_nothing_is_there_and_clean() {
    let seats = watch(&[]);
    assert_eq!(seats.len(), 2);
    assert!(seats.iter().all(|seat| seat.commands == 0 && seat.flags.is_empty() && seat.per_minute == 0));
}

proptest! {
    #[test]
    fn people_are_not_flagged(seed in any::<u64>(), commands in 1usize..400) {
        let seats = watch(&person(seed, commands));
        prop_assert_eq!(kinds(&seats[1]), [""; 0]);
    }

    #[test]
    fn any_log_is_taken(log in proptest::collection::vec((any::<i64>(), any::<u64>(), 0u32..4, proptest::collection::vec(any::<u8>(), 0..40)), 0..200)) {
        let mut watch = Watch::new();
        for (ms, step, seat, body) in &log {
            watch.command(Heard { step: *step, ms: *ms, seat: Seat(*seat), body });
        }
        prop_assert_eq!(watch.report().iter().map(|seat| seat.commands).sum::<u64>(), log.len() as u64);
    }
}
