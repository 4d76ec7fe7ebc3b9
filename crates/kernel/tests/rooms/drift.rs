//! Rules that run: every step mixes the state and gives every seat that was ever joined one unit of energy, while
//! anybody is joined. Version 2 gives two.

use std::collections::BTreeMap;

use kernel::{Act, At, Event, Outbox, Pace, Refusal, Rules, Seat, Unreadable};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    pub step: u64,
    pub mix: u64,
    pub rate: u64,
    pub joined: u64,
    pub answered: u64,
    pub energy: BTreeMap<Seat, u64>,
}

/// Each command is one byte: below 100 it sets the rate; from 100 it gives so much energy to the seat after the next, from
/// 150 it spends twice as much, and both are refused to whoever has too little; 200 asks the wallet, 201 sends a
/// message, 202 and above are refused. Multiples of ten are heard of the absent.
pub struct Drift<const VERSION: u32>;

pub const STEP_MS: u32 = 50;
/// At multiples of this rate, passing time tells half a megabyte a step.
pub const LOUD: u64 = 97;

impl<const V: u32> Drift<V> {
    fn cost(command: u8) -> u64 {
        match command {
            100..150 => u64::from(command) - 100,
            150..200 => (u64::from(command) - 150) * 2,
            _ => 0,
        }
    }
}

impl<const V: u32> Rules for Drift<V> {
    const NAME: &'static str = "drift";
    const VERSION: u32 = V;
    type State = State;
    type Command = u8;

    fn load(_: &[u8]) -> Result<Self, Unreadable> {
        Ok(Self)
    }

    fn pace(&self) -> Pace {
        Pace { step_ms: STEP_MS, advance_ms: 1_000, runs: true, keep_ms: 0 }
    }

    fn open(&self, at: At, _: &[u8], seed: u64) -> Result<State, Refusal> {
        Ok(State { step: at.step, mix: seed, ..State::default() })
    }

    fn decode(&self, body: &[u8]) -> Result<u8, Refusal> {
        match body {
            [byte] => Ok(*byte),
            _ => Err(Refusal::malformed("one byte")),
        }
    }

    fn hears_absent(&self, command: &u8) -> bool {
        command.is_multiple_of(10)
    }

    fn validate(&self, state: &State, at: At, event: &Event<'_, u8>) -> Result<(), Refusal> {
        assert_eq!(state.step, at.step, "the rules are asked about a step that has not come");
        match event {
            Event::Command { command: 202.., .. } => Err(Refusal::new(100, "too high")),
            Event::Command { seat, command }
                if state.energy.get(seat).copied().unwrap_or(0) < Self::cost(*command) =>
            {
                Err(Refusal::new(101, "too little energy"))
            }
            _ => Ok(()),
        }
    }

    fn execute(&self, state: &mut State, _: At, event: Event<'_, u8>, out: &mut Outbox) {
        match event {
            Event::Command { command: 200, seat } => {
                out.ask(state.mix % 9, Act::Wallet { seat, currency: "gold".into(), amount: -1 });
            }
            Event::Command { command: 201, .. } => {
                out.effect(Act::Message { room: kernel::RoomId(77), body: vec![1] });
            }
            Event::Command { command, seat } => {
                if let Some(energy) = state.energy.get_mut(&seat) {
                    *energy -= Self::cost(command);
                }
                if (100..150).contains(&command) {
                    *state.energy.entry(Seat((seat.0 + 2) % 6)).or_default() += Self::cost(command);
                }
                if command < 100 {
                    state.rate = command.into();
                }
                out.all(vec![command]);
            }
            Event::Join { seat } => {
                state.joined += 1;
                state.energy.entry(seat).or_default();
            }
            Event::Leave { .. } => state.joined -= 1,
            Event::Message { body, .. } => state.rate += body.len() as u64,
            Event::EffectResult { tag, outcome } => state.answered += tag + u64::from(outcome.is_ok()),
            Event::Advance => {}
        }
    }

    fn pass(&self, state: &mut State, at: At, out: &mut Outbox) {
        while state.step < at.step {
            state.step += 1;
            if state.joined == 0 {
                continue;
            }
            state.mix =
                state.mix.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(state.step ^ state.rate);
            state.energy.values_mut().for_each(|energy| *energy += u64::from(V));
            if out.is_heard() {
                let len = if state.rate > 0 && state.rate.is_multiple_of(LOUD) { 512 << 10 } else { 8 };
                let mut body = state.step.to_le_bytes().to_vec();
                body.resize(len, 0);
                out.all(body);
            }
        }
    }

    fn view(&self, state: &State, _: At, _: Seat, out: &mut Vec<u8>) {
        out.extend_from_slice(&state.mix.to_le_bytes());
    }

    fn rewound(&self, state: &mut State, _: At, at: At) {
        state.step = at.step;
    }

    fn served(&self, state: &State) -> Vec<Seat> {
        (0..u32::from(state.joined > 0)).map(|n| Seat(Seat::SERVED_FIRST.0 + n)).collect()
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        let fields = [state.step, state.mix, state.rate, state.joined, state.answered];
        let energy = state.energy.iter().flat_map(|(seat, energy)| [u64::from(seat.0), *energy]);
        fields.into_iter().chain(energy).for_each(|field| out.extend_from_slice(&field.to_le_bytes()));
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        let fields: Vec<u64> =
            bytes.chunks_exact(8).map(|f| u64::from_le_bytes(f.try_into().unwrap())).collect();
        let [step, mix, rate, joined, answered, energy @ ..] = &fields[..] else {
            return Err(Unreadable("length".into()));
        };
        let energy = energy.chunks_exact(2).map(|pair| (Seat(pair[0] as u32), pair[1])).collect();
        Ok(State { step: *step, mix: *mix, rate: *rate, joined: *joined, answered: *answered, energy })
    }

    fn migrate(&self, _: u32, bytes: &[u8]) -> Result<State, Unreadable> {
        self.restore(bytes)
    }
}
