//! The bare echo: a server that sends back what it gets, and a talk of frames of fixed length. It is the limit that
//! the socket calls of this machine set, measured in the same run as what is compared with it.

use super::{Reply, Talk};
use anyhow::Result;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);
const EVENTS_MAX: usize = 1024;
const READ_BYTES: usize = 64 * 1024;
/// Connections at once; more are closed at once.
const CONNECTIONS_MAX: usize = 100_000;

/// A running echo server; it ends when this is dropped.
#[derive(Debug)]
pub struct EchoServer {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    waker: Arc<Waker>,
    thread: Option<JoinHandle<()>>,
}

impl EchoServer {
    /// Starts one on a thread of its own.
    pub fn start(listen: SocketAddr) -> Result<Self> {
        let mut listener = TcpListener::bind(listen)?;
        let address = listener.local_addr()?;
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("echo".into()).spawn(move || {
            if let Err(error) = serve(poll, listener, &stopped) {
                eprintln!("swarm: the echo server failed: {error}");
            }
        })?;
        Ok(EchoServer { address, stop, waker, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it ends, which only a failure makes it do.
    pub fn join(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for EchoServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // If the wake fails the thread has ended already.
        let _ = self.waker.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Peer {
    stream: TcpStream,
    /// What could not be written; while there is any, nothing is read.
    pending: Vec<u8>,
}

fn serve(mut poll: Poll, listener: TcpListener, stop: &AtomicBool) -> Result<()> {
    let mut events = Events::with_capacity(EVENTS_MAX);
    let mut table: Vec<Option<Peer>> = Vec::new();
    let mut buffer = vec![0; READ_BYTES];
    while !stop.load(Ordering::Relaxed) {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            match event.token() {
                WAKER => {}
                LISTENER => accept(&poll, &listener, &mut table)?,
                Token(index) => {
                    let Some(peer) = table[index].as_mut() else { continue };
                    if echo(peer, &mut buffer).is_err() {
                        table[index] = None;
                    }
                }
            }
        }
    }
    Ok(())
}

fn accept(poll: &Poll, listener: &TcpListener, table: &mut Vec<Option<Peer>>) -> Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            // A client that is gone already, or no file left: the next one may do better.
            Err(_) => return Ok(()),
        };
        let free = table.iter().position(Option::is_none).unwrap_or(table.len());
        if free >= CONNECTIONS_MAX || stream.set_nodelay(true).is_err() {
            continue;
        }
        poll.registry().register(&mut stream, Token(free), Interest::READABLE | Interest::WRITABLE)?;
        let peer = Some(Peer { stream, pending: Vec::new() });
        if free == table.len() {
            table.push(peer);
        } else {
            table[free] = peer;
        }
    }
}

fn echo(peer: &mut Peer, buffer: &mut [u8]) -> std::io::Result<()> {
    loop {
        while !peer.pending.is_empty() {
            match peer.stream.write(&peer.pending) {
                Ok(written) => drop(peer.pending.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        let read = match peer.stream.read(buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let written = match peer.stream.write(&buffer[..read]) {
            Ok(written) => written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        peer.pending.extend_from_slice(&buffer[written..read]);
        if read < buffer.len() && peer.pending.is_empty() {
            return Ok(());
        }
    }
}

/// Frames of one length; each that comes back answers the oldest.
#[derive(Clone, Debug)]
pub struct EchoTalk {
    frame: Vec<u8>,
    answered: u64,
}

impl EchoTalk {
    /// Frames of this many bytes, at least one.
    pub fn new(frame_bytes: usize) -> Self {
        EchoTalk { frame: vec![0x55; frame_bytes.max(1)], answered: 0 }
    }
}

impl Talk for EchoTalk {
    fn request(&mut self, _number: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.frame);
    }

    fn replies(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        _out: &mut Vec<u8>,
        reply: &mut dyn FnMut(Reply),
    ) -> Result<()> {
        while bytes.len() - *at >= self.frame.len() {
            *at += self.frame.len();
            reply(Reply::Accepted(self.answered));
            self.answered += 1;
        }
        Ok(())
    }
}
