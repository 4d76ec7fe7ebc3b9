//! `swarm crash`: players play while the server is killed again and again; then everything that they were told is
//! compared with what the server has, and every room with its replay.

mod bot;
mod evidence;
mod history;
mod journal;
mod judge;
#[cfg(test)]
mod judge_tests;

use crate::client::{Http, Keys, Login};
use crate::dice::Dice;
use crate::progress::Progress;
use crate::server_process::{self, ServerProcess};
use anyhow::{Context as _, Result, bail};
use bot::{Bot, Phase, Stage, device};
use clap::{Args, ValueEnum};
use history::{Deed, Fault, Told};
use judge::{BALANCE, Home, Player, judge};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::LocalSet;

/// Kills in one run.
const KILLS_MAX: u32 = 1_000_000;
/// Players in one run: a ledger's view shows a thousand accounts, two for each.
const BOTS_MAX: usize = 900;
/// Ledgers in one run.
const LEDGERS: usize = 8;
/// Wars in one run.
const WARS: usize = 2;
/// Longest wait until every player has settled everything.
const SETTLE_MS_MAX: u64 = 120_000;
/// Longest wait until effects and messages have arrived.
const ARRIVE_MS_MAX: u64 = 30_000;
/// The same for a run that must fail.
const PLANTED_MS_MAX: u64 = 2_000;
/// Pause between two looks.
const LOOK_MS: u64 = 250;
/// Faults that are printed.
const FAULTS_SHOWN_MAX: usize = 50;
/// So many in a hundred kills come right after the start, in the middle of recovery.
const EARLY_KILL_PERCENT: u64 = 10;
const EARLY_KILL_MS_MAX: u64 = 50;
/// After so many in a hundred kills the server is also stopped in order once, and players are told to come back.
const STOP_PERCENT: u64 = 10;

/// Kill a server under load, and prove that nothing acknowledged is lost or applied twice
#[derive(Args, Clone, Debug)]
pub struct Crash {
    /// How often to kill
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub kills: u32,
    /// Players: two thirds on ledgers, a sixth on farms, a sixth in wars
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub bots: usize,
    /// The server's program [default: `longhouse` beside this program]
    #[arg(long, value_name = "FILE")]
    pub server: Option<PathBuf>,
    /// Shortest and longest time between two kills
    #[arg(long, default_value = "0.2,1.5", value_name = "SECONDS,SECONDS", value_parser = parse_between)]
    pub seconds_between: (f64, f64),
    /// Repeat the choices of another run [default: a new one]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Check the check: falsify one player's memory, so that the run must fail
    #[arg(long, value_enum)]
    pub plant: Option<Plant>,
    /// Where to keep the data [default: a temporary folder, kept if something is wrong]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// What a falsified memory says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Plant {
    /// A command was acknowledged that the server never got: as if it had lost one
    Loss,
    /// A command was refused that the server accepted: as if it had applied one twice
    Twice,
}

fn parse_between(text: &str) -> Result<(f64, f64), String> {
    let parts = text.split_once(',').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    match parts {
        Some((low, high)) if 0.0 <= low && low <= high && high <= 3600.0 => Ok((low, high)),
        _ => Err("two numbers of seconds, the smaller first, such as 0.2,1.5".to_owned()),
    }
}

/// The command.
pub fn run(args: &Crash) -> Result<()> {
    if args.kills > KILLS_MAX || !(3..=BOTS_MAX).contains(&args.bots) {
        bail!("--kills is at most {KILLS_MAX}, --bots 3 to {BOTS_MAX}");
    }
    crate::limits::raise_open_files(args.bots as u64 * 2 + 1024)?;
    let program = server_process::program(args.server.as_deref())?;
    let folder = match &args.data {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("swarm-crash-").tempdir()?),
    };
    let base = args.data.clone().or_else(|| folder.as_ref().map(|f| f.path().to_owned()));
    let data = base.context("a folder was given or made")?.join("data");
    std::fs::create_dir_all(&data)?;
    let seed = args.seed.unwrap_or_else(Dice::seed_of_now);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(LocalSet::new().run_until(crash(args, &program, &data, seed)));
    match result {
        Ok(line) => {
            println!("{line}");
            Ok(())
        }
        Err(error) => {
            let kept = folder.map(|f| f.keep().join("data")).unwrap_or(data);
            Err(error.context(format!("seed {seed}; the data is kept in {}", kept.display())))
        }
    }
}

