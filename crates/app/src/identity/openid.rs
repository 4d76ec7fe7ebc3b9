//! One issuer of OpenID Connect: what it says of itself, its keys, and the check of its tokens. Every issuer goes through
//! this one verifier, whichever route its tokens come in by.

use std::sync::Arc;

use serde::Deserialize;

use super::IdentityError;
use super::cached::Cached;
use super::claims::{Claims, Expected, check_id, check_logout};
use super::jose::{JoseError, Keys, Signed};
use crate::outside::{Origin, OutsideError, Question, Shared, Url};
use crate::ports::Clock;

/// Google names itself in two ways.
const GOOGLE: &str = "https://accounts.google.com";
/// Bytes of a name in the configuration.
pub const NAME_BYTES_MAX: usize = 32;

/// What an operator sets about one issuer.
#[derive(Clone)]
pub struct OpenIdSettings {
    /// The name in the configuration.
    pub name: String,
    /// Exactly as its tokens have it.
    pub issuer: String,
    /// The same, as a place.
    pub address: Url,
    /// What we are called there.
    pub client_id: String,
    /// Empty for a public client.
    pub client_secret: String,
    /// Further clients of ours whose tokens are taken.
    pub audiences: Vec<String>,
    /// Asked for in the pages' login.
    pub scopes: String,
    /// The route of the client protocol by which its tokens come in.
    pub serves: Serves,
    /// Other origins that the pages' login may return to.
    pub return_origins: Vec<Origin>,
    /// A session from there ends this long after the issuer last spoke for it.
    pub session_seconds_max: u32,
    /// Refreshing a session of the pages' login asks the issuer this often.
    pub recheck_seconds: u32,
}

/// A route of the client protocol that tokens come in by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Serves {
    /// Only pages.
    Pages,
    /// `/authenticate/<platform>`.
    Platform(super::Platform),
    /// `/authenticate/custom`, with the name and a colon before the token.
    Custom(String),
}

/// What an issuer says of itself (OpenID Connect Discovery 1.0).
#[derive(Deserialize)]
pub struct Description {
    issuer: String,
    jwks_uri: String,
    #[serde(default)]
    pub authorization_endpoint: String,
    #[serde(default)]
    pub token_endpoint: String,
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
}

/// See the module.
pub struct OpenId {
    /// As configured.
    pub settings: OpenIdSettings,
    issuers: Vec<String>,
    audiences: Vec<String>,
    description: Cached<Description>,
    keys: Cached<Keys>,
    outside: Shared,
    clock: Arc<dyn Clock>,
}

impl OpenId {
    /// Asks nobody yet.
    pub fn new(settings: OpenIdSettings, outside: Shared, clock: Arc<dyn Clock>) -> Self {
        let mut issuers = vec![settings.issuer.clone()];
        if settings.issuer == GOOGLE {
            issuers.push("accounts.google.com".to_owned());
        }
        let mut audiences = vec![settings.client_id.clone()];
        audiences.extend(settings.audiences.iter().cloned());
        Self {
            settings,
            issuers,
            audiences,
            description: Cached::default(),
            keys: Cached::default(),
            outside,
            clock,
        }
    }

    /// What its people are called in the accounts: the platform's name or its own.
    pub fn provider(&self) -> &str {
        match &self.settings.serves {
            Serves::Pages => &self.settings.name,
            Serves::Platform(platform) => platform.name(),
            Serves::Custom(name) => name,
        }
    }

    /// Judges an ID token. `nonce` is the one of the login it must answer; clients' own tokens have none to compare.
    pub async fn check_id(&self, token: &str, nonce: Option<&str>) -> Result<Claims, IdentityError> {
        let signed = Signed::read(token)?;
        let claims = self.open(&signed).await?;
        check_id(&claims, signed.kind.as_deref(), &self.expected(), nonce)?;
        Ok(claims)
    }

    /// Judges a logout token. That it comes once is for the caller to see to.
    pub async fn check_logout(&self, token: &str) -> Result<Claims, IdentityError> {
        let signed = Signed::read(token)?;
        let claims = self.open(&signed).await?;
        check_logout(&claims, signed.kind.as_deref(), &self.expected())?;
        Ok(claims)
    }

    /// What the issuer says of itself.
    pub async fn description(&self) -> Result<Arc<Description>, IdentityError> {
        self.description.get(|| self.now_ms(), self.fetch_description()).await
    }

    /// A place that the issuer named, if we go there at all.
    pub fn place(&self, text: &str) -> Result<Url, IdentityError> {
        // An issuer on the network cannot send us to services of this machine.
        let fits = |url: &Url| {
            url.origin().secure || self.settings.address.origin().is_loopback() && url.origin().is_safe()
        };
        let url = Url::parse(text).ok().filter(fits);
        url.ok_or_else(|| strange(format!("{}: a place that we do not go to: {text}", self.settings.issuer)))
    }

    /// Asks something of the issuer.
    pub async fn ask(&self, question: Question) -> Result<crate::outside::Reply, IdentityError> {
        Ok(self.outside.ask(question).await?)
    }

    async fn open(&self, signed: &Signed<'_>) -> Result<Claims, IdentityError> {
        let keys = self.keys.get(|| self.now_ms(), self.fetch_keys()).await?;
        let found = match keys.find(signed) {
            // Perhaps the issuer has a new key since.
            Err(JoseError::Key) => {
                let newer = self.keys.newer(&keys, || self.now_ms(), self.fetch_keys()).await?;
                let newer = newer.ok_or(JoseError::Key)?;
                return Ok(signed.open(newer.find(signed)?)?);
            }
            found => found?,
        };
        Ok(signed.open(found)?)
    }

    fn expected(&self) -> Expected<'_> {
        Expected {
            issuers: &self.issuers,
            audiences: &self.audiences,
            now: self.clock.now_ms().div_euclid(1_000),
        }
    }

    async fn fetch_description(&self) -> Result<Description, IdentityError> {
        let place = self.settings.address.join("/.well-known/openid-configuration");
        let place = place.map_err(|error| strange(error.to_string()))?;
        let reply = self.ask(Question::get(place)).await?;
        if !reply.is_good() {
            return Err(strange(format!("{}: {}", self.settings.issuer, reply.quoted())));
        }
        let said: Description = reply.read()?;
        if said.issuer != self.settings.issuer {
            return Err(strange(format!(
                "identity.{}.issuer is {}, and it calls itself {}: set it to exactly that",
                self.settings.name, self.settings.issuer, said.issuer
            )));
        }
        Ok(said)
    }

    async fn fetch_keys(&self) -> Result<Keys, IdentityError> {
        let place = self.place(&self.description().await?.jwks_uri)?;
        let reply = self.ask(Question::get(place)).await?;
        let keys = if reply.is_good() { Keys::read(&reply.body) } else { None };
        keys.ok_or_else(|| strange(format!("{}: its keys: {}", self.settings.issuer, reply.quoted())))
    }

    fn now_ms(&self) -> u64 {
        self.clock.monotonic_us() / 1_000
    }
}

fn strange(detail: String) -> IdentityError {
    OutsideError::Strange(detail).into()
}
