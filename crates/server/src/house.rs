//! What every route and every socket works with: the use cases, the rooms, the open sockets and the configuration.

use std::sync::Arc;

use app::accounts::Accounts;
use app::ports::{Clock, Entropy};
use app::rooms::Rooms;
use app::rpc::Rpcs;
use app::session::{Session, SessionId};
use store::{Store, UserId};

use crate::config::Config;
use crate::socket::Sockets;

/// The service behind the gate.
pub struct House {
    /// As it was loaded.
    pub config: Config,
    /// The truth.
    pub store: Store,
    /// Logging in and out.
    pub accounts: Accounts,
    /// Functions by name.
    pub rpcs: Rpcs,
    /// The rooms of this process.
    pub rooms: Rooms,
    /// The open sockets.
    pub sockets: Arc<Sockets>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub entropy: Arc<dyn Entropy>,
}

impl House {
    /// A session for a socket that was just opened.
    pub fn new_session(&self, user: UserId, username: String) -> Arc<Session> {
        Session::new(SessionId(self.entropy.u128()), user, username)
    }

    /// A room's name in the protocol.
    pub fn match_id(&self, room: kernel::RoomId) -> String {
        wire::match_id::MatchId { id: room.0, cluster: &self.config.cluster }.to_string()
    }
}
