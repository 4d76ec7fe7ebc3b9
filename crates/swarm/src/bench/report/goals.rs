//! Every goal that has a figure, and whether the figure meets it.

use super::Report;
use super::number::number;
use crate::bench::cases::Case;
use crate::bench::fanout::{Fanned, Kind};

/// Messages a second of each member at which the peer begins to close sockets.
pub const RATE_PEER_KNEE: f64 = 30.0;
/// … and at which it collapses.
pub const RATE_PEER_COLLAPSES: f64 = 40.0;
/// Of 100 deliveries 99 are faster.
const TALK_MS_MAX: f64 = 20.0;
/// Processor time of a delivery, in that of a bare fan.
const OF_BARE_MAX: f64 = 1.5;

/// A goal and what was found.
pub struct Goal {
    pub what: String,
    pub asked: String,
    pub found: String,
    pub met: bool,
}

/// True if a talk is beyond its knee: not everything arrives, or it is late.
pub fn is_late(talk: &Fanned) -> bool {
    !talk.arrived() || talk.talk.p99_ms >= TALK_MS_MAX
}

pub fn at_least(what: impl Into<String>, asked: f64, found: f64) -> Goal {
    Goal {
        what: what.into(),
        asked: format!("≥ {}", number(asked)),
        found: number(found),
        met: found >= asked,
    }
}

pub fn at_most(what: impl Into<String>, asked: f64, found: f64, unit: &str) -> Goal {
    Goal {
        what: what.into(),
        asked: format!("≤ {}{unit}", number(asked)),
        found: format!("{}{unit}", number(found)),
        met: found <= asked,
    }
}

pub fn below(what: impl Into<String>, asked: f64, found: f64, unit: &str) -> Goal {
    Goal {
        what: what.into(),
        asked: format!("< {} {unit}", number(asked)),
        found: format!("{} {unit}", number(found)),
        met: found < asked,
    }
}

