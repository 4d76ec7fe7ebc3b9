//! For tests: a war to which anything happens that rules might do, in any order and without their reasons. What is told
//! and kept of a war must be right for every war, not for those alone that today's rules lead to.

#![allow(clippy::unwrap_used)]

use std::collections::btree_map::Entry;
use std::sync::{Arc, LazyLock};

use kernel::{Outbox, Seat};
use proptest::prelude::*;

use crate::command::{MotionKind, Site};
use crate::mirror::{Applied, Mirror};
use crate::news::Notice;
use crate::state::{Attack, Boat, Building, Ground, Motion, Pact};
use crate::{Kind, Nation, NationId, Phase, Setup, Size, Standing, Tile, War, tell, view};

/// Something that happens, and numbers for it.
pub(crate) type Turn = (u8, u32, u32, u32);

/// Lists of such.
pub(crate) fn turns(count: usize) -> impl Strategy<Value = Vec<Turn>> {
    prop::collection::vec((0u8..24, any::<u32>(), any::<u32>(), any::<u32>()), 0..count)
}

/// A war on a tiny map with some nations: players with seats 1 to 4, tribes and rivals.
pub(crate) fn war(fog: bool, hidden_gold: bool) -> War {
    /// The map takes longer to make than the war.
    static GROUND: LazyLock<War> = LazyLock::new(|| {
        War::begin(Setup { size: Size::Tiny, tribes: 0, rivals: 0, ..Setup::default() }, 7, 0)
    });
    let setup =
        Setup { size: Size::Tiny, fog, hidden_gold, seats: 4, tribes: 0, rivals: 0, ..Setup::default() };
    let mut war = GROUND.clone();
    war.ground = Arc::new(Ground { setup, map: war.map().clone() });
    war.phase = Phase::War;
    for id in 1..=9_u16 {
        let kind = match id {
            1..=4 => Kind::Player(Seat(u32::from(id))),
            5..=7 => Kind::Tribe,
            _ => Kind::Rival(Seat(Seat::SERVED_FIRST.0 + u32::from(id))),
        };
        war.nations.push(Nation {
            id: NationId(id),
            kind,
            standing: Standing::Alive,
            troops: troops(id, 0),
            part: 0,
            gold: gold(id, 0),
            tiles: 0,
            built: [0; 3],
            home: 0,
            immune_until: 0,
            traitor_until: 0,
            served_until: 0,
            allowance: 0,
            allowance_at: 0,
            grudges: Vec::new(),
        });
        war.news.nations.insert(id);
    }
    for id in 1..=9_u32 {
        land(&mut war, NationId(id as u16), id * 2_500, 5);
    }
    war
}

/// Troops that no other number of a war is like, so that they can be looked for in bytes.
fn troops(id: u16, some: u32) -> u64 {
    0x0512_3450 + (u64::from(some % 0xFFFF) << 4) + u64::from(id)
}

/// Gold of that kind.
fn gold(id: u16, some: u32) -> u64 {
    0x6512_3450 + (u64::from(some % 0xFFFF) << 4) + u64::from(id)
}

/// Gives the land around a tile to somebody.
fn land(war: &mut War, to: NationId, middle: u32, radius: u32) {
    let map = war.map().clone();
    let (x, y) = map.place(Tile(middle % map.len() as u32));
    for y in y.saturating_sub(radius)..=y + radius {
        for x in x.saturating_sub(radius)..=x + radius {
            let Some(tile) = map.at(x, y).filter(|tile| map.is_land(*tile)) else { continue };
            war.give(tile, to);
        }
    }
}

