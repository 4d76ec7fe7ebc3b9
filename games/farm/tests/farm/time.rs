//! Time becomes wool: exactly, as long as the lantern burns.

use farm::{DEFAULT_CONTENT, Farm};
use kernel::{At, Event, Rules};

use crate::yard::*;

const HOUR_MS: i64 = 3_600_000;

/// A farm with one quick llama (333 milli-wool a second) and nothing in store but what is too little to matter.
fn one_llama() -> Yard {
    let mut yard = Yard::new(QUICK);
    yard.does(shear(5)).expect("five shears");
    yard.does(buy("llama", 1)).expect("five wool");
    yard
}

#[test]
fn growth_is_exact_to_the_millisecond() {
    let mut yard = one_llama();
    for (wait, want) in [(1, 0), (2, 0), (1, 1), (996, 333), (1_000, 666), (HOUR_MS - 2_000, 1_198_800)] {
        yard.waits(wait);
        assert_eq!(yard.has("plain"), want);
    }
}

#[test]
fn time_away_is_paid_up_to_the_allowance() {
    // Quick content allows an hour.
    for (away_ms, paid_ms) in [
        (0, 0),
        (1, 1),
        (HOUR_MS - 1, HOUR_MS - 1),
        (HOUR_MS, HOUR_MS),
        (HOUR_MS + 1, HOUR_MS),
        (i64::MAX / 4, HOUR_MS),
    ] {
        let mut yard = one_llama();
        yard.leaves();
        yard.waits(away_ms);
        yard.takes(Event::Advance).expect("time is a fact");
        yard.joins();
        let away = yard.page.away.clone().expect("the owner was away");
        assert_eq!((away.to_ms - away.from_ms, i64::try_from(away.paid_ms)), (away_ms, Ok(paid_ms)));
        assert_eq!(away.earned["plain"], (paid_ms * 333 / 1_000).to_string());
        assert_eq!(yard.has("plain").to_string(), away.earned["plain"]);
    }
}

#[test]
fn an_upgrade_lets_the_herd_work_longer() {
    let mut yard = one_llama();
    yard.shears_up_to(5);
    yard.does(upgrade("songs")).expect("five wool");
    yard.leaves();
    yard.waits(9 * HOUR_MS);
    yard.joins();
    assert_eq!(yard.page.away.as_ref().map(|away| away.paid_ms), Some(90 * 60_000));
}

#[test]
fn an_open_page_is_paid_for_ever_and_a_gap_like_time_away() {
    let mut yard = one_llama();
    for _ in 0..10 * 720 {
        yard.waits(5_000);
        yard.takes(Event::Advance).expect("time is a fact");
    }
    assert_eq!(yard.has("plain"), 333 * 36_000, "ten hours");
    // The house burnt down, and nobody could leave properly.
    yard.waits(100 * HOUR_MS);
    yard.takes(Event::Advance).expect("time is a fact");
    assert_eq!(yard.has("plain"), 333 * 39_600, "one hour more");
}

#[test]
fn an_empty_farm_waits_without_harm() {
    let mut yard = Yard::empty(DEFAULT_CONTENT);
    yard.waits(1_000 * HOUR_MS);
    yard.takes(Event::Advance).expect("time is a fact");
    yard.joins();
    assert_eq!(yard.page.away, None);
    assert_eq!(yard.page.works_until_ms, yard.at.ms + 8 * HOUR_MS);
}

#[test]
fn the_ends_of_time_break_nothing() {
    let rules = Farm::load(QUICK).expect("sound");
    for (open_ms, later_ms) in
        [(i64::MIN, i64::MAX), (i64::MAX, i64::MAX), (0, i64::MAX), (i64::MIN, i64::MIN)]
    {
        let mut yard = Yard::new(QUICK);
        yard.at.ms = open_ms;
        yard.state = rules.open(yard.at, b"", 1).expect("no setup is fine");
        yard.joins();
        yard.does(shear(50)).ok();
        yard.does(buy_max("llama")).ok();
        yard.at.ms = later_ms;
        yard.takes(Event::Advance).expect("time is a fact");
        yard.leaves();
        yard.sees();
    }
}

#[test]
fn numbers_pass_sixty_four_bits_exactly() {
    // One building of 9·10¹⁵ milli-wool a second, doubled nine times; and a worth that makes many stars of it.
    let text = String::from_utf8(QUICK.to_vec()).expect("text");
    let milestones = "milestones = [1, 2, 3, 4, 5, 6, 7, 8, 9]";
    let text = text
        .replace("rate = 333", "rate = 9_000_000_000_000_000")
        .replace("milestones = [3, 10]", milestones);
    let mut yard = Yard::new(text.as_bytes());
    yard.shears_up_to(100);
    yard.does(buy("llama", 10)).expect("the wool is there");
    yard.shears_up_to(1);
    let before: u128 = yard.has("plain");
    yard.waits(HOUR_MS);
    let rate = 9_000_000_000_000_000_u128 * 10 * 512;
    assert_eq!(yard.sees().farm.wools["plain"].rate, rate.to_string());
    assert_eq!(yard.has("plain"), before + rate * 3_600);
    assert!(yard.has("plain") > u128::from(u64::MAX));

    // Everything still works out there.
    yard.does(craft("spin", 1_000_000_000)).expect("there is plenty");
    yard.does(buy("suri", 3)).expect("there is plenty");
    yard.does(craft_max("spin")).expect("there is plenty");
    let mut bytes = Vec::new();
    yard.rules.snapshot(&yard.state, &mut bytes);
    assert_eq!(yard.rules.restore(&bytes).as_ref(), Ok(&yard.state));
    yard.does(farm::Command::Prestige).expect("many stars");
    assert!(yard.rules.label(&yard.state).contains("\"prestiges\":1"));
}

#[test]
fn a_setup_is_an_empty_object_or_nothing() {
    let rules = Farm::load(QUICK).expect("sound");
    let at = At::default();
    for setup in [&b""[..], b"{}", b" { } ", b"\n"] {
        assert!(rules.open(at, setup, 0).is_ok(), "{setup:?}");
    }
    let long = vec![b' '; 1_025];
    for setup in [&b"{\"wool\":9}"[..], b"null", b"{} {}", b"\xff", b"{", &long] {
        assert_eq!(rules.open(at, setup, 0).map_err(|refusal| refusal.code).err(), Some(1), "{setup:?}");
    }
}
