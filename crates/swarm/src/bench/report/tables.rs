//! What was measured, table by table.

use super::Report;
use super::number::number;
use crate::bench::fanout::Fanned;
use crate::bench::figures::Figures;
use crate::bench::metrics::Spent;
use std::fmt::{Result, Write as _};

/// Requests and transfers.
pub fn rates(report: &Report, out: &mut String) -> Result {
    let transfers = report
        .transfers
        .iter()
        .flat_map(|t| [&t.deep, &t.deep_echo, &t.json, &t.wide, &t.wide_echo, &t.open]);
    let rows: Vec<&Figures> = transfers.chain(report.http.iter().map(|asked| &asked.figures)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Rates and latencies\n")?;
    writeln!(
        out,
        "Closed loops name connections × requests on their way; the open loop names its rate, and its"
    )?;
    writeln!(out, "latency counts from the moment at which a request was due.\n")?;
    writeln!(out, "| | accepted/s | p50 ms | p99 ms | p99.9 ms | max ms | refused | broken |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for row in rows {
        row_of(row, out)?;
    }
    Ok(())
}

fn row_of(row: &Figures, out: &mut String) -> Result {
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
    )
}

/// Where writes waited.
pub fn writes(report: &Report, out: &mut String) -> Result {
    if report.writes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Writes and what they waited for\n")?;
    writeln!(
        out,
        "By the server's own figures, warm-up included. From time to time the writer copies the rest of the"
    )?;
    writeln!(
        out,
        "write-ahead log itself: nothing commits meanwhile, and every write on its way waits (\"stalls\"). The larger part a"
    )?;
    writeln!(
        out,
        "thread copies beside it (\"copies\"), which shares the disk. Histograms give upper bounds (≤).\n"
    )?;
    writeln!(
        out,
        "| | p99 ms | p99.9 ms | max ms | commits | ms each | longest | stalls | ms each | longest | copies | ms each | longest |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for (figures, stalls) in &report.writes {
        write!(
            out,
            "| {} | {:.3} | {:.3} | {:.3} |",
            figures.name, figures.p99_ms, figures.p999_ms, figures.max_ms
        )?;
        for spent in [&stalls.commits, &stalls.writer, &stalls.beside] {
            write!(out, " {} | {} | {} |", number(spent.count as f64), mean(spent), longest(spent))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn mean(spent: &Spent) -> String {
    if spent.count == 0 { "–".to_owned() } else { format!("{:.2}", spent.mean_ms()) }
}

fn longest(spent: &Spent) -> String {
    match (spent.count, spent.longest_ms) {
        (0, _) => "–".to_owned(),
        (_, Some(longest)) => format!("≤ {longest}"),
        (_, None) => "> 10,000".to_owned(),
    }
}

/// Relays, chats, rooms with rules, and the matchmaker.
pub fn talks(report: &Report, out: &mut String) -> Result {
    if !report.talks.is_empty() {
        writeln!(out, "\n## Talk\n")?;
        writeln!(
            out,
            "Groups × members at so many messages a second of each member, 64 bytes each; latency counts from the moment at which"
        )?;
        writeln!(
            out,
            "a message was due to each delivery. A bare fan does nothing but one `send` for each delivery, of as many bytes."
        )?;
        writeln!(
            out,
            "\n| | deliveries/s | arrived | p50 ms | p99 ms | p99.9 ms | max ms | bytes each | µs of processor each | closed |"
        )?;
        writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
    }
    for row in report.talks.iter().flat_map(Fanned::rows) {
        writeln!(
            out,
            "| {} | {} | {:.1} % | {:.2} | {:.2} | {:.2} | {:.2} | {:.0} | {} | {} |",
            row.name,
            number(row.per_second),
            row.delivered * 100.0,
            row.p50_ms,
            row.p99_ms,
            row.p999_ms,
            row.max_ms,
            row.bytes_each,
            row.cpu_us.map_or("–".to_owned(), |cpu| format!("{cpu:.2}")),
            row.closed
        )?;
    }
    if let Some(waited) = &report.waited {
        writeln!(
            out,
            "\nThe matchmaker with {} tickets that suit each other and do not match: {} intervals of {:.1} ms{}; pings on another socket meanwhile p50 {:.2} ms, p99 {:.2} ms, longest {:.1} ms.",
            number(waited.tickets as f64),
            waited.intervals,
            waited.interval_ms,
            waited.longest_ms.map_or(String::new(), |longest| format!(", none over {longest} ms")),
            waited.ping_p50_ms,
            waited.ping_p99_ms,
            waited.ping_max_ms
        )?;
    }
    Ok(())
}

/// Farms that wake and fall asleep.
pub fn farms(report: &Report, out: &mut String) -> Result {
    let Some((played, stalls)) = &report.farms else { return Ok(()) };
    writeln!(out, "\n## Farms that wake and fall asleep\n")?;
    writeln!(
        out,
        "Of {} farms, {} are played at a time, a command a second each; players come to a sleeping farm, stay for half a",
        number(played.farms as f64),
        number(played.active as f64)
    )?;
    writeln!(
        out,
        "minute on average, and go. A command's latency counts from the moment at which it was due, a visit's from its login to"
    )?;
    writeln!(out, "the joined room.\n")?;
    writeln!(out, "| | /s | p50 ms | p99 ms | p99.9 ms | max ms | refused | broken |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for row in [&played.commands, &played.visits] {
        row_of(row, out)?;
    }
    writeln!(out, "\nThe store meanwhile: {stalls}.")?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    if let (Some(before), Some(most), Some(each)) =
        (played.before_bytes, played.most_bytes, played.bytes_each)
    {
        writeln!(
            out,
            "At most {} rooms were awake. The server had {:.1} MB with nobody there and at most {:.1} MB, {:.1} KB for each awake room with its player.",
            number(played.awake_max),
            megabytes(before),
            megabytes(most),
            each / 1024.0
        )?;
    }
    match played.cores {
        Some(cores) => writeln!(out, "It used {cores:.2} cores."),
        None => Ok(()),
    }
}

/// Idle sockets.
pub fn sockets(report: &Report, out: &mut String) -> Result {
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
    Ok(())
}

/// Starting and replaying.
pub fn startup(report: &Report, out: &mut String) -> Result {
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
