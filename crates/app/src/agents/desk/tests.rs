//! The desk under any order of events, beside a small model of what was promised.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use kernel::{RoomId, Seat};
use proptest::prelude::*;
use store::AgentJob;

use super::*;
use crate::agents::words::Late;

const SETTINGS: DeskSettings = DeskSettings { turn_ms: 1_000, deadline_ms: 800, workers_max: 6 };

#[derive(Clone, Debug)]
enum Happens {
    Comes {
        seats_max: u32,
        rules: u8,
        kinds: u8,
    },
    Goes(usize),
    Ready(usize, u32),
    Answers {
        worker: usize,
        turn: usize,
        memory: bool,
    },
    Acted(usize),
    Looked {
        turn: usize,
        seen: bool,
    },
    Serves(Vec<(u8, u8)>),
    Gives {
        kind: u8,
        within_ms: i64,
    },
    Does {
        worker: usize,
        job: usize,
        well: bool,
    },
    Noted {
        which: usize,
        well: bool,
    },
    Passes(i64),
    /// Time passes, and the tick that would see it is late.
    Slips(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let n = 0..32usize;
    prop_oneof![
        2 => (0..12u32, 0..4u8, 0..4u8)
            .prop_map(|(seats_max, rules, kinds)| Happens::Comes { seats_max, rules, kinds }),
        1 => n.clone().prop_map(Happens::Goes),
        4 => (n.clone(), 0..5u32).prop_map(|(worker, credit)| Happens::Ready(worker, credit)),
        6 => (n.clone(), n.clone(), any::<bool>())
            .prop_map(|(worker, turn, memory)| Happens::Answers { worker, turn, memory }),
        5 => n.clone().prop_map(Happens::Acted),
        6 => (n.clone(), prop::bool::weighted(0.9)).prop_map(|(turn, seen)| Happens::Looked { turn, seen }),
        2 => prop::collection::vec((0..3u8, 0..4u8), 0..10).prop_map(Happens::Serves),
        2 => (0..2u8, 0..3_000i64).prop_map(|(kind, within_ms)| Happens::Gives { kind, within_ms }),
        3 => (n.clone(), n.clone(), any::<bool>())
            .prop_map(|(worker, job, well)| Happens::Does { worker, job, well }),
        3 => (n, prop::bool::weighted(0.8)).prop_map(|(which, well)| Happens::Noted { which, well }),
        6 => (0..900i64).prop_map(Happens::Passes),
        3 => (0..900i64).prop_map(Happens::Slips),
    ]
}

/// What a worker on the other end knows.
#[derive(Default)]
struct Peer {
    given: u32,
    used: u32,
    seats_max: usize,
    seats: BTreeSet<SeatKey>,
    /// Turns it was told of and has not answered, with their deadlines.
    turns: BTreeMap<u64, (SeatKey, i64)>,
    jobs: BTreeSet<u128>,
}

#[derive(Default)]
struct Model {
    peers: BTreeMap<WorkerId, Peer>,
    looks: BTreeMap<u64, SeatKey>,
    acts: BTreeMap<u64, SeatKey>,
    /// When a seat's newest turn began.
    begun: BTreeMap<SeatKey, i64>,
    served: BTreeSet<SeatKey>,
    /// Jobs that have no end, and until when they may be done.
    open: BTreeMap<u128, i64>,
    /// Ends that are to be noted.
    notes: BTreeMap<u128, Option<String>>,
    ended: BTreeSet<u128>,
}

fn list(mask: u8, names: [&str; 2]) -> Vec<String> {
    names.iter().zip([1, 2]).filter(|(_, bit)| mask & bit != 0).map(|(name, _)| (*name).to_owned()).collect()
}

fn rules_of(room: RoomId) -> &'static str {
    if room.0 == 0 { "chess" } else { "war" }
}

struct World {
    desk: Desk,
    model: Model,
    now: i64,
    jobs: u128,
}

fn nth<K: Copy + Ord, V>(map: &BTreeMap<K, V>, n: usize) -> Option<K> {
    (!map.is_empty()).then(|| map.keys().nth(n % map.len()).copied()).flatten()
}

