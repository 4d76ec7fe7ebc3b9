//! How attacks move: every [`ATTACK_EVERY`] steps each gains time for as many tiles of its front as its strength allows, and
//! pays for each with troops, as the defender does. One that has time for few waits for its nation's turn, once a second, so
//! that tiles change hands by handfuls: it takes few bytes to tell of tiles that lie together.

use std::cmp::Reverse;

use super::front;
use crate::state::Attack;
use crate::tuning::{
    ATTACK_EVERY, ATTACK_SPEED, ATTACK_SPEED_MAX, ATTACK_SPEED_MIN, FORT_FACTOR, FORT_RADIUS, FRONT_MAX,
    LANDING_FRONT, LARGE_SHARE, REMNANT_TILES, STRIKE_EVERY, STRIKE_STEPS_MIN, STRIKE_TIME, TRAITOR_FACTOR,
    WILD_LOSS, WILD_SPEED,
};
use crate::{NationId, Tile, War};

/// What time and troops the ground costs, in thousandths of the plain: plain, hills, mountains.
const GROUND_TIME: [u64; 3] = [1_000, 1_300, 1_700];
const GROUND_LOSS: [u64; 3] = [1_000, 1_250, 1_500];

/// A number without a common factor spreads neighbours in the list over the time between two turns.
const SPREAD: u32 = 7;

/// What one beat of an attack is reckoned with.
struct Terms {
    /// Thousandths of a plain tile that it may take for each tile of its front.
    speed: u64,
    /// Thousandths of a troop that a plain tile costs the attack.
    loss: u64,
    /// Thousandths of a troop that a tile costs the defender.
    fallen: u64,
}

impl War {
    /// Moves the attacks whose turn it is.
    pub(crate) fn advance(&mut self) {
        let mut at = 0;
        while at < self.attacks.len() {
            if !self.strikes_in(self.attacks[at].from, self.step, ATTACK_EVERY) || self.beat(at) {
                at += 1;
            } else {
                self.end_attack(at);
            }
        }
    }

    /// One beat of an attack. False when it is over.
    fn beat(&mut self, at: usize) -> bool {
        let (from, on) = (self.attacks[at].from, self.attacks[at].on);
        let gone = |id: NationId| self.nation(id).is_some_and(|nation| nation.tiles == 0);
        if self.attacks[at].retreating || gone(from) || gone(on) || self.allied(from, on) {
            return false;
        }
        if self.attacks[at].front.is_empty() {
            if !self.touches(from, on) {
                return false;
            }
            self.seed_front(at);
        }
        let terms = self.terms(&self.attacks[at]);
        let attack = &mut self.attacks[at];
        let front = (attack.front.len() as u64).min(FRONT_MAX);
        attack.time = attack.time.saturating_add(front * terms.speed);
        if attack.time < STRIKE_TIME && self.step < attack.due {
            return true;
        }
        let soonest = self.step.saturating_add(STRIKE_STEPS_MIN);
        let mut later = 0..STRIKE_EVERY;
        let later = later.find(|later| self.strikes_in(from, soonest.saturating_add(*later), STRIKE_EVERY));
        let attack = &mut self.attacks[at];
        attack.due = soonest.saturating_add(later.unwrap_or_default());
        let mut attack = std::mem::replace(attack, nothing(from, on));
        let goes_on = self.take_tiles(&mut attack, terms);
        self.attacks[at] = attack;
        goes_on
    }

    /// A landing is carried over its first tiles, however few the beach has.
    pub(super) fn storm(&mut self, at: usize) {
        let speed = self.terms(&self.attacks[at]).speed;
        self.attacks[at].time += speed * LANDING_FRONT * u64::from(STRIKE_EVERY / ATTACK_EVERY);
    }

    /// The attacks of a nation move in a step, of every so many: all in the same ones, so that they are told together.
    fn strikes_in(&self, id: NationId, step: u32, every: u32) -> bool {
        self.is_turn(u32::from(id.0) * SPREAD, step, every)
    }

