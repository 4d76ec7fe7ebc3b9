//! What is told of alliances: those that are new or otherwise, and those that are over.

use super::rows::PactRow;
use super::varint::{Reader, put};

/// Two allies, the lower number first.
pub(crate) type Pair = (u16, u16);

const IS: u8 = 1;
const A_RENEWS: u8 = 2;
const B_RENEWS: u8 = 4;

/// The bytes, if there is something to tell.
pub(crate) fn pack(told: impl IntoIterator<Item = (Pair, Option<PactRow>)>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for ((a, b), pact) in told {
        put(&mut out, a.into());
        put(&mut out, b.into());
        let Some(PactRow { until, a_renews, b_renews, .. }) = pact else {
            out.push(0);
            continue;
        };
        let renews = |yes, bit| if yes { bit } else { 0 };
        out.push(IS | renews(a_renews, A_RENEWS) | renews(b_renews, B_RENEWS));
        put(&mut out, until.into());
    }
    (!out.is_empty()).then_some(out)
}

/// Reads what [`pack`] wrote.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<(Pair, Option<PactRow>)>> {
    let mut from = Reader::new(bytes);
    let mut found = Vec::new();
    while !from.is_empty() {
        let (a, b) = (from.small()?, from.small()?);
        let flags = from.byte()?;
        let has = |bit| flags & bit != 0;
        let mut pact = None;
        if has(IS) {
            let until = from.small()?;
            pact = Some(PactRow { a, b, until, a_renews: has(A_RENEWS), b_renews: has(B_RENEWS) });
        }
        found.push(((a, b), pact));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alliances_are_these_bytes() {
        let pact =
            |a, b, until, a_renews, b_renews| ((a, b), Some(PactRow { a, b, until, a_renews, b_renews }));
        let told = [
            pact(1, 2, 300, false, false),
            pact(1, 9, 7, true, false),
            ((3, 200), None),
            pact(4, 5, 0, false, true),
        ];
        let bytes = pack(told.clone()).unwrap_or_default();
        assert_eq!(bytes, [1, 2, 1, 0xAC, 2, 1, 9, 3, 7, 3, 0xC8, 1, 0, 4, 5, 5, 0]);
        assert_eq!(unpack(&bytes), Some(told.to_vec()));
        assert!((1..3).all(|cut| unpack(&bytes[..cut]).is_none()), "cut off");
        assert_eq!(pack([]), None);
    }
}
