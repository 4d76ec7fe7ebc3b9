//! One thread's connections.

use super::{DRAIN_MS_MAX, OPEN_IN_FLIGHT_MAX, Outcome, Pace, Plan, Reply, Talk};
use anyhow::{Result, bail};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// One read takes at most this much.
const READ_BYTES: usize = 256 * 1024;
const EVENTS_MAX: usize = 1024;
/// Longest sleep below epoll's granularity of a millisecond.
const SHORT_SLEEP: Duration = Duration::from_micros(100);

struct Connection<T> {
    stream: TcpStream,
    talk: T,
    /// The start of a message whose end has not come.
    kept: Vec<u8>,
    out: Vec<u8>,
    out_at: usize,
    blocked: bool,
    open: bool,
    /// When request `number` was (or should have been) sent, at `number % len`, in nanoseconds; zero is free.
    sent: Box<[u64]>,
    next: u64,
    in_flight: usize,
    /// Open loop: sends that are due and could not go, by their intended times.
    due: std::collections::VecDeque<u64>,
}

pub(super) fn drive<T: Talk>(
    connections: Vec<(std::net::TcpStream, Vec<u8>, T)>,
    plan: &Plan,
    share: f64,
    accepted: &AtomicU64,
) -> Result<Outcome> {
    let mut driver = Driver::new(connections, plan, share)?;
    driver.run(accepted)?;
    Ok(driver.outcome)
}

struct Driver<T> {
    poll: Poll,
    connections: Vec<Connection<T>>,
    pace: Pace,
    /// Requests that one connection may have on their way.
    in_flight_max: usize,
    start: Instant,
    warm_up_ns: u64,
    end_ns: u64,
    outcome: Outcome,
    buffer: Vec<u8>,
    /// Open loop: nanoseconds between two sends of this thread, the next one's time, and whose turn it is.
    interval_ns: f64,
    next_due_ns: f64,
    turn: usize,
}

impl<T: Talk> Driver<T> {
    fn new(connections: Vec<(std::net::TcpStream, Vec<u8>, T)>, plan: &Plan, share: f64) -> Result<Self> {
        let poll = Poll::new()?;
        let in_flight_max = match plan.pace {
            Pace::Closed(in_flight) => in_flight,
            Pace::Open(_) => OPEN_IN_FLIGHT_MAX,
        };
        let mut ready = Vec::with_capacity(connections.len());
        for (index, (stream, kept, talk)) in connections.into_iter().enumerate() {
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
            // Replies may overtake one another; a slot that is still taken holds the next request back.
            let slots = (in_flight_max * 4).next_power_of_two();
            ready.push(Connection {
                stream,
                talk,
                kept,
                out: Vec::new(),
                out_at: 0,
                blocked: false,
                open: true,
                sent: vec![0; slots].into_boxed_slice(),
                next: 0,
                in_flight: 0,
                due: std::collections::VecDeque::new(),
            });
        }
        let interval_ns = match plan.pace {
            Pace::Closed(_) => 0.0,
            Pace::Open(per_second) => 1e9 / (per_second * share),
        };
        let warm_up_ns = plan.warm_up.as_nanos() as u64;
        Ok(Driver {
            poll,
            connections: ready,
            pace: plan.pace,
            in_flight_max,
            start: Instant::now(),
            warm_up_ns,
            end_ns: warm_up_ns + plan.measure.as_nanos() as u64,
            outcome: Outcome::new(plan.measure),
            buffer: vec![0; READ_BYTES],
            interval_ns,
            next_due_ns: 1.0,
            turn: 0,
        })
    }

    /// Nanoseconds since the start, never zero.
    fn now(&self) -> u64 {
        (self.start.elapsed().as_nanos() as u64).max(1)
    }

