//! The bare fan: a server that sends each frame of a member to the others of the group, one plain `send` each. It is
//! what fan-out costs on this machine with nothing else around it.
//!
//! A connection begins with four bytes, the number of its group (little-endian). Then come frames of `frame_bytes`; each
//! goes, as it is, to every other member, and with `back` to its sender too.

use anyhow::{Result, bail};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;

const LISTENER: Token = Token(usize::MAX);
const EVENTS_MAX: usize = 1024;
const READ_BYTES: usize = 64 * 1024;
/// Bytes that may wait for a member; one that is so slow is closed.
const PENDING_BYTES_MAX: usize = 4 << 20;

struct Member {
    stream: TcpStream,
    group: Option<u32>,
    /// The beginning of a frame, or of the hello.
    kept: Vec<u8>,
    pending: Vec<u8>,
}

/// Serves until the process ends.
pub fn serve(listen: SocketAddr, frame_bytes: usize, back: bool) -> Result<()> {
    if frame_bytes == 0 {
        bail!("a frame has at least one byte");
    }
    let mut listener = TcpListener::bind(listen)?;
    println!("swarm fan on {}", listener.local_addr()?);
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut fan = Fan { poll, members: Vec::new(), groups: BTreeMap::new(), frame_bytes, back };
    let mut events = Events::with_capacity(EVENTS_MAX);
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match fan.poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            match event.token() {
                LISTENER => fan.accept(&listener)?,
                Token(index) => {
                    if event.is_writable() {
                        fan.flush(index);
                    }
                    if event.is_readable() {
                        fan.read(index, &mut buffer);
                    }
                }
            }
        }
    }
}

struct Fan {
    poll: Poll,
    members: Vec<Option<Member>>,
    groups: BTreeMap<u32, Vec<usize>>,
    frame_bytes: usize,
    back: bool,
}

impl Fan {
    fn accept(&mut self, listener: &TcpListener) -> Result<()> {
        while let Ok((mut stream, _)) = listener.accept() {
            stream.set_nodelay(true)?;
            let token = Token(self.members.len());
            self.poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
            self.members.push(Some(Member { stream, group: None, kept: Vec::new(), pending: Vec::new() }));
        }
        Ok(())
    }

    fn read(&mut self, index: usize, buffer: &mut [u8]) {
        loop {
            let Some(member) = self.members[index].as_mut() else { return };
            let read = match member.stream.read(buffer) {
                Ok(0) => return self.close(index),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.close(index),
            };
            member.kept.extend_from_slice(&buffer[..read]);
            if member.group.is_none() && member.kept.len() >= 4 {
                let hello: Vec<u8> = member.kept.drain(..4).collect();
                let group = u32::from_le_bytes([hello[0], hello[1], hello[2], hello[3]]);
                member.group = Some(group);
                self.groups.entry(group).or_default().push(index);
            }
            self.fan_out(index);
            if read < buffer.len() {
                return;
            }
        }
    }

    fn fan_out(&mut self, index: usize) {
        let Some(member) = self.members[index].as_mut() else { return };
        let Some(group) = member.group else { return };
        let whole = member.kept.len() / self.frame_bytes * self.frame_bytes;
        let frames: Vec<u8> = member.kept.drain(..whole).collect();
        for frame in frames.chunks_exact(self.frame_bytes) {
            let hearers = self.groups.get(&group).into_iter().flatten().copied();
            for other in hearers.filter(|other| self.back || *other != index) {
                let Some(member) = self.members[other].as_mut() else { continue };
                let sent =
                    if member.pending.is_empty() { member.stream.write(frame).unwrap_or(0) } else { 0 };
                member.pending.extend_from_slice(&frame[sent..]);
                if member.pending.len() > PENDING_BYTES_MAX {
                    member.pending.clear();
                }
            }
        }
    }

    fn flush(&mut self, index: usize) {
        let Some(member) = self.members[index].as_mut() else { return };
        while !member.pending.is_empty() {
            match member.stream.write(&member.pending) {
                Ok(written) => drop(member.pending.drain(..written)),
                Err(_) => return,
            }
        }
    }

    fn close(&mut self, index: usize) {
        if let Some(Member { group: Some(group), .. }) = self.members[index].take()
            && let Some(members) = self.groups.get_mut(&group)
        {
            members.retain(|member| *member != index);
        }
    }
}
