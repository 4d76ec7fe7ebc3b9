//! The report: the machine, each goal beside its figure, then everything that was measured.

use super::figures::Figures;
use super::sockets::Held;
use super::startup::Startup;
use crate::machine::Machine;
use serde::Serialize;
use std::fmt::Write as _;

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Where and when.
    pub machine: Machine,
    /// True if everything was small and means nothing.
    pub quick: bool,
    /// Rates and latencies.
    pub figures: Vec<Figures>,
    /// Idle sockets, by what they were.
    pub sockets: Vec<(String, Held)>,
    /// Starting.
    pub startup: Option<Startup>,
}

impl Report {
    /// An empty report.
    pub fn new(machine: Machine, quick: bool) -> Self {
        Report { machine, quick, figures: Vec::new(), sockets: Vec::new(), startup: None }
    }
}

struct Goal {
    what: &'static str,
    asked: String,
    found: String,
    met: bool,
}

fn at_least(what: &'static str, asked: f64, found: f64) -> Goal {
    Goal { what, asked: format!("≥ {}", number(asked)), found: number(found), met: found >= asked }
}

fn below(what: &'static str, asked: f64, found: f64, unit: &str) -> Goal {
    Goal {
        what,
        asked: format!("< {} {unit}", number(asked)),
        found: format!("{} {unit}", number(found)),
        met: found < asked,
    }
}

/// The goals that a report can speak to, in the order of the rows measured.
fn goals(report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    if let [deep, _, json, wide, wide_echo, _, login, ..] = &report.figures[..] {
        goals.push(at_least("durable transfers/s, 8 × 64, protobuf", 400_000.0, deep.per_second));
        goals.push(below("… their p50", 1.5, deep.p50_ms, "ms"));
        goals.push(at_least("durable transfers/s, 8 × 64, JSON", 250_000.0, json.per_second));
        goals.push(below("… their p50", 1.5, json.p50_ms, "ms"));
        goals.push(at_least("durable transfers/s, 500 × 1, protobuf", 90_000.0, wide.per_second));
        goals.push(below("… their p50", 6.0, wide.p50_ms, "ms"));
        goals.push(at_least("… of the bare echo", 0.65, wide.per_second / wide_echo.per_second));
        goals.push(at_least("known logins/s", 45_000.0, login.per_second));
    }
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

/// The report as Markdown.
pub fn write(report: &Report) -> String {
    let mut text = String::new();
    render(report, &mut text).expect("a String takes every character");
    text
}

fn render(report: &Report, out: &mut String) -> std::fmt::Result {
    let machine = &report.machine;
    writeln!(out, "# Benchmarks\n")?;
    writeln!(out, "Written by `make bench`. Server and load share the cores; fsync is on.\n")?;
    if report.quick {
        writeln!(out, "**A quick run, to see that it works: these figures mean nothing.**\n")?;
    }
    writeln!(out, "| machine | |\n| --- | --- |")?;
    writeln!(out, "| processor | {}, {} cores |", machine.processor, machine.cores)?;
    writeln!(out, "| memory | {:.1} GB |", machine.memory_gb)?;
    writeln!(out, "| kernel | Linux {} |", machine.kernel)?;
    if let Some(sync) = machine.sync_ms {
        writeln!(out, "| 4 KB written and synced | {sync:.2} ms |")?;
    }
    writeln!(out, "| date | {} |", machine.date)?;
    writeln!(out, "| commit | {} |\n", machine.commit)?;

    writeln!(out, "## Goals\n\n| | asked | found | |\n| --- | --- | --- | --- |")?;
    for goal in goals(report) {
        let met = if goal.met { "met" } else { "**missed**" };
        writeln!(out, "| {} | {} | {} | {met} |", goal.what, goal.asked, goal.found)?;
    }

    writeln!(out, "\n## Rates and latencies\n")?;
    writeln!(
        out,
        "Closed loops name connections × requests on their way; the open loop names its rate, and its"
    )?;
    writeln!(out, "latency counts from the moment at which a request was due.\n")?;
    writeln!(out, "| | accepted/s | p50 ms | p99 ms | p99.9 ms | max ms | refused | broken |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for row in &report.figures {
        writeln!(
            out,
            "| {} | {} | {:.3} | {:.3} | {:.3} | {:.3} | {} | {} |",
            row.name,
            number(row.per_second),
            row.p50_ms,
            row.p99_ms,
            row.p999_ms,
            row.max_ms,
            row.refused,
            row.broken
        )?;
    }
    if !report.sockets.is_empty() {
        writeln!(out, "\n## Idle sockets, each logged in and with a seat\n")?;
        writeln!(out, "| | opened | held | for s | server before MB | with them MB | KB each |")?;
        writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |")?;
    }
    let megabytes =
        |bytes: Option<u64>| bytes.map_or("–".to_owned(), |bytes| format!("{:.1}", bytes as f64 / 1e6));
    for (name, held) in &report.sockets {
        writeln!(
            out,
            "| {name} | {} | {} | {:.0} | {} | {} | {} |",
            number(held.opened as f64),
            number(held.held as f64),
            held.seconds,
            megabytes(held.before_bytes),
            megabytes(held.with_bytes),
            held.bytes_each.map_or("–".to_owned(), |each| format!("{:.1}", each / 1024.0)),
        )?;
    }
    if let Some((_, large)) = report.sockets.last()
        && large.asked < 50_000
        && !report.quick
    {
        let asked = number(large.asked as f64);
        writeln!(
            out,
            "\nThis machine lets a process open too few files for 50,000 sockets; it allows {asked}."
        )?;
    }
    if let Some(startup) = &report.startup {
        writeln!(out, "\n## Starting and replaying\n\n| | |\n| --- | --- |")?;
        writeln!(out, "| ready on an empty folder | {:.0} ms |", startup.empty_ms)?;
        writeln!(
            out,
            "| ready after SIGKILL with {} accounts, {} rooms and {:.0} MB of write-ahead log | {:.0} ms |",
            number(startup.accounts as f64),
            number(startup.rooms as f64),
            startup.wal_bytes as f64 / 1e6,
            startup.full_ms
        )?;
        writeln!(
            out,
            "| the room under load, with {} inputs, answers a new command | {:.0} ms after the start of the process, {:.0} ms after the join |",
            number(startup.room_inputs as f64),
            startup.room_answers_ms,
            startup.room_wakes_ms
        )?;
        for (name, (speed, inputs)) in [("ledger", startup.ledger_replay), ("farm", startup.farm_replay)] {
            let (speed, inputs) = (number(speed), number(inputs as f64));
            writeln!(out, "| replay of the {name} | {speed} inputs/s, over {inputs} inputs |")?;
        }
    }
    Ok(())
}

/// With commas between thousands, and decimals where they matter.
fn number(value: f64) -> String {
    if value.abs() < 100.0 && value.fract() != 0.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers() {
        let check = |value: f64, expected: &str| assert_eq!(number(value), expected);
        check(0.0, "0");
        check(0.651, "0.65");
        check(12.0, "12");
        check(999.4, "999");
        check(1000.0, "1,000");
        check(1_234_567.8, "1,234,568");
    }
}
