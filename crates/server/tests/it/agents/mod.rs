//! Outside workers: who may come in, seats and their turns, jobs of code and of rooms, and what outlives a restart.

mod hive;
mod peer;

use std::net::SocketAddr;
use std::time::Duration;

use agents::contract::{self as proto, from_worker, to_worker, too_late};
use app::agents::{Job, JobError};
use app::rooms::Viewer;
use bytes::Bytes;
use hive::{Hive, State, UNLUCKY, UNLUCKY_CODE};
use kernel::{CommandId, RoomId};
use peer::{KEY, Peer, hello};
use server::serve::{Games, Running, start};
use store::UserId;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tonic::Code;

use crate::client::{Server, config, soon};

const PLAYER: UserId = UserId(7);

async fn begin(folder: &TempDir, deadline_ms: u32) -> Running {
    let mut config = config(folder);
    config.agents.listen = "127.0.0.1:0".into();
    config.agents.turn_ms = 50;
    config.agents.deadline_ms = deadline_ms;
    start(config, Games::new().with::<Hive>(b"")).await.unwrap()
}

async fn server(deadline_ms: u32) -> Server {
    let folder = tempfile::tempdir().unwrap();
    Server { running: begin(&folder, deadline_ms).await, folder }
}

/// The same after a stop.
async fn again(server: Server, deadline_ms: u32) -> Server {
    let Server { running, folder } = server;
    running.stop().await;
    Server { running: begin(&folder, deadline_ms).await, folder }
}

impl Server {
    fn door(&self) -> SocketAddr {
        self.running.workers_address.unwrap()
    }

    async fn hive(&self) -> RoomId {
        self.running.house.services.rooms.open(PLAYER, "hive", Vec::new(), false).await.unwrap()
    }

    /// A player's command, which wakes the room.
    async fn tell(&self, room: RoomId, id: u128, text: &'static str) {
        let rooms = &self.running.house.services.rooms;
        rooms.command(PLAYER, room, CommandId(id), Bytes::from_static(text.as_bytes())).await.unwrap();
    }

