//! Asking services of others over HTTP: the way out behind [`app::outside`]. One connection for each question, because
//! questions are rare (an issuer's keys are kept for minutes, a login is asked about once); HTTP/1.1; TLS by rustls with
//! whom the system trusts. No redirects, no cookies, no second try.

mod settings;
mod sign;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::outside::{Asking, Outside, OutsideError, Question, Reply, Verb};
use axum::body::Bytes;
use axum::http::{HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use metrics::counter;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;

pub use settings::abroad;

/// A question, from the wait for its turn to the last byte of the answer.
const QUESTION_MS_MAX: u64 = 10_000;
/// A connection, and the handshake on it.
const CONNECT_MS_MAX: u64 = 4_000;
/// Questions at once; more wait within their time.
const QUESTIONS_MAX: usize = 64;
/// Addresses of a host that are tried.
const ADDRESSES_MAX: usize = 4;

/// See the module.
pub struct Web {
    turns: Semaphore,
    tls: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Default for Web {
    fn default() -> Self {
        Self { turns: Semaphore::new(QUESTIONS_MAX), tls: OnceLock::new() }
    }
}

impl Outside for Web {
    fn ask(&self, question: Question) -> Asking<'_> {
        Box::pin(async move {
            let answer = self.ask_within(question, QUESTION_MS_MAX).await;
            let result = match &answer {
                Ok(reply) if reply.is_good() => "good",
                Ok(_) => "refused",
                Err(OutsideError::Late) => "late",
                Err(OutsideError::Long) => "long",
                Err(OutsideError::Busy) => "busy",
                Err(_) => "unreachable",
            };
            counter!("longhouse_outside_questions_total", "result" => result).increment(1);
            answer
        })
    }
}

impl Web {
    /// Asks what may take longer than others should wait: the command line, of a server that is busy with the answer.
    pub(crate) async fn ask_within(&self, question: Question, ms_max: u64) -> Result<Reply, OutsideError> {
        let asked = tokio::time::timeout(Duration::from_millis(ms_max), self.in_turn(question));
        asked.await.unwrap_or(Err(OutsideError::Late))
    }

    async fn in_turn(&self, question: Question) -> Result<Reply, OutsideError> {
        let _turn = self.turns.acquire().await.map_err(|_| OutsideError::Busy)?;
        let origin = question.url.origin();
        let stream = connect(&origin.host, origin.port, origin.secure).await?;
        if !origin.secure {
            return talk(stream, question).await;
        }
        let name = ServerName::try_from(origin.host.clone()).map_err(unreachable)?;
        let tls = self.tls.get_or_init(trusting).clone().map_err(OutsideError::Unreachable)?;
        let shaking = TlsConnector::from(tls).connect(name, stream);
        let stream = tokio::time::timeout(Duration::from_millis(CONNECT_MS_MAX), shaking).await;
        talk(stream.map_err(|_| OutsideError::Late)?.map_err(unreachable)?, question).await
    }
}

/// Whom the system trusts. Read once, when it is first needed.
fn trusting() -> Result<Arc<ClientConfig>, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (known, _) = roots.add_parsable_certificates(found.certs);
    if known == 0 {
        return Err("this system has no list of authorities to trust (install ca-certificates)".into());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| error.to_string())?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Without TLS only this machine is spoken to, whatever a name resolves to.
async fn connect(host: &str, port: u16, secure: bool) -> Result<TcpStream, OutsideError> {
    let found = tokio::net::lookup_host((host, port)).await.map_err(unreachable)?;
    let fits = |address: &SocketAddr| secure || address.ip().is_loopback();
    let mut last = if secure { unreachable("the name has no address") } else { OutsideError::Plain };
    for address in found.filter(fits).take(ADDRESSES_MAX) {
        let connecting = TcpStream::connect(address);
        match tokio::time::timeout(Duration::from_millis(CONNECT_MS_MAX), connecting).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = unreachable(error),
            Err(_) => last = OutsideError::Late,
        }
    }
    Err(last)
}

async fn talk<S>(stream: S, question: Question) -> Result<Reply, OutsideError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let bytes_max = question.bytes_max;
    let request = request(question)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unreachable)?;
    let asking = async {
        let answer = sender.send_request(request).await.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), bytes_max).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => OutsideError::Long,
            None => unreachable(error),
        })?;
        Ok(Reply { status, body: body.to_bytes().to_vec() })
    };
    // The connection moves only while the answer is waited for, and ends with it.
    let mut asking = std::pin::pin!(asking);
    tokio::select! {
        answer = &mut asking => answer,
        ended = connection => match ended {
            Ok(()) => asking.await,
            Err(error) => Err(unreachable(error)),
        },
    }
}

fn request(question: Question) -> Result<Request<Full<Bytes>>, OutsideError> {
    let method = match question.verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
    };
    let mut request = Request::builder()
        .method(method)
        .uri(question.url.path())
        .header(header::HOST, question.url.origin().authority())
        .header(header::USER_AGENT, concat!("longhouse/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close");
    for (name, value) in question.headers {
        let mut value = HeaderValue::try_from(value).map_err(unreachable)?;
        value.set_sensitive(name == "authorization");
        request = request.header(name, value);
    }
    request.body(Full::new(question.body.into())).map_err(unreachable)
}

fn unreachable(error: impl std::fmt::Display) -> OutsideError {
    OutsideError::Unreachable(error.to_string())
}
