//! The measurements of `bench all`, each group on a server of its own.

use super::stages::Stages;
use super::{All, common};
use crate::bench::durable::{Shape, measure as measure_durable, measure_echo};
use crate::bench::fanout::{Fanout, Kind, measure as measure_fanout};
use crate::bench::farms::{Farms, Played, measure as measure_farms};
use crate::bench::http::{HttpBench, measure as measure_http};
use crate::bench::matchmaker::{MatchmakerBench, measure as measure_matchmaker};
use crate::bench::movement::{Moved, Movement, measure as measure_movement};
use crate::bench::report::{RATE_PEER_COLLAPSES, RATE_PEER_KNEE, Report, Transferred, is_late};
use crate::bench::sockets::{Held, Rooms, Sockets, measure as measure_sockets};
use crate::bench::sovereign::{Fought, Wars, measure as measure_wars};
use crate::bench::stalls::Stalls;
use crate::bench::startup::{Size, measure as measure_startup};
use crate::bench::{Common, WireFormat, runtime};
use crate::limits::open_files_max;
use crate::server_process::ServerProcess;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use std::path::Path;

/// Files that server and swarm need beside the sockets.
const FILES_SPARE: usize = 1_500;
/// Everybody's talk: where, whether it is kept, and how it is called.
const TALKS: [(Kind, bool, &str); 3] =
    [(Kind::Relay, false, "relay"), (Kind::Chat, false, "chat"), (Kind::Chat, true, "kept chat")];
const FORMATS: [WireFormat; 2] = [WireFormat::Protobuf, WireFormat::Json];
/// Rates that are tried for the knee: messages a second of each member.
const RATES_OF_KNEE: [f64; 6] = [50.0, 60.0, 70.0, 80.0, 90.0, 100.0];
/// Steps a second of rooms with rules.
const RATE_OF_ROOMS: f64 = 20.0;
/// Talk is even; it needs less time than writes, whose slowest moments are rare.
const TALK_SECONDS_MAX: f64 = 6.0;
/// Farms fall asleep a minute after their players have gone; so long they are played at least.
const FARMS_SECONDS: f64 = 60.0;
/// Transfers, two of them beside an echo.
const TRANSFERS: usize = 6;
/// The knee, rooms, tickets.
const OTHER_TALKS: usize = 3;
/// Farms, two kinds of wars, players who move, three times sockets, and starting.
const ON_PROCESSES: usize = 8;
/// A war is measured when it is at its busiest.
const WAR_WARM_UP_SECONDS: f64 = 90.0;
/// What the large one tells is measured again when so many are beaten, at the latest so many seconds after its beginning.
const WAR_BEATEN: f64 = 0.5;
const WAR_MIDDLE_SECONDS: f64 = 240.0;
/// Rare steps are the dear ones.
const WAR_SECONDS: f64 = 30.0;
/// Rooms of players who move, as many as others measure, and players of each.
const MOVING: usize = 50;
/// See [`MOVING`].
const MOVERS: usize = 10;

/// What is measured on.
pub struct Rounds<'a> {
    args: &'a All,
    /// The server's program; none if a server is there already.
    program: Option<&'a Path>,
    /// Folder of all stores.
    base: &'a Path,
    stages: Stages,
}

impl<'a> Rounds<'a> {
    /// The rounds of a report.
    pub fn new(args: &'a All, program: Option<&'a Path>, base: &'a Path) -> Self {
        let cases = HttpBench::whole(common(args, ""), 0, 0).cases().len();
        let talks = TALKS.len() * FORMATS.len() * 2 + OTHER_TALKS;
        let processes = if program.is_some() { ON_PROCESSES } else { 0 };
        Rounds { args, program, base, stages: Stages::new(TRANSFERS + cases + talks + processes) }
    }

