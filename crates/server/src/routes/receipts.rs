//! Purchases and subscriptions, proven by receipts of the stores.

use std::sync::Arc;

use app::receipts::{Receipt, ReceiptError, SUBSCRIPTIONS_DEFAULT, SUBSCRIPTIONS_MAX, ShopName};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use store::{KeptPurchase, KeptSubscription, UserId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{
    Code, ErrorBody, ListSubscriptionsRequest, SubscriptionList, ValidatePurchaseApple,
    ValidatePurchaseFacebookInstant, ValidatePurchaseGoogle, ValidatePurchaseHuawei,
    ValidatePurchaseResponse, ValidateSubscriptionApple, ValidateSubscriptionGoogle,
    ValidateSubscriptionResponse, ValidatedPurchase, ValidatedSubscription,
};
use wire::time::rfc3339;

use super::json;
use crate::house::House;
use crate::http::{Bearer, Fault, body};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(purchase_apple))
        .routes(routes!(purchase_google))
        .routes(routes!(purchase_huawei))
        .routes(routes!(purchase_facebook_instant))
        .routes(routes!(subscription_apple))
        .routes(routes!(subscription_google))
        .routes(routes!(subscriptions))
        .routes(routes!(subscription))
}

/// Checks a purchase in Apple's store.
#[utoipa::path(
    post,
    path = "/v2/iap/purchase/apple",
    tag = "receipts",
    request_body = ValidatePurchaseApple,
    responses((status = 200, body = ValidatePurchaseResponse), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn purchase_apple(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let ValidatePurchaseApple { receipt, persist } = body(&house, sent).await?;
    purchase(&house, holder.user, ShopName::Apple, plain(receipt), persist).await
}

/// Checks a purchase in Google Play.
#[utoipa::path(
    post,
    path = "/v2/iap/purchase/google",
    tag = "receipts",
    request_body = ValidatePurchaseGoogle,
    responses((status = 200, body = ValidatePurchaseResponse), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn purchase_google(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let ValidatePurchaseGoogle { purchase: receipt, persist } = body(&house, sent).await?;
    purchase(&house, holder.user, ShopName::Google, plain(receipt), persist).await
}

/// Checks a purchase in Huawei's AppGallery.
#[utoipa::path(
    post,
    path = "/v2/iap/purchase/huawei",
    tag = "receipts",
    request_body = ValidatePurchaseHuawei,
    responses((status = 200, body = ValidatePurchaseResponse), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn purchase_huawei(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let ValidatePurchaseHuawei { purchase: text, signature, persist } = body(&house, sent).await?;
    purchase(&house, holder.user, ShopName::Huawei, Receipt { text, signature }, persist).await
}

/// Checks a purchase in Facebook Instant Games.
#[utoipa::path(
    post,
    path = "/v2/iap/purchase/facebookinstant",
    tag = "receipts",
    request_body = ValidatePurchaseFacebookInstant,
    responses((status = 200, body = ValidatePurchaseResponse), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn purchase_facebook_instant(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let ValidatePurchaseFacebookInstant { signed_request, persist } = body(&house, sent).await?;
    purchase(&house, holder.user, ShopName::FacebookInstant, plain(signed_request), persist).await
}

/// Checks a subscription in Apple's store.
#[utoipa::path(
    post,
    path = "/v2/iap/subscription/apple",
    tag = "receipts",
    request_body = ValidateSubscriptionApple,
    responses((status = 200, body = ValidateSubscriptionResponse), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn subscription_apple(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let ValidateSubscriptionApple { receipt, persist } = body(&house, sent).await?;
    validate_subscription(&house, holder.user, ShopName::Apple, receipt, persist).await
}

/// Checks a subscription in Google Play.
#[utoipa::path(
    post,
    path = "/v2/iap/subscription/google",
    tag = "receipts",
    request_body = ValidateSubscriptionGoogle,
    responses((status = 200, body = ValidateSubscriptionResponse), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn subscription_google(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let ValidateSubscriptionGoogle { receipt, persist } = body(&house, sent).await?;
    validate_subscription(&house, holder.user, ShopName::Google, receipt, persist).await
}

/// Lists the user's subscriptions, newest first.
#[utoipa::path(
    post,
    path = "/v2/iap/subscription",
    tag = "receipts",
    request_body = ListSubscriptionsRequest,
    responses((status = 200, body = SubscriptionList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn subscriptions(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let ListSubscriptionsRequest { limit, cursor } = body(&house, sent).await?;
    let limit = match limit {
        // Clients that leave the field out send its zero.
        None | Some(0) => SUBSCRIPTIONS_DEFAULT,
        Some(limit) => u32::try_from(limit)
            .ok()
            .filter(|limit| *limit <= SUBSCRIPTIONS_MAX)
            .ok_or_else(|| Fault::invalid(format!("limit must be from 1 to {SUBSCRIPTIONS_MAX}")))?,
    };
    let cursor = Some(cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = house.services.receipts.subscriptions(holder.user, limit, cursor).await?;
    let now_ms = house.clock.now_ms();
    let shaped = page.subscriptions.into_iter().map(|kept| subscription_shape(holder.user, kept, now_ms));
    Ok(json(&SubscriptionList {
        validated_subscriptions: shaped.collect(),
        cursor: page.next.unwrap_or_default(),
        prev_cursor: page.previous.unwrap_or_default(),
    }))
}

/// The user's subscription to a product.
#[utoipa::path(
    get,
    path = "/v2/iap/subscription/{product_id}",
    tag = "receipts",
    params(("product_id" = String, Path, description = "The product in its store")),
    responses((status = 200, body = ValidatedSubscription), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn subscription(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(product): Path<String>,
) -> Result<Response, Fault> {
    let kept = house.services.receipts.subscription_to(holder.user, &product).await?;
    Ok(json(&subscription_shape(holder.user, kept, house.clock.now_ms())))
}

async fn purchase(
    house: &House,
    user: UserId,
    shop: ShopName,
    receipt: Receipt,
    persist: Option<bool>,
) -> Result<Response, Fault> {
    let kept = house.services.receipts.purchase(user, shop, &receipt, persist.unwrap_or(true)).await?;
    let shaped = kept.into_iter().map(|kept| purchase_shape(user, kept));
    Ok(json(&ValidatePurchaseResponse { validated_purchases: shaped.collect() }))
}

async fn validate_subscription(
    house: &House,
    user: UserId,
    shop: ShopName,
    receipt: String,
    persist: Option<bool>,
) -> Result<Response, Fault> {
    let receipt = plain(receipt);
    let kept = house.services.receipts.subscription(user, shop, &receipt, persist.unwrap_or(true)).await?;
    let shaped = subscription_shape(user, kept, house.clock.now_ms());
    Ok(json(&ValidateSubscriptionResponse { validated_subscription: Some(shaped) }))
}

fn plain(text: String) -> Receipt {
    Receipt { text, signature: String::new() }
}

/// Numbers of stores and environments are small.
fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or_default()
}

fn purchase_shape(user: UserId, kept: KeptPurchase) -> ValidatedPurchase {
    let KeptPurchase { purchase, seen_before, created_ms, updated_ms } = kept;
    ValidatedPurchase {
        user_id: user.to_string(),
        product_id: purchase.product_id,
        transaction_id: purchase.transaction_id,
        store: small(purchase.shop),
        purchase_time: rfc3339(purchase.purchased_ms),
        create_time: rfc3339(created_ms),
        update_time: rfc3339(updated_ms),
        refund_time: purchase.refunded_ms.map(rfc3339).unwrap_or_default(),
        provider_response: purchase.said,
        environment: small(purchase.environment),
        seen_before,
    }
}

fn subscription_shape(user: UserId, kept: KeptSubscription, now_ms: i64) -> ValidatedSubscription {
    let KeptSubscription { subscription, created_ms, updated_ms } = kept;
    ValidatedSubscription {
        user_id: user.to_string(),
        product_id: subscription.product_id,
        original_transaction_id: subscription.original_id,
        store: small(subscription.shop),
        purchase_time: rfc3339(subscription.purchased_ms),
        create_time: rfc3339(created_ms),
        update_time: rfc3339(updated_ms),
        environment: small(subscription.environment),
        expiry_time: rfc3339(subscription.expires_ms),
        refund_time: subscription.refunded_ms.map(rfc3339).unwrap_or_default(),
        provider_response: subscription.said,
        provider_notification: String::new(),
        active: subscription.expires_ms > now_ms && subscription.refunded_ms.is_none(),
    }
}

impl From<ReceiptError> for Fault {
    fn from(error: ReceiptError) -> Self {
        let code = match error {
            ReceiptError::NotConfigured(_) | ReceiptError::Refused(_) | ReceiptError::Taken => {
                Code::FailedPrecondition
            }
            ReceiptError::Malformed(_) | ReceiptError::Cursor(_) => Code::InvalidArgument,
            ReceiptError::NotFound => Code::NotFound,
            ReceiptError::Outside(error) => {
                tracing::warn!(%error, "a store gives no answer about a receipt");
                return Fault::new(Code::Unavailable, "the store gives no answer, try again later");
            }
            ReceiptError::Store(error) => return error.into(),
        };
        Fault::new(code, error.to_string())
    }
}
