//! The room host: rooms in memory, their inputs to the store, their words to the sessions.
//!
//! | file | idea |
//! | --- | --- |
//! | `mod.rs` | [`Rooms`], the handle that gateways use |
//! | `ask.rs`, `inbox.rs` | what is asked of rooms, and the bounded queue that carries it |
//! | `worker.rs` | a thread that drives a host |
//! | `host.rs` | many rooms: their turns, flushing together |
//! | `host/asks.rs`, `waking.rs`, `ending.rs`, `outside.rs` | what is asked of them; into memory and given up; the end; what is around a host |
//! | `live.rs` | one room: its inputs, and what may be said once they are durable |
//! | `live/commit.rs`, `rebuild.rs`, `rewind.rs`, `serve.rs` | to the store and back; when that fails; going back; what server code asks |
//! | `presence.rs` | seats, presences, views, updates |
//! | `recent.rs` | updates to be sent, and those kept for who comes back |
//! | `watching.rs`, `gallery.rs` | those who only watch, and what is kept for them until its time |
//! | `replays.rs`, `export.rs` | a room's past shown again; its log as one file |
//! | `clockwork.rs`, `running.rs` | grace, gathering, time that is logged, sleep; rooms whose time passes step by step |
//! | `load.rs`, `library.rs` | rooms and their rules out of the store |
//! | `served.rs`, `content.rs`, `check.rs` | what server code asks: commands, views, points; content that changes; its dry run |
//! | `inputs.rs` | what a log says, read without running it |
//! | `past.rs` | what an operator may do to a room's past |
//! | `desk.rs` | what rooms tell the desk of outside workers, and hear from it |
//! | `resume.rs`, `directory.rs` | tokens for coming back; the list of awake rooms |

mod ask;
mod check;
mod clockwork;
mod content;
mod desk;
mod directory;
mod export;
mod gallery;
mod host;
mod inbox;
mod inputs;
mod library;
mod live;
mod load;
mod past;
mod presence;
mod recent;
mod replays;
mod resume;
mod running;
mod served;
mod watching;
mod worker;

use std::sync::{Arc, OnceLock};
use std::thread;

use kernel::{At, Input, RoomId, RowWriter, Seat, Seq};
use store::{OpenRoom, OpenedRoom, Operation, RoomAppend, RoomsDue, Store, StoreError, Tx, UserId};
use tokio::sync::{Semaphore, oneshot};

pub use ask::{Resume, RoomCommand};
pub use check::{Checked, Loss, MEASURES_MAX, STUCK_SHOWN_MAX, Worse, check};
pub use content::CONTENT_BYTES_MAX;
pub use desk::ToDesk;
pub use directory::RoomInfo;
pub use export::LogExport;
pub use library::Library;
pub use load::replay;
pub use past::{Rewound, STANDING_SHOWN_MAX, Without};
pub(crate) use presence::unavailable;
pub use recent::{RECENT_BYTES_MAX, RECENT_UPDATES_MAX};
pub use replays::{REPLAY_BYTES_MAX, REPLAY_STEPS_MAX, ReplayFrom, ReplayPart};
pub use resume::ResumeKey;
pub use served::{Answered, CommandError, Looked, SERVER_COMMAND_BYTES_MAX, Viewer};
pub use store::RestorePoint;

use ask::Ask;
use directory::Directory;
use host::Host;
use inbox::Inbox;
use replays::Replays;
use worker::{Surroundings, Worker};

use crate::core::write_once;
use crate::ports::{Clock, Entropy, Spawn, new_id};
use crate::session::Session;

/// Bytes of a room's setup.
pub const SETUP_BYTES_MAX: usize = 16 << 10;
/// Rooms with waiting work that are woken at a time when the program starts.
const DUE_ROOMS_MAX: u32 = 1_000;

/// A command that nobody waits for may lie for so many times `gather_ms` before its room looks at it.
const PATIENCE_GATHERS: i64 = 2;

