//! Apple's App Store: signed transactions (StoreKit 2), checked here against Apple's root; and receipts of the old kind,
//! which Apple's `verifyReceipt` reads.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Purchase, Subscription};

use super::{AppleShopSettings, Checking, Environment, Receipt, ReceiptError, Shop, ShopName, chain, number};
use crate::identity::{Key, Signed};
use crate::outside::{OutsideError, Question, Shared};
use crate::ports::Clock;

/// Bytes of an answer: it repeats everything that a person bought.
const ANSWER_BYTES_MAX: usize = 2 << 20;
/// "It is one for trying out, and was sent to the place for real ones."
const SANDBOX_STATUS: i64 = 21_007;

pub struct Apple {
    settings: AppleShopSettings,
    outside: Shared,
    clock: Arc<dyn Clock>,
}

/// A signed transaction.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    transaction_id: String,
    original_transaction_id: String,
    bundle_id: String,
    product_id: String,
    purchase_date: i64,
    #[serde(default)]
    original_purchase_date: Option<i64>,
    #[serde(default)]
    expires_date: Option<i64>,
    #[serde(default)]
    revocation_date: Option<i64>,
    #[serde(default)]
    signed_date: Option<i64>,
    #[serde(default)]
    environment: String,
}

/// An answer of `verifyReceipt`.
#[derive(Deserialize)]
struct Verified {
    status: i64,
    #[serde(default)]
    environment: String,
    #[serde(default)]
    receipt: Old,
    #[serde(default)]
    latest_receipt_info: Vec<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Old {
    bundle_id: String,
    in_app: Vec<Value>,
}

impl Apple {
    pub fn new(settings: AppleShopSettings, outside: Shared, clock: Arc<dyn Clock>) -> Self {
        Self { settings, outside, clock }
    }

    fn transaction(&self, token: &str) -> Result<(Transaction, Value), ReceiptError> {
        const BAD: ReceiptError = ReceiptError::Refused("it is not signed by Apple");
        let root = self.settings.root.as_ref();
        let root = root.ok_or(ReceiptError::NotConfigured("receipts.apple_root_file"))?;
        let signed =
            Signed::read(token).map_err(|_| ReceiptError::Malformed("it is not a signed transaction"))?;
        let chain: Option<Vec<_>> = signed.certificates.iter().map(|text| BASE64.decode(text).ok()).collect();
        let chain = chain.filter(|chain| !chain.is_empty()).ok_or(BAD)?;
        let key = Key::p256(&chain::point(&chain[0]).ok_or(BAD)?);
        let said: Value = signed.open(&key).map_err(|_| BAD)?;
        let transaction: Transaction = serde_json::from_value(said.clone())
            .map_err(|_| ReceiptError::Malformed("it is no transaction"))?;
        // A certificate ends sooner than what it signed: it must have been good then.
        let now = self.clock.now_ms();
        let signed_ms = transaction.signed_date.unwrap_or(now).min(now);
        if !chain::is_trusted(&chain, root, signed_ms) {
            return Err(BAD);
        }
        if transaction.bundle_id != self.settings.bundle_id {
            return Err(ReceiptError::Refused("it is another app's"));
        }
        Ok((transaction, said))
    }

    async fn verified(&self, receipt: &str) -> Result<(Verified, Value), ReceiptError> {
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n' | b'\r');
        if !receipt.bytes().all(plain) {
            return Err(ReceiptError::Malformed("a receipt is base64 or a signed transaction"));
        }
        let (mut verified, mut said) = self.ask(&self.settings.url, receipt).await?;
        if verified.status == SANDBOX_STATUS
            && let Some(sandbox) = &self.settings.sandbox_url
        {
            (verified, said) = self.ask(sandbox, receipt).await?;
        }
        match verified.status {
            0 if verified.receipt.bundle_id == self.settings.bundle_id => Ok((verified, said)),
            0 => Err(ReceiptError::Refused("it is another app's")),
            21_004 => Err(ReceiptError::NotConfigured("receipts.apple_shared_secret")),
            // "Come again": the store's own trouble.
            status @ (21_005 | 21_009 | 21_100..=21_199) => {
                Err(OutsideError::Strange(format!("status {status}")).into())
            }
            _ => Err(ReceiptError::Refused("Apple does not stand by it")),
        }
    }

