//! What an object may be: names, values, versions, permissions.

use md5::{Digest, Md5};
use serde::de::IgnoredAny;
use store::{Asks, If, UserId};

use super::{NAME_BYTES_MAX, StorageError, VALUE_BYTES_MAX, VALUE_DEPTH_MAX};

/// A collection and a key.
pub(super) fn name(collection: &str, key: &str) -> Result<(), StorageError> {
    let fits = |text: &str| (1..=NAME_BYTES_MAX).contains(&text.len()) && !text.contains('\0');
    if fits(collection) && fits(key) { Ok(()) } else { Err(StorageError::Name) }
}

/// Players write and delete their own.
pub(super) fn owner(asks: Asks, owner: UserId) -> Result<(), StorageError> {
    match asks {
        Asks::User(user) if user != owner => Err(StorageError::Rejected),
        _ => Ok(()),
    }
}

/// A JSON object, neither too long nor too deep.
pub(super) fn value(text: &str) -> Result<(), StorageError> {
    let object = text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{');
    if !object || text.len() > VALUE_BYTES_MAX || depth(text) > VALUE_DEPTH_MAX {
        return Err(StorageError::Value);
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| StorageError::Value)?;
    Ok(())
}

/// How deep brackets are nested outside of texts. Right for JSON; anything else is refused by its reader.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The version of a value: MD5 of its text, because clients may compute it themselves.
pub(super) fn version_of(value: &str) -> u128 {
    u128::from_be_bytes(Md5::digest(value.as_bytes()).into())
}

/// What a client's version asks for.
pub(super) fn only_if(version: &str) -> If {
    match version {
        "" => If::Any,
        "*" => If::Absent,
        text => {
            let plain = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            match u128::from_str_radix(text, 16) {
                Ok(version) if plain => If::Version(version),
                _ => If::Never,
            }
        }
    }
}

/// Permissions, the owner's if nothing is said.
pub(super) fn permissions(read: Option<i32>, write: Option<i32>) -> Result<(u32, u32), StorageError> {
    match (read.unwrap_or(1), write.unwrap_or(1)) {
        (read @ 0..=2, write @ 0..=1) => Ok((read.unsigned_abs(), write.unsigned_abs())),
        _ => Err(StorageError::Permission),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bounded_json_objects() {
        let deep = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        let long = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
        for good in ["{}", " \n{\"a\":[1,2.5e3,null,true,\"[[[{\\\"\"]}", &deep(64), &long(VALUE_BYTES_MAX)] {
            assert_eq!(value(good), Ok(()), "{}", &good[..good.len().min(40)]);
        }
        let bad = [
            "",
            "null",
            "[]",
            "1",
            "\"{}\"",
            "{",
            "{}}",
            "{a:1}",
            "{\"a\":\u{0}1}",
            "{\"a\":01}",
            "{\"a\":NaN}",
        ];
        for bad in bad.iter().copied().chain([deep(65).as_str(), &deep(100_000), &long(VALUE_BYTES_MAX + 1)])
        {
            assert_eq!(value(bad), Err(StorageError::Value), "{}", &bad[..bad.len().min(40)]);
        }
    }

    #[test]
    fn versions_are_md5_in_hex() {
        let version = version_of("{\"hello\":\"world\"}");
        let text = super::super::version_text(version);
        assert_eq!(text, "fbc24bcc7a1794758fc1327fcfebdaf6");
        assert_eq!(only_if(&text), If::Version(version));
        assert_eq!((only_if(""), only_if("*")), (If::Any, If::Absent));
        for odd in ["x", "**", "+bc24bcc7a1794758fc1327fcfebdaf6", &text.to_uppercase(), &text[1..]] {
            assert_eq!(only_if(odd), If::Never, "{odd}");
        }
    }

    #[test]
    fn permissions_have_a_range() {
        assert_eq!(permissions(None, None), Ok((1, 1)));
        assert_eq!(permissions(Some(2), Some(0)), Ok((2, 0)));
        for (read, write) in [(3, 1), (-1, 1), (1, 2), (1, -1), (i32::MIN, 0)] {
            assert_eq!(permissions(Some(read), Some(write)), Err(StorageError::Permission));
        }
    }
}
