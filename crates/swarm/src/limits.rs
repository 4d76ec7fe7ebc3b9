//! The operating system's bounds on this process.

use anyhow::{Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that a process may have open at most, after raising the limit as far as it goes.
pub fn open_files_max() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    limit.maximum.or(limit.current).unwrap_or(u64::MAX)
}

/// Makes sure that this many files may be open, or says how to allow it.
pub fn raise_open_files(needed: u64) -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let hard = limit.maximum.unwrap_or(needed).max(needed);
    if setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum: Some(hard) }).is_err() {
        bail!(
            "{needed} files must be open at once; raise the limit with `ulimit -n {needed}` as a user who may"
        );
    }
    Ok(())
}
