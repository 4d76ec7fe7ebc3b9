//! How much memory another process of this machine has.

use anyhow::{Context as _, Result};

/// Resident bytes of a process.
pub fn resident_bytes(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("process {pid} cannot be read"))?;
    let field = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS in /proc")?;
    let kilobytes: u64 = field.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_has_some() {
        assert!(super::resident_bytes(std::process::id()).unwrap() > 100_000);
    }
}
