//! The report: the machine, each goal beside its figure, then everything that was measured.

mod goals;
mod number;
mod tables;
#[cfg(test)]
mod tests;
mod wars;

use super::fanout::Fanned;
use super::farms::Played;
use super::figures::Figures;
use super::http::Asked;
use super::matchmaker::Waited;
use super::movement::Moved;
use super::sockets::Held;
use super::sovereign::Fought;
use super::stalls::Stalls;
use super::startup::Startup;
use crate::machine::Machine;
use serde::Serialize;
use std::fmt::Write as _;

pub use goals::{RATE_PEER_COLLAPSES, RATE_PEER_KNEE, is_late};

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Where and when.
    pub machine: Machine,
    /// True if everything was small and means nothing.
    pub quick: bool,
    /// Durable transfers.
    pub transfers: Option<Transferred>,
    /// Requests over HTTP.
    pub http: Vec<Asked>,
    /// Everything that writes, and what the store did meanwhile.
    pub writes: Vec<(Figures, Stalls)>,
    /// Relays, chats, rooms with rules.
    pub talks: Vec<Fanned>,
    /// The matchmaker.
    pub waited: Option<Waited>,
    /// Far more farms than are played at a time, and what the store did meanwhile.
    pub farms: Option<(Played, Stalls)>,
    /// One large war, and many small ones.
    pub wars: Vec<Fought>,
    /// Players who move, here and elsewhere.
    pub moved: Option<Moved>,
    /// Idle sockets, by what they were.
    pub sockets: Vec<(String, Held)>,
    /// Starting.
    pub startup: Option<Startup>,
}

/// Durable transfers, beside the bare echo where a goal compares them.
#[derive(Clone, Debug, Serialize)]
pub struct Transferred {
    /// Few connections, many commands on their way.
    pub deep: Figures,
    /// The echo of the same shape.
    pub deep_echo: Figures,
    /// The same in JSON.
    pub json: Figures,
    /// Many connections, one command on its way on each.
    pub wide: Figures,
    /// The echo of that shape.
    pub wide_echo: Figures,
    /// At a rate.
    pub open: Figures,
}

impl Report {
    /// An empty report.
    pub fn new(machine: Machine, quick: bool) -> Self {
        Report {
            machine,
            quick,
            transfers: None,
            http: Vec::new(),
            writes: Vec::new(),
            talks: Vec::new(),
            waited: None,
            farms: None,
            wars: Vec::new(),
            moved: None,
            sockets: Vec::new(),
            startup: None,
        }
    }
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
    writeln!(out, "| commit | {} |", machine.commit)?;

    writeln!(out, "\n## Goals")?;
    for (title, goals) in goals::of(report) {
        if goals.is_empty() {
            continue;
        }
        writeln!(out, "\n| {title} | asked | found | |\n| --- | --- | --- | --- |")?;
        for goal in goals {
            let met = if goal.met { "met" } else { "**missed**" };
            writeln!(out, "| {} | {} | {} | {met} |", goal.what, goal.asked, goal.found)?;
        }
    }
    tables::rates(report, out)?;
    tables::writes(report, out)?;
    tables::talks(report, out)?;
    tables::farms(report, out)?;
    wars::tables(report, out)?;
    tables::sockets(report, out)?;
    tables::startup(report, out)
}
