//! The listener: connections up to a bound, each HTTP/2 with pings, and none that has not the key gets a call.

use std::sync::Arc;
use std::time::Duration;

use app::agents::Agents;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tonic::service::interceptor::InterceptedService;
use tonic::{Request, Status};

use crate::contract::agent_service_server::AgentServiceServer;
use crate::service::Service;

/// Connections at a time; further ones are closed at once.
pub const CONNECTIONS_MAX: usize = 128;
/// Calls on one connection.
const CALLS_MAX: u32 = 16;
/// Bytes of one message of a worker: the largest answer and what is around it.
pub const MESSAGE_BYTES_MAX: usize = 512 << 10;
/// Bytes of a call's headers.
const HEADER_BYTES_MAX: u32 = 16 << 10;
/// A worker says who it is in this time.
pub const HELLO_MS_MAX: u64 = 5_000;
/// A connection that says nothing is pinged this often, and closed if it does not answer in the time after it.
const PING: Duration = Duration::from_secs(10);
const PONG_MAX: Duration = Duration::from_secs(10);
/// At the end, calls have this long to take their last words.
const GOODBYE: Duration = Duration::from_millis(1_000);
/// Rest after an accept failed because the process or the system is out of files.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// Does this let its bearer in?
pub type Key = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Says that the door closes.
#[derive(Clone)]
pub(crate) struct Stopped(watch::Receiver<bool>);

impl Stopped {
    /// Until it does.
    pub async fn wait(mut self) {
        // A door that is gone is closed.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

type Calls = InterceptedService<AgentServiceServer<Service>, Gate>;

/// Looks at each call's key.
#[derive(Clone)]
pub(crate) struct Gate(pub Key);

impl tonic::service::Interceptor for Gate {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        let said = request.metadata().get("authorization").map(|said| said.as_encoded_bytes());
        let key = said.and_then(|said| said.strip_prefix(b"Bearer "));
        match key.is_some_and(|key| (self.0)(key)) {
            true => Ok(request),
            false => Err(Status::unauthenticated("the key of outside workers is missing or wrong")),
        }
    }
}

pub(crate) fn calls(agents: Agents, cluster: &str, key: Key, stopped: Stopped) -> Calls {
    let service = Service { agents, cluster: cluster.into(), stopped };
    let service = AgentServiceServer::new(service).max_decoding_message_size(MESSAGE_BYTES_MAX);
    InterceptedService::new(service, Gate(key))
}

/// See the module.
pub struct Door {
    stop: watch::Sender<bool>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Door {
    /// Lets workers in, through a listener that is bound. Must run inside a tokio runtime.
    pub fn open(listener: TcpListener, agents: Agents, cluster: &str, key: Key) -> Self {
        let stop = watch::Sender::new(false);
        let stopped = Stopped(stop.subscribe());
        let calls = calls(agents, cluster, key, stopped.clone());
        let accepting = tokio::spawn(accept(listener, calls, stopped));
        Self { stop, accepting }
    }

    /// Closes it: calls end, connections close. Returns when all are gone.
    pub async fn close(self) {
        self.stop.send_replace(true);
        // It ends by itself; a panic in it was reported.
        let _ = self.accepting.await;
    }
}

async fn accept(listener: TcpListener, calls: Calls, stopped: Stopped) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stopped.clone().wait() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                // Words are small and complete; without it the system would hold them back. A failure costs time only.
                let _ = stream.set_nodelay(true);
                connections.spawn(serve(stream, calls.clone(), stopped.clone(), place));
            }
            Err(error) => {
                tracing::warn!(%error, "a worker's connection could not be accepted");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
    drop(listener);
    let empty = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GOODBYE, empty).await.is_err() {
        tracing::warn!("some connections of workers were cut off");
    }
}

async fn serve(stream: TcpStream, calls: Calls, stopped: Stopped, _place: OwnedSemaphorePermit) {
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG_MAX)
        .max_concurrent_streams(CALLS_MAX)
        .max_header_list_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(calls));
    tokio::pin!(connection);
    tokio::select! {
        // What is wrong with a connection concerns its worker alone, and ends its calls.
        result = &mut connection => return drop(result),
        () = stopped.wait() => connection.as_mut().graceful_shutdown(),
    }
    drop(connection.await);
}
