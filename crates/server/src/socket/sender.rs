//! From what waits in a session's outbox to bytes of a socket: everything that waits goes out as one write.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use app::session::{Answer, Delivery, Drained, Session};
use kernel::RoomId;
use metrics::Counter;
use wire::envelope::{Envelope, Format, MatchDataOut};
use wire::payload::{Accepted, Kind, Refused};
use wire::websocket::{CloseCode, Opcode, begin_frame, end_frame, write_close, write_frame};

use super::End;
use super::line::Line;
use crate::config::Socket;
use crate::house::House;

/// A thread's buffer that grew beyond this is not kept.
const KEPT_BYTES_MAX: usize = 1 << 20;
/// Last words wait no longer than this for a client that does not read.
const LAST_WORDS_MS_MAX: u64 = 1_000;

/// The writing half of a socket.
pub struct Sender {
    format: Format,
    stall: Duration,
}

/// What a flush could not do without waiting.
pub struct Unfinished {
    left: Vec<u8>,
    drained: Drained,
}

/// What a thread keeps between writes of whatever sockets it serves.
struct Desk {
    out: Vec<u8>,
    deliveries: Vec<Delivery>,
    names: Names,
    messages: Counter,
    bytes: Counter,
}

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

impl Desk {
    fn new() -> Self {
        Self {
            out: Vec::new(),
            deliveries: Vec::new(),
            names: Names::default(),
            messages: metrics::counter!("longhouse_socket_messages_out_total"),
            bytes: metrics::counter!("longhouse_socket_bytes_out_total"),
        }
    }
}

impl Sender {
    /// Writes envelopes of this format.
    pub fn new(format: Format, config: &Socket) -> Self {
        Self { format, stall: Duration::from_millis(config.stall_ms_max) }
    }

    /// Sends all that waits in the outbox, as far as the stream takes it now. What is left is [`finish`](Self::finish)ed.
    pub fn flush(&self, house: &House, session: &Session, line: &Line) -> Result<Option<Unfinished>, End> {
        let (left, drained) = self.write(line, |format, desk| {
            let Desk { out, deliveries, names, .. } = desk;
            let drained = session.drain(deliveries);
            let mut messages = 0;
            for delivery in deliveries.drain(..) {
                messages += encode(format, &house.config.cluster, names, delivery, out);
            }
            (messages, drained)
        })?;
        let done = left.is_empty() && drained.skipped.is_empty() && drained.close.is_none();
        Ok(if done { None } else { Some(Unfinished { left, drained }) })
    }

    /// Waits until what a flush left is sent, and sees to what the outbox asked for. An error if the session ends.
    pub async fn finish(
        &self,
        house: &House,
        session: &Arc<Session>,
        line: &Line,
        unfinished: Unfinished,
    ) -> Result<(), End> {
        let mut next = Some(unfinished);
        while let Some(Unfinished { left, drained }) = next {
            self.rest(line, &left).await?;
            for room in drained.skipped {
                house.services.rooms.refresh(session, room).await;
            }
            if let Some(close) = drained.close {
                return Err(End::Closed(CloseCode(close.code), close.reason));
            }
            // While a slow client was waited for, rooms may have been skipped forward, with nothing else to send.
            next = self.flush(house, session, line)?;
        }
        Ok(())
    }

    /// Both at once, where it does not matter how large the future is.
    pub async fn send(&self, house: &House, session: &Arc<Session>, line: &Line) -> Result<(), End> {
        match self.flush(house, session, line)? {
            None => Ok(()),
            Some(unfinished) => self.finish(house, session, line, unfinished).await,
        }
    }

    /// Sends one envelope that does not go through the outbox.
    pub async fn reply(&self, line: &Line, envelope: &Envelope) -> Result<(), End> {
        let (left, ()) = self.write(line, |format, desk| {
            envelope_frame(format, envelope, &mut desk.out);
            (1, ())
        })?;
        self.rest(line, &left).await
    }

    /// Answers a ping.
    pub async fn pong(&self, line: &Line, payload: &[u8]) -> Result<(), End> {
        let (left, ()) = self.write(line, |_, desk| {
            write_frame(&mut desk.out, Opcode::Pong, payload, None);
            (1, ())
        })?;
        self.rest(line, &left).await
    }

