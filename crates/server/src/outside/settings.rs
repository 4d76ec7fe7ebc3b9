//! From what an operator set to what the use cases need: texts become URLs, files become keys.

use std::sync::Arc;

use app::identity::{FacebookSettings, GameCenterSettings, IdentitySettings, OpenIdSettings, SteamSettings};
use app::outside::Url;
use app::receipts::{
    AppleShopSettings, GoogleShopSettings, HuaweiShopSettings, ReceiptSettings, rsa_public_key,
};
use app::services::Abroad;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::Web;
use super::sign::RsaKey;
use crate::config::{Config, ConfigError, Secret, words};

/// Everything about services of others. Reads the files that are named; asks nobody.
pub fn abroad(config: &Config) -> Result<Abroad, ConfigError> {
    let read = || {
        Ok(Abroad {
            outside: Arc::new(Web::default()),
            identity: identity(config)?,
            receipts: receipts(config)?,
        })
    };
    read().map_err(|fault| ConfigError(vec![fault]))
}

fn identity(config: &Config) -> Result<IdentitySettings, String> {
    let issuers = config.identity.iter().map(|(name, issuer)| {
        Ok(OpenIdSettings {
            name: name.clone(),
            address: url(&format!("identity.{name}.issuer"), &issuer.issuer)?,
            issuer: issuer.issuer.clone(),
            client_id: issuer.client_id.clone(),
            client_secret: issuer.client_secret.reveal().to_owned(),
            audiences: words(&issuer.audiences),
            scopes: words(&issuer.scopes).join(" "),
            serves: issuer.route().ok_or_else(|| format!("identity.{name}.serves is not a route"))?,
            return_origins: issuer
                .origins()
                .ok_or_else(|| format!("identity.{name}.return_origins are not origins"))?,
            session_seconds_max: issuer.session_seconds_max,
            recheck_seconds: issuer.recheck_seconds,
        })
    });
    let login = &config.login;
    let steam = given(&login.steam_key).map(|key| {
        Ok::<_, String>(SteamSettings {
            app_id: login.steam_app_id,
            key,
            url: url("login.steam_url", &login.steam_url)?,
        })
    });
    let facebook = some(&login.facebook_app_id).map(|app_id| {
        Ok::<_, String>(FacebookSettings {
            app_id,
            app_secret: login.facebook_app_secret.reveal().to_owned(),
            url: url("login.facebook_url", &login.facebook_url)?,
        })
    });
    let bundle_ids = words(&login.gamecenter_bundle_ids);
    let key_host = login.gamecenter_key_host.clone();
    let public_url = some(&config.http.public_url);
    Ok(IdentitySettings {
        issuers: issuers.collect::<Result<_, String>>()?,
        steam: steam.transpose()?,
        facebook: facebook.transpose()?,
        facebook_instant_secret: given(&login.facebook_instant_secret),
        game_center: (!bundle_ids.is_empty()).then_some(GameCenterSettings { bundle_ids, key_host }),
        public_url: public_url.map(|text| url("http.public_url", &text)).transpose()?,
        seal_secret: config.keys.refresh_key.reveal().to_owned(),
    })
}

fn receipts(config: &Config) -> Result<ReceiptSettings, String> {
    let from = &config.receipts;
    let apple = some(&from.apple_bundle_id).map(|bundle_id| {
        let sandbox = some(&from.apple_sandbox_url);
        let root = some(&from.apple_root_file);
        Ok::<_, String>(AppleShopSettings {
            bundle_id,
            shared_secret: from.apple_shared_secret.reveal().to_owned(),
            root: root.map(|path| file("receipts.apple_root_file", &path)).transpose()?,
            url: url("receipts.apple_url", &from.apple_url)?,
            sandbox_url: sandbox.map(|text| url("receipts.apple_sandbox_url", &text)).transpose()?,
        })
    });
    let google = some(&from.google_account_file).map(|path| google(&path, config));
    let huawei = some(&from.huawei_public_key).map(|key| {
        let der = BASE64.decode(key.split_whitespace().collect::<String>()).ok();
        let key = der.and_then(|der| rsa_public_key(&der));
        Ok::<_, String>(HuaweiShopSettings {
            public_key: key.ok_or("receipts.huawei_public_key is not an RSA key in base64")?,
            client_id: from.huawei_client_id.clone(),
            client_secret: from.huawei_client_secret.reveal().to_owned(),
            token_url: url("receipts.huawei_token_url", &from.huawei_token_url)?,
            url: url("receipts.huawei_url", &from.huawei_url)?,
        })
    });
    Ok(ReceiptSettings {
        apple: apple.transpose()?,
        google: google.transpose()?,
        huawei: huawei.transpose()?,
        facebook_instant_secret: given(&from.facebook_instant_secret),
    })
}

/// A service account's file, as Google gives it.
#[derive(Deserialize)]
struct Account {
    client_email: String,
    private_key: String,
    #[serde(default)]
    private_key_id: String,
    token_uri: String,
}

fn google(path: &str, config: &Config) -> Result<GoogleShopSettings, String> {
    const KEY: &str = "receipts.google_account_file";
    let account: Account = serde_json::from_slice(&file(KEY, path)?)
        .map_err(|error| format!("{KEY}: {path} is not a service account's file: {error}"))?;
    let key = RsaKey::from_pem(&account.private_key)
        .ok_or_else(|| format!("{KEY}: the private_key in {path} is not an RSA key in PEM"))?;
    let token_url = url(KEY, &account.token_uri)?;
    if !token_url.origin().is_safe() {
        return Err(format!("{KEY}: the token_uri in {path} is not an https URL"));
    }
    Ok(GoogleShopSettings {
        account: account.client_email,
        key: Arc::new(key),
        key_id: account.private_key_id,
        token_url,
        url: url("receipts.google_url", &config.receipts.google_url)?,
        packages: words(&config.receipts.google_packages),
    })
}

fn url(key: &str, text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|error| format!("{key} {error}"))
}

fn file(key: &str, path: &str) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{key}: {path} cannot be read: {error}"))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

fn given(secret: &Secret) -> Option<String> {
    some(secret.reveal())
}
