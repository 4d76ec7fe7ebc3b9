//! What the players of one war know together, through the eyes of one of them.

use crate::dice::Dice;
use anyhow::Result;
use sovereign::mirror::{Applied, Mirror, tiles_of};
use sovereign::{Map, Tile};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Tiles of a nation that are kept as places to build on.
const PLACES_MAX: usize = 8;

/// A nation's place in the war.
#[derive(Clone, Debug, Default)]
struct Ground {
    /// Whose land touches its own; 0 is wild land.
    neighbours: BTreeSet<u16>,
    /// Some tiles of its own.
    places: Vec<u32>,
}

/// The war as everybody knows it.
#[derive(Default)]
pub struct Field {
    mirror: Option<Mirror>,
    map: Option<Arc<Map>>,
    grounds: Vec<Ground>,
    /// Tiles are counted.
    counts: bool,
    /// Tiles that changed hands, and the bytes that said so.
    tiles: u64,
    tile_bytes: u64,
    /// Commands of all players that the rules refused.
    pub refused: u64,
    /// The watcher missed something and asks for a view.
    pub lost: bool,
}

impl Field {
    /// The watcher was shown everything.
    pub fn view(&mut self, body: &[u8]) -> Result<()> {
        let mirror = Mirror::read(body)?;
        if self.map.is_none() {
            let size = mirror.setup.size;
            self.map = Some(Map::make(size, mirror.map.seed.parse()?));
        }
        self.mirror = Some(mirror);
        self.lost = false;
        Ok(())
    }

    /// The watcher was told what changed.
    pub fn update(&mut self, body: &[u8]) -> Result<()> {
        let Some(mirror) = &mut self.mirror else { return Ok(()) };
        if self.counts {
            let (tiles, bytes) = tiles_of(body)?;
            self.tiles += tiles;
            self.tile_bytes += bytes;
        }
        self.lost |= mirror.apply(body)? == Applied::Missing;
        Ok(())
    }

    /// Tiles that changed hands so far, and the bytes that said so.
    pub fn counted(&self) -> (u64, u64) {
        (self.tiles, self.tile_bytes)
    }

    /// Counts from here on.
    pub fn count(&mut self) {
        (self.counts, self.tiles, self.tile_bytes) = (true, 0, 0);
    }

    /// Nations that are beaten, of how many.
    pub fn beaten(&self) -> (usize, usize) {
        const BEATEN: u8 = 2;
        let Some(mirror) = &self.mirror else { return (0, 0) };
        (mirror.nations.values().filter(|nation| nation.standing == BEATEN).count(), mirror.nations.len())
    }

    /// Places are still chosen.
    pub fn is_choosing(&self) -> bool {
        self.mirror.as_ref().is_none_or(|mirror| mirror.phase.first() == Some(&0))
    }

    /// Looks at all borders anew.
    pub fn survey(&mut self) {
        let (Some(mirror), Some(map)) = (&self.mirror, &self.map) else { return };
        let most = mirror.nations.keys().last().copied().unwrap_or_default();
        self.grounds = vec![Ground::default(); usize::from(most) + 1];
        let width = map.width() as usize;
        for (at, owner) in mirror.owners.iter().copied().enumerate() {
            for next in [at + 1, at + width] {
                let Some(other) = mirror.owners.get(next).copied().filter(|other| *other != owner) else {
                    continue;
                };
                if map.is_land(Tile(at as u32)) && map.is_land(Tile(next as u32)) {
                    for (one, two, tile) in [(owner, other, at), (other, owner, next)] {
                        if let Some(ground) = self.grounds.get_mut(usize::from(one)).filter(|_| one != 0) {
                            ground.neighbours.insert(two);
                            if ground.places.len() < PLACES_MAX {
                                ground.places.push(tile as u32);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Somebody beside a nation, by the dice; wild land if nobody is known.
    pub fn neighbour(&self, me: u16, dice: &mut Dice) -> u16 {
        let Some(ground) = self.grounds.get(usize::from(me)).filter(|ground| !ground.neighbours.is_empty())
        else {
            return 0;
        };
        if ground.neighbours.contains(&0) && dice.below(3) > 0 {
            return 0;
        }
        let nth = dice.below(ground.neighbours.len() as u64) as usize;
        ground.neighbours.iter().nth(nth).copied().unwrap_or_default()
    }

    /// A tile of a nation, if one is known.
    pub fn place(&self, me: u16, dice: &mut Dice) -> Option<u32> {
        let places = &self.grounds.get(usize::from(me))?.places;
        places.get(dice.below(places.len().max(1) as u64) as usize).copied()
    }

    /// Any tile of land.
    pub fn land(&self, dice: &mut Dice) -> u32 {
        let Some(map) = &self.map else { return 0 };
        let any = |dice: &mut Dice| dice.below(map.len() as u64) as u32;
        (0..64).map(|_| any(dice)).find(|tile| map.is_land(Tile(*tile))).unwrap_or_default()
    }

    /// A view of another player: who that is.
    pub fn who(body: &[u8]) -> Result<u16> {
        Ok(Mirror::read(body)?.me)
    }
}
