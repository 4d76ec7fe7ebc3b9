//! Purchases in stores. A receipt comes in, is checked with its store by an adapter ([`Shop`]), and what it proves is kept
//! once for each transaction, for one account. What a purchase brings is for the game: `seen_before` tells it whether it
//! gave it already.

mod apple;
mod chain;
mod der;
mod google;
mod huawei;
mod instant_games;
mod settings;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use store::{Keeping, KeptPurchase, KeptSubscription, Purchase, StoreError, Subscription, UserId};

use crate::core::Core;
use crate::cursor::{self, BadCursor};
use crate::outside::{OutsideError, Shared};

pub use der::rsa_public_key;
pub use settings::{AppleShopSettings, GoogleShopSettings, HuaweiShopSettings, ReceiptSettings, SignsRs256};

/// Bytes of a receipt. Apple's hold every purchase of a person in the app.
pub const RECEIPT_BYTES_MAX: usize = 192 << 10;
/// Transactions that one receipt brings.
pub const TRANSACTIONS_MAX: usize = 200;
/// Bytes of a transaction's id.
const TRANSACTION_BYTES_MAX: usize = 512;
/// Bytes of a product's id.
const PRODUCT_BYTES_MAX: usize = 256;
/// Bytes of a store's answer that are kept.
const SAID_BYTES_MAX: usize = 16 << 10;
/// Subscriptions in one answer.
pub const SUBSCRIPTIONS_MAX: u32 = 100;
/// Subscriptions in one answer where the client does not say.
pub const SUBSCRIPTIONS_DEFAULT: u32 = 10;

/// A store, by its number in the client protocol.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u32)]
pub enum ShopName {
    /// Apple's App Store.
    Apple = 0,
    /// Google Play.
    Google = 1,
    /// Huawei's AppGallery.
    Huawei = 2,
    /// Facebook Instant Games.
    FacebookInstant = 3,
}

impl ShopName {
    /// What an operator sets to have it.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Apple => "receipts.apple_bundle_id",
            Self::Google => "receipts.google_account_file",
            Self::Huawei => "receipts.huawei_public_key",
            Self::FacebookInstant => "receipts.facebook_instant_secret",
        }
    }
}

/// Where a purchase took place, by its number in the client protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Environment {
    /// The store does not say.
    Unknown = 0,
    /// For trying out.
    Sandbox = 1,
    /// For real.
    Production = 2,
}

/// What a client brings.
#[derive(Clone, Debug, Default)]
pub struct Receipt {
    /// The receipt itself.
    pub text: String,
    /// Its signature, where it comes apart from it.
    pub signature: String,
}

