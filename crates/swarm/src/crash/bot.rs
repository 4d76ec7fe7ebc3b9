//! One player of the crash test: plays, remembers every acknowledgement, and comes back after each crash to ask
//! again about what was not answered.

use super::history::{Deed, Fault, History, Told};
use super::judge::{Home, Player};
use crate::client::{Heard, Http, Joined, Keys, Login, Socket};
use crate::dice::Dice;
use crate::target::Target;
use anyhow::{Result, bail};
use kernel::RoomId;
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use wire::envelope::{Envelope, Format, Message};
use wire::match_id::MatchId;
use wire::payload::{Command, Flags, Kind, Payload};

/// Commands on their way of one player: below the number that a room remembers for a seat.
const IN_FLIGHT_MAX: usize = 8;
/// Commands of one player in a run; then it only answers pings.
const COMMANDS_MAX: usize = 1_000_000;
/// Amounts of ledger commands have this many bits, so that hardly any two are equal.
const AMOUNT_BITS: u32 = 30;
/// Between two handfuls of commands.
const THINK_MS: (u64, u64) = (20, 200);
/// So many in a hundred times that a farmer comes back, something was played offline.
const AWAY_PERCENT: u64 = 70;
/// So many in a hundred handfuls of a farmer go by function, as if from another device's journal.
const CHUNK_PERCENT: u64 = 10;
/// Tiles of the smallest map, and nations that a war may have.
const WAR_TILES: u64 = 200 * 125;
const WAR_NATIONS: u64 = 40;
/// Offline actions at a time.
const AWAY_ACTIONS: (u64, u64) = (1, 30);
/// How long ago they were.
const AWAY_MS_MAX: u64 = 5_000;
/// Longest silence before a player connects anew.
const SILENCE_MS_MAX: u64 = 20_000;
/// Pause before a player tries a server again that did not let it in.
const RETRY_MS: u64 = 50;

/// What all players share.
#[derive(Debug)]
pub struct Stage {
    /// Names of devices begin with it.
    pub run: String,
    /// For logins.
    pub keys: Keys,
    /// Match ids of the ledgers.
    pub ledgers: Vec<String>,
    /// Match ids of the wars.
    pub wars: Vec<String>,
    /// Acknowledgements so far.
    pub acknowledged: AtomicU64,
}

/// What players shall do.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The server is down.
    Wait,
    /// Play on this server.
    Play(Target),
    /// Send nothing new, settle what is open, and end.
    Settle(Target),
}

/// A player with what it knows.
pub struct Bot {
    index: usize,
    home: Home,
    stage: Rc<Stage>,
    dice: Dice,
    /// High half of its command ids.
    player: u64,
    format: Format,
    history: History,
    match_id: String,
    token: String,
    /// A chunk of offline actions was sent and not answered.
    asked: bool,
    /// Coins that are surely in the wallet: withdrawals acknowledged, less deposits made.
    wallet: u64,
}

impl Bot {
    /// A player at its place.
    pub fn new(index: usize, home: Home, stage: Rc<Stage>, mut dice: Dice) -> Self {
        let match_id = match home {
            Home::Ledger { ledger, .. } => stage.ledgers[ledger].clone(),
            Home::War { war } => stage.wars[war].clone(),
            Home::Farm => String::new(),
        };
        let format = if dice.percent(50) { Format::Json } else { Format::Protobuf };
        let player = dice.number();
        let (history, token) = (History::default(), String::new());
        Bot { index, home, stage, player, dice, format, history, match_id, token, asked: false, wallet: 0 }
    }

    /// Plays until it has settled everything, through any number of crashes.
    pub async fn run(mut self, mut phase: watch::Receiver<Phase>) -> Player {
        loop {
            let now = phase.borrow_and_update().clone();
            let settled = match now {
                Phase::Wait => false,
                Phase::Play(target) | Phase::Settle(target) => {
                    // Whatever ends a connection, the next one goes on where it was.
                    let played = self.play(&target, &mut phase).await;
                    played.unwrap_or(false)
                }
            };
            if settled {
                break;
            }
            // Not at once: the server may be gone without our having been told.
            let _ = timeout(Duration::from_millis(RETRY_MS), phase.changed()).await;
        }
        Player { home: self.home, history: self.history }
    }

    /// Plays something offline.
    fn play_away(&mut self) {
        let mut at_ms = now_ms() - self.dice.below(AWAY_MS_MAX) as i64;
        for _ in 0..self.dice.between(AWAY_ACTIONS.0, AWAY_ACTIONS.1) {
            at_ms += self.dice.below(100) as i64;
            let deed = self.deed();
            self.history.away.play(deed, at_ms);
        }
    }

