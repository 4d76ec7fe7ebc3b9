//! A bare fan in a process of its own, so that its processor time can be told from ours.

use super::Fanout;
use super::voices::Bare;
use anyhow::{Context as _, Result};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

/// A running fan; it ends when this is dropped.
pub struct Fan {
    child: Child,
    address: SocketAddr,
}

impl Fan {
    /// Starts this program once more, as a fan of frames of this many bytes; with `back` the sender gets them too.
    pub fn start(frame_bytes: usize, back: bool) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["fan", "--listen", "127.0.0.1:0", "--frame-bytes", &frame_bytes.to_string()])
            .args(back.then_some("--back"))
            .stdout(Stdio::piped())
            .spawn()
            .context("the fan cannot be started")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("standard output is a pipe")?).read_line(&mut line)?;
        let address = line.trim().rsplit(' ').next().and_then(|address| address.parse().ok());
        let address = address.with_context(|| format!("the fan said {line:?}"))?;
        Ok(Fan { child, address })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Connects the members of all groups.
    pub fn members(&self, args: &Fanout, frame_bytes: usize) -> Result<Vec<(TcpStream, Vec<u8>, Bare)>> {
        let mut members = Vec::new();
        for _ in 0..args.members {
            for group in 0..args.groups as u32 {
                let mut stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.write_all(&group.to_le_bytes())?;
                members.push((stream, Vec::new(), Bare::new(frame_bytes)));
            }
        }
        Ok(members)
    }
}

impl Drop for Fan {
    fn drop(&mut self) {
        // Whether it had ended already makes no difference.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
