//! A past that is shown again, against the past.

use std::collections::BTreeMap;

use kernel::{Playback, Seat, Seq, Shown, Update};
use proptest::prelude::*;

use crate::drift::LOUD;
use crate::log::{Log, Logged, ROOM, Step};
use crate::properties::any_step;

fn begin(log: &Log, from: u64) -> Playback {
    Playback::begin(ROOM, &mut log.clone(), Seq(from)).unwrap().unwrap()
}

fn view(playback: &Playback) -> Vec<u8> {
    let mut view = playback.room().state_bytes();
    playback.room().view(playback.at(playback.step()), Seat::NOBODY, &mut view);
    view
}

/// Everything from where it is to the end of the log, by its step: what was told, and what stood then.
fn rest(playback: &mut Playback, log: &Log) -> BTreeMap<u64, (Shown, Vec<Update>, Vec<u8>)> {
    let (mut steps, mut log) = (BTreeMap::new(), log.clone());
    loop {
        let (step, mut told) = (playback.step() + 1, Vec::new());
        match playback.show(&mut log, step, &mut |update| told.push(update)).unwrap() {
            Shown::Ended => return steps,
            shown => drop(steps.insert(step, (shown, told, view(playback)))),
        }
    }
}

#[test]
fn every_step_is_shown_as_it_was_told() {
    let mut logged = Logged::open_of("drift", 3);
    for step in
        [Step::Join(0), Step::Wait(210), Step::Pass, Step::Command(0, 1, 7), Step::Wait(90), Step::Advance]
    {
        logged.step(&step);
    }
    logged.commit(true);
    let mut playback = begin(&logged.log, 1);
    let told: Vec<(u64, Vec<u8>)> = rest(&mut playback, &logged.log)
        .into_iter()
        .flat_map(|(step, (_, told, _))| told.into_iter().map(move |update| (step, update.body)))
        .collect();
    let of_time = |step: u64| (step, step.to_le_bytes().to_vec());
    let expected = [of_time(1), of_time(2), of_time(3), of_time(4), (4, vec![7]), of_time(5), of_time(6)];
    assert_eq!(told, expected);
    assert_eq!((playback.step(), playback.room().hash()), (6, logged.room.hash()));
    // The room goes on, and so does whoever watches.
    assert!(!playback.seek(&mut logged.log.clone(), 8).unwrap());
    for step in [Step::Wait(500), Step::Advance, Step::Rewind(1), Step::Commit(false)] {
        logged.step(&step);
    }
    assert!(playback.seek(&mut logged.log.clone(), 8).unwrap());
    assert_eq!(playback.step(), 8);
    let shown: Vec<Shown> = rest(&mut playback, &logged.log).into_values().map(|(shown, ..)| shown).collect();
    assert_eq!(shown[shown.len() - 8..], [[Shown::Told; 7].as_slice(), &[Shown::Jumped]].concat());
}

fn quiet(step: &Step) -> bool {
    !matches!(step, Step::Command(_, _, byte) if u64::from(*byte) == LOUD)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_step_can_be_shown_from_anywhere_before(
        name in prop::sample::select(vec!["tally", "drift"]),
        seed in any::<u64>(),
        steps in prop::collection::vec(any_step().prop_filter("loud", quiet), 1..60),
        to in any::<prop::sample::Index>(),
        froms in prop::collection::vec(any::<prop::sample::Index>(), 3),
    ) {
        let mut logged = Logged::open_of(name, seed);
        steps.iter().for_each(|step| logged.step(step));
        logged.commit(true);
        let log = &logged.log;
        let mut playback = begin(log, 1);
        let all = rest(&mut playback, log);
        prop_assert_eq!(playback.room().memory(), logged.room.memory());
        prop_assert_eq!(playback.room().hash(), logged.room.hash());
        if all.is_empty() {
            return Ok(());
        }
        let to = *all.keys().nth(to.index(all.len())).unwrap();
        for from in froms {
            let mut playback = begin(log, 1 + from.index(logged.room.memory().seq.0 as usize) as u64);
            if playback.step() > to {
                continue;
            }
            prop_assert!(playback.seek(&mut log.clone(), to).unwrap());
            prop_assert_eq!(view(&playback), all[&to].2.clone());
            let then = rest(&mut playback, log);
            prop_assert!(then.iter().eq(all.range(to + 1..)), "what follows differs");
        }
    }
}
