//! How protobuf's JSON mapping writes single fields, as serde adapters, and the depth check before parsing.
//!
//! 64-bit integers are strings (numbers are accepted), bytes are base64 with or without padding, `null` is the
//! default value, and empty fields are left out.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
/// Writes padding, reads with or without it.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// True if brackets outside of strings never nest deeper than `max`. Malformed text may pass: the parser judges it.
pub(crate) fn depth_within(text: &[u8], max: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for &byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => {
                    depth += 1;
                    if depth > max {
                        return false;
                    }
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    true
}

/// `null` reads as the default value.
pub(crate) fn or_default<'de, D, T>(input: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(input)?.unwrap_or_default())
}

/// True for the value that the mapping leaves out.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

struct Integer;

impl Visitor<'_> for Integer {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer, as a number or a string")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(|_| E::custom("integer out of range"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<i64, E> {
        // Two to the 53rd: beyond it a float no longer says which integer was meant.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            Ok(value as i64)
        } else {
            Err(E::custom("not an integer"))
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<i64, E> {
        value.parse().map_err(|_| E::custom("not an integer"))
    }

    fn visit_unit<E: de::Error>(self) -> Result<i64, E> {
        Ok(0)
    }
}

/// A 64-bit integer: a string on the way out, a string or a number on the way in.
pub(crate) mod int64 {
    use super::Integer;
    use serde::{Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &i64, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<i64, D::Error> {
        input.deserialize_any(Integer)
    }
}

/// A 32-bit integer: a number on the way out, a string or a number on the way in.
pub(crate) mod int32 {
    use super::Integer;
    use serde::de::{Deserialize, Deserializer, Error};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<i32, D::Error> {
        let wide = input.deserialize_any(Integer)?;
        i32::try_from(wide).map_err(|_| D::Error::custom("integer out of range"))
    }

    struct Plain(i32);

    impl<'de> Deserialize<'de> for Plain {
        fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
            deserialize(input).map(Plain)
        }
    }

    /// One that may be absent, which `null` says too.
    pub(crate) fn deserialize_option<'de, D: Deserializer<'de>>(input: D) -> Result<Option<i32>, D::Error> {
        Ok(Option::<Plain>::deserialize(input)?.map(|Plain(number)| number))
    }
}

/// A 32-bit number that is never negative: a number on the way out, a string or a number on the way in.
pub(crate) mod uint32 {
    use super::Integer;
    use serde::de::{Deserializer, Error};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<u32, D::Error> {
        let wide = input.deserialize_any(Integer)?;
        u32::try_from(wide).map_err(|_| D::Error::custom("integer out of range"))
    }
}

/// Names and floating-point numbers. Numbers may come as strings, and what JSON has no number for goes as one.
pub(crate) mod doubles {
    use serde::de::{Deserialize, Deserializer, Error, Visitor};
    use serde::{Serialize, Serializer};
    use std::collections::BTreeMap;
    use std::fmt;

    struct Double(f64);

    impl Serialize for Double {
        fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                number if number.is_finite() => out.serialize_f64(number),
                number if number.is_nan() => out.serialize_str("NaN"),
                number if number > 0.0 => out.serialize_str("Infinity"),
                _ => out.serialize_str("-Infinity"),
            }
        }
    }

    struct DoubleVisitor;

    impl Visitor<'_> for DoubleVisitor {
        type Value = Double;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number")
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<Double, E> {
            Ok(Double(value))
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Double, E> {
            Ok(Double(value as f64))
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Double, E> {
            Ok(Double(value as f64))
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<Double, E> {
            match value {
                "NaN" => Ok(Double(f64::NAN)),
                "Infinity" => Ok(Double(f64::INFINITY)),
                "-Infinity" => Ok(Double(f64::NEG_INFINITY)),
                other => {
                    let finite = other.parse().ok().filter(|number: &f64| number.is_finite());
                    finite.map(Double).ok_or_else(|| E::custom("not a number"))
                }
            }
        }

        fn visit_unit<E: Error>(self) -> Result<Double, E> {
            Ok(Double(0.0))
        }
    }

    impl<'de> Deserialize<'de> for Double {
        fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
            input.deserialize_any(DoubleVisitor)
        }
    }

    pub(crate) fn serialize<S: Serializer>(value: &BTreeMap<String, f64>, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(value.iter().map(|(name, number)| (name, Double(*number))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        input: D,
    ) -> Result<BTreeMap<String, f64>, D::Error> {
        let read = Option::<BTreeMap<String, Double>>::deserialize(input)?.unwrap_or_default();
        Ok(read.into_iter().map(|(name, Double(number))| (name, number)).collect())
    }
}

/// Bytes as base64.
pub(crate) mod bytes {
    use super::{BASE64, BASE64_URL};
    use base64::Engine as _;
    use serde::Serializer;
    use serde::de::{Deserialize, Deserializer, Error};
    use std::borrow::Cow;

    pub(crate) fn serialize<S: Serializer>(value: &[u8], out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&BASE64.encode(value))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<u8>, D::Error> {
        let Some(text) = Option::<Cow<'de, str>>::deserialize(input)? else { return Ok(Vec::new()) };
        BASE64
            .decode(text.as_bytes())
            .or_else(|_| BASE64_URL.decode(text.as_bytes()))
            .map_err(|_| D::Error::custom("not base64"))
    }
}

#[cfg(test)]
mod tests {
    use super::depth_within;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        let check = |text: &str, max: usize, within: bool| {
            assert_eq!(depth_within(text.as_bytes(), max), within, "{text} within {max}");
        };
        check("", 0, true);
        check("{}", 1, true);
        check("{}", 0, false);
        check(r#"{"a":[1,{"b":2}]}"#, 3, true);
        check(r#"{"a":[1,{"b":2}]}"#, 2, false);
        check(r#"{"[[[[":"{{{{"}"#, 1, true);
        check(r#"{"a\"[[[":1}"#, 1, true);
        check("[][][][]", 1, true);
        check(&"[".repeat(100_000), 32, false);
    }
}
