//! The login of pages: a browser goes out to the issuer and comes back with a code (authorization code with PKCE).
//!
//! What we must know again when it comes back travels sealed in a cookie of that browser, so that any server of ours can
//! receive it; the store only notes that it was used. What the page gets is in [`super::handover`].

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::exchange::{Exchange, OPAQUE_BYTES_MAX, exchange};
use super::handover::bound_cookie_of;
use super::openid::OpenId;
use super::{Identity, IdentityError, Vouched};
use crate::outside::Url;

/// A person has this long at the issuer.
pub const LOGIN_MS_MAX: i64 = 600_000;
/// A page has this long to fetch its session.
pub const HANDOVER_MS_MAX: i64 = 60_000;
/// Bytes of a place to return to.
const RETURN_BYTES_MAX: usize = 1_024;
/// Bytes of what a page proves itself with.
const CHALLENGE_BYTES: usize = 43;
/// Bytes of an error's name that is passed on.
const ERROR_BYTES_MAX: usize = 64;
const PURPOSE: &str = "login under way";

/// What a browser takes along, in its cookie.
#[derive(Serialize, Deserialize)]
struct UnderWay {
    issuer: String,
    state: String,
    nonce: String,
    verifier: String,
    back: String,
    challenge: Option<String>,
    until_ms: i64,
}

/// Where a browser is sent, and what it keeps meanwhile.
#[derive(Clone, Debug)]
pub struct Departure {
    /// The issuer's page.
    pub location: String,
    /// The cookie's name.
    pub cookie: String,
    /// The cookie.
    pub sealed: String,
    /// Only to be sent over TLS.
    pub secure: bool,
}

/// What the issuer sent a browser back with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Returned {
    /// For tokens.
    pub code: String,
    /// Ours, from the departure.
    pub state: String,
    /// Why there is no code.
    pub error: String,
    /// Who sends it back, where the issuer says so (RFC 9207).
    pub iss: Option<String>,
}

/// Where a browser goes when it is back.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// A place of ours, with a code in its fragment, or with an error's name.
    pub location: String,
    /// The cookie of the departure, which is over.
    pub over: String,
    /// The cookie with which the page may fetch its session, if it did not bring a proof of its own.
    pub bound: Option<(String, String)>,
    /// Only to be sent over TLS.
    pub secure: bool,
}

/// Where browsers find us.
pub(super) struct Here(Url);

impl Here {
    fn callback(&self, name: &str) -> String {
        let origin = self.0.origin();
        let below = self.0.path().trim_end_matches('/');
        format!("{origin}{below}/auth/oidc/{name}/callback")
    }

    pub(super) fn is_secure(&self) -> bool {
        self.0.origin().secure
    }
}

/// The name of a departure's cookie: several tabs can be under way at once.
pub fn cookie_of(state: &str) -> String {
    format!("longhouse_login_{}", short(state))
}

/// The beginning of a text, as a cookie's name can have it.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}

