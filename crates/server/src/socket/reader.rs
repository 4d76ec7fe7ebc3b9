//! From bytes of a socket to commands and messages.
//!
//! The buffer belongs to the thread: it is filled, decoded where it lies and free again before anything waits. What a
//! socket keeps between two reads is only the beginning of a frame that is not whole yet.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::sync::Arc;

use app::relays::RelayData;
use app::rooms::RoomCommand;
use app::session::SessionId;
use bytes::Bytes;
use kernel::{CommandId, RoomId};
use metrics::Counter;
use tokio::net::TcpStream;
use wire::envelope::{
    DecodeError, Envelope, Error, ErrorCode, Format, Incoming, MatchDataView, Message, UserPresence,
};
use wire::match_id::MatchId;
use wire::payload::{Kind, Payload};
use wire::websocket::{CloseCode, Decoder, Event, FrameError, Role};

use super::End;
use super::line::Line;
use crate::config::Socket;
use crate::house::House;
use crate::rates::{Class, SocketRates, now_ns};

/// Bytes taken from the system at once, beside the beginning of a frame from before.
const READ_BYTES_MAX: usize = 64 << 10;

/// What one read brought.
pub enum Intake {
    /// Nothing whole, or nothing that needs an answer.
    Nothing,
    /// Commands for rooms, in order.
    Commands(Vec<RoomCommand>),
    /// Data for the others in relayed matches, in order.
    Relayed(Vec<RelayData>),
    /// Anything more, in order.
    Steps(Vec<Step>),
}

/// One thing to do, in the order in which the client asked.
pub enum Step {
    /// Commands for rooms.
    Commands(Vec<RoomCommand>),
    /// Data for the others in relayed matches.
    Relayed(Vec<RelayData>),
    /// Any other message.
    Message(Box<Envelope>),
    /// A message that could not be taken, with what to tell the client.
    Refused(Box<Envelope>),
    /// Answer the last ping.
    Pong(Vec<u8>),
    /// The client's own close, or one that its bytes force.
    End(End),
}

/// The reading half of a socket.
pub struct Reader {
    decoder: Decoder,
    format: Format,
    rates: Option<Box<SocketRates>>,
    /// The beginning of a frame that is not whole yet; shorter than the longest frame.
    rest: Vec<u8>,
}

/// What a thread keeps between reads of whatever sockets it serves.
struct Desk {
    buffer: Box<[u8]>,
    scratch: Vec<u8>,
    figures: Figures,
    /// The match id read last: most clients talk to one room, and many to the same.
    last: (String, RoomId),
}

struct Figures {
    messages: Counter,
    bytes: Counter,
}

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

impl Desk {
    fn new(bytes: usize) -> Self {
        let figures = Figures {
            messages: metrics::counter!("longhouse_socket_messages_in_total"),
            bytes: metrics::counter!("longhouse_socket_bytes_in_total"),
        };
        let last = (String::new(), RoomId(0));
        Self { buffer: vec![0; bytes].into_boxed_slice(), scratch: Vec::new(), figures, last }
    }
}

impl Reader {
    /// Reads envelopes of this format. `early` are bytes that came with the handshake.
    pub fn new(format: Format, config: &Socket, rates: Option<Box<SocketRates>>, early: Vec<u8>) -> Self {
        let decoder = Decoder::new(Role::Server, config.message_bytes_max);
        Self { decoder, format, rates, rest: early }
    }