    /// Sends what was played offline, chunk after chunk, until all is answered. A chunk that meets the end of a server is
    /// sent again at the next one.
    async fn come_home(&mut self, http: &mut Http, login: &Login) -> Result<()> {
        let device = format!("{:032x}", self.player);
        let mut first = true;
        while let Some(chunk) = self.history.away.chunk(&device, LLAMA, now_ms()) {
            self.history.away.repeated += u64::from(first && self.asked);
            (first, self.asked) = (false, true);
            match login.ask(http, "farm_sync", &chunk).await? {
                Ok(answer) => {
                    self.asked = false;
                    if let Err(fault) = self.history.away.hear(self.index, &answer) {
                        self.history.fault(fault);
                        bail!("the answer to a chunk contradicts what was told");
                    }
                }
                Err(refused) if refused.status == 400 => {
                    let said = refused.error.message;
                    self.history.fault(Fault::Other(format!(
                        "player {} was refused a whole chunk of offline actions: {said}",
                        self.index
                    )));
                    bail!("a chunk was refused: {said}");
                }
                // Not now: the server comes or goes.
                Err(refused) => bail!("a chunk was answered with {}", refused.status),
            }
        }
        Ok(())
    }

    /// One connection. True if everything is settled and the player may go home.
    async fn play(&mut self, target: &Target, phase: &mut watch::Receiver<Phase>) -> Result<bool> {
        let begun = Instant::now();
        let playing = matches!(&*phase.borrow(), Phase::Play(_));
        if self.home == Home::Farm && playing && self.dice.percent(AWAY_PERCENT) {
            self.play_away();
        }
        let (mut http, login, mut socket) = self.enter(target).await?;
        for number in self.history.open.iter().copied().collect::<Vec<_>>() {
            self.history.repeated += 1;
            self.push(&mut socket, number);
        }
        socket.flush().await?;
        let mut next_handful = Instant::now() + self.think();
        let (mut last_heard, mut shown) = (Instant::now(), false);
        loop {
            let settling = match &*phase.borrow() {
                Phase::Settle(now) if now == target => true,
                Phase::Play(now) if now == target => false,
                _ => bail!("the server is gone"),
            };
            if settling && self.history.open.is_empty() && self.history.away.is_settled() {
                return Ok(true);
            }
            if !settling
                && Instant::now() >= next_handful
                && self.home == Home::Farm
                && self.dice.percent(CHUNK_PERCENT)
            {
                self.play_away();
                self.come_home(&mut http, &login).await?;
                next_handful = Instant::now() + self.think();
            }
            if !settling && Instant::now() >= next_handful {
                let room = IN_FLIGHT_MAX.saturating_sub(self.history.open.len());
                if self.history.sent.len() < COMMANDS_MAX && room > 0 {
                    for _ in 0..self.dice.between(1, room as u64) {
                        let deed = self.deed();
                        let number = self.history.send(deed);
                        self.push(&mut socket, number);
                    }
                    socket.flush().await?;
                }
                next_handful = Instant::now() + self.think();
            }
            tokio::select! {
                heard = socket.next() => {
                    last_heard = Instant::now();
                    let data = matches!(&heard, Ok(Heard::Data(_)));
                    self.hear(heard?, &mut socket)?;
                    if data && !std::mem::replace(&mut shown, true) && matches!(self.home, Home::War { .. }) {
                        self.history.slowest_return = self.history.slowest_return.max(begun.elapsed());
                    }
                    socket.flush().await?;
                }
                _ = phase.changed() => {}
                () = tokio::time::sleep_until(next_handful), if !settling => {}
                () = sleep(Duration::from_millis(SILENCE_MS_MAX)) => {}
            }
            if !self.history.open.is_empty() && last_heard.elapsed() > Duration::from_millis(SILENCE_MS_MAX) {
                bail!("no answer for {SILENCE_MS_MAX} ms");
            }
        }
    }

    /// Logs in, brings home what was played offline, connects, joins.
    async fn enter(&mut self, target: &Target) -> Result<(Http, Login, Socket)> {
        let mut http = Http::connect(target).await?;
        let login = Login::device(&mut http, &self.stage.keys, &device(&self.stage.run, self.index)).await?;
        if self.match_id.is_empty() {
            self.match_id = login.room(&mut http, "room_mine", "farm", json!({})).await?;
        }
        if self.home == Home::Farm {
            self.come_home(&mut http, &login).await?;
        }
        let dice = Dice::new(self.dice.number());
        let mut socket = Socket::open(target, &login.token, self.format, None, dice).await?;
        // Half of the time it comes back to its seat with the token, half of the time like a stranger.
        let mut metadata = BTreeMap::new();
        if !self.token.is_empty() && self.dice.percent(50) {
            metadata.insert("resume".to_owned(), self.token.clone());
            metadata.insert("seq".to_owned(), self.history.newest.to_string());
        }
        match socket.join(&self.match_id, metadata).await? {
            Joined::In => Ok((http, login, socket)),
            Joined::Refused(code, why) => {
                // A token may be too old to count; a stranger is always let in.
                self.token.clear();
                bail!("the join was refused: {why} (code {code})")
            }
        }
    }

    fn think(&mut self) -> Duration {
        Duration::from_millis(self.dice.between(THINK_MS.0, THINK_MS.1))
    }

