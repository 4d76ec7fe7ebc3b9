//! What changed in a step, told to everybody with one encoding; and to some what concerns them alone.
//!
//! Everything that is told is so *now*: an update names no differences, so it does no harm to whoever knows more already.
//! Troops and gold change in every step and are told in turns, each nation's about once a second.

mod fogged;
mod private;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod tests;

pub(crate) use fogged::is_hidden;
pub(crate) use private::{asks_of, motions_of};

use std::collections::BTreeMap;

use kernel::Outbox;

use crate::bytes::attacks::{self, AttackTold};
use crate::bytes::rows::{AttackRow, Bin, BoatRow, NationRow, PactRow, SiteRow, Told};
use crate::bytes::tiles::{self, Codes};
use crate::bytes::update::{Figures, Update};
use crate::bytes::{boats, pacts};
use crate::news::News;
use crate::tuning::{HEAD_STEPS, TURN_STEPS};
use crate::{Attack, NationId, Phase, War};

/// Tells what the step changed and forgets it.
pub(crate) fn tell(war: &mut War, out: &mut Outbox) {
    let mut news = std::mem::take(&mut war.news);
    if is_hidden(war, &news) {
        fogged::tell(war, &mut news, out);
    } else if is_something(war, &news) {
        if out.is_heard() {
            out.all(everybody(war, &news).seal());
        }
        news.told.step = war.step;
    }
    // Last: it forgets the motions that were told before, and who is to hear what became of them.
    private::tell(war, &mut news, out);
    news.clear();
    war.news = news;
}

/// Is there something to tell everybody? The same whether or not anybody hears.
fn is_something(war: &War, news: &News) -> bool {
    let lists = [&news.attacks, &news.troops, &news.boats, &news.sites];
    !news.tiles.is_empty()
        || lists.iter().any(|list| !list.is_empty())
        || !news.nations.is_empty()
        || !news.pacts.is_empty()
        || news.phase
        || news.notices.iter().any(|notice| !notice.is_private())
        || turn(war).next().is_some()
        || war.attacks.iter().any(|attack| has_turn(war, attack.id))
}

/// What is left of an attack of this number is told in this step.
fn has_turn(war: &War, id: u32) -> bool {
    war.phase == Phase::War && war.is_turn(id, war.step, TURN_STEPS)
}

/// The nations whose figures are told in this step.
fn turn(war: &War) -> impl Iterator<Item = &crate::Nation> {
    let turn = if war.phase == Phase::War { war.turn_of(war.step, TURN_STEPS) } else { None };
    let (first, of) = turn.unwrap_or((u32::MAX, 1));
    war.nations.iter().skip(first as usize).step_by(of as usize).filter(|nation| nation.is_alive())
}

/// The update for everybody: nothing in it depends on who reads.
fn everybody(war: &War, news: &News) -> Update {
    let open_gold = !war.setup().hidden_gold;
    let mut figures = Figures::default();
    for nation in turn(war) {
        figures.push(nation.id.0, Some(nation.troops), open_gold.then_some(nation.gold), None);
    }
    let nations = news
        .nations
        .iter()
        .filter_map(|id| war.nation(NationId(*id)))
        .map(|nation| NationRow { gold: open_gold.then_some(nation.gold), ..NationRow::of(nation) });
    Update {
        step: Some(war.step),
        since: Some(news.told.step),
        tiles: changed_tiles(war, news),
        figures: figures.done(),
        attacks: changed_attacks(war, news),
        boats: changed_boats(war, news),
        sites: some(sites(war, news)),
        pacts: changed_pacts(war, news),
        notices: some(
            news.notices.iter().filter(|notice| !notice.is_private()).map(|notice| notice.row()).collect(),
        ),
        phase: news.phase.then(|| phase(war.phase)),
        nations: some(nations.collect()),
        ..Update::default()
    }
}

/// A list, if there is something in it.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn changed_tiles(war: &War, news: &News) -> Option<Bin> {
    if news.tiles.is_empty() {
        return None;
    }
    let codes = Codes::new(war.map().width(), war.map().height());
    let change = |tile: &crate::Tile| tiles::change(war.land.owner(*tile).0, codes.code(tile.0));
    Some(Bin(tiles::pack(news.tiles.iter().map(change).collect())))
}

/// What is told of attacks: all of those that are new or otherwise, and what is left of those whose turn it is.
fn changed_attacks(war: &War, news: &News) -> Option<Bin> {
    let gone = news.attacks.iter().map(|id| (*id, AttackTold::Gone));
    let mut told: BTreeMap<u32, AttackTold> = gone.collect();
    told.extend(war.attacks.iter().filter_map(|attack| {
        let row = AttackRow::of(attack);
        let whole = news.attacks.contains(&attack.id);
        Some((attack.id, if whole { AttackTold::Is(row) } else { figures_of(war, news, attack, &row)? }))
    }));
    attacks::pack(told).map(Bin)
}

/// What is left of an attack that its reader knows, and where it is, if that is told in this step.
fn figures_of(war: &War, news: &News, attack: &Attack, row: &AttackRow) -> Option<AttackTold> {
    if !has_turn(war, attack.id) && !news.troops.contains(&attack.id) {
        return None;
    }
    let struck = war.is_turn(attack.id, war.step, HEAD_STEPS);
    Some(if struck { AttackTold::Struck(row.troops, row.head) } else { AttackTold::Troops(row.troops) })
}

fn changed_boats(war: &War, news: &News) -> Option<Bin> {
    let boat = |id: &u32| war.boats.binary_search_by_key(id, |boat| boat.id).map(|at| &war.boats[at]);
    boats::pack(news.boats.iter().map(|id| (*id, boat(id).ok().map(BoatRow::of)))).map(Bin)
}

fn changed_pacts(war: &War, news: &News) -> Option<Bin> {
    let row = |pair: &(NationId, NationId)| {
        ((pair.0.0, pair.1.0), war.pacts.get(pair).map(|pact| PactRow::of(*pair, pact)))
    };
    pacts::pack(news.pacts.iter().map(row)).map(Bin)
}

fn sites(war: &War, news: &News) -> Vec<Told<SiteRow>> {
    let row = |tile: &u32| match war.sites.get(tile) {
        Some(site) => Told::Is(SiteRow::of(*tile, site)),
        None => Told::Gone((*tile,)),
    };
    news.sites.iter().map(row).collect()
}

/// All alliances.
pub(crate) fn all_pacts(war: &War) -> Vec<PactRow> {
    war.pacts.iter().map(|(pair, pact)| PactRow::of(*pair, pact)).collect()
}

/// The phase in numbers.
pub(crate) fn phase(phase: Phase) -> Vec<u32> {
    match phase {
        Phase::Choosing(until) => vec![0, until],
        Phase::War => vec![1],
        Phase::Over(since, winner) => vec![2, since, winner.0.into()],
    }
}
