//! A war as a room with its log: set back to any step, or without one of its commands, it is the war that it would have
//! been, whatever was under way: boats, alliances, votes.

use std::sync::Arc;

use kernel::{
    AnyRules, CommandId, Input, LogSource, Outbox, Refusal, Registry, Room, RoomId, Row, RowWriter,
    Rules as _, RulesId, Seat, Seq, Start, Taken, Unreadable,
};
use proptest::prelude::*;
use sovereign::mirror::Mirror;
use sovereign::{STEP_MS, Sovereign};

use crate::game::{Game, Given};

const ROOM: RoomId = RoomId(42);
const PEOPLE: u32 = 3;
/// Steps of the war before something is done to its past.
const PLAYED: u64 = 320;
/// Steps that it goes on afterwards.
const ON: u64 = 80;

fn setup(seed: u64) -> String {
    let fog = seed.is_multiple_of(2);
    format!(
        r#"{{"size":"tiny","seats":4,"tribes":5,"rivals":3,"spawn_seconds":2,"immunity_seconds":0,"fog":{fog}}}"#
    )
}

fn rules() -> Arc<dyn AnyRules> {
    Registry::new().with::<Sovereign>().make(Sovereign::NAME, Sovereign::VERSION, b"").unwrap()
}

/// The rows of a log, in memory.
#[derive(Clone, Default)]
struct Log(Vec<Row>);

impl LogSource for Log {
    fn snapshot(&mut self, _: Seq) -> Result<Option<Vec<u8>>, Unreadable> {
        Ok(None)
    }

    fn rows(&mut self, after: Seq) -> Result<Vec<Row>, Unreadable> {
        Ok(self.0.iter().filter(|row| row.last > after).cloned().collect())
    }

    fn rules(&mut self, _: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable> {
        Ok(rules())
    }
}

/// A war with its log.
struct Logged {
    room: Box<dyn Room>,
    writer: RowWriter,
    log: Log,
    /// Commands get ids from here on.
    next: u128,
}

impl Logged {
    fn open(seed: u64) -> Self {
        let setup = setup(seed);
        let room = rules().open(ROOM, 0, setup.as_bytes(), seed).unwrap();
        let mut writer = RowWriter::default();
        writer.push(Seq(1), room.at(0), &Input::Open { setup: setup.as_bytes(), seed });
        let mut logged = Self { room, writer, log: Log::default(), next: 1 };
        for seat in 1..=PEOPLE {
            logged.take(0, &Input::Join { seat: Seat(seat) }).unwrap();
        }
        logged
    }

    fn take(&mut self, step: u64, input: &Input<'_>) -> Result<Taken, Refusal> {
        let at = self.room.at(step as i64 * i64::from(STEP_MS));
        let taken = self.room.take(at, input, &mut Outbox::for_replay());
        if let Ok(Taken::New(seq)) = &taken {
            self.writer.push(*seq, at, input);
        }
        taken
    }

    fn give(&mut self, step: u64, given: &Given, id: u128) -> Result<Taken, Refusal> {
        let body = given.command.encode();
        self.take(step, &Input::Command { seat: Seat(given.seat), id: CommandId(id), body: &body })
    }

    /// Lets the steps after `from` pass, up to `to`, with what was given in them; all of it so much later. What became of
    /// each command.
    fn play(&mut self, script: &[Given], from: u64, to: u64, later: u64) -> Vec<Result<Taken, Refusal>> {
        let mut answers = Vec::new();
        for step in from + 1..=to {
            let now = step + later;
            self.room.pass(self.room.at(now as i64 * i64::from(STEP_MS)), &mut Outbox::for_replay());
            if step.is_multiple_of(20) {
                self.take(now, &Input::Advance).unwrap();
            }
            for given in script.iter().filter(|given| given.step == step) {
                answers.push(self.give(now, given, self.next));
                self.next += 1;
            }
        }
        answers
    }

    /// Logs that time has passed and ends the row.
    fn settle(&mut self) {
        if !self.room.is_settled() {
            let step = self.room.passed().step;
            self.take(step, &Input::Advance).unwrap();
        }
        self.log.0.extend(self.writer.finish(ROOM, self.room.rules(), Some(self.room.hash())));
    }

    /// What everybody sees.
    fn seen(&self) -> Vec<Vec<u8>> {
        let seats = (0..=PEOPLE).map(|seat| if seat == 0 { Seat::NOBODY } else { Seat(seat) });
        let view = |seat| {
            let mut view = Vec::new();
            self.room.view(self.room.passed(), seat, &mut view);
            view
        };
        seats.map(view).collect()
    }

