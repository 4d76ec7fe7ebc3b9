//! Cursors: where a list goes on, as a text that clients keep and give back and do not read.
//!
//! A cursor belongs to one list (its `scope`: which list, whose, with which filter). One that was changed, or that
//! belongs to another list, is refused. It is no secret and gives no rights: a list asks for those itself.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of a cursor from outside.
pub const CURSOR_BYTES_MAX: usize = 512;
/// Bytes of the sum at a cursor's end.
const SUM_BYTES: usize = 8;

/// A text that is no cursor of this list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the cursor is invalid")]
pub struct BadCursor;

/// A cursor that holds these bytes.
pub fn seal(scope: &[&[u8]], held: &[u8]) -> String {
    let mut bytes = held.to_vec();
    bytes.extend_from_slice(&sum(scope, held));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a cursor of this list holds.
pub fn open(scope: &[&[u8]], text: &str) -> Result<Vec<u8>, BadCursor> {
    if text.len() > CURSOR_BYTES_MAX {
        return Err(BadCursor);
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
    let end = bytes.len().checked_sub(SUM_BYTES).ok_or(BadCursor)?;
    let given = bytes.split_off(end);
    if given == sum(scope, &bytes) { Ok(bytes) } else { Err(BadCursor) }
}

fn sum(scope: &[&[u8]], held: &[u8]) -> [u8; SUM_BYTES] {
    let mut hasher = blake3::Hasher::new_derive_key("longhouse list cursor");
    for part in scope {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(held);
    let mut sum = [0; SUM_BYTES];
    hasher.finalize_xof().fill(&mut sum);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_sealed_comes_out_and_nothing_else(
            held in prop::collection::vec(any::<u8>(), 0..64),
            at in any::<prop::sample::Index>(),
            with in any::<u8>(),
        ) {
            let text = seal(&[b"list", b"mine"], &held);
            prop_assert_eq!(open(&[b"list", b"mine"], &text), Ok(held));
            prop_assert_eq!(open(&[b"list", b"yours"], &text), Err(BadCursor));
            prop_assert_eq!(open(&[b"listm", b"ine"], &text), Err(BadCursor));
            let mut changed = text.clone().into_bytes();
            let at = at.index(changed.len());
            changed[at] = with & 0x7f;
            let changed = String::from_utf8(changed).unwrap();
            if changed != text {
                prop_assert_eq!(open(&[b"list", b"mine"], &changed), Err(BadCursor));
            }
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "a", "====", "null", &"A".repeat(10_000), "ä"] {
            assert_eq!(open(&[b"list"], text), Err(BadCursor));
        }
    }
}