    /// All of them.
    pub fn run(&mut self, report: &mut Report) -> Result<()> {
        self.on_a_server("transfers", |rounds, target, _| rounds.transfers(target, report))?;
        self.on_a_server("http", |rounds, target, _| rounds.http(target, report))?;
        self.on_a_server("talk", |rounds, target, pid| rounds.talk(target, pid, report))?;
        match self.program {
            Some(program) => self.processes(program, report),
            None => Ok(()),
        }
    }

    fn on_a_server(
        &mut self,
        folder: &str,
        run: impl FnOnce(&mut Self, &Target, Option<u32>) -> Result<()>,
    ) -> Result<()> {
        match (self.program, &self.args.target) {
            (Some(program), _) => {
                let data = self.base.join(folder);
                std::fs::create_dir_all(&data)?;
                let runtime = runtime()?;
                let server = runtime.block_on(ServerProcess::start(program, &data))?;
                run(self, &server.target, server.pid())?;
                runtime.block_on(server.stop())?;
                // Millions of rows are not kept until the end of the report.
                std::fs::remove_dir_all(&data).with_context(|| format!("{} stays", data.display()))
            }
            (None, Some(url)) => run(self, &Target::parse(url, false)?, None),
            (None, None) => bail!("there is no server"),
        }
    }

    /// Durable transfers, two of them beside the bare echo.
    fn transfers(&mut self, target: &Target, report: &mut Report) -> Result<()> {
        let common = common(self.args, &target.host);
        let quick = self.args.quick;
        let wide = Shape { connections: if quick { 50 } else { 500 }, in_flight: 1, rate: None, threads: 1 };
        let deep = Shape { connections: 8, in_flight: 64, rate: None, threads: 1 };
        let open = Shape { rate: Some(if quick { 1_000.0 } else { 100_000.0 }), ..deep.clone() };
        let stages = &mut self.stages;
        let mut transfers = |stages: &mut Stages, shape: &Shape, format: WireFormat| {
            stages.next(&format!("durable transfers {}, {}", shape.name(), format.name()));
            let ((figures, frame_bytes), stalls) =
                Stalls::around(target, || measure_durable(target, &common, shape, format))?;
            report.writes.push((figures.clone(), stalls));
            anyhow::Ok((figures, frame_bytes))
        };
        let echo = |stages: &mut Stages, shape: &Shape, frame_bytes| {
            stages.next(&format!("bare echo {}", shape.name()));
            measure_echo(None, &common, shape, frame_bytes)
        };
        let (deep_figures, bytes) = transfers(stages, &deep, WireFormat::Protobuf)?;
        let deep_echo = echo(stages, &deep, bytes)?;
        let (json, _) = transfers(stages, &deep, WireFormat::Json)?;
        let (wide_figures, bytes) = transfers(stages, &wide, WireFormat::Protobuf)?;
        let wide_echo = echo(stages, &wide, bytes)?;
        let (open, _) = transfers(stages, &open, WireFormat::Protobuf)?;
        report.transfers =
            Some(Transferred { deep: deep_figures, deep_echo, json, wide: wide_figures, wide_echo, open });
        Ok(())
    }

    /// Logins, accounts, saves and ranks.
    fn http(&mut self, target: &Target, report: &mut Report) -> Result<()> {
        let (keys, records) = if self.args.quick { (1_000, 2_000) } else { (300_000, 1_000_000) };
        let http = HttpBench::whole(common(self.args, &target.host), keys, records);
        let asked = measure_http(target, &http, &mut |case| self.stages.next(case))?;
        for row in &asked {
            report.writes.extend(row.stalls.clone().map(|stalls| (row.figures.clone(), stalls)));
        }
        report.http = asked;
        Ok(())
    }