async fn crash(args: &Crash, program: &Path, data: &Path, seed: u64) -> Result<String> {
    let begin = Instant::now();
    let mut dice = Dice::new(seed);
    let mut server = ServerProcess::start(program, data).await?;
    let stage = Rc::new(set_stage(&server, args.bots, &mut dice).await?);
    let (phase, watching) = watch::channel(Phase::Play(server.target.clone()));
    let mut bots = tokio::task::JoinSet::new();
    for index in 0..args.bots {
        let bot = Bot::new(index, home(index), stage.clone(), Dice::new(dice.number()));
        let watching = watching.clone();
        bots.spawn_local(async move { (index, bot.run(watching).await) });
    }

    let progress = Progress::new("kills", u64::from(args.kills));
    let (mut slowest, mut stops) = (Duration::ZERO, 0);
    for kill in 1..=args.kills {
        let wait = if dice.percent(EARLY_KILL_PERCENT) {
            Duration::from_millis(dice.below(EARLY_KILL_MS_MAX))
        } else {
            let (low, high) = args.seconds_between;
            Duration::from_secs_f64(low + (high - low) * dice.below(1 << 20) as f64 / f64::from(1 << 20))
        };
        tokio::time::sleep(wait).await;
        if server.has_ended() {
            bail!(
                "the server ended by itself before kill {kill}; its words are in server.log beside the data"
            );
        }
        server.kill().await?;
        phase.send_replace(Phase::Wait);
        server = ServerProcess::start(program, data).await.with_context(|| format!("after kill {kill}"))?;
        slowest = slowest.max(server.ready_in);
        phase.send_replace(Phase::Play(server.target.clone()));
        if dice.percent(STOP_PERCENT) {
            tokio::time::sleep(Duration::from_millis(dice.below(EARLY_KILL_MS_MAX * 10))).await;
            server.stop().await.with_context(|| format!("a stop in order after kill {kill}"))?;
            stops += 1;
            phase.send_replace(Phase::Wait);
            server =
                ServerProcess::start(program, data).await.with_context(|| format!("after stop {stops}"))?;
            phase.send_replace(Phase::Play(server.target.clone()));
        }
        progress.at(u64::from(kill));
        progress.say(&format!("{} acknowledged", stage.acknowledged.load(Ordering::Relaxed)));
    }
    progress.done();

    phase.send_replace(Phase::Settle(server.target.clone()));
    let mut players = settle(bots, args.bots).await?;
    if let Some(plant) = args.plant {
        falsify(&mut players, plant)?;
    }
    let wait = if args.plant.is_some() { PLANTED_MS_MAX } else { ARRIVE_MS_MAX };
    let faults = compare(&server, &stage, &players, wait).await?;
    server.kill().await?;
    report(&faults)?;
    let rooms = replay_rooms(program, data).await?;
    let acknowledged: usize =
        players.iter().flat_map(|p| &p.history.sent).filter(|s| matches!(s.told, Told::Accepted(_))).count();
    let refused = players.iter().map(|p| p.history.sent.len()).sum::<usize>() - acknowledged;
    let repeated: u64 = players.iter().map(|p| p.history.repeated + p.history.away.repeated).sum();
    let back = players.iter().map(|p| p.history.slowest_return).max().unwrap_or_default();
    let away = players.iter().map(|p| p.history.away.counts());
    let (kept, lost) = away.fold((0, 0), |(kept, lost), (more, less)| (kept + more, lost + less));
    Ok(format!(
        "crash: {} kills, {stops} stops, {} players: {acknowledged} commands acknowledged, {refused} refused, {repeated} asked again; \
         {kept} offline actions kept, {lost} refused; \
         nothing lost, nothing twice; {rooms} rooms equal their replay; slowest start {} ms, slowest return to a war {} ms; {:.0} s; seed {seed}",
        args.kills,
        args.bots,
        slowest.as_millis(),
        back.as_millis(),
        begin.elapsed().as_secs_f64()
    ))
}

