//! Huawei's AppGallery: the purchase comes signed with the app's key, and the order service says whether it stands.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Purchase;

use super::{Checking, Environment, HuaweiShopSettings, Receipt, ReceiptError, Shop, ShopName, number};
use crate::identity::check_rsa_sha256;
use crate::outside::{OutsideError, Question, Shared};
use crate::ports::Clock;

/// An access token is given up this much earlier than it ends.
const ACCESS_SPARE_SECONDS: i64 = 60;
/// An access token is kept at most this long.
const ACCESS_SECONDS_MAX: i64 = 3_600;

pub struct Huawei {
    settings: HuaweiShopSettings,
    outside: Shared,
    clock: Arc<dyn Clock>,
    /// The access token and the second until which it is used.
    access: Mutex<Option<(String, i64)>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    order_id: String,
    product_id: String,
    purchase_token: String,
    #[serde(default)]
    purchase_time: Value,
    #[serde(default)]
    purchase_state: i64,
    #[serde(default)]
    purchase_type: Option<i64>,
}

#[derive(Deserialize)]
struct Access {
    access_token: String,
    #[serde(default)]
    expires_in: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    response_code: String,
    #[serde(default)]
    purchase_token_data: String,
    #[serde(default)]
    data_signature: String,
}

impl Huawei {
    pub fn new(settings: HuaweiShopSettings, outside: Shared, clock: Arc<dyn Clock>) -> Self {
        Self { settings, outside, clock, access: Mutex::new(None) }
    }

    /// What the app's key signed.
    fn signed(&self, data: &str, signature: &str) -> Result<Data, ReceiptError> {
        let signature =
            BASE64.decode(signature).map_err(|_| ReceiptError::Malformed("signature must be base64"))?;
        check_rsa_sha256(&self.settings.public_key, data.as_bytes(), &signature)
            .map_err(|_| ReceiptError::Refused("its signature is wrong"))?;
        serde_json::from_str(data).map_err(|_| ReceiptError::Malformed("it is no purchase of AppGallery"))
    }

    async fn access(&self) -> Result<String, ReceiptError> {
        let now = self.clock.now_ms() / 1_000;
        let known = self.access.lock().clone().filter(|(_, until)| *until > now);
        if let Some((access, _)) = known {
            return Ok(access);
        }
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.settings.client_id),
            ("client_secret", &self.settings.client_secret),
        ];
        let reply = self.outside.ask(Question::form(self.settings.token_url.clone(), &fields)).await?;
        if !reply.is_good() {
            tracing::warn!(answer = reply.quoted(), "Huawei gives the app no access");
            return Err(OutsideError::Strange(format!("status {}", reply.status)).into());
        }
        let Access { access_token, expires_in } = reply.read()?;
        let until = now + expires_in.clamp(0, ACCESS_SECONDS_MAX) - ACCESS_SPARE_SECONDS;
        *self.access.lock() = Some((access_token.clone(), until));
        Ok(access_token)
    }

    async fn bought(&self, receipt: &Receipt) -> Result<Vec<Purchase>, ReceiptError> {
        let shown = self.signed(&receipt.text, &receipt.signature)?;
        let access = self.access().await?;
        let place = self.settings.url.join("/applications/purchases/tokens/verify");
        let place = place.map_err(|error| OutsideError::Strange(error.to_string()))?;
        let body = json!({ "purchaseToken": shown.purchase_token, "productId": shown.product_id });
        let pair = BASE64.encode(format!("APPAT:{access}"));
        let question = Question::json(place, &body).with("authorization", format!("Basic {pair}"));
        let reply = self.outside.ask(question).await?;
        if !reply.is_good() {
            *self.access.lock() = None;
            return Err(OutsideError::Strange(reply.quoted()).into());
        }
        let order: Order = reply.read()?;
        if order.response_code != "0" {
            return Err(ReceiptError::Refused("Huawei does not stand by it"));
        }
        let said = self.signed(&order.purchase_token_data, &order.data_signature)?;
        if said.purchase_token != shown.purchase_token || said.product_id != shown.product_id {
            return Err(ReceiptError::Refused("Huawei speaks of another purchase"));
        }
        match said.purchase_state {
            0 => {}
            2 => return Err(ReceiptError::Refused("the money went back")),
            _ => return Err(ReceiptError::Refused("it was cancelled or is not paid yet")),
        }
        let environment = match said.purchase_type {
            None => Environment::Production,
            Some(0) => Environment::Sandbox,
            Some(_) => Environment::Unknown,
        };
        Ok(vec![Purchase {
            shop: ShopName::Huawei as u32,
            transaction_id: said.order_id,
            product_id: said.product_id,
            environment: environment as u32,
            purchased_ms: number(&said.purchase_time).unwrap_or(0),
            refunded_ms: None,
            said: order.purchase_token_data,
        }])
    }
}

impl Shop for Huawei {
    fn purchases<'a>(&'a self, receipt: &'a Receipt) -> Checking<'a, Vec<Purchase>> {
        Box::pin(self.bought(receipt))
    }
}
