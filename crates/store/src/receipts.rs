//! What was bought in stores: each transaction and each subscription once, whoever shows its receipt how often. Money
//! moved outside; here is only the proof, and whose it is. Checking a receipt and giving something for it is not here.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId, Value};

statements! {
    PURCHASE = "SELECT user_id, created_ms, updated_ms FROM purchases WHERE shop = $1 AND transaction_id = $2";
    INSERT_PURCHASE = "INSERT INTO purchases (shop, transaction_id, user_id, product_id, environment, purchased_ms,
        refunded_ms, created_ms, updated_ms, said) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)";
    UPDATE_PURCHASE = "UPDATE purchases SET refunded_ms = $3, updated_ms = $4, said = $5
        WHERE shop = $1 AND transaction_id = $2";
    PURCHASES = "SELECT shop, transaction_id, product_id, environment, purchased_ms, refunded_ms, said, created_ms,
        updated_ms FROM purchases
        WHERE user_id = $1 AND (purchased_ms, shop, transaction_id) > ($2, $3, $4)
        ORDER BY purchased_ms, shop, transaction_id LIMIT $5";
    SUBSCRIPTION = "SELECT user_id, created_ms FROM subscriptions WHERE shop = $1 AND original_id = $2";
    INSERT_SUBSCRIPTION = "INSERT INTO subscriptions (shop, original_id, user_id, product_id, environment,
        purchased_ms, expires_ms, refunded_ms, created_ms, updated_ms, said)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)";
    UPDATE_SUBSCRIPTION = "UPDATE subscriptions SET product_id = $3, expires_ms = $4, refunded_ms = $5,
        updated_ms = $6, said = $7 WHERE shop = $1 AND original_id = $2";
    OF_PRODUCT = "SELECT shop, original_id, product_id, environment, purchased_ms, expires_ms, refunded_ms, said,
        created_ms, updated_ms FROM subscriptions
        WHERE user_id = $1 AND product_id = $2 ORDER BY expires_ms DESC LIMIT 1";
    OLDER = "SELECT shop, original_id, product_id, environment, purchased_ms, expires_ms, refunded_ms, said,
        created_ms, updated_ms FROM subscriptions
        WHERE user_id = $1 AND (purchased_ms, shop, original_id) < ($2, $3, $4)
        ORDER BY purchased_ms DESC, shop DESC, original_id DESC LIMIT $5";
    NEWER = "SELECT shop, original_id, product_id, environment, purchased_ms, expires_ms, refunded_ms, said,
        created_ms, updated_ms FROM subscriptions
        WHERE user_id = $1 AND (purchased_ms, shop, original_id) > ($2, $3, $4)
        ORDER BY purchased_ms, shop, original_id LIMIT $5";
}

/// A purchase as its store tells it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Purchase {
    /// Which store, by its number in the client protocol.
    pub shop: u32,
    /// The store's own id of it.
    pub transaction_id: String,
    /// What.
    pub product_id: String,
    /// For real or for trying out, by its number in the client protocol.
    pub environment: u32,
    /// When.
    pub purchased_ms: i64,
    /// When the money went back, if it did.
    pub refunded_ms: Option<i64>,
    /// The store's answer.
    pub said: String,
}

/// A purchase that is on record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptPurchase {
    /// As the store tells it.
    pub purchase: Purchase,
    /// It was on record before.
    pub seen_before: bool,
    /// When its receipt was first shown.
    pub created_ms: i64,
    /// When it was last shown.
    pub updated_ms: i64,
}

/// Keeps purchases for a user: all of them, or none if one is somebody else's.
#[derive(Clone, Debug)]
pub struct KeepPurchases {
    /// Whose.
    pub user: UserId,
    /// What the receipt proves.
    pub purchases: Vec<Purchase>,
    /// Only looks: nothing is written.
    pub look_only: bool,
    /// Now.
    pub at_ms: i64,
}

