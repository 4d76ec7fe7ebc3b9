//! What the figures were measured on.

use serde::Serialize;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Writes timed for the disk's figure.
const SYNCS: u32 = 200;

/// A machine and a moment.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Model of the processor.
    pub processor: String,
    /// Cores that may be used.
    pub cores: usize,
    /// Memory.
    pub memory_gb: f64,
    /// Kernel.
    pub kernel: String,
    /// Milliseconds for writing 4 KB and forcing them to disk, in the folder of the store.
    pub sync_ms: Option<f64>,
    /// The day, in UTC.
    pub date: String,
    /// The commit, if this is a checkout.
    pub commit: String,
}

impl Machine {
    /// This machine, now. `folder` is where the store will be.
    pub fn here(folder: &Path) -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let memory = read("/proc/meminfo");
        let field = |text: &str, name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.split_once(':').map(|(_, v)| v.trim().to_owned()))
        };
        let kilobytes =
            field(&memory, "MemTotal").and_then(|v| v.trim_end_matches(" kB").parse::<f64>().ok());
        Machine {
            processor: field(&cpu, "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gb: kilobytes.unwrap_or_default() / 1e6,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            sync_ms: time_sync(folder).ok(),
            date: date(SystemTime::now()),
            commit: commit(),
        }
    }
}

fn time_sync(folder: &Path) -> std::io::Result<f64> {
    let mut file = tempfile::tempfile_in(folder)?;
    let block = [7; 4096];
    let begin = Instant::now();
    for _ in 0..SYNCS {
        file.write_all(&block)?;
        file.sync_data()?;
    }
    Ok(begin.elapsed().as_secs_f64() * 1e3 / f64::from(SYNCS))
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    match git(&["rev-parse", "--short", "HEAD"]) {
        Some(commit) => match git(&["status", "--porcelain", "--untracked-files=no"]) {
            Some(changes) if !changes.is_empty() => format!("{commit} and changes"),
            _ => commit,
        },
        None => "unknown".to_owned(),
    }
}

/// A day in UTC, as ISO 8601 has it. Years are counted from March, so that the leap day is the last of its year.
fn date(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let days = (seconds / 86_400) as i64 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::date;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn days() {
        let check = |seconds: u64, expected: &str| {
            assert_eq!(date(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        };
        check(0, "1970-01-01");
        check(951_782_400, "2000-02-29");
        check(951_868_800, "2000-03-01");
        check(1_704_067_199, "2023-12-31");
        check(1_704_067_200, "2024-01-01");
        check(1_795_219_200, "2026-11-21");
    }
}
