//! What concerns one seat alone: its treasury, who asks it for an alliance, what it may vote on, signs and gifts.

use std::collections::BTreeSet;

use kernel::Outbox;

use super::some;
use crate::bytes::rows::{AskRow, MotionRow};
use crate::bytes::update::Update;
use crate::news::{News, Notice};
use crate::{Kind, Nation, NationId, War};

/// Tells each player's seat what is new to it.
pub(super) fn tell(war: &War, news: &mut News, out: &mut Outbox) {
    let asks = if news.asks { asked(war, news) } else { BTreeSet::new() };
    let motions = if war.motions == news.told.motions { BTreeSet::new() } else { moved(war, news) };
    if out.is_heard() {
        let turn: BTreeSet<u16> = super::turn(war).map(|nation| nation.id.0).collect();
        for nation in &war.nations {
            let Kind::Player(seat) = nation.kind else { continue };
            let id = nation.id;
            let money = turn.contains(&id.0) || news.nations.contains(&id.0);
            let notices: Vec<_> = news
                .notices
                .iter()
                .filter(|notice| concerns(war, id, **notice))
                .map(|notice| notice.row())
                .collect();
            let update = Update {
                my_step: Some(war.step),
                my_gold: money.then_some(nation.gold),
                my_troops: money.then_some(nation.troops),
                my_cap: money.then(|| war.cap(id)),
                my_costs: money.then(|| {
                    let [city, fort, port] = war.prices(id);
                    (city, fort, port)
                }),
                my_asks: asks.contains(&id).then(|| asks_of(war, nation)),
                my_motions: motions.contains(&id).then(|| motions_of(war, nation)),
                my_notices: some(notices),
                ..Update::default()
            };
            if update != (Update { my_step: Some(war.step), ..Update::default() }) {
                out.one(seat, update.seal());
            }
        }
    }
    if news.asks {
        news.told.asks.clone_from(&war.asks);
    }
    if war.motions != news.told.motions {
        news.told.motions.clone_from(&war.motions);
    }
}

/// Nations whose requests are others than they were told.
fn asked(war: &War, news: &News) -> BTreeSet<NationId> {
    let told = &news.told.asks;
    let new = war.asks.iter().filter(|(pair, until)| told.get(*pair) != Some(*until));
    let gone = told.iter().filter(|(pair, _)| !war.asks.contains_key(*pair));
    new.chain(gone).flat_map(|((from, to), _)| [*from, *to]).collect()
}

/// Nations whose motions are others than they were told.
fn moved(war: &War, news: &News) -> BTreeSet<NationId> {
    let told = &news.told.motions;
    let new = war.motions.iter().filter(|motion| !told.contains(motion));
    let gone = told.iter().filter(|motion| !war.motions.contains(motion));
    new.chain(gone).flat_map(|motion| motion.voters.iter().map(|(id, _)| *id).chain([motion.by])).collect()
}

/// The requests that concern a nation.
pub(crate) fn asks_of(war: &War, nation: &Nation) -> Vec<AskRow> {
    let concern = |(from, to): &(NationId, NationId)| *from == nation.id || *to == nation.id;
    let row =
        |((from, to), until): (&(NationId, NationId), &u32)| AskRow { from: from.0, to: to.0, until: *until };
    war.asks.iter().filter(|(pair, _)| concern(pair)).map(row).collect()
}

/// The motions that a nation may vote on, or has moved.
pub(crate) fn motions_of(war: &War, nation: &Nation) -> Vec<MotionRow> {
    let concern = |motion: &&crate::Motion| {
        motion.by == nation.id || motion.voters.iter().any(|(id, _)| *id == nation.id)
    };
    war.motions.iter().filter(concern).map(MotionRow::of).collect()
}

/// A nation is to hear of something that not everybody hears.
fn concerns(war: &War, id: NationId, notice: Notice) -> bool {
    match notice {
        Notice::Ping(by, ..) => id.0 == by || war.allied(id, NationId(by)),
        Notice::Gave(from, to, ..) => id.0 == from || id.0 == to,
        _ => false,
    }
}
