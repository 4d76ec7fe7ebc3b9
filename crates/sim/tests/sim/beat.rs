//! Rules for the tests that run: a coin a step while anybody is here, a sum over all that ever was, and clients that
//! reckon along.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::rooms::{Resume, RoomCommand};
use app::session::{Delivery, Session, SessionId};
use kernel::{
    At, CommandId, Event, Lasting, Outbox, Pace, Refusal, Registry, RoomId, Rules, Seat, Seq, Unreadable,
};
use sim::{Faults, World};
use store::{Place, UserId};
use wire::envelope::Message;
use wire::payload::Payload;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    pub step: u64,
    pub sum: u64,
    pub coins: u64,
    pub here: u64,
}

impl State {
    fn beat(&mut self) {
        self.step += 1;
        if self.here > 0 {
            self.coins += 1;
            self.sum = self.sum.wrapping_mul(31).wrapping_add(self.coins + self.step);
        }
    }
}

/// `earn:N` and `spend:N`, which is refused to the poor; `auto:N` earns for a computer.
pub struct Beat;

pub const STEP_MS: i64 = 50;
pub const KEEP_MS: i64 = 5_000;
/// Coins with which everything is open to all.
pub const ENOUGH: u64 = 1_000_000;
pub const COMPUTER: Seat = Seat::SERVED_FIRST;

fn amount(text: &str) -> u64 {
    text.split_once(':').and_then(|(_, amount)| amount.parse().ok()).unwrap_or(0)
}

impl Rules for Beat {
    const NAME: &'static str = "beat";
    const VERSION: u32 = 1;
    type State = State;
    type Command = String;

    fn load(_: &[u8]) -> Result<Self, Unreadable> {
        Ok(Self)
    }

    fn pace(&self) -> Pace {
        Pace { step_ms: 50, advance_ms: 1_000, runs: true, keep_ms: KEEP_MS as u32 }
    }

    fn open(&self, at: At, _: &[u8], _: u64) -> Result<State, Refusal> {
        Ok(State { step: at.step, ..State::default() })
    }

    fn decode(&self, body: &[u8]) -> Result<String, Refusal> {
        String::from_utf8(body.to_vec()).map_err(|_| Refusal::malformed("not text"))
    }

    fn hears_absent(&self, command: &String) -> bool {
        command.starts_with("auto:")
    }

    fn validate(&self, state: &State, at: At, event: &Event<'_, String>) -> Result<(), Refusal> {
        assert_eq!(state.step, at.step, "the rules are asked about a step that has not come");
        match event {
            Event::Command { seat, command } if command.starts_with("auto:") && *seat != COMPUTER => {
                Err(Refusal::new(101, "you are no computer"))
            }
            Event::Command { command, .. }
                if command.starts_with("spend:") && amount(command) > state.coins =>
            {
                Err(Refusal::new(100, "too few coins"))
            }
            _ => Ok(()),
        }
    }

    fn execute(&self, state: &mut State, _: At, event: Event<'_, String>, out: &mut Outbox) {
        match event {
            Event::Join { .. } => state.here += 1,
            Event::Leave { .. } => state.here -= 1,
            Event::Command { command, .. } => {
                match command.starts_with("spend:") {
                    true => state.coins -= amount(&command),
                    false => state.coins += amount(&command),
                }
                out.all(command);
            }
            Event::Advance | Event::Message { .. } | Event::EffectResult { .. } => {}
        }
    }

    fn pass(&self, state: &mut State, at: At, out: &mut Outbox) {
        while state.step < at.step {
            state.beat();
            if state.here > 0 && out.is_heard() {
                out.all(format!("{} {}", state.step, state.sum));
            }
        }
    }

    fn rewound(&self, state: &mut State, _: At, at: At) {
        state.step = at.step;
    }

    fn label(&self, state: &State) -> String {
        if self.log_is_open(state) { "over".into() } else { "on".into() }
    }

    fn log_is_open(&self, state: &State) -> bool {
        state.coins >= ENOUGH
    }

    fn served(&self, state: &State) -> Vec<Seat> {
        if state.here > 0 { vec![COMPUTER] } else { Vec::new() }
    }

