//! `bench sovereign`: wars with players on real sockets. One of them sees everything and says where the others' borders
//! are; the others play by that and only count the bytes that reach them.
//!
//! A command's latency counts from the moment at which it was due to its durable answer. What a war tells is measured twice
//! if that is asked for: after the warm-up, and in the middle of the war, when a part of its nations is beaten.

mod field;
mod fighter;
mod moment;

use super::fanout::{self, Crowd};
use super::metrics::{Page, Spent};
use super::{Common, runtime};
use crate::client::{Http, Joined, Login, Socket};
use crate::dice::Dice;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use field::Field;
use fighter::Fighter;
pub use moment::Moment;
use moment::Watch;
use serde::Serialize;
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use wire::envelope::Format;

const FIGHTERS_MAX: usize = 5_000;
/// Seconds in which places are chosen.
const CHOOSING_SECONDS: u64 = 5;

/// Wars with players on real sockets
#[derive(Args, Clone, Debug)]
pub struct Wars {
    #[command(flatten)]
    pub common: Common,
    /// Wars
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub wars: usize,
    /// Players of each war
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub players: usize,
    /// Wild tribes of each war
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub tribes: usize,
    /// Computer nations of each war
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub rivals: usize,
    /// The map: tiny, small, medium, large (1,000,000 tiles) or huge
    #[arg(long, default_value = "large", value_name = "SIZE")]
    pub size: String,
    /// Commands a second of each player
    #[arg(long, default_value_t = 1.0, value_name = "PER_SECOND")]
    pub rate: f64,
    /// Then waits until this part of the nations is beaten, and measures again what players are told
    #[arg(long, value_name = "PART")]
    pub until_beaten: Option<f64>,
    /// Seconds after which it does so however few are beaten
    #[arg(long, default_value_t = 240.0, value_name = "SECONDS")]
    pub until_seconds: f64,
    /// The server's process, for its processor time
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Fought {
    /// What was measured.
    pub name: String,
    /// Commands taken a second.
    pub per_second: f64,
    /// Commands that the rules refused.
    pub refused: u64,
    /// From due to the durable answer.
    pub p50_ms: f64,
    /// 99 of 100 are faster.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Processor time of the server, in cores.
    pub cores: Option<f64>,
    /// What players were told.
    pub told: Moment,
    /// The same in the middle of the war, if that was waited for.
    pub middle: Option<Moment>,
    /// Steps, by the clock and by the processor time of their thread.
    pub steps: Spent,
    pub steps_cpu: Spent,
    /// Commands that waited for their room.
    pub waits: Spent,
    /// From login to the first view, read: the slowest player.
    pub join_ms: f64,
    /// Sockets that were closed.
    pub closed: u64,
    /// The first failure.
    pub fault: Option<String>,
}

impl Fought {
    /// The table's head.
    pub fn head() -> String {
        format!(
            "{:<34} {:>9} {:>8} {:>8} {:>8} {:>6} {:>8} {:>7} {:>8}",
            "", "accepted/s", "p50 ms", "p99 ms", "max ms", "cores", "kB/s each", "B/tile", "tiles/s"
        )
    }
}

impl std::fmt::Display for Fought {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cores = self.cores.map_or_else(|| "-".to_owned(), |cores| format!("{cores:.3}"));
        writeln!(
            f,
            "{:<34} {:>9.0} {:>8.2} {:>8.2} {:>8.2} {cores:>6} {:>8.1} {:>7.2} {:>8.0}",
            self.name,
            self.per_second,
            self.p50_ms,
            self.p99_ms,
            self.max_ms,
            self.told.bytes_each / 1e3,
            self.told.bytes_a_tile,
            self.told.tiles_per_second
        )?;
        let spent = |what: &str, spent: &Spent| {
            let edge = |ms: Option<f64>| ms.map_or_else(|| "more".to_owned(), |ms| format!("≤ {ms} ms"));
            let (p99, p999) = (edge(spent.p99_ms), edge(spent.p999_ms));
            let (count, mean, longest) = (spent.count, spent.mean_ms(), edge(spent.longest_ms));
            format!("{what}: {count} × {mean:.3} ms, p99 {p99}, p99.9 {p999}, longest {longest}")
        };
        writeln!(f, "  {}", spent("steps by the clock", &self.steps))?;
        writeln!(f, "  {}", spent("steps by processor", &self.steps_cpu))?;
        write!(
            f,
            "  {}; refused {}; slowest join {:.0} ms; closed {}",
            spent("commands waited", &self.waits),
            self.refused,
            self.join_ms,
            self.closed
        )?;
        for moment in [Some(&self.told), self.middle.as_ref()].into_iter().flatten() {
            write!(f, "\n  {moment}")?;
        }
        Ok(())
    }
}

type Fighters = Vec<(TcpStream, Vec<u8>, Fighter)>;

