//! What the house is told beside the owner: scores, restore points, what neighbours see, what a dry run compares.

use std::collections::BTreeMap;

use farm::view::PublicView;
use farm::{Command, Farm, Order, magnitude};
use kernel::{At, Event, Outbox, Rules, Seat};
use num_bigint::BigUint;

use crate::yard::*;

const DAY_MS: i64 = 86_400_000;

fn ready() -> Yard {
    let mut yard = Yard::new(&full());
    yard.shears_up_to(60);
    for command in [buy("llama", 2), craft("spin", 1), buy("suri", 1)] {
        yard.does(command).expect("paid");
    }
    yard.shears_up_to(400);
    yard.scores.clear();
    yard
}

#[test]
fn scores_are_told_when_something_calls_for_it_and_once_a_minute() {
    let mut yard = ready();
    let told = |yard: &mut Yard| std::mem::take(&mut yard.scores).len();
    yard.does(Command::Prestige).expect("ready");
    assert_eq!(told(&mut yard), 1, "at a prestige");
    for _ in 0..24 {
        yard.waits(5_000);
        yard.takes(Event::Advance).expect("a fact");
    }
    assert_eq!(told(&mut yard), 2, "once a minute");
    yard.does(shear(1)).expect("hands");
    assert_eq!(told(&mut yard), 0, "not for a shear");
    yard.leaves();
    assert_eq!(told(&mut yard), 1, "at leaving");
    for _ in 0..10 {
        yard.waits(60_000);
        yard.takes(Event::Advance).expect("a fact");
    }
    assert_eq!(told(&mut yard), 0, "nobody is there");
    yard.takes(Event::Command { seat: farm::OWNER, command: Command::Report.into() }).expect("heard");
    assert_eq!(told(&mut yard), 1, "when asked");
    let chunk = yard.journals.chunk(1, yard.at.ms, &[(1_000, shear(1))], false);
    yard.syncs(chunk.clone()).expect("in order");
    assert_eq!(told(&mut yard), 1, "when offline play comes home");
    yard.syncs(chunk).expect("in order");
    assert_eq!(told(&mut yard), 0, "not for what is known");
}

#[test]
fn a_score_has_the_figures_that_ranks_and_achievements_ask_for() {
    let mut yard = ready();
    yard.does(Command::Prestige).expect("ready");
    let farm = yard.sees().farm;
    let score = yard.scores.pop().expect("told");
    let names: Vec<&str> = score.keys().map(String::as_str).collect();
    let want = [
        "buildings",
        "llamas",
        "prestiges",
        "returns",
        "run_magnitude",
        "shears",
        "stars",
        "upgrades",
        "weaves",
        "week",
        "week_magnitude",
        "wishes",
        "worth_magnitude",
    ];
    assert_eq!(names, want);
    assert_eq!(
        (score["stars"].as_str(), score["prestiges"].as_str(), score["weaves"].as_str()),
        ("2", "1", "1")
    );
    assert_eq!(
        (score["shears"].clone(), score["run_magnitude"].as_str()),
        (farm.stats.shears.to_string(), "0")
    );
    assert_eq!(score["week"], farm.week.index.to_string());
    let worth: BigUint = farm.week.worth.parse().expect("a number");
    assert!(worth > BigUint::from(400_000_u32), "the week goes on over a prestige");
    assert_eq!(score["week_magnitude"], magnitude(&worth).to_string());
    // Every achievement of the content names one of them.
    for achievement in yard.sees().content.achievements {
        assert!(score.contains_key(&achievement.stat), "{achievement:?}");
    }
    assert_eq!(yard.sees().content.achievements[1].goal, magnitude(&BigUint::from(1_000_000_u32)));
}