    fn view(&self, state: &State, at: At, seat: Seat, out: &mut Vec<u8>) {
        assert_eq!(state.step, at.step, "a step is shown that has not passed");
        let who = if seat == COMPUTER { " computer" } else { "" };
        let State { step, sum, coins, here } = state;
        out.extend_from_slice(format!("{step} {sum} {coins} {here}{who}").as_bytes());
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        let fields = [state.step, state.sum, state.coins, state.here];
        fields.into_iter().for_each(|field| out.extend_from_slice(&field.to_le_bytes()));
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        let fields = bytes.chunks_exact(8).map(|f| u64::from_le_bytes(f.try_into().unwrap()));
        let [step, sum, coins, here] = fields.collect::<Vec<_>>()[..] else {
            return Err(Unreadable("length".into()));
        };
        Ok(State { step, sum, coins, here })
    }

    fn lasting(&self, _: &State) -> Option<Lasting> {
        Some(Arc::new("the beat"))
    }

    fn restore_with(&self, bytes: &[u8], lasting: Option<&Lasting>) -> Result<State, Unreadable> {
        let known = lasting.is_some_and(|lasting| lasting.is::<&str>());
        RESTORED.with_borrow_mut(|(all, anew)| (*all, *anew) = (*all + 1, *anew + u32::from(!known)));
        self.restore(bytes)
    }
}

thread_local! {
    /// How many rooms were restored, and how many of them without what lasts.
    pub static RESTORED: std::cell::RefCell<(u32, u32)> = const { std::cell::RefCell::new((0, 0)) };
}

pub fn world(seed: u64, faults: Faults, place: Place) -> World {
    World::with(seed, faults, place, Registry::new().with::<Beat>())
}

pub fn open(world: &mut World) -> RoomId {
    let rooms = world.rooms();
    world.wait_for(async move { rooms.open(UserId(1), "beat", b"{}".to_vec(), false).await }).unwrap()
}

/// A client that reckons along and looks whether all that it is told fits together.
pub struct Watcher {
    pub session: Arc<Session>,
    pub room: RoomId,
    pub token: String,
    /// What it believes; `None` before its first view.
    pub state: Option<State>,
    /// The newest input and step that it was told of.
    pub seen: (u64, u64),
    /// Payloads since it last looked: views, and messages of updates with how many each held.
    pub views: usize,
    pub messages: Vec<usize>,
    pub answers: Vec<(u128, Result<u64, u16>)>,
    /// The room sent it away.
    pub away: bool,
    sockets: u128,
}

impl Watcher {
    pub fn new(user: u128, room: RoomId) -> Self {
        Self {
            session: Session::new(SessionId(user * 1_000), UserId(user), format!("user{user}")),
            room,
            token: String::new(),
            state: None,
            seen: (0, 0),
            views: 0,
            messages: Vec::new(),
            answers: Vec::new(),
            away: true,
            sockets: user * 1_000,
        }
    }

    /// One that sits and watches from a step's beginning on.
    pub fn joined(world: &mut World, user: u128, room: RoomId) -> Self {
        let mut watcher = Self::new(user, room);
        watcher.join(world, false);
        world.settle();
        watcher.listen();
        watcher
    }

    /// Comes in on a new socket; `resume`: with what it has seen.
    pub fn join(&mut self, world: &mut World, resume: bool) {
        self.sockets += 1;
        let (id, user) = (SessionId(self.sockets), self.session.user);
        self.session = Session::new(id, user, self.session.username.clone());
        let (seen, step) = (Seq(self.seen.0), self.seen.1);
        let resume =
            (resume && self.state.is_some()).then(|| Resume { token: self.token.clone(), seen, step });
        let (rooms, session, room) = (world.rooms(), self.session.clone(), self.room);
        self.away = false;
        world.wait_for(async move { rooms.join(&session, room, "join".into(), resume).await });
    }

    pub fn lose(&mut self, world: &mut World) {
        let (rooms, session) = (world.rooms(), crate::client::next_socket(&mut self.session));
        self.away = true;
        world.wait_for(async move { rooms.gone(&session).await });
    }

