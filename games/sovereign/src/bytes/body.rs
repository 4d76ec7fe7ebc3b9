//! A body: one byte says whether MessagePack follows as it is, or deflated. Browsers inflate it by themselves.

use std::borrow::Cow;

use kernel::Unreadable;
use miniz_oxide::{deflate, inflate};

/// Bodies of at least so many bytes are deflated, if that makes them smaller.
const DEFLATE_BYTES_MIN: usize = 512;
/// Bytes that a body may have when it is inflated: the owners of two million tiles, each another's, and more.
pub(crate) const BODY_BYTES_MAX: usize = 16 << 20;
/// How hard views are pressed: they are large, and made once for each who comes.
pub(crate) const VIEW_LEVEL: u8 = 6;
/// How hard updates are pressed: one is made in each step.
pub(crate) const UPDATE_LEVEL: u8 = 3;
/// How hard the ground is pressed: once for each map.
pub(crate) const GROUND_LEVEL: u8 = 7;

const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

/// Makes a body of MessagePack whose first byte was left free, and appends it.
pub(crate) fn seal(mut pack: Vec<u8>, level: u8) -> Vec<u8> {
    debug_assert_eq!(pack.first(), Some(&PLAIN), "the first byte is the body's own");
    if pack.len() > DEFLATE_BYTES_MIN {
        let small = deflate::compress_to_vec(&pack[1..], level);
        if small.len() + 1 < pack.len() {
            pack.clear();
            pack.push(DEFLATED);
            pack.extend_from_slice(&small);
        }
    }
    pack
}

/// Bytes for a body's MessagePack to be appended to.
pub(crate) fn begin() -> Vec<u8> {
    vec![PLAIN]
}

/// The MessagePack of a body.
pub(crate) fn unseal(body: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    match body.split_first() {
        Some((&PLAIN, pack)) => Ok(Cow::Borrowed(pack)),
        Some((&DEFLATED, small)) => inflate::decompress_to_vec_with_limit(small, BODY_BYTES_MAX)
            .map(Cow::Owned)
            .map_err(|error| Unreadable(format!("a body cannot be inflated: {error}"))),
        _ => Err(Unreadable("a body begins with 0 or 1".into())),
    }
}
