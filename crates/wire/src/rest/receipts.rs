//! Purchases and subscriptions, proven by receipts of the stores.

use crate::json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `/v2/iap/purchase/apple`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidatePurchaseApple {
    /// The receipt, as base64.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub receipt: String,
    /// Whether the purchase is kept; absent is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist: Option<bool>,
}

/// Body of `/v2/iap/purchase/google`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidatePurchaseGoogle {
    /// The purchase, as JSON text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub purchase: String,
    /// Whether the purchase is kept; absent is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist: Option<bool>,
}

/// Body of `/v2/iap/purchase/huawei`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidatePurchaseHuawei {
    /// The purchase, as JSON text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub purchase: String,
    /// Its signature, as base64.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub signature: String,
    /// Whether the purchase is kept; absent is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist: Option<bool>,
}

/// Body of `/v2/iap/purchase/facebookinstant`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidatePurchaseFacebookInstant {
    /// What Facebook signed about the purchase.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub signed_request: String,
    /// Whether the purchase is kept; absent is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist: Option<bool>,
}

/// Answer to a purchase's receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidatePurchaseResponse {
    /// What the receipt proves.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub validated_purchases: Vec<ValidatedPurchase>,
}

/// A purchase that a store confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidatedPurchase {
    /// Who bought.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id: String,
    /// What was bought.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub product_id: String,
    /// The store's number for it.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub transaction_id: String,
    /// A [`StoreProvider`] as its number.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub store: i32,
    /// When it was bought.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub purchase_time: String,
    /// When it was first seen here.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub create_time: String,
    /// When it last changed here.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub update_time: String,
    /// When it was given back, if it was.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub refund_time: String,
    /// What the store said, as JSON text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub provider_response: String,
    /// A [`StoreEnvironment`] as its number.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub environment: i32,
    /// True if it was proven before.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub seen_before: bool,
}

/// Body of `/v2/iap/subscription/apple`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidateSubscriptionApple {
    /// The receipt, as base64.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub receipt: String,
    /// Whether the subscription is kept; absent is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist: Option<bool>,
}

/// Body of `/v2/iap/subscription/google`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidateSubscriptionGoogle {
    /// The purchase, as JSON text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub receipt: String,
    /// Whether the subscription is kept; absent is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist: Option<bool>,
}

/// Answer to a subscription's receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidateSubscriptionResponse {
    /// What the receipt proves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validated_subscription: Option<ValidatedSubscription>,
}

/// A subscription that a store confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ValidatedSubscription {
    /// Who bought.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub user_id: String,
    /// What was bought.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub product_id: String,
    /// The store's number for its first purchase.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub original_transaction_id: String,
    /// A [`StoreProvider`] as its number.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub store: i32,
    /// When it was last bought or renewed.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub purchase_time: String,
    /// When it was first seen here.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub create_time: String,
    /// When it last changed here.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub update_time: String,
    /// A [`StoreEnvironment`] as its number.
    #[serde(deserialize_with = "json::int32::deserialize", skip_serializing_if = "json::is_default")]
    pub environment: i32,
    /// When it ends.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub expiry_time: String,
    /// When it was given back, if it was.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    #[schema(format = DateTime)]
    pub refund_time: String,
    /// What the store said, as JSON text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub provider_response: String,
    /// What the store told of itself last, as JSON text.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub provider_notification: String,
    /// True until it ends.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub active: bool,
}

/// Body of a list of the own subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ListSubscriptionsRequest {
    /// Most in one answer.
    #[serde(deserialize_with = "json::int32::deserialize_option", skip_serializing_if = "Option::is_none")]
    pub limit: Option<i32>,
    /// Where to go on.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
}

/// Answer of `/v2/iap/subscription`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionList {
    /// Up to the limit asked for.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "Vec::is_empty")]
    pub validated_subscriptions: Vec<ValidatedSubscription>,
    /// Where the next page begins; absent at the end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub cursor: String,
    /// Where the page before begins; absent at the beginning.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub prev_cursor: String,
}

/// The numbers of `store`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum StoreProvider {
    /// Apple.
    AppleAppStore = 0,
    /// Google.
    GooglePlayStore = 1,
    /// Huawei.
    HuaweiAppGallery = 2,
    /// Facebook.
    FacebookInstantStore = 3,
}

/// The numbers of `environment`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum StoreEnvironment {
    /// The store did not say.
    Unknown = 0,
    /// For tests: nothing was paid.
    Sandbox = 1,
    /// Real.
    Production = 2,
}