/// What can be set. Times are in milliseconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomsConfig {
    /// The constant second part of match ids.
    pub cluster: String,
    /// How long a seat is kept for somebody whose socket is gone.
    pub grace_ms: i64,
    /// How long an empty room stays in memory.
    pub sleep_after_ms: i64,
    /// Threads that rooms run on.
    pub workers: usize,
    /// How long a log reaches back at least; 0 is for ever. Older rows are removed, in small steps, once a kept
    /// snapshot stands for them.
    pub retain_ms: i64,
    /// Rows of rooms with steps gather until the next multiple of so many milliseconds, however fast the disk is; 0 writes
    /// them as soon as it can. A commit for each of a step's commands costs more than all the rest. What nobody waits for gathers
    /// until its updates are due.
    pub gather_ms: i64,
    /// How far behind those are who watch a room that runs.
    pub spectate_delay_ms: i64,
    /// How far behind those are who watch any other room.
    pub spectate_turns_delay_ms: i64,
}

impl Default for RoomsConfig {
    fn default() -> Self {
        Self {
            cluster: "longhouse".into(),
            grace_ms: 20_000,
            sleep_after_ms: 30_000,
            workers: 1,
            retain_ms: 0,
            gather_ms: 5,
            spectate_delay_ms: 10_000,
            spectate_turns_delay_ms: 0,
        }
    }
}

/// Why a room could not be opened, or an operator's wish not be met.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RoomError {
    /// No such game.
    #[error("there are no rules named {0:?}")]
    NoSuchRules(String),
    /// The rules refuse this setup, or it is too large.
    #[error("the setup is refused: {0}")]
    BadSetup(String),
    /// The rules cannot read this content, or it is too large.
    #[error("the content is refused: {0}")]
    BadContent(String),
    /// No such room.
    #[error("there is no such room")]
    NoSuchRoom,
    /// A rewind must name an input before the newest.
    #[error("there is no such point; the newest input is {head}")]
    NoSuchPoint {
        /// The newest input.
        head: Seq,
    },
    /// A command cannot be taken out: it is none, or it does not stand.
    #[error("{0}")]
    NotTakenOut(String),
    /// The room's past cannot be read.
    #[error("the room cannot be read: {0}")]
    Unreadable(String),
    /// Not now.
    #[error("{0}")]
    Unavailable(String),
    /// The same request asked for it before, under the same key, and its answer was lost. A second time would take away
    /// what was done since.
    #[error("the room was told to go back before, by this very request; see its points for whether it did")]
    Once,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a room and gives its id, or that of the one that its creator has.
struct Opening(OpenRoom);

impl Operation for Opening {
    type Output = u128;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<u128, StoreError> {
        Ok(match self.0.run(tx).await? {
            OpenedRoom::Opened(_) => self.0.first.room.0,
            OpenedRoom::Exists(room) => room.0,
        })
    }
}

/// The rooms of this process.
#[derive(Clone)]
pub struct Rooms {
    around: Arc<Surroundings>,
    entropy: Arc<dyn Entropy>,
    directory: Arc<Directory>,
}

/// What rooms are made of: the ports and the parts they use.
pub struct RoomsParts {
    /// The truth.
    pub store: Store,
    /// The games.
    pub library: Arc<Library>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Seeds and ids.
    pub entropy: Arc<dyn Entropy>,
    /// Where waiting and busy work runs.
    pub spawn: Arc<dyn Spawn>,
    /// Signs resume tokens.
    pub resume: ResumeKey,
    /// Settings.
    pub config: RoomsConfig,
}

/// Rooms without threads, for a driver that takes turns by hand.
pub struct RoomsByHand {
    /// The handle.
    pub rooms: Rooms,
    workers: Vec<Worker>,
}

impl RoomsByHand {
    /// Lets every worker do what there is to do now; `true` if there was something.
    pub fn turn(&mut self) -> bool {
        self.workers.iter_mut().fold(false, |busy, worker| worker.turn(false) | busy)
    }
}

impl Rooms {
    /// Starts the workers, each on a thread of its own.
    pub fn start(parts: RoomsParts) -> std::io::Result<Self> {
        let RoomsByHand { rooms, workers } = Self::by_hand(parts);
        for (worker, index) in workers.into_iter().zip(0..) {
            thread::Builder::new().name(format!("rooms-{index}")).spawn(move || worker.run())?;
        }
        Ok(rooms)
    }

