//! `bench farms`: far more farms than are played at a time. Players come to a sleeping farm, give a command a second
//! for a while, and go; the farm falls asleep behind them.
//!
//! An open loop: a command's latency counts from the moment at which it was due, so a server that falls behind
//! cannot hide it.

use super::figures::Figures;
use super::metrics::Page;
use super::{Common, runtime};
use crate::client::{Heard, Http, Joined, Keys, Login, Socket};
use crate::dice::Dice;
use crate::limits::raise_open_files;
use crate::load::Outcome;
use crate::process_cpu::cpu_seconds;
use crate::process_memory::resident_bytes;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde::Serialize;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{Instant, interval, sleep_until};
use wire::envelope::Format;
use wire::payload::{Command, Flags, Kind, Payload};

const FARMS_MAX: usize = 2_000_000;
/// Farms that are opened at once, and connections for logging in.
const SETUPS_MAX: usize = 64;
/// Addresses that players come from: one alone runs out of ports when thousands come and go.
const ADDRESSES: usize = 8;
/// Between two commands of a player.
const COMMAND_MS: u64 = 1_000;
/// Shears in one command.
const SHEARS: u64 = 5;
/// Every so many commands, llamas are bought for all the wool there is.
const BUY_EVERY: u64 = 10;
/// A server closes connections that are idle for longer than some seconds.
const HTTP_IDLE_MAX: Duration = Duration::from_secs(5);
/// Between two looks at the server's memory.
const LOOK_MS: u64 = 500;

/// Far more farms than are played at a time, waking and falling asleep
#[derive(Args, Clone, Debug)]
pub struct Farms {
    #[command(flatten)]
    pub common: Common,
    /// Farms that there are
    #[arg(long, default_value_t = 100_000, value_name = "N")]
    pub count: usize,
    /// Farms that are played at a time
    #[arg(long, default_value_t = 5_000, value_name = "N")]
    pub active: usize,
    /// How long a player stays on average
    #[arg(long, default_value_t = 30.0, value_name = "SECONDS")]
    pub stay: f64,
    /// Process of the server, to read its memory and its processor time
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Played {
    /// Farms that there are.
    pub farms: usize,
    /// Farms that were played at a time.
    pub active: usize,
    /// Commands, from due to answered.
    pub commands: Figures,
    /// Visits to sleeping farms, from login to the joined room.
    pub visits: Figures,
    /// Most rooms that were awake at once.
    pub awake_max: f64,
    /// Resident memory of the server with every farm opened and nobody there.
    pub before_bytes: Option<u64>,
    /// The most it had.
    pub most_bytes: Option<u64>,
    /// The difference, for each room that was awake.
    pub bytes_each: Option<f64>,
    /// Processor time of the server, in cores.
    pub cores: Option<f64>,
    /// The first failure.
    pub fault: Option<String>,
}

/// Runs it against a server.
pub fn measure(target: &Target, args: &Farms) -> Result<Played> {
    if !(1..=FARMS_MAX).contains(&args.count) || !(1..=args.count / 2).contains(&args.active) {
        bail!("--count is 1 to {FARMS_MAX}, --active at most half of it");
    }
    if !(1.0..=3_600.0).contains(&args.stay) {
        bail!("--stay is 1 to 3600");
    }
    raise_open_files((args.active + SETUPS_MAX) as u64 + 1_024)?;
    runtime()?.block_on(tokio::task::LocalSet::new().run_until(play(target, args)))
}

/// What all players share.
struct Stage {
    target: Target,
    keys: Keys,
    run: String,
    stay: f64,
    /// Match ids, by the farm's number.
    farms: RefCell<Vec<String>>,
    /// The farm that has slept longest.
    next: Cell<usize>,
    /// Idle connections for logging in, and since when.
    https: RefCell<Vec<(Http, Instant)>>,
    /// From when to when answers count.
    window: (Instant, Instant),
    commands: RefCell<Outcome>,
    visits: RefCell<Outcome>,
}

impl Stage {
    /// Others may log in on a connection.
    fn keep(&self, http: Http) {
        self.https.borrow_mut().push((http, Instant::now()));
    }

    fn counts(&self, at: Instant) -> bool {
        (self.window.0..self.window.1).contains(&at)
    }