#[test]
fn a_week_begins_anew_on_monday() {
    let mut yard = ready();
    let farm = yard.sees().farm;
    assert!(farm.week.worth != "0" && farm.week.ends_ms > yard.at.ms);
    yard.at.ms = farm.week.ends_ms - 1;
    yard.takes(Event::Advance).expect("a fact");
    assert!(yard.sees().farm.week.worth != "0");
    let before = yard.sees().farm.week;
    yard.waits(1);
    let after = yard.sees().farm.week;
    assert_eq!(
        (after.index, after.worth.as_str(), after.ends_ms),
        (before.index + 1, "0", before.ends_ms + 7 * DAY_MS)
    );
    yard.waits(1_000);
    yard.does(shear(1)).expect("hands");
    let yields: u128 = yard.page.shear.each.parse().expect("small");
    let worth: u128 = yard.page.week.worth.parse().expect("small");
    let rate: u128 = yard.page.prestige.worth_rate.parse().expect("small");
    assert_eq!(worth, yields + rate, "one shear, and a second's growth");
}

/// The reason for which the rules want to keep what stands before this.
fn mark(yard: &Yard, event: Event<'_, Order>) -> Option<&'static str> {
    yard.rules.validate(&yard.state, yard.at, &event).expect("it may happen");
    yard.rules.mark(&yard.state, yard.at, &event)
}

#[test]
fn restore_points_are_asked_for_before_what_cannot_be_taken_back() {
    let command = |command: Command| Event::Command { seat: farm::OWNER, command: command.into() };
    let mut yard = ready();
    assert_eq!(mark(&yard, command(shear(1))), None, "the first day needs none");
    assert_eq!(mark(&yard, command(Command::Prestige)), Some("prestige"));
    assert_eq!(mark(&yard, command(Command::Report)), None);
    let late = yard.journals.chunk(1, yard.at.ms, &[(5, shear(1)), (1, Command::Prestige)], false);
    assert_eq!(mark(&yard, command(Command::Sync(late.clone()))), Some("prestige"));
    yard.syncs(late.clone()).expect("in order");
    assert_eq!(mark(&yard, command(Command::Sync(late))), None, "nothing of it is new");

    yard.waits(DAY_MS);
    assert_eq!(mark(&yard, Event::Leave { seat: Seat(3) }), None, "that is not the owner");
    assert_eq!(mark(&yard, command(Command::Report)), None, "it changes nothing");
    assert_eq!(mark(&yard, Event::Advance), Some("daily"));
    yard.takes(Event::Advance).expect("a fact");
    assert_eq!(mark(&yard, Event::Advance), None, "once a day");
    yard.leaves();
    yard.waits(DAY_MS);
    assert_eq!(mark(&yard, Event::Advance), None, "nothing happens while the owner is away");
    assert_eq!(mark(&yard, Event::Join { seat: farm::OWNER }), Some("daily"));

    let young = Yard::new(&full());
    let save = crate::vectors::honest();
    assert_eq!(mark(&young, command(Command::Import(save))), Some("import"));
}

#[test]
fn a_restored_farm_goes_on_from_now() {
    for present in [true, false] {
        let mut yard = ready();
        if !present {
            yard.leaves();
            yard.waits(600_000);
        }
        let (then, before) = (yard.at, yard.sees().farm);
        let left_ms = before.works_until_ms - then.ms;
        let now = At { ms: then.ms + 30 * DAY_MS, ..then };
        yard.rules.rewound(&mut yard.state, then, now);
        yard.at = now;
        let after = yard.sees().farm;
        let amounts = |farm: &farm::view::FarmView| -> Vec<_> {
            farm.wools.values().map(|w| w.amount.clone()).collect()
        };
        assert_eq!(amounts(&after), amounts(&before), "nothing has grown in the meantime");
        assert_eq!(yard.state.works_until_ms - now.ms, left_ms, "the lantern has as much left");
        assert!(after.hands_free_ms >= now.ms, "no hand has moved");
        assert_eq!(after.week.worth, "0", "that week is over");
        // What was done in the time that was undone finds no time and no hands.
        let chunk = yard.journals.chunk(1, now.ms, &[(DAY_MS, shear(20)), (DAY_MS, buy("llama", 1))], false);
        let answer = yard.syncs(chunk).expect("in order");
        assert_eq!(answer.results[0].code, Some(farm::refusals::TOO_FAST));
        assert_eq!(yard.state.settled_ms, now.ms);
    }
}

#[test]
fn neighbours_see_no_wool() {
    let mut yard = ready();
    yard.does(Command::Prestige).expect("ready");
    yard.does(wish("thumb")).expect("two stars");
    let mut bytes = Vec::new();
    yard.rules.view(&yard.state, yard.at, Seat::NOBODY, &mut bytes);
    let PublicView { content, farm } = PublicView::decode(&bytes).expect("readable");
    assert_eq!(content, yard.sees().content);
    assert_eq!((farm.buildings["llama"], farm.upgrades["shears"], farm.wishes["thumb"]), (0, 0, 1));
    assert_eq!((farm.prestige.stars.as_str(), farm.prestige.count), ("2", 1));
    assert_eq!((farm.looks, farm.stats.clone()), (yard.page.looks, yard.page.stats.clone()));
    let value: serde_json::Value = rmp_serde::from_slice(&bytes).expect("readable");
    for secret in ["wools", "shear", "week", "away", "hands_free_ms", "works_until_ms", "left_ms"] {
        assert_eq!(value["farm"].get(secret), None, "{secret} is nobody's business");
    }
}

fn measured(rules: &Farm, state: &farm::State, at: At) -> BTreeMap<String, u128> {
    let mut all = BTreeMap::new();
    rules.measures(state, at, &mut |name, value| {
        assert_eq!(all.insert(name.to_owned(), value), None, "{name} twice")
    });
    all
}

#[test]
fn a_dry_run_finds_what_a_player_would_miss() {
    let mut yard = ready();
    yard.does(upgrade("songs")).expect("paid");
    let before = measured(&yard.rules, &yard.state, yard.at);
    assert_eq!(before["building.llama.count"], 2);
    assert_eq!(before["upgrade.songs.level"], 1);
    assert_eq!(before["away_ms"], 90 * 60_000);
    assert_eq!(before["wool.plain.amount"], yard.has("plain"));
    let worse = |text: String| -> Vec<String> {
        let rules = Farm::load(text.as_bytes()).expect("sound");
        let state = rules.migrate(Farm::VERSION, &yard.bytes()).expect("it moves");
        let after = measured(&rules, &state, yard.at);
        let less = |name: &&String| after.get(*name).copied().unwrap_or(0) < before[*name];
        before.keys().filter(less).cloned().collect()
    };
    let text = String::from_utf8(full()).expect("text");
    assert_eq!(worse(text.clone()), [""; 0]);
    assert_eq!(worse(text.replace("rate = 333", "rate = 300")), ["wool.plain.rate"]);
    assert_eq!(worse(text.replace("away_minutes = 60", "away_minutes = 59")), ["away_ms"]);
    assert_eq!(worse(text.replace("\"songs\"", "\"hymns\"")), ["away_ms", "upgrade.songs.level"]);
    assert_eq!(
        worse(text.replace("count_max = 40\nmilestones = [3, 10]", "count_max = 1")),
        ["building.llama.count", "wool.plain.rate"]
    );
}

#[test]
fn the_version_before_hears_nothing_new() {
    let rules = farm::FarmV1::load(QUICK).expect("sound");
    let at = At { ms: BEGIN_MS, step: 0 };
    let state = rules.open(at, b"", 0).expect("no setup is fine");
    let by = Some(farm::By { device: farm::DeviceId([1; 16]), n: 1 });
    for order in [Command::Report.into(), wish("thumb").into(), Order { command: shear(1), by }] {
        let event = Event::Command { seat: farm::OWNER, command: order };
        let code = rules.validate(&state, at, &event).map_err(|refusal| refusal.code);
        assert_eq!(code, Err(kernel::Refusal::UNSUPPORTED));
        assert_eq!(rules.mark(&state, at, &event), None);
    }
    let mut state = state;
    let mut out = Outbox::new();
    rules.execute(&mut state, at, Event::Join { seat: farm::OWNER }, &mut out);
    rules.execute(&mut state, At { ms: at.ms + 600_000, step: 1 }, Event::Advance, &mut out);
    assert!(out.effects().is_empty(), "it told no scores");
}
