//! Motions: who votes, what decides, and what then happens.

use super::stage::{A, B, C, D, RIVAL, seat, stage};
use crate::command::{Command, MotionKind};
use crate::news::Notice;
use crate::orders::{act, check};
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
fn an_expelled_ally_is_everybodys_no_longer() {
    let mut war = stage();
    war.ally(A, D);
    war.ally(B, D);
    let motion = moved(&mut war, MotionKind::Expel);
    assert!(war.motions[0].voters.iter().all(|(voter, _)| *voter != D), "who is expelled has no vote");
    say(&mut war, C, Command::Vote { motion, yes: true });
    assert!(!war.allied(A, D) && !war.allied(B, D) && war.allied(A, B));
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