impl Identity {
    /// Sends a browser out. `host` is what it calls us; `challenge` is the page's own S256 challenge, if it is to fetch
    /// its session from another origin.
    pub async fn depart(
        &self,
        name: &str,
        back: &str,
        challenge: Option<String>,
        host: Option<&str>,
    ) -> Result<Departure, IdentityError> {
        let issuer = self.issuer(name)?;
        let here = self.here(host)?;
        let back = self.place_to_return(issuer, &here, back)?;
        if challenge.as_ref().is_some_and(|text| text.len() != CHALLENGE_BYTES) {
            return Err(IdentityError::Malformed("challenge must be the base64url of a SHA-256, 43 letters"));
        }
        let description = issuer.description().await?;
        let place = issuer.place(&description.authorization_endpoint)?;
        let under_way = UnderWay {
            issuer: name.to_owned(),
            state: self.random(),
            nonce: self.random(),
            verifier: self.random(),
            back,
            challenge,
            until_ms: self.core.now_ms() + LOGIN_MS_MAX,
        };
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", &issuer.settings.client_id),
            ("scope", &issuer.settings.scopes),
            ("state", &under_way.state),
            ("nonce", &under_way.nonce),
            ("code_challenge_method", "S256"),
        ];
        let (callback, hashed) = (here.callback(name), hash(&under_way.verifier));
        fields.extend([("redirect_uri", callback.as_str()), ("code_challenge", hashed.as_str())]);
        if issuer.settings.scopes.split(' ').any(|scope| scope == "offline_access") {
            // Without it issuers give no refresh token (OpenID Connect Core 1.0, section 11).
            fields.push(("prompt", "consent"));
        }
        Ok(Departure {
            location: place.with_query(&fields).to_string(),
            cookie: cookie_of(&under_way.state),
            sealed: self.seal.close(PURPOSE, &under_way),
            secure: here.is_secure(),
        })
    }

    /// Receives a browser. `sealed` is the cookie that its state names.
    pub async fn arrive(
        &self,
        name: &str,
        returned: Returned,
        sealed: Option<&str>,
        host: Option<&str>,
    ) -> Result<Arrived, IdentityError> {
        let issuer = self.issuer(name)?;
        let here = self.here(host)?;
        let under_way: UnderWay =
            sealed.and_then(|sealed| self.seal.open(PURPOSE, sealed)).ok_or(IdentityError::NoLogin)?;
        let fits = under_way.issuer == name
            && under_way.state == returned.state
            && under_way.until_ms > self.core.now_ms()
            && returned.iss.as_ref().is_none_or(|iss| *iss == issuer.settings.issuer);
        // Once, whatever comes of it: a state that came is used up.
        if !fits || !self.first_time(&format!("state:{}", under_way.state), under_way.until_ms).await? {
            return Err(IdentityError::NoLogin);
        }
        let arrived = |fragment: String, bound| Arrived {
            location: format!("{}#{fragment}", under_way.back),
            over: cookie_of(&under_way.state),
            bound,
            secure: here.is_secure(),
        };
        if !returned.error.is_empty() {
            let named = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            let plain = returned.error.len() <= ERROR_BYTES_MAX && returned.error.bytes().all(named);
            let error = if plain { &returned.error } else { "failed" };
            return Ok(arrived(format!("login={name}&login_error={error}"), None));
        }
        if returned.code.is_empty() || returned.code.len() > OPAQUE_BYTES_MAX {
            return Err(IdentityError::Malformed("code is missing or too long"));
        }
        let vouched = self.redeem(issuer, &here, &returned.code, &under_way).await?;
        let (code, bound) = self.hand_over(name, vouched, under_way.challenge.clone()).await?;
        let bound = bound.map(|bound| (bound_cookie_of(&code), bound));
        Ok(arrived(format!("login={name}&login_code={code}"), bound))
    }

    async fn redeem(
        &self,
        issuer: &Arc<OpenId>,
        here: &Here,
        code: &str,
        under_way: &UnderWay,
    ) -> Result<Vouched, IdentityError> {
        let callback = here.callback(&issuer.settings.name);
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &callback),
            ("code_verifier", &under_way.verifier),
        ];
        let Exchange::Given(given) = exchange(issuer, &grant).await? else {
            return Err(IdentityError::Refused("the issuer does not take the code"));
        };
        let token = given.id_token.ok_or(IdentityError::Refused("the issuer gave no ID token"))?;
        let claims = issuer.check_id(&token, Some(&under_way.nonce)).await?;
        let renewal = given.refresh_token.filter(|token| token.len() <= OPAQUE_BYTES_MAX);
        Ok(Vouched::by_issuer(issuer, claims, renewal))
    }

    /// Where browsers find us: as set, or on loopback as they call us.
    pub(super) fn here(&self, host: Option<&str>) -> Result<Here, IdentityError> {
        if let Some(url) = &self.settings.public_url {
            return Ok(Here(url.clone()));
        }
        let called = host.and_then(|host| Url::parse(&format!("http://{host}")).ok());
        let local = called.filter(|url| url.origin().is_loopback() && url.path() == "/");
        local.map(Here).ok_or_else(|| IdentityError::NotConfigured("http.public_url".into()))
    }

    fn place_to_return(&self, issuer: &OpenId, here: &Here, text: &str) -> Result<String, IdentityError> {
        let refused = || IdentityError::Return(issuer.settings.name.clone());
        if text.is_empty() {
            return Ok("/".to_owned());
        }
        if text.len() > RETURN_BYTES_MAX {
            return Err(refused());
        }
        if let Some(rest) = text.strip_prefix('/') {
            // Browsers read `//host` and `/\host` as another host.
            if rest.starts_with('/') {
                return Err(refused());
            }
            // The same reading as for whole URLs, so that nothing odd passes.
            return match Url::parse(&format!("http://localhost{text}")) {
                Ok(url) => Ok(url.path().to_owned()),
                Err(_) => Err(refused()),
            };
        }
        let url = Url::parse(text).map_err(|_| refused())?;
        let known = url.origin() == here.0.origin() || issuer.settings.return_origins.contains(url.origin());
        if known { Ok(url.to_string()) } else { Err(refused()) }
    }

    /// 256 random bits as text.
    pub(super) fn random(&self) -> String {
        let entropy = self.core.entropy();
        BASE64.encode([entropy.u128().to_be_bytes(), entropy.u128().to_be_bytes()].concat())
    }

    /// Notes that something came. `false`: it came before.
    pub(super) async fn first_time(&self, name: &str, until_ms: i64) -> Result<bool, IdentityError> {
        let note = store::NotePut { name: name.to_owned(), said: String::new(), expires_ms: until_ms };
        Ok(self.core.write(note).await?.into_inner())
    }
}

/// As PKCE hashes: SHA-256 in base64url.
pub(super) fn hash(text: &str) -> String {
    BASE64.encode(Sha256::digest(text.as_bytes()))
}
