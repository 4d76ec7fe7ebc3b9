//! Bounds of values, and the one rule across values: default keys stay on loopback.

use std::net::{SocketAddr, ToSocketAddrs};
use std::ops::RangeInclusive;

use super::layers::ConfigError;
use super::{Config, Keys, Limits};

/// Bytes of a key.
const KEY_BYTES: RangeInclusive<usize> = 8..=256;
/// Bytes of the cluster's name.
const CLUSTER_BYTES: RangeInclusive<usize> = 1..=64;

/// Checks every value and how they go together.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    let faults: Vec<_> = faults(config).into_iter().map(|(_, fault)| fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(ConfigError(faults)) }
}

/// Every fault, with the key that it is about.
pub(super) fn faults(config: &Config) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let mut range = |key: &'static str, value: u64, allowed: RangeInclusive<u64>| {
        if !allowed.contains(&value) {
            let (low, high) = (allowed.start(), allowed.end());
            faults.push((key, format!("{key} is {value}, but must be from {low} to {high}")));
        }
    };
    range("session.access_seconds", config.session.access_seconds.into(), 1..=86_400);
    range("session.refresh_seconds", config.session.refresh_seconds.into(), 1..=31_536_000);
    range("http.body_bytes_max", config.http.body_bytes_max as u64, 1_024..=(64 << 20));
    range("http.head_ms_max", config.http.head_ms_max, 100..=600_000);
    range("http.body_ms_max", config.http.body_ms_max, 100..=600_000);
    range("http.connections_max", config.http.connections_max as u64, 1..=1_000_000);
    range("http.idempotency_hours", config.http.idempotency_hours.into(), 1..=720);
    for (key, count) in config.limits.counts() {
        range(key, count.into(), 0..=1_000_000);
    }
    range("limits.lock_seconds", config.limits.lock_seconds.into(), 1..=86_400);
    range("socket.message_bytes_max", config.socket.message_bytes_max as u64, 256..=(1 << 20));
    range("socket.ping_seconds", config.socket.ping_seconds.into(), 1..=600);
    range("socket.pong_seconds_max", config.socket.pong_seconds_max.into(), 1..=600);
    range("socket.stall_ms_max", config.socket.stall_ms_max, 100..=600_000);
    range("socket.grace_ms", config.socket.grace_ms, 0..=600_000);
    range("rooms.workers", config.rooms.workers as u64, 0..=1_024);
    range("rooms.grace_ms", config.rooms.grace_ms, 0..=86_400_000);
    range("rooms.gather_ms", config.rooms.gather_ms, 0..=50);
    range("rooms.sleep_after_ms", config.rooms.sleep_after_ms, 100..=86_400_000);
    range("rooms.retain_hours", config.rooms.retain_hours.into(), 0..=876_000);
    range("rooms.spectate_delay_ms", config.rooms.spectate_delay_ms.into(), 0..=600_000);
    range("rooms.spectate_turns_delay_ms", config.rooms.spectate_turns_delay_ms.into(), 0..=600_000);
    range("rooms.shutdown_ms_max", config.rooms.shutdown_ms_max, 100..=600_000);
    range("friends.friends_max", config.friends.friends_max.into(), 1..=10_000);
    range("relay.members_max", config.relay.members_max as u64, 2..=50_000);
    range("matchmaker.interval_ms", config.matchmaker.interval_ms, 50..=600_000);
    range("matchmaker.intervals_max", config.matchmaker.intervals_max.into(), 0..=1_000_000);
    range("matchmaker.tickets_max", config.matchmaker.tickets_max as u64, 1..=100_000);
    range("matchmaker.token_seconds", config.matchmaker.token_seconds.into(), 1..=86_400);
    range("leaderboards.keep_days", config.leaderboards.keep_days.into(), 0..=36_500);
    range("agents.workers_max", config.agents.workers_max as u64, 1..=1_024);
    range("agents.turn_ms", config.agents.turn_ms.into(), 50..=600_000);
    range("agents.deadline_ms", config.agents.deadline_ms.into(), 10..=600_000);
    if let Err(fault) = config.matchmaker.widening() {
        faults.push(("matchmaker.widen", fault));
    }

    let cluster = &config.cluster;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !CLUSTER_BYTES.contains(&cluster.len()) || !cluster.chars().all(plain) {
        faults.push((
            "cluster",
            format!("cluster is \"{cluster}\", but must be 1 to 64 letters, digits, - or _ without a dot"),
        ));
    }
    if let Err(fault) = crate::rates::ranges(&config.http.trusted_proxies) {
        faults.push(("http.trusted_proxies", format!("http.trusted_proxies: {fault}")));
    }
    if config.data.as_os_str().is_empty() {
        faults.push(("data", "data is empty, but must name a folder".into()));
    }
    if tracing_subscriber::EnvFilter::try_new(&config.log.level).is_err() {
        let level = &config.log.level;
        faults.push((
            "log.level",
            format!("log.level is \"{level}\", but must be error, warn, info, debug, trace or directives"),
        ));
    }
    for (key, secret) in config.keys.named().into_iter().chain([("agents.key", &config.agents.key)]) {
        let text = secret.reveal();
        if !KEY_BYTES.contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic() && b != b':') {
            faults.push((key, format!("{key} must be 8 to 256 visible ASCII characters without a colon")));
        }
    }
    let Limits { failed_logins_max: one, failed_logins_account_max: all, .. } = config.limits;
    if (1..=one).contains(&all) {
        let fault = format!(
            "limits.failed_logins_account_max is {all}, but must be more than limits.failed_logins_max, {one}: one \
             address could lock an account"
        );
        faults.push(("limits.failed_logins_account_max", fault));
    }
    if config.keys.session_key == config.keys.refresh_key {
        faults.push(("keys.refresh_key", "keys.refresh_key must differ from keys.session_key".into()));
    }
    faults.extend(super::outside::faults(config));
    faults.extend(super::agents::faults(config));
    match addresses(&config.listen) {
        Ok(addresses) => {
            if !addresses.iter().all(|address| address.ip().is_loopback()) {
                faults.extend(default_keys(config));
            }
        }
        Err(fault) => faults.push(("listen", fault)),
    }
    faults
}

/// What to listen on.
pub(crate) fn addresses(listen: &str) -> Result<Vec<SocketAddr>, String> {
    match listen.to_socket_addrs().map(Iterator::collect::<Vec<_>>) {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(format!("listen is \"{listen}\", which names no address")),
        Err(error) => Err(format!("listen is \"{listen}\", but must be HOST:PORT ({error})")),
    }
}

fn default_keys(config: &Config) -> Option<(&'static str, String)> {
    let known = Keys::default();
    let names: Vec<_> = config
        .keys
        .named()
        .into_iter()
        .zip(known.named())
        .filter(|((_, set), (_, known))| set == known)
        .map(|((name, _), _)| name)
        .collect();
    if names.is_empty() {
        return None;
    }
    let variables: Vec<_> = names
        .iter()
        .map(|name| format!("LONGHOUSE_{}", name.replace('.', "_").to_ascii_uppercase()))
        .collect();
    Some((
        "listen",
        format!(
            "listen is \"{}\", which others can reach, while {} still has the default that everybody knows; set {} \
             (or the keys in the file) to secrets of your own, or listen on 127.0.0.1",
            config.listen,
            names.join(", "),
            variables.join(", "),
        ),
    ))
}
