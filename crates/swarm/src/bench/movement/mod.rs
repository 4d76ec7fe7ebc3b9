//! `bench movement`: players who move in rooms and see each other move, twenty times a second. The same work on this
//! server (rules `plaza`: every move is in the log before it is shown), on a Colyseus server (which keeps nothing), and as bare
//! socket calls that receive and send as many bytes. Neither server answers a move but by the next update. What is compared is the processor time of one input together with one delivered update: what one
//! player costs in one step.

mod colyseus;

use super::fanout::{self, Bare, Fan, FanFigures, Fanned, Fanout, Kind};
use super::runtime;
use crate::target::Target;
use anyhow::Result;
use clap::Args;
use colyseus::Colyseus;
use serde::Serialize;
use std::path::PathBuf;

/// Players who move in rooms: here, in a Colyseus server, and as bare socket calls
#[derive(Args, Clone, Debug)]
pub struct Movement {
    #[command(flatten)]
    pub fanout: Fanout,
    /// The folder of the Colyseus server, its packages installed
    #[arg(long, default_value = "bench/colyseus", value_name = "DIR")]
    pub colyseus: PathBuf,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Moved {
    /// This server.
    pub own: FanFigures,
    /// The peer.
    pub peer: FanFigures,
    /// Bare calls: for each input one of as many bytes back as an update has.
    pub bare: FanFigures,
    /// Players of a room: updates that one message carries.
    pub members: usize,
}

impl Moved {
    /// Processor time of the peer beside ours.
    pub fn peer_of_own(&self) -> Option<f64> {
        Some(self.peer.cpu_us? / self.own.cpu_us?)
    }

    /// Our processor time beside the bare calls'.
    pub fn own_of_bare(&self) -> Option<f64> {
        Some(self.own.cpu_us? * self.members as f64 / self.bare.cpu_us?)
    }

    /// The rows of a table.
    pub fn rows(&self) -> impl Iterator<Item = &FanFigures> {
        [&self.own, &self.peer, &self.bare].into_iter()
    }
}

/// Measures all three, one after the other. The server's process is `args.fanout.pid`.
pub fn measure(target: &Target, args: &Movement) -> Result<Moved> {
    let fan = &args.fanout;
    fan.check()?;
    let Fanned { talk: own, .. } =
        fanout::measure(target, Kind::Rooms, &Fanout { bare: false, unanswered: true, ..fan.clone() })?;
    let shape = format!("{} × {} at {}/s", fan.groups, fan.members, fan.rate);

    let peer = {
        let server = Colyseus::start(&args.colyseus)?;
        let players = runtime()?.block_on(server.players(fan))?;
        let name = format!("Colyseus {shape}");
        let heard = fanout::drive(&name, players, &fan.plan(Some(server.pid()), fan.members))?;
        FanFigures::of(name, &heard, fan.common.seconds)
    };

    // One message a step and player, of as many bytes as the updates of a step have.
    let alone = Fanout { groups: fan.groups * fan.members, members: 1, ..fan.clone() };
    let frame_bytes = (own.bytes_each * fan.members as f64).round().max(8.0) as usize;
    let server = Fan::start(frame_bytes, true)?;
    let members: Vec<(_, _, Bare)> = server.members(&alone, frame_bytes)?;
    let heard = fanout::drive("bare calls", members, &alone.plan(Some(server.pid()), 1))?;
    let bare = FanFigures::of(format!("bare recv + send {shape}"), &heard, fan.common.seconds);
    Ok(Moved { own, peer, bare, members: fan.members })
}

/// The command.
pub fn run(args: &Movement) -> Result<()> {
    let moved = measure(&args.fanout.common.target()?, args)?;
    println!("{}", FanFigures::head());
    for row in moved.rows() {
        println!("{row}");
    }
    if let (Some(peer), Some(bare)) = (moved.peer_of_own(), moved.own_of_bare()) {
        println!("processor time of one input and one delivered update: the peer's is {peer:.2} × ours,");
        println!("ours {bare:.2} × that of one bare recv and send of as many bytes");
    }
    args.fanout.common.write_json(&moved)
}
