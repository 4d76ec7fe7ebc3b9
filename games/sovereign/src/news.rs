//! What changed since the last update was made, so that an update costs what changed and not what there is; and what
//! readers were told last, where the state alone does not say it. Inputs between two steps leave news behind, so both are
//! part of a snapshot: a war that was restored tells what it would have told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::state::Motion;
use crate::view::fog::Viewer;
use crate::{NationId, Tile};

/// The changes. Each list holds what it is about once or more often; the encoder reads the state for the rest.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct News {
    /// Tiles that have (or had) another owner.
    pub(crate) tiles: Vec<Tile>,
    /// Attacks, boats, sites (by tile) and motions that are new, changed or gone. What an attack has left and where it is
    /// is told in turns, and is no news.
    pub(crate) attacks: BTreeSet<u32>,
    /// Attacks with more or fewer troops by a leap, and nothing else.
    pub(crate) troops: BTreeSet<u32>,
    pub(crate) boats: BTreeSet<u32>,
    pub(crate) sites: BTreeSet<u32>,
    pub(crate) motions: BTreeSet<u32>,
    /// Nations of which everything is to be told again: born, beaten, a leap in troops or gold.
    pub(crate) nations: BTreeSet<u16>,
    /// Alliances that are new, changed or gone, the lower number first.
    pub(crate) pacts: BTreeSet<(NationId, NationId)>,
    /// Requests changed.
    pub(crate) asks: bool,
    /// The phase changed.
    pub(crate) phase: bool,
    /// What pages tell: things that happened and are not part of the state.
    pub(crate) notices: Vec<Notice>,
    /// Troops that came into being. These two are for whoever counts, and no part of a snapshot.
    pub(crate) grown: u64,
    /// Troops that are gone: fallen, deserted, called back at a price, or of a beaten nation.
    pub(crate) lost: u64,
    /// What was told.
    pub(crate) told: Told,
}

/// What readers were told last.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// The step of the last update to everybody.
    pub(crate) step: u32,
    /// Requests for alliances: only those whom they concern hear of them.
    pub(crate) asks: BTreeMap<(NationId, NationId), u32>,
    /// Motions: only those who vote hear of them.
    pub(crate) motions: Vec<Motion>,
    /// Under fog: what each player's nation sees, in order of the nations.
    pub(crate) viewers: Arc<Vec<Viewer>>,
    /// Under fog: the standing of each nation; everybody hears of that.
    pub(crate) standings: Vec<u8>,
    /// The fog has gone: the war is over.
    pub(crate) lifted: bool,
}

/// Something that happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Notice {
    /// `0` has beaten `1` (nobody: it was absorbed or gave up).
    Beaten(u16, u16),
    /// `0` has broken its word to `1`.
    Broke(u16, u16),
    /// `0` and `1` are allies now.
    Allied(u16, u16),
    /// `0` points `1` out to its allies, with sign `2`.
    Ping(u16, u32, u8),
    /// `0` gave `1` so many troops and so much gold.
    Gave(u16, u16, u64, u64),
    /// Motion `0` was decided: carried or not.
    Decided(u32, bool),
    /// A boat of `0` landed at `1`.
    Landed(u16, u32),
}

impl News {
    pub(crate) fn tile(&mut self, tile: Tile) {
        self.tiles.push(tile);
    }

    /// Everything was told. What was told is remembered.
    pub(crate) fn clear(&mut self) {
        let mut tiles = std::mem::take(&mut self.tiles);
        tiles.clear();
        *self = Self { tiles, told: std::mem::take(&mut self.told), ..Self::default() };
    }
}

impl Notice {
    /// As readers get it: the kind, then its numbers.
    pub(crate) fn row(self) -> Vec<u64> {
        match self {
            Self::Beaten(a, b) => vec![0, a.into(), b.into()],
            Self::Broke(a, b) => vec![1, a.into(), b.into()],
            Self::Allied(a, b) => vec![2, a.into(), b.into()],
            Self::Ping(a, tile, sign) => vec![3, a.into(), tile.into(), sign.into()],
            Self::Gave(a, b, troops, gold) => vec![4, a.into(), b.into(), troops, gold],
            Self::Decided(motion, carried) => vec![5, motion.into(), carried.into()],
            Self::Landed(a, tile) => vec![6, a.into(), tile.into()],
        }
    }

    /// It concerns some alone: a sign for allies, a gift's figures.
    pub(crate) fn is_private(self) -> bool {
        matches!(self, Self::Ping(..) | Self::Gave(..))
    }
}