    /// Relays, chats, rooms with rules, and the matchmaker.
    fn talk(&mut self, target: &Target, pid: Option<u32>, report: &mut Report) -> Result<()> {
        let common = common(self.args, &target.host);
        let common = Common { seconds: common.seconds.min(TALK_SECONDS_MAX), ..common };
        let (groups, members) = if self.args.quick { (5, 4) } else { (50, 10) };
        let talk = Fanout {
            common: common.clone(),
            groups,
            members,
            rate: RATE_PEER_KNEE,
            bytes: 64,
            format: WireFormat::Protobuf,
            pid,
            kept: false,
            bare: false,
            unanswered: false,
        };
        for rate in [RATE_PEER_KNEE, RATE_PEER_COLLAPSES] {
            for (kind, kept, name) in TALKS {
                for format in FORMATS {
                    self.stages.next(&format!("{name} at {rate}/s, {}", format.name()));
                    let bare = rate == RATE_PEER_KNEE;
                    let talk = Fanout { rate, format, kept, bare, ..talk.clone() };
                    report.talks.push(measure_fanout(target, kind, &talk)?);
                }
            }
        }
        self.stages.next("relay, up to its knee");
        for rate in RATES_OF_KNEE {
            let found = measure_fanout(target, Kind::Relay, &Fanout { rate, ..talk.clone() })?;
            let late = is_late(&found);
            report.talks.push(found);
            if late {
                break;
            }
        }
        self.stages.next("rooms with rules");
        let rooms = Fanout { rate: RATE_OF_ROOMS, ..talk };
        report.talks.push(measure_fanout(target, Kind::Rooms, &rooms)?);
        self.stages.next("matchmaker");
        let tickets = if self.args.quick { 300 } else { 10_000 };
        report.waited = Some(measure_matchmaker(target, &MatchmakerBench { common, tickets })?);
        Ok(())
    }

    /// What needs the server's process: memory of sockets, and starting.
    fn processes(&mut self, program: &Path, report: &mut Report) -> Result<()> {
        let quick = self.args.quick;
        let (small, large) = if quick { (200, 1_000) } else { (10_000, 50_000) };
        // A server of ours has the limits that we have; each socket is a file for it.
        let large =
            large.min(usize::try_from(open_files_max()).unwrap_or(usize::MAX).saturating_sub(FILES_SPARE));
        report.farms = Some(self.farms(program)?);
        for large in [true, false] {
            report.wars.push(self.wars(program, large)?);
        }
        report.moved = self.moved(program)?;
        let rows = [(small, Rooms::Ledger, 100), (small, Rooms::Farm, 1), (large, Rooms::Ledger, 100)];
        for (index, (count, rooms, per_room)) in rows.into_iter().enumerate() {
            let name = format!("{count} sockets, {}", name_of(rooms));
            self.stages.next(&name);
            let data = self.base.join(format!("sockets-{index}"));
            report.sockets.push((name, self.held(program, &data, count, rooms, per_room)?));
        }
        self.stages.next("starting and replaying");
        let size = if quick {
            Size { accounts: 2_000, rooms: 200, load_seconds: 1.0 }
        } else {
            Size { accounts: 1_000_000, rooms: 100_000, load_seconds: self.args.seconds }
        };
        report.startup = Some(measure_startup(program, self.base, &common(self.args, ""), size)?);
        Ok(())
    }

    /// Far more farms than are played at a time, on a server of their own, so that its memory is theirs.
    fn farms(&mut self, program: &Path) -> Result<(Played, Stalls)> {
        self.stages.next("farms");
        let data = self.base.join("farms");
        std::fs::create_dir_all(&data)?;
        let runtime = runtime()?;
        let server = runtime.block_on(ServerProcess::start(program, &data))?;
        let common = common(self.args, &server.target.host);
        let (count, active, stay, seconds) = if self.args.quick {
            (500, 100, 1.0, common.seconds)
        } else {
            (100_000, 5_000, 30.0, FARMS_SECONDS)
        };
        let common = Common { seconds, ..common };
        let farms = Farms { common, count, active, stay, pid: server.pid() };
        let played = Stalls::around(&server.target, || measure_farms(&server.target, &farms))?;
        runtime.block_on(server.kill())?;
        std::fs::remove_dir_all(&data).with_context(|| format!("{} stays", data.display()))?;
        Ok(played)
    }

