//! `bench relay`, `bench chat` and `bench rooms`: what reaches the others when members of groups talk at a rate, how late, and what
//! it costs the server, beside a bare fan of the same bytes to as many sockets.

mod bare;
mod drive;
mod voices;

use super::{Common, WireFormat, runtime};
use crate::client::{Heard as Incoming, Http, Joined, Login, Socket};
use crate::dice::Dice;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::net::TcpStream;
use std::time::Duration;
use voices::{Client, Place};
use wire::envelope::{ChannelJoin, Envelope, Format, MatchCreate, MatchDataOut, Message};

pub use crate::load::fan::serve;

const MEMBERS_MAX: usize = 15_000;
/// The protocol's number for a chat room.
const ROOM: i32 = 1;

/// Members of groups who talk at a rate
#[derive(Args, Clone, Debug)]
pub struct Fanout {
    #[command(flatten)]
    pub common: Common,
    /// Groups
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub groups: usize,
    /// Members of each group
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub members: usize,
    /// Messages a second of each member
    #[arg(long, default_value_t = 20.0, value_name = "PER_SECOND")]
    pub rate: f64,
    /// Bytes of one message
    #[arg(long, default_value_t = 64, value_name = "BYTES")]
    pub bytes: usize,
    /// Format of the envelope
    #[arg(long, value_enum, default_value = "protobuf")]
    pub format: WireFormat,
    /// The server's process, for its processor time
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// Chat is kept: each message is written before it is sent
    #[arg(long)]
    pub kept: bool,
    /// Also measure a bare fan
    #[arg(long)]
    pub bare: bool,
}

/// Where they talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Relay,
    Chat,
    Rooms,
}

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct FanFigures {
    /// What was measured.
    pub name: String,
    /// Deliveries a second.
    pub per_second: f64,
    /// Of those that should have come.
    pub delivered: f64,
    /// Median from the moment at which a message was due to its delivery.
    pub p50_ms: f64,
    /// 99 of 100 are faster.
    pub p99_ms: f64,
    /// 999 of 1,000 are faster.
    pub p999_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Processor time of the server for one delivery.
    pub cpu_us: Option<f64>,
    /// Sockets that were closed.
    pub closed: u64,
}

impl FanFigures {
    fn of(name: String, heard: &drive::Heard, seconds: f64) -> Self {
        let ms = |quantile: f64| heard.latency.value_at_quantile(quantile) as f64 / 1e6;
        FanFigures {
            name,
            per_second: heard.deliveries as f64 / seconds,
            delivered: heard.deliveries as f64 / heard.expected.max(1) as f64,
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
            p999_ms: ms(0.999),
            max_ms: heard.latency.max() as f64 / 1e6,
            cpu_us: heard.cpu_seconds.map(|cpu| cpu * 1e6 / heard.deliveries.max(1) as f64),
            closed: heard.closed,
        }
    }

    /// The table's head.
    pub fn head() -> String {
        format!(
            "{:<38} {:>12} {:>9} {:>8} {:>8} {:>9} {:>8} {:>10} {:>7}",
            "", "deliveries/s", "arrived", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "µs CPU each", "closed"
        )
    }
}

impl fmt::Display for FanFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpu = self.cpu_us.map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.2}"));
        write!(
            f,
            "{:<38} {:>12.0} {:>8.1}% {:>8.2} {:>8.2} {:>9.2} {:>8.2} {cpu:>10} {:>7}",
            self.name,
            self.per_second,
            self.delivered * 100.0,
            self.p50_ms,
            self.p99_ms,
            self.p999_ms,
            self.max_ms,
            self.closed
        )
    }
}

impl Fanout {
    fn check(&self) -> Result<()> {
        let members = self.groups.saturating_mul(self.members);
        if self.members < 2 || !(2..=MEMBERS_MAX).contains(&members) {
            bail!("--members is at least 2, and all groups together have at most {MEMBERS_MAX}");
        }
        if !(0.01..=10_000.0).contains(&self.rate) || !(8..=3_000).contains(&self.bytes) {
            bail!("--rate is 0.01 to 10,000, --bytes 8 to 3,000");
        }
        Ok(())
    }

    fn plan(&self, pid: Option<u32>, reach: usize) -> drive::Plan {
        drive::Plan {
            per_second: self.rate * (self.groups * self.members) as f64,
            warm_up: Duration::from_secs_f64(self.common.warm_up),
            measure: Duration::from_secs_f64(self.common.seconds),
            pid,
            reach: reach as u64,
        }
    }
}

