//! JSON in which an object is an object, all the way down.
//!
//! A derived reader takes an array for an object, field by field, so `[]` would read as a request in which nothing is
//! said. Protobuf's JSON mapping has no such thing. Here a reader that asks for an object is given one or an error.
//! What serde reads into a buffer first (`flatten`, `untagged`) it reads from there as it likes.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

/// Reads a value from JSON text, and nothing after it.
pub fn from_slice<'de, T: Deserialize<'de>>(text: &'de [u8]) -> serde_json::Result<T> {
    whole(serde_json::Deserializer::from_slice(text))
}

/// The same from text that is known to be UTF-8.
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
    whole(serde_json::Deserializer::from_str(text))
}

fn whole<'de, T, R>(mut input: serde_json::Deserializer<R>) -> serde_json::Result<T>
where
    T: Deserialize<'de>,
    R: serde_json::de::Read<'de>,
{
    let value = T::deserialize(Strict(&mut input))?;
    input.end()?;
    Ok(value)
}

/// Any part of serde's reading, handed on so that every part below it is wrapped, too.
struct Strict<T>(T);

/// Methods that only hand on, with a visitor as the last argument.
macro_rules! hand_on {
    ($($method:ident($($name:ident: $kind:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $kind,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* Strict(visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    hand_on! {
        deserialize_any() deserialize_bool() deserialize_ignored_any() deserialize_identifier()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit()
        deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map() deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    /// The one that differs: a map is asked for, which an array is not.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Strict(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// Visits of plain values.
macro_rules! visit {
    ($($method:ident: $kind:ty,)*) => {
        $(fn $method<E: Error>(self, value: $kind) -> Result<V::Value, E> {
            self.0.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visit! {
        visit_bool: bool,
        visit_i8: i8,
        visit_i16: i16,
        visit_i32: i32,
        visit_i64: i64,
        visit_i128: i128,
        visit_u8: u8,
        visit_u16: u16,
        visit_u32: u32,
        visit_u64: u64,
        visit_u128: u128,
        visit_f32: f32,
        visit_f64: f64,
        visit_char: char,
        visit_str: &str,
        visit_borrowed_str: &'de str,
        visit_string: String,
        visit_bytes: &[u8],
        visit_borrowed_bytes: &'de [u8],
        visit_byte_buf: Vec<u8>,
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, input: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Strict(input))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, input: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Strict(input))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Strict(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, choice: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Strict(choice))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(input))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Strict<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (variant, content) = self.0.variant_seed(seed)?;
        Ok((variant, Strict(content)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Strict(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Strict(visitor))
    }

    /// As a newtype over an object, so that an array is refused here as well.
    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.newtype_variant_seed(Fields(visitor))
    }
}

/// The object of a variant with named fields.
struct Fields<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Fields<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<V::Value, D::Error> {
        input.deserialize_map(Strict(self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::from_str;
    use serde::Deserialize;

    #[derive(Deserialize, PartialEq, Debug, Default)]
    #[serde(default)]
    struct Outer {
        name: String,
        inner: Option<Inner>,
        list: Vec<Inner>,
        map: BTreeMap<String, Inner>,
        pair: (u8, u8),
        whole: Whole,
        any: serde_json::Value,
        choice: Option<Choice>,
    }

    #[derive(Deserialize, PartialEq, Debug, Default)]
    #[serde(default)]
    struct Inner {
        number: i64,
    }

    #[derive(Deserialize, PartialEq, Debug, Default)]
    struct Whole(Inner);

    #[derive(Deserialize, PartialEq, Debug)]
    enum Choice {
        Unit,
        New(Inner),
        Two(u8, Inner),
        Named { inner: Inner },
    }

    #[test]
    fn arrays_are_no_objects_at_any_depth() {
        for text in [
            "[]",
            r#"["name"]"#,
            r#"{"inner":[]}"#,
            r#"{"inner":[1]}"#,
            r#"{"list":[[]]}"#,
            r#"{"list":[{},[1]]}"#,
            r#"{"map":{"a":[1]}}"#,
            r#"{"whole":[1]}"#,
            r#"{"choice":{"New":[1]}}"#,
            r#"{"choice":{"Two":[1,[2]]}}"#,
            r#"{"choice":{"Named":[{}]}}"#,
            r#"{"choice":{"Named":{"inner":[1]}}}"#,
            "null",
            "1",
            r#""{}""#,
            "{} {}",
            "",
        ] {
            assert!(from_str::<Outer>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn all_else_reads_as_ever() {
        for text in [
            "{}",
            r#" {"name":"\u00e9","unknown":[[1,{"a":[]}]],"inner":null,"list":[]} "#,
            r#"{"inner":{"number":-5},"list":[{"number":1},{}],"map":{"a":{"number":2}},"pair":[1,2]}"#,
            r#"{"whole":{"number":3},"any":[1,2.5,{"a":[null,true,"x"]}]}"#,
            r#"{"choice":"Unit"}"#,
            r#"{"choice":{"New":{"number":1}}}"#,
            r#"{"choice":{"Two":[1,{"number":2}]}}"#,
            r#"{"choice":{"Named":{"inner":{"number":4}}}}"#,
        ] {
            let plain = serde_json::from_str::<Outer>(text).map_err(|error| error.to_string());
            assert!(plain.is_ok(), "{text}");
            assert_eq!(from_str::<Outer>(text).map_err(|error| error.to_string()), plain, "{text}");
        }
    }
}
