//! What is told of attacks: all of one that is new or otherwise, mostly only what is left of it, or that it is gone.

use super::rows::AttackRow;
use super::varint::{Reader, put};

/// What is told of an attack, in order of the numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum AttackTold {
    Gone,
    /// Its troops.
    Troops(u64),
    /// Its troops, and the tile that it took last.
    Struck(u64, u32),
    Is(AttackRow),
}

/// Names of the forms: two bits below the distance from the number before.
const GONE: u64 = 0;
const TROOPS: u64 = 1;
const STRUCK: u64 = 2;
const IS: u64 = 3;

/// The bytes, if there is something to tell.
pub(crate) fn pack(told: impl IntoIterator<Item = (u32, AttackTold)>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut last = 0;
    for (id, told) in told {
        let mut head = |form| put(&mut out, u64::from(id - last) << 2 | form);
        match told {
            AttackTold::Gone => head(GONE),
            AttackTold::Troops(troops) => {
                head(TROOPS);
                put(&mut out, troops);
            }
            AttackTold::Struck(troops, tile) => {
                head(STRUCK);
                put(&mut out, troops);
                put(&mut out, tile.into());
            }
            AttackTold::Is(AttackRow { from, on, troops, head: tile, retreating, .. }) => {
                head(IS);
                put(&mut out, from.into());
                put(&mut out, u64::from(on) << 1 | u64::from(retreating));
                put(&mut out, troops);
                put(&mut out, tile.into());
            }
        }
        last = id;
    }
    (!out.is_empty()).then_some(out)
}

/// Reads what [`pack`] wrote.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<(u32, AttackTold)>> {
    let mut from = Reader::new(bytes);
    let mut found = Vec::new();
    let mut id = 0_u32;
    while !from.is_empty() {
        let head = from.number()?;
        id = id.checked_add(u32::try_from(head >> 2).ok()?)?;
        let told = match head & 3 {
            GONE => AttackTold::Gone,
            TROOPS => AttackTold::Troops(from.number()?),
            STRUCK => AttackTold::Struck(from.number()?, from.small()?),
            _ => {
                let whose = from.small()?;
                let on: u32 = from.small()?;
                AttackTold::Is(AttackRow {
                    id,
                    from: whose,
                    on: u16::try_from(on >> 1).ok()?,
                    retreating: on & 1 == 1,
                    troops: from.number()?,
                    head: from.small()?,
                })
            }
        };
        found.push((id, told));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told() -> impl Strategy<Value = AttackTold> {
        let row = (any::<u16>(), any::<u16>(), any::<u64>(), any::<u32>(), any::<bool>());
        prop_oneof![
            Just(AttackTold::Gone),
            any::<u64>().prop_map(AttackTold::Troops),
            any::<(u64, u32)>().prop_map(|(troops, head)| AttackTold::Struck(troops, head)),
            row.prop_map(|(from, on, troops, head, retreating)| AttackTold::Is(AttackRow {
                id: 0,
                from,
                on,
                troops,
                head,
                retreating
            })),
        ]
    }

    proptest! {
        #[test]
        fn attacks_come_back(list in prop::collection::btree_map(any::<u32>(), told(), 0..9)) {
            let list: Vec<_> = list
                .into_iter()
                .map(|(id, told)| match told {
                    AttackTold::Is(row) => (id, AttackTold::Is(AttackRow { id, ..row })),
                    other => (id, other),
                })
                .collect();
            prop_assert_eq!(unpack(&pack(list.clone()).unwrap_or_default()), Some(list));
        }

        #[test]
        fn any_bytes_are_read_or_not(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(unpack(&bytes).is_none_or(|found| found.len() <= bytes.len()));
        }
    }
}