    /// One large war, or a hundred small ones, on a server of their own, so that its processor time is theirs.
    fn wars(&mut self, program: &Path, large: bool) -> Result<Fought> {
        self.stages.next(if large { "a large war" } else { "small wars" });
        let quick = self.args.quick;
        let data = self.base.join(if large { "war" } else { "wars" });
        self.alone(program, &data, |target, pid, common| {
            let (warm_up, seconds) =
                if quick { (1.0, common.seconds) } else { (WAR_WARM_UP_SECONDS, WAR_SECONDS) };
            let common = Common { warm_up, seconds, ..common };
            let (wars, players, tribes, rivals, size) = match (large, quick) {
                (true, false) => (1, 100, 100, 100, "large"),
                (true, true) => (1, 10, 10, 4, "tiny"),
                (false, false) => (100, 10, 10, 4, "tiny"),
                (false, true) => (3, 4, 4, 2, "tiny"),
            };
            measure_wars(
                target,
                &Wars {
                    common,
                    wars,
                    players,
                    tribes,
                    rivals,
                    size: size.into(),
                    rate: 1.0,
                    until_beaten: (large && !quick).then_some(WAR_BEATEN),
                    until_seconds: WAR_MIDDLE_SECONDS,
                    pid,
                },
            )
        })
    }

    /// Players who move, if the peer's server is installed.
    fn moved(&mut self, program: &Path) -> Result<Option<Moved>> {
        self.stages.next("players who move");
        let colyseus = Path::new("bench/colyseus").to_owned();
        if !colyseus.join("node_modules").is_dir() {
            eprintln!(
                "swarm: {} is not installed (`npm ci` there); players who move are left out",
                colyseus.display()
            );
            return Ok(None);
        }
        let groups = if self.args.quick { 2 } else { MOVING };
        let data = self.base.join("movement");
        let moved = self.alone(program, &data, |target, pid, common| {
            let fanout = Fanout {
                common,
                groups,
                members: MOVERS,
                rate: RATE_OF_ROOMS,
                bytes: 64,
                format: WireFormat::Protobuf,
                pid,
                kept: false,
                bare: false,
                unanswered: true,
            };
            measure_movement(target, &Movement { fanout, colyseus: colyseus.clone() })
        })?;
        Ok(Some(moved))
    }

    /// Runs one measurement on a server of its own.
    fn alone<T>(
        &self,
        program: &Path,
        data: &Path,
        measure: impl FnOnce(&Target, Option<u32>, Common) -> Result<T>,
    ) -> Result<T> {
        std::fs::create_dir_all(data)?;
        let runtime = runtime()?;
        let server = runtime.block_on(ServerProcess::start(program, data))?;
        let common = common(self.args, &server.target.host);
        let found = measure(&server.target, server.pid(), common)?;
        runtime.block_on(server.kill())?;
        std::fs::remove_dir_all(data).with_context(|| format!("{} stays", data.display()))?;
        Ok(found)
    }

    /// Idle sockets on a server of their own, so that its memory is theirs.
    fn held(&self, program: &Path, data: &Path, count: usize, rooms: Rooms, per_room: usize) -> Result<Held> {
        std::fs::create_dir_all(data)?;
        let runtime = runtime()?;
        let server = runtime.block_on(ServerProcess::start(program, data))?;
        let common = common(self.args, &server.target.host);
        let sockets = Sockets { common, count, rooms, per_room, pid: server.pid() };
        let held = measure_sockets(&server.target, &sockets)?;
        runtime.block_on(server.kill())?;
        Ok(held)
    }
}

fn name_of(rooms: Rooms) -> &'static str {
    match rooms {
        Rooms::Farm => "a farm each",
        Rooms::Ledger => "100 in a ledger",
    }
}