/// Measures against a server, and a bare fan beside it if asked to.
pub fn measure(target: &Target, kind: Kind, args: &Fanout) -> Result<Vec<FanFigures>> {
    args.check()?;
    let format = Format::from(args.format);
    let members = runtime()?.block_on(gather(target, kind, args, format))?;
    // A relayed match does not send back to the sender; a chat does.
    let (word, reach) = match kind {
        Kind::Relay => ("relay", args.members - 1),
        Kind::Chat if args.kept => ("kept chat", args.members),
        Kind::Chat => ("chat", args.members),
        Kind::Rooms => ("rooms", args.members),
    };
    let shape = format!("{} × {} at {}/s", args.groups, args.members, args.rate);
    let name = format!("{word} {shape} {}", if format == Format::Json { "json" } else { "protobuf" });
    let heard = drive::run(&name, members, &args.plan(args.pid, reach))?;
    if let Some(fault) = &heard.fault {
        eprintln!("swarm: the first socket that was closed: {fault}");
    }
    let mut rows = vec![FanFigures::of(name, &heard, args.common.seconds)];
    if args.bare {
        let delivered = delivered_bytes(args, format);
        let fan = bare::Fan::start(delivered)?;
        let heard = drive::run(
            "a bare fan",
            fan.members(args, delivered)?,
            &args.plan(Some(fan.pid()), args.members - 1),
        )?;
        rows.push(FanFigures::of(
            format!("bare fan {shape}, {delivered} bytes"),
            &heard,
            args.common.seconds,
        ));
    }
    Ok(rows)
}

/// About what one delivery has on the wire, for a fan of the same size.
fn delivered_bytes(args: &Fanout, format: Format) -> usize {
    let mut frame = Vec::new();
    let id = "00000000-0000-0000-0000-000000000000.";
    MatchDataOut::sent(id, 1, &vec![0; args.bytes]).write_frame(format, None, &mut frame);
    // The sender's presence: two ids and a name.
    frame.len() + 90
}

type Members = Vec<(TcpStream, Vec<u8>, Client)>;

/// Logs everybody in and takes them to their groups. A group's first member opens it.
async fn gather(target: &Target, kind: Kind, args: &Fanout, format: Format) -> Result<Members> {
    let run = args.common.run_name();
    let keys = args.common.keys();
    let progress = Progress::new("members", (args.groups * args.members) as u64);
    let mut http = Http::connect(target).await?;
    let mut dice = Dice::new(Dice::seed_of_now());
    let mut members = Vec::new();
    for group in 0..args.groups {
        let mut place: Option<Place> = None;
        for member in 0..args.members {
            let device = format!("swarm-{run}-{group:04}-{member:04}");
            let login = Login::device(&mut http, &keys, &device).await?;
            let mut socket =
                Socket::open(target, &login.token, format, None, Dice::new(dice.number())).await?;
            let at = match (kind, &place) {
                (Kind::Chat, _) => Place::Channel(join_chat(&mut socket, args, &run, group).await?),
                (Kind::Relay, None) => Place::Match(create(&mut socket).await?),
                (_, Some(at @ (Place::Match(id) | Place::Room(id)))) => {
                    join(&mut socket, id).await?;
                    at.clone()
                }
                (Kind::Rooms, _) => {
                    let id = login.room(&mut http, "room_open", "plaza", serde_json::json!({})).await?;
                    join(&mut socket, &id).await?;
                    Place::Room(id)
                }
                (Kind::Relay, Some(Place::Channel(_))) => bail!("a relayed match is no channel"),
            };
            place = Some(at.clone());
            let own = Dice::new(dice.number());
            let (stream, kept) = socket.into_parts()?;
            members.push((stream, kept, Client::new(format, at, args.bytes, own)));
            progress.step();
        }
    }
    progress.done();
    // Members of one group next to each other would all speak at once; spread, they speak in turn.
    let mut spread: Vec<_> = members.into_iter().enumerate().collect();
    spread.sort_by_key(|(index, _)| (index % args.members, index / args.members));
    Ok(spread.into_iter().map(|(_, member)| member).collect())
}

async fn join(socket: &mut Socket, match_id: &str) -> Result<()> {
    match socket.join(match_id, BTreeMap::new()).await? {
        Joined::In => Ok(()),
        Joined::Refused(code, why) => bail!("a member may not join: {why} (code {code})"),
    }
}

async fn create(socket: &mut Socket) -> Result<String> {
    let create = Message::MatchCreate(MatchCreate { name: String::new() });
    match answer(socket, create).await? {
        Message::Match(created) => Ok(created.match_id),
        other => bail!("match_create was answered with {other:?}"),
    }
}

async fn join_chat(socket: &mut Socket, args: &Fanout, run: &str, group: usize) -> Result<String> {
    let join = ChannelJoin {
        target: format!("swarm-{run}-{group}"),
        kind: ROOM,
        persistence: Some(args.kept),
        hidden: Some(false),
    };
    match answer(socket, Message::ChannelJoin(join)).await? {
        Message::Channel(channel) => Ok(channel.id),
        other => bail!("channel_join was answered with {other:?}"),
    }
}

async fn answer(socket: &mut Socket, message: Message) -> Result<Message> {
    let cid = socket.ask(message).await?;
    loop {
        if let Incoming::Other(Envelope { cid: found, message }) = socket.next().await?
            && found == cid
        {
            return message.context("a bare acknowledgement");
        }
    }
}

/// The command.
pub fn run(kind: Kind, args: &Fanout) -> Result<()> {
    let rows = measure(&args.common.target()?, kind, args)?;
    println!("{}", FanFigures::head());
    for row in &rows {
        println!("{row}");
    }
    args.common.write_json(&rows)
}
