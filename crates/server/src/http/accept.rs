//! The accept loop: takes connections up to the bound and hands each to a task of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use metrics::{Gauge, gauge};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use super::Gate;
use super::connection::connection;
use crate::config;
use crate::rates::{Class, Connection, Connections};

/// Connections that the system may hold ready for us.
const BACKLOG: i32 = 8_192;
/// Rest after an accept failed because the process or the system is out of files.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// A bound address, not yet served.
pub struct Listener {
    inner: TcpListener,
    /// Where clients reach it; the port is the real one.
    pub address: SocketAddr,
}

impl Listener {
    /// Binds the first address that the text names and that is free.
    pub fn bind(listen: &str) -> io::Result<Self> {
        let addresses = config::addresses(listen).map_err(io::Error::other)?;
        let mut last = io::Error::other("no address to listen on");
        for address in addresses {
            match bind(address) {
                Ok(inner) => {
                    let address = inner.local_addr()?;
                    return Ok(Self { inner, address });
                }
                Err(error) => {
                    last = io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
                }
            }
        }
        Err(last)
    }
}

impl Listener {
    /// For who serves it by other means.
    pub fn into_inner(self) -> TcpListener {
        self.inner
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // A restarted server takes its port back while old connections linger.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Says when to stop, and counts what is still open.
#[derive(Clone)]
pub struct Stop(Arc<StopInner>);

struct StopInner {
    stop: watch::Sender<bool>,
    open: AtomicUsize,
    gauge: Gauge,
    closed: Notify,
}

impl Stop {
    /// Not yet.
    pub fn new() -> Self {
        let gauge = gauge!("longhouse_connections");
        let open = AtomicUsize::new(0);
        Self(Arc::new(StopInner { stop: watch::Sender::new(false), open, gauge, closed: Notify::new() }))
    }

    /// No new connections from now on, and each open one closes after its request.
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// For a connection that wants to know.
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.0.stop.subscribe()
    }

    /// Open connections, sockets included.
    pub fn open(&self) -> usize {
        self.0.open.load(Ordering::Relaxed)
    }

    /// Waits until nothing is open.
    pub async fn empty(&self) {
        loop {
            let closed = self.0.closed.notified();
            if self.open() == 0 {
                return;
            }
            closed.await;
        }
    }

    fn enter(&self, counted: Connection) -> Open {
        let open = self.0.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.gauge.set(open as f64);
        Open(Arc::clone(&self.0), counted)
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

/// One open connection; counted until it is dropped.
pub struct Open(Arc<StopInner>, #[expect(dead_code, reason = "counts until it is dropped")] Connection);

impl Drop for Open {
    fn drop(&mut self) {
        let open = self.0.open.fetch_sub(1, Ordering::Relaxed) - 1;
        self.0.gauge.set(open as f64);
        if open == 0 {
            self.0.closed.notify_waiters();
        }
    }
}

/// Accepts until told to stop. The listener is closed when this returns.
pub async fn accept(listener: Listener, gate: Gate, stop: Stop, connections_max: usize) {
    let mut stopped = stop.watch();
    let each = Connections::new(gate.house.config.limits.connections_per_address_max);
    let turned_away = metrics::counter!("longhouse_connections_turned_away_total");
    loop {
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            accepted = listener.inner.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) if stop.open() >= connections_max => {
                turned_away.increment(1);
                drop(stream);
            }
            Ok((stream, peer)) => {
                let peer = peer.ip();
                let counted = match gate.house.rates.trusts(peer) {
                    true => Some(Connections::uncounted()),
                    false => each.open(peer),
                };
                let Some(counted) = counted else {
                    gate.house.rates.count(Class::Connection);
                    drop(stream);
                    continue;
                };
                // Answers are small and complete; without it the system would hold them back. A failure costs time only.
                let _ = stream.set_nodelay(true);
                tokio::spawn(connection(stream, peer, gate.clone(), stop.watch(), stop.enter(counted)));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
}
