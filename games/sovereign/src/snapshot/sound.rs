//! Whether what was read is a war that can go on: every nation, tile and step that it names is one of its own.

use crate::command::Site;
use crate::index::CELL;
use crate::state::{Building, War};
use crate::tuning::NATIONS_MAX;
use crate::view::fog::Viewer;
use crate::{Kind, NationId, Phase, Tile};

/// Why it is none.
pub(super) fn check(war: &War) -> Result<(), &'static str> {
    let nations = war.nations.len() as u16;
    let exists = |id: NationId| (1..=nations).contains(&id.0);
    let nobody_or = |id: NationId| id.0 <= nations;
    let tiles = war.land.len() as u32;
    let on_map = |tile: u32| tile < tiles;
    let must = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };

    must(war.nations.len() <= NATIONS_MAX, "has too many nations")?;
    must(war.input.1 <= war.step, "has an input after its last step")?;
    if let Phase::Over(_, winner) = war.phase {
        must(nobody_or(winner), "was won by nobody it knows")?;
    }
    counts(war)?;
    let in_order = war.nations.iter().zip(1..).all(|(nation, id)| nation.id.0 == id);
    must(in_order, "has nations out of order")?;
    for nation in &war.nations {
        must(on_map(nation.home), "has a nation outside its map")?;
        must(nation.grudges.iter().all(|(id, _)| exists(*id)), "has a grudge against nobody")?;
        must(nation.grudges.is_sorted_by(|a, b| a.0 < b.0), "has grudges out of order")?;
    }

    let ids = war.attacks.iter().map(|attack| attack.id);
    must(ids.is_sorted_by(|a, b| a < b), "has attacks out of order")?;
    must(war.attacks.last().is_none_or(|last| last.id < war.next), "has an attack of the future")?;
    for attack in &war.attacks {
        must(exists(attack.from) && nobody_or(attack.on), "has an attack by or on nobody")?;
        must(on_map(attack.head), "has an attack outside its map")?;
        must(attack.front.iter().all(|entry| on_map(entry.0.1)), "has a front outside its map")?;
    }

    let ids = war.boats.iter().map(|boat| boat.id);
    must(ids.is_sorted_by(|a, b| a < b), "has boats out of order")?;
    must(war.boats.last().is_none_or(|last| last.id < war.next), "has a boat of the future")?;
    for boat in &war.boats {
        must(exists(boat.owner), "has a boat of nobody")?;
        must((boat.at as usize) < boat.way.len(), "has a boat off its way")?;
        must(boat.way.iter().all(|tile| on_map(*tile)), "has a way outside its map")?;
    }

    for (tile, site) in &war.sites {
        let fits = on_map(*tile) && exists(site.owner) && war.land.owner(Tile(*tile)) == site.owner;
        must(fits, "has a building that is not its owner's")?;
    }
    for nation in &war.nations {
        let built = [Site::City, Site::Fort, Site::Port].map(|kind| {
            let is_one =
                |site: &&Building| site.owner == nation.id && site.site == kind && site.ready <= war.step;
            war.sites.values().filter(is_one).count()
        });
        must(built == nation.built.map(usize::from), "has nations that count their buildings otherwise")?;
    }
    let pairs = war.pacts.keys().all(|(a, b)| exists(*a) && exists(*b) && a < b);
    must(pairs, "has an alliance of nobody")?;
    let pairs = war.news.pacts.iter().all(|(a, b)| exists(*a) && exists(*b) && a < b);
    must(pairs, "tells of an alliance of nobody")?;
    let others = war.asks.keys().chain(war.news.told.asks.keys()).chain(war.bans.keys());
    must(others.into_iter().all(|(a, b)| exists(*a) && exists(*b) && a != b), "has requests of nobody")?;

    let ids = war.motions.iter().map(|motion| motion.id);
    must(ids.is_sorted_by(|a, b| a < b), "has motions out of order")?;
    must(war.motions.last().is_none_or(|last| last.id < war.next), "has a motion of the future")?;
    for motion in war.motions.iter().chain(&war.news.told.motions) {
        let voters = motion.voters.iter().map(|(id, _)| *id);
        must(exists(motion.by) && exists(motion.about), "has a motion of or about nobody")?;
        must(voters.clone().all(exists) && voters.is_sorted_by(|a, b| a < b), "has voters out of order")?;
    }
    must(war.news.tiles.iter().all(|tile| on_map(tile.0)), "tells of tiles outside its map")?;
    must(war.fallen.iter().all(|(id, to)| exists(*id) && nobody_or(*to)), "has a fall of nobody")?;
    viewers(war)?;
    must(war.news.told.step <= war.step, "has told of the future")
}

/// What players were told under fog is theirs, and of this map.
fn viewers(war: &War) -> Result<(), &'static str> {
    let told = &war.news.told;
    let words = war.map().width().div_ceil(CELL) * war.map().height().div_ceil(CELL);
    let fits = |viewer: &Viewer| {
        let is_player = war.nation(viewer.id).is_some_and(|nation| matches!(nation.kind, Kind::Player(_)));
        let nations = viewer.known.iter().all(|id| war.nation(NationId(*id)).is_some());
        let pairs = viewer.pacts.keys().all(|(a, b)| war.nation(*a).is_some() && war.nation(*b).is_some());
        is_player && nations && pairs && viewer.seen.0.len() == words.div_ceil(64) as usize
    };
    let in_order = told.viewers.is_sorted_by(|a, b| a.id < b.id);
    if in_order && told.viewers.iter().all(fits) && told.standings.len() <= war.nations.len() {
        Ok(())
    } else {
        Err("has told what it could not")
    }
}

/// Land is owned by nations that there are, water by nobody, and everybody has as many tiles as they say.
fn counts(war: &War) -> Result<(), &'static str> {
    let mut counts = vec![0_u32; war.nations.len()];
    let (mut at, mut fits) = (0, true);
    war.land.each_run(|owner, tiles| {
        if owner != 0 {
            match counts.get_mut(usize::from(owner) - 1) {
                Some(count) => *count += tiles,
                None => fits = false,
            }
            fits = fits && (at..at + tiles).all(|tile| war.map().is_land(Tile(tile)));
        }
        at += tiles;
    });
    if !fits {
        return Err("has land of nobody, or owned water");
    }
    if war.nations.iter().zip(&counts).all(|(nation, count)| nation.tiles == *count) {
        Ok(())
    } else {
        Err("has nations that count their land otherwise")
    }
}
