//! How much one address, one account and one socket may ask for.
//!
//! **Purpose.** A flood or a guesser costs its sender more than the house, and nobody else notices. Before a login
//! counts the address, after it the account, on a socket the socket. Too much is answered with 429 and `Retry-After`,
//! or with an error on the socket; nothing waits and nothing is queued.
//!
//! **Not here.** Bounds of sizes and times (the configuration's other sections), what one account may own (the use
//! cases).
//!
//! Clients on this machine itself are not limited: a developer, a test or a benchmark. A proxy on this machine is
//! trusted by default, so that its clients are known by their own addresses.

mod address;
mod buckets;
mod connections;
mod guard;
mod socket;

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use app::ports::Clock;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use axum::response::IntoResponse;
use metrics::Counter;
use wire::envelope::{Error, ErrorCode};
use wire::rest::Code;

use crate::config::{Config, ForwardedHeader};
use crate::http::Fault;
use address::Range;

pub use address::{household, ranges};
pub use buckets::{Buckets, Rate};
pub use connections::{Connection, Connections};
pub use guard::{Stake, admit, admit_socket};
pub use socket::SocketRates;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// What is counted, and what the figures call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Logins and refreshes, by address.
    Login,
    /// Everything else without a session, by address.
    Address,
    /// What reads, by account.
    Read,
    /// What writes, by account.
    Write,
    /// Named functions, by account.
    Rpc,
    /// Failed logins, by address and by what was to be logged in.
    Locked,
    /// Messages of one socket.
    SocketMessage,
    /// Room commands and match data of one socket.
    SocketCommand,
    /// Open connections of one address.
    Connection,
}

impl Class {
    const ALL: [Class; 9] = [
        Class::Login,
        Class::Address,
        Class::Read,
        Class::Write,
        Class::Rpc,
        Class::Locked,
        Class::SocketMessage,
        Class::SocketCommand,
        Class::Connection,
    ];

    fn label(self) -> &'static str {
        match self {
            Class::Login => "login",
            Class::Address => "address",
            Class::Read => "read",
            Class::Write => "write",
            Class::Rpc => "rpc",
            Class::Locked => "locked",
            Class::SocketMessage => "socket_message",
            Class::SocketCommand => "socket_command",
            Class::Connection => "connection",
        }
    }
}

/// Every rate in force.
pub struct Rates {
    login: Option<Buckets>,
    address: Option<Buckets>,
    read: Option<Buckets>,
    write: Option<Buckets>,
    rpc: Option<Buckets>,
    failures: Option<Buckets>,
    account_failures: Option<Buckets>,
    message: Option<Rate>,
    command: Option<Rate>,
    trusted: Vec<Range>,
    header: ForwardedHeader,
    /// A secret of this process: nobody can choose addresses or names that fall on another's key.
    secret: RandomState,
    limited: [Counter; Class::ALL.len()],
}

impl Rates {
    /// As the configuration says, which was checked before.
    pub fn new(config: &Config) -> Self {
        let limits = &config.limits;
        let lock = Duration::from_secs(limits.lock_seconds.into());
        let each = |count, time| Rate::new(count, time).map(Buckets::new);
        Self {
            login: each(limits.login_per_minute, MINUTE),
            address: each(limits.address_per_second, SECOND),
            read: each(limits.read_per_second, SECOND),
            write: each(limits.write_per_second, SECOND),
            rpc: each(limits.rpc_per_second, SECOND),
            failures: each(limits.failed_logins_max, lock),
            account_failures: each(limits.failed_logins_account_max, lock),
            message: Rate::new(limits.socket_message_per_second, SECOND),
            command: Rate::new(limits.socket_command_per_second, SECOND),
            trusted: ranges(&config.http.trusted_proxies).unwrap_or_default(),
            header: config.http.forwarded_header,
            secret: RandomState::new(),
            limited: Class::ALL
                .map(|class| metrics::counter!("longhouse_rate_limited_total", "class" => class.label())),
        }
    }

    /// Who is limited; `None` for a client on this machine.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let client = address::client(peer, headers, &self.trusted, self.header);
        (!client.is_loopback()).then_some(client)
    }

    /// Is it one of the proxies whose clients are counted in its stead?
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted.iter().any(|range| range.contains(peer))
    }

    /// What a socket of this client may send.
    pub fn socket(&self, client: Option<IpAddr>) -> Option<Box<SocketRates>> {
        client.and_then(|_| SocketRates::new(self.message, self.command))
    }

    /// Notes that something was too much.
    pub fn count(&self, class: Class) {
        self.limited[class as usize].increment(1);
    }

    fn key(&self, of: impl Hash) -> u64 {
        self.secret.hash_one(of)
    }

    fn take(&self, class: Class, key: u64, now_ns: u64) -> Result<(), TooMuch> {
        let buckets = match class {
            Class::Login => &self.login,
            Class::Address => &self.address,
            Class::Read => &self.read,
            Class::Write => &self.write,
            Class::Rpc => &self.rpc,
            Class::Locked | Class::SocketMessage | Class::SocketCommand | Class::Connection => return Ok(()),
        };
        let Some(buckets) = buckets else { return Ok(()) };
        buckets.take(key, now_ns).map_err(|wait| self.refuse(class, wait))
    }

    /// Notes that something was too much, and says when it no longer is.
    pub fn refuse(&self, class: Class, wait: Duration) -> TooMuch {
        self.count(class);
        TooMuch { class, wait }
    }
}

/// Nanoseconds of the clock that only runs forwards.
pub fn now_ns(clock: &dyn Clock) -> u64 {
    clock.monotonic_us().saturating_mul(1_000)
}

/// More than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch {
    class: Class,
    wait: Duration,
}

impl TooMuch {
    /// Milliseconds after which one more is allowed.
    pub fn wait_ms(&self) -> u64 {
        u64::try_from(self.wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// For a socket: the time to wait stands in the context, too.
    pub fn error(&self) -> Error {
        let ms = self.wait_ms();
        let mut error = Error::new(ErrorCode::Internal, format!("too many messages: try again in {ms} ms"));
        error.context.insert("retry_after_ms".into(), ms.to_string());
        error
    }

    /// The answer, with the whole seconds to wait.
    pub fn response(&self) -> Response<Body> {
        let seconds = self.wait_ms().div_ceil(1_000);
        let what = match self.class {
            Class::Locked => "too many failed logins",
            _ => "too many requests",
        };
        let fault = Fault::new(Code::ResourceExhausted, format!("{what}: try again in {seconds} s"));
        let mut response = fault.into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        response
    }
}