    async fn ask(
        &self,
        place: &crate::outside::Url,
        receipt: &str,
    ) -> Result<(Verified, Value), ReceiptError> {
        let place = place.join("/verifyReceipt").map_err(|error| OutsideError::Strange(error.to_string()))?;
        let mut body = json!({ "receipt-data": receipt, "exclude-old-transactions": true });
        if !self.settings.shared_secret.is_empty() {
            body["password"] = self.settings.shared_secret.clone().into();
        }
        let question = Question { bytes_max: ANSWER_BYTES_MAX, ..Question::json(place, &body) };
        let reply = self.outside.ask(question).await?;
        if !reply.is_good() {
            return Err(OutsideError::Strange(reply.quoted()).into());
        }
        let said: Value = reply.read()?;
        let verified = serde_json::from_value(said.clone());
        Ok((verified.map_err(|error| OutsideError::Strange(error.to_string()))?, said))
    }

    async fn bought(&self, receipt: &str) -> Result<Vec<Purchase>, ReceiptError> {
        if looks_signed(receipt) {
            let (one, said) = self.transaction(receipt)?;
            return Ok(vec![Purchase {
                shop: ShopName::Apple as u32,
                environment: environment(&one.environment) as u32,
                transaction_id: one.transaction_id,
                product_id: one.product_id,
                purchased_ms: one.purchase_date,
                refunded_ms: one.revocation_date,
                said: said.to_string(),
            }]);
        }
        let (verified, _) = self.verified(receipt).await?;
        let place = environment(&verified.environment);
        // Subscriptions have a route of their own.
        let single = verified.receipt.in_app.iter().filter(|one| one.get("expires_date_ms").is_none());
        let bought: Vec<_> = single.filter_map(|one| purchase(one, place)).collect();
        if bought.is_empty() { Err(ReceiptError::Refused("it holds no purchase")) } else { Ok(bought) }
    }

    async fn subscribed(&self, receipt: &str) -> Result<Subscription, ReceiptError> {
        const NONE: ReceiptError = ReceiptError::Refused("it holds no subscription");
        if looks_signed(receipt) {
            let (one, said) = self.transaction(receipt)?;
            return Ok(Subscription {
                shop: ShopName::Apple as u32,
                environment: environment(&one.environment) as u32,
                original_id: one.original_transaction_id,
                product_id: one.product_id,
                purchased_ms: one.original_purchase_date.unwrap_or(one.purchase_date),
                expires_ms: one.expires_date.ok_or(NONE)?,
                refunded_ms: one.revocation_date,
                said: said.to_string(),
            });
        }
        let (verified, _) = self.verified(receipt).await?;
        let place = environment(&verified.environment);
        let newest = verified.latest_receipt_info.iter().chain(&verified.receipt.in_app);
        let newest = newest.filter_map(|one| subscription(one, place)).max_by_key(|one| one.expires_ms);
        newest.ok_or(NONE)
    }
}

impl Shop for Apple {
    fn purchases<'a>(&'a self, receipt: &'a Receipt) -> Checking<'a, Vec<Purchase>> {
        Box::pin(self.bought(&receipt.text))
    }

    fn subscription<'a>(&'a self, receipt: &'a Receipt) -> Checking<'a, Subscription> {
        Box::pin(self.subscribed(&receipt.text))
    }
}

fn looks_signed(receipt: &str) -> bool {
    receipt.bytes().filter(|byte| *byte == b'.').count() == 2
}

fn environment(name: &str) -> Environment {
    match name {
        "Production" => Environment::Production,
        "Sandbox" | "Xcode" | "LocalTesting" => Environment::Sandbox,
        _ => Environment::Unknown,
    }
}

fn text(one: &Value, key: &str) -> Option<String> {
    Some(one.get(key)?.as_str()?.to_owned())
}

fn time(one: &Value, key: &str) -> Option<i64> {
    number(one.get(key)?)
}

fn purchase(one: &Value, place: Environment) -> Option<Purchase> {
    Some(Purchase {
        shop: ShopName::Apple as u32,
        transaction_id: text(one, "transaction_id")?,
        product_id: text(one, "product_id")?,
        environment: place as u32,
        purchased_ms: time(one, "purchase_date_ms")?,
        refunded_ms: time(one, "cancellation_date_ms"),
        said: one.to_string(),
    })
}

fn subscription(one: &Value, place: Environment) -> Option<Subscription> {
    Some(Subscription {
        shop: ShopName::Apple as u32,
        original_id: text(one, "original_transaction_id")?,
        product_id: text(one, "product_id")?,
        environment: place as u32,
        purchased_ms: time(one, "original_purchase_date_ms").or_else(|| time(one, "purchase_date_ms"))?,
        expires_ms: time(one, "expires_date_ms")?,
        refunded_ms: time(one, "cancellation_date_ms"),
        said: one.to_string(),
    })
}
