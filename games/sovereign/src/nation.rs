//! A nation: somebody's land, troops and gold.

use kernel::Seat;

/// A nation's number: 1 and up; 0 is nobody. Numbers are never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct NationId(pub u16);

impl NationId {
    /// Nobody: wild land and water.
    pub const NOBODY: Self = Self(0);

    /// The place of its nation in [`War::nations`](crate::War).
    pub fn index(self) -> Option<usize> {
        usize::from(self.0).checked_sub(1)
    }
}

/// Who decides for a nation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A player's seat.
    Player(Seat),
    /// A wild tribe: it grows and strikes at whoever is near.
    Tribe,
    /// A computer nation: it plans. A worker may play it at its seat.
    Rival(Seat),
}

/// How far a nation has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// It has not chosen its place.
    Waiting,
    /// It has land.
    Alive,
    /// It lost all its land, at this step.
    Beaten(u32),
}

/// A nation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nation {
    /// Its number.
    pub id: NationId,
    /// Who decides.
    pub kind: Kind,
    /// How far it has come.
    pub standing: Standing,
    /// Its troops at home.
    pub troops: u64,
    /// What of a troop has grown: thousandths.
    pub part: u32,
    /// Its gold.
    pub gold: u64,
    /// Tiles of land that it owns.
    pub tiles: u32,
    /// Finished buildings: cities, forts, ports.
    pub built: [u16; 3],
    /// The tile that it chose, or where its middle is: names are drawn there.
    pub home: u32,
    /// Until which step nobody may attack it.
    pub immune_until: u32,
    /// Until which step its broken word counts against it.
    pub traitor_until: u32,
    /// Until which step a worker plays it.
    pub served_until: u32,
    /// The commands it may still give now, in thousandths, and when that was reckoned (its seat's command rate).
    pub allowance: u32,
    /// The step of `allowance`.
    pub allowance_at: u32,
    /// Whom it holds a grudge against, and how much; in order of the nations.
    pub grudges: Vec<(NationId, u16)>,
}

impl Nation {
    /// It has land.
    pub fn is_alive(&self) -> bool {
        self.standing == Standing::Alive
    }

    /// It makes alliances.
    pub(crate) fn deals(&self) -> bool {
        self.kind != Kind::Tribe
    }

    /// The seat that decides for it, if one may.
    pub fn seat(&self) -> Option<Seat> {
        match self.kind {
            Kind::Player(seat) | Kind::Rival(seat) => Some(seat),
            Kind::Tribe => None,
        }
    }
}
