//! Logging in and calling functions over HTTP.

use super::Http;
use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wire::rest::{Account, ErrorBody, Rpc, Session};

/// The keys of a server.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The `Authorization` header of a login.
    basic: String,
}

impl Keys {
    /// From the server key.
    pub fn new(server_key: &str) -> Self {
        Keys { basic: format!("Basic {}", STANDARD.encode(format!("{server_key}:"))) }
    }

    /// The `Authorization` header of a login.
    pub fn basic(&self) -> &str {
        &self.basic
    }
}

/// A logged-in user.
#[derive(Clone, Debug)]
pub struct Login {
    /// The session token.
    pub token: String,
    /// The `Authorization` header with it.
    pub bearer: String,
}

impl Login {
    /// Logs in with a device id; makes the account if there is none.
    pub async fn device(http: &mut Http, keys: &Keys, device: &str) -> Result<Self> {
        let body = json!({ "id": device }).to_string();
        let path = "/v2/account/authenticate/device?create=true";
        let (status, body) = http.request("POST", path, &keys.basic, body.as_bytes()).await?;
        expect_ok("login", status, &body)?;
        let session: Session = serde_json::from_slice(&body).context("the login's answer")?;
        Ok(Login { bearer: format!("Bearer {}", session.token), token: session.token })
    }

    /// The own account.
    pub async fn account(&self, http: &mut Http) -> Result<Account> {
        let (status, body) = http.request("GET", "/v2/account", &self.bearer, b"").await?;
        expect_ok("account", status, &body)?;
        serde_json::from_slice(&body).context("the account")
    }

    /// Calls a function with a JSON value and reads its JSON answer.
    pub async fn rpc(&self, http: &mut Http, id: &str, input: &Value) -> Result<Value> {
        match self.ask(http, id, input).await? {
            Ok(answer) => Ok(answer),
            Err(Refused { status, error }) => {
                bail!("{id} was answered with {status}, code {}: {}", error.code, error.message)
            }
        }
    }

    /// As [`Login::rpc`], for whoever makes something of a refusal.
    pub async fn ask(&self, http: &mut Http, id: &str, input: &Value) -> Result<Result<Value, Refused>> {
        let body = Value::String(input.to_string()).to_string();
        let (status, body) =
            http.request("POST", &format!("/v2/rpc/{id}"), &self.bearer, body.as_bytes()).await?;
        if status != 200 {
            return Ok(Err(Refused { status, error: serde_json::from_slice(&body).unwrap_or_default() }));
        }
        let answer: Rpc = serde_json::from_slice(&body).with_context(|| format!("the answer of {id}"))?;
        Ok(Ok(serde_json::from_str(&answer.payload).with_context(|| format!("the payload of {id}"))?))
    }

    /// Opens a room, or finds the caller's own with `room_mine`: its match id.
    pub async fn room(&self, http: &mut Http, id: &str, rules: &str, setup: Value) -> Result<String> {
        let answer = self.rpc(http, id, &json!({ "rules": rules, "setup": setup })).await?;
        match answer.get("match_id").and_then(Value::as_str) {
            Some(match_id) => Ok(match_id.to_owned()),
            None => bail!("the answer of {id} has no match_id: {answer}"),
        }
    }
}

/// A function's no.
#[derive(Debug)]
pub struct Refused {
    /// HTTP's.
    pub status: u16,
    /// What was said.
    pub error: ErrorBody,
}

fn expect_ok(what: &str, status: u16, body: &[u8]) -> Result<()> {
    if status == 200 {
        return Ok(());
    }
    let error: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
    bail!("{what} was answered with {status}, code {}: {}", error.code, error.message)
}
