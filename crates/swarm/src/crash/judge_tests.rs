//! The judge is shown worlds that are right, and worlds with one thing planted.

use super::history::{Deed, Fault, History, Told};
use super::judge::{BALANCE, Evidence, Farm, Home, Player, judge};
use proptest::prelude::*;

const LEDGERS: usize = 3;

/// What can go wrong in a server, once.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Plant {
    Nothing,
    /// An acknowledged command is not in the state.
    Loss,
    /// An acknowledged command is in the state twice.
    Twice,
    /// A command that was refused is in the state.
    Ghost,
}

/// A server that does what it is told, but for the plant at the chosen command.
fn world(script: &[Vec<(Deed, bool)>], plant: Plant, chosen: (usize, usize)) -> (Vec<Player>, Evidence) {
    let ledger_players = script.len() / 2;
    let mut ledgers = vec![(0, vec![BALANCE; 2 * ledger_players.max(1)]); LEDGERS];
    let mut evidence = Evidence::default();
    let mut players = Vec::new();
    for (index, deeds) in script.iter().enumerate() {
        let farmer = index >= ledger_players;
        let home = if farmer { Home::Farm } else { Home::Ledger { ledger: index % LEDGERS, place: index } };
        let (mut history, mut wallet) = (History::default(), 0i128);
        let mut farm = Farm { newest: 1, shears: 0, llamas: 0 };
        for (number, (deed, accepted)) in deeds.iter().enumerate() {
            let deed = as_played(*deed, farmer);
            assert_eq!(history.send(deed), number);
            let planted = (index, number) == chosen;
            let times = match (accepted, plant) {
                (true, Plant::Loss) if planted => 0,
                (true, Plant::Twice) if planted => 2,
                (false, Plant::Ghost) if planted => 1,
                (accepted, _) => usize::from(*accepted),
            };
            for _ in 0..times {
                apply(deed, home, &mut ledgers, &mut wallet, &mut farm);
            }
            let newest = match home {
                Home::Ledger { ledger, .. } => &mut ledgers[ledger].0,
                Home::Farm | Home::War { .. } => &mut farm.newest,
            };
            *newest += 1;
            let told = if *accepted { Told::Accepted(*newest) } else { Told::Refused(101) };
            assert!(history.hear(index, number, told));
        }
        evidence.wallets.insert(index, wallet);
        evidence.farms.insert(index, farm);
        players.push(Player { home, history });
    }
    evidence.ledgers = ledgers;
    (players, evidence)
}

/// Farmers shear and buy, the others move coins.
fn as_played(deed: Deed, farmer: bool) -> Deed {
    match (deed, farmer) {
        (Deed::Shear(n) | Deed::Buy(n), false) => Deed::Transfer(n),
        (Deed::Transfer(n) | Deed::Withdraw(n), true) => Deed::Shear(n),
        (Deed::Deposit(n) | Deed::Remit(n), true) => Deed::Buy(n),
        (deed, _) => deed,
    }
}

