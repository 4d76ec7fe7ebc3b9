//! A Colyseus server in a process of its own, and players on it over raw sockets: the peer's own client would cost the
//! load more than the server. Protocol of `@colyseus/core` 0.18, as its packages publish it.

use super::super::fanout::{Fanout, Voice};
use crate::client::{Http, message_of};
use crate::dice::Dice;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use wire::websocket::{Decoder, Opcode, Role, handshake, write_frame};

/// Longest wait for anything while players come in.
const WAIT: Duration = Duration::from_secs(10);
/// Bytes of a message: a room's whole state for a newcomer at most.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// What the protocol's messages begin with.
const JOIN_ROOM: u8 = 10;
const ROOM_DATA: u8 = 13;
const ROOM_STATE_PATCH: u8 = 15;
/// In a patch: another object's changes follow.
const SWITCH: u8 = 255;
/// The bits of a change that say which field; the others say how it changed.
const FIELD: u8 = 63;

/// A running server; it ends when this is dropped.
pub struct Colyseus {
    child: Child,
    target: Target,
}

/// The answer to a wish for a place.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    session_id: String,
    room_id: String,
    process_id: String,
}

impl Colyseus {
    /// Starts `serve.mjs` of a folder in which its packages are installed.
    pub fn start(folder: &Path) -> Result<Self> {
        ensure!(
            folder.join("node_modules").is_dir(),
            "{} has no packages yet: run `npm ci` there",
            folder.display()
        );
        let mut child = Command::new("node")
            .arg("serve.mjs")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .context("node cannot be started")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("standard output is a pipe")?).read_line(&mut line)?;
        let address = line.trim().rsplit(' ').next().unwrap_or_default();
        let target = Target::parse(address, false).with_context(|| format!("the server said {line:?}"))?;
        Ok(Colyseus { child, target })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Takes the players of all groups to their rooms.
    pub async fn players(&self, args: &Fanout) -> Result<Vec<(TcpStream, Vec<u8>, Mover)>> {
        let progress = Progress::new("players of the peer", (args.groups * args.members) as u64);
        let mut dice = Dice::new(Dice::seed_of_now());
        let mut http = Http::connect(&self.target).await?;
        let mut players = Vec::new();
        for _ in 0..args.members {
            for group in 0..args.groups {
                let wish = serde_json::json!({ "group": group }).to_string();
                let path = "/matchmake/joinOrCreate/plaza";
                let (status, body) = http.request("POST", path, "", wish.as_bytes()).await?;
                ensure!(status == 200, "the peer has no place (status {status})");
                let place: Place = serde_json::from_slice(&body).context("the peer's answer")?;
                players.push(self.enter(&place, Dice::new(dice.number()))?);
                progress.step();
            }
        }
        progress.done();
        Ok(players)
    }

    fn enter(&self, place: &Place, mut dice: Dice) -> Result<(TcpStream, Vec<u8>, Mover)> {
        let mut stream = TcpStream::connect_timeout(&self.target.address, WAIT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WAIT))?;
        let key = handshake::request_key(dice.nonce());
        let Place { process_id, room_id, session_id } = place;
        let path = format!("/{process_id}/{room_id}?sessionId={session_id}");
        stream.write_all(handshake::request(&self.target.host, &path, &key).as_bytes())?;
        let mut kept = Vec::new();
        let mut more = |kept: &mut Vec<u8>| -> Result<()> {
            let mut part = [0; 4_096];
            let read = stream.read(&mut part)?;
            ensure!(read > 0, "the peer closed the connection");
            kept.extend_from_slice(&part[..read]);
            Ok(())
        };
        let head = loop {
            if let Some(head) = handshake::read_response(&kept, &key)? {
                break head;
            }
            more(&mut kept)?;
        };
        kept.drain(..head);
        let mut player =
            Mover { decoder: Decoder::new(Role::Client, MESSAGE_BYTES_MAX), dice, joined: false };
        let (mut at, mut out) = (0, Vec::new());
        while !player.joined {
            player.hear(&mut kept, &mut at, &mut out, &mut |_| {})?;
            if !player.joined {
                more(&mut kept)?;
            }
        }
        kept.drain(..at);
        stream.write_all(&out)?;
        Ok((stream, kept, player))
    }
}

