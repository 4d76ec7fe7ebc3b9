//! Wild tribes: they spread while land is wild, and strike now and then at whoever is near.

use super::survey::neighbours;
use super::{chance, fill, order};
use crate::command::Command;
use crate::{NationId, War};

/// Thousandths of their troops that go into wild land.
const SETTLE: u16 = 150;
/// Thousandths of their troops that strike at a neighbour.
const STRIKE: u16 = 250;
/// A tribe strikes with this much of what it has room for.
const READY: u64 = 600;

/// A tribe's turn.
pub(super) fn turn(war: &mut War, id: NationId) {
    if chance(war, 3) || war.attacks.iter().any(|attack| attack.from == id) {
        return;
    }
    if order(war, id, Command::Attack { on: 0, share: SETTLE }) {
        return;
    }
    let Some(me) = war.nation(id) else { return };
    if fill(war, me) < READY || chance(war, 2) {
        return;
    }
    let near = neighbours(war, id);
    let weakest =
        near.iter().filter_map(|(id, _)| war.nation(*id)).min_by_key(|nation| (nation.troops, nation.id));
    if let Some(on) = weakest.map(|nation| nation.id.0) {
        order(war, id, Command::Attack { on, share: STRIKE });
    }
}