impl World {
    fn new() -> Self {
        Self { desk: Desk::new(SETTINGS), model: Model::default(), now: 1_000, jobs: 0 }
    }

    /// Reads what the desk says and holds it against what is known.
    fn listen(&mut self) {
        let (now, model) = (self.now, &mut self.model);
        for one in self.desk.take() {
            match one {
                Do::Tell(id, word) => {
                    let Some(peer) = model.peers.get_mut(&id) else {
                        assert!(matches!(word, ToWorker::Welcome { .. }), "{word:?} to somebody who is gone");
                        continue;
                    };
                    match word {
                        ToWorker::Welcome { .. } => panic!("welcomed twice"),
                        ToWorker::Seat { key, given: true, rules } => {
                            assert_eq!(rules, rules_of(key.0));
                            assert!(peer.seats.insert(key), "{key:?} was given to {id:?} before");
                            assert!(peer.seats.len() <= peer.seats_max, "too many seats");
                            let holders =
                                model.peers.values().filter(|peer| peer.seats.contains(&key)).count();
                            assert_eq!(holders, 1, "{key:?} has several players");
                        }
                        ToWorker::Seat { key, given: false, .. } => assert!(peer.seats.remove(&key)),
                        ToWorker::Turn { turn, key, observation, .. } => {
                            assert_eq!(observation, Bytes::from(turn.to_string()), "another turn's sight");
                            assert!(peer.seats.contains(&key), "a turn of a seat that it does not have");
                            assert!(
                                !peer.turns.values().any(|(other, _)| *other == key),
                                "two turns of a seat"
                            );
                            peer.turns.insert(turn, (key, now + SETTINGS.deadline_ms));
                        }
                        ToWorker::TooLate(Late::Turn(turn)) => {
                            let (_, deadline) = peer.turns.remove(&turn).expect("it had the turn");
                            assert!(deadline <= now, "told too early that it is too late");
                        }
                        ToWorker::TooLate(Late::Job(job)) => assert!(peer.jobs.remove(&job)),
                        ToWorker::Job { .. } | ToWorker::Refused { .. } => panic!("said by others"),
                    }
                }
                Do::Look { turn, key } => {
                    let holder = model.peers.values_mut().find(|peer| peer.seats.contains(&key));
                    let peer = holder.expect("somebody plays it");
                    peer.used += 1;
                    assert!(peer.used <= peer.given, "more than it asked for");
                    if let Some(before) = model.begun.insert(key, now) {
                        assert!(now - before >= SETTINGS.turn_ms, "{key:?} again after {} ms", now - before);
                    }
                    assert!(model.looks.values().chain(model.acts.values()).all(|other| *other != key));
                    model.looks.insert(turn, key);
                }
                Do::Act { turn, worker, key, .. } => {
                    let peer = model.peers.get_mut(&worker).expect("it is here");
                    let (of, deadline) = peer.turns.remove(&turn).expect("it had the turn");
                    assert!(of == key && now < deadline, "an answer that was too late was taken");
                    model.acts.insert(turn, key);
                }
                Do::Remember { owner: Owner::Seat(key), turn, .. } => {
                    let (worker, turn) = turn.expect("seats remember in turns");
                    assert_eq!(model.peers[&worker].turns[&turn].0, key);
                }
                Do::Remember { owner: Owner::Job(name), .. } => assert_eq!(name, "notes"),
                Do::Gone(key) => assert!(!model.served.contains(&key)),
                Do::Hand { worker, job, .. } => {
                    let peer = model.peers.get_mut(&worker).expect("it is here");
                    peer.used += 1;
                    assert!(peer.used <= peer.given, "more than it asked for");
                    assert!(model.open.contains_key(&job.id));
                    assert!(peer.jobs.insert(job.id));
                    let holders = model.peers.values().filter(|peer| peer.jobs.contains(&job.id)).count();
                    assert_eq!(holders, 1, "a job is with several");
                }
                Do::Note { job, worker, result } => {
                    assert!(!model.ended.contains(&job.id), "it ended before");
                    let deadline = model.open.remove(&job.id);
                    match (deadline, &worker) {
                        (Some(_), Some(_)) => assert_eq!(result, Bytes::from_static(b"done")),
                        (Some(_), None) => assert_eq!(result, Bytes::from_static(b"nobody")),
                        // Said again because the store did not take it: the same.
                        (None, _) => assert_eq!(model.notes.get(&job.id), Some(&worker), "another end"),
                    }
                    model.notes.insert(job.id, worker);
                }
            }
        }
    }

