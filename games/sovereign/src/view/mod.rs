//! What a seat sees.

pub(crate) mod fog;
mod observation;

use kernel::Seat;

use crate::bytes::rows::{AttackRow, Bin, BoatRow, NationRow, SiteRow};
use crate::bytes::tiles::{UNSEEN, put_run};
use crate::bytes::whole::{Costs, MapRow, Tick, VIEW_VERSION, Whole};
use crate::index::CELL;
use crate::rules::STEP_MS;
use crate::tuning::{ATTACKS_MAX, BOAT_EVERY, BOATS_MAX};
use crate::{Kind, Nation, Setup, Tile, War, tell};
use fog::Viewer;

/// A seat's whole view; for a computer's seat its observation; for nobody what everybody may see.
pub(crate) fn view(war: &War, seat: Seat, out: &mut Vec<u8>) {
    let me = war.of_seat(seat);
    if let Some(me) = me.filter(|me| matches!(me.kind, Kind::Rival(_))) {
        return observation::observe(war, me, out);
    }
    let whole = match me {
        _ if !tell::is_hidden(war, &war.news) => open(war, me),
        Some(me) => hidden(war, me),
        None => nothing(war),
    };
    out.append(&mut whole.seal());
}

/// What a nation, or nobody, sees of a war in which everybody sees the map.
fn open(war: &War, me: Option<&Nation>) -> Whole {
    let mut owners = Vec::new();
    war.land.each_run(|owner, tiles| put_run(&mut owners, owner, tiles));
    let open_gold = !war.setup().hidden_gold;
    let nation = |nation: &Nation| {
        let gold = (open_gold || me.is_some_and(|me| me.id == nation.id)).then_some(nation.gold);
        NationRow { gold, ..NationRow::of(nation) }
    };
    Whole {
        owners: Bin(owners),
        nations: war.nations.iter().map(nation).collect(),
        attacks: war.attacks.iter().map(AttackRow::of).collect(),
        boats: war.boats.iter().map(BoatRow::of).collect(),
        sites: war.sites.iter().map(|(tile, site)| SiteRow::of(*tile, site)).collect(),
        pacts: tell::all_pacts(war),
        ..frame(war, me)
    }
}

/// What a nation sees under fog: what it was told, as it is now.
fn hidden(war: &War, me: &Nation) -> Whole {
    let viewers = &war.news.told.viewers;
    let blind;
    let viewer = match viewers.binary_search_by_key(&me.id, |viewer| viewer.id) {
        Ok(at) => &viewers[at],
        Err(_) => {
            blind = Viewer::blind(me.id);
            &blind
        }
    };
    let attacks = war.attacks.iter().filter(|attack| viewer.attacks.contains(&attack.id));
    let boats = war.boats.iter().filter(|boat| viewer.boats.contains(&boat.id));
    let sites = war.sites.iter().filter(|(tile, _)| viewer.sees(war, **tile));
    Whole {
        owners: seen(war, viewer),
        nations: war.nations.iter().map(|nation| viewer.nation(war, nation)).collect(),
        attacks: attacks.map(|attack| viewer.attack(war, attack)).collect(),
        boats: boats.map(|boat| viewer.boat(war, boat)).collect(),
        sites: sites.map(|(tile, site)| SiteRow::of(*tile, site)).collect(),
        pacts: viewer.pact_rows(),
        ..frame(war, Some(me))
    }
}

/// The owners of the tiles that a viewer sees.
fn seen(war: &War, viewer: &Viewer) -> Bin {
    let (width, height) = (war.map().width(), war.map().height());
    let mut owners = Vec::new();
    let (mut last, mut count) = (UNSEEN, 0);
    let mut put = |owner: u16, tiles: u32| {
        if owner != last && count > 0 {
            put_run(&mut owners, last, count);
            count = 0;
        }
        last = owner;
        count += tiles;
    };
    for y in 0..height {
        for left in (0..width).step_by(CELL as usize) {
            let tiles = left + y * width..(left + CELL).min(width) + y * width;
            if viewer.sees(war, tiles.start) {
                tiles.for_each(|tile| put(war.land.owner(Tile(tile)).0, 1));
            } else {
                put(UNSEEN, tiles.end - tiles.start);
            }
        }
    }
    put_run(&mut owners, last, count);
    Bin(owners)
}

/// What nobody sees of a hidden war: that there is one.
pub(crate) fn nothing(war: &War) -> Whole {
    let mut owners = Vec::new();
    put_run(&mut owners, UNSEEN, war.map().len() as u32);
    Whole { owners: Bin(owners), ..frame(war, None) }
}

/// What is in every view.
fn frame(war: &War, me: Option<&Nation>) -> Whole {
    let map = war.map();
    Whole {
        v: VIEW_VERSION,
        step: war.step,
        phase: tell::phase(war.phase),
        map: MapRow { w: map.width(), h: map.height(), seed: map.seed().to_string(), ground: map.mark() },
        // The map's seed is said as text: a page's numbers are not wide enough.
        setup: Setup { map: None, ..war.setup().clone() },
        me: me.map_or(0, |me| me.id.0),
        asks: me.map_or_else(Vec::new, |me| tell::asks_of(war, me)),
        motions: me.map_or_else(Vec::new, |me| tell::motions_of(war, me)),
        fog: tell::is_hidden(war, &war.news),
        tick: tick(war, me),
        ..Whole::default()
    }
}

/// Prices and bounds.
fn tick(war: &War, me: Option<&Nation>) -> Tick {
    let [city, fort, port] = me.map_or([0; 3], |me| war.prices(me.id));
    Tick {
        costs: Costs { city, fort, port },
        cap: me.map_or(0, |me| war.cap(me.id)),
        max_boats: BOATS_MAX as u32,
        max_attacks: ATTACKS_MAX as u32,
        boat_steps: BOAT_EVERY,
        step_ms: STEP_MS,
    }
}
