//! Time, chance and order: everything that is outside of the host, under one seed.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use app::ports::{Clock, Entropy, Spawn, Task};
use app::rooms::{Library, ResumeKey, Rooms, RoomsByHand, RoomsConfig, RoomsParts};
use kernel::{Hash128, Registry};
use parking_lot::Mutex;
use store::{CommitFault, Options, Place, Store};

/// Turns after which a future that should be ready is given up: the simulation hangs.
const TURNS_MAX: usize = 100_000;
/// How long a seat is kept in every world, in milliseconds.
pub const GRACE_MS: i64 = 2_000;
/// Worlds of smaller seeds are told by hand, turn by turn; of the others every second gathers its rows.
const HISTORIES_FROM: u64 = 100;
/// How long a log reaches back in every world, in milliseconds.
pub const RETAIN_MS: i64 = 7_200_000;
/// How long an empty room stays awake in every world, in milliseconds.
pub const SLEEP_AFTER_MS: i64 = 1_000;

/// How often commits fail, in parts of 1,000.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// Nothing is kept and everybody knows.
    pub full: u16,
    /// Nothing is kept and nobody knows.
    pub lost_before: u16,
    /// Everything is kept and nobody knows.
    pub lost_after: u16,
}

/// A generator for the simulation alone: SplitMix64 (Steele, Lea, Flood 2014).
pub struct Chance(u64);

impl Chance {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end.max(1)
    }
}

struct Inner {
    now_ms: i64,
    chance: Chance,
    tasks: VecDeque<Task>,
    work: VecDeque<Box<dyn FnOnce() + Send>>,
}

#[derive(Clone)]
struct Ports(Arc<Mutex<Inner>>);

impl Clock for Ports {
    fn now_ms(&self) -> i64 {
        self.0.lock().now_ms
    }

    fn monotonic_us(&self) -> u64 {
        self.0.lock().now_ms.unsigned_abs() * 1_000
    }
}

impl Entropy for Ports {
    fn u128(&self) -> u128 {
        let chance = &mut self.0.lock().chance;
        u128::from(chance.bits()) << 64 | u128::from(chance.bits())
    }
}

impl Spawn for Ports {
    fn task(&self, task: Task) {
        self.0.lock().tasks.push_back(task);
    }

    fn blocking(&self, work: Box<dyn FnOnce() + Send>) {
        self.0.lock().work.push_back(work);
    }
}

/// A server in one thread.
pub struct World {
    ports: Ports,
    /// Its store.
    pub store: Store,
    /// Its games.
    pub library: Arc<Library>,
    by_hand: RoomsByHand,
    faults_on: Arc<Mutex<bool>>,
}

