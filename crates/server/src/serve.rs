//! Starting and stopping: which part is made of which, and in what order they come and go. What a binary brings along is in
//! `serve/games.rs`, what goes on beside requests in `serve/chores.rs`.

mod chores;
mod games;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agents::Door;
use app::accounts::{AccountError, Accounts, Ended};
use app::core::Core;
use app::ports::{Clock, Entropy};
use app::rooms::{ResumeKey, Rooms, RoomsConfig, RoomsParts};
use app::rpc::Rpcs;
use app::services::Services;
use app::streams::{Mode, Stream, Streams};
use store::{Options, Store, StoreError, UserId};
use tokio::task::JoinSet;
use wire::websocket::CloseCode;

use chores::chores;
pub use games::Games;

use crate::config::{self, Config, ConfigError};
use crate::extend::Extensions;
use crate::house::House;
use crate::http::{Gate, Listener, Stop, accept, same};
use crate::ports::{SystemClock, SystemEntropy, TokioSpawn};
use crate::rates::Rates;
use crate::routes;
use crate::socket::Sockets;
use crate::telemetry::{figures, process};

/// Open files that are not connections: the store's, the listener, the runtime's.
const FILES_KEPT: usize = 128;
/// At the end, sockets have this long to take their last words, and requests to finish.
const GOODBYE: Duration = Duration::from_millis(2_500);
/// RFC 6455's code for "come back, the service restarts".
const RESTART: CloseCode = CloseCode(1012);

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `games.<name>` for a game that the binary does not have.
    #[error("games.{name} is set, but there is no such game; the games are: {known}")]
    NoSuchGame {
        /// As the configuration has it.
        name: String,
        /// The games.
        known: String,
    },
    /// A content file cannot be read.
    #[error("games.{name}.content: {} cannot be read: {error}", path.display())]
    ContentFile {
        /// The game.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A content is wrong; the text names the game and the line.
    #[error("{0}")]
    Content(String),
    /// A studio's hook hangs on what does not exist.
    #[error("an extension hooks {0}, which does not exist or takes no hooks")]
    StrayHook(String),
    /// What a studio's code does first has failed.
    #[error("an extension could not start: {0}")]
    Extension(String),
    /// The address cannot be had.
    #[error("{0}")]
    Listen(std::io::Error),
    /// The system gives no threads.
    #[error("the rooms' threads cannot be started: {0}")]
    Threads(std::io::Error),
    /// The data directory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Tokens of before.
    #[error("the log-outs of before cannot be read: {0}")]
    Tokens(AccountError),
}

/// A service that answers.
pub struct Running {
    /// Where clients reach it.
    pub address: SocketAddr,
    /// Where outside workers reach it, if they may.
    pub workers_address: Option<SocketAddr>,
    /// What it works with.
    pub house: Arc<House>,
    stop: Stop,
    accepting: tokio::task::JoinHandle<()>,
    door: Option<Door>,
    chores: JoinSet<()>,
}

/// Starts the service; it answers when this returns. Must run inside a tokio runtime.
pub async fn start(config: Config, games: Games) -> Result<Running, StartError> {
    start_on(config, games, Options::default()).await
}

