//! A report of made-up figures: each goal is there, and is judged.

use super::*;
use crate::bench::WireFormat;
use crate::bench::cases::Case;
use crate::bench::fanout::{FanFigures, Kind};
use crate::bench::metrics::Spent;
use crate::bench::sovereign::Moment;
use clap::ValueEnum as _;

fn figures(per_second: f64, ms: f64) -> Figures {
    Figures {
        name: "some".to_owned(),
        per_second,
        p50_ms: ms,
        p99_ms: ms,
        p999_ms: ms,
        max_ms: ms,
        accepted: 1,
        refused: 0,
        broken: 0,
        unanswered: 0,
        seconds: 1.0,
    }
}

fn fan(ms: f64, cpu_us: f64, closed: u64) -> FanFigures {
    FanFigures {
        name: "some".to_owned(),
        per_second: 1.0,
        delivered: if closed == 0 { 1.0 } else { 0.5 },
        p50_ms: ms,
        p99_ms: ms,
        p999_ms: ms,
        max_ms: ms,
        bytes_each: 100.0,
        cpu_us: Some(cpu_us),
        closed,
    }
}

/// A report in which everything is as good or as bad as this.
fn report(per_second: f64, ms: f64, cpu_us: f64, closed: u64) -> Report {
    let machine = Machine::here(std::path::Path::new("/nowhere"));
    let mut report = Report::new(machine, false);
    let row = figures(per_second, ms);
    report.transfers = Some(Transferred {
        deep: row.clone(),
        deep_echo: figures(1.0, 1.0),
        json: row.clone(),
        wide: row.clone(),
        wide_echo: figures(1e6, 1.0),
        open: row.clone(),
    });
    let stalls = Stalls {
        commits: Spent { count: 2_000, seconds: 1.0, longest_ms: Some(25.0), ..Spent::default() },
        writer: Spent { count: 3, seconds: 0.012, longest_ms: Some(5.0), ..Spent::default() },
        beside: Spent::default(),
    };
    for case in Case::value_variants() {
        let stalls = case.writes().then(|| stalls.clone());
        report.http.push(Asked { case: *case, figures: row.clone(), stalls });
    }
    report.farms = Some((played(row.clone()), stalls.clone()));
    report.wars = vec![fought(ms, cpu_us); 2];
    let bare = fan(1.0, 1.0, 0);
    report.moved = Some(Moved { own: fan(ms, cpu_us, 0), peer: fan(ms, 5.0, 0), bare, members: 1 });
    report.writes.push((row, stalls));
    for (kind, rate) in [(Kind::Relay, 30.0), (Kind::Chat, 30.0), (Kind::Relay, 40.0), (Kind::Rooms, 20.0)] {
        report.talks.push(Fanned {
            kind,
            kept: false,
            format: WireFormat::Json,
            rate,
            talk: fan(ms, cpu_us, closed),
            bare: Some(fan(1.0, 1.0, 0)),
        });
    }
    report.waited = Some(Waited {
        tickets: 10_000,
        intervals: 7,
        interval_ms: ms,
        longest_ms: Some(250.0),
        ping_p50_ms: ms,
        ping_p99_ms: ms,
        ping_max_ms: ms,
    });
    report
}

fn fought(ms: f64, cpu_us: f64) -> Fought {
    let spent = Spent { count: 600, seconds: 0.6, longest_ms: Some(ms), p99_ms: Some(ms), p999_ms: Some(ms) };
    Fought {
        name: "a war".to_owned(),
        per_second: 100.0,
        refused: 1,
        p50_ms: ms,
        p99_ms: ms,
        max_ms: ms,
        cores: Some(ms / 10.0),
        // Only the middle of a war is judged, if there is one.
        told: told(ms * 1e6, cpu_us * 1e3),
        middle: Some(told(ms * 1e4, cpu_us)),
        steps: spent.clone(),
        steps_cpu: spent.clone(),
        waits: spent,
        join_ms: ms * 10.0,
        closed: 0,
        fault: None,
    }
}

fn told(bytes_each: f64, bytes_a_tile: f64) -> Moment {
    let (at_seconds, beaten, nations) = (200.0, 150, 300);
    Moment { at_seconds, beaten, nations, bytes_each, bytes_a_tile, tiles_per_second: 1_000.0 }
}

fn played(row: Figures) -> Played {
    Played {
        farms: 100_000,
        active: 5_000,
        commands: row.clone(),
        visits: row,
        awake_max: 9_000.0,
        before_bytes: Some(50_000_000),
        most_bytes: Some(120_000_000),
        bytes_each: Some(8_000.0),
        cores: Some(0.7),
        fault: None,
    }
}

fn judged(report: &Report) -> (Vec<String>, Vec<String>) {
    let (mut met, mut missed) = (Vec::new(), Vec::new());
    for goal in goals::of(report).into_iter().flat_map(|(_, goals)| goals) {
        if goal.met { met.push(goal.what) } else { missed.push(goal.what) }
    }
    (met, missed)
}

#[test]
fn goals_are_judged() {
    let good = judged(&report(1e6, 0.5, 1.2, 0));
    assert!(good.1.is_empty(), "{good:?}");
    let bad = judged(&report(100.0, 500.0, 1.6, 1));
    assert!(bad.0.is_empty(), "{bad:?}");
    assert_eq!(good.0, bad.1);
    let asked = [
        "accounts read",
        "new accounts",
        "storage reads",
        "storage writes",
        "rank writes",
        "lists of 20",
        "rank of one among 1,000,000",
        "list of 20 around",
        "relay, json, 50 × 10 at 30/s",
        "chat, json, 50 × 10 at 30/s",
        "sockets closed",
        "relay keeps p99",
        "rooms with rules",
        "hundredths of a core",
        "moving players",
        "interval of the matchmaker",
        "pings meanwhile",
        "5,000 played of 100,000",
    ];
    for asked in asked {
        assert!(good.0.iter().any(|what| what.contains(asked)), "{asked} is not among {good:?}");
    }
}

#[test]
fn the_knee_is_the_highest_rate_without_delay() {
    let mut report = report(1e6, 0.5, 1.2, 0);
    let at = |rate, ms, closed| Fanned {
        kind: Kind::Relay,
        kept: false,
        format: WireFormat::Protobuf,
        rate,
        talk: fan(ms, 1.0, closed),
        bare: None,
    };
    report.talks.extend([at(50.0, 19.9, 0), at(60.0, 20.0, 0), at(70.0, 1.0, 2)]);
    let goals: Vec<_> = goals::of(&report).into_iter().flat_map(|(_, goals)| goals).collect();
    let knee = goals.iter().find(|goal| goal.what.starts_with("relay keeps")).unwrap();
    assert_eq!((knee.found.as_str(), knee.met), ("50", true));
}

#[test]
fn stalls_are_accounted_for() {
    let text = write(&report(1e6, 0.5, 1.2, 0));
    let line = "| some | 0.500 | 0.500 | 0.500 | 2,000 | 0.50 | ≤ 25 | 3 | 4.00 | ≤ 5 | 0 | – | – |";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("7 intervals of 0.5 ms, none over 250 ms"), "{text}");
}
