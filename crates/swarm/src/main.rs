//! Players by the thousand: load, figures, and the proof that nothing acknowledged is lost.
//!
//! Swarm speaks the client protocol over real sockets and knows nothing of the server's insides, so it can be
//! turned on any server of the protocol.

mod bench;
mod client;
mod crash;
mod dice;
mod limits;
mod load;
mod machine;
mod process_cpu;
mod process_memory;
mod progress;
mod server_process;
mod target;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::net::SocketAddr;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Players by the thousand, for a Longhouse server on this machine.
#[derive(Parser)]
#[command(name = "swarm", version, max_term_width = 100)]
#[command(after_help = "\
Examples:
  swarm bench durable --connections 8 --in-flight 64 --echo
  swarm bench sockets --count 10000 --pid $(pidof longhouse)
  swarm bench http --seconds 5 --json figures.json
  swarm bench relay --rate 30 --bare --pid $(pidof longhouse)
  swarm crash --kills 20")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure a server
    #[command(subcommand)]
    Bench(bench::Bench),
    Crash(crash::Crash),
    /// Run a bare echo server, to compare with
    Echo {
        /// Where to listen
        #[arg(long, default_value = "127.0.0.1:7360", value_name = "ADDRESS")]
        listen: SocketAddr,
    },
    /// Run a bare fan, to compare with: frames go to the others of a group
    Fan {
        /// Where to listen
        #[arg(long, default_value = "127.0.0.1:7361", value_name = "ADDRESS")]
        listen: SocketAddr,
        /// Bytes of one frame
        #[arg(long, default_value_t = 200, value_name = "BYTES")]
        frame_bytes: usize,
        /// Frames go to their sender too
        #[arg(long)]
        back: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("swarm: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Bench(bench) => bench::run(&bench),
        Command::Crash(args) => crash::run(&args),
        Command::Echo { listen } => {
            let server = load::echo::EchoServer::start(listen)?;
            println!("swarm echo on {}", server.address());
            server.join();
            Ok(())
        }
        Command::Fan { listen, frame_bytes, back } => bench::fanout::serve(listen, frame_bytes, back),
    }
}