    fn happen(&mut self, event: Happens) {
        let now = self.now;
        match event {
            Happens::Comes { seats_max, rules, kinds } => {
                let name = format!("w{}", self.model.peers.len());
                let (rules, kinds) = (list(rules, ["chess", "war"]), list(kinds, ["write", "draw"]));
                let hello = Hello { name, rules, rooms: Vec::new(), seats_max, kinds };
                match self.desk.welcome(hello) {
                    Ok(id) => {
                        assert!(self.model.peers.len() < SETTINGS.workers_max);
                        // Its welcome is said before it is known here.
                        self.listen();
                        self.model
                            .peers
                            .insert(id, Peer { seats_max: seats_max as usize, ..Peer::default() });
                    }
                    Err(fault) => assert_eq!(fault, WorkerFault::TooMany(SETTINGS.workers_max)),
                }
            }
            Happens::Goes(n) => {
                let Some(id) = nth(&self.model.peers, n) else { return };
                self.model.peers.remove(&id);
                // Turns of those who go are over, whatever they wait for.
                self.desk.leave(now, id);
                let open: BTreeSet<u64> = self.desk.turns.keys().copied().collect();
                self.model.looks.retain(|turn, _| open.contains(turn));
                self.model.acts.retain(|turn, _| open.contains(turn));
                if self.model.peers.is_empty() {
                    // Whoever comes next begins anew.
                    self.model.served.clear();
                    self.model.begun.clear();
                }
            }
            Happens::Ready(n, credit) => {
                let Some(id) = nth(&self.model.peers, n) else { return };
                if let Some(peer) = self.model.peers.get_mut(&id) {
                    peer.given += credit;
                }
                self.desk.hear(now, id, FromWorker::Ready { credit });
            }
            Happens::Answers { worker, turn, memory } => {
                let Some(id) = nth(&self.model.peers, worker) else { return };
                // Its own turn, or one that it was never told of.
                let own = nth(&self.model.peers[&id].turns, turn);
                let memory = memory.then(|| Bytes::from_static(b"m"));
                let turn = own.unwrap_or(turn as u64);
                self.desk.hear(now, id, FromWorker::Turn { turn, commands: vec![Bytes::new()], memory });
            }
            Happens::Acted(n) => {
                let Some(turn) = nth(&self.model.acts, n) else { return };
                self.model.acts.remove(&turn);
                self.desk.acted(now, turn);
            }
            Happens::Looked { turn, seen } => {
                let Some(turn) = nth(&self.model.looks, turn) else { return };
                let key = self.model.looks.remove(&turn);
                let seen = seen.then(|| (Bytes::from(turn.to_string()), Bytes::new()));
                if seen.is_none()
                    && let Some(key) = key
                {
                    // It was no turn: it cost nothing.
                    let peer = self.model.peers.values_mut().find(|peer| peer.seats.contains(&key));
                    peer.expect("turns of those who went are over").used -= 1;
                }
                self.desk.looked(now, turn, seen);
            }
            Happens::Serves(seats) => self.serve(&seats),
            Happens::Gives { kind, within_ms } => {
                self.jobs += 1;
                let job = AgentJob {
                    id: self.jobs,
                    kind: ["write", "draw"][kind as usize].into(),
                    body: Vec::new(),
                    fallback: b"nobody".to_vec(),
                    memory: Some("notes".into()),
                    given_ms: now,
                    deadline_ms: now + within_ms,
                    room: None,
                    tag: 0,
                };
                self.model.open.insert(job.id, job.deadline_ms);
                self.desk.give(now, job);
            }
            Happens::Does { worker, job, well } => {
                let Some(id) = nth(&self.model.peers, worker) else { return };
                let Some(peer) = self.model.peers.get_mut(&id) else { return };
                let own =
                    (!peer.jobs.is_empty()).then(|| peer.jobs.iter().nth(job % peer.jobs.len()).copied());
                let job = own.flatten().unwrap_or(job as u128);
                peer.jobs.remove(&job);
                let result = if well { Ok(Bytes::from_static(b"done")) } else { Err("no".to_owned()) };
                self.desk.hear(now, id, FromWorker::Job { job, result, memory: Some(Bytes::new()) });
            }
            Happens::Noted { which, well } => {
                let Some(job) = nth(&self.model.notes, which) else { return };
                if well {
                    self.model.notes.remove(&job);
                    self.model.ended.insert(job);
                    self.desk.noted(job);
                } else {
                    self.desk.not_noted(now, job);
                }
            }
            Happens::Slips(ms) => self.now += ms,
            Happens::Passes(ms) => {
                self.now += ms;
                self.desk.tick(self.now);
                self.listen();
                let late = self.model.open.iter().find(|(_, deadline)| **deadline <= self.now);
                assert_eq!(late, None, "a job whose time is over has no end");
            }
        }
        self.listen();
    }

