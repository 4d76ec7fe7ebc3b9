//! Updates of a war with fog: one for each player's nation, of what it sees and no more. Every seat gets one in every
//! step, even if there is nothing to tell: that something was told is no sign of what goes on where nobody looks.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::Outbox;

use super::{figures_of, is_something, phase, some, turn};
use crate::bytes::attacks::{self, AttackTold};
use crate::bytes::rows::{Bin, BoatRow, NationRow, PactRow, SiteRow, Told as Row};
use crate::bytes::tiles::{self, Codes, UNSEEN};
use crate::bytes::update::{Figures, Update};
use crate::bytes::{boats, pacts};
use crate::news::{News, Notice};
use crate::view::fog::Viewer;
use crate::{Kind, NationId, Phase, War};

/// The map of this war is hidden, and still so.
pub(crate) fn is_hidden(war: &War, news: &News) -> bool {
    war.setup().fog && !news.told.lifted
}

/// Tells each player's seat what it sees.
pub(super) fn tell(war: &War, news: &mut News, out: &mut Outbox) {
    if let Phase::Over(..) = war.phase {
        // Everybody may see everything now: whoever hears this asks for a view, because it builds on itself.
        out.all(phase_alone(war, war.step).seal());
        news.told.step = war.step;
        news.told.lifted = true;
        news.told.viewers = Arc::default();
        news.told.standings = Vec::new();
        return;
    }
    if !is_something(war, news) && war.phase != Phase::War {
        return;
    }
    let before = std::mem::take(&mut news.told.viewers);
    let mut viewers = Vec::with_capacity(before.len());
    let standings: Vec<u8> = war.nations.iter().map(|nation| NationRow::name(nation).standing).collect();
    for nation in &war.nations {
        let Kind::Player(seat) = nation.kind else { continue };
        let now = Viewer::look(war, nation.id);
        if out.is_heard() {
            let blind;
            let told = match before.binary_search_by_key(&nation.id, |viewer| viewer.id) {
                Ok(at) => &before[at],
                Err(_) => {
                    blind = Viewer::blind(nation.id);
                    &blind
                }
            };
            let update = Difference { war, news, told, now: &now, standings: &standings }.update();
            out.one(seat, update.seal());
        }
        viewers.push(now);
    }
    if news.phase && out.is_heard() {
        // For those who see nothing; players know it already.
        out.all(phase_alone(war, news.told.step).seal());
    }
    news.told.viewers = Arc::new(viewers);
    news.told.standings = standings;
    news.told.step = war.step;
}

/// That the phase is another, and nothing else.
fn phase_alone(war: &War, since: u32) -> Update {
    Update { step: Some(war.step), since: Some(since), phase: Some(phase(war.phase)), ..Update::default() }
}

/// From what a viewer was told to what it sees now.
struct Difference<'a> {
    war: &'a War,
    news: &'a News,
    told: &'a Viewer,
    now: &'a Viewer,
    standings: &'a [u8],
}