impl World {
    /// A world with the ledger in it, in memory. Commits fail by the same seed, once [`World::faults`] turns that on.
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self::with(seed, faults, Place::Memory, Registry::new().with::<ledger::Ledger>())
    }

    /// A world with any games, which need no content, and anywhere.
    pub fn with(seed: u64, faults: Faults, place: Place, registry: Registry) -> Self {
        Self::with_contents(seed, faults, place, registry, &[])
    }

    /// A world with games and their contents, by name.
    pub fn with_contents(
        seed: u64,
        faults: Faults,
        place: Place,
        registry: Registry,
        contents: &[(&str, &str)],
    ) -> Self {
        let inner = Inner {
            now_ms: 1_700_000_000_000,
            chance: Chance::new(seed),
            tasks: VecDeque::new(),
            work: VecDeque::new(),
        };
        let ports = Ports(Arc::new(Mutex::new(inner)));
        let faults_on = Arc::new(Mutex::new(false));
        let (on, mut chance) = (faults_on.clone(), Chance::new(!seed));
        let fault = move || {
            let roll = chance.below(1_000) as u16;
            match () {
                _ if !*on.lock() => None,
                _ if roll < faults.full => Some(CommitFault::Full),
                _ if roll < faults.full + faults.lost_before => Some(CommitFault::LostBefore),
                _ if roll < faults.full + faults.lost_before + faults.lost_after => {
                    Some(CommitFault::LostAfter)
                }
                _ => None,
            }
        };
        let options = Options { fault: Some(Box::new(fault)), ..Options::default() };
        let store =
            Store::open_manual(place, options).expect("a new database, or one of another world, opens");
        let contents =
            contents.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec()));
        let library = Library::new(registry, contents.collect()).expect("these contents fit these games");
        let library = Arc::new(library);
        let by_hand = Rooms::by_hand(RoomsParts {
            store: store.clone(),
            library: library.clone(),
            clock: Arc::new(ports.clone()),
            entropy: Arc::new(ports.clone()),
            spawn: Arc::new(ports.clone()),
            resume: ResumeKey::from_secret(b"simulation"),
            config: RoomsConfig {
                grace_ms: GRACE_MS,
                sleep_after_ms: SLEEP_AFTER_MS,
                workers: 2,
                retain_ms: RETAIN_MS,
                gather_ms: if seed >= HISTORIES_FROM && seed % 2 == 1 { 5 } else { 0 },
                ..RoomsConfig::default()
            },
        });
        let mut world = Self { ports, store: store.clone(), library: library.clone(), by_hand, faults_on };
        world
            .wait_for(async move { library.begin(&store, 0).await })
            .expect("a new store takes the contents");
        world
    }

    /// The handle that gateways would have.
    pub fn rooms(&self) -> Rooms {
        self.by_hand.rooms.clone()
    }

    /// Lets commits fail, or no more.
    pub fn faults(&self, on: bool) {
        *self.faults_on.lock() = on;
    }

    /// A number below `end`, by the seed.
    pub fn chance(&self, end: u64) -> u64 {
        self.ports.0.lock().chance.below(end)
    }

    /// What its clock says.
    pub fn now_ms(&self) -> i64 {
        self.ports.now_ms()
    }

    /// Time passes.
    pub fn pass(&self, ms: i64) {
        self.ports.0.lock().now_ms += ms;
    }

    /// Everybody gets a turn, in an order by the seed; `true` if somebody had something to do.
    pub fn turn(&mut self) -> bool {
        let mut busy = false;
        let first = self.chance(4);
        for part in 0..4 {
            busy |= match (first + part) % 4 {
                0 => self.by_hand.turn(),
                1 => self.store.pump() > 0,
                2 => self.poll_tasks(),
                _ => self.do_work(),
            };
        }
        busy
    }

    /// The rooms get their turns, and the store does not.
    pub fn turn_rooms(&mut self) {
        for _ in 0..3 {
            self.by_hand.turn();
        }
    }

    fn poll_tasks(&mut self) -> bool {
        let mut tasks = std::mem::take(&mut self.ports.0.lock().tasks);
        let before = tasks.len();
        tasks.retain_mut(|task| task.as_mut().poll(&mut Context::from_waker(Waker::noop())) == Poll::Pending);
        let done = before - tasks.len();
        let mut inner = self.ports.0.lock();
        tasks.append(&mut inner.tasks);
        inner.tasks = tasks;
        done > 0
    }

    fn do_work(&mut self) -> bool {
        let work = std::mem::take(&mut self.ports.0.lock().work);
        let busy = !work.is_empty();
        work.into_iter().for_each(|work| work());
        busy
    }

    /// Turns until nobody has anything to do at this time.
    pub fn settle(&mut self) {
        let mut quiet = 0;
        for _ in 0..TURNS_MAX {
            quiet = if self.turn() { 0 } else { quiet + 1 };
            if quiet > 8 {
                return;
            }
        }
        panic!("the world does not come to rest");
    }

    /// Turns until this is ready.
    pub fn wait_for<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        for _ in 0..TURNS_MAX {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
            self.turn();
            self.pass(1);
        }
        panic!("the future never became ready")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Unfinished work holds the store, which holds its directory.
        let mut inner = self.ports.0.lock();
        let unfinished = (std::mem::take(&mut inner.tasks), std::mem::take(&mut inner.work));
        drop(inner);
        drop(unfinished);
    }
}

/// A digest of anything that can be shown.
pub(crate) fn digest(parts: &[String]) -> Hash128 {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    Hash128::of(&parts)
}
