//! Hears a socket whose bytes somebody else reads: in measurements, where one thread reads many sockets.

use super::socket::message_of;
use anyhow::{Result, bail};
use wire::envelope::{Format, Incoming, Message};
use wire::limits::SOCKET_VIEW_BYTES_MAX;
use wire::websocket::{Decoder, Role};

/// What the server says.
pub enum Said<'a> {
    /// A payload of a match.
    Data(&'a [u8]),
    /// Any other message.
    Other(&'a Message),
}

/// One socket's.
#[derive(Debug)]
pub struct Ears {
    format: Format,
    decoder: Decoder,
    scratch: Vec<u8>,
}

impl Ears {
    /// Of a socket that speaks this format.
    pub fn new(format: Format) -> Self {
        Ears { format, decoder: Decoder::new(Role::Client, SOCKET_VIEW_BYTES_MAX), scratch: Vec::new() }
    }

    /// Hears all that is whole in the bytes from `at`. Pings are answered into `out`; an error of the server is an error.
    pub fn hear(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        out: &mut Vec<u8>,
        mut mask: impl FnMut() -> [u8; 4],
        mut heard: impl FnMut(Said<'_>) -> Result<()>,
    ) -> Result<()> {
        while let Some(event) = self.decoder.next(bytes, at)? {
            let Some(frame) = message_of(event, out, &mut mask)? else { continue };
            match Incoming::from_server(self.format, frame, &mut self.scratch)? {
                Incoming::MatchData { data, .. } => heard(Said::Data(data.data))?,
                Incoming::Other(envelope) => match envelope.message {
                    Some(Message::MatchData(data)) => heard(Said::Data(&data.data))?,
                    Some(Message::Error(error)) => {
                        bail!("the server says: {} (code {})", error.message, error.code)
                    }
                    Some(message) => heard(Said::Other(&message))?,
                    None => {}
                },
            }
        }
        Ok(())
    }
}
