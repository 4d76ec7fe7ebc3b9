//! Members of groups who send at a rate and note what reaches them, and when. One thread, by epoll.

use crate::progress::Progress;
use anyhow::{Context as _, Result, bail};
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read as _, Write as _};
use std::time::{Duration, Instant};

const READ_BYTES: usize = 64 * 1024;
const EVENTS_MAX: usize = 1024;
/// Longest wait for the last deliveries when time is over.
const DRAIN_MS_MAX: u64 = 3_000;

/// What one member says and hears, without IO.
pub trait Voice {
    /// Appends a message that carries a stamp.
    fn say(&mut self, stamp: u64, out: &mut Vec<u8>);
    /// Reads what came in `bytes[*at..]` and moves `*at` behind it. Each delivery's stamp goes to `heard`.
    fn hear(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        out: &mut Vec<u8>,
        heard: &mut dyn FnMut(u64),
    ) -> Result<()>;
}

/// How a run goes.
pub struct Plan {
    /// Messages a second over all members.
    pub per_second: f64,
    pub warm_up: Duration,
    pub measure: Duration,
    /// Whose processor time is measured.
    pub pid: Option<u32>,
    /// Deliveries of one message.
    pub reach: u64,
}

/// What it gave.
pub struct Heard {
    pub latency: Histogram<u64>,
    /// Deliveries after the warm-up.
    pub deliveries: u64,
    /// Bytes that came after the warm-up and before the end.
    pub measured_bytes: u64,
    /// Bytes that came, and the deliveries in them, the warm-up's and late ones included.
    pub bytes: u64,
    pub came: u64,
    /// Deliveries that should have come.
    pub expected: u64,
    /// Members whose socket was closed.
    pub closed: u64,
    /// Processor time of the server while it was measured.
    pub cpu_seconds: Option<f64>,
    pub fault: Option<String>,
}

struct Member<V> {
    stream: TcpStream,
    voice: V,
    kept: Vec<u8>,
    out: Vec<u8>,
    open: bool,
}

/// Members at their sockets: they may be run for a time, looked at, and run again.
pub struct Crowd<V> {
    poll: Poll,
    members: Vec<Member<V>>,
    start: Instant,
    /// When the next message is due, and whose it is.
    due: f64,
    turn: usize,
}

/// Runs the members once.
pub fn run<V: Voice>(
    what: &str,
    members: Vec<(std::net::TcpStream, Vec<u8>, V)>,
    plan: &Plan,
) -> Result<Heard> {
    Crowd::new(members)?.run(what, plan, &mut |gone| gone >= plan.warm_up)
}

impl<V: Voice> Crowd<V> {
    /// Takes the sockets over.
    pub fn new(members: Vec<(std::net::TcpStream, Vec<u8>, V)>) -> Result<Self> {
        let poll = Poll::new()?;
        let mut ready = Vec::with_capacity(members.len());
        for (index, (stream, kept, voice)) in members.into_iter().enumerate() {
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
            ready.push(Member { stream, voice, kept, out: Vec::new(), open: true });
        }
        Ok(Self { poll, members: ready, start: Instant::now(), due: 1.0, turn: 0 })
    }

