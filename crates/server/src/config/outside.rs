//! What an operator can set about services of others: those who vouch for logins, those who vouch for purchases.

use std::collections::BTreeMap;

use app::identity::{NAME_BYTES_MAX, Platform, Serves};
use app::outside::{Origin, Url};
use serde::{Deserialize, Serialize};

use super::{Config, Secret};

/// Bytes of a client's name.
const CLIENT_BYTES_MAX: usize = 512;

/// An issuer of OpenID Connect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Issuer {
    /// Its URL, exactly as it calls itself.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Our secret there; empty for a public client.
    pub client_secret: Secret,
    /// Further client ids whose tokens are taken, with spaces between.
    pub audiences: String,
    /// Asked for in the pages' login, with spaces between.
    pub scopes: String,
    /// The route of the client protocol by which its tokens come in: `apple`, `facebook`, `google`, `custom:NAME`, or
    /// empty for pages only.
    pub serves: String,
    /// Other origins that the pages' login may return to, with spaces between.
    pub return_origins: String,
    /// A session from there ends this long after the issuer last spoke for it.
    pub session_seconds_max: u32,
    /// Refreshing a session of the pages' login asks the issuer this often.
    pub recheck_seconds: u32,
}

impl Default for Issuer {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            client_id: String::new(),
            client_secret: Secret::new(""),
            audiences: String::new(),
            scopes: "openid".into(),
            serves: String::new(),
            return_origins: String::new(),
            session_seconds_max: 604_800,
            recheck_seconds: 300,
        }
    }
}

impl Issuer {
    /// The route that it serves.
    pub fn route(&self) -> Option<Serves> {
        match self.serves.as_str() {
            "" => Some(Serves::Pages),
            "apple" | "facebook" | "google" => Platform::named(&self.serves).map(Serves::Platform),
            other => {
                let name = other.strip_prefix("custom:").filter(|name| is_name(name))?;
                Some(Serves::Custom(name.to_owned()))
            }
        }
    }

    /// The origins that it may return to.
    pub fn origins(&self) -> Option<Vec<Origin>> {
        let urls = words(&self.return_origins).into_iter().map(|text| {
            let url = Url::parse(&text).ok()?;
            (url.path() == "/" && url.origin().is_safe()).then(|| url.origin().clone())
        });
        urls.collect()
    }
}

/// Platforms that vouch for logins in ways of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logins {
    /// Steam's number of the app.
    pub steam_app_id: u64,
    /// The publisher's key of Steam's web API; empty turns Steam off.
    pub steam_key: Secret,
    /// Where Steam's web API is.
    pub steam_url: String,
    /// Facebook's number of the app; empty turns its own tokens off.
    pub facebook_app_id: String,
    /// The app's secret.
    pub facebook_app_secret: Secret,
    /// Where Facebook's Graph API is.
    pub facebook_url: String,
    /// The app's secret for Facebook Instant Games; empty turns them off.
    pub facebook_instant_secret: Secret,
    /// Apps whose Game Center players are taken, with spaces between; empty turns it off.
    pub gamecenter_bundle_ids: String,
    /// The host, with those below it, that Game Center's certificates come from.
    pub gamecenter_key_host: String,
}

impl Default for Logins {
    fn default() -> Self {
        Self {
            steam_app_id: 0,
            steam_key: Secret::new(""),
            steam_url: "https://partner.steam-api.com".into(),
            facebook_app_id: String::new(),
            facebook_app_secret: Secret::new(""),
            facebook_url: "https://graph.facebook.com/v21.0".into(),
            facebook_instant_secret: Secret::new(""),
            gamecenter_bundle_ids: String::new(),
            gamecenter_key_host: "apple.com".into(),
        }
    }
}

/// Stores that vouch for purchases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Receipts {
    /// The app in Apple's store; empty turns it off.
    pub apple_bundle_id: String,
    /// The app's shared secret, for subscriptions in receipts of the old kind.
    pub apple_shared_secret: Secret,
    /// A file with Apple's root certificate (DER), for signed transactions.
    pub apple_root_file: String,
    /// Where receipts of the old kind are checked.
    pub apple_url: String,
    /// And those for trying out; empty takes none.
    pub apple_sandbox_url: String,
    /// A file with the service account's key, as Google gives it (JSON); empty turns Google Play off.
    pub google_account_file: String,
    /// The apps, with spaces between.
    pub google_packages: String,
    /// Where the publisher's API is.
    pub google_url: String,
    /// The app's public key, as AppGallery shows it; empty turns it off.
    pub huawei_public_key: String,
    /// Huawei's number of the app.
    pub huawei_client_id: String,
    /// The app's secret.
    pub huawei_client_secret: Secret,
    /// Where the app gets its access.
    pub huawei_token_url: String,
    /// The order service.
    pub huawei_url: String,
    /// The app's secret for Facebook Instant Games; empty turns them off.
    pub facebook_instant_secret: Secret,
}

