//! One connection: HTTP until it ends or becomes a socket. Then the raw stream is taken back from hyper, so that an
//! idle socket keeps none of HTTP's buffers, and runs on in a task of its own size.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use wire::limits::HTTP_HEAD_BYTES_MAX;

use super::accept::Open;
use super::answer::{Door, Gate};

pub(super) async fn connection(
    stream: TcpStream,
    peer: IpAddr,
    gate: Gate,
    mut stop: watch::Receiver<bool>,
    open: Open,
) {
    let admitted = Arc::new(Mutex::new(None));
    let house = Arc::clone(&gate.house);
    let door = Door { gate, peer, admitted: Arc::clone(&admitted) };
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(house.config.http.head_ms_max))
        .max_buf_size(HTTP_HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), door);
    let ended = tokio::select! {
        served = poll_fn(|cx| connection.poll_without_shutdown(cx)) => Some(served),
        () = stopped(&mut stop) => None,
    };
    let served = match ended {
        Some(served) => served,
        None => {
            Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|cx| connection.poll_without_shutdown(cx)).await
        }
    };
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner();
    let admission = admitted.lock().take();
    match admission {
        Some(admission) if served.is_ok() => {
            crate::socket::start(stream, &parts.read_buf, house, admission, open)
        }
        _ => {
            if let Err(error) = served {
                // Clients that vanish or send nonsense are their own affair.
                tracing::debug!(%error, "a connection ended early");
            }
            let _ = stream.shutdown().await;
        }
    }
}

/// Waits until connections are to end after their request.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // The sender is gone only together with the whole service.
    let _ = stop.wait_for(|stop| *stop).await;
}
