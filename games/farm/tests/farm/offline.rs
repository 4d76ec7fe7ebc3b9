//! Offline play: whatever devices claim to have done, in whatever order and pieces it comes home, it is worth what it
//! would have been worth online, and time and hands are spent once.

use std::sync::LazyLock;

use farm::view::FarmView;
use farm::{Command, DeviceId, Late, State, Sync};
use kernel::At;
use num_bigint::BigUint;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::properties::{acts, command, play};
use crate::vectors::exact;
use crate::yard::*;

/// A farm with something of everything, and stars to spend. It is played once for all tests.
fn established() -> Yard {
    static PLAYED: LazyLock<(State, At)> = LazyLock::new(|| {
        let yard = plays();
        (yard.state, yard.at)
    });
    let mut yard = Yard::new(&full());
    (yard.state, yard.at) = PLAYED.clone();
    yard.page = yard.sees().farm;
    yard
}

fn plays() -> Yard {
    let mut yard = Yard::new(&full());
    yard.checks_page = false;
    yard.shears_up_to(300);
    for command in [buy("llama", 4), upgrade("shears"), upgrade("hands"), craft("spin", 8), buy("suri", 2)] {
        yard.does(command).expect("paid");
    }
    yard.shears_up_to(2_000);
    yard.does(Command::Prestige).expect("many stars");
    yard.shears_up_to(200);
    yard
}

/// All of the state but what is remembered of refused actions, which depends on how they are cut into chunks.
fn story(yard: &Yard) -> Map<String, Value> {
    let mut exact = exact(yard.rules.content(), &yard.state);
    for device in exact["devices"].as_object_mut().expect("an object").values_mut() {
        device["refused"] = Value::Null;
    }
    exact
}

fn copy(yard: &Yard) -> Yard {
    let mut copy = Yard::new(&full());
    (copy.state, copy.at, copy.page) = (yard.state.clone(), yard.at, yard.page.clone());
    copy.checks_page = false;
    copy
}

/// One device's actions, at so many milliseconds after it went away.
fn journal(from_ms: i64, deeds: &[(i64, Command)]) -> Vec<Late> {
    let mut deeds = deeds.to_vec();
    deeds.sort_by_key(|(after, _)| *after);
    let numbered = deeds.into_iter().zip(1..);
    numbered.map(|((after, command), n)| Late { n, at_ms: from_ms + after, command }).collect()
}

fn chunk(device: u8, now_ms: i64, actions: &[Late]) -> Sync {
    let after = actions.first().map_or(0, |first| first.n - 1);
    Sync { device: DeviceId([device; 16]), after, clock_ms: now_ms, actions: actions.to_vec() }
}

