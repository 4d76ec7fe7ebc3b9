//! What a war is: everything that decides its future, and the list of what changed since it was last told.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::command::{MotionKind, Site};
use crate::dice::Dice;
use crate::index::Index;
use crate::news::News;
use crate::{Land, Map, Nation, NationId, Setup};

/// How far a war is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Phase {
    /// Places are chosen, until this step.
    Choosing(u32),
    /// It goes on.
    War,
    /// It is over since a step; this nation has won, or nobody.
    Over(u32, NationId),
}

/// Troops that take land over a border, or from a beach.
#[derive(Clone, Debug)]
pub struct Attack {
    /// Its number, never used again.
    pub id: u32,
    /// Whose.
    pub from: NationId,
    /// Against whom; nobody is wild land.
    pub on: NationId,
    /// What is left of its troops.
    pub troops: u64,
    /// Tiles that it may take next, the first one first: a heap by (cost, tile). A tile may be in it that is no longer to
    /// be had.
    pub front: std::collections::BinaryHeap<std::cmp::Reverse<(u32, u32)>>,
    /// The tile that it took last: arrows point there.
    pub head: u32,
    /// It was called back.
    pub retreating: bool,
    /// Time that it has not spent yet: thousandths of a plain tile.
    pub time: u64,
    /// The step from which on it moves however little time it has.
    pub due: u32,
}

/// Troops on the water.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Boat {
    /// Its number, never used again.
    pub id: u32,
    /// Whose.
    pub owner: NationId,
    /// Its troops.
    pub troops: u64,
    /// The way, from its shore to the beach.
    pub way: Arc<[u32]>,
    /// The place on the way.
    pub at: u32,
    /// It goes home.
    pub turned: bool,
}

/// A building.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Building {
    /// What.
    pub site: Site,
    /// Whose; it goes with the land.
    pub owner: NationId,
    /// The step at which it is finished.
    pub ready: u32,
}

/// An alliance of two nations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pact {
    /// The step at which it ends.
    pub until: u32,
    /// Which of the two wish to go on: the one with the lower number, the other.
    pub renew: (bool, bool),
}

/// What allies vote on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Motion {
    /// Its number, never used again.
    pub id: u32,
    /// Who moved it.
    pub by: NationId,
    /// What.
    pub kind: MotionKind,
    /// About whom.
    pub about: NationId,
    /// Who may vote, in order, and how they did.
    pub voters: Vec<(NationId, Option<bool>)>,
    /// The step at which the votes are counted at the latest.
    pub until: u32,
}

/// What never changes in a war.
#[derive(PartialEq, Eq, Debug)]
pub struct Ground {
    /// How it began.
    pub setup: Setup,
    /// The map.
    pub map: Arc<Map>,
}

/// A war.
#[derive(Clone, Debug)]
pub struct War {
    pub(crate) ground: Arc<Ground>,
    /// Steps that were run.
    pub(crate) step: u32,
    /// The host's step of the newest input, and how many steps had been run then.
    pub(crate) input: (u64, u32),
    pub(crate) dice: Dice,
    pub(crate) phase: Phase,
    pub(crate) land: Land,
    /// By number: nation `n` is at `n - 1`.
    pub(crate) nations: Vec<Nation>,
    /// In order of their numbers.
    pub(crate) attacks: Vec<Attack>,
    pub(crate) boats: Vec<Boat>,
    pub(crate) sites: BTreeMap<u32, Building>,
    /// The lower number first.
    pub(crate) pacts: BTreeMap<(NationId, NationId), Pact>,
    /// Who asked whom for an alliance, and until when.
    pub(crate) asks: BTreeMap<(NationId, NationId), u32>,
    /// Pairs that may not ally until a step: after a vote for war.
    pub(crate) bans: BTreeMap<(NationId, NationId), u32>,
    pub(crate) motions: Vec<Motion>,
    /// The next number of an attack, boat or motion.
    pub(crate) next: u32,
    /// What changed since it was last told. No part of the state: a snapshot leaves it out.
    pub(crate) news: News,
    /// What follows from the land and the buildings. No part of a snapshot either: [`War::reindex`] makes it.
    pub(crate) index: Index,
    /// Nations that lost their last tile in this step, and to whom. Empty between steps.
    pub(crate) fallen: Vec<(NationId, NationId)>,
}

impl War {
    /// The map.
    pub fn map(&self) -> &Arc<Map> {
        &self.ground.map
    }

    /// How it began.
    pub fn setup(&self) -> &Setup {
        &self.ground.setup
    }

    /// Steps that were run.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// How far it is.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// All nations, in order of their numbers.
    pub fn nations(&self) -> &[Nation] {
        &self.nations
    }

    /// Who owns what.
    pub fn land(&self) -> &Land {
        &self.land
    }

    /// Attacks under way, in order of their numbers.
    pub fn attacks(&self) -> &[Attack] {
        &self.attacks
    }

    /// A nation by its number.
    pub fn nation(&self, id: NationId) -> Option<&Nation> {
        self.nations.get(id.index()?)
    }

    pub(crate) fn nation_mut(&mut self, id: NationId) -> Option<&mut Nation> {
        self.nations.get_mut(id.index()?)
    }

    /// The nation that a seat decides for.
    pub fn of_seat(&self, seat: kernel::Seat) -> Option<&Nation> {
        self.nations.iter().find(|nation| nation.seat() == Some(seat))
    }

    /// They are allies.
    pub fn allied(&self, a: NationId, b: NationId) -> bool {
        self.pacts.contains_key(&(a.min(b), a.max(b)))
    }

    /// Makes again what follows from the land: after a snapshot was read.
    pub(crate) fn reindex(&mut self) {
        self.index = Index::of(&self.ground.map, &self.land, &self.sites, self.step);
    }

    /// `a` shares a border with `b`, or with wild land if that is nobody.
    pub fn touches(&self, a: NationId, b: NationId) -> bool {
        self.index.touching(a, b) > 0
    }

    /// Whom a nation touches, and along how many edges of tiles; in order, wild land first.
    pub fn contacts(&self, id: NationId) -> &[(NationId, u32)] {
        self.index.contacts(id)
    }

    /// The tiles of a nation beside something that is not its own, water among it; always in the same order.
    pub fn border(&self, id: NationId) -> impl Iterator<Item = crate::Tile> + '_ {
        self.index.border(&self.ground.map, &self.land, id)
    }

    /// Gives a tile of land to somebody: the one way in which land changes hands. Counts follow, buildings go with the
    /// land (or fall to nobody with it), and it is noted for the next update.
    pub(crate) fn give(&mut self, tile: crate::Tile, to: NationId) {
        let from = self.land.owner(tile);
        if from == to || !self.ground.map.is_land(tile) {
            return;
        }
        self.land.set(tile, to);
        self.index.moved(&self.ground.map, &self.land, tile, from, to);
        if let Some(loser) = self.nation_mut(from) {
            loser.tiles -= 1;
            if loser.tiles == 0 {
                self.fallen.push((from, to));
            }
        }
        if let Some(winner) = self.nation_mut(to) {
            winner.tiles += 1;
        }
        if !self.sites.is_empty() {
            self.site_moved(tile, to);
        }
        self.news.tile(tile);
    }
}