    /// Makes the workers and starts nothing.
    pub fn by_hand(parts: RoomsParts) -> RoomsByHand {
        let RoomsParts { store, library, clock, entropy, spawn, resume, config } = parts;
        let holder = uuid::Uuid::from_u128(new_id(clock.as_ref(), entropy.as_ref())).to_string();
        let patience_us = config.gather_ms.saturating_mul(PATIENCE_GATHERS * 1_000).max(0).unsigned_abs();
        let inboxes = (0..config.workers.max(1)).map(|_| Inbox::new(patience_us)).collect();
        let around = Arc::new(Surroundings {
            store,
            library,
            clock,
            spawn,
            inboxes,
            holder,
            retain_ms: config.retain_ms,
            peeks: Semaphore::new(served::PEEKS_MAX),
            replaying: Semaphore::new(replays::REPLAYS_MAX),
            replays: Replays::default(),
            publishing: Semaphore::new(1),
            checking: Arc::new(Semaphore::new(1)),
            on_events: OnceLock::new(),
            on_desk: OnceLock::new(),
        });
        let (config, directory) = (Arc::new(config), Arc::new(Directory::default()));
        let workers = (0..around.inboxes.len()).map(|index| {
            let host = Host::new(config.clone(), resume.clone(), directory.clone());
            Worker::new(around.clone(), index, host)
        });
        let workers = workers.collect();
        RoomsByHand { rooms: Self { around, entropy, directory }, workers }
    }

    /// Wakes the rooms that have work waiting: messages to send again, answers to hear. A process calls it once.
    pub async fn wake_due(&self) -> Result<usize, StoreError> {
        let due = self
            .around
            .store
            .read(RoomsDue { now_ms: Some(self.around.clock.now_ms()), limit: DUE_ROOMS_MAX })
            .await?;
        for (room, _) in &due {
            self.put(Ask::Wake { room: *room }).await;
        }
        Ok(due.len())
    }

    /// Has this called whenever rooms have told events and those are durable; the first caller's stands.
    pub fn on_events(&self, ring: impl Fn() + Send + Sync + 'static) {
        let _ = self.around.on_events.set(Box::new(ring));
    }

    /// Opens a room for a user, who gets seat 0. `mine`: one room per user and rules; if there is one, it is the
    /// answer.
    pub async fn open(
        &self,
        user: UserId,
        rules: &str,
        setup: Vec<u8>,
        mine: bool,
    ) -> Result<RoomId, RoomError> {
        let around = &self.around;
        let Some(rules) = around.library.newest(rules) else {
            return Err(RoomError::NoSuchRules(rules.chars().take(32).collect()));
        };
        if setup.len() > SETUP_BYTES_MAX {
            return Err(RoomError::BadSetup(format!("it is longer than {SETUP_BYTES_MAX} bytes")));
        }
        if mine {
            let find = store::MineRoom { user, rules: rules.id().name.clone() };
            if let Some(room) = around.store.read(find).await? {
                return Ok(room);
            }
        }
        let ms = around.clock.now_ms();
        let room = RoomId(new_id(around.clock.as_ref(), self.entropy.as_ref()));
        let seed = self.entropy.u128() as u64;
        let setup: Arc<[u8]> = setup.into();
        let (begun, with) = (Arc::clone(&rules), Arc::clone(&setup));
        let begin = move || {
            let machine = begun.open(room, ms, &with, seed)?;
            Ok((machine.hash(), machine.label()))
        };
        let begun: Result<_, kernel::Refusal> =
            if rules.pace().runs { self.aside(begin).await? } else { begin() };
        let (hash, label) = begun.map_err(|refusal| RoomError::BadSetup(refusal.to_string()))?;
        let mut writer = RowWriter::default();
        writer.push(Seq(1), At { ms, step: 0 }, &Input::Open { setup: &setup, seed });
        let row = writer.finish(room, rules.id(), Some(hash)).expect("one input was written");
        let seqs = (row.first, row.last);
        let mut first = RoomAppend::new(room, OpenRoom::EPOCH, seqs, ms, row.sum, row.body.into());
        first.new_seats.push((Seat(0), user));
        first.label = Some(label);
        let name = rules.id().name.clone();
        let holder = around.holder.clone();
        let open = OpenRoom { rules: name, creator: Some(user), mine, created_ms: ms, holder, first };
        // A request that is repeated under its key gets the room that it opened the first time.
        Ok(RoomId(write_once(&around.store, Opening(open)).await?.into_inner()))
    }

    /// Does busy work off the threads that serve, a bounded number at a time: reading a log; making the world of a room
    /// that runs.
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, RoomError> {
        let gone = |_| RoomError::Unavailable("the server is going down".into());
        let _place = self.around.peeks.acquire().await.map_err(gone)?;
        let (reply, answer) = oneshot::channel();
        self.around.spawn.blocking(Box::new(move || {
            // Nobody may wait for it any more.
            let _ = reply.send(work());
        }));
        answer.await.map_err(|_| RoomError::Unavailable("the room was not begun".into()))
    }

