//! Asking an issuer's token endpoint: a code for tokens, and a refresh token for fresh ones.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::IdentityError;
use super::openid::OpenId;
use crate::outside::{OutsideError, Question, escaped};

/// Bytes of a code or refresh token of an issuer.
pub const OPAQUE_BYTES_MAX: usize = 4_096;

/// What a token endpoint gives.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Given {
    pub id_token: Option<String>,
    pub refresh_token: Option<String>,
    error: String,
}

/// How asking went.
pub enum Exchange {
    /// Tokens.
    Given(Given),
    /// The issuer stands no longer by the code or token.
    Ended,
}

/// Asks with a grant's own fields; who we are is added here.
pub async fn exchange(issuer: &OpenId, grant: &[(&str, &str)]) -> Result<Exchange, IdentityError> {
    let description = issuer.description().await?;
    let place = issuer.place(&description.token_endpoint)?;
    let settings = &issuer.settings;
    let methods = &description.token_endpoint_auth_methods_supported;
    // Where an issuer says nothing, the default is Basic (OpenID Connect Discovery 1.0, section 3).
    let basic = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
    let mut fields = grant.to_vec();
    let mut header = None;
    if settings.client_secret.is_empty() {
        fields.push(("client_id", &settings.client_id));
    } else if basic {
        // Both parts are escaped before they are joined (RFC 6749, section 2.3.1).
        let pair = format!("{}:{}", escaped(&settings.client_id), escaped(&settings.client_secret));
        header = Some(format!("Basic {}", BASE64.encode(pair)));
    } else {
        fields.push(("client_id", &settings.client_id));
        fields.push(("client_secret", &settings.client_secret));
    }
    let mut question = Question::form(place, &fields);
    if let Some(header) = header {
        question = question.with("authorization", header);
    }
    let reply = issuer.ask(question).await?;
    if reply.is_good() {
        return Ok(Exchange::Given(reply.read()?));
    }
    let said: Given = reply.read().unwrap_or_default();
    if said.error == "invalid_grant" {
        return Ok(Exchange::Ended);
    }
    tracing::warn!(issuer = settings.issuer, answer = reply.quoted(), "an issuer gives no tokens");
    Err(OutsideError::Strange(format!("status {} of the token endpoint", reply.status)).into())
}
