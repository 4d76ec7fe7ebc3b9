//! The realtime socket of one player.

use super::ANSWER_MS_MAX;
use crate::dice::Dice;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use wire::envelope::{Envelope, Format, Incoming, MatchDataOut, MatchJoin, Message};
use wire::limits::SOCKET_VIEW_BYTES_MAX;
use wire::websocket::{Decoder, Event, Opcode, Role, handshake, write_frame};

/// Messages kept while a join waits for its answer. More than that and the server floods us.
const HEARD_MESSAGES_MAX: usize = 65_536;

/// What came over the socket.
// A few are kept while a join waits, and no more: a box for each would cost more than it saves.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A payload of a room.
    Data(Vec<u8>),
    /// Any other message.
    Other(Envelope),
}

/// The answer to a join.
#[derive(Clone, Debug)]
pub enum Joined {
    /// There is a place.
    In,
    /// There is none: the error's code and message.
    Refused(i32, String),
}

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    decoder: Decoder,
    format: Format,
    dice: Dice,
    /// Bytes that came and are not yet read, from `at`.
    bytes: Vec<u8>,
    at: usize,
    scratch: Vec<u8>,
    out: Vec<u8>,
    heard: VecDeque<Heard>,
    cid: u64,
}

impl Socket {
    /// Opens a socket, from a certain local address if there is one: a single one has too few ports for 50,000.
    pub async fn open(
        target: &Target,
        token: &str,
        format: Format,
        from: Option<IpAddr>,
        dice: Dice,
    ) -> Result<Self> {
        let opening = Self::open_now(target, token, format, from, dice);
        timeout(Duration::from_millis(ANSWER_MS_MAX), opening).await.context("the socket does not open")?
    }

    async fn open_now(
        target: &Target,
        token: &str,
        format: Format,
        from: Option<IpAddr>,
        mut dice: Dice,
    ) -> Result<Self> {
        let socket = if target.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        if let Some(ip) = from {
            socket.bind(SocketAddr::new(ip, 0))?;
        }
        let mut stream = socket.connect(target.address).await?;
        stream.set_nodelay(true)?;
        let key = handshake::request_key(dice.nonce());
        let format_name = match format {
            Format::Json => "json",
            Format::Protobuf => "protobuf",
        };
        let path = format!("/ws?lang=en&status=false&format={format_name}&token={token}");
        stream.write_all(handshake::request(&target.host, &path, &key).as_bytes()).await?;
        let mut bytes = Vec::with_capacity(1024);
        let head = loop {
            if let Some(head) = handshake::read_response(&bytes, &key)? {
                break head;
            }
            read_more(&stream, &mut bytes).await?;
        };
        Ok(Socket {
            stream,
            decoder: Decoder::new(Role::Client, SOCKET_VIEW_BYTES_MAX),
            format,
            dice,
            bytes,
            at: head,
            scratch: Vec::new(),
            out: Vec::new(),
            heard: VecDeque::new(),
            cid: 0,
        })
    }

    /// Adds match data to what the next [`Socket::flush`] sends.
    pub fn push(&mut self, match_id: &str, op_code: i64, data: &[u8]) {
        let mask = self.dice.mask();
        MatchDataOut::sent(match_id, op_code, data).write_frame(self.format, Some(mask), &mut self.out);
    }