/// As [`start`], with a store that is set otherwise: tests fill its disk.
pub async fn start_on(config: Config, games: Games, options: Options) -> Result<Running, StartError> {
    config::check(&config)?;
    // Before anything that keeps a handle of a figure.
    figures::start();
    // The port first: clients that are early wait in its queue, and a port in use costs no look at the data.
    let listener = Listener::bind(&config.listen).map_err(StartError::Listen)?;
    let address = listener.address;
    let library = Arc::new(games.library(&config)?);
    let workers = match config.agents.listen.as_str() {
        "" => None,
        listen => Some(Listener::bind(listen).map_err(StartError::Listen)?),
    };
    let abroad = crate::outside::abroad(&config)?;
    let data = config.data.clone();
    let opened = tokio::task::spawn_blocking(move || Store::open(&data, options)).await;
    let store = opened.map_err(|error| StoreError::Panicked(error.to_string()))??;

    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    library.begin(&store, clock.now_ms()).await?;
    let rooms = Rooms::start(RoomsParts {
        store: store.clone(),
        library,
        clock: Arc::clone(&clock),
        entropy: Arc::clone(&entropy),
        spawn: Arc::new(TokioSpawn::current()),
        resume: ResumeKey::from_secret(config.keys.session_key.reveal().as_bytes()),
        config: rooms_config(&config),
    })
    .map_err(StartError::Threads)?;

    let sockets = Arc::new(Sockets::default());
    let logged_out = Arc::clone(&sockets);
    let core = Core::new(store.clone(), Arc::clone(&clock), Arc::clone(&entropy));
    let streams = Arc::clone(core.streams());
    let on_ended = move |ended| match ended {
        Ended::Family(family) => logged_out.close_family(family),
        Ended::User(user) => close_user(&streams, user),
    };
    let accounts = Accounts::new(&core, config::account_parts(&config, &entropy, Box::new(on_ended))?);
    accounts.load_revoked().await.map_err(StartError::Tokens)?;
    let settings = app::services::Settings {
        spawn: Arc::new(TokioSpawn::current()),
        friends: config::friend_settings(&config),
        relays: config::relay_settings(&config),
        matchmaker: config::matchmaker_settings(&config),
        agents: config::desk_settings(&config),
        abroad,
    };
    let services = Services::new(core, Arc::new(accounts), rooms, settings);
    let mut rpcs = Rpcs::new();
    app::rpc::house(&mut rpcs, &services.rooms, &config.cluster);
    app::chat::functions(&mut rpcs, &services.chat);
    app::topics::functions(&mut rpcs, &services.topics);
    app::leaderboards::calls(&mut rpcs, &services);
    app::accounts::functions(&mut rpcs, &services);
    app::wallets::functions(&mut rpcs, &services);
    app::achievements::functions(&mut rpcs, &services);
    app::contents::functions(&mut rpcs, &services);
    app::groups::functions(&mut rpcs, &services.groups);
    app::governance::functions(&mut rpcs, &services.governance);
    let mut extensions = Extensions::new(Arc::clone(&services), rpcs);
    for extension in games.extensions {
        extension(&mut extensions);
    }
    let Extensions { rpcs, hooks, starting, .. } = extensions;
    if let Some(stray) = hooks.stray(&routes::all()) {
        return Err(StartError::StrayHook(stray));
    }
    services.storage.prepare().await?;
    for start in starting {
        start.await.map_err(|error| StartError::Extension(error.to_string()))?;
    }
    services.jobs.plan().await?;
    services.agents.begin().await?;
    services.rooms.wake_due().await?;

    let rates = Rates::new(&config);
    let house = Arc::new(House { config, store, services, rpcs, hooks, rates, sockets, clock, entropy });
    let chores = chores(&house);
    let gate = Gate { house: Arc::clone(&house), routes: routes::routes(Arc::clone(&house)) };
    let stop = Stop::new();
    let connections_max = connections_max(&house.config);
    let accepting = tokio::spawn(accept(listener, gate, stop.clone(), connections_max));
    let workers_address = workers.as_ref().map(|listener| listener.address);
    let door = workers.map(|listener| door(listener, &house));
    Ok(Running { address, workers_address, house, stop, accepting, door, chores })
}

/// Lets outside workers in.
fn door(listener: Listener, house: &House) -> Door {
    let key = house.config.agents.key.clone();
    let is_right = move |said: &[u8]| same(said, key.reveal().as_bytes());
    Door::open(
        listener.into_inner(),
        house.services.agents.clone(),
        &house.config.cluster,
        Arc::new(is_right),
    )
}

/// As many connections as configured, or as the system's limit of open files leaves.
fn connections_max(config: &Config) -> usize {
    let files = usize::try_from(process::raise_open_files()).unwrap_or(usize::MAX);
    let wanted = config.http.connections_max;
    let possible = files.saturating_sub(FILES_KEPT).max(1);
    if possible < wanted {
        tracing::info!(
            files,
            wanted,
            possible,
            "the limit of open files allows fewer connections than configured"
        );
    }
    wanted.min(possible)
}

fn rooms_config(config: &Config) -> RoomsConfig {
    let workers = match config.rooms.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    RoomsConfig {
        cluster: config.cluster.clone(),
        grace_ms: i64::try_from(config.rooms.grace_ms).unwrap_or(i64::MAX),
        gather_ms: i64::try_from(config.rooms.gather_ms).unwrap_or(0),
        sleep_after_ms: i64::try_from(config.rooms.sleep_after_ms).unwrap_or(i64::MAX),
        workers,
        retain_ms: i64::from(config.rooms.retain_hours) * 3_600_000,
        spectate_delay_ms: config.rooms.spectate_delay_ms.into(),
        spectate_turns_delay_ms: config.rooms.spectate_turns_delay_ms.into(),
    }
}

/// Closes every socket of a user.
fn close_user(streams: &Streams, user: UserId) {
    for member in streams.members(&Stream::of(Mode::Notifications, user.0)) {
        member.session.close(CloseCode::POLICY.0, "the session was logged out");
    }
}

impl Running {
    /// Ends the service, each step bounded in time: no new connections; rooms finish, save and tell their clients to
    /// come back; sockets are closed; requests end; the store is closed.
    pub async fn stop(mut self) {
        let house = self.house;
        self.stop.stop();
        let _ = self.accepting.await;
        // Before the rooms, so that nothing of theirs is given to somebody who is sent away.
        house.services.agents.shutdown().await;
        if let Some(door) = self.door {
            door.close().await;
        }
        let bound = Duration::from_millis(house.config.rooms.shutdown_ms_max);
        if tokio::time::timeout(bound, house.services.rooms.shutdown()).await.is_err() {
            tracing::warn!(
                "rooms took too long to finish; what they acknowledged is in the store all the same"
            );
        }
        house.sockets.close_all(RESTART.0, "the server restarts: come back");
        let goodbye = async {
            house.sockets.empty().await;
            self.stop.empty().await;
        };
        if tokio::time::timeout(GOODBYE, goodbye).await.is_err() {
            tracing::warn!(open = self.stop.open(), "some connections were cut off");
        }
        self.chores.shutdown().await;
        let store = house.store.clone();
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        if let Err(error) = closed {
            tracing::error!(%error, "closing the store panicked");
        }
    }
}
