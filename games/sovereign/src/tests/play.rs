//! A simple way to play for everybody, so that tests of the core need no computer's plans.

use crate::{NationId, Phase, Setup, Size, War};

/// A war of so many tribes and rivals on a map.
pub(crate) fn war(size: Size, tribes: u16, rivals: u16, seed: u64) -> War {
    let setup = Setup { size, tribes, rivals, spawn_seconds: 1, immunity_seconds: 0, ..Setup::default() };
    War::begin(setup, seed, 0)
}

/// One step, before which each nation strikes now and then: wild land first, else whoever beside it is weakest.
pub(super) fn step(war: &mut War) {
    if war.phase() == Phase::War {
        let turn = war.step() % 40;
        for number in 1..=war.nations().len() as u16 {
            if u32::from(number) % 40 == turn {
                strike(war, NationId(number));
            }
        }
    }
    war.one_step();
}

fn strike(war: &mut War, id: NationId) {
    let nation = &war.nations()[usize::from(id.0) - 1];
    if !nation.is_alive() || nation.troops * 5 < war.cap(id) {
        return;
    }
    let (troops, cap) = (nation.troops, war.cap(id));
    if war.touches(id, NationId::NOBODY) {
        war.attack(id, NationId::NOBODY, troops / 5);
        return;
    }
    let strength = |other: NationId| war.nation(other).map_or(u64::MAX, |other| other.troops);
    let weakest =
        war.contacts(id).iter().map(|contact| contact.0).min_by_key(|&other| (strength(other), other));
    match weakest {
        Some(other) if strength(other) < troops || troops * 10 > cap * 8 => {
            war.attack(id, other, troops / 3);
        }
        None => {
            let beach = war.dice.below(war.land().len() as u32);
            if let Some(way) = war.way(id, crate::Tile(beach)) {
                war.launch(id, way, troops / 4);
            }
        }
        _ => {}
    }
}