/// What keeping did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Keeping<T> {
    /// On record now.
    Kept(T),
    /// Somebody else showed it before. Nothing was changed.
    Taken,
}

impl Operation for KeepPurchases {
    type Output = Keeping<Vec<KeptPurchase>>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut known = Vec::with_capacity(self.purchases.len());
        for purchase in &self.purchases {
            let key = [purchase.shop.into(), (&purchase.transaction_id).into()];
            let row = |row: &Row<'_>| Ok((UserId(row.id(0)?), row.int(1)?));
            let found = tx.optional(&PURCHASE, &key, row).await?;
            if found.is_some_and(|(user, _)| user != self.user) {
                return Ok(Keeping::Taken);
            }
            known.push(found.map(|(_, created_ms)| created_ms));
        }
        let mut kept: Vec<KeptPurchase> = Vec::with_capacity(known.len());
        for (purchase, known) in self.purchases.iter().zip(known) {
            // A receipt may name one transaction twice.
            let twice = kept.iter().any(|other| {
                (other.purchase.shop, &other.purchase.transaction_id)
                    == (purchase.shop, &purchase.transaction_id)
            });
            if twice {
                continue;
            }
            kept.push(KeptPurchase {
                purchase: purchase.clone(),
                seen_before: known.is_some(),
                created_ms: known.unwrap_or(self.at_ms),
                updated_ms: self.at_ms,
            });
            let (shop, id): (Value<'_>, Value<'_>) =
                (purchase.shop.into(), (&purchase.transaction_id).into());
            let (refunded, at, said) =
                (purchase.refunded_ms.into(), self.at_ms.into(), (&purchase.said).into());
            match known {
                _ if self.look_only => {}
                Some(_) => drop(tx.execute(&UPDATE_PURCHASE, &[shop, id, refunded, at, said]).await?),
                None => {
                    let (user, product) = (self.user.into(), (&purchase.product_id).into());
                    let (place, bought) = (purchase.environment.into(), purchase.purchased_ms.into());
                    let values = [shop, id, user, product, place, bought, refunded, at, said];
                    tx.execute(&INSERT_PURCHASE, &values).await?;
                }
            }
        }
        Ok(Keeping::Kept(kept))
    }
}

/// Reads a user's purchases, oldest first.
#[derive(Clone, Debug)]
pub struct PurchasesOf {
    /// Whose.
    pub user: UserId,
    /// `(purchased_ms, shop, transaction_id)` of the last one seen; at the start the least there is.
    pub after: (i64, u32, String),
    /// At most so many.
    pub limit: u32,
}

impl Operation for PurchasesOf {
    type Output = Vec<KeptPurchase>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (at, shop, id) = &self.after;
        let values = [self.user.into(), (*at).into(), (*shop).into(), id.into(), self.limit.into()];
        tx.rows(&PURCHASES, &values, |row| {
            Ok(KeptPurchase {
                purchase: Purchase {
                    shop: row.small(0)?,
                    transaction_id: row.text(1)?,
                    product_id: row.text(2)?,
                    environment: row.small(3)?,
                    purchased_ms: row.int(4)?,
                    refunded_ms: row.opt_int(5)?,
                    said: row.text(6)?,
                },
                seen_before: true,
                created_ms: row.int(7)?,
                updated_ms: row.int(8)?,
            })
        })
        .await
    }
}

/// A subscription as its store tells it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// Which store, by its number in the client protocol.
    pub shop: u32,
    /// The store's id of its first transaction, which stays through all renewals.
    pub original_id: String,
    /// What.
    pub product_id: String,
    /// For real or for trying out, by its number in the client protocol.
    pub environment: u32,
    /// When it began.
    pub purchased_ms: i64,
    /// When what was paid for ends.
    pub expires_ms: i64,
    /// When the money went back, if it did.
    pub refunded_ms: Option<i64>,
    /// The store's answer.
    pub said: String,
}

