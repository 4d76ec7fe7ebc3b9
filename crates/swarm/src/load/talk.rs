//! What is said on a connection.

use anyhow::Result;

/// A reply to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Yes, to the request of this number.
    Accepted(u64),
    /// No, to the request of this number.
    Refused(u64),
}

/// One connection's protocol, without IO. Requests are numbered from 0 for each connection.
pub trait Talk: Send {
    /// Appends request `number`.
    fn request(&mut self, number: u64, out: &mut Vec<u8>);

    /// Reads what came in `bytes[*at..]` and moves `*at` behind it. Each reply goes to `reply`; what must be
    /// answered at once (a ping) is appended to `out`.
    fn replies(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        out: &mut Vec<u8>,
        reply: &mut dyn FnMut(Reply),
    ) -> Result<()>;
}
