//! A Longhouse server that swarm starts, kills and starts again.

use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Longest wait for the line that says it is ready.
const READY_MS_MAX: u64 = 120_000;
/// Longest wait for a graceful end.
const STOP_MS_MAX: u64 = 60_000;
/// The line begins so.
const READY: &str = "longhouse ready ";

/// A running server. Dropped, it is killed.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    /// Where it listens.
    pub target: Target,
    /// From the start of the process to its line.
    pub ready_in: Duration,
}

impl ServerProcess {
    /// Starts one on a data folder and a free port; its log goes to `server.log` beside the folder.
    pub async fn start(program: &Path, data: &Path) -> Result<Self> {
        let log = log_file(data)?;
        let begin = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "warn", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("standard output is a pipe")?).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(rest) = line.strip_prefix(READY) {
                    let url = rest.split_whitespace().next().unwrap_or_default().to_owned();
                    return Ok(url);
                }
            }
            bail!("the server ended before it was ready; its words are in {}", log_path(data).display())
        };
        let url = timeout(Duration::from_millis(READY_MS_MAX), ready)
            .await
            .with_context(|| format!("the server was not ready in {READY_MS_MAX} ms"))??;
        let ready_in = begin.elapsed();
        // Whatever it says later must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(ServerProcess { child, target: Target::parse(&url, false)?, ready_in })
    }

    /// Its process id.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// True if it ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it in the middle of whatever it does (SIGKILL).
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("the server cannot be killed")
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    pub async fn stop(mut self) -> Result<()> {
        let pid = self.pid().and_then(|pid| rustix::process::Pid::from_raw(pid as i32));
        rustix::process::kill_process(pid.context("the server has ended")?, rustix::process::Signal::TERM)?;
        let status = timeout(Duration::from_millis(STOP_MS_MAX), self.child.wait())
            .await
            .with_context(|| format!("the server did not stop in {STOP_MS_MAX} ms"))??;
        if status.success() { Ok(()) } else { bail!("the server ended with {status}") }
    }
}

fn log_path(data: &Path) -> PathBuf {
    data.with_file_name("server.log")
}

fn log_file(data: &Path) -> Result<File> {
    let path = log_path(data);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// The server's program: the one given, or `longhouse` beside this program.
pub fn program(given: Option<&Path>) -> Result<PathBuf> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?.with_file_name("longhouse"),
    };
    if !path.is_file() {
        bail!("there is no server at {}; say where with --server", path.display());
    }
    Ok(path)
}

/// What the program prints when it is asked something about a data folder; `failed` says what it means if it fails.
async fn asked(program: &Path, data: &Path, args: &[&str], failed: &str) -> Result<Vec<u8>> {
    let output = Command::new(program)
        .args(args)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("{} cannot be started", program.display()))?;
    if !output.status.success() {
        bail!("{failed}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// Replays a room with `longhouse replay`: its JSON answer. Fails if the replay finds a difference.
pub async fn replay(program: &Path, data: &Path, room: &str) -> Result<serde_json::Value> {
    let failed = format!("the replay of {room} fails");
    let told = asked(program, data, &["replay", room, "--json"], &failed).await?;
    serde_json::from_slice(&told).with_context(|| format!("the answer of the replay of {room}"))
}

/// Rooms listed at most.
const ROOMS_MAX: &str = "1000000";

/// The ids of every room of a data folder. A room with a fault is an error.
pub async fn rooms(program: &Path, data: &Path) -> Result<Vec<String>> {
    let args = ["rooms", "--json", "--limit", ROOMS_MAX];
    let told = asked(program, data, &args, "the rooms cannot be listed").await?;
    let mut ids = Vec::new();
    for line in String::from_utf8(told)?.lines() {
        let room: serde_json::Value = serde_json::from_str(line)?;
        let id = room["room"].as_str().context("a room has an id")?.to_owned();
        if room["state"] == "faulted" {
            bail!("room {id} is closed by a fault: {}", room["fault"]);
        }
        ids.push(id);
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// A program that does what the script says.
    fn script(folder: &Path, text: &str) -> PathBuf {
        let path = folder.join("server.sh");
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[tokio::test]
    async fn a_server_is_started_and_killed() {
        let folder = tempfile::tempdir().unwrap();
        let program = script(
            folder.path(),
            "echo hello; echo longhouse ready http://127.0.0.1:7999 in 3 ms; exec tail -f /dev/null",
        );
        let mut server = ServerProcess::start(&program, &folder.path().join("data")).await.unwrap();
        assert_eq!(server.target.address.port(), 7999);
        assert!(!server.has_ended());
        server.kill().await.unwrap();
    }

    #[tokio::test]
    async fn a_server_that_does_not_start_says_where_its_words_are() {
        let folder = tempfile::tempdir().unwrap();
        let program = script(folder.path(), "echo 'no space left' >&2; exit 3");
        let error = ServerProcess::start(&program, &folder.path().join("data")).await.unwrap_err();
        assert!(error.to_string().contains("server.log"), "{error:#}");
        let log = std::fs::read_to_string(folder.path().join("server.log")).unwrap();
        assert_eq!(log, "no space left\n");
    }

    #[tokio::test]
    async fn a_replay_that_fails_is_an_error_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let fails = script(folder.path(), "echo 'input 7 differs' >&2; exit 1");
        let error = replay(&fails, folder.path(), "r").await.unwrap_err();
        assert_eq!(error.to_string(), "the replay of r fails: input 7 differs");
        let works = script(folder.path(), r#"echo '{"inputs":3}'"#);
        assert_eq!(replay(&works, folder.path(), "r").await.unwrap()["inputs"], 3);
        let listed = script(folder.path(), r#"echo '{"room":"a","state":"open"}'"#);
        assert_eq!(rooms(&listed, folder.path()).await.unwrap(), ["a"]);
        let faulted = script(folder.path(), r#"echo '{"room":"a","state":"faulted","fault":"x"}'"#);
        assert!(rooms(&faulted, folder.path()).await.is_err());
    }
}
