//! How a war begins and ends: its first state, who comes in, and what is said when it is over.

use std::sync::Arc;

use kernel::{Outbox, Seat};

use crate::dice::{Dice, mix};
use crate::state::Ground;
use crate::tuning::STEPS_A_SECOND;
use crate::{Land, Map, Phase, Setup, War};

impl War {
    /// A new war.
    pub(crate) fn begin(setup: Setup, seed: u64, host_step: u64) -> Self {
        let map = Map::make(setup.size, setup.map.unwrap_or_else(|| mix(seed)));
        let choosing = u32::from(setup.spawn_seconds) * STEPS_A_SECOND;
        Self {
            land: Land::new(map.len()),
            ground: Arc::new(Ground { setup, map }),
            step: 0,
            input: (host_step, 0),
            dice: Dice::new(seed),
            phase: Phase::Choosing(choosing),
            nations: Vec::new(),
            attacks: Vec::new(),
            boats: Vec::new(),
            sites: Default::default(),
            pacts: Default::default(),
            asks: Default::default(),
            bans: Default::default(),
            motions: Vec::new(),
            next: 1,
            news: Default::default(),
        }
    }

    /// A seat is taken, perhaps again.
    pub(crate) fn join(&mut self, _seat: Seat) {}

    /// The first input after the end tells the server's consumers who has won.
    pub(crate) fn say_end(&mut self, _out: &mut Outbox) {}
}