fn deeds(within_ms: i64) -> impl Strategy<Value = Vec<(i64, Command)>> {
    let online_only = |command: &Command| !matches!(command, Command::Keepsake { .. });
    vec((0..within_ms, command().prop_filter("is done online only", online_only)), 0..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whoever plays offline within the allowance has what the same play would have brought online.
    #[test]
    fn offline_is_as_online(deeds in deeds(3_500_000), here_ms in 0_i64..9_000_000) {
        let mut online = established();
        online.waits(here_ms);
        online.takes(kernel::Event::Advance).expect("a fact");
        online.checks_page = false;
        let mut offline = copy(&online);
        let journal = journal(online.at.ms, &deeds);

        let begin = online.at;
        let mut refused = Vec::new();
        for late in &journal {
            online.at.ms = late.at_ms;
            refused.push(online.does(late.command.clone()).map_err(|refusal| refusal.code).err());
        }
        online.at.ms = begin.ms + 3_600_000;
        online.takes(kernel::Event::Advance).expect("a fact");

        offline.leaves();
        offline.at.ms = begin.ms + 3_600_000;
        let answer = offline.syncs(chunk(1, offline.at.ms, &journal)).expect("a new device");
        prop_assert_eq!(answer.results.iter().map(|r| r.code).collect::<Vec<_>>(), refused);
        offline.joins();
        prop_assert_eq!(&offline.state.holdings, &online.state.holdings);
        prop_assert_eq!(&offline.state.week_earned, &online.state.week_earned);
        prop_assert_eq!(&offline.state.rates, &online.state.rates);
        prop_assert_eq!(offline.state.hands_free_ms, online.state.hands_free_ms);
    }

    /// However the same journals are cut, and whatever is sent again: the same farm, and nothing twice.
    #[test]
    fn chunks_may_be_cut_and_resent(
        journals in vec(deeds(20_000_000), 3), cuts in vec(1_usize..8, 0..40), again in vec(any::<bool>(), 60),
        present in any::<bool>(), before_ms in 0_i64..5_000_000,
    ) {
        let mut whole = established();
        whole.waits(before_ms);
        whole.takes(kernel::Event::Advance).expect("a fact");
        if !present {
            whole.leaves();
        }
        let from_ms = whole.at.ms;
        whole.at.ms += 20_000_000;
        let mut pieces = copy(&whole);
        let now_ms = whole.at.ms;
        let (mut cuts, mut again) = (cuts.into_iter().chain(std::iter::repeat(3)), again.into_iter().cycle());
        for (name, deeds) in (1..).zip(&journals) {
            let journal = journal(from_ms, deeds);
            if journal.is_empty() {
                continue;
            }
            whole.syncs(chunk(name, now_ms, &journal)).expect("in order");
            let mut rest = &journal[..];
            while !rest.is_empty() {
                let (head, tail) = rest.split_at(cuts.next().expect("endless").min(rest.len()));
                let first = pieces.syncs(chunk(name, now_ms, head)).expect("in order");
                if again.next().expect("endless") {
                    let state = pieces.state.clone();
                    let second = pieces.syncs(chunk(name, now_ms, head)).expect("in order");
                    let codes = |answer: &SyncAnswer| answer.results.iter().map(|r| r.code).collect::<Vec<_>>();
                    prop_assert_eq!(codes(&second), codes(&first), "what was refused is still known");
                    prop_assert!(second.results.iter().all(|result| result.again));
                    prop_assert_eq!(&pieces.state, &state, "nothing is done twice");
                }
                rest = tail;
            }
        }
        prop_assert_eq!(story(&pieces), story(&whole));
        whole.joins();
        pieces.joins();
        prop_assert_eq!(story(&pieces), story(&whole));
    }

    /// Whatever several devices claim, with whatever clocks: no more wool than all the time at the best rates and
    /// tireless hands bring, and no more shears than hands can do.
    #[test]
    fn time_and_hands_bound_everything(acts in vec(acts(), 0..80), wild in vec((any::<i64>(), any::<i64>()), 0..20)) {
        let mut yard = established();
        yard.checks_page = false;
        let begin_ms = yard.state.opened_ms;
        let (mut best_rates, mut best_shear) = (vec![BigUint::ZERO; 2], BigUint::ZERO);
        let mut wild = wild.into_iter();
        for act in &acts {
            // One action at a time, so that no rate is there unseen.
            match act {
                crate::properties::Act::Return(device, done, _) => {
                    for deed in done {
                        let mut chunk = yard.journals.chunk(*device, yard.at.ms, std::slice::from_ref(deed), false);
                        if let Some((at_ms, clock_ms)) = wild.next() {
                            (chunk.actions[0].at_ms, chunk.clock_ms) = (at_ms, clock_ms);
                        }
                        yard.syncs(chunk).expect("in order");
                        seen(&yard, &mut best_rates, &mut best_shear);
                    }
                }
                other => play(&mut yard, std::slice::from_ref(other)),
            }
            seen(&yard, &mut best_rates, &mut best_shear);
            let time_ms = (yard.at.ms - begin_ms).unsigned_abs();
            let holdings = &yard.state.holdings;
            let shears = time_ms / 50 + 50;
            prop_assert!(holdings.shears <= shears, "{} shears in {time_ms} ms", holdings.shears);
            for (wool, (stock, rate)) in holdings.wools.iter().zip(&best_rates).enumerate() {
                // The events of the test's content, all at once.
                let grown = rate * time_ms * 5_u32 * 3_u32;
                let shorn = if wool == 0 { &best_shear * shears * 1_000_u32 * 2_u32 } else { BigUint::ZERO };
                prop_assert!(stock.earned <= grown + shorn, "wool {wool} from nothing");
            }
            prop_assert!(yard.state.settled_ms <= yard.at.ms, "nothing is booked ahead");
            let allowance = yard.state.rates.away_ms;
            prop_assert!(yard.state.works_until_ms <= yard.at.ms + allowance, "the lantern burns no longer");
        }
    }

    /// Offline play never lights the lantern anew: a farm alone works for its allowance, whatever comes home.
    #[test]
    fn the_lantern_is_lit_by_presence_alone(deeds in deeds(90_000_000)) {
        let mut yard = established();
        yard.leaves();
        let left_ms = yard.at.ms;
        yard.at.ms += 90_000_000;
        yard.syncs(chunk(1, yard.at.ms, &journal(left_ms, &deeds))).expect("in order");
        prop_assert_eq!(yard.state.works_until_ms, left_ms + yard.state.rates.away_ms);
        prop_assert_eq!(yard.sees().farm.left_ms, Some(left_ms));
        yard.joins();
        let most_ms = 3_600_000 + 4 * 1_800_000 + 2 * 1_200_000 + 3_600_000;
        prop_assert!(yard.page.away.as_ref().is_some_and(|away| away.paid_ms <= most_ms));
    }
}

fn seen(yard: &Yard, best_rates: &mut [BigUint], best_shear: &mut BigUint) {
    let rates = &yard.state.rates;
    for (best, rate) in best_rates.iter_mut().zip(&rates.wools) {
        *best = rate.max(best).clone();
    }
    *best_shear = rates.shear.clone().max(best_shear.clone());
}

#[test]
fn a_return_is_counted_once_for_each_time_away() {
    let mut yard = established();
    let shears = |yard: &mut Yard| {
        let chunk = yard.journals.chunk(1, yard.at.ms, &[(1_000, shear(1))], false);
        yard.syncs(chunk).expect("in order");
    };
    yard.waits(5_000);
    shears(&mut yard);
    assert_eq!(yard.state.returns, 0, "a cut line is no time away");
    for times in 1..3 {
        yard.leaves();
        yard.waits(60_000);
        shears(&mut yard);
        shears(&mut yard);
        yard.joins();
        assert_eq!(yard.page.stats.returns, times);
    }
}

#[test]
fn joined_sessions_are_told_of_a_sync_and_see_the_whole_farm() {
    let mut yard = established();
    yard.waits(4_000);
    let deeds = [(3_000, shear(5)), (2_000, buy("llama", 1)), (1_000, buy("unicorn", 1))];
    let chunk = yard.journals.chunk(7, yard.at.ms, &deeds, false);
    let event = kernel::Event::Command { seat: farm::OWNER, command: Command::Sync(chunk).into() };
    let update = yard.takes(event).expect("in order").expect("the owner is here");
    assert_eq!(update.event, Some(farm::view::Occasion::Synced { kept: 2, refused: 1 }));
    let farm: FarmView = yard.sees().farm;
    assert_eq!((farm.at_ms, yard.page.clone()), (yard.at.ms, farm));
    // The answer has the same farm.
    #[derive(serde::Deserialize)]
    struct Answer {
        farm: FarmView,
    }
    let answer: Answer = rmp_serde::from_slice(yard.answers.last().expect("answered")).expect("readable");
    assert_eq!(answer.farm, yard.page);
}