    /// A session joins a room. The answer (the match, or an error with this `cid`) comes through the session.
    pub async fn join(&self, session: &Arc<Session>, room: RoomId, cid: String, resume: Option<Resume>) {
        self.put(Ask::Join { room, session: session.clone(), cid, resume }).await;
    }

    /// A session wants to watch a room without a seat: it sees what everybody may see, later than those who play. The
    /// answer (the match, or an error with this `cid`) comes through the session; it [leaves](Self::leave) like any other.
    pub async fn watch(&self, session: &Arc<Session>, room: RoomId, cid: String) {
        self.put(Ask::Watch { room, session: session.clone(), cid }).await;
    }

    /// A session leaves a room; its seat stays for the grace time. The answer comes through the session.
    pub async fn leave(&self, session: &Arc<Session>, room: RoomId, cid: String) {
        self.put(Ask::Leave { room, session: session.clone(), cid }).await;
    }

    /// Commands of a session, in order. Waits while too many of its commands, or of all, wait for their answers:
    /// whoever calls this reads no more of the socket until it returns.
    pub async fn commands(&self, session: &Arc<Session>, batch: &mut Vec<RoomCommand>) {
        while !self.try_commands(session, batch) {
            let Some((room, commands)) = next_group(batch) else { return };
            session.begin(commands.len()).await;
            let asked_us = self.around.clock.monotonic_us();
            self.put(Ask::Commands { room, session: session.clone(), commands, asked_us }).await;
        }
    }

    /// The same for as many as need not wait; takes those out of the batch. Were these all?
    pub fn try_commands(&self, session: &Arc<Session>, batch: &mut Vec<RoomCommand>) -> bool {
        let asked_us = self.around.clock.monotonic_us();
        while let Some((room, commands)) = next_group(batch) {
            let count = commands.len();
            let fits = session.try_begin(count);
            let ask = Ask::Commands { room, session: session.clone(), commands, asked_us };
            let left = if fits { self.around.inbox(room).try_put(ask) } else { Err(ask) };
            if let Err(Ask::Commands { mut commands, .. }) = left {
                if fits {
                    session.settle(count);
                }
                commands.append(batch);
                *batch = commands;
                return false;
            }
        }
        true
    }

    /// The session's socket is gone. Rooms that it asked to be let into, and that have not heard of it yet, do not let it in.
    pub async fn gone(&self, session: &Arc<Session>) {
        for room in session.leave_rooms() {
            self.put(Ask::Gone { room, session: session.clone() }).await;
        }
    }

    /// Shows a session a room anew, because updates were dropped while it did not read.
    pub async fn refresh(&self, session: &Arc<Session>, room: RoomId) {
        self.put(Ask::Refresh { room, session: session.clone() }).await;
    }

    /// The newest awake rooms that `keep` keeps.
    pub fn list(&self, limit: usize, keep: impl Fn(&RoomInfo) -> bool) -> Vec<RoomInfo> {
        self.directory.list(limit, keep)
    }

    /// How many rooms are awake.
    pub fn awake(&self) -> usize {
        self.directory.len()
    }

    /// Makes everything durable, saves every room, and tells everybody to come back later. Returns when it is done.
    pub async fn shutdown(&self) {
        let mut answers = Vec::new();
        for inbox in &self.around.inboxes {
            let (reply, answer) = oneshot::channel();
            inbox.tell(Ask::Shutdown { reply });
            answers.push(answer);
        }
        for answer in answers {
            // A worker that is gone has nothing left to save.
            let _ = answer.await;
        }
    }

    async fn put(&self, ask: Ask) {
        if let Some(room) = ask.room() {
            self.around.inbox(room).put(ask).await;
        }
    }
}

/// Takes the first commands that are for the same room, no more than may be under way.
fn next_group(batch: &mut Vec<RoomCommand>) -> Option<(RoomId, Vec<RoomCommand>)> {
    let room = batch.first()?.room;
    let most = batch.iter().take(crate::session::COMMANDS_IN_FLIGHT_MAX);
    let rest = batch.split_off(most.take_while(|command| command.room == room).count());
    Some((room, std::mem::replace(batch, rest)))
}
