//! One keep-alive connection, one request at a time.

use super::ANSWER_MS_MAX;
use super::http_text::{read_answer, write_request};
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A keep-alive connection.
#[derive(Debug)]
pub struct Http {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

impl Http {
    /// Connects.
    pub async fn connect(target: &Target) -> Result<Self> {
        let connecting = TcpStream::connect(target.address);
        let stream = timeout(Duration::from_millis(ANSWER_MS_MAX), connecting)
            .await
            .context("the server does not accept connections")??;
        stream.set_nodelay(true)?;
        Ok(Http { stream, host: target.host.clone(), buffer: Vec::new() })
    }

    /// Sends a request and reads its answer: status and body.
    pub async fn request(
        &mut self,
        method: &str,
        path: &str,
        authorization: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>)> {
        let answering = self.exchange(method, path, authorization, body);
        timeout(Duration::from_millis(ANSWER_MS_MAX), answering)
            .await
            .with_context(|| format!("no answer to {method} {path} in {ANSWER_MS_MAX} ms"))?
    }

    async fn exchange(
        &mut self,
        method: &str,
        path: &str,
        authorization: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>)> {
        self.buffer.clear();
        write_request(&mut self.buffer, method, &self.host, path, authorization, body);
        self.stream.write_all(&self.buffer).await?;
        self.buffer.clear();
        loop {
            if let Some(answer) = read_answer(&self.buffer)? {
                return Ok((answer.status, self.buffer[answer.body].to_vec()));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection");
            }
        }
    }
}
