//! A view: a MessagePack map with names for keys, of which those that would be empty are left out.

use kernel::Unreadable;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::body::{self, VIEW_LEVEL};
use super::rows::{AskRow, AttackRow, Bin, BoatRow, MotionRow, NationRow, PactRow, SiteRow};
use crate::Setup;

/// The version of views.
pub(crate) const VIEW_VERSION: u32 = 1;

/// Which map it is.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
pub struct MapRow {
    /// Columns.
    pub w: u32,
    /// Rows.
    pub h: u32,
    /// What it was made from, in decimal digits.
    pub seed: String,
    /// A hash of its bytes: 16 hexadecimal digits.
    pub ground: String,
}

/// Prices and bounds for the reader's nation.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
pub struct Tick {
    /// What the next city, fort and port cost.
    #[serde(default)]
    pub costs: Costs,
    /// Troops that the nation can have at most.
    #[serde(default)]
    pub cap: u64,
    /// Boats of a nation at a time.
    pub max_boats: u32,
    /// Attacks of a nation at a time.
    pub max_attacks: u32,
    /// Steps of a tile of a boat's way.
    pub boat_steps: u32,
    /// Milliseconds of a step.
    pub step_ms: u32,
}

/// What the next building of each kind costs.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
pub struct Costs {
    /// A city.
    pub city: u64,
    /// A fort.
    pub fort: u64,
    /// A port.
    pub port: u64,
}

/// Writes a struct as a map, whatever the writer does with structs: rows are arrays.
macro_rules! as_map {
    ($type:ty: $($field:ident),*) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let count = [$(stringify!($field)),*].len();
                let mut map = to.serialize_map(Some(count))?;
                $(map.serialize_entry(stringify!($field), &self.$field)?;)*
                map.end()
            }
        }
    };
}

as_map!(MapRow: w, h, seed, ground);
as_map!(Tick: costs, cap, max_boats, max_attacks, boat_steps, step_ms);
as_map!(Costs: city, fort, port);

/// All that a seat sees.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Whole {
    pub(crate) v: u32,
    pub(crate) step: u32,
    /// 0 and until when, 1, or 2, since when and who has won.
    pub(crate) phase: Vec<u32>,
    pub(crate) map: MapRow,
    pub(crate) setup: Setup,
    pub(crate) me: u16,
    pub(crate) nations: Vec<NationRow>,
    pub(crate) owners: Bin,
    pub(crate) attacks: Vec<AttackRow>,
    pub(crate) boats: Vec<BoatRow>,
    pub(crate) sites: Vec<SiteRow>,
    pub(crate) pacts: Vec<PactRow>,
    pub(crate) asks: Vec<AskRow>,
    pub(crate) motions: Vec<MotionRow>,
    pub(crate) fog: bool,
    pub(crate) tick: Tick,
}

impl Serialize for Whole {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let lists = [
            self.nations.is_empty(),
            self.attacks.is_empty(),
            self.boats.is_empty(),
            self.sites.is_empty(),
            self.pacts.is_empty(),
            self.asks.is_empty(),
            self.motions.is_empty(),
        ];
        let count = 9 + lists.iter().filter(|empty| !**empty).count();
        let mut map = to.serialize_map(Some(count))?;
        map.serialize_entry("v", &self.v)?;
        map.serialize_entry("step", &self.step)?;
        map.serialize_entry("phase", &self.phase)?;
        map.serialize_entry("map", &self.map)?;
        // By way of a JSON value, which is a map to every writer.
        let setup = serde_json::to_value(&self.setup).expect("a setup came from JSON");
        map.serialize_entry("setup", &setup)?;
        map.serialize_entry("me", &self.me)?;
        map.serialize_entry("owners", &self.owners)?;
        map.serialize_entry("fog", &self.fog)?;
        map.serialize_entry("tick", &self.tick)?;
        macro_rules! lists {
            ($($list:ident),*) => {
                $(if !self.$list.is_empty() {
                    map.serialize_entry(stringify!($list), &self.$list)?;
                })*
            };
        }
        lists!(nations, attacks, boats, sites, pacts, asks, motions);
        map.end()
    }
}

impl Whole {
    /// The body.
    pub(crate) fn seal(&self) -> Vec<u8> {
        let mut pack = body::begin();
        rmp_serde::encode::write(&mut pack, self).expect("a view has nothing that MessagePack cannot say");
        body::seal(pack, VIEW_LEVEL)
    }

    /// Reads a body. Any bytes may come.
    pub(crate) fn unseal(body: &[u8]) -> Result<Self, Unreadable> {
        let pack = body::unseal(body)?;
        rmp_serde::from_slice(&pack).map_err(|error| Unreadable(format!("a view cannot be read: {error}")))
    }
}