    fn serve(&mut self, seats: &[(u8, u8)]) {
        let mut rooms: BTreeMap<RoomId, Vec<Seat>> = BTreeMap::new();
        for (room, seat) in seats {
            rooms.entry(RoomId((*room).into())).or_default().push(Seat((*seat).into()));
        }
        let keys = rooms.iter().flat_map(|(room, seats)| seats.iter().map(|seat| (*room, *seat)));
        if !self.model.peers.is_empty() {
            self.model.served = keys.collect();
            let served = &self.model.served;
            self.model.looks.retain(|_, key| served.contains(key));
            self.model.acts.retain(|_, key| served.contains(key));
            // Turns of seats that are gone are over, and nobody is told: their seats are taken.
            self.model
                .peers
                .values_mut()
                .for_each(|peer| peer.turns.retain(|_, (key, _)| served.contains(key)));
            self.model.begun.retain(|key, _| served.contains(key));
        }
        let rooms = rooms.into_iter().map(|(room, seats)| (room, rules_of(room).to_owned(), seats));
        self.desk.served(self.now, rooms.collect());
    }

    /// Everybody answers at once, for a while.
    fn settle(&mut self) {
        for _ in 0..80 {
            while let Some(turn) = nth(&self.model.looks, 0) {
                self.happen(Happens::Looked {
                    turn: self.model.looks.keys().position(|t| *t == turn).unwrap(),
                    seen: true,
                });
            }
            for worker in 0..self.model.peers.len() {
                let id = nth(&self.model.peers, worker).unwrap();
                while !self.model.peers[&id].turns.is_empty() {
                    self.happen(Happens::Answers { worker, turn: 0, memory: false });
                }
                while !self.model.peers[&id].jobs.is_empty() {
                    self.happen(Happens::Does { worker, job: 0, well: true });
                }
                self.happen(Happens::Ready(worker, 4));
            }
            while !self.model.acts.is_empty() {
                self.happen(Happens::Acted(0));
            }
            while !self.model.notes.is_empty() {
                self.happen(Happens::Noted { which: 0, well: true });
            }
            self.happen(Happens::Passes(100));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens in whatever order: no seat has two players or two turns at once, nobody is given more than it
    /// asked for, nothing is taken that came too late, and every job has one end. And when all is well again, every seat
    /// is played and every job done.
    #[test]
    fn it_keeps_what_it_promised(events in prop::collection::vec(happens(), 0..200)) {
        let mut world = World::new();
        for event in events {
            world.happen(event);
        }
        while !world.model.peers.is_empty() {
            world.happen(Happens::Goes(0));
        }
        world.happen(Happens::Comes { seats_max: 64, rules: 3, kinds: 3 });
        let seats: Vec<(u8, u8)> = (0..3).flat_map(|room| (0..4).map(move |seat| (room, seat))).collect();
        world.serve(&seats);
        world.listen();
        let from = world.now;
        world.settle();
        for key in world.model.served.clone() {
            prop_assert!(world.model.begun.get(&key).is_some_and(|begun| *begun > from), "{key:?} was not played");
        }
        prop_assert_eq!(world.desk.jobs_open(), 0);
        prop_assert!(world.desk.deadlines.is_empty() && world.desk.waiting.is_empty(), "something is left over");
        prop_assert_eq!(world.desk.looking, world.model.looks.len());
    }

    /// Workers that can do the same have about as many seats, whatever the order in which they came.
    #[test]
    fn seats_are_dealt_evenly(workers in 1..6usize, late in 0..4usize, seats in 1..40u8) {
        let mut world = World::new();
        let comes = || Happens::Comes { seats_max: 64, rules: 2, kinds: 0 };
        let late = late.min(workers - 1);
        (late..workers).for_each(|_| world.happen(comes()));
        let seats: Vec<(u8, u8)> = (0..seats).map(|seat| (1, seat)).collect();
        world.serve(&seats);
        world.listen();
        world.settle();
        (0..late).for_each(|_| world.happen(comes()));
        world.settle();
        let counts: Vec<usize> = world.model.peers.values().map(|peer| peer.seats.len()).collect();
        prop_assert_eq!(counts.iter().sum::<usize>(), seats.len());
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        prop_assert!(most - least <= 1, "{:?}", counts);
    }
}

#[test]
fn seats_of_a_worker_that_hangs_go_to_one_that_does_not() {
    let mut world = World::new();
    let comes = || Happens::Comes { seats_max: 8, rules: 2, kinds: 0 };
    world.happen(comes());
    world.happen(Happens::Ready(0, 1));
    world.serve(&[(1, 0), (1, 1)]);
    world.listen();
    // It has its turn and says nothing more.
    world.happen(Happens::Looked { turn: 0, seen: true });
    world.happen(comes());
    world.happen(Happens::Ready(1, 200));
    for _ in 0..80 {
        world.happen(Happens::Passes(100));
    }
    let seats: Vec<usize> = world.model.peers.values().map(|peer| peer.seats.len()).collect();
    assert_eq!(seats, [0, 2]);
}

#[test]
fn a_worker_that_says_too_much_is_at_fault() {
    let hello = Hello { name: "ann".into(), ..Hello::default() };
    assert!(hello.check().is_ok());
    let long = "x".repeat(crate::agents::NAME_BYTES_MAX + 1);
    for wrong in [
        Hello { name: String::new(), ..hello.clone() },
        Hello { name: "an n".into(), ..hello.clone() },
        Hello { rules: vec![long.clone()], ..hello.clone() },
        Hello { kinds: vec!["k".into(); crate::agents::KINDS_MAX + 1], ..hello.clone() },
        Hello { seats_max: crate::agents::WORKER_SEATS_MAX + 1, ..hello },
    ] {
        assert!(matches!(wrong.check(), Err(WorkerFault::Invalid(_))), "{wrong:?}");
    }
    let turn = |commands: Vec<Bytes>, memory: usize| {
        let memory = Some(vec![0; memory].into());
        FromWorker::Turn { turn: 1, commands, memory }.checked().is_ok()
    };
    use crate::agents::{MEMORY_BYTES_MAX, TURN_COMMAND_BYTES_MAX, TURN_COMMANDS_MAX};
    assert!(turn(vec![vec![0; TURN_COMMAND_BYTES_MAX].into(); TURN_COMMANDS_MAX], MEMORY_BYTES_MAX));
    assert!(!turn(vec![Bytes::new(); TURN_COMMANDS_MAX + 1], 0));
    assert!(!turn(vec![vec![0; TURN_COMMAND_BYTES_MAX + 1].into()], 0));
    assert!(!turn(Vec::new(), MEMORY_BYTES_MAX + 1));
}
