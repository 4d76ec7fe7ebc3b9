//! How each part of a war is written and read back. A type's fields are named once, for both ways; one that is forgotten
//! does not compile.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use kernel::Seat;

use crate::bytes::varint::{Reader, put};
use crate::command::{MotionKind, Site};
use crate::dice::Dice;
use crate::news::{News, Notice, Told};
use crate::state::{Attack, Boat, Building, Motion, Pact};
use crate::view::fog::{Cells, Viewer};
use crate::{Kind, Nation, NationId, Phase, Standing, Tile};

/// Something that a snapshot holds. Any bytes may be read: what cannot be is `None`.
pub(super) trait Saved: Sized {
    fn write(&self, out: &mut Vec<u8>);
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

macro_rules! numbers {
    ($($type:ty),*) => {
        $(impl Saved for $type {
            fn write(&self, out: &mut Vec<u8>) {
                put(out, u64::from(*self));
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                from.small()
            }
        })*
    };
}

numbers!(u8, u16, u32, u64);

/// A struct by all its fields, or a tuple struct by the numbers of its fields.
macro_rules! structs {
    ($($type:ident { $($field:tt),* })*) => {
        $(impl Saved for $type {
            fn write(&self, out: &mut Vec<u8>) {
                // That these are all of them, the reader's literal sees to.
                $(self.$field.write(out);)*
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                Some(Self { $($field: Saved::read(from)?),* })
            }
        })*
    };
}

structs! {
    NationId { 0 }
    Seat { 0 }
    Dice { 0 }
    Tile { 0 }
    Nation {
        id, kind, standing, troops, part, gold, tiles, built, home, immune_until, traitor_until, served_until,
        allowance, allowance_at, grudges
    }
    Attack { id, from, on, troops, front, head, retreating, time, due }
    Boat { id, owner, troops, way, at, turned }
    Building { site, owner, ready }
    Pact { until, renew }
    Motion { id, by, kind, about, voters, until }
    Told { step, asks, motions, viewers, standings, lifted }
    Viewer { id, seen, known, attacks, boats, pacts }
    Cells { 0 }
}

/// An enum by its variants' numbers, and the names under which their fields are read.
macro_rules! enums {
    ($($type:ident { $($tag:literal $variant:ident { $($at:tt: $field:ident),* })* })*) => {
        $(impl Saved for $type {
            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant { $($at: $field),* } => {
                        out.push($tag);
                        $($field.write(out);)*
                    })*
                }
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                match from.byte()? {
                    $($tag => Some(Self::$variant { $($at: Saved::read(from)?),* }),)*
                    _ => None,
                }
            }
        })*
    };
}

enums! {
    Kind { 0 Player { 0: seat } 1 Tribe {} 2 Rival { 0: seat } }
    Standing { 0 Waiting {} 1 Alive {} 2 Beaten { 0: step } }
    Phase { 0 Choosing { 0: until } 1 War {} 2 Over { 0: since, 1: winner } }
    Site { 0 City {} 1 Fort {} 2 Port {} }
    MotionKind { 0 War {} 1 Peace {} 2 Expel {} }
    Notice {
        0 Beaten { 0: by, 1: who }
        1 Broke { 0: by, 1: with }
        2 Allied { 0: a, 1: b }
        3 Ping { 0: by, 1: tile, 2: sign }
        4 Gave { 0: from, 1: to, 2: troops, 3: gold }
        5 Decided { 0: motion, 1: carried }
        6 Landed { 0: owner, 1: tile }
    }
}

