//! A small war for tests: six nations in a row on plain land, each beside the next only.

use std::sync::LazyLock;

use kernel::Seat;

use crate::dice::mix;
use crate::{Map, NationId, Phase, Setup, Size, Standing, Tile, War};

/// Players, from the left; each touches the one before and after.
pub(crate) const A: NationId = NationId(3);
pub(crate) const B: NationId = NationId(4);
pub(crate) const C: NationId = NationId(5);
pub(crate) const D: NationId = NationId(6);
/// A computer nation right of the players.
pub(crate) const RIVAL: NationId = NationId(1);
/// A tribe right of it.
pub(crate) const TRIBE: NationId = NationId(2);

/// Columns and rows of each nation's land: more tiles than a remnant has.
const EDGE: u32 = 6;
pub(crate) const ROWS: u32 = 18;
/// Troops and gold that everybody has.
pub(crate) const TROOPS: u64 = 5_000;
pub(crate) const GOLD: u64 = 3_000_000;

/// The seat of a nation.
pub(crate) fn seat(id: NationId) -> Seat {
    match id {
        RIVAL => Seat(Seat::SERVED_FIRST.0 + 1),
        _ => Seat(u32::from(id.0) - 3),
    }
}

/// Places are being chosen; four seats are taken.
pub(crate) fn choosing() -> War {
    static MADE: LazyLock<War> = LazyLock::new(make);
    MADE.clone()
}

fn make() -> War {
    let mut setup = Setup { size: Size::Tiny, seats: 5, tribes: 1, rivals: 1, ..Setup::default() };
    setup.map = (1..100).find(|seed| row(&Map::make(Size::Tiny, *seed)).is_some());
    let mut war = War::begin(setup, 7, 0);
    for place in 0..4 {
        war.join(Seat(place));
    }
    war
}

/// The war goes on, and everybody has their square.
pub(crate) fn stage() -> War {
    static MADE: LazyLock<War> = LazyLock::new(settled);
    MADE.clone()
}

fn settled() -> War {
    let mut war = choosing();
    let (left, top) = row(war.map()).unwrap();
    for (place, id) in (0..).zip([A, B, C, D, RIVAL, TRIBE]) {
        for (dx, dy) in (0..EDGE).flat_map(|dx| (0..ROWS).map(move |dy| (dx, dy))) {
            let tile = war.map().at(left + place * EDGE + dx, top + dy).unwrap();
            war.give(tile, id);
        }
        let home = middle(&war, id);
        let nation = war.nation_mut(id).unwrap();
        nation.standing = Standing::Alive;
        (nation.troops, nation.gold, nation.home) = (TROOPS, GOLD, home.0);
    }
    war.phase = Phase::War;
    war.step = 1_000;
    war
}

/// The same, but some have a little land at the sea, and some are allies.
pub(crate) fn by_the_sea() -> War {
    let mut war = stage();
    let beaches: Vec<Tile> =
        (0..war.map().len() as u32).map(Tile).filter(|tile| war.map().is_beach(*tile)).collect();
    let free = beaches.iter().filter(|tile| war.land.owner(**tile) == NationId::NOBODY);
    let free: Vec<Tile> = free.copied().step_by(beaches.len() / 8).collect();
    for (tile, id) in free.into_iter().zip([A, B, C, RIVAL]) {
        war.give(tile, id);
    }
    for (a, b) in [(A, B), (B, C), (D, RIVAL)] {
        war.ally(a, b);
    }
    war
}

/// A tile in somebody's square, by a number.
pub(crate) fn in_the_row(war: &War, number: u32) -> Tile {
    let (left, top) = row(war.map()).unwrap();
    let (dx, dy) = (number % (6 * EDGE), number / (6 * EDGE) % ROWS);
    war.map().at(left + dx, top + dy).unwrap()
}

/// The middle of somebody's square.
pub(crate) fn middle(war: &War, id: NationId) -> Tile {
    let (left, top) = row(war.map()).unwrap();
    let place = [A, B, C, D, RIVAL, TRIBE].iter().position(|other| *other == id).unwrap() as u32;
    war.map().at(left + place * EDGE + EDGE / 2, top + ROWS / 2).unwrap()
}

/// Where a row of six squares is all land and away from the shore.
fn row(map: &Map) -> Option<(u32, u32)> {
    let plain = |x: u32, y: u32| {
        let tile =
            |dx, dy| map.at(x + dx, y + dy).is_some_and(|tile| map.is_land(tile) && !map.is_shore(tile));
        (0..EDGE * 6).all(|dx| (0..ROWS).all(|dy| tile(dx, dy)))
    };
    (0..map.height()).flat_map(|y| (0..map.width()).map(move |x| (x, y))).find(|(x, y)| plain(*x, *y))
}

/// Everything that decides the war's future, to compare.
pub(crate) fn all_of(war: &War) -> String {
    let land = war.land.owners().fold(0, |sum, owner| mix(sum ^ u64::from(owner)));
    let attacks: Vec<_> =
        war.attacks.iter().map(|attack| (attack, attack.front.clone().into_sorted_vec())).collect();
    format!(
        "{} {:?} {:?} {land:x} {:?} {attacks:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
        war.step,
        war.dice,
        war.phase,
        war.nations,
        war.boats,
        war.sites,
        war.pacts,
        war.asks,
        war.bans,
        war.motions,
        war.next
    )
}

/// All troops there are: at home, in attacks, at sea.
pub(crate) fn all_troops(war: &War) -> u64 {
    war.nations.iter().map(|nation| nation.troops).sum::<u64>()
        + war.attacks.iter().map(|attack| attack.troops).sum::<u64>()
        + war.boats.iter().map(|boat| boat.troops).sum::<u64>()
}

/// All gold there is.
pub(crate) fn all_gold(war: &War) -> u64 {
    war.nations.iter().map(|nation| nation.gold).sum()
}