    fn run(&mut self, accepted: &AtomicU64) -> Result<()> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        self.start = Instant::now();
        for index in 0..self.connections.len() {
            self.serve(index, false, self.now());
        }
        loop {
            let now = self.now();
            let sending = now < self.end_ns;
            if !sending && self.is_drained(now) {
                break;
            }
            if sending && matches!(self.pace, Pace::Open(_)) {
                self.schedule(now);
            }
            let timeout = self.timeout(now);
            match self.poll.poll(&mut events, Some(timeout)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            }
            // One look at the clock for all that came together; a batch is handled in microseconds.
            let now = self.now();
            for event in &events {
                let index = event.token().0;
                if event.is_writable() {
                    self.connections[index].blocked = false;
                }
                self.serve(index, event.is_readable() || event.is_read_closed(), now);
            }
            accepted.store(self.outcome.accepted, Ordering::Relaxed);
            if self.connections.iter().all(|c| !c.open) {
                let fault = self.outcome.fault.take().unwrap_or_default();
                bail!("every connection broke; the first: {fault}");
            }
        }
        self.outcome.unanswered = self.connections.iter().map(|c| (c.in_flight + c.due.len()) as u64).sum();
        Ok(())
    }

    fn is_drained(&self, now: u64) -> bool {
        now > self.end_ns + DRAIN_MS_MAX * 1_000_000
            || self.connections.iter().all(|c| !c.open || c.in_flight == 0)
    }

    fn timeout(&self, now: u64) -> Duration {
        let until = |at: u64| Duration::from_nanos(at.saturating_sub(now));
        if now >= self.end_ns {
            return Duration::from_millis(20);
        }
        match self.pace {
            Pace::Closed(_) => until(self.end_ns).min(Duration::from_millis(100)),
            Pace::Open(_) => {
                let wait = until(self.next_due_ns as u64);
                if wait >= Duration::from_millis(1) {
                    // Rounded down: the rest is slept below.
                    return Duration::from_millis(wait.as_millis() as u64).min(Duration::from_millis(100));
                }
                if !wait.is_zero() {
                    std::thread::sleep(wait.min(SHORT_SLEEP));
                }
                Duration::ZERO
            }
        }
    }

    /// Hands out every send that is due, in turn, and flushes those connections.
    fn schedule(&mut self, now: u64) {
        let first = self.turn;
        let mut given = 0;
        while self.next_due_ns <= now as f64 {
            self.connections[self.turn].due.push_back(self.next_due_ns as u64);
            self.next_due_ns += self.interval_ns;
            self.turn = (self.turn + 1) % self.connections.len();
            given += 1;
        }
        for offset in 0..given.min(self.connections.len()) {
            self.serve((first + offset) % self.connections.len(), false, now);
        }
    }

    /// Reads all that came, sends all that may go.
    fn serve(&mut self, index: usize, readable: bool, now: u64) {
        if !self.connections[index].open {
            return;
        }
        if let Err(error) = self.try_serve(index, readable, now) {
            self.connections[index].open = false;
            self.connections[index].in_flight = 0;
            self.outcome.broken += 1;
            self.outcome.fault.get_or_insert_with(|| format!("{error:#}"));
        }
    }

    fn try_serve(&mut self, index: usize, readable: bool, now: u64) -> Result<()> {
        let connection = &mut self.connections[index];
        if readable {
            loop {
                // What was kept goes first, so that messages lie in one piece.
                let kept = connection.kept.len();
                if self.buffer.len() < kept + READ_BYTES {
                    self.buffer.resize(kept + READ_BYTES, 0);
                }
                self.buffer[..kept].copy_from_slice(&connection.kept);
                connection.kept.clear();
                let room = self.buffer.len() - kept;
                let read = match connection.stream.read(&mut self.buffer[kept..]) {
                    Ok(0) => bail!("the server closed the connection"),
                    Ok(read) => read,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        connection.kept.extend_from_slice(&self.buffer[..kept]);
                        break;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {
                        connection.kept.extend_from_slice(&self.buffer[..kept]);
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                };
                let (outcome, sent, in_flight) =
                    (&mut self.outcome, &mut connection.sent, &mut connection.in_flight);
                let count = now >= self.warm_up_ns && now < self.end_ns;
                let mut at = 0;
                connection.talk.replies(
                    &mut self.buffer[..kept + read],
                    &mut at,
                    &mut connection.out,
                    &mut |reply| {
                        let (Reply::Accepted(number) | Reply::Refused(number)) = reply;
                        let slot = &mut sent[number as usize & (sent.len() - 1)];
                        // A reply that nobody waits for: the server repeats itself, or speaks to an old request.
                        if *slot == 0 {
                            return;
                        }
                        if count {
                            outcome.latency.saturating_record(now.saturating_sub(*slot).max(1));
                            match reply {
                                Reply::Accepted(_) => outcome.accepted += 1,
                                Reply::Refused(_) => outcome.refused += 1,
                            }
                        }
                        *slot = 0;
                        *in_flight -= 1;
                    },
                )?;
                connection.kept.extend_from_slice(&self.buffer[at..kept + read]);
                // A short read emptied the socket: epoll(7) says so, and it saves a call.
                if read < room {
                    break;
                }
            }
        }
        if now < self.end_ns {
            Self::fill(connection, self.pace, self.in_flight_max, now);
        }
        flush(connection)
    }

    fn fill(connection: &mut Connection<T>, pace: Pace, in_flight_max: usize, now: u64) {
        while connection.in_flight < in_flight_max {
            let slot = connection.next as usize & (connection.sent.len() - 1);
            if connection.sent[slot] != 0 {
                break;
            }
            connection.sent[slot] = match pace {
                Pace::Closed(_) => now,
                Pace::Open(_) => match connection.due.pop_front() {
                    Some(intended) => intended,
                    None => break,
                },
            };
            connection.talk.request(connection.next, &mut connection.out);
            connection.next += 1;
            connection.in_flight += 1;
        }
    }
}

fn flush<T>(connection: &mut Connection<T>) -> Result<()> {
    while !connection.blocked && connection.out_at < connection.out.len() {
        match connection.stream.write(&connection.out[connection.out_at..]) {
            Ok(written) => connection.out_at += written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => connection.blocked = true,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    if connection.out_at == connection.out.len() {
        connection.out.clear();
        connection.out_at = 0;
    }
    Ok(())
}
