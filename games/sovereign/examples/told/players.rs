//! Who plays: a plan that strikes at the weakest, or the players of `swarm bench sovereign`, who try anything.

use kernel::{At, Event, Outbox, Rules, Seat};
use sovereign::{Command, NationId, Phase, Site, Sovereign, Tile, War};

/// Tiles of a nation's border that are places to build on.
const PLACES_MAX: usize = 8;

/// The players of a war.
#[derive(Clone)]
pub enum Players {
    /// Each strikes every three seconds at the weakest beside it.
    Plan,
    /// A command a second each, as the load test's players give them.
    Bench(Dice),
}

/// Numbers by chance, the same in each run.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

impl Players {
    /// The commands of a step, and the step.
    pub fn step(&mut self, war: &mut War, out: &mut Outbox) {
        let rules = Sovereign;
        let (then, now) = (at(u64::from(war.step())), at(u64::from(war.step()) + 1));
        let every = match self {
            Self::Plan => 60,
            Self::Bench(_) => 20,
        };
        let turn = war.step() % every;
        for seat in (0..u32::from(war.setup().seats)).filter(|seat| seat % every == turn) {
            let command = match self {
                Self::Plan => plan(war, Seat(seat)),
                Self::Bench(dice) => anything(war, Seat(seat), dice),
            };
            let Some(command) = command else { continue };
            let event = Event::Command { seat: Seat(seat), command };
            if rules.validate(war, then, &event).is_ok() {
                rules.execute(war, then, event, out);
            }
        }
        if war.step().is_multiple_of(20) {
            rules.execute(war, then, Event::Advance, out);
        }
        rules.pass(war, now, out);
    }
}

/// Strikes at wild land while there is any beside it, else at the weakest neighbour.
fn plan(war: &War, seat: Seat) -> Option<Command> {
    let nation = war.of_seat(seat).filter(|nation| nation.is_alive())?;
    if nation.troops * 4 < war.cap(nation.id) {
        return None;
    }
    let strength = |id: NationId| war.nation(id).map_or(0, |other| other.troops);
    let weakest =
        war.contacts(nation.id).iter().map(|contact| contact.0).min_by_key(|&id| (strength(id), id))?;
    Some(Command::Attack { on: weakest.0, share: 250 })
}

/// What a player of the load test does: what it may not do is refused.
fn anything(war: &War, seat: Seat, dice: &mut Dice) -> Option<Command> {
    let me = war.of_seat(seat)?.id;
    let tiles = war.map().len();
    let land = |dice: &mut Dice| {
        let any = (0..64).map(|_| dice.below(tiles) as u32);
        any.into_iter().find(|tile| war.map().is_land(Tile(*tile))).unwrap_or_default()
    };
    if matches!(war.phase(), Phase::Choosing(_)) {
        return Some(Command::Spawn { tile: land(dice) });
    }
    let neighbour = |dice: &mut Dice| {
        let contacts = war.contacts(me);
        let wild = contacts.first().is_some_and(|contact| contact.0 == NationId::NOBODY);
        if wild && dice.below(3) > 0 {
            return 0;
        }
        contacts.get(dice.below(contacts.len())).map_or(0, |contact| contact.0.0)
    };
    let share = 80 + dice.below(150) as u16;
    Some(match dice.below(20) {
        0 | 1 => Command::Ally { with: neighbour(dice).max(1) },
        2 => Command::Boat { to: land(dice), share },
        3..=5 => {
            let site = [Site::City, Site::Fort, Site::Port][dice.below(3)];
            let place = dice.below(PLACES_MAX);
            Command::Build { site, tile: war.border(me).nth(place).map_or(0, |tile| tile.0) }
        }
        6..=11 => Command::Attack { on: neighbour(dice), share },
        _ => Command::Ping { tile: land(dice), sign: dice.below(8) as u8 },
    })
}

/// The time of a step.
pub fn at(step: u64) -> At {
    At { ms: step as i64 * 50, step }
}
