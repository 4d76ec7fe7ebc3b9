//! What a nation sees around it: its neighbours, beaches it could land on, places where it could begin or build. Looks at
//! a bounded number of tiles, chosen by a number that follows from the step, and changes nothing.

use crate::command::Site;
use crate::dice::mix;
use crate::index::CELL;
use crate::{NationId, Phase, Tile, War};

/// Neighbours that are told.
pub(crate) const NEIGHBOURS_MAX: usize = 32;
/// Beaches and places that are told, each.
pub(crate) const PLACES_MAX: usize = 8;
/// Squares of its land in which a tile of its border is looked for.
const CELL_LOOKS: u32 = 6;
/// Tiles of water that a look over the sea goes.
const SEA_LOOK_MAX: u32 = 160;
/// Looks over the sea.
const SEA_LOOKS: u32 = 12;
/// Places anywhere on the map that are tried for a beach, or for a nation's beginning.
const TRIES: u32 = 48;

/// What a nation sees.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Survey {
    /// Who is beside it, in order of numbers (wild land is 0), and about how many tiles of border they share.
    pub(crate) neighbours: Vec<(NationId, u32)>,
    /// Land of others or of nobody beyond the water.
    pub(crate) beaches: Vec<Tile>,
    /// While places are chosen: where it could begin. After: own tiles where a city or fort could stand.
    pub(crate) places: Vec<Tile>,
}

/// Numbers for looking around: the same for the same nation and step of a war.
struct Looks(u64);

impl Looks {
    fn new(war: &War, id: NationId) -> Self {
        Self(mix(war.dice.0 ^ (u64::from(war.step) << 16) ^ u64::from(id.0)))
    }

    fn next(&mut self) -> u64 {
        self.0 = mix(self.0.wrapping_add(0x9E37_79B9_7F4A_7C15));
        self.0
    }

    fn below(&mut self, bound: u32) -> u32 {
        (((self.next() >> 32) * u64::from(bound.max(1))) >> 32) as u32
    }
}

/// Looks around: everything that a worker is shown.
pub(crate) fn survey(war: &War, id: NationId) -> Survey {
    Survey { neighbours: neighbours(war, id), beaches: beaches(war, id), places: places(war, id) }
}

/// Who is beside a nation, in order of numbers, and along how many edges of tiles; those with the longest borders where
/// there are many.
pub(crate) fn neighbours(war: &War, id: NationId) -> Vec<(NationId, u32)> {
    let mut found = war.index.contacts(id).to_vec();
    if found.len() > NEIGHBOURS_MAX {
        found.sort_by_key(|(id, border)| (std::cmp::Reverse(*border), *id));
        found.truncate(NEIGHBOURS_MAX);
        found.sort();
    }
    found
}

/// Land beyond the water that is not one's own or an ally's: what is seen from the shore, and shores anywhere.
pub(crate) fn beaches(war: &War, id: NationId) -> Vec<Tile> {
    let mut looks = Looks::new(war, id);
    let map = war.map();
    let mut found = Vec::new();
    let wanted = |tile: Tile| {
        let owner = war.land.owner(tile);
        owner != id && !war.allied(id, owner)
    };
    let mut has_shore = false;
    for _ in 0..SEA_LOOKS {
        let Some(from) = shore(war, id, looks.next()) else { continue };
        has_shore = true;
        if let Some(tile) =
            over_the_sea(war, from, looks.below(8)).filter(|tile| map.is_beach(*tile) && wanted(*tile))
            && !found.contains(&tile)
            && found.len() < PLACES_MAX - 2
        {
            found.push(tile);
        }
    }
    if !has_shore {
        // No boat gets anywhere.
        return found;
    }
    for _ in 0..TRIES {
        let tile = Tile(looks.below(map.len() as u32));
        if found.len() < PLACES_MAX && map.is_shore(tile) && map.is_beach(tile) && wanted(tile) {
            found.push(tile);
        }
    }
    found
}

/// The first land beyond the water in one of eight directions.
fn over_the_sea(war: &War, from: Tile, direction: u32) -> Option<Tile> {
    const WAYS: [(i64, i64); 8] = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)];
    let map = war.map();
    let (dx, dy) = WAYS[direction as usize % WAYS.len()];
    let (x, y) = map.place(from);
    let (mut x, mut y, mut wet) = (i64::from(x), i64::from(y), false);
    for _ in 0..SEA_LOOK_MAX {
        (x, y) = (x + dx, y + dy);
        let tile = map.at(u32::try_from(x).ok()?, u32::try_from(y).ok()?)?;
        if map.is_sea(tile) {
            wet = true;
        } else {
            return (wet && map.is_land(tile)).then_some(tile);
        }
    }
    None
}

/// Where a nation could begin while places are chosen; where it could build a city after.
fn places(war: &War, id: NationId) -> Vec<Tile> {
    let mut looks = Looks::new(war, id);
    let mut found = Vec::new();
    if matches!(war.phase, Phase::Choosing(_)) {
        for _ in 0..TRIES {
            let tile = Tile(looks.below(war.map().len() as u32));
            if found.len() < PLACES_MAX && war.may_settle(id, tile) {
                found.push(tile);
            }
        }
    } else {
        for _ in 0..PLACES_MAX {
            let tile = inland(war, id, looks.next()).filter(|tile| war.may_build(id, Site::City, *tile));
            found.extend(tile.filter(|tile| !found.contains(tile)));
        }
    }
    found
}

/// One of the squares in which a nation has land, by a number.
fn cell(war: &War, id: NationId, number: u64) -> Option<u32> {
    let cells = war.index.cells(id);
    cells.get((number % cells.len().max(1) as u64) as usize).map(|(cell, _)| *cell)
}

/// A tile of a nation somewhere in its land, by a number.
pub(crate) fn inland(war: &War, id: NationId, number: u64) -> Option<Tile> {
    let cell = cell(war, id, number)?;
    let (map, across) = (war.map(), war.index.across());
    let (left, top) = (cell % across * CELL, cell / across * CELL);
    let mut number = number;
    for _ in 0..8 {
        number = mix(number);
        let (x, y) = (left + (number >> 8) as u32 % CELL, top + (number >> 40) as u32 % CELL);
        if let Some(tile) = map.at(x, y).filter(|tile| war.land.owner(*tile) == id) {
            return Some(tile);
        }
    }
    None
}

/// A tile of a nation's border that is as wanted, by a number: a few squares of its land are looked at.
pub(crate) fn on_the_border(
    war: &War,
    id: NationId,
    number: u64,
    wanted: impl Fn(Tile) -> bool,
) -> Option<Tile> {
    let mut number = number;
    for _ in 0..CELL_LOOKS {
        number = mix(number.wrapping_add(1));
        let cell = cell(war, id, number)?;
        let tiles = || war.index.border_in(war.map(), &war.land, id, cell).filter(|tile| wanted(*tile));
        let count = tiles().count() as u64;
        if count > 0 {
            return tiles().nth((mix(number) % count) as usize);
        }
    }
    None
}

/// A tile of a nation's shore, by a number.
pub(crate) fn shore(war: &War, id: NationId, number: u64) -> Option<Tile> {
    on_the_border(war, id, number, |tile| war.map().is_shore(tile) && war.map().is_beach(tile))
}