/// What the step has made and taken of troops is left out: it is there for whoever counts along.
impl Saved for News {
    fn write(&self, out: &mut Vec<u8>) {
        let News {
            tiles,
            attacks,
            troops,
            boats,
            sites,
            motions,
            nations,
            pacts,
            asks,
            phase,
            notices,
            told,
            ..
        } = self;
        tiles.write(out);
        [attacks, troops, boats, sites, motions].into_iter().for_each(|list| list.write(out));
        nations.write(out);
        pacts.write(out);
        [asks, phase].into_iter().for_each(|changed| changed.write(out));
        notices.write(out);
        told.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            tiles: Saved::read(from)?,
            attacks: Saved::read(from)?,
            troops: Saved::read(from)?,
            boats: Saved::read(from)?,
            sites: Saved::read(from)?,
            motions: Saved::read(from)?,
            nations: Saved::read(from)?,
            pacts: Saved::read(from)?,
            asks: Saved::read(from)?,
            phase: Saved::read(from)?,
            notices: Saved::read(from)?,
            told: Saved::read(from)?,
            ..Self::default()
        })
    }
}

impl Saved for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match from.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<T: Saved> Saved for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        self.iter().for_each(|value| value.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        if bool::read(from)? { T::read(from).map(Some) } else { Some(None) }
    }
}

impl<A: Saved, B: Saved> Saved for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl Saved for [u16; 3] {
    fn write(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|value| value.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some([from.small()?, from.small()?, from.small()?])
    }
}

/// How many follow: each has a byte at least, so that no count promises more than there is.
fn count(from: &mut Reader<'_>) -> Option<usize> {
    from.small().filter(|count| *count <= from.len())
}

impl<T: Saved> Saved for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        put(out, self.len() as u64);
        self.iter().for_each(|value| value.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        (0..count(from)?).map(|_| T::read(from)).collect()
    }
}

impl<T: Saved> Saved for Arc<Vec<T>> {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_ref().write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Saved::read(from).map(Arc::new)
    }
}

impl Saved for Arc<[u32]> {
    /// Ways: each tile is near the one before.
    fn write(&self, out: &mut Vec<u8>) {
        put(out, self.len() as u64);
        let mut last = 0_i64;
        for tile in self.iter().map(|tile| i64::from(*tile)) {
            let step = tile - last;
            put(out, (step << 1 ^ step >> 63) as u64);
            last = tile;
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut last = 0_i64;
        let mut tiles = Vec::new();
        for _ in 0..count(from)? {
            let step = from.number()?;
            last = last.checked_add((step >> 1) as i64 ^ -((step & 1) as i64))?;
            tiles.push(u32::try_from(last).ok()?);
        }
        Some(tiles.into())
    }
}

impl<T: Saved + Ord> Saved for BTreeSet<T> {
    fn write(&self, out: &mut Vec<u8>) {
        put(out, self.len() as u64);
        self.iter().for_each(|value| value.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut set = Self::new();
        for _ in 0..count(from)? {
            let value = T::read(from)?;
            if set.last().is_some_and(|last| *last >= value) {
                return None;
            }
            set.insert(value);
        }
        Some(set)
    }
}

impl<K: Saved + Ord, V: Saved> Saved for BTreeMap<K, V> {
    fn write(&self, out: &mut Vec<u8>) {
        put(out, self.len() as u64);
        for (key, value) in self {
            key.write(out);
            value.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut map = Self::new();
        for _ in 0..count(from)? {
            let (key, value) = (K::read(from)?, V::read(from)?);
            if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return None;
            }
            map.insert(key, value);
        }
        Some(map)
    }
}

/// A front: in order, whatever the heap's own order has become.
impl Saved for BinaryHeap<Reverse<(u32, u32)>> {
    fn write(&self, out: &mut Vec<u8>) {
        let mut tiles: Vec<(u32, u32)> = self.iter().map(|entry| entry.0).collect();
        tiles.sort();
        put(out, tiles.len() as u64);
        let mut last = 0;
        for (cost, tile) in tiles {
            put(out, u64::from(cost - last));
            put(out, u64::from(tile));
            last = cost;
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut entries = Vec::new();
        let mut last = (0_u32, 0_u32);
        for _ in 0..count(from)? {
            let entry = (last.0.checked_add(from.small()?)?, from.small()?);
            if entry < last {
                return None;
            }
            entries.push(Reverse(entry));
            last = entry;
        }
        Some(entries.into())
    }
}
