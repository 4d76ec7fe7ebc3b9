//! What an operator can set, with its defaults and bounds.
//!
//! Layers, each over the one before: the defaults here, a TOML file, `LONGHOUSE_*` variables, flags. A key that is not
//! here is an error wherever it comes from. Nothing in this module reads a clock, opens a socket or starts anything.

mod accounts;
mod agents;
mod check;
mod layers;
mod outside;
mod play;
mod show;
mod social;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use accounts::{account_parts, vault};
pub use agents::Agents;
pub(crate) use agents::desk_settings;
pub(crate) use check::addresses;
pub use check::check;
pub use layers::{ConfigError, Loaded, Sources, load};
pub(crate) use outside::words;
pub use outside::{Issuer, Logins, Receipts};
pub use play::{Matching, Matchmaker, Relay};
pub(crate) use play::{matchmaker_settings, relay_settings};
pub use show::show;
pub use social::Friends;
pub(crate) use social::friend_settings;

/// The whole configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `HOST:PORT` of the one listener; port 0 takes a free one.
    pub listen: String,
    /// The folder of the embedded store. Made if it is missing.
    pub data: PathBuf,
    /// The node part of every match id. A constant for a cluster, because rooms move between its nodes.
    pub cluster: String,
    /// Keys that clients and tokens are checked against.
    pub keys: Keys,
    /// Accounts.
    pub accounts: Accounts,
    /// How long tokens live.
    pub session: SessionTimes,
    /// Bounds of HTTP requests.
    pub http: Http,
    /// How much one address, one account and one socket may ask for.
    pub limits: Limits,
    /// Bounds of sockets.
    pub socket: Socket,
    /// The room host.
    pub rooms: Rooms,
    /// Friends.
    pub friends: Friends,
    /// Relayed matches.
    pub relay: Relay,
    /// The matchmaker.
    pub matchmaker: Matchmaker,
    /// Leaderboards and tournaments.
    pub leaderboards: Leaderboards,
    /// Outside workers.
    pub agents: Agents,
    /// Logs.
    pub log: Log,
    /// By the name of the rules.
    pub games: BTreeMap<String, Game>,
    /// Issuers of OpenID Connect, by a name of the operator's.
    pub identity: BTreeMap<String, Issuer>,
    /// Platforms that vouch for logins in ways of their own.
    pub login: Logins,
    /// Stores that vouch for purchases.
    pub receipts: Receipts,
}

/// The server key that the SDKs use unless told otherwise.
pub const DEFAULT_SERVER_KEY: &str = "defaultkey";

/// Keys that clients and tokens are checked against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Sent by clients when they log in (the user name of HTTP Basic).
    pub server_key: Secret,
    /// Sent by servers that call RPCs without a player.
    pub http_key: Secret,
    /// Signs session tokens.
    pub session_key: Secret,
    /// Signs refresh tokens.
    pub refresh_key: Secret,
    /// Seals what is personal in the store.
    pub personal_key: Secret,
    /// Keys that sealed it before, with spaces between; they only open.
    pub personal_old: Secret,
    /// Finds an e-mail address in the store. Changed, no address is found any more.
    pub lookup_key: Secret,
}

/// Accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// May clients make new accounts?
    pub registration: bool,
}

/// How long tokens live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionTimes {
    /// Life of a session token.
    pub access_seconds: u32,
    /// Life of a refresh token.
    pub refresh_seconds: u32,
    /// A login ends the account's earlier ones.
    pub single: bool,
    /// A file with an RSA key (PKCS#8 in PEM) that signs session tokens; empty: a secret signs them.
    pub rsa_key_file: String,
    /// Files with the keys before it, with commas between.
    pub rsa_old_files: String,
}

/// Bounds of HTTP requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Bytes of a request's body.
    pub body_bytes_max: usize,
    /// A request's head must be here after this long, on a new connection and on an idle one.
    pub head_ms_max: u64,
    /// A request's body must be here after this long.
    pub body_ms_max: u64,
    /// Open connections, sockets included. More are closed at once.
    pub connections_max: usize,
    /// Where browsers find us, for logins that go out and come back; empty will do on loopback.
    pub public_url: String,
    /// Addresses and ranges, with commas between, of proxies that say truly for whom they ask.
    pub trusted_proxies: String,
    /// The header in which they say it. They must overwrite what a client sends in it, or add to it.
    pub forwarded_header: ForwardedHeader,
    /// A request that is repeated under its `Idempotency-Key` is known as such for this long.
    pub idempotency_hours: u32,
}

/// A header in which proxies name their clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// A list of addresses.
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// How much one address, one account and one socket may ask for. Zero is without limit; clients on this machine have
/// none. What is allowed in a time may come all at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Logins and refreshes of one address.
    pub login_per_minute: u32,
    /// Failed logins of one address until it is locked for a while.
    pub failed_logins_max: u32,
    /// Failed logins into one account with a password, from any addresses, until it is locked for a while. More than
    /// one address has, so that it takes many to lock somebody out.
    pub failed_logins_account_max: u32,
    /// How long a lock takes to go away; failures are forgotten one by one in that time.
    pub lock_seconds: u32,
    /// Requests without a session, of one address.
    pub address_per_second: u32,
    /// Reads of one account.
    pub read_per_second: u32,
    /// Writes of one account.
    pub write_per_second: u32,
    /// Calls of named functions, of one account.
    pub rpc_per_second: u32,
    /// Messages on one socket.
    pub socket_message_per_second: u32,
    /// Room commands and match data on one socket.
    pub socket_command_per_second: u32,
    /// Open connections of one address, sockets included.
    pub connections_per_address_max: u32,
}

