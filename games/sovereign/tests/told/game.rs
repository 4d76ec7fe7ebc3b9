//! A war that is played by people who try anything, beside the game's own computers.

use kernel::{At, Audience, Event, Outbox, Rules as _, Seat};
use sovereign::MotionKind::{Expel, Peace, War as AgainstThem};
use sovereign::mirror::{Applied, Mirror};
use sovereign::{Command, Phase, Site, Sovereign, War};

/// Numbers by chance, the same for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(bound.max(1))) as u32
    }
}

/// A command that was taken, and in which step.
#[derive(Clone, Debug)]
pub struct Given {
    pub step: u64,
    pub seat: u32,
    pub command: Command,
}

/// A war and its time.
pub struct Game {
    pub war: War,
    pub step: u64,
    pub people: u32,
    pub dice: Dice,
    pub out: Outbox,
    pub given: Vec<Given>,
}

impl Game {
    /// A war in which so many people have sat down.
    pub fn open(setup: &str, people: u32, seed: u64) -> Self {
        let war = Sovereign.open(At { ms: 0, step: 0 }, setup.as_bytes(), seed).unwrap();
        let mut game =
            Self { war, step: 0, people, dice: Dice::new(seed), out: Outbox::new(), given: Vec::new() };
        for seat in 1..=people {
            assert!(game.take(Event::Join { seat: Seat(seat) }));
        }
        game
    }

    fn at(&self) -> At {
        At { ms: self.step as i64 * 50, step: self.step }
    }

    /// An input, if it is allowed.
    fn take(&mut self, event: Event<'_, Command>) -> bool {
        let at = self.at();
        if Sovereign.validate(&self.war, at, &event).is_err() {
            return false;
        }
        Sovereign.execute(&mut self.war, at, event, &mut self.out);
        true
    }

    /// A command, if it is allowed.
    pub fn command(&mut self, seat: u32, command: Command) -> bool {
        let given = Given { step: self.step, seat, command: command.clone() };
        let taken = self.take(Event::Command { seat: Seat(seat), command });
        self.given.extend(taken.then_some(given));
        taken
    }

    /// A step of time. The house's own inputs keep it going.
    pub fn pass(&mut self) {
        self.step += 1;
        let at = self.at();
        Sovereign.pass(&mut self.war, at, &mut self.out);
        if self.step.is_multiple_of(20) {
            self.take(Event::Advance);
        }
    }

    /// A step in which everybody may try something. How many tries were taken.
    pub fn play(&mut self) -> u32 {
        let mut taken = 0;
        for seat in 1..=self.people {
            if self.dice.below(6) == 0 {
                let command = self.anything(seat);
                taken += u32::from(self.command(seat, command));
            }
        }
        self.pass();
        taken
    }

    /// What somebody might try.
    fn anything(&mut self, seat: u32) -> Command {
        let nations = self.war.nations().len() as u32;
        let tiles = self.war.map().len() as u32;
        let me = self.war.of_seat(Seat(seat)).unwrap();
        let (home, contacts) = (me.home, self.war.contacts(me.id).to_vec());
        let attacks: Vec<u32> =
            self.war.attacks().iter().filter(|attack| attack.from == me.id).map(|attack| attack.id).collect();
        let dice = &mut self.dice;
        let anybody = (1 + dice.below(nations)) as u16;
        let somebody = match contacts.get(dice.below(contacts.len() as u32) as usize) {
            Some((id, _)) => id.0,
            None => anybody,
        };
        if matches!(self.war.phase(), Phase::Choosing(_)) {
            return Command::Spawn { tile: dice.below(tiles) };
        }
        match dice.below(16) {
            0..=5 => Command::Attack { on: somebody, share: 1 + dice.below(600) as u16 },
            6 | 7 => Command::Boat { to: dice.below(tiles), share: 1 + dice.below(300) as u16 },
            8 => Command::Build {
                site: [Site::City, Site::Fort, Site::Port][dice.below(3) as usize],
                tile: (home + dice.below(7)).saturating_sub(3),
            },
            9 | 10 => Command::Ally { with: if dice.below(2) == 0 { somebody } else { anybody } },
            11 => Command::Break { with: anybody },
            12 => Command::Donate { to: anybody, troops: u64::from(dice.below(500)), gold: 10 },
            13 => {
                Command::Move { motion: [AgainstThem, Peace, Expel][dice.below(3) as usize], about: anybody }
            }
            14 => Command::Vote { motion: dice.below(200), yes: dice.below(2) == 0 },
            _ => match attacks.first() {
                Some(attack) => Command::Retreat { attack: *attack },
                None => Command::Ping { tile: dice.below(tiles), sign: 2 },
            },
        }
    }

    /// The body of a seat's view.
    pub fn view(&self, seat: Seat) -> Vec<u8> {
        let mut body = Vec::new();
        Sovereign.view(&self.war, self.at(), seat, &mut body);
        body
    }

    /// What a seat sees.
    pub fn seen(&self, seat: Seat) -> Mirror {
        Mirror::read(&self.view(seat)).unwrap()
    }

    /// The whole war as bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        Sovereign.snapshot(&self.war, &mut bytes);
        bytes
    }

    /// What was told to a seat since this was asked last; to all, and to it alone.
    pub fn told(updates: &[kernel::Update], seat: Seat) -> impl Iterator<Item = &Vec<u8>> {
        let mine = move |update: &&kernel::Update| match &update.to {
            Audience::All => true,
            Audience::One(one) => *one == seat,
            Audience::Some(some) => some.contains(&seat),
        };
        updates.iter().filter(mine).map(|update| &update.body)
    }
}

/// A client takes in what it was told; one that missed something asks for a view.
pub fn hear(mirror: &mut Mirror, game: &Game, seat: Seat, updates: &[kernel::Update]) -> usize {
    let mut views = 0;
    for body in Game::told(updates, seat) {
        if mirror.apply(body).unwrap() == Applied::Missing {
            *mirror = game.seen(seat);
            views += 1;
        }
    }
    views
}
