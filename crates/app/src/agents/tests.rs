//! Jobs by a clock that is set: each ends when its time is over, not before and not never, whatever fails on the way.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use kernel::{DeskJob, Registry, RoomId};
use store::CommitFault;

use super::*;
use crate::core::bench::Bench as CoreBench;
use crate::ports::Task;
use crate::rooms::{Library, ResumeKey, RoomsByHand, RoomsConfig, RoomsParts, ToDesk};

/// Rounds in which everything that could go on has done so.
const ROUNDS: usize = 40;

#[derive(Default)]
struct Tasks(Mutex<VecDeque<Task>>);

impl Spawn for Tasks {
    fn task(&self, task: Task) {
        self.0.lock().push_back(task);
    }
    fn blocking(&self, work: Box<dyn FnOnce() + Send>) {
        work();
    }
}

fn poll<T>(future: std::pin::Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

/// A desk without rooms, over a store that works when it is told to.
struct Bench {
    under: CoreBench,
    tasks: Arc<Tasks>,
    agents: Agents,
    rung: Arc<AtomicUsize>,
    _rooms: RoomsByHand,
}

impl Bench {
    fn new() -> Self {
        Self::over(CoreBench::new())
    }

    fn over(under: CoreBench) -> Self {
        let (tasks, rung) = (Arc::new(Tasks::default()), Arc::new(AtomicUsize::new(0)));
        let rooms = Rooms::by_hand(RoomsParts {
            store: under.store.clone(),
            library: Arc::new(Library::new(Registry::default(), Default::default()).unwrap()),
            clock: Arc::clone(under.core.clock()),
            entropy: Arc::clone(under.core.entropy()),
            spawn: Arc::clone(&tasks) as _,
            resume: ResumeKey::from_secret(b"a test"),
            config: RoomsConfig::default(),
        });
        let bell = Arc::clone(&rung);
        let bell = move || {
            bell.fetch_add(1, Ordering::Relaxed);
        };
        let agents =
            Agents::new(&under.core, &rooms.rooms, Arc::clone(&tasks) as _, bell, DeskSettings::default());
        let bench = Self { under, tasks, agents, rung, _rooms: rooms };
        let agents = bench.agents.clone();
        bench.run(agents.begin()).unwrap();
        bench.settle();
        bench
    }

    /// The process ends without a word and begins again some time later.
    fn restarted(self, after_ms: i64) -> Self {
        let Self { under, tasks, agents, .. } = self;
        tasks.0.lock().clear();
        drop(agents);
        under.pass(after_ms);
        Self::over(under)
    }

    /// Does whatever needs no time.
    fn settle(&self) {
        for _ in 0..ROUNDS {
            self.under.store.pump();
            let waiting = self.tasks.0.lock().len();
            for _ in 0..waiting {
                let Some(mut task) = self.tasks.0.lock().pop_front() else { break };
                if poll(task.as_mut()).is_none() {
                    self.tasks.0.lock().push_back(task);
                }
            }
        }
    }

    fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        for _ in 0..ROUNDS {
            if let Some(done) = poll(work.as_mut()) {
                return done;
            }
            self.settle();
        }
        panic!("this waits for ever");
    }

    /// As the server does: time passes, and the desk is told unless it is idle.
    fn pass(&self, ms: i64) {
        self.under.pass(ms);
        if !self.agents.is_idle() {
            self.agents.tick();
        }
        self.settle();
    }

    fn job(&self, within: Duration) -> JobId {
        let (kind, body, fallback) = ("write".into(), b"do it".to_vec(), b"nobody".to_vec());
        self.run(self.agents.job(Job { kind, body, within, fallback, memory: None })).unwrap()
    }

    /// Who has done a job, or nobody; `None`: it has not ended.
    fn ended(&self, job: JobId) -> Option<Option<String>> {
        self.run(self.agents.outcome(job)).unwrap().map(|result| result.worker)
    }

    fn worker(&self) -> Connection {
        let hello = Hello { name: "ann".into(), kinds: vec!["write".into()], ..Hello::default() };
        let worker = self.agents.connect(hello).unwrap();
        worker.hear(FromWorker::Ready { credit: 9 }).unwrap();
        self.settle();
        worker
    }
}

/// What a worker was told of jobs.
fn told(worker: &Connection) -> Vec<ToWorker> {
    let mut words = Vec::new();
    while let Some(Some(word)) = poll(pin!(worker.next())) {
        words.push(word);
    }
    words.retain(|word| matches!(word, ToWorker::Job { .. } | ToWorker::TooLate(_)));
    words
}

fn jobs(words: &[ToWorker]) -> Vec<(u128, u64)> {
    let job = |word: &ToWorker| match word {
        ToWorker::Job { job, deadline_ms, .. } => Some((*job, *deadline_ms)),
        _ => None,
    };
    words.iter().filter_map(job).collect()
}

