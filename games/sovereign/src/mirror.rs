//! A client in small: what a view and the updates after it say, put together. Tests hold it against the war; computer
//! players and load tests play from it. It knows nothing that was not sent.

use std::collections::BTreeMap;

use kernel::Unreadable;

use crate::Setup;
use crate::bytes::attacks::{self, AttackTold};
pub use crate::bytes::rows::{AskRow, AttackRow, BoatRow, MotionRow, NationRow, PactRow, SiteRow};
use crate::bytes::rows::{Bin, Told};
use crate::bytes::tiles::{self, Codes, UNSEEN};
use crate::bytes::update::{Figures, Update};
use crate::bytes::whole::Whole;
pub use crate::bytes::whole::{Costs, MapRow, Tick};
use crate::bytes::{boats, body, pacts};

/// Tiles of a map that a mirror takes.
const TILES_MAX: u64 = 4_000_000;

/// What an update was to a mirror.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applied {
    /// It is in.
    Now,
    /// It was known already.
    Old,
    /// Updates before it are missing: a view is to be asked for.
    Missing,
}

/// What a client knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mirror {
    /// The step up to which everything is known.
    pub step: u32,
    /// 0 and until when, 1, or 2, since when and who has won.
    pub phase: Vec<u32>,
    /// The map.
    pub map: MapRow,
    /// How the war began.
    pub setup: Setup,
    /// The reader's nation, or 0.
    pub me: u16,
    /// Who owns which tile, row by row; [`Mirror::UNSEEN`] where that is not known.
    pub owners: Vec<u16>,
    /// By number.
    pub nations: BTreeMap<u16, NationRow>,
    /// By number.
    pub attacks: BTreeMap<u32, AttackRow>,
    /// By number.
    pub boats: BTreeMap<u32, BoatRow>,
    /// By tile.
    pub sites: BTreeMap<u32, SiteRow>,
    /// All alliances.
    pub pacts: Vec<PactRow>,
    /// Requests to and of the reader.
    pub asks: Vec<AskRow>,
    /// What the reader may vote on.
    pub motions: Vec<MotionRow>,
    /// Some of the map is hidden.
    pub fog: bool,
    /// Prices and bounds.
    pub tick: Tick,
    /// What happened in the last update: the kind of notice, then its numbers.
    pub notices: Vec<Vec<u64>>,
}

impl Mirror {
    /// The owner of a tile that the reader does not see.
    pub const UNSEEN: u16 = UNSEEN;