    /// Sends what was pushed. What is sent is forgotten at once, so it may be dropped while it waits.
    pub async fn flush(&mut self) -> Result<()> {
        while !self.out.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(&self.out) {
                Ok(written) => drop(self.out.drain(..written)),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Sends a request and returns its id.
    pub async fn ask(&mut self, message: Message) -> Result<String> {
        self.cid += 1;
        let cid = self.cid.to_string();
        let opcode = match self.format {
            Format::Json => Opcode::Text,
            Format::Protobuf => Opcode::Binary,
        };
        let bytes = Envelope::new(cid.clone(), message).to_bytes(self.format);
        let mask = self.dice.mask();
        write_frame(&mut self.out, opcode, &bytes, Some(mask));
        self.flush().await?;
        Ok(cid)
    }

    /// Joins a room. What comes before the answer is kept for [`Socket::next`].
    pub async fn join(&mut self, match_id: &str, metadata: BTreeMap<String, String>) -> Result<Joined> {
        let joining = async {
            let join = MatchJoin { match_id: Some(match_id.to_owned()), token: None, metadata };
            let cid = self.ask(Message::MatchJoin(join)).await?;
            loop {
                match self.read().await? {
                    Heard::Other(Envelope { cid: answer, message }) if answer == cid => {
                        return match message {
                            Some(Message::Match(_)) => Ok(Joined::In),
                            Some(Message::Error(error)) => Ok(Joined::Refused(error.code, error.message)),
                            other => bail!("a join was answered with {other:?}"),
                        };
                    }
                    heard if self.heard.len() < HEARD_MESSAGES_MAX => self.heard.push_back(heard),
                    _ => bail!("more than {HEARD_MESSAGES_MAX} messages before the answer to a join"),
                }
            }
        };
        timeout(Duration::from_millis(ANSWER_MS_MAX), joining).await.context("no answer to a join")?
    }

    /// The next message. Pings are answered on the way. Safe to drop while it waits.
    pub async fn next(&mut self) -> Result<Heard> {
        match self.heard.pop_front() {
            Some(heard) => Ok(heard),
            None => self.read().await,
        }
    }

    async fn read(&mut self) -> Result<Heard> {
        loop {
            while let Some(event) = self.decoder.next(&mut self.bytes, &mut self.at)? {
                let mask = || self.dice.mask();
                let Some(frame) = message_of(event, &mut self.out, mask)? else { continue };
                return Ok(match Incoming::from_server(self.format, frame, &mut self.scratch)? {
                    Incoming::MatchData { data, .. } => Heard::Data(data.data.to_vec()),
                    Incoming::Other(Envelope { message: Some(Message::MatchData(data)), .. }) => {
                        Heard::Data(data.data)
                    }
                    Incoming::Other(envelope) => Heard::Other(envelope),
                });
            }
            if self.at == self.bytes.len() {
                // An idle socket keeps no buffer, so that tens of thousands fit.
                self.bytes = Vec::new();
            } else {
                self.bytes.drain(..self.at);
            }
            self.at = 0;
            self.flush().await?;
            read_more(&self.stream, &mut self.bytes).await?;
        }
    }

    /// Gives the connection away, with the bytes that came and were not read.
    pub fn into_parts(mut self) -> Result<(std::net::TcpStream, Vec<u8>)> {
        self.bytes.drain(..self.at);
        Ok((self.stream.into_std()?, self.bytes))
    }
}

/// Waits for bytes and appends them. Nothing is lost if it is dropped while it waits.
async fn read_more(stream: &TcpStream, bytes: &mut Vec<u8>) -> Result<()> {
    loop {
        stream.readable().await?;
        bytes.reserve(4096);
        match stream.try_read_buf(bytes) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The message in an event, if it is one. A ping is answered, and the end of the socket is an error.
pub fn message_of<'a>(
    event: Event<'a>,
    out: &mut Vec<u8>,
    mask: impl FnOnce() -> [u8; 4],
) -> Result<Option<&'a [u8]>> {
    match event {
        Event::Text(text) => Ok(Some(text.as_bytes())),
        Event::Binary(bytes) => Ok(Some(bytes)),
        Event::Ping(payload) => {
            write_frame(out, Opcode::Pong, payload, Some(mask()));
            Ok(None)
        }
        Event::Pong(_) => Ok(None),
        Event::Close { code, reason } => {
            bail!("the server closed the socket: {} {reason}", code.map_or(0, |c| c.0))
        }
    }
}