/// Why a use case of receipts says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceiptError {
    /// An operator would have to set this first.
    #[error("this store is not configured here: {0} is not set")]
    NotConfigured(&'static str),
    /// Not of the form it must have.
    #[error("{0}")]
    Malformed(&'static str),
    /// The store does not stand by it.
    #[error("the receipt is not taken: {0}")]
    Refused(&'static str),
    /// Somebody else showed it before.
    #[error("the purchase belongs to another account")]
    Taken,
    /// No such subscription.
    #[error("there is no subscription to this product")]
    NotFound,
    /// A cursor that is none.
    #[error(transparent)]
    Cursor(#[from] BadCursor),
    /// The store cannot be asked.
    #[error("the store cannot be reached: {0}")]
    Outside(#[from] OutsideError),
    /// Our own store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A check under way.
pub type Checking<'a, T> = Pin<Box<dyn Future<Output = Result<T, ReceiptError>> + Send + 'a>>;

/// A store that stands by its receipts, or does not.
pub trait Shop: Send + Sync {
    /// What was bought, as the store itself says.
    fn purchases<'a>(&'a self, receipt: &'a Receipt) -> Checking<'a, Vec<Purchase>>;

    /// What is subscribed to, as the store itself says.
    fn subscription<'a>(&'a self, receipt: &'a Receipt) -> Checking<'a, Subscription> {
        let _ = receipt;
        Box::pin(async { Err(ReceiptError::Malformed("this store has no subscriptions")) })
    }
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionPage {
    /// Newest first.
    pub subscriptions: Vec<KeptSubscription>,
    /// For the page after it, if there may be one.
    pub next: Option<String>,
    /// For the page before it, if there may be one.
    pub previous: Option<String>,
}

/// The use cases.
pub struct Receipts {
    core: Core,
    shops: BTreeMap<ShopName, Box<dyn Shop>>,
}

impl Receipts {
    /// Asks nobody yet.
    pub fn new(core: &Core, outside: &Shared, settings: ReceiptSettings) -> Self {
        let mut shops: BTreeMap<ShopName, Box<dyn Shop>> = BTreeMap::new();
        if let Some(apple) = settings.apple {
            let shop = apple::Apple::new(apple, outside.clone(), core.clock().clone());
            shops.insert(ShopName::Apple, Box::new(shop));
        }
        if let Some(google) = settings.google {
            let shop = google::Google::new(google, outside.clone(), core.clock().clone());
            shops.insert(ShopName::Google, Box::new(shop));
        }
        if let Some(huawei) = settings.huawei {
            let shop = huawei::Huawei::new(huawei, outside.clone(), core.clock().clone());
            shops.insert(ShopName::Huawei, Box::new(shop));
        }
        if let Some(secret) = settings.facebook_instant_secret {
            let shop = instant_games::InstantGames::new(secret);
            shops.insert(ShopName::FacebookInstant, Box::new(shop));
        }
        Self { core: core.clone(), shops }
    }

    /// Checks a receipt and keeps what it proves, if it is to be kept.
    pub async fn purchase(
        &self,
        user: UserId,
        shop: ShopName,
        receipt: &Receipt,
        persist: bool,
    ) -> Result<Vec<KeptPurchase>, ReceiptError> {
        let mut purchases = self.shop(shop, receipt)?.purchases(receipt).await?;
        purchases.truncate(TRANSACTIONS_MAX);
        if purchases.iter().any(|one| !sound(&one.transaction_id, &one.product_id)) {
            return Err(ReceiptError::Refused("the store names no transaction"));
        }
        for one in &mut purchases {
            shorten(&mut one.said);
        }
        let at_ms = self.core.now_ms();
        let keep = store::KeepPurchases { user, purchases, look_only: !persist, at_ms };
        match self.kept(keep, persist).await? {
            Keeping::Kept(kept) => Ok(kept),
            Keeping::Taken => Err(ReceiptError::Taken),
        }
    }

    /// Checks a subscription's receipt and keeps it up to date, if it is to be kept.
    pub async fn subscription(
        &self,
        user: UserId,
        shop: ShopName,
        receipt: &Receipt,
        persist: bool,
    ) -> Result<KeptSubscription, ReceiptError> {
        let mut subscription = self.shop(shop, receipt)?.subscription(receipt).await?;
        if !sound(&subscription.original_id, &subscription.product_id) {
            return Err(ReceiptError::Refused("the store names no transaction"));
        }
        shorten(&mut subscription.said);
        let at_ms = self.core.now_ms();
        let keep = store::KeepSubscription { user, subscription, look_only: !persist, at_ms };
        match self.kept(keep, persist).await? {
            Keeping::Kept(kept) => Ok(kept),
            Keeping::Taken => Err(ReceiptError::Taken),
        }
    }

    /// A user's subscription to a product.
    pub async fn subscription_to(
        &self,
        user: UserId,
        product: &str,
    ) -> Result<KeptSubscription, ReceiptError> {
        if product.is_empty() || product.len() > PRODUCT_BYTES_MAX || product.contains('\0') {
            return Err(ReceiptError::NotFound);
        }
        let get = store::SubscriptionGet { user, product_id: product.to_owned() };
        self.core.read(get).await?.ok_or(ReceiptError::NotFound)
    }

    /// A user's subscriptions, newest first.
    pub async fn subscriptions(
        &self,
        user: UserId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<SubscriptionPage, ReceiptError> {
        if !(1..=SUBSCRIPTIONS_MAX).contains(&limit) {
            return Err(ReceiptError::Malformed("limit must be from 1 to 100"));
        }
        let owner = user.to_bytes();
        let scope: [&[u8]; 2] = [b"subscriptions", &owner];
        let place = match cursor {
            Some(text) => {
                let held = cursor::open(&scope, text)?;
                Some(serde_json::from_slice::<(bool, (i64, u32, String))>(&held).map_err(|_| BadCursor)?)
            }
            None => None,
        };
        let resumed = place.is_some();
        let (back, from) = place.unwrap_or((false, (i64::MAX, u32::MAX, String::new())));
        // One more than asked for says whether the list goes on.
        let of = store::SubscriptionsOf { user, from, back, limit: limit + 1 };
        let mut found = self.core.read(of).await?;
        let more = found.len() > limit as usize;
        if more && back {
            found.remove(0);
        }
        found.truncate(limit as usize);
        let at = |kept: &KeptSubscription, back: bool| {
            let one = &kept.subscription;
            let place = (back, (one.purchased_ms, one.shop, &one.original_id));
            let held = serde_json::to_vec(&place).expect("a flag, numbers and a text");
            cursor::seal(&scope, &held)
        };
        let (goes_on, began_before) = if back { (true, more) } else { (more, resumed) };
        Ok(SubscriptionPage {
            next: found.last().filter(|_| goes_on).map(|last| at(last, false)),
            previous: found.first().filter(|_| began_before).map(|first| at(first, true)),
            subscriptions: found,
        })
    }

    fn shop(&self, name: ShopName, receipt: &Receipt) -> Result<&dyn Shop, ReceiptError> {
        let shop = self.shops.get(&name).ok_or(ReceiptError::NotConfigured(name.setting()))?;
        let bytes = receipt.text.len() + receipt.signature.len();
        match bytes {
            0 => Err(ReceiptError::Malformed("the receipt is missing")),
            bytes if bytes > RECEIPT_BYTES_MAX => Err(ReceiptError::Malformed("the receipt is too long")),
            _ => Ok(&**shop),
        }
    }

    /// What is only looked at needs no turn of the writer.
    async fn kept<O>(&self, keep: O, persist: bool) -> Result<O::Output, StoreError>
    where
        O: store::Operation + Sync,
        O::Output: serde::Serialize + serde::de::DeserializeOwned,
    {
        if persist { Ok(self.core.write(keep).await?.into_inner()) } else { self.core.read(keep).await }
    }
}

fn sound(transaction: &str, product: &str) -> bool {
    (1..=TRANSACTION_BYTES_MAX).contains(&transaction.len())
        && (1..=PRODUCT_BYTES_MAX).contains(&product.len())
        && !transaction.contains('\0')
        && !product.contains('\0')
}

/// A store's answer as far as it is kept.
fn shorten(said: &mut String) {
    if said.len() > SAID_BYTES_MAX {
        let end = (0..=SAID_BYTES_MAX).rev().find(|at| said.is_char_boundary(*at)).unwrap_or(0);
        said.truncate(end);
    }
    said.retain(|c| c != '\0');
}

/// A number that stores write as a number or as text.
fn number(value: &serde_json::Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