    /// Waits for the room to be so.
    async fn seen(&self, room: RoomId, what: &str, is: impl Fn(&State) -> bool) -> State {
        soon(what, async {
            loop {
                let view = self.running.house.services.rooms.peek(room, Viewer::Nobody).await.unwrap();
                let state = serde_json::from_slice(&view).unwrap();
                if is(&state) {
                    return state;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }

    fn job(&self, kind: &str, within_ms: u64, memory: Option<&str>) -> Job {
        Job {
            kind: kind.into(),
            body: b"do it".to_vec(),
            within: Duration::from_millis(within_ms),
            fallback: b"nobody".to_vec(),
            memory: memory.map(Into::into),
        }
    }
}

#[tokio::test]
async fn only_workers_with_the_key_and_good_manners_come_in() {
    let server = server(800).await;
    let door = server.door();
    let call = async |key: &str, first| Peer::call(door, key, first).await.err().map(|status| status.code());
    assert_eq!(call("wrong", hello("ann", 1, &[])).await, Some(Code::Unauthenticated));
    assert_eq!(call("", hello("ann", 1, &[])).await, Some(Code::Unauthenticated));
    let ready = from_worker::Word::Ready(proto::Ready { credit: 1 });
    assert_eq!(call(KEY, ready).await, Some(Code::InvalidArgument));
    assert_eq!(call(KEY, hello("", 1, &[])).await, Some(Code::InvalidArgument));
    assert_eq!(call(KEY, hello("ann", u32::MAX, &[])).await, Some(Code::InvalidArgument));

    // Bytes that are no HTTP/2 at all.
    let mut noise = TcpStream::connect(door).await.unwrap();
    noise.write_all(&[0xff; 4096]).await.unwrap();
    let rude = Peer::welcome(door, "rude", 1, &[]).await;
    rude.say(hello("again", 1, &[])).await;
    assert_eq!(rude.end().await, Code::InvalidArgument);
    let loud = Peer::welcome(door, "loud", 1, &[]).await;
    loud.play(1, &["x"; 17], None).await;
    assert_eq!(loud.end().await, Code::InvalidArgument);
    let huge = Peer::welcome(door, "huge", 1, &[]).await;
    huge.play(1, &[], Some(&"x".repeat(agents::MESSAGE_BYTES_MAX))).await;
    assert_ne!(huge.end().await, Code::Ok);

    let fine = Peer::welcome(door, "fine", 1, &[]).await;
    let stopped = tokio::spawn(server.running.stop());
    assert_eq!(fine.end().await, Code::Unavailable, "sent away with a reason");
    soon("the stop", stopped).await.unwrap();
}

#[tokio::test]
async fn a_seat_is_played_and_remembered_across_workers_and_restarts() {
    let server = server(15_000).await;
    let room = server.hive().await;
    server.tell(room, 1, "add 1").await;
    let mut worker = Peer::welcome(server.door(), "ann", 1, &[]).await;
    let to_worker::Word::Seat(seat) = worker.hear().await else { panic!("first it gets a seat") };
    assert!(seat.given && seat.rules == "hive");
    let turn = worker.turn().await;
    assert_eq!((turn.seat, &turn.observation[..], &turn.memory[..]), (seat.seat, &b"0"[..], &b""[..]));
    assert_eq!(turn.match_id, server.running.house.match_id(room));
    let unlucky = format!("add {UNLUCKY}");
    worker.play(turn.turn, &["add 5", &unlucky, "what", "add 2"], Some("knows")).await;
    for (index, code) in [(1, u32::from(UNLUCKY_CODE)), (2, 1)] {
        match worker.hear_work().await {
            to_worker::Word::Refused(refused) => {
                assert_eq!((refused.turn, refused.index, refused.code), (turn.turn, Some(index), code));
            }
            other => panic!("{other:?}"),
        }
    }
    let turn = worker.turn().await;
    assert_eq!((&turn.observation[..], &turn.memory[..]), (&b"7"[..], &b"knows"[..]));
    drop(worker);

    let server = again(server, 15_000).await;
    server.tell(room, 2, "add 1").await;
    let mut other = Peer::welcome(server.door(), "bob", 1, &[]).await;
    let turn = other.turn().await;
    assert_eq!(turn.seat, seat.seat);
    assert_eq!(
        (&turn.observation[..], &turn.memory[..]),
        (&b"7"[..], &b"knows"[..]),
        "another worker knows it"
    );
    server.running.stop().await;
}

#[tokio::test]
async fn nothing_of_a_late_answer_is_done() {
    let server = server(60).await;
    let room = server.hive().await;
    server.tell(room, 1, "add 1").await;
    let mut worker = Peer::welcome(server.door(), "ann", 1, &[]).await;
    let turn = worker.turn().await;
    match worker.hear_work().await {
        to_worker::Word::TooLate(late) => assert_eq!(late.what, Some(too_late::What::Turn(turn.turn))),
        other => panic!("{other:?}"),
    }
    worker.play(turn.turn, &["add 5"], Some("late")).await;
    let next = worker.turn().await;
    assert_eq!((&next.observation[..], &next.memory[..]), (&b"0"[..], &b""[..]));
    server.running.stop().await;
}

#[tokio::test]
async fn a_worker_gets_no_more_than_it_asked_for() {
    let server = server(15_000).await;
    let room = server.hive().await;
    server.tell(room, 1, "add 1").await;
    let mut worker = Peer::call(server.door(), KEY, hello("ann", 3, &["write"])).await.unwrap();
    worker.ready(2).await;
    assert!(matches!(worker.hear_work().await, to_worker::Word::Welcome(_)));
    let (first, _) = (worker.turn().await, worker.turn().await);
    // The third seat waits, and so does a job, until it takes more: the next word is about what it had.
    let agents = server.running.house.services.agents.clone();
    let job = agents.job(server.job("write", 60_000, None)).await.unwrap();
    worker.play(first.turn, &["what"], None).await;
    assert!(matches!(worker.hear_work().await, to_worker::Word::Refused(_)));
    worker.ready(2).await;
    let (mut jobs, mut turns) = (0, 0);
    for _ in 0..2 {
        match worker.hear_work().await {
            to_worker::Word::Job(given) => {
                jobs += 1;
                worker.done(&given, "done").await;
            }
            to_worker::Word::Turn(_) => turns += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((jobs, turns), (1, 1));
    let result = soon("the job", agents.wait(job)).await.unwrap();
    assert_eq!((&result.body[..], result.worker.as_deref()), (&b"done"[..], Some("ann")));
    server.running.stop().await;
}

#[tokio::test]
async fn jobs_of_code_end_once_with_a_result_or_a_fallback() {
    let server = server(800).await;
    let agents = server.running.house.services.agents.clone();
    let nobody = agents.job(server.job("draw", 30, None)).await.unwrap();
    let result = soon("the fallback", agents.wait(nobody)).await.unwrap();
    assert_eq!((&result.body[..], result.worker), (&b"nobody"[..], None));
    assert_eq!(agents.outcome(nobody).await.unwrap().unwrap().worker, None, "it is kept");
    assert!(matches!(agents.wait(app::agents::JobId(1)).await, Err(JobError::Unknown)));
    assert!(matches!(agents.job(server.job("", 30, None)).await, Err(JobError::Invalid(_))));

    // One that fails is tried again, by somebody else or not, a few times.
    let mut worker = Peer::welcome(server.door(), "ann", 0, &["write"]).await;
    let hard = agents.job(server.job("write", 60_000, None)).await.unwrap();
    for _ in 0..app::agents::desk::JOB_TRIES_MAX {
        let job = worker.job().await;
        let outcome = Some(proto::job_done::Outcome::Failure("too hard".into()));
        worker.say(from_worker::Word::JobDone(proto::JobDone { job: job.job, outcome, memory: None })).await;
    }
    assert_eq!(soon("the fallback", agents.wait(hard)).await.unwrap().worker, None);

    // What is remembered under a name comes with the next job, also of a worker that takes over.
    for (memory, says) in [("", "first"), ("first", "second")] {
        let job = agents.job(server.job("write", 60_000, Some("poet"))).await.unwrap();
        let given = worker.job().await;
        assert_eq!(given.memory, memory.as_bytes());
        worker.done(&given, says).await;
        soon("the job", agents.wait(job)).await.unwrap();
    }
    let left = agents.job(server.job("write", 60_000, Some("poet"))).await.unwrap();
    assert_eq!(worker.job().await.memory, "second".as_bytes());
    drop(worker);
    let mut other = Peer::welcome(server.door(), "bob", 0, &["write"]).await;
    let given = other.job().await;
    assert_eq!(given.memory, "second".as_bytes());

    // Nobody does these two; one is over while the server is down, and one is given again after.
    let over = agents.job(server.job("sing", 400, None)).await.unwrap();
    drop((agents, other));
    let server = again(server, 800).await;
    let agents = server.running.house.services.agents.clone();
    let mut worker = Peer::welcome(server.door(), "cleo", 0, &["write"]).await;
    let given = worker.job().await;
    worker.done(&given, "third").await;
    let result = soon("the job", agents.wait(left)).await.unwrap();
    assert_eq!((&result.body[..], result.worker.as_deref()), (&b"third"[..], Some("cleo")));
    assert_eq!(soon("the fallback", agents.wait(over)).await.unwrap().worker, None);
    server.running.stop().await;
}

#[tokio::test]
async fn rooms_give_jobs_and_hear_of_each_once_and_in_order() {
    let server = server(800).await;
    let room = server.hive().await;
    server.tell(room, 1, "babble").await;
    let state = server.seen(room, "the desk's no", |state| state.noted.1 == 1).await;
    assert_eq!(state.noted, (0, 1));
    // The second ends first: nobody does its kind.
    server.tell(room, 2, "ask write 600000").await;
    server.tell(room, 3, "ask sing 40").await;
    server.tell(room, 4, "ask write 600000").await;
    let state = server.seen(room, "the fallback", |state| !state.results.is_empty()).await;
    assert_eq!((state.noted, state.results), ((3, 1), vec![(2, "nobody".into(), true)]));
    let mut worker = Peer::welcome(server.door(), "ann", 0, &["write"]).await;
    let (first, second) = (worker.job().await, worker.job().await);
    assert_eq!((&first.body[..], &second.body[..]), (&b"job 1"[..], &b"job 3"[..]));
    worker.done(&second, "three").await;
    server.seen(room, "a result", |state| state.results.len() == 2).await;
    drop(worker);

    // The job that is left is there after a restart, and its result wakes the room.
    let server = again(server, 800).await;
    let mut worker = Peer::welcome(server.door(), "bob", 0, &["write"]).await;
    let left = worker.job().await;
    assert_eq!(left.body, "job 1".as_bytes());
    worker.done(&left, "one").await;
    let state = server.seen(room, "the last result", |state| state.results.len() == 3).await;
    let said: Vec<_> = state.results.iter().map(|(tag, text, _)| (*tag, text.as_str())).collect();
    assert_eq!(said, [(2, "nobody"), (3, "three"), (1, "one")]);

    // They are in the log: what is read from the store is the same, and after a restart nothing is said twice.
    let server = again(server, 800).await;
    server.tell(room, 5, "ask sing 1").await;
    let state = server.seen(room, "the next result", |state| state.results.len() == 4).await;
    assert_eq!((state.results[3].0, state.noted), (4, (4, 1)));
    server.running.stop().await;
}