#[test]
fn a_job_that_nobody_does_ends_when_its_time_is_over() {
    let week = Duration::from_millis(give::JOB_MS_MAX);
    for (within, ms) in [
        (Duration::from_millis(1), 1),
        (Duration::from_millis(500), 500),
        (week, week.as_millis() as i64),
        (Duration::MAX, week.as_millis() as i64),
    ] {
        let bench = Bench::new();
        assert!(bench.agents.is_idle() && poll(pin!(bench.agents.stirred())).is_none());
        let job = bench.job(within);
        assert!(poll(pin!(bench.agents.stirred())).is_some(), "whoever waits for work is called");
        let mut waits = Box::pin(bench.agents.wait(job));
        bench.settle();
        assert!(poll(waits.as_mut()).is_none());
        bench.pass(ms - 1);
        assert_eq!(bench.ended(job), None, "{within:?}: given up too early");
        assert!(!bench.agents.is_idle() && poll(waits.as_mut()).is_none());
        bench.pass(1);
        assert_eq!(bench.ended(job), Some(None), "{within:?}: not given up");
        let result = poll(waits.as_mut()).expect("whoever waits hears of it").unwrap();
        assert_eq!((&result.body[..], result.worker), (&b"nobody"[..], None));
        assert!(bench.agents.is_idle() && bench.rung.load(Ordering::Relaxed) == 1);
    }
}

#[test]
fn a_job_that_a_worker_keeps_ends_without_it() {
    let bench = Bench::new();
    let job = bench.job(Duration::from_millis(500));
    bench.pass(200);
    let worker = bench.worker();
    assert_eq!(jobs(&told(&worker)), [(job.0, 300)], "it is told what is left of the time");
    bench.pass(299);
    assert_eq!((bench.ended(job), told(&worker)), (None, Vec::new()));
    bench.pass(1);
    assert_eq!(bench.ended(job), Some(None));
    assert_eq!(told(&worker), [ToWorker::TooLate(Late::Job(job.0))]);
    worker.hear(FromWorker::Job { job: job.0, result: Ok("late".into()), memory: None }).unwrap();
    bench.settle();
    assert_eq!(bench.ended(job), Some(None), "its end stands");
}

#[test]
fn a_job_that_fails_is_tried_again_so_often_and_no_more() {
    let bench = Bench::new();
    let job = bench.job(Duration::from_secs(60));
    let worker = bench.worker();
    for failed in 0..desk::JOB_TRIES_MAX {
        assert_eq!(bench.ended(job), None, "given up after {failed}");
        assert_eq!(jobs(&told(&worker)).len(), 1, "try {failed}");
        worker.hear(FromWorker::Job { job: job.0, result: Err("no".into()), memory: None }).unwrap();
        bench.settle();
    }
    assert_eq!((bench.ended(job), told(&worker)), (Some(None), Vec::new()));
}

#[test]
fn a_job_whose_worker_goes_is_anothers_for_the_time_that_is_left() {
    let bench = Bench::new();
    let job = bench.job(Duration::from_millis(500));
    let first = bench.worker();
    assert_eq!(jobs(&told(&first)), [(job.0, 500)]);
    bench.pass(100);
    drop(first);
    let second = bench.worker();
    assert_eq!(jobs(&told(&second)), [(job.0, 400)]);
    second.hear(FromWorker::Job { job: job.0, result: Ok("done".into()), memory: None }).unwrap();
    bench.settle();
    assert_eq!(bench.ended(job), Some(Some("ann".into())));
}

#[test]
fn an_end_that_the_store_does_not_take_is_noted_a_moment_later() {
    let bench = Bench::new();
    let job = bench.job(Duration::from_millis(500));
    bench.under.faults.lock().unwrap().push(Some(CommitFault::Full));
    bench.pass(500);
    assert_eq!((bench.ended(job), bench.agents.is_idle()), (None, false));
    bench.pass(999);
    assert_eq!(bench.ended(job), None, "the store is left alone for a moment");
    bench.pass(1);
    assert_eq!((bench.ended(job), bench.agents.is_idle()), (Some(None), true));
}

#[test]
fn a_rooms_job_ends_when_its_time_is_over_however_often_the_room_says_it() {
    let bench = Bench::new();
    let (within_ms, fallback) = (500, b"nobody".to_vec());
    let asked = DeskJob { kind: "write".into(), within_ms, fallback, ..DeskJob::default() };
    for _ in 0..2 {
        let key = EffectKey { seq: Seq(3), index: 0 };
        bench.agents.told(ToDesk::Job { from: RoomId(5), key, body: asked.to_bytes() });
        bench.settle();
    }
    assert!(poll(pin!(bench.agents.stirred())).is_some(), "whoever waits for work is called");
    bench.pass(499);
    assert!(!bench.agents.is_idle() && bench.rung.load(Ordering::Relaxed) == 0);
    bench.pass(1);
    assert!(bench.agents.is_idle() && bench.rung.load(Ordering::Relaxed) == 1);
}

#[test]
fn jobs_outlive_the_process_and_their_time_goes_on() {
    let bench = Bench::new();
    let (short, long) = (bench.job(Duration::from_millis(500)), bench.job(Duration::from_secs(60)));
    let bench = bench.restarted(1_000);
    assert!(!bench.agents.is_idle());
    bench.pass(0);
    assert_eq!((bench.ended(short), bench.ended(long)), (Some(None), None));
    let worker = bench.worker();
    assert_eq!(jobs(&told(&worker)), [(long.0, 59_000)]);
    bench.pass(59_000);
    assert_eq!(bench.ended(long), Some(None));
}
