//! Fog: what a player sees of a map that is hidden. A nation sees the cells in which it or an ally has land, and the cells
//! around those. Of everybody else it knows that they are there and whether they live, and no more than that until it
//! sees land of theirs.
//!
//! What a viewer was told last is kept, and a view shows just that: an update says what is different from it, and so
//! fits whoever had the view or the updates before.

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::rows::{AttackRow, BoatRow, NationRow, PactRow};
use crate::index::CELL;
use crate::state::{Attack, Boat, Pact};
use crate::{Nation, NationId, Tile, War};

/// Some cells of a map: a bit for each.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Cells(pub(crate) Vec<u64>);

impl Cells {
    /// Words that a map's cells take.
    pub(crate) fn words(war: &War) -> usize {
        (war.index.across() * war.map().height().div_ceil(CELL)).div_ceil(64) as usize
    }

    pub(crate) fn has(&self, cell: u32) -> bool {
        self.0.get(cell as usize / 64).is_some_and(|word| word >> (cell % 64) & 1 == 1)
    }

    fn set(&mut self, cell: u32) {
        self.0[cell as usize / 64] |= 1 << (cell % 64);
    }

    /// Cells of these that are none of the others.
    pub(crate) fn without(&self, others: &Self) -> impl Iterator<Item = u32> {
        let words = self.0.iter().enumerate().map(|(at, word)| (at, word & !others.0.get(at).unwrap_or(&0)));
        words.flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at as u32 * 64 + bit)
        })
    }
}

/// What a player's nation sees, as it was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Viewer {
    /// Whose eyes.
    pub(crate) id: NationId,
    /// The cells.
    pub(crate) seen: Cells,
    /// Nations of which it sees land, and itself.
    pub(crate) known: BTreeSet<u16>,
    /// Attacks and boats that it sees.
    pub(crate) attacks: BTreeSet<u32>,
    pub(crate) boats: BTreeSet<u32>,
    /// Alliances that it knows of.
    pub(crate) pacts: BTreeMap<(NationId, NationId), Pact>,
}

impl Viewer {
    /// One who has seen nothing yet.
    pub(crate) fn blind(id: NationId) -> Self {
        Self {
            id,
            seen: Cells::default(),
            known: [id.0].into(),
            attacks: BTreeSet::new(),
            boats: BTreeSet::new(),
            pacts: BTreeMap::new(),
        }
    }

    /// What a nation sees now.
    pub(crate) fn look(war: &War, id: NationId) -> Self {
        let mut viewer = Self::blind(id);
        viewer.seen = Cells(vec![0; Cells::words(war)]);
        let (across, down) = (war.index.across(), war.map().height().div_ceil(CELL));
        for eye in war.allies(id).chain([id]) {
            for (cell, _) in war.index.cells(eye) {
                let (x, y) = (cell % across, cell / across);
                for y in y.saturating_sub(1)..=(y + 1).min(down - 1) {
                    for x in x.saturating_sub(1)..=(x + 1).min(across - 1) {
                        viewer.seen.set(y * across + x);
                    }
                }
            }
        }
        let seen = &viewer.seen;
        let is_known = |nation: &&Nation| war.index.cells(nation.id).iter().any(|(cell, _)| seen.has(*cell));
        viewer.known.extend(war.nations.iter().filter(is_known).map(|nation| nation.id.0));
        viewer.attacks =
            war.attacks.iter().filter(|attack| viewer.sees_attack(war, attack)).map(|one| one.id).collect();
        viewer.boats =
            war.boats.iter().filter(|boat| viewer.sees_boat(war, boat)).map(|one| one.id).collect();
        viewer.pacts = war
            .pacts
            .iter()
            .filter(|((a, b), _)| *a == id || *b == id || (viewer.knows(*a) && viewer.knows(*b)))
            .map(|(pair, pact)| (*pair, *pact))
            .collect();
        viewer
    }

    /// It sees land of theirs.
    pub(crate) fn knows(&self, id: NationId) -> bool {
        self.known.contains(&id.0)
    }

    /// It is itself or an ally.
    pub(crate) fn is_with(&self, war: &War, id: NationId) -> bool {
        id == self.id || war.allied(id, self.id)
    }

    /// It sees this tile.
    pub(crate) fn sees(&self, war: &War, tile: u32) -> bool {
        self.seen.has(war.index.cell(war.map(), Tile(tile)))
    }

    fn sees_attack(&self, war: &War, attack: &Attack) -> bool {
        let concerned = self.is_with(war, attack.from) || self.is_with(war, attack.on);
        concerned || (self.sees(war, attack.head) && self.knows(attack.from))
    }

    fn sees_boat(&self, war: &War, boat: &Boat) -> bool {
        self.is_with(war, boat.owner) || self.sees(war, place(boat))
    }

    /// What it is told of a nation.
    pub(crate) fn nation(&self, war: &War, nation: &Nation) -> NationRow {
        if !self.knows(nation.id) {
            return NationRow::name(nation);
        }
        let gold = nation.id == self.id || !war.setup().hidden_gold;
        NationRow { gold: gold.then_some(nation.gold), ..NationRow::of(nation) }
    }

    /// What it is told of an attack that it sees: where it strikes, if that is to be seen.
    pub(crate) fn attack(&self, war: &War, attack: &Attack) -> AttackRow {
        let row = AttackRow::of(attack);
        let head = if self.sees(war, attack.head) { attack.head } else { 0 };
        // Whoever is not known strikes from the dark, and is struck there.
        let name = |id: NationId| if self.is_with(war, id) || self.knows(id) { id.0 } else { 0 };
        AttackRow { head, from: name(attack.from), on: name(attack.on), ..row }
    }

    /// What it is told of a boat that it sees: the whole way of its own side's, the place of others'.
    pub(crate) fn boat(&self, war: &War, boat: &Boat) -> BoatRow {
        if self.is_with(war, boat.owner) {
            return BoatRow::of(boat);
        }
        let owner = if self.knows(boat.owner) { boat.owner.0 } else { 0 };
        BoatRow {
            id: boat.id,
            owner,
            troops: boat.troops,
            turned: boat.turned,
            way: vec![place(boat)],
            at: 0,
        }
    }

    /// The alliances that it was told of.
    pub(crate) fn pact_rows(&self) -> Vec<PactRow> {
        self.pacts.iter().map(|(pair, pact)| PactRow::of(*pair, pact)).collect()
    }
}

/// Where a boat is.
fn place(boat: &Boat) -> u32 {
    boat.way.get(boat.at as usize).copied().unwrap_or_default()
}
