//! Asking services of others: issuers, stores, platforms. A port: the shell opens the connections, within bounds that
//! every question names. Nothing here follows a redirect, keeps a cookie or tries again.

mod url;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::de::DeserializeOwned;

pub use url::{Origin, URL_BYTES_MAX, Url, UrlError, escaped};

/// Bytes of an answer where the asker knows no smaller bound.
pub const ANSWER_BYTES_MAX: usize = 256 << 10;
/// How much of an answer that is an error goes to the log.
const QUOTED_BYTES_MAX: usize = 300;

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// Reads.
    Get,
    /// Sends the body.
    Post,
}

/// One question.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is done.
    pub verb: Verb,
    /// Where.
    pub url: Url,
    /// Beside those that HTTP itself needs.
    pub headers: Vec<(&'static str, String)>,
    /// Empty for [`Verb::Get`].
    pub body: Vec<u8>,
    /// A longer answer is an error.
    pub bytes_max: usize,
}

impl Question {
    /// Reads `url`.
    pub fn get(url: Url) -> Self {
        let headers = vec![("accept", "application/json".to_owned())];
        Self { verb: Verb::Get, url, headers, body: Vec::new(), bytes_max: ANSWER_BYTES_MAX }
    }

    /// Sends a form.
    pub fn form(url: Url, fields: &[(&str, &str)]) -> Self {
        let body = url::form(fields).into_bytes();
        let mut question = Self { verb: Verb::Post, body, ..Self::get(url) };
        question.headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        question
    }

    /// Sends JSON.
    pub fn json(url: Url, body: &serde_json::Value) -> Self {
        let mut question = Self { verb: Verb::Post, body: body.to_string().into_bytes(), ..Self::get(url) };
        question.headers.push(("content-type", "application/json".to_owned()));
        question
    }

    /// With another header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP's status.
    pub status: u16,
    /// Within the question's bound.
    pub body: Vec<u8>,
}

impl Reply {
    /// Is it a success?
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, OutsideError> {
        serde_json::from_slice(&self.body).map_err(|error| OutsideError::Strange(error.to_string()))
    }

    /// The status and the beginning of the body, for a log.
    pub fn quoted(&self) -> String {
        let body = &self.body[..self.body.len().min(QUOTED_BYTES_MAX)];
        format!("{}: {}", self.status, String::from_utf8_lossy(body))
    }
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OutsideError {
    /// Plain HTTP is spoken with this machine only.
    #[error("plain http is for loopback addresses only")]
    Plain,
    /// No connection, or one that broke.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// Not within the time.
    #[error("no answer in time")]
    Late,
    /// Longer than the question allows.
    #[error("the answer is too long")]
    Long,
    /// Too many questions at once.
    #[error("too many questions at once")]
    Busy,
    /// Not what was to be expected.
    #[error("the answer is strange: {0}")]
    Strange(String),
}

/// A question under way.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Reply, OutsideError>> + Send + 'a>>;

/// The port. Bounds of time and of connections are the shell's.
pub trait Outside: Send + Sync {
    /// Asks once.
    fn ask(&self, question: Question) -> Asking<'_>;
}

/// For a house that asks nobody: every question fails.
pub struct Nobody;

impl Outside for Nobody {
    fn ask(&self, _: Question) -> Asking<'_> {
        Box::pin(async { Err(OutsideError::Unreachable("this house asks nobody".into())) })
    }
}

/// One port, shared.
pub type Shared = Arc<dyn Outside>;