    pub fn refresh(&mut self, world: &mut World) {
        let (rooms, session, room) = (world.rooms(), self.session.clone(), self.room);
        world.wait_for(async move { rooms.refresh(&session, room).await });
    }

    pub fn send(&mut self, world: &mut World, id: u128, text: &str) {
        let body = text.as_bytes().to_vec().into();
        let command = RoomCommand { room: self.room, id: CommandId(id), body };
        let (rooms, session) = (world.rooms(), self.session.clone());
        world.wait_for(async move { rooms.commands(&session, &mut vec![command]).await });
    }

    /// Takes in what has come. Panics where it does not fit to what it knows.
    pub fn listen(&mut self) {
        (self.views, self.messages, self.answers) = (0, Vec::new(), Vec::new());
        let mut deliveries = Vec::new();
        assert!(self.session.drain(&mut deliveries).skipped.is_empty());
        for delivery in deliveries {
            match delivery {
                Delivery::Payload { data, .. } => self.payload(&data),
                Delivery::Answers { answers, .. } => self.answers.extend(answers.into_iter().map(|answer| {
                    (answer.id.0, answer.verdict.map(|seq| seq.0).map_err(|refusal| refusal.code))
                })),
                // It was not let in.
                Delivery::Message(envelope) => {
                    self.away |= matches!(envelope.message, Some(Message::Error(_)))
                }
                Delivery::Shared(_) => {}
            }
        }
    }

    fn payload(&mut self, data: &[u8]) {
        match Payload::decode(data).unwrap() {
            Payload::View(view) => {
                self.views += 1;
                let text = std::str::from_utf8(view.body).unwrap();
                let fields: Vec<u64> = text.split(' ').map(|field| field.parse().unwrap()).collect();
                let [step, sum, coins, here] = fields[..] else { panic!("{text}") };
                assert_eq!(view.step, step, "the header of a view names its step");
                self.state = Some(State { step, sum, coins, here });
                self.seen = (view.seq, view.step);
                self.token = view.token.to_owned();
            }
            Payload::Updates(updates) => {
                let state = self.state.as_mut().expect("a view comes before updates");
                self.messages.push(updates.iter().count());
                for update in updates.iter() {
                    let text = std::str::from_utf8(update).unwrap();
                    if let Some((step, sum)) = text.split_once(' ') {
                        state.here = state.here.max(1);
                        state.beat();
                        let told = (step.parse().unwrap(), sum.parse().unwrap());
                        assert_eq!(
                            (state.step, state.sum),
                            told,
                            "a step was told twice, or not, or differs"
                        );
                    } else if text.starts_with("spend:") {
                        state.coins -= amount(text);
                    } else {
                        state.coins += amount(text);
                    }
                }
                assert!((updates.seq, updates.step) >= self.seen, "the header went back");
                assert!(updates.step >= state.step);
                self.seen = (updates.seq, updates.step);
            }
            Payload::Closing(_) => self.away = true,
            other => panic!("{other:?}"),
        }
    }

    pub fn step(&self) -> u64 {
        self.state.as_ref().unwrap().step
    }

    /// Step, sum and coins; how many are here nobody is told.
    pub fn knows(&self) -> (u64, u64, u64) {
        let state = self.state.as_ref().unwrap();
        (state.step, state.sum, state.coins)
    }
}

/// The ids of sessions that were handed the very same bytes, as sets.
pub fn shared_bytes(watchers: &mut [Watcher]) -> Vec<BTreeSet<usize>> {
    let mut sets: Vec<(*const u8, BTreeSet<usize>)> = Vec::new();
    for (index, watcher) in watchers.iter_mut().enumerate() {
        let mut deliveries = Vec::new();
        watcher.session.drain(&mut deliveries);
        for delivery in deliveries {
            let Delivery::Payload { data, .. } = delivery else { continue };
            watcher.payload(&data);
            match sets.iter_mut().find(|(at, _)| *at == data.as_ptr()) {
                Some((_, set)) => drop(set.insert(index)),
                None => sets.push((data.as_ptr(), BTreeSet::from([index]))),
            }
            // Held, so that nobody else's bytes can lie in the same place.
            std::mem::forget(data);
        }
    }
    sets.into_iter().map(|(_, set)| set).collect()
}
