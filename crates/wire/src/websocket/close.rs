//! Close codes.

/// Why a socket closes, as its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// Done.
    pub const NORMAL: Self = CloseCode(1000);
    /// The server goes down, or the page goes away.
    pub const GOING_AWAY: Self = CloseCode(1001);
    /// The other end broke the protocol.
    pub const PROTOCOL: Self = CloseCode(1002);
    /// A kind of message that this end does not take.
    pub const UNSUPPORTED: Self = CloseCode(1003);
    /// Text that is not UTF-8.
    pub const INVALID_DATA: Self = CloseCode(1007);
    /// Against a policy: too slow, too many, logged out.
    pub const POLICY: Self = CloseCode(1008);
    /// Over the size limit.
    pub const TOO_BIG: Self = CloseCode(1009);
    /// Something failed inside the server.
    pub const INTERNAL: Self = CloseCode(1011);
    /// Come back later.
    pub const TRY_LATER: Self = CloseCode(1013);

    /// True if the code may be sent over the wire.
    pub fn is_sendable(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}