impl Drop for Colyseus {
    fn drop(&mut self) {
        // Whether it had ended already makes no difference.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A player on the peer's plaza.
pub struct Mover {
    decoder: Decoder,
    dice: Dice,
    joined: bool,
}

impl Voice for Mover {
    fn say(&mut self, stamp: u64, out: &mut Vec<u8>) {
        let at = self.dice.below(1_000) as u16;
        let mask = Some(self.dice.mask());
        write_frame(out, Opcode::Binary, &step(at, stamp), mask);
    }

    fn hear(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        out: &mut Vec<u8>,
        heard: &mut dyn FnMut(u64),
    ) -> Result<()> {
        while let Some(event) = self.decoder.next(bytes, at)? {
            let Some(message) = message_of(event, out, || self.dice.mask())? else { continue };
            match message.first() {
                Some(&JOIN_ROOM) => {
                    self.joined = true;
                    write_frame(out, Opcode::Binary, &[JOIN_ROOM], Some(self.dice.mask()));
                }
                Some(&ROOM_STATE_PATCH) => marks(&message[1..], heard),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A move as the peer's clients send it: the message's name, then a MessagePack array of place and mark.
fn step(at: u16, stamp: u64) -> Vec<u8> {
    let [high, low] = at.to_be_bytes();
    let mut message = vec![ROOM_DATA, 0xa4];
    message.extend_from_slice(b"move");
    message.extend_from_slice(&[0x93, 0xcd, high, low, 0xcd, high, low, 0xcb]);
    // Nanoseconds of a run are exact in a double.
    message.extend_from_slice(&(stamp as f64).to_be_bytes());
    message
}

/// The marks in a patch that is made of moves alone; one in which somebody comes or goes has none for us.
fn marks(patch: &[u8], heard: &mut dyn FnMut(u64)) {
    let mut rest = patch;
    while let [SWITCH, after @ ..] = rest {
        rest = match after {
            [0xcc, _, rest @ ..] | [0xcd, _, _, rest @ ..] => rest,
            [0..=0x7f, rest @ ..] => rest,
            _ => return,
        };
        while let [change, after @ ..] = rest
            && *change != SWITCH
        {
            rest = match (change & FIELD, after) {
                (0 | 1, [_, _, rest @ ..]) => rest,
                (2, [a, b, c, d, e, f, g, h, rest @ ..]) => {
                    heard(f64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]) as u64);
                    rest
                }
                _ => return,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{marks, step};

    #[test]
    fn a_patch_of_moves_gives_their_marks() {
        let check = |patch: &[u8], expected: &[u64]| {
            let mut found = Vec::new();
            marks(patch, &mut |mark| found.push(mark));
            assert_eq!(found, expected, "{patch:02x?}");
        };
        let one = [0xff, 2, 0x80, 2, 1, 0x81, 4, 3, 0x82, 0, 0, 0, 0x54, 0x34, 0x6f, 0x9d, 0x41];
        check(&one, &[123_456_789]);
        let far = [&[0xff, 0xcc, 200, 0][..], &one[3..5], &[1, 0, 0, 2], &one[9..], &one].concat();
        check(&far, &[123_456_789, 123_456_789]);
        check(&[0xff, 1, 0x80, 2, 0xa9, b'x'], &[]);
        check(&[], &[]);
        check(&one[..12], &[]);
    }

    #[test]
    fn a_move_is_an_array_of_three() {
        let bytes = step(0x0102, 1);
        assert_eq!(&bytes[..14], b"\x0d\xa4move\x93\xcd\x01\x02\xcd\x01\x02\xcb");
        assert_eq!(bytes.len(), 22);
    }
}
