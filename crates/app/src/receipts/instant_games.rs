//! Facebook Instant Games: the purchase comes signed under the app's secret, and nobody needs to be asked.

use serde::Deserialize;
use serde_json::Value;
use store::Purchase;

use super::{Checking, Environment, Receipt, ReceiptError, Shop, ShopName, number};
use crate::identity::{IdentityError, open_signed_request};

pub struct InstantGames {
    secret: String,
}

#[derive(Deserialize)]
struct Paid {
    payment_id: Value,
    product_id: String,
    #[serde(default)]
    purchase_time: Value,
}

impl InstantGames {
    pub fn new(secret: String) -> Self {
        Self { secret }
    }

    fn bought(&self, signed: &str) -> Result<Vec<Purchase>, ReceiptError> {
        let said: Value =
            open_signed_request(signed, self.secret.as_bytes()).map_err(|error| match error {
                IdentityError::Refused(why) => ReceiptError::Refused(why),
                _ => ReceiptError::Malformed("it is not a signed request"),
            })?;
        let Paid { payment_id, product_id, purchase_time } =
            serde_json::from_value(said.clone()).map_err(|_| ReceiptError::Malformed("it is no purchase"))?;
        let id = match &payment_id {
            Value::String(id) => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => return Err(ReceiptError::Malformed("it is no purchase")),
        };
        Ok(vec![Purchase {
            shop: ShopName::FacebookInstant as u32,
            transaction_id: id,
            product_id,
            environment: Environment::Production as u32,
            purchased_ms: number(&purchase_time).unwrap_or(0).saturating_mul(1_000),
            refunded_ms: None,
            said: said.to_string(),
        }])
    }
}

impl Shop for InstantGames {
    fn purchases<'a>(&'a self, receipt: &'a Receipt) -> Checking<'a, Vec<Purchase>> {
        Box::pin(async move { self.bought(&receipt.text) })
    }
}