/// The goals that a report can speak to, under their titles.
pub fn of(report: &Report) -> [(&'static str, Vec<Goal>); 6] {
    [
        ("Rooms", rooms(report)),
        ("Requests, 32 connections", requests(report)),
        ("Talk and matchmaker", talks(report)),
        ("Farms", farms(report)),
        ("Wars", super::wars::goals(report)),
        ("Sockets and starting", processes(report)),
    ]
}

fn rooms(report: &Report) -> Vec<Goal> {
    let Some(found) = &report.transfers else { return Vec::new() };
    vec![
        at_least("durable transfers/s, 8 × 64, protobuf", 400_000.0, found.deep.per_second),
        below("… their p50", 1.5, found.deep.p50_ms, "ms"),
        at_least("durable transfers/s, 8 × 64, JSON", 250_000.0, found.json.per_second),
        below("… their p50", 1.5, found.json.p50_ms, "ms"),
        at_least("durable transfers/s, 500 × 1, protobuf", 90_000.0, found.wide.per_second),
        below("… their p50", 6.0, found.wide.p50_ms, "ms"),
        at_least("… of the bare echo", 0.65, found.wide.per_second / found.wide_echo.per_second),
    ]
}

fn requests(report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    for asked in &report.http {
        let figures = &asked.figures;
        let mut rate = |what: &str, least| goals.push(at_least(what, least, figures.per_second));
        match asked.case {
            Case::KnownLogin => rate("known logins/s", 45_000.0),
            Case::Account => rate("accounts read/s", 45_000.0),
            Case::NewAccount => rate("new accounts/s", 12_500.0),
            Case::StorageRead => rate("storage reads/s", 45_000.0),
            Case::StorageWrite => {
                rate("storage writes/s, 300,000 random keys", 28_000.0);
                goals.push(below("… their p99", 10.0, figures.p99_ms, "ms"));
            }
            Case::RankWrite => rate("rank writes/s, rank returned", 20_000.0),
            Case::RankList => rate("lists of 20 ranks/s", 35_000.0),
            Case::RankAround => {}
            Case::RankOne => {
                goals.push(below(
                    "rank of one among 1,000,000, one request at a time, p99",
                    1.0,
                    figures.p99_ms,
                    "ms",
                ));
            }
            Case::RankAroundOne => {
                goals.push(below("… the list of 20 around it, p99", 1.0, figures.p99_ms, "ms"));
            }
        }
    }
    goals
}

/// As the tables name it, without the numbers of groups.
fn name_of(talk: &Fanned) -> String {
    let word = match (talk.kind, talk.kept) {
        (Kind::Relay, _) => "relay",
        (Kind::Chat, true) => "kept chat",
        (Kind::Chat, false) => "chat",
        (Kind::Rooms, _) => "rooms with rules",
    };
    format!("{word}, {}", talk.format.name())
}

fn talks(report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    for talk in &report.talks {
        let name = name_of(talk);
        if talk.kind == Kind::Rooms {
            let found = if talk.arrived() { talk.talk.p99_ms } else { f64::INFINITY };
            goals.push(below(
                format!("{name}, 50 × 10 at {} Hz: p99 of the echo, the step included", talk.rate),
                60.0,
                found,
                "ms",
            ));
        } else if talk.rate == RATE_PEER_KNEE {
            if let Some(ratio) = talk.of_bare() {
                let what = format!("{name}, 50 × 10 at {}/s: processor time of a bare fan's", talk.rate);
                goals.push(at_most(what, OF_BARE_MAX, ratio, " ×"));
            }
            let found = if talk.arrived() { talk.talk.p99_ms } else { f64::INFINITY };
            goals.push(below("… p99 of a delivery", TALK_MS_MAX, found, "ms"));
        } else if talk.rate == RATE_PEER_COLLAPSES {
            let what = format!("{name}, at {}/s: sockets closed", talk.rate);
            goals.push(at_most(what, 0.0, talk.talk.closed as f64, ""));
        }
    }
    let kept_up = |talk: &&Fanned| talk.kind == Kind::Relay && !is_late(talk);
    if report.talks.iter().any(|talk| talk.kind == Kind::Relay) {
        let knee = report.talks.iter().filter(kept_up).map(|talk| talk.rate).fold(0.0, f64::max);
        let what = format!("relay keeps p99 < {TALK_MS_MAX} ms up to messages/s of each member");
        goals.push(at_least(what, RATE_PEER_KNEE, knee));
    }
    if let Some(waited) = &report.waited {
        let what = format!("an interval of the matchmaker, {} tickets", number(waited.tickets as f64));
        // An interval that nobody saw has no figure.
        let found = if waited.intervals > 0 { waited.interval_ms } else { f64::INFINITY };
        goals.push(below(what, 100.0, found, "ms"));
        goals.push(below("… p99 of pings meanwhile", TALK_MS_MAX, waited.ping_p99_ms, "ms"));
    }
    goals
}

fn farms(report: &Report) -> Vec<Goal> {
    let Some((played, _)) = &report.farms else { return Vec::new() };
    let what = format!(
        "{} played of {}: p99 of a command",
        number(played.active as f64),
        number(played.farms as f64)
    );
    let late = if played.commands.broken == 0 { played.commands.p99_ms } else { f64::INFINITY };
    vec![below(what, 20.0, late, "ms")]
}

fn processes(report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    if let [(_, small), (_, _), (_, large)] = &report.sockets[..] {
        let each = small.bytes_each.unwrap_or(f64::INFINITY) / 1024.0;
        goals.push(below("memory of an idle socket with a seat, at 10,000", 12.0, each, "KB"));
        goals.push(at_least("sockets held", 50_000.0, large.held as f64));
    }
    if let Some(startup) = &report.startup {
        goals.push(below("ready on an empty folder", 100.0, startup.empty_ms, "ms"));
        goals.push(below("ready after SIGKILL, full", 1_000.0, startup.full_ms, "ms"));
        goals.push(below("a killed room answers again", 1_000.0, startup.room_answers_ms, "ms"));
    }
    goals
}
