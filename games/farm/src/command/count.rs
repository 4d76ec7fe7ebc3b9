//! How many: a number, or as many as there can be.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// So many, all or none.
    Exactly(u64),
    /// As many as can be paid, at least one.
    Max,
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
