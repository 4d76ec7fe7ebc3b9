//! What computer nations remember: who struck them, and who broke a word. It fades.

use crate::{Kind, Nation, NationId, War};

/// Nations that one holds a grudge against.
const GRUDGES_MAX: usize = 16;
/// The deepest grudge.
const DEEPEST: u16 = 1_000;
/// What a broken word leaves.
const BETRAYAL: u16 = 600;
/// What allies of the betrayed remember.
const BETRAYAL_OF_A_FRIEND: u16 = 200;

/// Somebody sends troops against a nation. A computer nation remembers it by how much it was.
pub(crate) fn struck(war: &mut War, by: NationId, on: NationId, troops: u64) {
    let Some(nation) = war.nation_mut(on).filter(|nation| matches!(nation.kind, Kind::Rival(_))) else {
        return;
    };
    let weight = super::per_mille(troops, nation.troops).clamp(20, 300) as u16;
    resent(nation, by, weight);
}

/// Somebody broke an alliance. The betrayed and its computer allies remember it.
pub(crate) fn betrayed(war: &mut War, by: NationId, with: NationId) {
    let friends: Vec<NationId> = war.allies(with).filter(|friend| *friend != by).collect();
    for (id, weight) in
        friends.into_iter().map(|friend| (friend, BETRAYAL_OF_A_FRIEND)).chain([(with, BETRAYAL)])
    {
        if let Some(nation) = war.nation_mut(id).filter(|nation| matches!(nation.kind, Kind::Rival(_))) {
            resent(nation, by, weight);
        }
    }
}

/// Deepens a grudge. The lightest one makes room when there are too many.
fn resent(nation: &mut Nation, by: NationId, weight: u16) {
    let grudges = &mut nation.grudges;
    match grudges.binary_search_by_key(&by, |(whom, _)| *whom) {
        Ok(place) => grudges[place].1 = grudges[place].1.saturating_add(weight).min(DEEPEST),
        Err(place) => grudges.insert(place, (by, weight.min(DEEPEST))),
    }
    if grudges.len() > GRUDGES_MAX {
        let lightest = (0..grudges.len()).min_by_key(|place| grudges[*place].1);
        lightest.map(|place| grudges.remove(place));
    }
}

/// A turn passes: a part of every grudge fades.
pub(super) fn fade(nation: &mut Nation) {
    for (_, weight) in &mut nation.grudges {
        *weight -= (*weight / 48).max(1).min(*weight);
    }
    nation.grudges.retain(|(_, weight)| *weight > 0);
}

/// How deep a nation's grudge against another is: 0 to 1,000.
pub(super) fn depth(nation: &Nation, whom: NationId) -> u64 {
    let place = nation.grudges.binary_search_by_key(&whom, |(whom, _)| *whom);
    place.map_or(0, |place| nation.grudges[place].1.into())
}
