//! Commands, one after the other: what each does and why it is refused.

use farm::refusals::*;
use farm::view::{KeepsakeState, Occasion};
use farm::{Command, DEFAULT_CONTENT, OWNER, Order};
use kernel::{Act, Effect, Event, Refusal, RoomId, Seat};

use crate::yard::*;

/// Does each command in its turn, with a wait before it, and compares the refusals' codes; 0 is yes.
fn check(yard: &mut Yard, rows: &[(i64, Command, u16)]) {
    for (index, (wait, command, want)) in rows.iter().enumerate() {
        yard.waits(*wait);
        let before = yard.bytes();
        let code = yard.does(command.clone()).map_or_else(|refusal| refusal.code, |_| 0);
        assert_eq!(code, *want, "row {index}: {command:?}");
        assert!(code == 0 || yard.bytes() == before, "row {index}: a refused command changes nothing");
    }
}

#[test]
fn the_first_minute() {
    let mut yard = Yard::new(DEFAULT_CONTENT);
    check(
        &mut yard,
        &[
            (0, buy("meadow_llama", 1), NOT_ENOUGH),
            (1_000, shear(9), 0),
            (0, buy("meadow_llama", 1), NOT_ENOUGH),
            (0, shear(1), 0),
            (0, buy("meadow_llama", 1), 0),
            (0, buy("meadow_llama", 1), NOT_ENOUGH),
            // 12 wool at half a wool a second.
            (23_999, buy("meadow_llama", 1), NOT_ENOUGH),
            (1, buy("meadow_llama", 1), 0),
            (0, buy("hay_barn", 1), LOCKED),
        ],
    );
    let farm = yard.sees().farm;
    assert_eq!((farm.wools["plain"].amount.as_str(), farm.wools["plain"].rate.as_str()), ("0", "1000"));
    assert_eq!((farm.stats.shears, farm.stats.llamas), (10, 2));
}

#[test]
fn unknown_things_and_bad_counts() {
    let mut yard = Yard::new(QUICK);
    check(
        &mut yard,
        &[
            (0, buy("dragon", 1), UNKNOWN),
            (0, upgrade(""), UNKNOWN),
            (0, craft("gold", 1), UNKNOWN),
            (0, keepsake("llama"), UNKNOWN),
            (0, shear(0), BAD_COUNT),
            (0, shear(51), BAD_COUNT),
            (0, shear(u64::MAX), BAD_COUNT),
            (0, buy("llama", 0), BAD_COUNT),
            (0, buy("llama", 1_001), BAD_COUNT),
            (0, buy("llama", 41), AT_LIMIT),
            (0, craft("spin", 0), BAD_COUNT),
            (0, craft("spin", 1_000_000_001), BAD_COUNT),
            (0, craft("spin", 1_000_000_000), NOT_ENOUGH),
            (0, craft_max("spin"), NOT_ENOUGH),
            (0, buy_max("llama"), NOT_ENOUGH),
        ],
    );
}

#[test]
fn hands_are_only_so_fast() {
    let mut yard = Yard::new(QUICK);
    check(
        &mut yard,
        &[
            (0, shear(50), 0),
            (0, shear(1), TOO_FAST),
            (49, shear(1), TOO_FAST),
            (1, shear(1), 0),
            (0, shear(1), TOO_FAST),
            (100, shear(3), TOO_FAST),
            (0, shear(2), 0),
            // However long the rest, no more than the burst at once.
            (3_600_000, shear(50), 0),
            (0, shear(1), TOO_FAST),
        ],
    );
    let mut yard = Yard::new(QUICK);
    let mut sheared = 0;
    for _ in 0..10_000 {
        yard.waits(1);
        sheared += u64::from(yard.does(shear(1)).is_ok());
    }
    assert_eq!(sheared, 50 + 9_999 / 50, "the burst, and 20 a second");
}

#[test]
fn upgrades_recipes_and_limits() {
    let mut yard = Yard::new(QUICK);
    yard.shears_up_to(250);
    check(
        &mut yard,
        &[
            (0, upgrade("hands"), LOCKED),
            (0, upgrade("shears"), 0),
            (0, upgrade("hands"), 0),
            (0, upgrade("shears"), 0),
            (0, upgrade("shears"), 0),
            (0, upgrade("shears"), AT_LIMIT),
            (0, upgrade("hay"), NOT_ENOUGH),
            (0, craft("spin", 2), 0),
            (0, upgrade("hay"), 0),
            (0, upgrade("hay"), NOT_ENOUGH),
            (0, craft_max("spin"), 0),
            (0, craft("spin", 1), NOT_ENOUGH),
        ],
    );
    // 1000 × 1.5³ rounded down; nothing grows yet that hands could share in.
    assert_eq!(yard.sees().farm.shear.each, "3375");
}

#[test]
fn milestones_double_and_max_buys_all_it_can() {
    let mut yard = Yard::new(QUICK);
    yard.does(shear(12)).expect("twelve shears");
    // 5 + 6 = 11; the third would cost 7.
    let update = yard.does(buy_max("llama")).expect("two can be paid");
    assert_eq!(update.event, Some(Occasion::Bought { building: "llama".into(), count: 2 }));
    assert_eq!(yard.sees().farm.buildings["llama"].next_milestone, Some(3));
    assert_eq!(yard.sees().farm.buildings["llama"].rate, "666");
    yard.shears_up_to(7);
    check(&mut yard, &[(0, buy("llama", 1), 0)]);
    assert_eq!(yard.sees().farm.buildings["llama"].rate, "1998", "3 × 333 × 2");
    yard.shears_up_to(2_500);
    check(
        &mut yard,
        &[(0, buy("llama", 38), AT_LIMIT), (0, buy("llama", 37), 0), (0, buy_max("llama"), AT_LIMIT)],
    );
    let llama = &yard.sees().farm.buildings["llama"];
    assert_eq!((llama.count, &llama.cost, llama.next_milestone), (40, &None, None));
}

