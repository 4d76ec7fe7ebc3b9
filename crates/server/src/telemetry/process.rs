//! Figures of the operating system about this process, and its limit of open files.

use std::fs;

/// Raises the limit of open files to what the system allows, because every socket is one. Gives the limit in force.
#[allow(unsafe_code)]
pub fn raise_open_files() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a plain structure of ours that outlives both calls, which only read or fill it.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) != 0 {
            return 0;
        }
        let raised = libc::rlimit { rlim_cur: limit.rlim_max, ..limit };
        if libc::setrlimit(libc::RLIMIT_NOFILE, &raised) == 0 {
            return raised.rlim_cur;
        }
    }
    limit.rlim_cur
}

/// A reading of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process {
    /// Bytes of memory in RAM.
    pub resident_bytes: u64,
    /// Open files, sockets among them.
    pub open_files: u64,
    /// Threads.
    pub threads: u64,
    /// Seconds of processor time so far.
    pub cpu_seconds: f64,
}

impl Process {
    /// Reads the figures; those that the system does not tell are zero.
    pub fn read() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        Self {
            resident_bytes: field("VmRSS:").unwrap_or(0) * 1_024,
            open_files: fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() as u64),
            threads: field("Threads:").unwrap_or(0),
            cpu_seconds: cpu_seconds().unwrap_or(0.0),
        }
    }
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name in brackets may hold anything, so the fields are counted from the last bracket: utime and stime are
    // the 12th and 13th after it, in ticks of which Linux shows programs 100 a second.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) as f64 / 100.0)
}