    /// The log leads here as well.
    fn replays(&mut self) {
        self.settle();
        let replayed = kernel::replay(ROOM, &mut self.log.clone(), Start::Open, None).unwrap();
        assert_eq!(replayed.room.unwrap().hash(), self.room.hash());
    }
}

/// What people gave in a war, and was taken; and the steps with boats at sea, allies, and votes that are missing.
fn script(seed: u64) -> (Vec<Given>, [Vec<u64>; 3]) {
    let mut game = Game::open(&setup(seed), PEOPLE, seed);
    let mut busy = [Vec::new(), Vec::new(), Vec::new()];
    // Nobody gives anything before the first step.
    game.pass();
    while game.step < PLAYED + ON {
        game.play();
        if !game.step.is_multiple_of(8) || game.step >= PLAYED {
            continue;
        }
        let seats: Vec<Mirror> = (1..=PEOPLE).map(|seat| game.seen(Seat(seat))).collect();
        let has = [
            seats.iter().any(|seen| !seen.boats.is_empty()),
            seats.iter().any(|seen| !seen.pacts.is_empty()),
            seats.iter().any(|seen| !seen.motions.is_empty()),
        ];
        for (steps, _) in busy.iter_mut().zip(has).filter(|(_, has)| *has) {
            steps.push(game.step);
        }
    }
    (game.given, busy)
}

fn codes(answers: &[Result<Taken, Refusal>]) -> Vec<Option<u16>> {
    answers.iter().map(|answer| answer.as_ref().err().map(|refusal| refusal.code)).collect()
}

/// Plays a war, sets it back to a step and goes on; beside one in which nothing happened after that step.
fn set_back(seed: u64, script: &[Given], to: u64) {
    let (mut war, mut never) = (Logged::open(seed), Logged::open(seed));
    assert!(war.play(script, 0, PLAYED, 0).iter().all(Result::is_ok), "the script was taken once");
    never.play(script, 0, to, 0);
    never.next = war.next;
    let undone = war.seen();
    war.settle();
    let now = war.room.memory().seq;
    let input = kernel::input_of_step(ROOM, &mut war.log.clone(), to, now).unwrap().unwrap();
    let earlier = kernel::earlier(ROOM, &mut war.log.clone(), input, Some(to), now).unwrap();
    let at = war.room.at(PLAYED as i64 * i64::from(STEP_MS));
    let seq = war.room.rewind(at, input, earlier.as_ref()).unwrap();
    war.writer.push(seq, at, &Input::Rewind { to: input, step: Some(to) });
    assert!(war.seen() == never.seen() && war.seen() != undone, "set back to step {to}");
    // What was acknowledged since stays so: sent again under its id it has its old number, and is not done again.
    if let Some((last, id)) = script.iter().filter(|given| given.step <= PLAYED).zip(1..).last() {
        let again = war.give(PLAYED, last, id);
        assert!(matches!(again, Ok(Taken::Repeat(old)) if old < seq), "{again:?}");
        assert!(war.seen() == never.seen());
    }
    for part in 0..ON / 20 {
        let (from, until) = (to + part * 20, to + (part + 1) * 20);
        let after = war.play(script, from, until, PLAYED - to);
        assert_eq!(codes(&after), codes(&never.play(script, from, until, 0)));
        assert!(war.seen() == never.seen(), "set back to step {to}, then at {until}");
    }
    war.replays();
}

#[test]
fn boats_allies_and_votes_are_where_they_were_when_a_war_was_set_back() {
    let mut found = [0; 3];
    for seed in 1..=3 {
        let (script, busy) = script(seed);
        for (steps, found) in busy.iter().zip(&mut found) {
            if let Some(step) = steps.get(steps.len() / 2) {
                set_back(seed, &script, *step);
                *found += 1;
            }
        }
    }
    assert!(found.iter().all(|found| *found > 0), "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, ..ProptestConfig::default() })]

    #[test]
    fn a_war_that_was_set_back_goes_on_as_if_nothing_had_followed(seed in 0u64..1_000, to in 1u64..PLAYED - 1) {
        set_back(seed, &script(seed).0, to);
    }

    #[test]
    fn without_a_command_a_war_is_what_it_would_have_been(seed in 0u64..1_000, which in any::<prop::sample::Index>()) {
        let script = script(seed).0;
        let mut war = Logged::open(seed);
        let answers = war.play(&script, 0, PLAYED, 0);
        let seqs: Vec<Seq> = answers
            .into_iter()
            .map(|answer| match answer {
                Ok(Taken::New(seq)) => seq,
                other => panic!("{other:?}"),
            })
            .collect();
        let out = which.index(seqs.len());
        war.settle();
        let now = war.room.memory().seq;
        let course = kernel::without(ROOM, &mut war.log.clone(), seqs[out], now).unwrap();
        let at = war.room.passed();
        let seq = war.room.take_out(at, seqs[out], course.room.as_ref()).unwrap();
        war.writer.push(seq, at, &Input::Without { seq: seqs[out] });
        // The same, never given.
        let others: Vec<Given> =
            script.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, given)| given.clone()).collect();
        let mut never = Logged::open(seed);
        let answers = never.play(&others, 0, PLAYED, 0);
        let refused = seqs.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, seq)| *seq).zip(codes(&answers));
        let refused: Vec<(Seq, u16)> = refused.filter_map(|(seq, code)| Some((seq, code?))).collect();
        let fallen: Vec<(Seq, u16)> = course.fallen.iter().map(|fallen| (fallen.seq, fallen.why.code)).collect();
        prop_assert_eq!((fallen, course.more), (refused, 0));
        never.settle();
        prop_assert!(war.room.state_bytes() == never.room.state_bytes());
        prop_assert!(war.seen() == never.seen());
        war.replays();
    }
}
