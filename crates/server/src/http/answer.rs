//! One request's way: it gets an id and a span, is routed (or becomes a socket), and its answer gets the headers that
//! every answer has. Figures are taken here, by route template.

use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::service::Service;
use parking_lot::Mutex;
use tracing::Instrument;

use super::request_id::{HEADER, RequestId};
use super::{Fault, RequestId as Id, idempotency};
use crate::house::House;
use crate::rates::{Stake, admit, admit_socket};
use crate::socket::Admission;
use crate::telemetry::figures;

/// What answers every request of every connection.
#[derive(Clone)]
pub struct Gate {
    /// The service behind it.
    pub house: Arc<House>,
    /// Its routes.
    pub routes: Router,
}

/// The gate as one connection's service. A request for a socket leaves its admission behind.
pub(super) struct Door {
    pub gate: Gate,
    /// The other end of the connection: the client, or a proxy.
    pub peer: IpAddr,
    pub admitted: Arc<Mutex<Option<Admission>>>,
}

impl Service<Request<Incoming>> for Door {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let gate = self.gate.clone();
        let client = gate.house.rates.client(self.peer, request.headers());
        if request.uri().path() == "/ws" {
            let (started, id) = (Instant::now(), RequestId::of(request.headers()));
            let allowed = client.map_or(Ok(()), |client| admit_socket(&gate.house, client));
            let (response, admission) = match allowed {
                Ok(()) => match crate::socket::admit(&gate.house, &request, client) {
                    Ok((response, admission)) => (response, Some(admission)),
                    Err(fault) => (fault.into_response(), None),
                },
                Err(much) => (much.response(), None),
            };
            *self.admitted.lock() = admission;
            figures::request("/ws", request.method(), response.status().as_u16(), started.elapsed());
            return Box::pin(async move { Ok(finish(response, &id)) });
        }
        Box::pin(async move { Ok(answer(gate, client, request).await) })
    }
}

async fn answer(mut gate: Gate, client: Option<IpAddr>, request: Request<Incoming>) -> Response<Body> {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    if method == Method::OPTIONS {
        return finish(preflight(request.headers()), &id);
    }
    let span = tracing::info_span!("request", request_id = id.as_str(), %method, path = request.uri().path());
    let request = request.map(Body::new);
    let admitted = match client {
        Some(client) => admit(&gate.house, client, request).await,
        None => Ok((request, Stake::NONE)),
    };
    let (request, stake) = match admitted {
        Ok(admitted) => admitted,
        Err(response) => {
            figures::request("limited", &method, response.status().as_u16(), started.elapsed());
            return finish(response, &id);
        }
    };
    let response = if idempotency::has_key(request.headers()) {
        unpanicked(idempotency::once(&gate.house, &mut gate.routes, request)).instrument(span.clone()).await
    } else {
        let routed = tower::Service::call(&mut gate.routes, request);
        unpanicked(routed).instrument(span.clone()).await
    };
    let mut response = match response {
        Some(Ok(response)) => response,
        Some(Err(never)) => match never {},
        None => Fault::new(wire::rest::Code::Internal, "an internal error; the log has more").into_response(),
    };
    let route = response.extensions_mut().remove::<MatchedPath>();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    stake.settle(&gate.house, response.status());
    let (status, took) = (response.status().as_u16(), started.elapsed());
    figures::request(route, &method, status, took);
    span.in_scope(|| tracing::debug!(route, status, micros = took.as_micros() as u64, "answered"));
    finish(response, &id)
}

/// Polls the future; `None` if it panicked. The panic has been reported by the hook, with its place.
async fn unpanicked<F: Future>(future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    std::future::poll_fn(move |cx| {
        match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

/// What every answer has: the request's id, and leave for pages of any origin to read it.
fn finish(mut response: Response<Body>, id: &Id) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(HEADER, id.header());
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("x-request-id, idempotency-replayed, retry-after"),
    );
    response
}

/// The answer to a browser that asks what a page of another origin may send. No cookies are used, so: everything.
fn preflight(asked: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, PUT, DELETE, OPTIONS");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let usual = HeaderValue::from_static("authorization, content-type, idempotency-key, x-request-id");
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned().unwrap_or(usual);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}
