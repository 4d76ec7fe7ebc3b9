//! An update: a MessagePack map with small numbers for keys, of which only those stand there that say something.

use kernel::Unreadable;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::body::{self, UPDATE_LEVEL};
use super::rows::{AskRow, Bin, MotionRow, NationRow, SiteRow, Told};

/// Declares the fields once, for the writer and the reader.
macro_rules! update {
    ($($(#[$doc:meta])* $key:literal $field:ident: $type:ty,)*) => {
        /// What is told at the end of a step.
        #[derive(Clone, PartialEq, Eq, Default, Debug)]
        pub(crate) struct Update {
            $($(#[$doc])* pub(crate) $field: Option<$type>,)*
        }

        impl Serialize for Update {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let count = [$(self.$field.is_some()),*].into_iter().filter(|said| *said).count();
                let mut map = to.serialize_map(Some(count))?;
                $(if let Some(value) = &self.$field {
                    map.serialize_entry(&($key as u8), value)?;
                })*
                map.end()
            }
        }

        impl<'de> Deserialize<'de> for Update {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Fields;
                impl<'de> de::Visitor<'de> for Fields {
                    type Value = Update;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an update")
                    }

                    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Update, A::Error> {
                        let mut update = Update::default();
                        while let Some(key) = map.next_key::<u8>()? {
                            match key {
                                $($key => update.$field = Some(map.next_value()?),)*
                                _ => {
                                    map.next_value::<de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(update)
                    }
                }
                from.deserialize_map(Fields)
            }
        }
    };
}

update! {
    /// The step at whose end this is so.
    0 step: u32,
    /// The newest step of which the reader must know.
    1 since: u32,
    /// Tiles with another owner: [`tiles::pack`](super::tiles::pack).
    2 tiles: Bin,
    /// Troops and gold: [`Figures`].
    3 figures: Bin,
    /// [`attacks::pack`](super::attacks::pack).
    4 attacks: Bin,
    /// [`boats::pack`](super::boats::pack).
    5 boats: Bin,
    6 sites: Vec<Told<SiteRow>>,
    /// Alliances: [`pacts::pack`](super::pacts::pack).
    7 pacts: Bin,
    /// What happened, in the words of [`notice`](crate::news::Notice::row).
    10 notices: Vec<Vec<u64>>,
    11 phase: Vec<u32>,
    12 nations: Vec<NationRow>,
    /// From here on for one seat. The step.
    20 my_step: u32,
    21 my_gold: u64,
    22 my_troops: u64,
    23 my_asks: Vec<AskRow>,
    24 my_motions: Vec<MotionRow>,
    25 my_cap: u64,
    26 my_notices: Vec<Vec<u64>>,
    /// What the next city, fort and port cost.
    27 my_costs: (u64, u64, u64),
}

impl Update {
    /// The body.
    pub(crate) fn seal(&self) -> Vec<u8> {
        let mut pack = body::begin();
        rmp_serde::encode::write(&mut pack, self).expect("an update has nothing that MessagePack cannot say");
        body::seal(pack, UPDATE_LEVEL)
    }

    /// Reads a body. Any bytes may come.
    pub(crate) fn unseal(body: &[u8]) -> Result<Self, Unreadable> {
        let pack = body::unseal(body)?;
        rmp_serde::from_slice(&pack).map_err(|error| Unreadable(format!("an update cannot be read: {error}")))
    }
}

/// Troops, gold and tiles of nations, in order of their numbers: the distance from the number before, which of the
/// three stand there, and they.
#[derive(Default)]
pub(crate) struct Figures {
    out: Vec<u8>,
    last: u16,
}

const TROOPS: u8 = 1;
const GOLD: u8 = 2;
const TILES: u8 = 4;

impl Figures {
    pub(crate) fn push(&mut self, id: u16, troops: Option<u64>, gold: Option<u64>, tiles: Option<u32>) {
        use super::varint::put;
        put(&mut self.out, u64::from(id - self.last));
        self.last = id;
        let bit = |said: bool, bit| if said { bit } else { 0 };
        self.out
            .push(bit(troops.is_some(), TROOPS) | bit(gold.is_some(), GOLD) | bit(tiles.is_some(), TILES));
        [troops, gold, tiles.map(u64::from)]
            .into_iter()
            .flatten()
            .for_each(|value| put(&mut self.out, value));
    }

    /// The bytes, if there are any.
    pub(crate) fn done(self) -> Option<Bin> {
        (!self.out.is_empty()).then_some(Bin(self.out))
    }

    /// Reads them.
    pub(crate) fn read(
        bytes: &[u8],
        mut visit: impl FnMut(u16, Option<u64>, Option<u64>, Option<u32>),
    ) -> Option<()> {
        let mut reader = super::varint::Reader::new(bytes);
        let mut id = 0_u16;
        while !reader.is_empty() {
            id = id.checked_add(reader.small()?)?;
            let mask = reader.byte()?;
            let troops = if mask & TROOPS == 0 { None } else { Some(reader.number()?) };
            let gold = if mask & GOLD == 0 { None } else { Some(reader.number()?) };
            let tiles = if mask & TILES == 0 { None } else { Some(reader.small()?) };
            visit(id, troops, gold, tiles);
        }
        Some(())
    }
}