fn apply(deed: Deed, home: Home, ledgers: &mut [(u64, Vec<u64>)], wallet: &mut i128, farm: &mut Farm) {
    let Home::Ledger { ledger, place } = home else {
        match deed {
            Deed::Shear(n) => farm.shears += n,
            Deed::Buy(n) => farm.llamas += n,
            _ => {}
        }
        return;
    };
    let next = (ledger + 1) % LEDGERS;
    let amount = deed.amount();
    match deed {
        Deed::Transfer(_) => {
            ledgers[ledger].1[2 * place] -= amount;
            ledgers[ledger].1[2 * place + 1] += amount;
        }
        Deed::Withdraw(_) => {
            ledgers[ledger].1[2 * place] -= amount;
            *wallet += i128::from(amount);
        }
        Deed::Deposit(_) => {
            ledgers[ledger].1[2 * place] += amount;
            *wallet -= i128::from(amount);
        }
        Deed::Remit(_) => {
            ledgers[ledger].1[2 * place] -= amount;
            ledgers[next].1[2 * place] += amount;
        }
        Deed::Shear(_) | Deed::Buy(_) | Deed::Spawn(_) | Deed::Attack(_) => {}
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    let amount = 1u64..1 << 30;
    prop_oneof![
        amount.clone().prop_map(Deed::Transfer),
        amount.clone().prop_map(Deed::Withdraw),
        amount.clone().prop_map(Deed::Deposit),
        amount.clone().prop_map(Deed::Remit),
        amount.clone().prop_map(Deed::Shear),
        amount.prop_map(Deed::Buy),
    ]
}

fn script() -> impl Strategy<Value = Vec<Vec<(Deed, bool)>>> {
    proptest::collection::vec(proptest::collection::vec((deed(), any::<bool>()), 0..12), 1..8)
}

proptest! {
    #[test]
    fn a_world_that_keeps_its_word_has_no_fault(script in script()) {
        let (players, evidence) = world(&script, Plant::Nothing, (0, 0));
        prop_assert_eq!(judge(&players, &evidence), vec![]);
    }

    #[test]
    fn one_planted_fault_is_found(
        script in script(),
        plant in prop::sample::select(vec![Plant::Loss, Plant::Twice, Plant::Ghost]),
        chosen: (prop::sample::Index, prop::sample::Index),
    ) {
        let wanted = plant != Plant::Ghost;
        let fit: Vec<(usize, usize)> = script.iter().enumerate()
            .flat_map(|(player, deeds)| deeds.iter().enumerate()
                .filter(move |(_, (_, accepted))| *accepted == wanted)
                .map(move |(number, _)| (player, number)))
            .collect();
        prop_assume!(!fit.is_empty());
        let chosen = fit[chosen.0.index(fit.len())];
        let (players, evidence) = world(&script, plant, chosen);
        let faults = judge(&players, &evidence);
        let differs = faults.iter().any(|fault| matches!(fault, Fault::Difference { .. }));
        prop_assert!(differs, "{plant:?} at {chosen:?} was not found: {faults:?}");
    }
}

#[test]
fn a_lost_transfer_is_named() {
    let script =
        vec![vec![(Deed::Transfer(5), true), (Deed::Transfer(77), true), (Deed::Transfer(9), true)], vec![]];
    let (players, evidence) = world(&script, Plant::Loss, (0, 1));
    let faults = judge(&players, &evidence);
    assert_eq!(faults.len(), 2, "the purse and the chest: {faults:?}");
    let Fault::Difference { suspect: Some(suspect), .. } = &faults[0] else { panic!("{faults:?}") };
    assert!(suspect.starts_with("command 1 "), "{suspect}");
}

#[test]
fn answers_that_contradict_are_faults() {
    let check = |answers: &[Told], faults: usize, open: usize| {
        let mut history = History::default();
        let number = history.send(Deed::Transfer(1));
        for told in answers {
            history.hear(0, number, *told);
        }
        assert_eq!((history.faults.len(), history.open.len()), (faults, open), "{answers:?}");
    };
    check(&[], 0, 1);
    check(&[Told::Accepted(7)], 0, 0);
    check(&[Told::Accepted(7), Told::Accepted(7)], 0, 0);
    check(&[Told::Accepted(7), Told::Accepted(8)], 1, 0);
    check(&[Told::Accepted(7), Told::Refused(101)], 1, 0);
    check(&[Told::Refused(101), Told::Accepted(7)], 1, 0);
    check(&[Told::Refused(kernel::Refusal::UNAVAILABLE)], 0, 1);
    check(&[Told::Refused(kernel::Refusal::UNAVAILABLE), Told::Accepted(7)], 0, 0);
}

#[test]
fn what_the_log_cannot_hold_is_a_fault() {
    let script = vec![vec![(Deed::Transfer(5), true), (Deed::Transfer(6), true)], vec![]];
    let (players, mut evidence) = world(&script, Plant::Nothing, (0, 0));
    evidence.ledgers[0].0 = 1;
    let beyond = judge(&players, &evidence);
    assert!(
        beyond.iter().all(|fault| matches!(fault, Fault::BeyondLog { .. })) && beyond.len() == 1,
        "{beyond:?}"
    );

    let (mut players, evidence) = world(&script, Plant::Nothing, (0, 0));
    let first = players[0].history.sent[0].told;
    players[0].history.sent[1].told = first;
    let same = judge(&players, &evidence);
    assert!(matches!(same[..], [Fault::SamePlace { seq: 1, .. }]), "{same:?}");

    let (mut players, evidence) = world(&script, Plant::Nothing, (0, 0));
    players[0].history.view(0, 1);
    assert!(matches!(judge(&players, &evidence)[..], [Fault::Forgotten { told: 2, seen: 1, .. }]));

    let (mut players, evidence) = world(&script, Plant::Nothing, (0, 0));
    players[0].history.send(Deed::Transfer(7));
    assert!(matches!(judge(&players, &evidence)[..], [Fault::Unsettled { player: 0, number: 2 }]));
}
