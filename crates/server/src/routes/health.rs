//! Is it alive, is it ready, and what do its figures say? For load balancers, orchestrators and Prometheus.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{RoomId, Seq};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json as answer;
use crate::house::House;
use crate::telemetry::figures;

/// A check that takes longer has failed.
const CHECK_MS_MAX: u64 = 2_000;

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(healthcheck))
        .routes(routes!(healthz))
        .routes(routes!(ready))
        .routes(routes!(metrics))
}

/// The protocol's own check.
#[utoipa::path(get, path = "/healthcheck", responses((status = 200, description = "Alive")))]
async fn healthcheck() -> Response {
    answer(&json!({}))
}

/// Is the process alive?
#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "Alive")))]
async fn healthz() -> Response {
    answer(&json!({ "status": "ok" }))
}

/// Whether the server can do its work.
#[derive(Serialize, ToSchema)]
struct Ready {
    /// True if every check succeeded.
    ready: bool,
    /// What was tried.
    checks: Vec<Check>,
}

/// One thing that was tried.
#[derive(Serialize, ToSchema)]
struct Check {
    /// What it was.
    name: &'static str,
    /// True if it succeeded.
    ok: bool,
    /// Milliseconds that it took.
    ms: f64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Can the server do its work?
#[utoipa::path(
    get,
    operation_id = "readyz",
    path = "/readyz",
    responses((status = 200, description = "Yes", body = Ready), (status = 503, description = "No", body = Ready))
)]
async fn ready(State(house): State<Arc<House>>) -> Response {
    let checks = vec![
        check("store_read", async {
            house.store.read(store::FamilyGet { family: store::FamilyId(0) }).await.map(drop)
        })
        .await,
        check("store_write", async {
            let nothing = store::FamiliesPrune { now_ms: i64::MIN, limit: 0 };
            house.store.write(nothing).await.map(drop)
        })
        .await,
        // A question about a room that cannot be goes the whole way through the host and the store and changes nothing.
        check("rooms", async { house.services.rooms.rewind(RoomId(0), Seq(0)).await.map(drop).or(Ok(())) })
            .await,
    ];
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, answer(&Ready { ready, checks })).into_response()
}

async fn check(name: &'static str, work: impl Future<Output = Result<(), store::StoreError>>) -> Check {
    let begun = Instant::now();
    let done = tokio::time::timeout(Duration::from_millis(CHECK_MS_MAX), work).await;
    let error = match done {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("no answer within {CHECK_MS_MAX} ms")),
    };
    let ms = (begun.elapsed().as_secs_f64() * 1e6).round() / 1e3;
    Check { name, ok: error.is_none(), ms, error }
}

/// Figures for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    responses((status = 200, description = "Figures", body = String, content_type = "text/plain"))
)]
async fn metrics() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], figures::render()).into_response()
}
