//! What every route and every socket works with: the use cases, the rooms, the open sockets and the configuration.

use std::sync::Arc;

use app::ports::{Clock, Entropy};
use app::rpc::Rpcs;
use app::services::Services;
use app::session::{Origin, Session, SessionId};
use app::tokens::Holder;
use store::Store;

use crate::config::Config;
use crate::extend::Hooks;
use crate::rates::Rates;
use crate::socket::Sockets;

/// The service behind the gate.
pub struct House {
    /// As it was loaded.
    pub config: Config,
    /// The truth.
    pub store: Store,
    /// Every use case.
    pub services: Arc<Services>,
    /// Functions by name.
    pub rpcs: Rpcs,
    /// A studio's code around routes and messages.
    pub hooks: Hooks,
    /// How much anyone may ask for.
    pub rates: Rates,
    /// The open sockets.
    pub sockets: Arc<Sockets>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub entropy: Arc<dyn Entropy>,
}

impl House {
    /// A session for a socket that was just opened.
    pub fn new_session(&self, holder: Holder, origin: Origin) -> Arc<Session> {
        let Holder { family, user, username, vars, .. } = holder;
        Session::of_socket(SessionId(self.entropy.u128()), user, username, family, vars, origin)
    }

    /// A room's name in the protocol.
    pub fn match_id(&self, room: kernel::RoomId) -> String {
        self.services.match_id(room)
    }
}
