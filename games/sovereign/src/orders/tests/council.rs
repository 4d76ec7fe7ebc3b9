//! Motions: who votes, what decides, and what then happens.

use super::stage::{A, B, C, D, RIVAL, TRIBE, middle, seat, stage};
use crate::command::{Command, MotionKind};
use crate::news::Notice;
use crate::orders::{act, check};
use crate::state::Boat;
use crate::{NationId, War};

fn say(war: &mut War, who: NationId, command: Command) {
    check(war, seat(who), &command).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
    act(war, seat(who), command);
}

/// A and its allies B and C; A moves something about D. Gives the motion's number.
fn moved(war: &mut War, motion: MotionKind) -> u32 {
    war.ally(A, B);
    war.ally(A, C);
    say(war, A, Command::Move { motion, about: D.0 });
    war.motions.last().unwrap().id
}

fn later(war: &mut War, steps: u32) {
    war.step += steps;
    crate::diplomacy::pass(war);
}

#[test]
fn the_mover_and_its_allies_vote() {
    let mut war = stage();
    war.ally(C, D);
    moved(&mut war, MotionKind::War);
    assert_eq!(war.motions[0].voters, [(A, Some(true)), (B, None), (C, None)]);
}

#[test]
fn a_war_parts_all_voters_from_the_enemy_without_a_price() {
    let mut war = stage();
    war.ally(C, D);
    war.ask(D, B);
    let motion = moved(&mut war, MotionKind::War);
    say(&mut war, B, Command::Vote { motion, yes: true });
    assert!(war.motions.is_empty() && war.news.notices.contains(&Notice::Decided(motion, true)));
    assert!(!war.allied(C, D) && war.asks.is_empty());
    assert!(war.nations.iter().all(|nation| nation.traitor_until == 0));
    for voter in [A, B, C] {
        let ally = Command::Ally { with: D.0 };
        assert_eq!(check(&war, seat(voter), &ally).unwrap_err().code, crate::Code::NotYet as u16);
    }
    later(&mut war, crate::tuning::BAN_STEPS);
    assert!(check(&war, seat(B), &Command::Ally { with: D.0 }).is_ok());
}

#[test]
fn a_peace_calls_attacks_back_and_offers_alliances() {
    let mut war = stage();
    war.attack(C, D, 500);
    war.attack(D, C, 100);
    let motion = moved(&mut war, MotionKind::Peace);
    war.ask(D, B);
    say(&mut war, C, Command::Vote { motion, yes: true });
    let running = |war: &War, from: NationId| {
        war.attacks.iter().any(|attack| attack.from == from && !attack.retreating)
    };
    assert!(!running(&war, C));
    assert!(war.asks.contains_key(&(A, D)) && war.asks.contains_key(&(C, D)));
    assert!(war.allied(B, D), "it had asked");
}

#[test]
fn a_peace_turns_the_boats_of_all_who_could_vote_and_nobody_elses() {
    // whose, to whose land, whether it turns around
    let table =
        [(A, D, true), (B, D, true), (C, D, true), (C, RIVAL, false), (RIVAL, D, false), (D, A, false)];
    let mut war = stage();
    for (id, (owner, on, _)) in (900..).zip(table) {
        let way = [middle(&war, owner).0, middle(&war, on).0].into();
        war.boats.push(Boat { id, owner, troops: 100, way, at: 0, turned: false });
    }
    // B says no, and is bound by what the others decide.
    let motion = moved(&mut war, MotionKind::Peace);
    say(&mut war, B, Command::Vote { motion, yes: false });
    assert!(war.boats.iter().all(|boat| !boat.turned), "nothing is decided");
    say(&mut war, C, Command::Vote { motion, yes: true });
    for (boat, (owner, on, turned)) in war.boats.iter().zip(table) {
        assert_eq!(boat.turned, turned, "of {owner:?} to {on:?}");
        assert_eq!(war.news.boats.contains(&boat.id), turned);
    }
}

