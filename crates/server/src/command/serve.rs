//! `longhouse serve`: starts the service, says where it is, and ends it when the system asks.

use std::process::ExitCode;
use std::time::Instant;

use crate::config::Loaded;
use crate::serve::{Games, start};
use crate::telemetry::{figures, logs};
use anyhow::Result;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// Threads for busy work, on the smallest machine.
const BUSY_THREADS_MIN: usize = 4;

/// Runs until SIGTERM or SIGINT, then stops in order. A second signal ends the process at once.
pub fn serve(loaded: Loaded, games: Games) -> Result<ExitCode> {
    let begun = Instant::now();
    let config = loaded.config;
    logs::start(&config.log);
    figures::start();
    let data = config.data.display().to_string();

    runtime()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let running = start(config, games).await?;
        let address = format!("http://{}", running.address);
        let workers = running.workers_address.map(|address| format!(", outside workers on {address}"));
        let workers = workers.unwrap_or_default();
        println!("longhouse ready {address} in {} ms (data in {data}{workers})", begun.elapsed().as_millis());
        greet(&address);

        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "stopping: rooms are saved, clients are told to come back");
        tokio::select! {
            () = running.stop() => tracing::info!("stopped"),
            _ = terminate.recv() => tracing::warn!("a second signal: stopped at once"),
            _ = interrupt.recv() => tracing::warn!("a second signal: stopped at once"),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// One thread a core for sockets and requests; a few more for work that keeps a thread busy, such as following logs.
/// Many would not be faster, and each keeps memory of its own.
fn runtime() -> std::io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores)
        .max_blocking_threads(BUSY_THREADS_MIN.max(2 * cores))
        .thread_name("service")
        .enable_all()
        .build()
}

/// For whoever started it by hand; programs read the one line on standard output.
fn greet(address: &str) {
    eprintln!(
        "\n  Longhouse is open.\n\
         \n    Play      {address}/farm/\
         \n              {address}/sovereign/\
         \n    Start     {address}/\
         \n    Docs      {address}/docs/\
         \n    Metrics   {address}/metrics\
         \n\n  Stop it with Ctrl-C; everything acknowledged is kept.\n"
    );
}
