//! What computer nations build, and where.

use super::survey::{inland, on_the_border, shore};
use super::{chance, order};
use crate::command::{Command, Site};
use crate::{NationId, War};

/// Forts that a computer nation builds: more would only make wars long.
const FORTS_MAX: u16 = 6;
/// Tiles that are tried for a building in a turn.
const TRIES: usize = 4;

/// Builds one thing if there is gold for what it wants most: some ports, then cities, and forts where a stronger
/// neighbour is.
pub(super) fn turn(war: &mut War, id: NationId, near: &[(NationId, u32)]) {
    let Some(me) = war.nation(id) else { return };
    let [cities, forts, ports] = war.index.sites(id);
    let feared = near
        .iter()
        .filter_map(|(who, _)| war.nation(*who))
        .filter(|other| !war.allied(id, other.id) && other.troops > me.troops)
        .max_by_key(|other| (other.troops, other.id))
        .map(|other| other.id);
    let site = if feared.is_some() && forts < cities.min(FORTS_MAX) {
        Site::Fort
    } else if ports < 2 && ports <= cities {
        Site::Port
    } else {
        Site::City
    };
    if me.gold < war.price(id, site) {
        return;
    }
    for _ in 0..TRIES {
        let number = war.dice.roll();
        let tile = match (site, feared) {
            (Site::Fort, Some(enemy)) => {
                let faces = |tile| war.map().beside(tile).any(|next| war.land.owner(next) == enemy);
                on_the_border(war, id, number, faces)
            }
            (Site::Port, _) => shore(war, id, number),
            _ => inland(war, id, number),
        };
        if let Some(tile) = tile
            && order(war, id, Command::Build { site, tile: tile.0 })
        {
            return;
        }
    }
    // No room for what it wants most, or no shore: a city then.
    if site != Site::City && chance(war, 2) {
        let number = war.dice.roll();
        if let Some(tile) = inland(war, id, number) {
            order(war, id, Command::Build { site: Site::City, tile: tile.0 });
        }
    }
}
