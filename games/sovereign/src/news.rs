//! What changed since the last update was made, so that an update costs what changed and not what there is.

use std::collections::BTreeSet;

use crate::Tile;

/// The changes. Each list holds what it is about once or more often; the encoder reads the state for the rest.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct News {
    /// Tiles that have (or had) another owner.
    pub(crate) tiles: Vec<Tile>,
    /// Attacks, boats, sites (by tile) and motions that are new, changed or gone.
    pub(crate) attacks: BTreeSet<u32>,
    pub(crate) boats: BTreeSet<u32>,
    pub(crate) sites: BTreeSet<u32>,
    pub(crate) motions: BTreeSet<u32>,
    /// Nations of which everything is to be told again: born, beaten, a leap in troops or gold.
    pub(crate) nations: BTreeSet<u16>,
    /// Pacts or asks changed.
    pub(crate) pacts: bool,
    /// The phase changed.
    pub(crate) phase: bool,
    /// What pages tell: things that happened and are not part of the state.
    pub(crate) notices: Vec<Notice>,
    /// Troops that came into being.
    pub(crate) grown: u64,
    /// Troops that are gone: fallen, deserted, called back at a price, or of a beaten nation.
    pub(crate) lost: u64,
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
}