    /// Are there bytes that came with the handshake?
    pub fn has_early(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Takes what the stream has now.
    pub fn read(&mut self, line: &Line, house: &Arc<House>) -> Result<Intake, End> {
        DESK.with_borrow_mut(|desk| {
            let bytes = READ_BYTES_MAX + self.rest.len().max(house.config.socket.message_bytes_max);
            let desk = match desk {
                Some(desk) if desk.buffer.len() >= bytes => desk,
                desk => desk.insert(Desk::new(bytes)),
            };
            let carried = self.rest.len();
            desk.buffer[..carried].copy_from_slice(&self.rest);
            let read = match line.read(&mut desk.buffer[carried..]) {
                Ok(Some(0)) => return Err(End::Gone),
                Ok(Some(read)) => read,
                // Bytes that came with the handshake are looked at even if nothing has followed yet.
                Ok(None) => 0,
                Err(_) => return Err(End::Gone),
            };
            if read > 0 {
                line.hear(house.sockets.second());
                desk.figures.bytes.increment(read as u64);
            }
            self.decode(desk, carried + read, house)
        })
    }

    fn decode(&mut self, desk: &mut Desk, end: usize, house: &House) -> Result<Intake, End> {
        let Desk { buffer, scratch, figures, last } = desk;
        let bytes = &mut buffer[..end];
        let now_ns = if self.rates.is_some() { now_ns(&*house.clock) } else { 0 };
        let rates = (self.rates.as_deref_mut(), now_ns);
        let mut gather = Gather::new(self.format, house, rates, last);
        let mut at = 0;
        let mut messages = 0;
        let fault = loop {
            match self.decoder.next(bytes, &mut at) {
                Ok(None) => break None,
                Ok(Some(event)) => {
                    messages += 1;
                    if gather.event(event, scratch) {
                        break None;
                    }
                }
                Err(error) => break Some(error),
            }
        };
        figures.messages.increment(messages);
        let rest = &bytes[at..];
        self.rest.clear();
        if rest.is_empty() {
            // An idle socket keeps no buffer.
            self.rest = Vec::new();
        } else {
            self.rest.extend_from_slice(rest);
        }
        if let Some(error) = fault {
            gather.fault(error, house.config.socket.message_bytes_max);
        }
        Ok(gather.finish())
    }
}

/// Gathers what one read brought, in order.
struct Gather<'a> {
    format: Format,
    house: &'a House,
    rates: Option<&'a mut SocketRates>,
    now_ns: u64,
    steps: Vec<Step>,
    commands: Vec<RoomCommand>,
    /// Data for relayed matches; not at the same time as commands.
    relayed: Vec<RelayData>,
    last: &'a mut (String, RoomId),
    pong: Option<Vec<u8>>,
}