    /// What to do next. A deposit only takes what is surely in the wallet, so that it is always granted.
    fn deed(&mut self) -> Deed {
        let amount = 1 + self.dice.below(1 << AMOUNT_BITS);
        let chance = self.dice.below(100);
        match self.home {
            Home::Farm if chance < 80 => Deed::Shear(self.dice.between(1, 5)),
            Home::Farm => Deed::Buy(1),
            Home::War { .. } => match chance {
                0..10 => Deed::Spawn(self.dice.below(WAR_TILES)),
                // Half against wild land.
                _ => {
                    let on = self.dice.below(2) * self.dice.below(WAR_NATIONS);
                    Deed::Attack(on << 16 | self.dice.between(50, 300))
                }
            },
            Home::Ledger { .. } => match chance {
                0..70 => Deed::Transfer(amount),
                70..80 => Deed::Remit(amount),
                80..90 if amount <= self.wallet => {
                    self.wallet -= amount;
                    Deed::Deposit(amount)
                }
                _ => Deed::Withdraw(amount),
            },
        }
    }

    fn push(&self, socket: &mut Socket, number: usize) {
        let mut payload = Vec::new();
        let (body, flags) = self.body(self.history.sent[number].deed);
        let id = u128::from(self.player) << 64 | (number as u128 + 1);
        Command { flags, id, seen: self.history.newest, body: &body }.write(&mut payload);
        socket.push(&self.match_id, Kind::Command.op_code(), &payload);
    }

    fn body(&self, deed: Deed) -> (Vec<u8>, Flags) {
        let place = match self.home {
            Home::Ledger { place, .. } => place as u32,
            Home::Farm | Home::War { .. } => 0,
        };
        let (purse, chest) = (2 * place, 2 * place + 1);
        let command = match deed {
            Deed::Shear(count) => return (farm::Command::Shear { count }.encode(), Flags::MESSAGE_PACK),
            Deed::Buy(count) => {
                let (building, count) = (LLAMA.to_owned(), farm::Count::Exactly(count));
                return (farm::Command::Buy { building, count }.encode(), Flags::MESSAGE_PACK);
            }
            Deed::Spawn(tile) => {
                return (sovereign::Command::Spawn { tile: tile as u32 }.encode(), Flags::MESSAGE_PACK);
            }
            Deed::Attack(what) => {
                let order = sovereign::Command::Attack { on: (what >> 16) as u16, share: what as u16 };
                return (order.encode(), Flags::MESSAGE_PACK);
            }
            Deed::Transfer(amount) => ledger::Command::Transfer { from: purse, to: chest, amount },
            Deed::Withdraw(amount) => ledger::Command::Withdraw { account: purse, amount },
            Deed::Deposit(amount) => ledger::Command::Deposit { account: purse, amount },
            Deed::Remit(amount) => {
                ledger::Command::Remit { account: purse, amount, to_account: purse, room: self.next_ledger() }
            }
        };
        let mut body = Vec::new();
        command.encode(&mut body);
        (body, Flags::NONE)
    }

    fn next_ledger(&self) -> RoomId {
        let ledgers = &self.stage.ledgers;
        let next = match self.home {
            Home::Ledger { ledger, .. } => (ledger + 1) % ledgers.len(),
            Home::Farm | Home::War { .. } => 0,
        };
        RoomId(MatchId::parse(&ledgers[next]).map(|id| id.id).unwrap_or_default())
    }

    fn hear(&mut self, heard: Heard, socket: &mut Socket) -> Result<()> {
        let data = match heard {
            Heard::Data(data) => data,
            Heard::Other(Envelope { message: Some(Message::Error(error)), .. }) => {
                bail!("the server says: {} (code {})", error.message, error.code)
            }
            Heard::Other(_) => return Ok(()),
        };
        match Payload::decode(&data)? {
            Payload::Accepted(accepted) => self.settle(accepted.id, Told::Accepted(accepted.seq), socket),
            Payload::Refused(refused) => self.settle(refused.id, Told::Refused(refused.code), socket),
            Payload::View(view) => {
                self.history.view(self.index, view.seq);
                self.token = view.token.to_owned();
            }
            Payload::Closing(closing) => {
                self.token = closing.token.to_owned();
                bail!("the room closed: {} {}", closing.code, closing.reason)
            }
            Payload::Updates(_) | Payload::Command(_) => {}
        }
        Ok(())
    }

    fn settle(&mut self, id: u128, told: Told, socket: &mut Socket) {
        if (id >> 64) as u64 != self.player {
            return;
        }
        let number = (id as u64).wrapping_sub(1) as usize;
        let was_open = self.history.open.contains(&number);
        if !self.history.hear(self.index, number, told) {
            self.push(socket, number);
        } else if was_open {
            match (told, self.history.sent[number].deed) {
                (Told::Accepted(_), Deed::Withdraw(amount)) => self.wallet += amount,
                (Told::Refused(_), Deed::Deposit(amount)) => self.wallet += amount,
                _ => {}
            }
            if matches!(told, Told::Accepted(_)) {
                self.stage.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// This machine's clock; a player's device has no better one.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The building that farmers buy.
pub const LLAMA: &str = "meadow_llama";

/// The device of a player.
pub fn device(run: &str, index: usize) -> String {
    format!("swarm-{run}-{index:06}")
}
