//! Wars and moving players in the report: goals and tables.

use super::Report;
use super::goals::{Goal, at_least, at_most, below};
use crate::bench::fanout::FanFigures;
use crate::bench::metrics::Spent;
use std::fmt::{Result, Write as _};

/// Hundredths of a core that wars may take: the large one, all small ones together.
const CORES_MAX: [f64; 2] = [15.0, 50.0];
/// Milliseconds of a step.
const STEP_MS_MAX: f64 = 20.0;

/// The goals of wars.
pub fn goals(report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    for (fought, most) in report.wars.iter().zip(CORES_MAX) {
        let cores = fought.cores.map_or(f64::INFINITY, |cores| cores * 100.0);
        goals.push(below(format!("{}: hundredths of a core", fought.name), most, cores, "%"));
        let longest = |ms: Option<f64>| ms.unwrap_or(f64::INFINITY);
        goals.push(at_most(
            "… worst step, by processor time",
            STEP_MS_MAX,
            longest(fought.steps_cpu.longest_ms),
            " ms",
        ));
        goals.push(at_most(
            "… p99.9 of a step, by the clock",
            STEP_MS_MAX,
            longest(fought.steps.p999_ms),
            " ms",
        ));
        goals.push(at_most("… p99 of a command's way to its room", 1.0, longest(fought.waits.p99_ms), " ms"));
        goals.push(below("… p99 of its durable answer", 10.0, fought.p99_ms, "ms"));
        goals.push(below("… slowest join, from login to the map", 1_000.0, fought.join_ms, "ms"));
        // Asked of the middle of a war, if that was waited for.
        let told = fought.middle.as_ref().unwrap_or(&fought.told);
        goals.push(at_most("… kB/s of a player", 15.0, told.bytes_each / 1e3, ""));
        goals.push(at_most("… bytes of a tile that changes hands", 1.5, told.bytes_a_tile, ""));
    }
    if let Some(moved) = &report.moved {
        let ratio = moved.peer_of_own().unwrap_or(0.0);
        goals.push(at_least("moving players: Colyseus' processor time in ours", 4.0, ratio));
        let ratio = moved.own_of_bare().unwrap_or(f64::INFINITY);
        goals.push(at_most("… ours in that of one bare recv and send", 1.5, ratio, " ×"));
    }
    goals
}

/// What was measured of them.
pub fn tables(report: &Report, out: &mut String) -> Result {
    if !report.wars.is_empty() {
        writeln!(out, "\n## Wars\n")?;
        writeln!(
            out,
            "Players on real sockets give a command a second each, beside computers. A command's latency counts from the moment at"
        )?;
        writeln!(
            out,
            "which it was due to its durable answer; steps and waits are the server's own figures (upper bounds).\n"
        )?;
        writeln!(
            out,
            "| | accepted/s | refused | p50 ms | p99 ms | max ms | cores |\n| --- | --- | --- | --- | --- | --- | --- |"
        )?;
        for war in &report.wars {
            writeln!(
                out,
                "| {} | {:.0} | {} | {:.2} | {:.2} | {:.2} | {:.3} |",
                war.name,
                war.per_second,
                war.refused,
                war.p50_ms,
                war.p99_ms,
                war.max_ms,
                war.cores.unwrap_or(f64::NAN)
            )?;
        }
        writeln!(
            out,
            "\n| told | at second | beaten | kB/s each | bytes a tile | tiles/s a war |\n| --- | --- | --- | --- | --- | --- |"
        )?;
        for (war, told) in
            report.wars.iter().flat_map(|war| [(war, Some(&war.told)), (war, war.middle.as_ref())])
        {
            let Some(told) = told else { continue };
            writeln!(
                out,
                "| {} | {:.0} | {} of {} | {:.1} | {:.2} | {:.0} |",
                war.name,
                told.at_seconds,
                told.beaten,
                told.nations,
                told.bytes_each / 1e3,
                told.bytes_a_tile,
                told.tiles_per_second
            )?;
        }
        writeln!(
            out,
            "\n| | how many | ms each | p99 | p99.9 | longest |\n| --- | --- | --- | --- | --- | --- |"
        )?;
        for war in &report.wars {
            for (what, spent) in [
                ("steps by the clock", &war.steps),
                ("steps by processor time", &war.steps_cpu),
                ("commands on their way to the room", &war.waits),
            ] {
                spent_row(&format!("{}: {what}", war.name), spent, out)?;
            }
        }
    }
    let Some(moved) = &report.moved else { return Ok(()) };
    writeln!(out, "\n## Players who move\n")?;
    writeln!(
        out,
        "Everybody moves twenty times a second and is told where the others of the room are, twenty times a second. Here every"
    )?;
    writeln!(
        out,
        "move is in the log before it is shown; Colyseus keeps nothing. The bare calls receive one message and send one of as"
    )?;
    writeln!(out, "many bytes as an update of a whole room has.\n")?;
    writeln!(out, "| | deliveries/s | p50 ms | p99 ms | bytes each | µs of processor each |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for row in moved.rows() {
        let FanFigures { name, per_second, p50_ms, p99_ms, bytes_each, cpu_us, .. } = row;
        let cpu = cpu_us.unwrap_or(f64::NAN);
        writeln!(
            out,
            "| {name} | {per_second:.0} | {p50_ms:.2} | {p99_ms:.2} | {bytes_each:.0} | {cpu:.2} |"
        )?;
    }
    Ok(())
}

fn spent_row(what: &str, spent: &Spent, out: &mut String) -> Result {
    let edge = |ms: Option<f64>| ms.map_or_else(|| "-".to_owned(), |ms| format!("≤ {ms}"));
    writeln!(
        out,
        "| {what} | {} | {:.3} | {} | {} | {} |",
        spent.count,
        spent.mean_ms(),
        edge(spent.p99_ms),
        edge(spent.p999_ms),
        edge(spent.longest_ms)
    )
}