/// Runs it against a server.
pub fn measure(target: &Target, args: &Wars) -> Result<Fought> {
    let fighters = args.wars.saturating_mul(args.players);
    if !(1..=FIGHTERS_MAX).contains(&fighters) || args.players > 200 {
        bail!("--players is 1 to 200, all wars together have at most {FIGHTERS_MAX}");
    }
    if !(0.01..=20.0).contains(&args.rate) {
        bail!("--rate is 0.01 to 20");
    }
    if args.until_beaten.is_some_and(|part| !(0.0..=1.0).contains(&part))
        || !(0.0..=3_600.0).contains(&args.until_seconds)
    {
        bail!("--until-beaten is 0 to 1, --until-seconds at most 3600");
    }
    let (members, fields, join) = runtime()?.block_on(gather(target, args))?;
    let name = format!("{} × {} players, {}", args.wars, args.players, args.size);
    let plan = fanout::Plan {
        per_second: args.rate * fighters as f64,
        warm_up: Duration::from_secs_f64(args.common.warm_up + CHOOSING_SECONDS as f64),
        measure: Duration::from_secs_f64(args.common.seconds),
        pid: args.pid,
        // Refused commands have no durable answer.
        reach: 0,
    };
    let (begun, pages) = pages(target.clone(), plan.measure);
    let start = Instant::now();
    let mut crowd = Crowd::new(members)?;
    let mut watch = Watch::new(&fields, start);
    let heard = crowd.run(&name, &plan, &mut |gone| {
        let begins = gone >= plan.warm_up;
        if begins {
            watch.begin();
            // A reader that is gone says why when it is waited for.
            let _ = begun.send(());
        }
        begins
    })?;
    drop(begun);
    let (before, after) = pages.join().map_err(|_| anyhow::anyhow!("the reader of figures panicked"))??;
    let seconds = args.common.seconds;
    let told = watch.moment(&heard, seconds, fighters);
    let mut middle = None;
    if let Some(part) = args.until_beaten {
        let longest = Duration::from_secs_f64(args.until_seconds).saturating_sub(start.elapsed());
        let plan = fanout::Plan { warm_up: longest, ..plan };
        let mut watch = Watch::new(&fields, start);
        let later = crowd.run(&format!("{name}, the middle"), &plan, &mut |gone| {
            let begins = gone >= longest || watch.is_late(gone, part);
            if begins {
                watch.begin();
            }
            begins
        })?;
        middle = Some(watch.moment(&later, seconds, fighters));
    }
    let refused = fields.iter().map(|field| field.borrow().refused).sum();
    let ms = |quantile: f64| heard.latency.value_at_quantile(quantile) as f64 / 1e6;
    Ok(Fought {
        name,
        per_second: heard.deliveries as f64 / seconds,
        refused,
        p50_ms: ms(0.5),
        p99_ms: ms(0.99),
        max_ms: heard.latency.max() as f64 / 1e6,
        cores: heard.cpu_seconds.map(|spent| spent / seconds),
        told,
        middle,
        steps: after.since(&before, "longhouse_room_step_seconds", ""),
        steps_cpu: after.since(&before, "longhouse_room_step_cpu_seconds", ""),
        waits: after.since(&before, "longhouse_room_wait_seconds", ""),
        join_ms: join.as_secs_f64() * 1e3,
        closed: heard.closed,
        fault: heard.fault,
    })
}

/// Reads the server's page of figures when it is told that the warm-up is over, and at the end.
fn pages(
    target: Target,
    measure: Duration,
) -> (mpsc::SyncSender<()>, std::thread::JoinHandle<Result<(Page, Page)>>) {
    let (begun, begins) = mpsc::sync_channel(1);
    let reader = std::thread::spawn(move || {
        let runtime = runtime()?;
        begins.recv().context("the measurement never began")?;
        let before = runtime.block_on(Page::read(&target))?;
        std::thread::sleep(measure);
        Ok((before, runtime.block_on(Page::read(&target))?))
    });
    (begun, reader)
}

/// Opens the wars and takes everybody there; also how long the slowest needed.
async fn gather(target: &Target, args: &Wars) -> Result<(Fighters, Vec<Rc<RefCell<Field>>>, Duration)> {
    let run = args.common.run_name();
    let keys = args.common.keys();
    let progress = Progress::new("players", (args.wars * args.players) as u64);
    let mut http = Http::connect(target).await?;
    let mut dice = Dice::new(Dice::seed_of_now());
    let (mut members, mut fields, mut slowest) = (Vec::new(), Vec::new(), Duration::ZERO);
    for war in 0..args.wars {
        let setup = json!({
            "size": args.size, "seats": args.players, "tribes": args.tribes, "rivals": args.rivals,
            "difficulty": "easy", "spawn_seconds": CHOOSING_SECONDS, "immunity_seconds": 0, "map": format!("{}", 7 + war).parse::<u64>()?,
        });
        let field = Rc::new(RefCell::new(Field::default()));
        let mut place: Option<String> = None;
        for player in 0..args.players {
            let begun = Instant::now();
            let device = format!("swarm-{run}-{war:04}-{player:04}");
            let login = Login::device(&mut http, &keys, &device).await?;
            let own = Dice::new(dice.number());
            let mut socket = Socket::open(target, &login.token, Format::Protobuf, None, own).await?;
            let match_id = match &place {
                Some(match_id) => match_id.clone(),
                None => login.room(&mut http, "room_open", "sovereign", setup.clone()).await?,
            };
            place = Some(match_id.clone());
            if let Joined::Refused(code, why) = socket.join(&match_id, BTreeMap::new()).await? {
                bail!("a player may not join a war: {why} (code {code})");
            }
            let fighter =
                Fighter::new(&mut socket, match_id, field.clone(), player == 0, Dice::new(dice.number()));
            let fighter = fighter.await.context("a player's first view")?;
            // The first one makes the war.
            slowest = slowest.max(if player > 0 { begun.elapsed() } else { Duration::ZERO });
            let (stream, kept) = socket.into_parts()?;
            members.push((stream, kept, fighter));
            progress.step();
        }
        fields.push(field);
    }
    progress.done();
    Ok((members, fields, slowest))
}

/// The command.
pub fn run(args: &Wars) -> Result<()> {
    let fought = measure(&args.common.target()?, args)?;
    println!("{}\n{fought}", Fought::head());
    args.common.write_json(&fought)?;
    match fought.fault {
        Some(fault) => bail!("a socket was closed; the first: {fault}"),
        None => Ok(()),
    }
}