/// Far enough for the first star.
fn ready_for_prestige() -> Yard {
    let mut yard = Yard::new(QUICK);
    yard.shears_up_to(60);
    check(
        &mut yard,
        &[
            (0, Command::Prestige, NOT_READY),
            (0, buy("llama", 2), 0),
            (0, craft("spin", 1), 0),
            (0, buy("suri", 1), 0),
        ],
    );
    yard
}

#[test]
fn prestige_pays_into_the_wallet_and_starts_anew() {
    let mut yard = ready_for_prestige();
    check(&mut yard, &[(0, Command::Prestige, NOT_READY)]);
    // Needs are met; what is missing is worth: 100 for the first star, 400 for the second.
    yard.shears_up_to(400);
    assert_eq!(yard.sees().farm.prestige.gain, "2");
    let update = yard.does(Command::Prestige).expect("it is ready");
    assert_eq!(update.event, Some(Occasion::Prestiged { stars: "2".into(), fleece: 2 }));
    let paid = Act::Wallet { seat: OWNER, currency: "golden_fleece".into(), amount: 2 };
    assert_eq!(yard.effects, [Effect { act: paid, answer: None }]);
    let farm = yard.sees().farm;
    assert_eq!((farm.prestige.stars.as_str(), farm.prestige.bonus_percent.as_str()), ("2", "200"));
    assert_eq!((farm.wools["plain"].amount.as_str(), farm.buildings["llama"].count), ("0", 0));
    assert_eq!((farm.shear.each.as_str(), farm.stats.run_ms), ("2000", yard.at.ms));
    check(&mut yard, &[(0, Command::Prestige, NOT_READY)]);
}

fn answers(yard: &mut Yard, tag: u64, outcome: Result<(), Refusal>) -> Option<Occasion> {
    let event = Event::EffectResult { tag, outcome: &outcome };
    yard.takes(event).expect("an answer is a fact").and_then(|update| update.event)
}

#[test]
fn a_keepsake_waits_for_the_wallet() {
    let mut yard = Yard::new(QUICK);
    let event = |state, code: Option<u16>, reason: Option<&str>| {
        Some(Occasion::Keepsake { keepsake: "scarecrow".into(), state, code, reason: reason.map(Into::into) })
    };
    let update = yard.does(keepsake("scarecrow")).expect("asking is free");
    assert_eq!(update.event, event(KeepsakeState::Pending, None, None));
    let asked = Act::Wallet { seat: OWNER, currency: "golden_fleece".into(), amount: -2 };
    assert_eq!(yard.effects, [Effect { act: asked, answer: Some(0) }]);
    check(&mut yard, &[(0, keepsake("scarecrow"), WAITING), (0, keepsake("lantern"), 0)]);

    let poor = Refusal::new(500, "the purse is empty");
    let told = answers(&mut yard, 0, Err(poor));
    assert_eq!(told, event(KeepsakeState::Refused, Some(500), Some("the purse is empty")));
    assert_eq!(yard.sees().farm.keepsakes["scarecrow"], KeepsakeState::None);

    check(&mut yard, &[(0, keepsake("scarecrow"), 0)]);
    assert_eq!(answers(&mut yard, 99, Ok(())), None, "nobody waits for this one");
    assert_eq!(answers(&mut yard, 2, Ok(())), event(KeepsakeState::Owned, None, None));
    assert_eq!(answers(&mut yard, 2, Ok(())), None, "once is enough");
    check(&mut yard, &[(0, keepsake("scarecrow"), OWNED)]);
    assert_eq!(yard.sees().farm.keepsakes["lantern"], KeepsakeState::Pending);
}

#[test]
fn a_keepsake_paid_twice_is_paid_back() {
    let mut yard = Yard::new(QUICK);
    // As if the first answer were lost for a while.
    check(
        &mut yard,
        &[
            (0, keepsake("scarecrow"), 0),
            (59_999, keepsake("scarecrow"), WAITING),
            (1, keepsake("scarecrow"), 0),
        ],
    );
    answers(&mut yard, 1, Ok(()));
    yard.effects.clear();
    answers(&mut yard, 0, Ok(()));
    let back = Act::Wallet { seat: OWNER, currency: "golden_fleece".into(), amount: 2 };
    assert_eq!(yard.effects, [Effect { act: back, answer: None }]);
    assert_eq!(yard.sees().farm.keepsakes["scarecrow"], KeepsakeState::Owned);
}

#[test]
fn others_stay_outside() {
    let mut yard = Yard::new(QUICK);
    let stranger = Seat(1);
    let rows: [(Event<'_, Order>, u16); 3] = [
        (Event::Join { seat: stranger }, NOT_OWNER),
        (Event::Command { seat: stranger, command: shear(1).into() }, NOT_OWNER),
        (Event::Message { from: RoomId(7), body: b"hello" }, Refusal::UNSUPPORTED),
    ];
    for (event, want) in rows {
        assert_eq!(yard.takes(event).map_err(|refusal| refusal.code), Err(want));
    }
    yard.takes(Event::Leave { seat: stranger }).expect("a fact");
    assert!(yard.state.present, "a stranger's leaving is not the owner's");
}
