//! Compares what players were told with what the server has. Pure, so that it can be shown to find what is planted.

use super::history::{Deed, Fault, History, Told};
use std::collections::{BTreeMap, BTreeSet};

/// Coins of each account when a ledger opens.
pub const BALANCE: u64 = 1_000_000_000_000_000;

/// Where a player plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In this ledger of the list. The player owns two accounts of every ledger, `2 × place` and the next.
    Ledger {
        /// Which ledger.
        ledger: usize,
        /// Which accounts.
        place: usize,
    },
    /// On the player's own farm.
    Farm,
    /// In this war of the list.
    War {
        /// Which war.
        war: usize,
    },
}

/// One player: where, and what happened.
#[derive(Clone, Debug)]
pub struct Player {
    /// Where.
    pub home: Home,
    /// What happened.
    pub history: History,
}

/// What the server has at the end.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Each ledger: its newest sequence number and the balances of its accounts.
    pub ledgers: Vec<(u64, Vec<u64>)>,
    /// Each war's newest sequence number.
    pub wars: Vec<u64>,
    /// Each player's coins, by player; farmers have none.
    pub wallets: BTreeMap<usize, i128>,
    /// Each farmer's farm, by player.
    pub farms: BTreeMap<usize, Farm>,
}

/// A farm at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Farm {
    /// Newest sequence number.
    pub newest: u64,
    /// Shears of all time.
    pub shears: u64,
    /// Llamas.
    pub llamas: u64,
}

/// Everything that is wrong.
pub fn judge(players: &[Player], evidence: &Evidence) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for (index, player) in players.iter().enumerate() {
        faults.extend(player.history.faults.iter().cloned());
        let open = player.history.open.iter();
        faults.extend(open.map(|&number| Fault::Unsettled { player: index, number }));
    }
    faults.extend(places(players, evidence));
    faults.extend(balances(players, evidence));
    for (index, player) in players.iter().enumerate() {
        match player.home {
            Home::Ledger { .. } => faults.extend(wallet(index, player, evidence)),
            Home::Farm => faults.extend(farm(index, player, evidence)),
            // What a war's commands do is the rules' affair: its replay is compared.
            Home::War { .. } => {}
        }
    }
    faults
}

/// Each acknowledged command has a place of its own in its room's log.
fn places(players: &[Player], evidence: &Evidence) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut taken: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
    for (index, player) in players.iter().enumerate() {
        let (room, name, newest) = match player.home {
            Home::Ledger { ledger, .. } => {
                (ledger, format!("ledger {ledger}"), evidence.ledgers.get(ledger).map(|found| found.0))
            }
            Home::Farm => (
                evidence.ledgers.len() + index,
                format!("the farm of player {index}"),
                evidence.farms.get(&index).map(|farm| farm.newest),
            ),
            Home::War { war } => (
                evidence.ledgers.len() + players.len() + war,
                format!("war {war}"),
                evidence.wars.get(war).copied(),
            ),
        };
        let newest = newest.unwrap_or_default();
        let taken = taken.entry(room).or_default();
        for sent in &player.history.sent {
            let Told::Accepted(seq) = sent.told else { continue };
            if !taken.insert(seq) {
                faults.push(Fault::SamePlace { room: name.clone(), seq });
            }
            if seq > newest {
                faults.push(Fault::BeyondLog { room: name.clone(), seq, newest });
            }
        }
    }
    faults
}

/// Every account of every ledger, from what was acknowledged.
fn balances(players: &[Player], evidence: &Evidence) -> Vec<Fault> {
    let mut faults = Vec::new();
    let ledgers = evidence.ledgers.len();
    // Expected change and owner of each (ledger, account) that a player touches.
    let mut changes: BTreeMap<(usize, usize), (i128, usize)> = BTreeMap::new();
    for (index, player) in players.iter().enumerate() {
        let Home::Ledger { ledger, place } = player.home else { continue };
        let history = &player.history;
        let mut change = |ledger: usize, account: usize, by: i128| {
            changes.entry((ledger, account)).or_insert((0, index)).0 += by;
        };
        change(ledger, 2 * place, history.sum(purse));
        change(ledger, 2 * place + 1, history.sum(|deed| amount_if(deed, matches!(deed, Deed::Transfer(_)))));
        let next = (ledger + 1) % ledgers.max(1);
        change(next, 2 * place, history.sum(|deed| amount_if(deed, matches!(deed, Deed::Remit(_)))));
    }
    for (ledger, (_, balances)) in evidence.ledgers.iter().enumerate() {
        for (account, found) in balances.iter().enumerate() {
            let (change, owner) = changes.get(&(ledger, account)).copied().unwrap_or((0, usize::MAX));
            let expected = i128::from(BALANCE) + change;
            let found = i128::from(*found);
            if expected != found {
                let suspect =
                    players.get(owner).and_then(|player| suspect(&player.history, found - expected));
                let what = format!("account {account} of ledger {ledger}");
                faults.push(Fault::Difference { what, expected, found, suspect });
            }
        }
    }
    faults
}

fn amount_if(deed: Deed, counts: bool) -> i128 {
    if counts { i128::from(deed.amount()) } else { 0 }
}

/// What a deed does to the purse.
fn purse(deed: Deed) -> i128 {
    match deed {
        Deed::Deposit(amount) => i128::from(amount),
        Deed::Transfer(amount) | Deed::Withdraw(amount) | Deed::Remit(amount) => -i128::from(amount),
        Deed::Shear(_) | Deed::Buy(_) | Deed::Spawn(_) | Deed::Attack(_) => 0,
    }
}

fn wallet(index: usize, player: &Player, evidence: &Evidence) -> Option<Fault> {
    let expected = player.history.sum(|deed| match deed {
        Deed::Withdraw(amount) => i128::from(amount),
        Deed::Deposit(amount) => -i128::from(amount),
        _ => 0,
    });
    let found = evidence.wallets.get(&index).copied().unwrap_or_default();
    (expected != found).then(|| Fault::Difference {
        what: format!("the wallet of player {index}"),
        expected,
        found,
        suspect: suspect(&player.history, found - expected),
    })
}

fn farm(index: usize, player: &Player, evidence: &Evidence) -> Vec<Fault> {
    let Some(farm) = evidence.farms.get(&index) else {
        return vec![Fault::Other(format!("there is no view of the farm of player {index}"))];
    };
    let shears = player.history.sum(|deed| amount_if(deed, matches!(deed, Deed::Shear(_))));
    let llamas = player.history.sum(|deed| amount_if(deed, matches!(deed, Deed::Buy(_))));
    let rows = [("shears", shears, farm.shears), ("llamas", llamas, farm.llamas)];
    rows.into_iter()
        .filter(|(_, expected, found)| *expected != i128::from(*found))
        .map(|(what, expected, found)| Fault::Difference {
            what: format!("{what} of the farm of player {index}"),
            expected,
            found: i128::from(found),
            suspect: None,
        })
        .collect()
}

/// The command that explains a difference: one that was acknowledged and is lost or applied twice, or one that was
/// refused and applied.
fn suspect(history: &History, difference: i128) -> Option<String> {
    let amount = difference.unsigned_abs();
    let number = history.sent.iter().position(|sent| u128::from(sent.deed.amount()) == amount)?;
    let sent = history.sent[number];
    let what = match sent.told {
        Told::Accepted(_) => "is lost or was applied twice",
        Told::Refused(_) | Told::Nothing => "was applied all the same",
    };
    Some(format!("command {number} ({:?}, {:?}) {what}", sent.deed, sent.told))
}
