//! The stream under a socket, shared between the socket's task and the sweeper that pings.

use std::io::{ErrorKind, Read};
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use socket2::SockRef;
use store::FamilyId;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// A ping without a payload, as the server sends it.
const PING_FRAME: [u8; 2] = [0x89, 0];

/// A stream and what the sweeper knows of it. Seconds are those of the registry's clock, which starts with the process.
pub struct Line {
    /// The stream. Only the socket's task reads it.
    pub stream: TcpStream,
    /// The login that opened the socket.
    pub family: FamilyId,
    /// `true` while a frame is partly written; nobody else may write then.
    midway: Mutex<bool>,
    /// When the client was last heard.
    heard: AtomicU32,
    /// When the oldest unanswered ping was sent; 0 is none.
    pinged: AtomicU32,
}

/// What became of a ping.
#[derive(Debug, PartialEq, Eq)]
pub enum Pinged {
    /// On its way, or not needed because the client is being written to.
    Fine,
    /// The client has not been heard since a ping that is older than allowed.
    Silent,
}

impl Line {
    /// A stream whose handshake is done.
    pub fn new(stream: TcpStream, family: FamilyId) -> Self {
        let (heard, pinged) = (AtomicU32::new(0), AtomicU32::new(0));
        Self { stream, family, midway: Mutex::new(false), heard, pinged }
    }

    /// Notes that the client was heard.
    pub fn hear(&self, second: u32) {
        self.heard.store(second, Ordering::Relaxed);
        self.pinged.store(0, Ordering::Relaxed);
    }

    /// Reads what the stream has now: `None` if nothing, `Some(0)` at its end.
    ///
    /// Less than was asked for means that there is no more, so the runtime is told to wait for the next bytes at once.
    /// Otherwise every read would cost a second one that only finds out that there is nothing.
    pub fn read(&self, buffer: &mut [u8]) -> std::io::Result<Option<usize>> {
        let mut got = None;
        let drained = self.stream.try_io(Interest::READABLE, || {
            let read = SockRef::from(&self.stream).deref().read(buffer)?;
            got = Some(read);
            if (1..buffer.len()).contains(&read) { Err(ErrorKind::WouldBlock.into()) } else { Ok(()) }
        });
        match drained {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(got),
        }
    }

    /// Writes what the stream takes now of `bytes`, which hold whole frames unless they go on from an earlier call.
    /// 0 if it takes nothing.
    pub fn write(&self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut midway = self.midway.lock();
        match self.stream.try_write(bytes) {
            Ok(written) => {
                *midway = written < bytes.len();
                Ok(written)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                // Only a write that began something leaves a frame half done.
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }

    /// Pings the client, or finds that it has not answered the last one for `silence_max` seconds.
    pub fn ping(&self, second: u32, silence_max: u32) -> Pinged {
        let pinged = self.pinged.load(Ordering::Relaxed);
        if pinged != 0 {
            let silent = second.saturating_sub(pinged) >= silence_max;
            return if silent { Pinged::Silent } else { Pinged::Fine };
        }
        // A line that is being written to, or takes no bytes, is not pinged: its own writes tell whether it lives.
        let Some(mut midway) = self.midway.try_lock().filter(|midway| !**midway) else { return Pinged::Fine };
        // Noted before it is sent: the answer may be read before this thread runs again.
        self.pinged.store(second.max(1), Ordering::Relaxed);
        let Ok(written) = self.stream.try_write(&PING_FRAME) else {
            // Only a ping that was sent can go unanswered.
            self.pinged.store(0, Ordering::Relaxed);
            return Pinged::Fine;
        };
        // Half a ping makes the stream useless: no frame can follow, so it is ended.
        *midway = written < PING_FRAME.len();
        if *midway {
            return Pinged::Silent;
        }
        Pinged::Fine
    }
}