impl Default for Receipts {
    fn default() -> Self {
        Self {
            apple_bundle_id: String::new(),
            apple_shared_secret: Secret::new(""),
            apple_root_file: String::new(),
            apple_url: "https://buy.itunes.apple.com".into(),
            apple_sandbox_url: "https://sandbox.itunes.apple.com".into(),
            google_account_file: String::new(),
            google_packages: String::new(),
            google_url: "https://androidpublisher.googleapis.com".into(),
            huawei_public_key: String::new(),
            huawei_client_id: String::new(),
            huawei_client_secret: Secret::new(""),
            huawei_token_url: "https://oauth-login.cloud.huawei.com/oauth2/v3/token".into(),
            huawei_url: "https://orders-dre.iap.hicloud.com".into(),
            facebook_instant_secret: Secret::new(""),
        }
    }
}

/// Texts with spaces between.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    // Under these names accounts keep what no issuer vouches for.
    let ours = matches!(name, "custom" | "device" | "email");
    let there = Platform::named(name).is_some();
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain) && !ours && !there
}

/// Every fault, with the key that it is about.
pub(super) fn faults(config: &Config) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let mut providers = BTreeMap::new();
    for (name, issuer) in &config.identity {
        let mut fault = |key: &str, must: &str| {
            faults.push(("identity", format!("identity.{name}{key} must {must}")));
        };
        let serves = issuer.route();
        let platform = matches!(serves, Some(Serves::Platform(_)));
        if !(is_name(name) || platform && Platform::named(name).is_some()) {
            fault(
                "",
                "be named with 1 to 32 small letters, digits or -, and not like a platform it does not serve",
            );
        }
        if !Url::parse(&issuer.issuer).is_ok_and(|url| url.origin().is_safe() && !url.path().contains('?')) {
            fault(".issuer", "be an https URL (http for loopback addresses only)");
        }
        if issuer.client_id.is_empty() || issuer.client_id.len() > CLIENT_BYTES_MAX {
            fault(".client_id", "be set");
        }
        if !words(&issuer.scopes).iter().any(|scope| scope == "openid") {
            fault(".scopes", "contain openid");
        }
        if issuer.origins().is_none() {
            fault(
                ".return_origins",
                "be origins such as https://game.example (http for loopback addresses only)",
            );
        }
        if !(60..=31_536_000).contains(&issuer.session_seconds_max) {
            fault(".session_seconds_max", "be from 60 to 31536000");
        }
        if !(1..=86_400).contains(&issuer.recheck_seconds) {
            fault(".recheck_seconds", "be from 1 to 86400");
        }
        let provider = match serves {
            None => {
                fault(".serves", "be apple, facebook, google, custom:NAME or empty");
                continue;
            }
            Some(Serves::Pages) => name.clone(),
            Some(Serves::Platform(platform)) => platform.name().to_owned(),
            Some(Serves::Custom(custom)) => custom,
        };
        if let Some(other) = providers.insert(provider.clone(), name) {
            fault("", &format!("not vouch for the same people ({provider}) as identity.{other}"));
        }
    }
    let mut place = |key: &'static str, text: &str, may_be_empty: bool| {
        let safe = Url::parse(text).is_ok_and(|url| url.origin().is_safe() && !url.path().contains('?'));
        if !(safe || may_be_empty && text.is_empty()) {
            faults.push((key, format!("{key} must be an https URL (http for loopback addresses only)")));
        }
    };
    place("http.public_url", &config.http.public_url, true);
    place("login.steam_url", &config.login.steam_url, false);
    place("login.facebook_url", &config.login.facebook_url, false);
    let receipts = &config.receipts;
    place("receipts.apple_url", &receipts.apple_url, false);
    place("receipts.apple_sandbox_url", &receipts.apple_sandbox_url, true);
    place("receipts.google_url", &receipts.google_url, false);
    place("receipts.huawei_token_url", &receipts.huawei_token_url, false);
    place("receipts.huawei_url", &receipts.huawei_url, false);
    let mut together = |first: &'static str, set: bool, second: &'static str, other: bool| {
        if set && !other {
            faults.push((second, format!("{second} must be set as well, because {first} is")));
        }
    };
    let login = &config.login;
    let given = |secret: &Secret| !secret.reveal().is_empty();
    together("login.steam_key", given(&login.steam_key), "login.steam_app_id", login.steam_app_id != 0);
    let facebook = given(&login.facebook_app_secret);
    together(
        "login.facebook_app_id",
        !login.facebook_app_id.is_empty(),
        "login.facebook_app_secret",
        facebook,
    );
    let packages = !receipts.google_packages.is_empty();
    let google = !receipts.google_account_file.is_empty();
    together("receipts.google_account_file", google, "receipts.google_packages", packages);
    let huawei = !receipts.huawei_public_key.is_empty();
    together(
        "receipts.huawei_public_key",
        huawei,
        "receipts.huawei_client_id",
        !receipts.huawei_client_id.is_empty(),
    );
    let secret = given(&receipts.huawei_client_secret);
    together("receipts.huawei_public_key", huawei, "receipts.huawei_client_secret", secret);
    faults
}