    async fn login(&self, farm: usize) -> Result<(Login, Http)> {
        let kept = self.https.borrow_mut().pop();
        let mut http = match kept {
            Some((http, since)) if since.elapsed() < HTTP_IDLE_MAX => http,
            _ => Http::connect(&self.target).await?,
        };
        let device = format!("swarm-{}-{farm:07}", self.run);
        let login = Login::device(&mut http, &self.keys, &device).await?;
        Ok((login, http))
    }
}

async fn play(target: &Target, args: &Farms) -> Result<Played> {
    let measured = Duration::from_secs_f64(args.common.seconds);
    let stage = |window| Stage {
        target: target.clone(),
        keys: args.common.keys(),
        run: args.common.run_name(),
        stay: args.stay,
        farms: RefCell::default(),
        next: Cell::new(0),
        https: RefCell::default(),
        window,
        commands: RefCell::new(Outcome::new(measured)),
        visits: RefCell::new(Outcome::new(measured)),
    };
    let opener = Rc::new(stage((Instant::now(), Instant::now())));
    open_farms(&opener, args.count).await?;
    let opener = Rc::into_inner(opener).context("every opener has ended")?;
    let before_bytes = args.pid.map(resident_bytes).transpose()?;

    // Players arrive over one stay, so that they also leave one by one.
    let from = Instant::now() + Duration::from_secs_f64(args.stay + args.common.warm_up);
    let stage = Rc::new(Stage { window: (from, from + measured), ..opener });
    let players: Vec<_> = (0..args.active)
        .map(|slot| tokio::task::spawn_local(player(stage.clone(), slot, args.active)))
        .collect();
    let looked = look(&stage, args.pid).await?;
    for player in players {
        player.abort();
    }

    let (commands, visits) = (stage.commands.borrow(), stage.visits.borrow());
    let awake = looked.awake_max.max(1.0);
    let bytes_each =
        before_bytes.zip(looked.most_bytes).map(|(before, most)| most.saturating_sub(before) as f64 / awake);
    Ok(Played {
        farms: args.count,
        active: args.active,
        commands: Figures::of(format!("farms, {} of {} played", args.active, args.count), &commands),
        visits: Figures::of("… visits to sleeping farms", &visits),
        awake_max: looked.awake_max,
        before_bytes,
        most_bytes: looked.most_bytes,
        bytes_each,
        cores: looked.cores,
        fault: commands.fault.clone().or_else(|| visits.fault.clone()),
    })
}

/// An account and a farm for each number.
async fn open_farms(stage: &Rc<Stage>, count: usize) -> Result<()> {
    let progress = Rc::new(Progress::new("farms opened", count as u64));
    stage.farms.borrow_mut().resize(count, String::new());
    let openers: Vec<_> = (0..SETUPS_MAX.min(count))
        .map(|_| {
            let (stage, progress) = (stage.clone(), progress.clone());
            tokio::task::spawn_local(async move {
                while stage.next.get() < count {
                    let farm = stage.next.replace(stage.next.get() + 1);
                    let (login, mut http) = stage.login(farm).await?;
                    let match_id = login.room(&mut http, "room_mine", "farm", json!({})).await?;
                    stage.farms.borrow_mut()[farm] = match_id;
                    stage.keep(http);
                    progress.step();
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for opener in openers {
        opener.await.context("an opener panicked")??;
    }
    progress.done();
    stage.next.set(0);
    Ok(())
}

struct Looked {
    awake_max: f64,
    most_bytes: Option<u64>,
    cores: Option<f64>,
}

/// Watches the server until the window ends.
async fn look(stage: &Stage, pid: Option<u32>) -> Result<Looked> {
    let (from, to) = stage.window;
    let begin = Instant::now();
    let progress = Progress::new("farms played", (to - begin).as_millis() as u64);
    let mut ticks = interval(Duration::from_millis(LOOK_MS));
    let mut looked = Looked { awake_max: 0.0, most_bytes: None, cores: None };
    let mut cpu_from = None;
    while Instant::now() < to {
        ticks.tick().await;
        progress.at(begin.elapsed().as_millis() as u64);
        if Instant::now() < from {
            continue;
        }
        if let Some(pid) = pid {
            looked.most_bytes = looked.most_bytes.max(Some(resident_bytes(pid)?));
            let (since, seconds) = *cpu_from.get_or_insert((Instant::now(), cpu_seconds(pid)?));
            let passed = since.elapsed().as_secs_f64();
            looked.cores = (passed > 0.1).then_some((cpu_seconds(pid)? - seconds) / passed);
        }
        looked.awake_max =
            looked.awake_max.max(Page::read(&stage.target).await?.sum("longhouse_rooms_awake"));
    }
    progress.done();
    Ok(looked)
}

/// One visitor after another, as long as the run lasts.
async fn player(stage: Rc<Stage>, slot: usize, slots: usize) {
    let mut dice = Dice::new(slot as u64);
    let late = stage.stay * slot as f64 / slots as f64;
    sleep_until(Instant::now() + Duration::from_secs_f64(late)).await;
    loop {
        let count = stage.farms.borrow().len();
        let farm = stage.next.replace((stage.next.get() + 1) % count);
        if let Err(error) = visit(&stage, farm, &mut dice).await {
            let mut visits = stage.visits.borrow_mut();
            visits.broken += 1;
            visits.fault.get_or_insert_with(|| format!("{error:#}"));
        }
    }
}

/// Comes to a farm, plays for a while, and goes.
async fn visit(stage: &Stage, farm: usize, dice: &mut Dice) -> Result<()> {
    let arrived = Instant::now();
    let (login, http) = stage.login(farm).await?;
    stage.keep(http);
    let match_id = stage.farms.borrow()[farm].clone();
    let from = stage.target.address.ip() == Ipv4Addr::LOCALHOST;
    let from = from.then(|| IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2 + (farm % ADDRESSES) as u8)));
    let own = Dice::new(dice.number());
    let mut socket = Socket::open(&stage.target, &login.token, Format::Protobuf, from, own).await?;
    if let Joined::Refused(code, why) = socket.join(&match_id, BTreeMap::new()).await? {
        bail!("a farm may not be joined: {why} (code {code})");
    }
    if stage.counts(arrived) {
        let mut visits = stage.visits.borrow_mut();
        visits.latency.saturating_record(arrived.elapsed().as_nanos() as u64);
        visits.accepted += 1;
    }

    let stay = stage.stay * (0.5 + dice.below(1_000) as f64 / 1_000.0);
    let until = arrived + Duration::from_secs_f64(stay);
    let mut due = Instant::now() + Duration::from_millis(dice.below(COMMAND_MS));
    let high = u128::from(dice.number()) << 64;
    let (mut number, mut open) = (0_u64, HashMap::new());
    while due < until {
        tokio::select! {
            heard = socket.next() => {
                if let Heard::Data(data) = heard? {
                    answered(stage, &mut open, &data)?;
                }
            }
            () = sleep_until(due) => {
                number += 1;
                let id = high | u128::from(number);
                open.insert(id, due);
                push(&mut socket, &match_id, id, number);
                socket.flush().await?;
                due += Duration::from_millis(COMMAND_MS);
            }
        }
    }
    // What is still open at the end of a visit is waited for, so that slow answers count.
    while !open.is_empty() {
        if let Heard::Data(data) = socket.next().await? {
            answered(stage, &mut open, &data)?;
        }
    }
    Ok(())
}

fn push(socket: &mut Socket, match_id: &str, id: u128, number: u64) {
    let command = match number.is_multiple_of(BUY_EVERY) {
        true => farm::Command::Buy { building: "meadow_llama".into(), count: farm::Count::Max },
        false => farm::Command::Shear { count: SHEARS },
    };
    let mut payload = Vec::new();
    let body = command.encode();
    Command { flags: Flags::MESSAGE_PACK, id, seen: 0, body: &body }.write(&mut payload);
    socket.push(match_id, Kind::Command.op_code(), &payload);
}

fn answered(stage: &Stage, open: &mut HashMap<u128, Instant>, data: &[u8]) -> Result<()> {
    let (id, accepted) = match Payload::decode(data).context("a room's payload")? {
        Payload::Accepted(accepted) => (accepted.id, true),
        Payload::Refused(refused) => (refused.id, false),
        Payload::Closing(closing) => bail!("the room closed: {}", closing.reason),
        _ => return Ok(()),
    };
    if let Some(due) = open.remove(&id).filter(|due| stage.counts(*due)) {
        let mut commands = stage.commands.borrow_mut();
        commands.latency.saturating_record(due.elapsed().as_nanos() as u64);
        match accepted {
            true => commands.accepted += 1,
            false => commands.refused += 1,
        }
    }
    Ok(())
}

/// The command.
pub fn run(args: &Farms) -> Result<()> {
    let played = measure(&args.common.target()?, args)?;
    args.common.write_json(&played)?;
    println!("{}\n{}\n{}", Figures::head(), played.commands, played.visits);
    println!("at most {:.0} rooms were awake", played.awake_max);
    if let (Some(before), Some(most), Some(each)) =
        (played.before_bytes, played.most_bytes, played.bytes_each)
    {
        println!(
            "server memory: {:.1} MB with nobody there, at most {:.1} MB, {:.1} KB for each awake",
            before as f64 / 1e6,
            most as f64 / 1e6,
            each / 1024.0
        );
    }
    if let Some(cores) = played.cores {
        println!("server: {cores:.2} cores");
    }
    match played.fault {
        Some(fault) => bail!("something broke; the first: {fault}"),
        None => Ok(()),
    }
}
