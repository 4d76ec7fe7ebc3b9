//! Trade: ports bring gold to their owners and to those whose ports they trade with.

use crate::tuning::{GOLD_MAX, TRADE_BASE, TRADE_EVERY, TRADE_MAX, TRADE_TILE};
use crate::{NationId, Tile, War};

/// Ports that one looks at for somebody to trade with.
const LOOKS: u32 = 6;

impl War {
    /// Each port trades once in a while, with a foreign one by dice: more gold for both, the farther it is.
    pub(crate) fn trade(&mut self) {
        let count = self.index.ports.len();
        if count < 2 {
            return;
        }
        let turn = self.step % TRADE_EVERY;
        let ports: Vec<u32> =
            self.index.ports.iter().copied().filter(|port| port % TRADE_EVERY == turn).collect();
        for port in ports {
            let owner = self.land.owner(Tile(port));
            for _ in 0..LOOKS {
                let at = self.dice.below(count as u32) as usize;
                let Some(&other) = self.index.ports.iter().nth(at) else { break };
                let partner = self.land.owner(Tile(other));
                if partner == owner || self.at_war(owner, partner) {
                    continue;
                }
                let way = u64::from(self.map().distance(Tile(port), Tile(other)));
                let gold = (TRADE_BASE + way * TRADE_TILE).min(TRADE_MAX);
                for id in [owner, partner] {
                    if let Some(nation) = self.nation_mut(id) {
                        nation.gold = (nation.gold + gold).min(GOLD_MAX);
                    }
                }
                break;
            }
        }
    }

    /// One of the two attacks the other.
    pub(crate) fn at_war(&self, a: NationId, b: NationId) -> bool {
        self.attacks
            .iter()
            .any(|attack| (attack.from == a && attack.on == b) || (attack.from == b && attack.on == a))
    }
}
