//! Starting and stopping: which part is made of which, and in what order they come and go.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agents::Door;
use app::accounts::{AccountError, Accounts, Ended};
use app::core::Core;
use app::ports::{Clock, Entropy};
use app::rooms::{Library, ResumeKey, Rooms, RoomsConfig, RoomsParts};
use app::rpc::Rpcs;
use app::services::Services;
use app::streams::{Mode, Stream, Streams};
use kernel::Registry;
use store::{Options, Store, StoreError, UserId};
use tokio::task::JoinSet;
use wire::websocket::CloseCode;

use crate::config::{self, Config, ConfigError};
use crate::decide;
use crate::extend::{Extension, Extensions};
use crate::house::House;
use crate::http::{Gate, Listener, Stop, accept, same};
use crate::ports::{SystemClock, SystemEntropy, TokioSpawn};
use crate::rates::Rates;
use crate::routes;
use crate::socket::Sockets;
use crate::telemetry::{figures, process};

/// Log-outs and other rows that are over are looked for this often.
const HOUSEKEEPING: Duration = Duration::from_secs(60);
/// Due jobs and kept places of lost sockets are looked for this often.
const JOBS: Duration = Duration::from_millis(500);
/// Deadlines and turns of outside workers are looked for this often, while there are any.
const WORKERS: Duration = Duration::from_millis(20);
/// A consumer of events that failed rests for so long.
const EVENTS_AGAIN: Duration = Duration::from_secs(1);
/// Resets of leaderboards are looked for this often.
const BOARDS: Duration = Duration::from_secs(1);
/// Looks between two removals of old records, when nothing is left to remove.
const BOARDS_PAUSE: u32 = 60;
/// Steps of a thousand rows in which old records are removed, each time.
const BOARDS_STEPS: u32 = 8;
/// Open files that are not connections: the store's, the listener, the runtime's.
const FILES_KEPT: usize = 128;
/// At the end, sockets have this long to take their last words, and requests to finish.
const GOODBYE: Duration = Duration::from_millis(2_500);
/// RFC 6455's code for "come back, the service restarts".
const RESTART: CloseCode = CloseCode(1012);

/// What a binary brings along.
#[derive(Default)]
pub struct Games {
    registry: Registry,
    contents: BTreeMap<String, Vec<u8>>,
    extensions: Vec<Extension>,
}

impl Games {
    /// No game yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a game with its built-in content (`b""` where it needs none).
    pub fn with<R: kernel::Rules>(mut self, content: impl Into<Vec<u8>>) -> Self {
        self.registry = self.registry.with::<R>();
        let content = content.into();
        if !content.is_empty() {
            self.contents.insert(R::NAME.to_owned(), content);
        }
        self
    }

    /// Adds rules of an older version, which logs from before may need.
    pub fn with_older<R: kernel::Rules>(mut self) -> Self {
        self.registry = self.registry.with::<R>();
        self
    }

    /// Adds a studio's own code: functions, hooks, jobs, consumers of events.
    pub fn with_extension(mut self, extension: impl FnOnce(&mut Extensions) + 'static) -> Self {
        self.extensions.push(Box::new(extension));
        self
    }

    /// The names of the games.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.registry.names()
    }

    /// The games, each with the content that the configuration names or the built-in one.
    pub fn library(&self, config: &Config) -> Result<Library, StartError> {
        let mut contents = self.contents.clone();
        for (name, game) in &config.games {
            if !self.registry.names().any(|known| known == name) {
                let known: Vec<_> = self.registry.names().collect();
                return Err(StartError::NoSuchGame { name: name.clone(), known: known.join(", ") });
            }
            if let Some(path) = &game.content {
                let content = std::fs::read(path).map_err(|error| StartError::ContentFile {
                    name: name.clone(),
                    path: path.clone(),
                    error,
                })?;
                contents.insert(name.clone(), content);
            }
        }
        Library::new(self.registry.clone(), contents).map_err(|error| StartError::Content(error.to_string()))
    }
}

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

