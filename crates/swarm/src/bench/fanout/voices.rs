//! What members of a group say and hear: in a relayed match, in a chat room, in a room with rules, and with nothing
//! around it.

use super::Fanout;
use super::drive::Voice;
use crate::client::{Ears, Said};
use crate::dice::Dice;
use anyhow::{Context as _, Result, bail};
use wire::envelope::{ChannelMessageSend, Envelope, Format, MatchDataOut, Message};
use wire::payload::{Command, Flags, Kind, Payload};
use wire::websocket::{Opcode, write_frame};

/// Where a member is.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a relayed match.
    Match(String),
    /// In a chat channel.
    Channel(String),
    /// On a plaza.
    Room(String),
}

/// A member over the client protocol.
pub struct Client {
    format: Format,
    place: Place,
    data: Vec<u8>,
    ears: Ears,
    /// A payload that is being made.
    payload: Vec<u8>,
    dice: Dice,
    /// Commands have no id, and the server does not answer those that it takes.
    unanswered: bool,
}

impl Client {
    /// A member who talks as `args` say.
    pub fn new(format: Format, place: Place, args: &Fanout, dice: Dice) -> Self {
        // At least eight bytes for the stamp.
        let data = vec![0x55; args.bytes.max(8)];
        let ears = Ears::new(format);
        Client { format, place, data, ears, payload: Vec::new(), dice, unanswered: args.unanswered }
    }
}

impl Voice for Client {
    fn say(&mut self, stamp: u64, out: &mut Vec<u8>) {
        let mask = Some(self.dice.mask());
        match &self.place {
            Place::Match(id) => {
                self.data[..8].copy_from_slice(&stamp.to_le_bytes());
                MatchDataOut::sent(id, 1, &self.data).write_frame(self.format, mask, out);
            }
            Place::Channel(id) => {
                let padding = "x".repeat(self.data.len().saturating_sub(32));
                let content = format!(r#"{{"t":"{stamp:016x}","p":"{padding}"}}"#);
                let send = ChannelMessageSend { channel_id: id.clone(), content };
                let bytes = Envelope::new("1", Message::ChannelMessageSend(send)).to_bytes(self.format);
                write_frame(out, opcode(self.format), &bytes, mask);
            }
            Place::Room(id) => {
                let at = self.dice.below(u64::from(plaza::Setup::default().width)) as u16;
                let mut body = Vec::with_capacity(plaza::Step::BYTES);
                plaza::Step { x: at, y: at, mark: stamp }.encode(&mut body);
                self.payload.clear();
                let number = match self.unanswered {
                    true => 0,
                    false => u128::from(self.dice.number()) << 64 | u128::from(stamp),
                };
                Command { flags: Flags::NONE, id: number, seen: 0, body: &body }.write(&mut self.payload);
                MatchDataOut::sent(id, Kind::Command.op_code(), &self.payload).write_frame(
                    self.format,
                    mask,
                    out,
                );
            }
        }
    }

    fn hear(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        out: &mut Vec<u8>,
        heard: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let Self { ears, dice, place, .. } = self;
        ears.hear(
            bytes,
            at,
            out,
            || dice.mask(),
            |said| match said {
                Said::Data(data) => stamps(place, data, heard),
                Said::Other(Message::ChannelMessage(message)) => {
                    let text = message.content.get(6..22).context("a message that is not ours")?;
                    heard(u64::from_str_radix(text, 16).context("a message without a stamp")?);
                    Ok(())
                }
                Said::Other(_) => Ok(()),
            },
        )
    }
}

/// The stamps in a match's data: the data itself, or the updates of a room.
fn stamps(place: &Place, data: &[u8], heard: &mut dyn FnMut(u64)) -> Result<()> {
    if !matches!(place, Place::Room(_)) {
        stamp_of(data).into_iter().for_each(heard);
        return Ok(());
    }
    match Payload::decode(data)? {
        Payload::Updates(updates) => {
            for update in updates.iter() {
                let seen = plaza::Seen::decode(update).context("an update that is no step")?;
                // A plaza's own word is 0: somebody came or went.
                Some(seen.step.mark).filter(|mark| *mark != 0).into_iter().for_each(&mut *heard);
            }
        }
        Payload::Refused(refused) => bail!("a step was refused: {}", refused.reason),
        Payload::Closing(closing) => bail!("the room closed: {}", closing.reason),
        _ => {}
    }
    Ok(())
}

fn stamp_of(data: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(data.get(..8)?.try_into().ok()?))
}

/// The websocket's kind of frame for a format.
pub fn opcode(format: Format) -> Opcode {
    match format {
        Format::Json => Opcode::Text,
        Format::Protobuf => Opcode::Binary,
    }
}

/// A member of the bare fan: frames of one length that begin with the stamp.
pub struct Bare {
    frame: Vec<u8>,
}

impl Bare {
    /// Frames of this many bytes, at least eight.
    pub fn new(bytes: usize) -> Self {
        Bare { frame: vec![0x55; bytes.max(8)] }
    }
}

impl Voice for Bare {
    fn say(&mut self, stamp: u64, out: &mut Vec<u8>) {
        self.frame[..8].copy_from_slice(&stamp.to_le_bytes());
        out.extend_from_slice(&self.frame);
    }

    fn hear(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        _out: &mut Vec<u8>,
        heard: &mut dyn FnMut(u64),
    ) -> Result<()> {
        for frame in bytes[*at..].chunks_exact(self.frame.len()) {
            *at += frame.len();
            stamp_of(frame).into_iter().for_each(&mut *heard);
        }
        Ok(())
    }
}
