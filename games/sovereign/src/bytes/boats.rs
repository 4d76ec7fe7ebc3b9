//! What is told of boats: all of one, its way by its steps, or that it is gone.

use super::rows::BoatRow;
use super::varint::{Reader, put};

/// Different steps that a way may have to be told in two bits for each.
const STEPS_MAX: usize = 4;

/// The bytes, if there is something to tell; in order of the numbers.
pub(crate) fn pack(told: impl IntoIterator<Item = (u32, Option<BoatRow>)>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut last = 0;
    for (id, boat) in told {
        put(&mut out, u64::from(id - last) << 1 | u64::from(boat.is_some()));
        last = id;
        let Some(BoatRow { owner, troops, turned, way, at, .. }) = boat else { continue };
        put(&mut out, u64::from(owner) << 1 | u64::from(turned));
        put(&mut out, troops);
        put(&mut out, at.into());
        put_way(&mut out, &way);
    }
    (!out.is_empty()).then_some(out)
}

/// How many tiles, the first of them, and the steps from each to the next: which there are, and two bits for each; or,
/// behind a 0, all of them as they are.
fn put_way(out: &mut Vec<u8>, way: &[u32]) {
    put(out, way.len() as u64);
    let Some(first) = way.first() else { return };
    put(out, (*first).into());
    let steps: Vec<u64> =
        way.windows(2).map(|pair| zigzag(i64::from(pair[1]) - i64::from(pair[0]))).collect();
    if steps.is_empty() {
        return;
    }
    let mut kinds = steps.clone();
    kinds.sort();
    kinds.dedup();
    if kinds.len() > STEPS_MAX {
        put(out, 0);
        return steps.into_iter().for_each(|step| put(out, step));
    }
    put(out, kinds.len() as u64);
    kinds.iter().for_each(|kind| put(out, *kind));
    for four in steps.chunks(4) {
        let bits = four.iter().enumerate().map(|(nth, step)| {
            let kind = kinds.binary_search(step).expect("it is made of these steps");
            (kind as u8) << (2 * nth)
        });
        out.push(bits.sum());
    }
}

/// Reads what [`pack`] wrote.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<(u32, Option<BoatRow>)>> {
    let mut from = Reader::new(bytes);
    let mut found = Vec::new();
    let mut id = 0_u32;
    while !from.is_empty() {
        let head = from.number()?;
        id = id.checked_add(u32::try_from(head >> 1).ok()?)?;
        let mut boat = None;
        if head & 1 == 1 {
            let owner: u32 = from.small()?;
            boat = Some(BoatRow {
                id,
                owner: u16::try_from(owner >> 1).ok()?,
                turned: owner & 1 == 1,
                troops: from.number()?,
                at: from.small()?,
                way: read_way(&mut from)?,
            });
        }
        found.push((id, boat));
    }
    Some(found)
}

fn read_way(from: &mut Reader<'_>) -> Option<Vec<u32>> {
    let count: usize = from.small()?;
    if count == 0 {
        return Some(Vec::new());
    }
    // Two bits a step at least: no count promises more tiles than there can be.
    if count / 4 > from.len() {
        return None;
    }
    let mut way = Vec::with_capacity(count);
    let mut tile: u32 = from.small()?;
    way.push(tile);
    if count == 1 {
        return Some(way);
    }
    let kinds: usize = from.small().filter(|kinds| *kinds <= STEPS_MAX)?;
    let kinds: Vec<u64> = (0..kinds).map(|_| from.number()).collect::<Option<_>>()?;
    let mut bits = 0;
    for nth in 0..count - 1 {
        let step = if kinds.is_empty() {
            from.number()?
        } else {
            bits = if nth % 4 == 0 { from.byte()? } else { bits >> 2 };
            *kinds.get(usize::from(bits & 3))?
        };
        tile = u32::try_from(i64::from(tile).checked_add(unzigzag(step))?).ok()?;
        way.push(tile);
    }
    Some(way)
}

/// Signs in the lowest bit: 0, −1, 1, −2, …
fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boat() -> impl Strategy<Value = BoatRow> {
        // Few different steps, as at sea, or any tiles.
        let steps = prop::collection::vec(prop::sample::select(vec![1_i64, -1, 1_250, -1_250]), 0..40);
        let sailed = (100_000_u32..200_000, steps).prop_map(|(first, steps)| {
            let tiles = steps.into_iter().scan(i64::from(first), |tile, step| {
                *tile += step;
                Some(*tile as u32)
            });
            [first].into_iter().chain(tiles).collect()
        });
        let any_way = prop::collection::vec(any::<u32>(), 0..9);
        (any::<u16>(), any::<u64>(), any::<bool>(), prop_oneof![sailed, any_way], any::<u32>())
            .prop_map(|(owner, troops, turned, way, at)| BoatRow { id: 0, owner, troops, turned, way, at })
    }

    proptest! {
        #[test]
        fn boats_come_back(boats in prop::collection::btree_map(any::<u32>(), prop::option::of(boat()), 0..5)) {
            let boats: Vec<_> =
                boats.into_iter().map(|(id, boat)| (id, boat.map(|boat| BoatRow { id, ..boat }))).collect();
            prop_assert_eq!(unpack(&pack(boats.clone()).unwrap_or_default()), Some(boats));
        }

        #[test]
        fn any_bytes_are_no_more_than_they_can_hold(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let found = unpack(&bytes).unwrap_or_default();
            let tiles: usize = found.iter().flat_map(|(_, boat)| boat).map(|boat| boat.way.len()).sum();
            prop_assert!(found.len() <= bytes.len() && tiles <= 4 * bytes.len());
        }
    }
}