/// Two thirds play on ledgers, a sixth on farms, a sixth in wars.
fn home(index: usize) -> Home {
    match index % 3 {
        2 if index % 2 == 1 => Home::War { war: index / 6 % WARS },
        2 => Home::Farm,
        _ => {
            let place = index / 3 * 2 + index % 3;
            Home::Ledger { ledger: place % LEDGERS, place }
        }
    }
}

async fn set_stage(server: &ServerProcess, bots: usize, dice: &mut Dice) -> Result<Stage> {
    let run = format!("{:08x}", dice.number() as u32);
    let keys = Keys::new("defaultkey");
    let mut http = Http::connect(&server.target).await?;
    let host = Login::device(&mut http, &keys, &device(&run, bots)).await?;
    let accounts = 2 * bots.div_ceil(3) * 2;
    let mut ledgers = Vec::new();
    for _ in 0..LEDGERS {
        let setup = json!({ "accounts": accounts, "balance": BALANCE });
        ledgers.push(host.room(&mut http, "room_open", "ledger", setup).await?);
    }
    let mut wars = Vec::new();
    for _ in 0..WARS {
        let seats = (bots / 6 + 2).min(200);
        let setup = json!({ "size": "tiny", "seats": seats, "tribes": 10, "rivals": 4, "spawn_seconds": 1 });
        wars.push(host.room(&mut http, "room_open", "sovereign", setup).await?);
    }
    Ok(Stage { run, keys, ledgers, wars, acknowledged: 0.into() })
}

/// Waits until every player has settled everything: their histories, in order.
async fn settle(mut bots: tokio::task::JoinSet<(usize, Player)>, count: usize) -> Result<Vec<Player>> {
    let progress = Progress::new("players settle", count as u64);
    let mut players: Vec<Option<Player>> = (0..count).map(|_| None).collect();
    let settling = async {
        while let Some(done) = bots.join_next().await {
            let (index, player) = done.context("a player panicked")?;
            players[index] = Some(player);
            progress.step();
        }
        anyhow::Ok(())
    };
    let settled = tokio::time::timeout(Duration::from_millis(SETTLE_MS_MAX), settling).await;
    progress.done();
    if settled.is_err() {
        let open = players.iter().filter(|player| player.is_none()).count();
        bail!("{open} players have unanswered commands after {SETTLE_MS_MAX} ms");
    }
    settled.context("just checked")??;
    players.into_iter().collect::<Option<Vec<_>>>().context("every player reports")
}

/// Changes what one player remembers of one transfer.
fn falsify(players: &mut [Player], plant: Plant) -> Result<()> {
    let sent = players
        .iter_mut()
        .flat_map(|player| &mut player.history.sent)
        .find(|sent| matches!((sent.deed, sent.told), (Deed::Transfer(_), Told::Accepted(_))))
        .context("no transfer was accepted")?;
    match plant {
        // As much more as a second command of the same amount would have moved.
        Plant::Loss => sent.deed = Deed::Transfer(sent.deed.amount() * 2),
        Plant::Twice => sent.told = Told::Refused(kernel::Refusal::RULES_FIRST),
    }
    Ok(())
}

/// Looks until all is well or time is over: effects and messages may still be on their way.
async fn compare(
    server: &ServerProcess,
    stage: &Stage,
    players: &[Player],
    wait_ms: u64,
) -> Result<Vec<Fault>> {
    let deadline = Instant::now() + Duration::from_millis(wait_ms);
    loop {
        let evidence = evidence::gather(&server.target, stage, players).await?;
        let faults = judge(players, &evidence);
        if faults.is_empty() || Instant::now() > deadline {
            return Ok(faults);
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
}

fn report(faults: &[Fault]) -> Result<()> {
    for fault in faults.iter().take(FAULTS_SHOWN_MAX) {
        eprintln!("swarm: {fault}");
    }
    match faults.len() {
        0 => Ok(()),
        count => bail!("{count} faults: what the server has is not what it acknowledged"),
    }
}

/// Replays every room of the data folder: how many there are.
async fn replay_rooms(program: &Path, data: &Path) -> Result<usize> {
    let rooms = server_process::rooms(program, data).await?;
    let progress = Progress::new("rooms replay", rooms.len() as u64);
    for room in &rooms {
        server_process::replay(program, data, room).await?;
        progress.step();
    }
    progress.done();
    Ok(rooms.len())
}
