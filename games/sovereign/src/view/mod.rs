//! What a seat sees.

use kernel::Seat;

use crate::bytes::rows::{AttackRow, Bin, BoatRow, NationRow, SiteRow};
use crate::bytes::tiles::put_run;
use crate::bytes::whole::{Costs, MapRow, Tick, VIEW_VERSION, Whole};
use crate::rules::STEP_MS;
use crate::tuning::{ATTACKS_MAX, BOAT_EVERY, BOATS_MAX};
use crate::{Nation, Setup, War, tell};

/// A seat's whole view; for a computer's seat its observation; for nobody what everybody may see.
pub(crate) fn view(war: &War, seat: Seat, out: &mut Vec<u8>) {
    let me = war.of_seat(seat);
    out.append(&mut open(war, me).seal());
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
        pacts: tell::pacts(war),
        ..frame(war, me)
    }
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
        fog: war.setup().fog,
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