/// A subscription that is on record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptSubscription {
    /// As the store last told it.
    pub subscription: Subscription,
    /// When its receipt was first shown.
    pub created_ms: i64,
    /// When it was last shown.
    pub updated_ms: i64,
}

fn subscription(row: &Row<'_>) -> Result<KeptSubscription, StoreError> {
    Ok(KeptSubscription {
        subscription: Subscription {
            shop: row.small(0)?,
            original_id: row.text(1)?,
            product_id: row.text(2)?,
            environment: row.small(3)?,
            purchased_ms: row.int(4)?,
            expires_ms: row.int(5)?,
            refunded_ms: row.opt_int(6)?,
            said: row.text(7)?,
        },
        created_ms: row.int(8)?,
        updated_ms: row.int(9)?,
    })
}

/// Keeps a subscription for a user, or brings it up to date.
#[derive(Clone, Debug)]
pub struct KeepSubscription {
    /// Whose.
    pub user: UserId,
    /// What the receipt proves.
    pub subscription: Subscription,
    /// Only looks: nothing is written.
    pub look_only: bool,
    /// Now.
    pub at_ms: i64,
}

impl Operation for KeepSubscription {
    type Output = Keeping<KeptSubscription>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let told = &self.subscription;
        let (shop, id): (Value<'_>, Value<'_>) = (told.shop.into(), (&told.original_id).into());
        let row = |row: &Row<'_>| Ok((UserId(row.id(0)?), row.int(1)?));
        let known = tx.optional(&SUBSCRIPTION, &[shop, id], row).await?;
        let (product, expires) = ((&told.product_id).into(), told.expires_ms.into());
        let (refunded, at, said) = (told.refunded_ms.into(), self.at_ms.into(), (&told.said).into());
        match known {
            Some((user, _)) if user != self.user => return Ok(Keeping::Taken),
            _ if self.look_only => {}
            Some(_) => {
                let values = [shop, id, product, expires, refunded, at, said];
                tx.execute(&UPDATE_SUBSCRIPTION, &values).await?;
            }
            None => {
                let (user, place, bought) =
                    (self.user.into(), told.environment.into(), told.purchased_ms.into());
                let values = [shop, id, user, product, place, bought, expires, refunded, at, said];
                tx.execute(&INSERT_SUBSCRIPTION, &values).await?;
            }
        }
        Ok(Keeping::Kept(KeptSubscription {
            subscription: told.clone(),
            created_ms: known.map_or(self.at_ms, |(_, created_ms)| created_ms),
            updated_ms: self.at_ms,
        }))
    }
}

/// Reads a user's subscription to a product: the one that ends last.
#[derive(Clone, Debug)]
pub struct SubscriptionGet {
    /// Whose.
    pub user: UserId,
    /// To what.
    pub product_id: String,
}

impl Operation for SubscriptionGet {
    type Output = Option<KeptSubscription>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&OF_PRODUCT, &[self.user.into(), (&self.product_id).into()], subscription).await
    }
}

/// Reads a user's subscriptions, newest first, a page at a time.
#[derive(Clone, Debug)]
pub struct SubscriptionsOf {
    /// Whose.
    pub user: UserId,
    /// `(purchased_ms, shop, original_id)` of the one next to the page.
    pub from: (i64, u32, String),
    /// The page before that one, in place of the page after it.
    pub back: bool,
    /// At most so many.
    pub limit: u32,
}

impl Operation for SubscriptionsOf {
    /// In order of the list, newest first, whichever way was read.
    type Output = Vec<KeptSubscription>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (at, shop, id) = &self.from;
        let values = [self.user.into(), (*at).into(), (*shop).into(), id.into(), self.limit.into()];
        let statement = if self.back { &NEWER } else { &OLDER };
        let mut found = tx.rows(statement, &values, subscription).await?;
        if self.back {
            found.reverse();
        }
        Ok(found)
    }
}
