//! A name for each request that goes through the logs, down to the store's lines, and back to the caller.

use std::fmt::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Where callers send and find it.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Bytes of an id from outside. Longer or stranger ones are replaced.
const BYTES_MAX: usize = 64;

/// A request's name: the caller's, or one made here.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The caller's own id if it is harmless in logs and headers, otherwise a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let harmless = |id: &&HeaderValue| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
            (1..=BYTES_MAX).contains(&id.len()) && id.as_bytes().iter().all(plain)
        };
        match headers.get(HEADER).filter(harmless) {
            Some(id) => Self(id.clone()),
            None => Self::new(),
        }
    }

    /// A new id: eight digits of the process, then a count.
    pub fn new() -> Self {
        static PROCESS: OnceLock<u32> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(1);
        // Ids only need to differ; without entropy the processes of one machine still do.
        let process = PROCESS.get_or_init(|| getrandom::u32().unwrap_or_else(|_| std::process::id()));
        let mut text = String::with_capacity(20);
        // Writing to a String cannot fail.
        let _ = write!(text, "{process:08x}-{:x}", COUNT.fetch_add(1, Ordering::Relaxed));
        Self(HeaderValue::try_from(text).expect("hexadecimal digits and a dash"))
    }

    /// As text, for the log.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As a header's value.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}
