//! Wars drawn with letters: `~` sea, `o` lake, `^` wild mountain, `.` wild plain, capitals a nation's plain.

use kernel::Seat;

use crate::state::Attack;
use crate::{Map, NationId, Phase, Setup, Standing, Tile, War};

pub(super) const A: NationId = NationId(1);
pub(super) const B: NationId = NationId(2);
pub(super) const C: NationId = NationId(3);
pub(super) const WILD: NationId = NationId::NOBODY;

/// A war that goes on, on that map: every letter up to the last is a player's nation with 1,000 troops at home.
pub(super) fn war(rows: &[&str]) -> War {
    let map = Map::drawn(rows);
    let setup = Setup { tribes: 0, rivals: 0, spawn_seconds: 1, ..Setup::default() };
    let mut war = War::on(map, setup, 1, 0);
    let letters: Vec<u8> = rows.iter().flat_map(|row| row.bytes()).collect();
    let last = letters.iter().copied().filter(u8::is_ascii_uppercase).max().unwrap_or(b'A');
    for number in 0..=u32::from(last - b'A') {
        war.join(Seat(number));
    }
    for (at, letter) in letters.iter().enumerate().filter(|(_, letter)| letter.is_ascii_uppercase()) {
        let id = NationId(u16::from(letter - b'A') + 1);
        war.give(Tile(at as u32), id);
        let nation = war.nation_mut(id).unwrap();
        (nation.standing, nation.troops) = (Standing::Alive, 1_000);
    }
    war.phase = Phase::War;
    war.step = 20;
    war.news = Default::default();
    war
}

/// What the war looks like.
pub(super) fn picture(war: &War) -> Vec<String> {
    let map = war.map();
    let letter = |tile: Tile| match war.land().owner(tile).0 {
        0 if !map.is_land(tile) => {
            if map.is_sea(tile) {
                '~'
            } else {
                'o'
            }
        }
        0 if map.level(tile) > 20 => '^',
        0 => '.',
        id => char::from(b'A' + id as u8 - 1),
    };
    (0..map.height()).map(|y| (0..map.width()).map(|x| letter(map.at(x, y).unwrap())).collect()).collect()
}

/// Only attacks move, so many steps.
pub(super) fn fight(war: &mut War, steps: u32) {
    for _ in 0..steps {
        war.step += 1;
        war.advance();
        war.bury();
    }
}

pub(super) fn troops(war: &mut War, id: NationId, troops: u64) {
    war.nation_mut(id).unwrap().troops = troops;
}

pub(super) fn at_home(war: &War, id: NationId) -> u64 {
    war.nation(id).unwrap().troops
}

pub(super) fn tiles(war: &War, id: NationId) -> u32 {
    war.nation(id).unwrap().tiles
}

/// The attack of one on another.
pub(super) fn of(war: &War, from: NationId, on: NationId) -> Option<&Attack> {
    war.attacks.iter().find(|attack| attack.from == from && attack.on == on)
}
