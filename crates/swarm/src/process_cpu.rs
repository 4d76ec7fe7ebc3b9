//! How much of the processors another process of this machine has used.

use anyhow::{Context as _, Result};

/// The kernel counts in hundredths of a second (`USER_HZ`, proc(5)).
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of processor time of a process, in its own code and in the kernel for it.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .with_context(|| format!("process {pid} cannot be read"))?;
    // The name stands in brackets and may hold anything.
    let fields = stat.rsplit_once(')').context("no name in /proc")?.1;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next().and_then(|field| field.parse::<f64>().ok()).context("no times in /proc");
    Ok((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_uses_some() {
        let before = super::cpu_seconds(std::process::id()).unwrap();
        let mut number = 1u64;
        while super::cpu_seconds(std::process::id()).unwrap() <= before {
            number = std::hint::black_box(number.wrapping_mul(3));
        }
    }
}
