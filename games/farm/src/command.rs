//! What a player can ask for, as bytes and as a type. Any bytes may come.

use std::fmt;

use kernel::Refusal;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of a command.
pub const COMMAND_BYTES_MAX: usize = 256;
/// Shears in one command.
pub const SHEAR_COUNT_MAX: u32 = 50;
/// Buildings in one command.
pub const BUY_COUNT_MAX: u32 = 1_000;
/// Repetitions of a recipe in one command, unless it is [`Count::Max`].
pub const CRAFT_COUNT_MAX: u64 = 1_000_000_000;
/// A command is a flat map; nothing that nests deeper is read.
const DEPTH_MAX: usize = 4;

/// How many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// So many, all or none.
    Exactly(u64),
    /// As many as can be paid, at least one.
    Max,
}

/// A player's command. Ids are those of the content file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Shear by hand.
    Shear {
        /// How often: 1 to [`SHEAR_COUNT_MAX`].
        count: u64,
    },
    /// Buy buildings.
    Buy {
        /// Which.
        building: String,
        /// How many: 1 to [`BUY_COUNT_MAX`].
        count: Count,
    },
    /// Buy an upgrade's next level.
    Upgrade {
        /// Which.
        upgrade: String,
    },
    /// Weave.
    Craft {
        /// What.
        recipe: String,
        /// How often: 1 to [`CRAFT_COUNT_MAX`].
        count: Count,
    },
    /// Trade the farm for stars.
    Prestige,
    /// Buy a keepsake from the wallet.
    Keepsake {
        /// Which.
        keepsake: String,
    },
}

/// The map as it stands in the message.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(rename = "do")]
    act: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    building: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upgrade: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipe: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keepsake: Option<String>,
}

impl Command {
    /// The bytes that [`Command::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Body::default();
        match self {
            Self::Shear { count } => {
                body.act = "shear".into();
                body.count = Some(Count::Exactly(*count));
            }
            Self::Buy { building, count } => {
                body.act = "buy".into();
                body.building = Some(building.clone());
                body.count = Some(*count);
            }
            Self::Upgrade { upgrade } => {
                body.act = "upgrade".into();
                body.upgrade = Some(upgrade.clone());
            }
            Self::Craft { recipe, count } => {
                body.act = "craft".into();
                body.recipe = Some(recipe.clone());
                body.count = Some(*count);
            }
            Self::Prestige => body.act = "prestige".into(),
            Self::Keepsake { keepsake } => {
                body.act = "keepsake".into();
                body.keepsake = Some(keepsake.clone());
            }
        }
        rmp_serde::to_vec_named(&body).expect("strings and integers always have a MessagePack form")
    }

    /// Reads a command. Bounds on counts are the rules' matter, not the reader's.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > COMMAND_BYTES_MAX {
            return Err(Refusal::malformed("a command has at most 256 bytes"));
        }
        // Small map, map 16, map 32: serde would read a list of values as a struct too, and one form is enough.
        if !matches!(bytes.first(), Some(0x80..=0x8f | 0xde | 0xdf)) {
            return Err(Refusal::malformed("a command is a MessagePack map"));
        }
        let mut reader = rmp_serde::Deserializer::new(bytes);
        reader.set_max_depth(DEPTH_MAX);
        let body = Body::deserialize(&mut reader)
            .map_err(|_| Refusal::malformed("a command's keys or values are not what they should be"))?;
        if !reader.get_ref().is_empty() {
            return Err(Refusal::malformed("something stands after the command"));
        }
        body.command().ok_or_else(|| Refusal::malformed("no such command, or not with these keys"))
    }
}

impl Body {
    /// `None` unless exactly the command's own keys are there.
    fn command(self) -> Option<Command> {
        let Self { act, count, building, upgrade, recipe, keepsake } = self;
        Some(match (act.as_str(), count, building, upgrade, recipe, keepsake) {
            ("shear", Some(Count::Exactly(count)), None, None, None, None) => Command::Shear { count },
            ("buy", Some(count), Some(building), None, None, None) => Command::Buy { building, count },
            ("upgrade", None, None, Some(upgrade), None, None) => Command::Upgrade { upgrade },
            ("craft", Some(count), None, None, Some(recipe), None) => Command::Craft { recipe, count },
            ("prestige", None, None, None, None, None) => Command::Prestige,
            ("keepsake", None, None, None, None, Some(keepsake)) => Command::Keepsake { keepsake },
            _ => return None,
        })
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Exactly(count) => to.serialize_u64(*count),
            Self::Max => to.serialize_str("max"),
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or \"max\"")
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Count, E> {
                Ok(Count::Exactly(count))
            }

            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Count, E> {
                u64::try_from(count).map(Count::Exactly).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Count, E> {
                if text == "max" { Ok(Count::Max) } else { Err(E::custom("not \"max\"")) }
            }
        }
        from.deserialize_any(Reader)
    }
}