/// Lets something happen. `true` if a step has ended with it.
pub(crate) fn happen(war: &mut War, (kind, a, b, c): Turn, out: &mut Outbox) -> bool {
    let tiles = war.map().len() as u32;
    let id = NationId((a % 9 + 1) as u16);
    let other = NationId((b % 9 + 1) as u16);
    let pair = (id.min(other), id.max(other));
    match kind {
        0..=3 => land(war, id, b % tiles, c % 4),
        4 => land(war, NationId::NOBODY, b % tiles, c % 12),
        5 => {
            war.news.attacks.insert(war.next);
            let front = [(a % 50, b % tiles), (a % 7, c % tiles)].map(std::cmp::Reverse).into();
            let on = NationId((b % 10) as u16);
            let head = c % tiles;
            war.attacks.push(Attack {
                id: war.next,
                from: id,
                on,
                troops: 9,
                front,
                head,
                retreating: false,
                time: u64::from(a % 9_000),
                due: b % 9_000,
            });
            war.next += 1;
        }
        6 if !war.attacks.is_empty() => {
            let at = a as usize % war.attacks.len();
            match b % 3 {
                0 => {
                    war.news.attacks.insert(war.attacks.remove(at).id);
                }
                1 => {
                    war.news.attacks.insert(war.attacks[at].id);
                    war.attacks[at].retreating = true;
                }
                _ => {
                    war.attacks[at].troops = u64::from(c);
                    war.attacks[at].head = c % tiles;
                }
            }
        }
        7 => {
            war.news.boats.insert(war.next);
            let start = c % (tiles - 60);
            let way = (start..start + 2 + b % 50).collect();
            war.boats.push(Boat { id: war.next, owner: id, troops: 5, way, at: 0, turned: false });
            war.next += 1;
        }
        8 if !war.boats.is_empty() => {
            let at = a as usize % war.boats.len();
            war.news.boats.insert(war.boats[at].id);
            if b % 2 == 0 {
                war.boats.remove(at);
            } else {
                war.boats[at].turned = true;
            }
        }
        9 | 10 => {
            let tile = b % tiles;
            let owner = war.land.owner(Tile(tile));
            if owner != NationId::NOBODY {
                let site = [Site::City, Site::Fort, Site::Port][c as usize % 3];
                let building = Building { site, owner, ready: war.step + 1 + c % 30 };
                if let Entry::Vacant(place) = war.sites.entry(tile) {
                    place.insert(building);
                    war.index.site_added(tile, &building, war.step);
                }
                war.news.sites.insert(tile);
            }
        }
        11 => {
            if let Some(tile) = war.sites.keys().nth(a as usize % (war.sites.len() + 1)).copied() {
                land(war, NationId::NOBODY, tile, 0);
            }
        }
        12 | 13 if id != other => {
            war.news.pacts.insert(pair);
            if war.pacts.remove(&pair).is_none() || c % 2 == 0 {
                war.pacts.insert(pair, Pact { until: c % 9_000, renew: (c % 3 == 0, c % 5 == 0) });
            }
        }
        14 if id != other => {
            war.news.asks = true;
            if war.asks.remove(&(id, other)).is_none() {
                war.asks.insert((id, other), c % 9_000);
                war.bans.insert((id, other), c % 99);
            }
        }
        15 => {
            war.news.motions.insert(war.next);
            let voters =
                (1..=9).filter(|voter| c >> voter & 1 == 1).map(|voter| (NationId(voter), None)).collect();
            let kind = [MotionKind::War, MotionKind::Peace, MotionKind::Expel][b as usize % 3];
            war.motions.push(Motion { id: war.next, by: id, kind, about: other, voters, until: c % 9_000 });
            war.next += 1;
        }
        16 if !war.motions.is_empty() => {
            let at = b as usize % war.motions.len();
            war.news.motions.insert(war.motions[at].id);
            match war.motions[at].voters.first_mut() {
                Some((_, vote)) if c % 2 == 0 => *vote = Some(c % 4 == 0),
                _ => {
                    war.motions.remove(at);
                }
            }
        }
        17 => war.news.notices.push(match c % 7 {
            0 => Notice::Beaten(id.0, other.0),
            1 => Notice::Broke(id.0, other.0),
            2 => Notice::Allied(id.0, other.0),
            3 => Notice::Ping(id.0, b % tiles, 3),
            4 => Notice::Gave(id.0, other.0, u64::from(b), u64::from(c)),
            5 => Notice::Decided(b, c % 2 == 0),
            _ => Notice::Landed(id.0, b % tiles),
        }),
        18 => {
            war.news.nations.insert(id.0);
            let nation = war.nation_mut(id).unwrap();
            nation.troops = troops(id.0, b);
            nation.gold = gold(id.0, c);
            nation.home = b % tiles;
            nation.grudges = vec![(other, 5)];
        }
        19 => {
            let nation = war.nation_mut(id).unwrap();
            nation.troops = troops(id.0, b);
            nation.gold = gold(id.0, c);
        }
        _ => {
            step(war, out);
            return true;
        }
    }
    false
}

/// A step in which boats go on and nothing else happens.
pub(crate) fn step(war: &mut War, out: &mut Outbox) {
    war.step += 1;
    war.dice.roll();
    war.fallen.clear();
    war.finish_sites();
    for boat in &mut war.boats {
        boat.at = (boat.at + 1) % boat.way.len() as u32;
    }
    tell::tell(war, out);
}

/// What a seat sees, as its mirror.
pub(crate) fn seen(war: &War, seat: Seat) -> Mirror {
    let mut body = Vec::new();
    view::view(war, seat, &mut body);
    Mirror::read(&body).unwrap()
}

/// Hands a mirror of a seat what it is told. A view is shown to it where an update says that it must be.
pub(crate) fn hear(mirror: &mut Mirror, war: &War, seat: Seat, out: &Outbox) {
    for update in out.updates() {
        let mine = match &update.to {
            kernel::Audience::All => true,
            kernel::Audience::One(one) => *one == seat,
            kernel::Audience::Some(some) => some.contains(&seat),
        };
        if mine && mirror.apply(&update.body).unwrap() == Applied::Missing {
            *mirror = seen(war, seat);
        }
    }
    mirror.notices.clear();
}

/// What two mirrors do not agree on.
pub(crate) fn differences(a: &Mirror, b: &Mirror) -> Vec<String> {
    let mut found = Vec::new();
    if a.owners != b.owners {
        let tiles = a.owners.iter().zip(&b.owners).filter(|(a, b)| a != b).count();
        found.push(format!("owners of {tiles} tiles"));
    }
    macro_rules! parts {
        ($($part:ident),*) => {
            $(if a.$part != b.$part {
                found.push(format!("{}: {:?} and {:?}", stringify!($part), a.$part, b.$part));
            })*
        };
    }
    parts!(
        step, phase, map, setup, me, nations, attacks, boats, sites, pacts, asks, motions, fog, tick, notices
    );
    found
}
