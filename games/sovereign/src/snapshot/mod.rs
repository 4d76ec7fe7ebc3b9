//! The whole war as bytes, and back. Equal wars give equal bytes: nothing in them depends on how a war came to be what it
//! is. The map is not in it but its seed: it is made again, or taken over from another reading.
//!
//! Any bytes may come to be read. Those that are taken are those that would be written of what they say, and what they say
//! is a war that can go on: every number in it is one of its map and of its nations.

mod saved;
mod sound;

use std::sync::Arc;

use kernel::Unreadable;

use crate::bytes::tiles::put_run;
use crate::bytes::varint::{Reader, put};
use crate::index::Index;
use crate::state::Ground;
use crate::{Land, Map, Setup, War};
use saved::Saved;

/// The first byte.
const FORMAT: u8 = 2;
/// Bytes that are looked at: two million tiles, each another's, and what nations may own.
const SNAPSHOT_BYTES_MAX: usize = 64 << 20;

/// Names the parts that are written one after the other, once for both ways.
macro_rules! parts {
    ($($part:ident),*) => {
        fn write_parts(war: &War, out: &mut Vec<u8>) {
            $(war.$part.write(out);)*
        }

        /// Reads them; they wait for their ground, whose making costs the most, and for what follows from them.
        fn read_parts(from: &mut Reader<'_>) -> Option<impl FnOnce(Arc<Ground>, Land) -> War + use<>> {
            $(let $part = Saved::read(from)?;)*
            Some(move |ground, land| War { ground, land, $($part,)* index: Index::default() })
        }
    };
}

parts!(
    step, input, dice, phase, nations, attacks, boats, sites, pacts, asks, bans, motions, next, news, fallen
);

/// Appends the bytes.
pub(crate) fn write(war: &War, out: &mut Vec<u8>) {
    out.push(FORMAT);
    let setup = serde_json::to_vec(war.setup()).expect("a setup came from JSON");
    put(out, setup.len() as u64);
    out.extend_from_slice(&setup);
    put(out, war.map().seed());
    write_parts(war, out);
    war.land.each_run(|owner, tiles| put_run(out, owner, tiles));
}

/// Reads them. Any bytes may come; a map that is at hand is taken if it is the war's.
pub(crate) fn read(bytes: &[u8], map: Option<Arc<Map>>) -> Result<War, Unreadable> {
    let bad = |why: &str| Unreadable(format!("a snapshot of a war {why}"));
    if bytes.len() > SNAPSHOT_BYTES_MAX {
        return Err(bad("is larger than one can be"));
    }
    let mut war = parse(bytes, map).ok_or_else(|| bad("cannot be read"))?;
    sound::check(&war).map_err(bad)?;
    war.reindex();
    let mut again = Vec::with_capacity(bytes.len());
    write(&war, &mut again);
    if again == bytes { Ok(war) } else { Err(bad("is not what would be written of it")) }
}

fn parse(bytes: &[u8], map: Option<Arc<Map>>) -> Option<War> {
    let mut from = Reader::new(bytes);
    if from.byte()? != FORMAT {
        return None;
    }
    let setup = from.small()?;
    let setup = Setup::read(from.bytes(setup)?).ok()?;
    let map_seed = from.number()?;
    if setup.map.is_some_and(|seed| seed != map_seed) {
        return None;
    }
    let war = read_parts(&mut from)?;
    let (width, height) = setup.size.edges();
    let land = Land::of_runs((width * height) as usize, || Some((from.small()?, from.small()?)))?;
    if !from.is_empty() {
        return None;
    }
    let map = map.filter(|map| map.is_made_of(setup.size, map_seed));
    let map = map.unwrap_or_else(|| Map::make(setup.size, map_seed));
    Some(war(Arc::new(Ground { setup, map }), land))
}
