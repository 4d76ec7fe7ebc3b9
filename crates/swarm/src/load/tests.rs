//! The load loop against the bare echo.

use super::echo::{EchoServer, EchoTalk};
use super::{Pace, Plan, run};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

fn echo(pace: Pace, connections: usize, threads: usize, frame_bytes: usize) -> super::Outcome {
    let server = EchoServer::start(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let connections = (0..connections)
        .map(|_| (TcpStream::connect(server.address()).unwrap(), Vec::new(), EchoTalk::new(frame_bytes)))
        .collect();
    let plan =
        Plan { pace, warm_up: Duration::from_millis(50), measure: Duration::from_millis(300), threads };
    run("test", connections, &plan).unwrap()
}

#[test]
fn a_closed_loop_gets_every_reply() {
    for (connections, threads, frame_bytes) in [(1, 1, 1), (5, 2, 100), (3, 1, 100_000)] {
        let outcome = echo(Pace::Closed(8), connections, threads, frame_bytes);
        assert!(outcome.accepted > 0);
        assert_eq!(outcome.latency.len(), outcome.accepted);
        assert_eq!((outcome.broken, outcome.refused, outcome.unanswered), (0, 0, 0), "{:?}", outcome.fault);
    }
}

#[test]
fn an_open_loop_sends_what_is_due_and_no_more() {
    let outcome = echo(Pace::Open(2_000.0), 4, 2, 50);
    // 350 ms at 2,000 a second; a busy machine may be late, even with what the warm-up asked.
    assert!((1..=701).contains(&outcome.accepted), "{}", outcome.accepted);
    assert_eq!((outcome.broken, outcome.unanswered), (0, 0));
}

#[test]
fn a_server_that_goes_away_is_an_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    drop(listener.accept().unwrap());
    let plan =
        Plan { pace: Pace::Closed(1), warm_up: Duration::ZERO, measure: Duration::from_secs(30), threads: 1 };
    let error = run("test", vec![(stream, Vec::new(), EchoTalk::new(10))], &plan).unwrap_err();
    assert!(error.to_string().contains("every connection broke"), "{error:#}");
}