    /// Sends the close frame, if the client takes it soon.
    pub async fn last_words(&mut self, line: &Line, code: CloseCode, reason: &str) {
        self.stall = self.stall.min(Duration::from_millis(LAST_WORDS_MS_MAX));
        let written = self.write(line, |_, desk| {
            write_close(&mut desk.out, code, reason, None);
            (1, ())
        });
        if let Ok((left, ())) = written {
            // Whether it arrives is the client's affair now.
            let _ = self.rest(line, &left).await;
        }
    }

    /// Lets `encode` fill the thread's buffer and writes it; gives back what the stream did not take.
    fn write<T>(
        &self,
        line: &Line,
        encode: impl FnOnce(Format, &mut Desk) -> (u64, T),
    ) -> Result<(Vec<u8>, T), End> {
        DESK.with_borrow_mut(|desk| {
            let desk = desk.get_or_insert_with(Desk::new);
            desk.out.clear();
            let (messages, result) = encode(self.format, desk);
            desk.messages.increment(messages);
            desk.bytes.increment(desk.out.len() as u64);
            if desk.out.is_empty() {
                return Ok((Vec::new(), result));
            }
            let written = line.write(&desk.out).map_err(|_| End::Gone)?;
            let left = desk.out[written..].to_vec();
            if desk.out.capacity() > KEPT_BYTES_MAX {
                desk.out = Vec::new();
            }
            Ok((left, result))
        })
    }

    /// Writes what the stream did not take at once. Nothing else of this socket goes on meanwhile: a client that does
    /// not read is not read from either.
    async fn rest(&self, line: &Line, mut left: &[u8]) -> Result<(), End> {
        while !left.is_empty() {
            let taken = tokio::time::timeout(self.stall, async {
                loop {
                    line.stream.writable().await?;
                    match line.write(left)? {
                        0 => {}
                        taken => return Ok::<_, std::io::Error>(taken),
                    }
                }
            });
            match taken.await {
                Ok(Ok(taken)) => left = &left[taken..],
                Ok(Err(_)) => return Err(End::Gone),
                Err(_) => return Err(End::Stalled),
            }
        }
        Ok(())
    }
}

/// Match ids are written for every delivery; the last one is kept, because many deliveries are for the same room.
#[derive(Default)]
struct Names {
    room: Option<RoomId>,
    text: String,
}

impl Names {
    fn of(&mut self, room: RoomId, cluster: &str) -> &str {
        if self.room != Some(room) || !self.text.ends_with(cluster) {
            self.room = Some(room);
            self.text = format!("{room}.{cluster}");
        }
        &self.text
    }
}

/// Appends a delivery's frames; how many.
fn encode(format: Format, cluster: &str, names: &mut Names, delivery: Delivery, out: &mut Vec<u8>) -> u64 {
    match delivery {
        Delivery::Message(envelope) => {
            envelope_frame(format, &envelope, out);
            1
        }
        Delivery::Shared(shared) => {
            let opcode = match format {
                Format::Json => Opcode::Text,
                Format::Protobuf => Opcode::Binary,
            };
            write_frame(out, opcode, shared.encoded(format), None);
            1
        }
        Delivery::Answers { room, answers } => {
            let name = names.of(room, cluster);
            for answer in &answers {
                answer_frame(format, name, answer, out);
            }
            answers.len() as u64
        }
        Delivery::Payload { room, kind, data } => {
            MatchDataOut::new(names.of(room, cluster), kind.op_code(), &data).write_frame(format, None, out);
            1
        }
    }
}

fn answer_frame(format: Format, match_id: &str, answer: &Answer, out: &mut Vec<u8>) {
    match &answer.verdict {
        Ok(seq) => {
            let data = Accepted { id: answer.id.0, seq: seq.0 }.to_bytes();
            MatchDataOut::new(match_id, Kind::Accepted.op_code(), &data).write_frame(format, None, out);
        }
        Err(refusal) => {
            let mut data = Vec::with_capacity(64);
            Refused { id: answer.id.0, code: refusal.code, reason: &refusal.reason }.write(&mut data);
            MatchDataOut::new(match_id, Kind::Refused.op_code(), &data).write_frame(format, None, out);
        }
    }
}

fn envelope_frame(format: Format, envelope: &Envelope, out: &mut Vec<u8>) {
    let opcode = match format {
        Format::Json => Opcode::Text,
        Format::Protobuf => Opcode::Binary,
    };
    let start = begin_frame(out);
    envelope.encode_to(format, out);
    end_frame(out, start, opcode, None);
}
