//! What commands do.

use super::stage::{A, B, C, D, GOLD, RIVAL, TROOPS, all_troops, choosing, middle, seat, stage};
use crate::command::{Command, Site};
use crate::news::Notice;
use crate::orders::{act, check};
use crate::tuning::{PACT_STEPS, RENEW_STEPS, SERVED_STEPS, TRAITOR_STEPS};
use crate::{NationId, Standing, War};

/// Says it, which must be allowed.
fn say(war: &mut War, who: NationId, command: Command) {
    check(war, seat(who), &command).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
    act(war, seat(who), command);
}

#[test]
fn a_place_is_chosen_and_chosen_again() {
    let mut war = choosing();
    let (first, second) = (middle(&war, A), middle(&war, D));
    say(&mut war, A, Command::Spawn { tile: first.0 });
    assert_eq!(war.land.owner(first), A);
    say(&mut war, A, Command::Spawn { tile: second.0 });
    assert_eq!((war.land.owner(first), war.land.owner(second)), (NationId::NOBODY, A));
    assert_eq!(war.nation(A).unwrap().standing, Standing::Alive);
}

#[test]
fn an_attack_takes_its_share_from_home() {
    let mut war = stage();
    let before = all_troops(&war);
    say(&mut war, A, Command::Attack { on: B.0, share: 300 });
    assert_eq!(war.nation(A).unwrap().troops, TROOPS * 7 / 10);
    let attack = war.attacks.iter().find(|attack| attack.from == A).unwrap();
    assert_eq!((attack.on, attack.troops), (B, TROOPS * 3 / 10));
    assert_eq!(all_troops(&war), before);
    let attack = attack.id;
    say(&mut war, A, Command::Retreat { attack });
    assert!(war.attacks.iter().all(|attack| attack.from != A || attack.retreating));
}

#[test]
fn a_building_costs_its_price() {
    let mut war = stage();
    let price = war.price(A, Site::City);
    let tile = middle(&war, A).0;
    say(&mut war, A, Command::Build { site: Site::City, tile });
    assert_eq!(war.nation(A).unwrap().gold, GOLD - price);
    assert_eq!(war.sites[&tile].owner, A);
}

#[test]
fn an_alliance_is_asked_for_made_renewed_and_ends() {
    let mut war = stage();
    say(&mut war, A, Command::Ally { with: B.0 });
    assert!(war.asks.contains_key(&(A, B)) && !war.allied(A, B));
    say(&mut war, B, Command::Ally { with: A.0 });
    assert!(war.allied(A, B) && war.asks.is_empty());
    assert!(war.news.notices.contains(&Notice::Allied(B.0, A.0)));
    let first = war.pacts[&(A, B)].until;
    assert_eq!(first, war.step + PACT_STEPS);
    war.step = first - RENEW_STEPS;
    say(&mut war, A, Command::Ally { with: B.0 });
    assert_eq!(war.pacts[&(A, B)].renew, (true, false));
    say(&mut war, B, Command::Ally { with: A.0 });
    let second = war.pacts[&(A, B)].until;
    assert_eq!(second, war.step + PACT_STEPS);
    war.step = second - 1;
    crate::diplomacy::pass(&mut war);
    assert!(war.allied(A, B));
    war.step = second;
    war.news = Default::default();
    crate::diplomacy::pass(&mut war);
    assert!(!war.allied(A, B) && war.news.pacts.contains(&(A, B)), "everybody is told");
    assert!(war.nations.iter().all(|nation| nation.traitor_until == 0), "time ends it without a price");
}

#[test]
fn allies_call_their_attacks_back() {
    let mut war = stage();
    say(&mut war, A, Command::Attack { on: B.0, share: 300 });
    say(&mut war, A, Command::Ally { with: B.0 });
    say(&mut war, B, Command::Ally { with: A.0 });
    assert!(war.attacks.iter().all(|attack| attack.from != A || attack.retreating));
}

#[test]
fn an_offer_goes_after_its_time_and_with_a_no() {
    let mut war = stage();
    say(&mut war, A, Command::Ally { with: B.0 });
    war.step = war.asks[&(A, B)];
    crate::diplomacy::pass(&mut war);
    assert!(war.asks.is_empty());
    say(&mut war, A, Command::Ally { with: B.0 });
    say(&mut war, B, Command::Decline { from: A.0 });
    assert!(war.asks.is_empty() && !war.allied(A, B));
    war.step = war.bans[&(A, B)];
    crate::diplomacy::pass(&mut war);
    say(&mut war, A, Command::Ally { with: B.0 });
}

#[test]
fn a_no_does_not_shorten_what_a_vote_has_decided() {
    let mut war = stage();
    let voted = war.step + crate::tuning::BAN_STEPS;
    war.bans.insert((A, B), voted);
    war.ask(A, B);
    say(&mut war, B, Command::Decline { from: A.0 });
    assert_eq!(war.bans[&(A, B)], voted);
}

#[test]
fn a_broken_word_counts_for_a_while_and_is_remembered() {
    let mut war = stage();
    war.ally(D, RIVAL);
    say(&mut war, D, Command::Break { with: RIVAL.0 });
    assert!(!war.allied(D, RIVAL));
    assert_eq!(war.nation(D).unwrap().traitor_until, war.step + TRAITOR_STEPS);
    assert!(war.nation(RIVAL).unwrap().grudges.iter().any(|(whom, depth)| *whom == D && *depth > 0));
    // Against a traitor it is no broken word.
    war.ally(C, D);
    say(&mut war, C, Command::Break { with: D.0 });
    assert_eq!(war.nation(C).unwrap().traitor_until, 0);
}

#[test]
fn gifts_arrive() {
    let mut war = stage();
    war.ally(A, B);
    war.nation_mut(B).unwrap().troops = 10;
    say(&mut war, A, Command::Donate { to: B.0, troops: 1_000, gold: 500 });
    let (a, b) = (war.nation(A).unwrap(), war.nation(B).unwrap());
    assert_eq!((a.troops, a.gold, b.troops, b.gold), (TROOPS - 1_000, GOLD - 500, 1_010, GOLD + 500));
    assert!(war.news.notices.contains(&Notice::Gave(A.0, B.0, 1_000, 500)));
}

#[test]
fn who_gives_up_leaves_wild_land() {
    let mut war = stage();
    let tile = middle(&war, A);
    say(&mut war, A, Command::Resign);
    assert_eq!(war.land.owner(tile), NationId::NOBODY);
    assert!(matches!(war.nation(A).unwrap().standing, Standing::Beaten(_)));
}

#[test]
fn a_worker_that_speaks_is_left_to_play() {
    let mut war = stage();
    say(&mut war, RIVAL, Command::Ping { tile: 3, sign: 7 });
    assert_eq!(war.nation(RIVAL).unwrap().served_until, war.step + SERVED_STEPS);
    assert!(war.news.notices.contains(&Notice::Ping(RIVAL.0, 3, 7)));
    say(&mut war, A, Command::Ping { tile: 3, sign: 7 });
    assert_eq!(war.nation(A).unwrap().served_until, 0, "people are not served");
}