impl<'a> Gather<'a> {
    fn new(
        format: Format,
        house: &'a House,
        (rates, now_ns): (Option<&'a mut SocketRates>, u64),
        last: &'a mut (String, RoomId),
    ) -> Self {
        let (steps, commands, relayed) = (Vec::new(), Vec::new(), Vec::new());
        Self { format, house, rates, now_ns, steps, commands, relayed, last, pong: None }
    }

    /// Takes one event; `true` if it was the last one.
    fn event(&mut self, event: Event<'_>, scratch: &mut Vec<u8>) -> bool {
        match event {
            Event::Text(text) => self.message(text.as_bytes(), scratch),
            Event::Binary(bytes) => self.message(bytes, scratch),
            // Only the last ping of a read is answered (RFC 6455 section 5.5.3).
            Event::Ping(payload) => self.pong = Some(payload.to_vec()),
            Event::Pong(_) => {}
            Event::Close { code, .. } => {
                let answer = code.unwrap_or(CloseCode::NORMAL);
                self.step(Step::End(End::Closed(answer, String::new())));
                return true;
            }
        }
        false
    }

    fn message(&mut self, frame: &[u8], scratch: &mut Vec<u8>) {
        match Incoming::from_client(self.format, frame, scratch) {
            Ok(Incoming::MatchData { cid, data }) => self.match_data(cid, data, &[]),
            Ok(Incoming::Other(envelope)) => match &envelope.message {
                Some(Message::MatchDataSend(data)) => {
                    self.match_data(&envelope.cid, data.into(), &data.presences)
                }
                _ if !self.allowed(&envelope.cid, Class::SocketMessage) => {}
                _ => self.step(Step::Message(Box::new(envelope))),
            },
            Err(_) if !self.allowed("", Class::SocketMessage) => {}
            Err(error) => {
                let code = match error {
                    DecodeError::NotText | DecodeError::TooDeep => ErrorCode::BadInput,
                    _ => ErrorCode::UnrecognizedPayload,
                };
                self.refuse(&readable_cid(self.format, frame), code, error.to_string());
            }
        }
    }

    /// Is one more of this class within the socket's rate? Otherwise the client is told when to come back.
    fn allowed(&mut self, cid: &str, class: Class) -> bool {
        let Some(rates) = &mut self.rates else { return true };
        let Err(wait) = rates.take(class, self.now_ns) else { return true };
        let much = self.house.rates.refuse(class, wait);
        self.step(Step::Refused(Box::new(Envelope::new(cid, Message::Error(much.error())))));
        false
    }

    fn match_data(&mut self, cid: &str, data: MatchDataView<'_>, only: &[UserPresence]) {
        if !self.allowed(cid, Class::SocketCommand) {
            return;
        }
        if data.match_id.ends_with('.') {
            return self.relayed(cid, data, only);
        }
        let cluster = &self.house.config.cluster;
        if data.match_id != self.last.0 || !data.match_id.ends_with(cluster.as_str()) {
            match MatchId::parse(data.match_id) {
                Ok(id) if id.cluster == cluster => {
                    self.last.0.clear();
                    self.last.0.push_str(data.match_id);
                    self.last.1 = RoomId(id.id);
                }
                Ok(_) => return self.refuse(cid, ErrorCode::MatchNotFound, "the match was not found".into()),
                Err(error) => return self.refuse(cid, ErrorCode::BadInput, error.to_string()),
            }
        }
        let command = match Payload::decode_command(data.data) {
            Ok(command) if data.op_code == Kind::Command.op_code() => command,
            Ok(_) => {
                let why = "the op code must be 1, like the payload's kind";
                return self.refuse(cid, ErrorCode::BadInput, why.into());
            }
            Err(error) => return self.refuse(cid, ErrorCode::BadInput, error.to_string()),
        };
        let body = Bytes::copy_from_slice(command.body);
        if !self.relayed.is_empty() {
            self.gathered();
        }
        self.commands.push(RoomCommand { room: self.last.1, id: CommandId(command.id), body });
    }

    fn relayed(&mut self, cid: &str, data: MatchDataView<'_>, only: &[UserPresence]) {
        let match_id = match MatchId::parse(data.match_id) {
            Ok(id) => id.id,
            Err(error) => return self.refuse(cid, ErrorCode::BadInput, error.to_string()),
        };
        let named: Option<Vec<_>> =
            only.iter().map(|presence| SessionId::parse(&presence.session_id)).collect();
        let Some(only) = named else {
            let why = "a presence has no session id";
            return self.refuse(cid, ErrorCode::BadInput, why.into());
        };
        if !self.commands.is_empty() {
            self.gathered();
        }
        let MatchDataView { op_code, data, reliable, .. } = data;
        let (data, cid) = (data.to_vec(), cid.to_owned());
        self.relayed.push(RelayData { match_id, op_code, data, reliable, only, cid });
    }

    fn refuse(&mut self, cid: &str, code: ErrorCode, why: String) {
        let answer = Envelope::new(cid, Message::Error(Error::new(code, why)));
        self.step(Step::Refused(Box::new(answer)));
    }

    /// The bytes are no longer frames: say so and end.
    fn fault(&mut self, error: FrameError, message_bytes_max: usize) {
        let why = match error {
            FrameError::TooBig => format!("a message is longer than {message_bytes_max} bytes"),
            error => error.to_string(),
        };
        if error == FrameError::TooBig {
            self.refuse("", ErrorCode::BadInput, why.clone());
        }
        self.step(Step::End(End::Closed(error.close_code(), why)));
    }

    fn step(&mut self, step: Step) {
        self.gathered();
        self.steps.push(step);
    }

    /// What was gathered so far comes before what follows.
    fn gathered(&mut self) {
        if !self.commands.is_empty() {
            self.steps.push(Step::Commands(std::mem::take(&mut self.commands)));
        }
        if !self.relayed.is_empty() {
            self.steps.push(Step::Relayed(std::mem::take(&mut self.relayed)));
        }
    }

    fn finish(mut self) -> Intake {
        if let Some(payload) = self.pong.take() {
            self.step(Step::Pong(payload));
        }
        if self.steps.is_empty() {
            return match (self.commands.is_empty(), self.relayed.is_empty()) {
                (false, _) => Intake::Commands(self.commands),
                (true, false) => Intake::Relayed(self.relayed),
                (true, true) => Intake::Nothing,
            };
        }
        self.gathered();
        Intake::Steps(self.steps)
    }
}

/// The request id of a message that could not be read, if it alone can be: so that the client knows which request
/// failed.
fn readable_cid(format: Format, frame: &[u8]) -> String {
    match format {
        Format::Json => {
            let text = String::from_utf8_lossy(frame);
            let Some((_, after)) = text.split_once("\"cid\"") else { return String::new() };
            let Some(after) = after.trim_start().strip_prefix(':') else { return String::new() };
            let value = after.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
            let plain = |cid: &&str| cid.len() <= wire::limits::CID_BYTES_MAX && !cid.contains('\\');
            value.map(|(cid, _)| cid).filter(plain).unwrap_or_default().to_owned()
        }
        Format::Protobuf => {
            // Field 1 comes first in what every encoder writes.
            let [10, length, rest @ ..] = frame else { return String::new() };
            let cid = rest.get(..usize::from(*length)).filter(|cid| cid.len() <= wire::limits::CID_BYTES_MAX);
            cid.and_then(|cid| std::str::from_utf8(cid).ok()).unwrap_or_default().to_owned()
        }
    }
}

/// Reads and forgets until the client is done.
pub async fn discard(stream: &TcpStream) {
    let mut hole = [0; 4_096];
    while stream.readable().await.is_ok() {
        match stream.try_read(&mut hole) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
