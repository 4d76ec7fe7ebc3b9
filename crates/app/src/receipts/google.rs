//! Google Play: the client's receipt names a purchase; the publisher's API, asked as a service account, says what is true
//! of it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Purchase, Subscription};

use super::{Checking, Environment, GoogleShopSettings, Receipt, ReceiptError, Shop, ShopName, number};
use crate::outside::{OutsideError, Question, Shared, escaped};
use crate::ports::Clock;

const SCOPE: &str = "https://www.googleapis.com/auth/androidpublisher";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// An access token is asked for with this life, and given up a little earlier.
const ACCESS_SECONDS: i64 = 3_600;
const ACCESS_SPARE_SECONDS: i64 = 60;
/// Bytes of each part of what names a purchase.
const PART_BYTES_MAX: usize = 1_024;

pub struct Google {
    settings: GoogleShopSettings,
    outside: Shared,
    clock: Arc<dyn Clock>,
    /// The access token and the second until which it is used.
    access: Mutex<Option<(String, i64)>>,
}

/// What a client's receipt names. All else in it is the client's own word.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    package_name: String,
    product_id: String,
    purchase_token: String,
}

#[derive(Deserialize)]
struct Access {
    access_token: String,
    #[serde(default)]
    expires_in: i64,
}

impl Google {
    pub fn new(settings: GoogleShopSettings, outside: Shared, clock: Arc<dyn Clock>) -> Self {
        Self { settings, outside, clock, access: Mutex::new(None) }
    }

    async fn said(&self, kind: &str, named: &Named) -> Result<Value, ReceiptError> {
        if !self.settings.packages.contains(&named.package_name) {
            return Err(ReceiptError::Refused("it is another app's"));
        }
        let path = format!(
            "/androidpublisher/v3/applications/{}/purchases/{kind}/{}/tokens/{}",
            escaped(&named.package_name),
            escaped(&named.product_id),
            escaped(&named.purchase_token)
        );
        let place =
            self.settings.url.join(&path).map_err(|_| ReceiptError::Malformed("the receipt is too long"))?;
        let access = self.access().await?;
        let question = Question::get(place).with("authorization", format!("Bearer {access}"));
        let reply = self.outside.ask(question).await?;
        match reply.status {
            200 => Ok(reply.read()?),
            400 | 404 | 410 => Err(ReceiptError::Refused("Google knows no such purchase")),
            401 | 403 => {
                *self.access.lock() = None;
                tracing::warn!(answer = reply.quoted(), "Google does not let the service account in");
                Err(OutsideError::Strange(format!("status {}", reply.status)).into())
            }
            _ => Err(OutsideError::Strange(reply.quoted()).into()),
        }
    }

    async fn access(&self) -> Result<String, ReceiptError> {
        let now = self.clock.now_ms() / 1_000;
        let known = self.access.lock().clone().filter(|(_, until)| *until > now);
        if let Some((access, _)) = known {
            return Ok(access);
        }
        let mut header = json!({ "alg": "RS256", "typ": "JWT" });
        if !self.settings.key_id.is_empty() {
            header["kid"] = self.settings.key_id.clone().into();
        }
        let claims = json!({
            "iss": self.settings.account,
            "scope": SCOPE,
            "aud": self.settings.token_url.to_string(),
            "iat": now,
            "exp": now + ACCESS_SECONDS,
        });
        let message = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let signature = self.settings.key.sign(message.as_bytes());
        let signature = signature.ok_or(ReceiptError::NotConfigured("receipts.google_account_file"))?;
        let assertion = format!("{message}.{}", BASE64.encode(signature));
        let fields = [("grant_type", GRANT), ("assertion", assertion.as_str())];
        let reply = self.outside.ask(Question::form(self.settings.token_url.clone(), &fields)).await?;
        if !reply.is_good() {
            tracing::warn!(answer = reply.quoted(), "Google gives the service account no access");
            return Err(OutsideError::Strange(format!("status {}", reply.status)).into());
        }
        let Access { access_token, expires_in } = reply.read()?;
        let until = now + expires_in.clamp(0, ACCESS_SECONDS) - ACCESS_SPARE_SECONDS;
        *self.access.lock() = Some((access_token.clone(), until));
        Ok(access_token)
    }

    async fn bought(&self, receipt: &str) -> Result<Vec<Purchase>, ReceiptError> {
        let named = named(receipt)?;
        let said = self.said("products", &named).await?;
        match said.get("purchaseState").and_then(number).unwrap_or(0) {
            0 => {}
            2 => return Err(ReceiptError::Refused("it is not paid yet")),
            _ => return Err(ReceiptError::Refused("it was cancelled")),
        }
        Ok(vec![Purchase {
            shop: ShopName::Google as u32,
            transaction_id: named.purchase_token,
            product_id: named.product_id,
            environment: environment(&said) as u32,
            purchased_ms: said.get("purchaseTimeMillis").and_then(number).unwrap_or(0),
            refunded_ms: None,
            said: said.to_string(),
        }])
    }

    async fn subscribed(&self, receipt: &str) -> Result<Subscription, ReceiptError> {
        let named = named(receipt)?;
        let said = self.said("subscriptions", &named).await?;
        let time = |key: &str| said.get(key).and_then(number);
        Ok(Subscription {
            shop: ShopName::Google as u32,
            // An upgrade or a new sign-up has a new token and names the one before.
            original_id: named.purchase_token,
            product_id: named.product_id,
            environment: environment(&said) as u32,
            purchased_ms: time("startTimeMillis").unwrap_or(0),
            expires_ms: time("expiryTimeMillis").ok_or(ReceiptError::Refused("it has no end"))?,
            refunded_ms: None,
            said: said.to_string(),
        })
    }
}

impl Shop for Google {
    fn purchases<'a>(&'a self, receipt: &'a Receipt) -> Checking<'a, Vec<Purchase>> {
        Box::pin(self.bought(&receipt.text))
    }

    fn subscription<'a>(&'a self, receipt: &'a Receipt) -> Checking<'a, Subscription> {
        Box::pin(self.subscribed(&receipt.text))
    }
}

/// Engines wrap Google's own text in one or two layers of their own: `{"Payload": "{\"json\": \"…\"}"}`.
fn named(receipt: &str) -> Result<Named, ReceiptError> {
    const LAYERS_MAX: usize = 3;
    let mut text = receipt.to_owned();
    for _ in 0..LAYERS_MAX {
        if let Ok(named) = serde_json::from_str::<Named>(&text) {
            let parts = [&named.package_name, &named.product_id, &named.purchase_token];
            let plain = |part: &&String| (1..=PART_BYTES_MAX).contains(&part.len()) && **part != "..";
            return if parts.iter().all(plain) {
                Ok(named)
            } else {
                Err(ReceiptError::Malformed("a part of the receipt is missing or too long"))
            };
        }
        let layer: Option<Value> = serde_json::from_str(&text).ok();
        let inner = layer.as_ref().and_then(|layer| layer.get("Payload").or_else(|| layer.get("json")));
        match inner.and_then(Value::as_str) {
            Some(inner) => text = inner.to_owned(),
            None => break,
        }
    }
    Err(ReceiptError::Malformed("a receipt of Google Play has packageName, productId and purchaseToken"))
}

/// Licence testers and promotions are marked; who pays is not.
fn environment(said: &Value) -> Environment {
    match said.get("purchaseType").and_then(number) {
        None => Environment::Production,
        Some(0) => Environment::Sandbox,
        Some(_) => Environment::Unknown,
    }
}
