//! What one socket may send: a state of two numbers, in the socket's own reader.

use std::time::Duration;

use super::Class;
use super::buckets::Rate;

/// The rates of one socket.
#[derive(Clone, Copy, Debug, Default)]
pub struct SocketRates {
    message: Option<Rate>,
    command: Option<Rate>,
    message_ns: u64,
    command_ns: u64,
}

impl SocketRates {
    /// `None` if nothing is limited: then nobody needs to look at the clock. Boxed, because there are many sockets.
    pub(super) fn new(message: Option<Rate>, command: Option<Rate>) -> Option<Box<Self>> {
        let limited = message.is_some() || command.is_some();
        limited.then(|| Box::new(Self { message, command, ..Self::default() }))
    }

    /// One more of this class, or how long to wait.
    pub fn take(&mut self, class: Class, now_ns: u64) -> Result<(), Duration> {
        let (rate, schedule_ns) = match class {
            Class::SocketCommand => (self.command, &mut self.command_ns),
            _ => (self.message, &mut self.message_ns),
        };
        if let Some(rate) = rate {
            *schedule_ns = rate.take(*schedule_ns, now_ns)?;
        }
        Ok(())
    }
}
