//! Numbers of any size in a snapshot.

use std::fmt;

use num_bigint::BigUint;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A big number as big-endian bytes without leading zeros; nothing at all is 0.
#[derive(Default)]
pub(super) struct Big(pub BigUint);

impl Big {
    pub(super) fn of(number: &BigUint) -> Self {
        Self(number.clone())
    }
}

impl Serialize for Big {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0 == BigUint::ZERO {
            to.serialize_bytes(&[])
        } else {
            to.serialize_bytes(&self.0.to_bytes_be())
        }
    }
}

impl<'de> Deserialize<'de> for Big {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Big;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes of a number")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Big, E> {
                if bytes.first() == Some(&0) {
                    return Err(E::custom("a number begins with a zero"));
                }
                Ok(Big(BigUint::from_bytes_be(bytes)))
            }
        }
        from.deserialize_bytes(Reader)
    }
}