    fn terms(&self, attack: &Attack) -> Terms {
        let Some(defender) = self.nation(attack.on) else {
            return Terms { speed: WILD_SPEED, loss: WILD_LOSS, fallen: 0 };
        };
        let land = u64::from(self.map().land().max(1));
        // A nation's size beyond the first part of the map: thousandths of what it does that size costs it.
        let large = |tiles: u32| (u64::from(tiles) * 1_000 / land).saturating_sub(LARGE_SHARE).min(600);
        let troops = attack.troops.max(1);
        let mut speed =
            (ATTACK_SPEED * troops / defender.troops.max(1)).clamp(ATTACK_SPEED_MIN, ATTACK_SPEED_MAX);
        let density = defender.troops.saturating_mul(1_000) / u64::from(defender.tiles.max(1));
        // Few against many lose more, but not without end; the defender's price is its density, whoever comes.
        let odds = (defender.troops.saturating_mul(1_000) / troops).clamp(600, 1_600);
        let mut loss = density * odds / 1_000;
        if let Some(attacker) = self.nation(attack.from) {
            let by = large(attacker.tiles);
            speed = speed * (1_000 - by / 2) / 1_000;
            loss = loss * (1_000 + by / 2) / 1_000;
        }
        loss = loss * (1_000 - large(defender.tiles)) / 1_000;
        if defender.traitor_until > self.step {
            loss = loss * TRAITOR_FACTOR / 1_000;
            speed = (speed * 1_000 / TRAITOR_FACTOR).min(ATTACK_SPEED_MAX);
        }
        Terms { speed, loss: loss.max(WILD_LOSS / 2), fallen: density }
    }

    fn take_tiles(&mut self, attack: &mut Attack, terms: Terms) -> bool {
        let map = self.ground.map.clone();
        let (from, on) = (attack.from, attack.on);
        // Thousandths of troops that this beat has cost both sides.
        let (mut cost, mut fallen) = (0_u64, 0_u64);
        let mut goes_on = true;
        let mut taken = 0;
        while let Some(&Reverse((_, number))) = attack.front.peek() {
            let tile = Tile(number);
            if self.land.owner(tile) != on || front::sides(&map, &self.land, tile, from) == 0 {
                attack.front.pop();
                continue;
            }
            let ground = front::ruggedness(map.level(tile));
            let fort = if self.is_fortified(on, tile) { FORT_FACTOR } else { 1_000 };
            let needs = GROUND_TIME[ground] * fort / 1_000;
            if attack.time < needs {
                // What is left is a part of a tile, and stays for the next time.
                break;
            }
            let price = terms.loss * GROUND_LOSS[ground] / 1_000 * fort / 1_000;
            if (cost + price).div_ceil(1_000) >= attack.troops {
                // Not enough for one more tile.
                goes_on = false;
                break;
            }
            attack.front.pop();
            attack.time -= needs;
            cost += price;
            fallen += terms.fallen;
            taken += 1;
            attack.head = number;
            self.give(tile, from);
            front::push(attack, &map, &self.land, tile, self.step);
            if self.cut_off(tile, on, from) {
                taken += 1;
            }
        }
        if attack.front.is_empty() {
            // Nothing was there to spend it on.
            attack.time = 0;
        }
        if taken > 0 {
            let cost = cost.div_ceil(1_000);
            attack.troops -= cost;
            self.news.lost += cost;
            if let Some(defender) = self.nation_mut(on) {
                let fallen = (fallen / 1_000).min(defender.troops);
                defender.troops -= fallen;
                self.news.lost += fallen;
            }
            self.absorb(from, on, attack.troops);
        }
        goes_on
    }

    /// The defender has a finished fort near enough.
    fn is_fortified(&self, id: NationId, tile: Tile) -> bool {
        self.index.forts(id).iter().any(|&fort| self.map().distance(Tile(fort), tile) <= FORT_RADIUS)
    }

    /// What is left of a nation falls to a stronger attacker.
    fn absorb(&mut self, from: NationId, on: NationId, troops: u64) {
        let (Some(winner), Some(loser)) = (self.nation(from), self.nation(on)) else { return };
        if loser.tiles > 0 && loser.tiles < REMNANT_TILES && winner.troops + troops > loser.troops * 2 {
            self.take_all(on, from);
        }
    }
}

/// Stands in an attack's place while it moves.
fn nothing(from: NationId, on: NationId) -> Attack {
    Attack {
        id: 0,
        from,
        on,
        troops: 0,
        front: Default::default(),
        head: 0,
        retreating: false,
        time: 0,
        due: 0,
    }
}