#[test]
fn a_peace_is_an_offer_that_ends_attacks_on_both_sides_where_it_is_accepted() {
    let mut war = stage();
    let motion = moved(&mut war, MotionKind::Peace);
    war.attack(C, D, 100);
    war.attack(D, A, 500);
    war.attack(D, B, 500);
    say(&mut war, C, Command::Vote { motion, yes: true });
    let running = |war: &War, from: NationId, on: NationId| {
        war.attacks.iter().any(|attack| (attack.from, attack.on) == (from, on) && !attack.retreating)
    };
    // D had no vote: nobody can vote an attack away.
    assert!(!running(&war, C, D) && running(&war, D, A) && running(&war, D, B));
    say(&mut war, D, Command::Ally { with: A.0 });
    assert!(!running(&war, D, A) && running(&war, D, B));
    say(&mut war, D, Command::Ally { with: B.0 });
    assert!(!running(&war, D, B));
}

#[test]
fn a_peace_offers_nothing_where_a_no_still_stands() {
    let mut war = stage();
    war.ask(B, D);
    say(&mut war, D, Command::Decline { from: B.0 });
    let motion = moved(&mut war, MotionKind::Peace);
    say(&mut war, C, Command::Vote { motion, yes: true });
    assert!(war.asks.contains_key(&(A, D)) && war.asks.contains_key(&(C, D)));
    assert!(!war.asks.contains_key(&(B, D)));
}

#[test]
fn a_peace_with_a_tribe_asks_it_nothing() {
    let mut war = stage();
    war.ally(D, RIVAL);
    war.attack(RIVAL, TRIBE, 300);
    say(&mut war, RIVAL, Command::Move { motion: MotionKind::Peace, about: TRIBE.0 });
    let motion = war.motions.last().unwrap().id;
    say(&mut war, D, Command::Vote { motion, yes: true });
    assert!(war.asks.is_empty() && war.attacks.iter().all(|attack| attack.retreating));
    assert!(!war.attacks.is_empty());
}

#[test]
fn an_expelled_ally_is_everybodys_no_longer() {
    let mut war = stage();
    war.ally(A, D);
    war.ally(B, D);
    let motion = moved(&mut war, MotionKind::Expel);
    assert!(war.motions[0].voters.iter().all(|(voter, _)| *voter != D), "who is expelled has no vote");
    say(&mut war, C, Command::Vote { motion, yes: true });
    assert!(!war.allied(A, D) && !war.allied(B, D) && war.allied(A, B));
    assert!(war.nations.iter().all(|nation| nation.traitor_until == 0), "nobody has broken a word");
}

#[test]
fn votes_decide_early_late_or_not_at_all() {
    let mut war = stage();
    let motion = moved(&mut war, MotionKind::War);
    say(&mut war, B, Command::Vote { motion, yes: false });
    assert_eq!(war.motions.len(), 1, "one for it, one against it, one missing");
    say(&mut war, C, Command::Vote { motion, yes: false });
    assert!(war.news.notices.contains(&Notice::Decided(motion, false)));
    assert!(war.bans.is_empty());

    let mut war = stage();
    let motion = moved(&mut war, MotionKind::War);
    let until = war.motions[0].until;
    let left = until - war.step;
    later(&mut war, left - 1);
    assert_eq!(war.motions.len(), 1);
    later(&mut war, 1);
    assert!(
        war.motions.is_empty() && war.news.notices.contains(&Notice::Decided(motion, false)),
        "no quorum"
    );
}

#[test]
fn a_motion_about_the_beaten_falls_and_the_beaten_have_no_vote() {
    let mut war = stage();
    let motion = moved(&mut war, MotionKind::War);
    war.fall(B, NationId::NOBODY);
    later(&mut war, 1);
    assert_eq!(war.motions.len(), 1, "two are left, and one has not voted");
    say(&mut war, C, Command::Vote { motion, yes: true });
    assert!(war.news.notices.contains(&Notice::Decided(motion, true)));

    let mut war = stage();
    moved(&mut war, MotionKind::War);
    war.fall(D, NationId::NOBODY);
    later(&mut war, 1);
    assert!(war.motions.is_empty());
}

#[test]
fn computers_vote() {
    let mut war = stage();
    war.ally(A, RIVAL);
    war.nation_mut(D).unwrap().traitor_until = war.step + 500;
    say(&mut war, A, Command::Move { motion: MotionKind::War, about: D.0 });
    for _ in 0..200 {
        war.step += 1;
        crate::ai::think(&mut war);
    }
    assert!(war.motions.is_empty(), "it voted against a traitor");
    assert!(war.bans.contains_key(&(RIVAL, D)) || war.bans.contains_key(&(D, RIVAL)));
}
