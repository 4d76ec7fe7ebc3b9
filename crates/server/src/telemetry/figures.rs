//! The figures page: one recorder for the process, read by Prometheus. Labels name routes, rules and reasons, never a
//! user, a room or anything else that grows with use.

use std::cell::RefCell;
use std::sync::OnceLock;
use std::time::Duration;

use axum::http::Method;
use metrics::{Histogram, Unit, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::process::Process;

/// Upper edges of the buckets of times, in seconds.
const SECONDS: [f64; 16] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Upper edges of the buckets of counts: batches, queues.
const COUNTS: [f64; 12] = [1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 10_000.0];
/// Samples wait in the recorder until they are folded into buckets; this often bounds them when nobody asks.
pub const UPKEEP: Duration = Duration::from_secs(2);
/// Handles that a thread keeps; further ones are looked up each time.
const SERIES_MAX: usize = 1_024;

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the recorder, once for the process, and gives the handle that renders it.
pub fn start() -> &'static PrometheusHandle {
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets(&COUNTS)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS))
            .expect("the buckets are not empty");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Another recorder is there only if the studio's binary brought its own; then ours shows nothing.
        let _ = metrics::set_global_recorder(recorder);
        describe();
        handle
    })
}

fn describe() {
    describe_histogram!(
        "longhouse_http_request_seconds",
        Unit::Seconds,
        "Time from a request's head to its answer"
    );
    describe_gauge!("longhouse_connections", Unit::Count, "Open connections, sockets included");
    describe_counter!(
        "longhouse_outside_questions_total",
        Unit::Count,
        "Questions to services of others, by result"
    );
    describe_gauge!("longhouse_sockets", Unit::Count, "Open sockets");
    describe_counter!("longhouse_sockets_opened_total", Unit::Count, "Sockets opened");
    describe_counter!("longhouse_sockets_closed_total", Unit::Count, "Sockets closed, by reason");
    describe_counter!("longhouse_socket_messages_in_total", Unit::Count, "Messages from clients");
    describe_counter!("longhouse_socket_messages_out_total", Unit::Count, "Messages to clients");
    describe_counter!("longhouse_socket_bytes_in_total", Unit::Bytes, "Bytes from sockets");
    describe_counter!("longhouse_socket_bytes_out_total", Unit::Bytes, "Bytes to sockets");
    describe_gauge!("longhouse_process_resident_bytes", Unit::Bytes, "Memory of the process in RAM");
    describe_gauge!("longhouse_process_open_files", Unit::Count, "Open files of the process");
    describe_gauge!("longhouse_process_threads", Unit::Count, "Threads of the process");
    describe_gauge!("longhouse_process_cpu_seconds", Unit::Seconds, "Processor time so far");
}

/// The whole page, with fresh figures of the process.
pub fn render() -> String {
    let process = Process::read();
    gauge!("longhouse_process_resident_bytes").set(process.resident_bytes as f64);
    gauge!("longhouse_process_open_files").set(process.open_files as f64);
    gauge!("longhouse_process_threads").set(process.threads as f64);
    gauge!("longhouse_process_cpu_seconds").set(process.cpu_seconds);
    start().render()
}

/// Route template, method, status.
type Series = (String, &'static str, u16);

/// Notes one answered request. `route` is the template, never the path that was asked for.
///
/// Looking up a labelled histogram costs more than a request's bookkeeping should, so each thread keeps the handles it
/// has used.
pub fn request(route: &str, method: &Method, status: u16, took: Duration) {
    thread_local! {
        static KNOWN: RefCell<Vec<(Series, Histogram)>> = const { RefCell::new(Vec::new()) };
    }
    let method = method_label(method);
    KNOWN.with_borrow_mut(|known| {
        let found = known.iter().find(|((r, m, s), _)| *s == status && *m == method && r == route);
        if let Some((_, series)) = found {
            return series.record(took);
        }
        let series = histogram!("longhouse_http_request_seconds",
            "route" => route.to_owned(), "method" => method, "status" => status.to_string());
        series.record(took);
        if known.len() < SERIES_MAX {
            known.push(((route.to_owned(), method, status), series));
        }
    });
}

/// A client may send any word as its method; only the known ones become labels.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