    /// Reads a view. Any bytes may come.
    pub fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let whole = Whole::unseal(body)?;
        let tiles = u64::from(whole.map.w) * u64::from(whole.map.h);
        if tiles == 0 || tiles > TILES_MAX {
            return Err(Unreadable("a view's map has no tiles, or too many".into()));
        }
        let owners = tiles::read_runs(&whole.owners.0, tiles as usize)
            .ok_or_else(|| Unreadable("a view's owners do not cover its map".into()))?;
        Ok(Self {
            step: whole.step,
            phase: whole.phase,
            map: whole.map,
            setup: whole.setup,
            me: whole.me,
            owners,
            nations: whole.nations.into_iter().map(|row| (row.id, row)).collect(),
            attacks: whole.attacks.into_iter().map(|row| (row.id, row)).collect(),
            boats: whole.boats.into_iter().map(|row| (row.id, row)).collect(),
            sites: whole.sites.into_iter().map(|row| (row.tile, row)).collect(),
            pacts: whole.pacts,
            asks: whole.asks,
            motions: whole.motions,
            fog: whole.fog,
            tick: whole.tick,
            notices: Vec::new(),
        })
    }

    /// Takes an update in. Any bytes may come; what cannot be read changes nothing.
    pub fn apply(&mut self, body: &[u8]) -> Result<Applied, Unreadable> {
        let update = Update::unseal(body)?;
        match (update.step, update.since, update.my_step) {
            (Some(step), Some(since), _) => self.public(step, since, update),
            (_, _, Some(step)) => Ok(self.private(step, update)),
            _ => Err(Unreadable("an update names no step".into())),
        }
    }

    fn public(&mut self, step: u32, since: u32, update: Update) -> Result<Applied, Unreadable> {
        if step <= self.step {
            return Ok(Applied::Old);
        }
        if since > self.step {
            return Ok(Applied::Missing);
        }
        let bad = || Unreadable("an update's runs cannot be read".into());
        let codes = Codes::new(self.map.w, self.map.h);
        if let Some(tiles) = &update.tiles {
            // Once to see that it can be read, so that half an update never stands.
            tiles::unpack(codes, &tiles.0, |_, _| {}).ok_or_else(bad)?;
        }
        if let Some(figures) = &update.figures {
            Figures::read(&figures.0, |_, _, _, _| {}).ok_or_else(bad)?;
        }
        let told_attacks = attacks::unpack(bytes(&update.attacks)).ok_or_else(bad)?;
        let told_boats = boats::unpack(bytes(&update.boats)).ok_or_else(bad)?;
        let told_pacts = pacts::unpack(bytes(&update.pacts)).ok_or_else(bad)?;
        if let Some(tiles) = &update.tiles {
            let (owners, nations, counts) = (&mut self.owners, &mut self.nations, !self.fog);
            let mut count = |id: u16, by: i32| {
                if let Some(tiles) =
                    nations.get_mut(&id).and_then(|row| row.tiles.as_mut()).filter(|_| counts)
                {
                    *tiles = tiles.saturating_add_signed(by);
                }
            };
            let sites = &mut self.sites;
            let give = |owner: u16, tile: u32| {
                if owner == UNSEEN {
                    // What stood there may be gone tomorrow, and nobody would say so.
                    sites.remove(&tile);
                }
                let before = std::mem::replace(&mut owners[tile as usize], owner);
                count(before, -1);
                count(owner, 1);
            };
            tiles::unpack(codes, &tiles.0, give).ok_or_else(bad)?;
        }
        for row in update.nations.into_iter().flatten() {
            // Gold that is left out for everybody is still known to its owner.
            let mine = self.nations.get(&row.id).filter(|_| row.id == self.me).and_then(|me| me.gold);
            self.nations.insert(row.id, NationRow { gold: row.gold.or(mine), ..row });
        }
        if let Some(figures) = &update.figures {
            let figure = |id: u16, troops: Option<u64>, gold: Option<u64>, tiles: Option<u32>| {
                if let Some(row) = self.nations.get_mut(&id) {
                    row.troops = troops.or(row.troops);
                    row.gold = gold.or(row.gold);
                    row.tiles = tiles.or(row.tiles);
                }
            };
            Figures::read(&figures.0, figure).ok_or_else(bad)?;
        }
        for (id, told) in told_attacks {
            self.attack(id, told);
        }
        for (id, boat) in told_boats {
            match boat {
                Some(boat) => _ = self.boats.insert(id, boat),
                None => _ = self.boats.remove(&id),
            }
        }
        for site in update.sites.into_iter().flatten() {
            match site {
                Told::Is(row) => _ = self.sites.insert(row.tile, row),
                Told::Gone((tile,)) => _ = self.sites.remove(&tile),
            }
        }
        for (pair, pact) in told_pacts {
            match (self.pacts.binary_search_by_key(&pair, |pact| (pact.a, pact.b)), pact) {
                (Ok(at), Some(pact)) => self.pacts[at] = pact,
                (Ok(at), None) => _ = self.pacts.remove(at),
                (Err(at), Some(pact)) => self.pacts.insert(at, pact),
                (Err(_), None) => {}
            }
        }
        if let Some(phase) = update.phase {
            self.phase = phase;
        }
        self.notices = update.notices.unwrap_or_default();
        self.step = step;
        Ok(Applied::Now)
    }

    /// What is told of an attack. Only the whole of it tells of one that was not known.
    fn attack(&mut self, id: u32, told: AttackTold) {
        match (told, self.attacks.get_mut(&id)) {
            (AttackTold::Gone, _) => _ = self.attacks.remove(&id),
            (AttackTold::Is(row), _) => _ = self.attacks.insert(id, row),
            (AttackTold::Troops(troops), Some(attack)) => attack.troops = troops,
            (AttackTold::Struck(troops, head), Some(attack)) => {
                (attack.troops, attack.head) = (troops, head);
            }
            (AttackTold::Troops(_) | AttackTold::Struck(..), None) => {}
        }
    }

    /// A private update is for whoever reads it, and says how things are: only an older one is of no use.
    fn private(&mut self, step: u32, update: Update) -> Applied {
        if step < self.step {
            return Applied::Old;
        }
        if let Some(me) = self.nations.get_mut(&self.me) {
            me.gold = update.my_gold.or(me.gold);
            me.troops = update.my_troops.or(me.troops);
        }
        self.asks = update.my_asks.unwrap_or(std::mem::take(&mut self.asks));
        self.motions = update.my_motions.unwrap_or(std::mem::take(&mut self.motions));
        self.tick.cap = update.my_cap.unwrap_or(self.tick.cap);
        if let Some((city, fort, port)) = update.my_costs {
            self.tick.costs = Costs { city, fort, port };
        }
        self.notices.extend(update.my_notices.into_iter().flatten());
        Applied::Now
    }
}

/// How many tiles an update gives to somebody else, and in how many of its bytes: of a deflated one, their part of them.
pub fn tiles_of(body: &[u8]) -> Result<(u64, u64), Unreadable> {
    let pack = body::unseal(body)?;
    let update = Update::unseal(body)?;
    let Some(bytes) = &update.tiles else { return Ok((0, 0)) };
    let mut count = 0;
    // The positions do not matter here, so any map that holds them all does.
    tiles::unpack(Codes::new(2_048, 2_048), &bytes.0, |_, _| count += 1)
        .ok_or_else(|| Unreadable("an update's runs cannot be read".into()))?;
    Ok((count, (bytes.0.len() * body.len() / pack.len().max(1)) as u64))
}

/// The bytes of a list, if there is one.
fn bytes(list: &Option<Bin>) -> &[u8] {
    list.as_ref().map_or(&[], |list| &list.0)
}