    /// Runs them until they have been measured. `begins` is asked, again and again, with the time that has gone, whether
    /// the warm-up is over; the plan's own is what progress is shown by.
    pub fn run(
        &mut self,
        what: &str,
        plan: &Plan,
        begins: &mut dyn FnMut(Duration) -> bool,
    ) -> Result<Heard> {
        let Self { poll, members: ready, start, due, turn } = self;
        let latency = Histogram::new_with_bounds(1_000, 120_000_000_000, 3).expect("three digits fit");
        let mut heard = Heard {
            latency,
            deliveries: 0,
            measured_bytes: 0,
            bytes: 0,
            came: 0,
            expected: 0,
            closed: 0,
            cpu_seconds: None,
            fault: None,
        };
        let mut buffer = vec![0; READ_BYTES];
        let now = || (start.elapsed().as_nanos() as u64).max(1);
        let begun = now();
        let whole = (plan.warm_up + plan.measure).as_millis() as u64;
        let interval = 1e9 / plan.per_second;
        *due = due.max(begun as f64);
        let mut events = Events::with_capacity(EVENTS_MAX);
        let progress = Progress::new(what, whole);
        let (mut cpu_before, mut told) = (None, begun);
        // Nothing counts until the warm-up is over.
        let (mut warm_up, mut total) = (u64::MAX, u64::MAX);
        loop {
            let at = now();
            if warm_up == u64::MAX && begins(Duration::from_nanos(at - begun)) {
                (warm_up, total) = (at, at + plan.measure.as_nanos() as u64);
                cpu_before = cpu(plan)?;
            }
            if at >= total && heard.cpu_seconds.is_none() {
                heard.cpu_seconds = cpu(plan)?.zip(cpu_before).map(|(after, before)| after - before);
                if plan.pid.is_none() {
                    heard.cpu_seconds = Some(f64::NAN);
                }
            }
            let over = at >= total;
            if over && (heard.deliveries >= heard.expected || at >= total + DRAIN_MS_MAX * 1_000_000) {
                break;
            }
            while !over && *due <= at as f64 {
                let member = &mut ready[*turn];
                if member.open {
                    member.voice.say(*due as u64, &mut member.out);
                    if *due as u64 >= warm_up {
                        heard.expected += plan.reach;
                    }
                    flush(member, &mut heard);
                }
                *due += interval;
                *turn = (*turn + 1) % ready.len();
            }
            let wait = Duration::from_nanos((*due as u64).saturating_sub(now()).min(5_000_000));
            let patience = if wait < Duration::from_millis(1) { Duration::ZERO } else { wait };
            match poll.poll(&mut events, Some(patience)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            }
            if events.is_empty() && !wait.is_zero() {
                std::thread::sleep(wait.min(Duration::from_micros(100)));
            }
            for event in &events {
                let member = &mut ready[event.token().0];
                if !member.open {
                    continue;
                }
                if let Err(error) = read(member, &mut buffer, warm_up, total, &now, &mut heard) {
                    member.open = false;
                    heard.closed += 1;
                    heard.fault.get_or_insert_with(|| format!("{error:#}"));
                } else {
                    flush(member, &mut heard);
                }
            }
            if ready.iter().all(|member| !member.open) {
                break;
            }
            if at - told > 100_000_000 {
                told = at;
                progress.at(((at - begun) / 1_000_000).min(whole));
            }
        }
        progress.done();
        heard.cpu_seconds = heard.cpu_seconds.filter(|seconds| seconds.is_finite());
        Ok(heard)
    }
}

fn cpu(plan: &Plan) -> Result<Option<f64>> {
    plan.pid
        .map(|pid| crate::process_cpu::cpu_seconds(pid).context("the server's processor time"))
        .transpose()
}

fn read<V: Voice>(
    member: &mut Member<V>,
    buffer: &mut Vec<u8>,
    warm_up: u64,
    total: u64,
    now: &impl Fn() -> u64,
    heard: &mut Heard,
) -> Result<()> {
    loop {
        let kept = member.kept.len();
        if buffer.len() < kept + READ_BYTES {
            buffer.resize(kept + READ_BYTES, 0);
        }
        buffer[..kept].copy_from_slice(&member.kept);
        member.kept.clear();
        let read = match member.stream.read(&mut buffer[kept..]) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                member.kept.extend_from_slice(&buffer[..kept]);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let (mut at, came) = (0, now());
        heard.bytes += read as u64;
        if (warm_up..total).contains(&came) {
            heard.measured_bytes += read as u64;
        }
        let (voice, out) = (&mut member.voice, &mut member.out);
        voice.hear(&mut buffer[..kept + read], &mut at, out, &mut |stamp| {
            heard.came += 1;
            if stamp >= warm_up && stamp < total {
                heard.deliveries += 1;
                heard.latency.saturating_record(came.saturating_sub(stamp).max(1));
            }
        })?;
        member.kept.extend_from_slice(&buffer[at..kept + read]);
        if read < READ_BYTES {
            return Ok(());
        }
    }
}

fn flush<V>(member: &mut Member<V>, heard: &mut Heard) {
    while !member.out.is_empty() {
        match member.stream.write(&member.out) {
            Ok(written) => drop(member.out.drain(..written)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) => {
                member.open = false;
                heard.closed += 1;
                heard.fault.get_or_insert_with(|| error.to_string());
                return;
            }
        }
    }
}