/// What goes on beside requests and sockets.
fn chores(house: &Arc<House>) -> JoinSet<()> {
    let mut chores = JoinSet::new();
    let swept = Arc::clone(house);
    chores.spawn(async move { swept.sockets.sweep(&swept.config.socket).await });
    let kept = Arc::clone(house);
    chores.spawn(async move {
        let mut ticks = tokio::time::interval(HOUSEKEEPING);
        loop {
            ticks.tick().await;
            if let Err(error) = kept.services.accounts.housekeeping().await {
                tracing::warn!(%error, "housekeeping failed; it is tried again");
            }
            if let Err(error) = kept.services.core.housekeeping().await {
                tracing::warn!(%error, "old idempotency keys could not be removed; it is tried again");
            }
            if let Err(error) = kept.services.identity.housekeeping().await {
                tracing::warn!(%error, "logins that stand no longer could not be ended; it is tried again");
            }
            if let Err(error) = kept.services.agents.housekeeping().await {
                tracing::warn!(%error, "what outside workers left could not be removed; it is tried again");
            }
            if let Err(error) = kept.services.events.housekeeping().await {
                tracing::warn!(%error, "old events could not be removed; it is tried again");
            }
        }
    });
    chores.spawn(decide::deadlines(house.services.governance.clone()));
    chores.spawn(decide::hooks(house.services.governance.clone()));
    for lane in house.services.events.lanes() {
        chores.spawn(async move { follow(&lane).await });
    }
    let clocked = Arc::clone(house);
    chores.spawn(async move {
        let mut ticks = tokio::time::interval(JOBS);
        loop {
            ticks.tick().await;
            for run in clocked.services.jobs.due() {
                tokio::spawn(run);
            }
            clocked.services.core.streams().sweep(clocked.clock.now_ms());
        }
    });
    let desk = house.services.agents.clone();
    chores.spawn(async move {
        let mut ticks = tokio::time::interval(WORKERS);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if desk.is_idle() {
                desk.stirred().await;
            }
            ticks.tick().await;
            desk.tick();
        }
    });
    let matched = Arc::clone(house);
    chores.spawn(async move {
        let matchmaker = &matched.services.matchmaker;
        let mut ticks = tokio::time::interval(Duration::from_millis(matchmaker.interval_ms()));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            matchmaker.interval().await;
        }
    });
    let ranked = Arc::clone(house);
    chores.spawn(async move { keep_boards(&ranked).await });
    chores.spawn(async {
        let mut ticks = tokio::time::interval(figures::UPKEEP);
        loop {
            ticks.tick().await;
            figures::start().run_upkeep();
        }
    });
    chores
}

/// Gives a consumer its events, and after a failure tries again.
async fn follow(lane: &app::events::Lane) {
    loop {
        match lane.catch_up().await {
            Ok(_) => lane.more().await,
            Err(error) => {
                tracing::warn!(%error, consumer = lane.name(), "a consumer of events failed; it gets the event again");
                tokio::time::sleep(EVENTS_AGAIN).await;
            }
        }
    }
}

/// Tells of resets and ends of leaderboards and tournaments as they come, and removes what is over.
async fn keep_boards(house: &House) {
    let boards = house.services.leaderboards.boards();
    let keep_days = i64::from(house.config.leaderboards.keep_days);
    let keep_s = (keep_days > 0).then_some(keep_days * 86_400);
    let mut ticks = tokio::time::interval(BOARDS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut pause = 0;
    loop {
        ticks.tick().await;
        if let Err(error) = boards.turn().await {
            tracing::warn!(%error, "resets of leaderboards could not be told; it is tried again");
        }
        if pause > 0 {
            pause -= 1;
            continue;
        }
        match boards.housekeeping(keep_s, BOARDS_STEPS).await {
            Ok(true) => {}
            Ok(false) => pause = BOARDS_PAUSE,
            Err(error) => {
                tracing::warn!(%error, "old records could not be removed; it is tried again");
                pause = BOARDS_PAUSE;
            }
        }
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