/// Bounds of sockets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Socket {
    /// Bytes of one message from a client.
    pub message_bytes_max: usize,
    /// The server pings this often.
    pub ping_seconds: u32,
    /// A socket that was not heard for this long after a ping is closed.
    pub pong_seconds_max: u32,
    /// A socket that takes no byte for this long is closed.
    pub stall_ms_max: u64,
    /// Places in chats, parties and relayed matches are kept this long for a socket that was lost; 0 keeps none.
    pub grace_ms: u64,
}

/// The room host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rooms {
    /// Threads that run rooms; 0 is one for each core.
    pub workers: usize,
    /// A seat is kept this long after its last socket was lost.
    pub grace_ms: u64,
    /// A room that nobody is in goes to sleep after this long.
    pub sleep_after_ms: u64,
    /// Rows of rooms with steps gather until the next multiple of so many milliseconds; 0: not at all.
    pub gather_ms: u64,
    /// A room's log reaches back at least this long, and with it rewinds and replays; 0 is for ever.
    pub retain_hours: u32,
    /// How far behind those are who only watch a room that runs.
    pub spectate_delay_ms: u32,
    /// How far behind those are who only watch any other room.
    pub spectate_turns_delay_ms: u32,
    /// At shutdown, rooms have this long to finish and to write their snapshots.
    pub shutdown_ms_max: u64,
}

/// Leaderboards and tournaments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaderboards {
    /// Records of periods that are over can be read for so many days; 0 is for ever.
    pub keep_days: u32,
}

/// Logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For people or for programs.
    pub format: LogFormat,
    /// A level (`error`, `warn`, `info`, `debug`, `trace`), or directives such as `info,store=debug`.
    pub level: String,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line for people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// What an operator can set about one game.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Game {
    /// The game's content file, in place of the one that is built in.
    pub content: Option<PathBuf>,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that compares or signs with it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7350".into(),
            data: "data".into(),
            cluster: "longhouse".into(),
            keys: Keys::default(),
            accounts: Accounts { registration: true },
            session: SessionTimes {
                access_seconds: 60,
                refresh_seconds: 3_600,
                single: false,
                rsa_key_file: String::new(),
                rsa_old_files: String::new(),
            },
            http: Http {
                body_bytes_max: 256 << 10,
                head_ms_max: 30_000,
                body_ms_max: 10_000,
                connections_max: 60_000,
                trusted_proxies: "127.0.0.0/8, ::1".into(),
                forwarded_header: ForwardedHeader::XForwardedFor,
                public_url: String::new(),
                idempotency_hours: 24,
            },
            limits: Limits {
                login_per_minute: 600,
                failed_logins_max: 20,
                failed_logins_account_max: 100,
                lock_seconds: 300,
                address_per_second: 200,
                read_per_second: 200,
                write_per_second: 100,
                rpc_per_second: 100,
                socket_message_per_second: 100,
                socket_command_per_second: 500,
                connections_per_address_max: 2_000,
            },
            socket: Socket {
                message_bytes_max: 4_096,
                ping_seconds: 15,
                pong_seconds_max: 15,
                stall_ms_max: 10_000,
                grace_ms: 10_000,
            },
            rooms: Rooms {
                workers: 0,
                grace_ms: 30_000,
                sleep_after_ms: 60_000,
                gather_ms: 5,
                retain_hours: 0,
                spectate_delay_ms: 10_000,
                spectate_turns_delay_ms: 0,
                shutdown_ms_max: 10_000,
            },
            friends: Friends::default(),
            relay: Relay::default(),
            matchmaker: Matchmaker::default(),
            leaderboards: Leaderboards { keep_days: 0 },
            agents: Agents::default(),
            log: Log { format: LogFormat::Pretty, level: "info".into() },
            games: BTreeMap::new(),
            identity: BTreeMap::new(),
            login: Logins::default(),
            receipts: Receipts::default(),
        }
    }
}

impl Default for Keys {
    /// Known to everybody, so they are allowed on loopback addresses only.
    fn default() -> Self {
        Self {
            server_key: Secret::new(DEFAULT_SERVER_KEY),
            http_key: Secret::new("defaulthttpkey"),
            session_key: Secret::new("defaultsessionkey"),
            refresh_key: Secret::new("defaultrefreshkey"),
            personal_key: Secret::new("defaultpersonalkey"),
            personal_old: Secret::new(""),
            lookup_key: Secret::new("defaultlookupkey"),
        }
    }
}

impl Keys {
    /// Every key with its name.
    pub fn named(&self) -> [(&'static str, &Secret); 6] {
        [
            ("keys.server_key", &self.server_key),
            ("keys.http_key", &self.http_key),
            ("keys.session_key", &self.session_key),
            ("keys.refresh_key", &self.refresh_key),
            ("keys.personal_key", &self.personal_key),
            ("keys.lookup_key", &self.lookup_key),
        ]
    }
}

impl Limits {
    /// Every count with its key.
    pub(super) fn counts(&self) -> [(&'static str, u32); 10] {
        [
            ("limits.login_per_minute", self.login_per_minute),
            ("limits.failed_logins_max", self.failed_logins_max),
            ("limits.failed_logins_account_max", self.failed_logins_account_max),
            ("limits.address_per_second", self.address_per_second),
            ("limits.read_per_second", self.read_per_second),
            ("limits.write_per_second", self.write_per_second),
            ("limits.rpc_per_second", self.rpc_per_second),
            ("limits.socket_message_per_second", self.socket_message_per_second),
            ("limits.socket_command_per_second", self.socket_command_per_second),
            ("limits.connections_per_address_max", self.connections_per_address_max),
        ]
    }
}