impl Difference<'_> {
    fn update(&self) -> Update {
        let Self { war, news, .. } = *self;
        Update {
            step: Some(war.step),
            since: Some(news.told.step),
            tiles: self.tiles(),
            figures: self.figures(),
            attacks: self.attacks(),
            boats: self.boats(),
            sites: some(self.sites()),
            pacts: self.pacts(),
            notices: some(news.notices.iter().filter_map(|notice| self.notice(*notice)).collect()),
            phase: news.phase.then(|| phase(war.phase)),
            nations: some(self.nations()),
            ..Update::default()
        }
    }

    fn tiles(&self) -> Option<Bin> {
        let Self { war, news, told, now, .. } = *self;
        let map = war.map();
        let codes = Codes::new(map.width(), map.height());
        let change = |owner: u16, tile: crate::Tile| tiles::change(owner, codes.code(tile.0));
        let mut changes = Vec::new();
        for cell in now.seen.without(&told.seen) {
            changes.extend(map.cell_tiles(cell).map(|tile| change(war.land.owner(tile).0, tile)));
        }
        for cell in told.seen.without(&now.seen) {
            changes.extend(map.cell_tiles(cell).map(|tile| change(UNSEEN, tile)));
        }
        let seen = news.tiles.iter().filter(|tile| now.sees(war, tile.0));
        changes.extend(seen.map(|tile| change(war.land.owner(*tile).0, *tile)));
        (!changes.is_empty()).then(|| Bin(tiles::pack(changes)))
    }

    fn figures(&self) -> Option<Bin> {
        let open_gold = !self.war.setup().hidden_gold;
        let mut figures = Figures::default();
        for nation in turn(self.war).filter(|nation| self.now.knows(nation.id)) {
            let gold = open_gold.then_some(nation.gold);
            figures.push(nation.id.0, Some(nation.troops), gold, Some(nation.tiles));
        }
        figures.done()
    }

    /// Nations that came into sight or went out of it, and those of which there is news: of the unknown only whether
    /// they live.
    fn nations(&self) -> Vec<NationRow> {
        let Self { war, news, told, now, standings } = *self;
        let is_new = |nation: &&crate::Nation| {
            let at = usize::from(nation.id.0) - 1;
            told.knows(nation.id) != now.knows(nation.id)
                || news.told.standings.get(at) != standings.get(at)
                || (now.knows(nation.id) && news.nations.contains(&nation.id.0))
        };
        let row = |nation| {
            let mut row = now.nation(war, nation);
            // One's own gold is told to the seat alone, in its private update.
            if war.setup().hidden_gold {
                row.gold = None;
            }
            row
        };
        war.nations.iter().filter(is_new).map(row).collect()
    }

    fn attacks(&self) -> Option<Bin> {
        let Self { war, news, told, now, .. } = *self;
        // Whom it knows has changed, and so has what it is told of each.
        let all = told.known != now.known || !news.pacts.is_empty();
        let gone = told.attacks.difference(&now.attacks).map(|id| (*id, AttackTold::Gone));
        let mut words: BTreeMap<u32, AttackTold> = gone.collect();
        let seen = war.attacks.iter().filter(|attack| now.attacks.contains(&attack.id));
        words.extend(seen.filter_map(|attack| {
            let row = now.attack(war, attack);
            let whole = all || news.attacks.contains(&attack.id) || !told.attacks.contains(&attack.id);
            Some((attack.id, if whole { AttackTold::Is(row) } else { figures_of(war, news, attack, &row)? }))
        }));
        attacks::pack(words).map(Bin)
    }

    fn boats(&self) -> Option<Bin> {
        let Self { war, news, told, now, .. } = *self;
        let mut words: BTreeMap<u32, Option<BoatRow>> =
            told.boats.difference(&now.boats).map(|id| (*id, None)).collect();
        let seen = war.boats.iter().filter(|boat| now.boats.contains(&boat.id));
        let is_told = |boat: &&crate::Boat| {
            // Of others' boats only the place is told, so that it is told again and again.
            let foreign = !now.is_with(war, boat.owner);
            foreign
                || news.boats.contains(&boat.id)
                || !told.boats.contains(&boat.id)
                || !news.pacts.is_empty()
        };
        words.extend(seen.filter(is_told).map(|boat| (boat.id, Some(now.boat(war, boat)))));
        boats::pack(words).map(Bin)
    }

    /// Alliances that are otherwise than it was told, or that it hears of now, or no more.
    fn pacts(&self) -> Option<Bin> {
        let Self { told, now, .. } = *self;
        let name = |(a, b): &(NationId, NationId)| (a.0, b.0);
        let gone = told.pacts.keys().filter(|pair| !now.pacts.contains_key(*pair));
        let mut words: BTreeMap<_, _> = gone.map(|pair| (name(pair), None)).collect();
        let new = now.pacts.iter().filter(|(pair, pact)| told.pacts.get(*pair) != Some(*pact));
        words.extend(new.map(|(pair, pact)| (name(pair), Some(PactRow::of(*pair, pact)))));
        pacts::pack(words).map(Bin)
    }

    /// Buildings in cells that came into sight, and those of which there is news. A reader forgets by itself what stood
    /// where it sees nothing any more.
    fn sites(&self) -> Vec<Row<SiteRow>> {
        let Self { war, news, told, now, .. } = *self;
        let row = |tile: u32| match war.sites.get(&tile) {
            Some(site) => Row::Is(SiteRow::of(tile, site)),
            None => Row::Gone((tile,)),
        };
        let revealed = now.seen.without(&told.seen).flat_map(|cell| war.map().cell_tiles(cell));
        let mut rows: Vec<_> =
            revealed.filter(|tile| war.sites.contains_key(&tile.0)).map(|tile| row(tile.0)).collect();
        let known = |tile: &&u32| told.sees(war, **tile) && now.sees(war, **tile);
        rows.extend(news.sites.iter().filter(known).map(|tile| row(*tile)));
        rows
    }

    /// What this viewer hears of what happened.
    fn notice(&self, notice: Notice) -> Option<Vec<u64>> {
        let Self { war, news, now, .. } = *self;
        let knows = |id: u16| now.knows(NationId(id)) || now.is_with(war, NationId(id));
        let heard = match notice {
            Notice::Beaten(by, who) => {
                let by = if knows(by) { by } else { 0 };
                return Some(Notice::Beaten(by, who).row());
            }
            Notice::Broke(a, b) | Notice::Allied(a, b) => knows(a) && knows(b),
            Notice::Landed(owner, tile) => now.is_with(war, NationId(owner)) || now.sees(war, tile),
            Notice::Decided(motion, _) => {
                let votes = |motion: &&crate::Motion| {
                    motion.by == now.id || motion.voters.iter().any(|(id, _)| *id == now.id)
                };
                news.told.motions.iter().filter(votes).any(|told| told.id == motion)
            }
            Notice::Ping(..) | Notice::Gave(..) => false,
        };
        heard.then(|| notice.row())
    }
}
