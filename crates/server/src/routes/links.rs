//! Linking and unlinking what the house itself checks: devices, e-mail addresses, ids of the studio's own. What others
//! vouch for is in `identity`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{AccountCustom, AccountDevice, AccountEmail, ErrorBody};

use super::done;
use crate::house::House;
use crate::http::{Bearer, Fault, body};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(link_device))
        .routes(routes!(link_email))
        .routes(routes!(link_custom))
        .routes(routes!(unlink_device))
        .routes(routes!(unlink_email))
        .routes(routes!(unlink_custom))
}

/// Links a device.
#[utoipa::path(
    post,
    path = "/v2/account/link/device",
    tag = "account",
    request_body = AccountDevice,
    responses((status = 200, description = "Linked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn link_device(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountDevice { id, .. } = body(&house, sent).await?;
    house.services.accounts.link_device(holder.user, id).await?;
    Ok(done())
}

/// Links an e-mail address with a password, or gives the linked one a new password.
#[utoipa::path(
    post,
    path = "/v2/account/link/email",
    tag = "account",
    request_body = AccountEmail,
    responses((status = 200, description = "Linked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn link_email(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountEmail { email, password, .. } = body(&house, sent).await?;
    house.services.accounts.link_email(holder.user, &email, password).await?;
    Ok(done())
}

/// Links an id of the studio's own.
#[utoipa::path(
    post,
    path = "/v2/account/link/custom",
    tag = "account",
    request_body = AccountCustom,
    responses((status = 200, description = "Linked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn link_custom(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountCustom { id, .. } = body(&house, sent).await?;
    match house.services.identity.vouch_custom(&id).await {
        Some(vouched) => house.services.identity.link_person(holder.user, vouched?).await?,
        None => house.services.accounts.link_custom(holder.user, id).await?,
    }
    Ok(done())
}

/// Unlinks a device. The last way to log in stays.
#[utoipa::path(
    post,
    path = "/v2/account/unlink/device",
    tag = "account",
    request_body = AccountDevice,
    responses((status = 200, description = "Unlinked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn unlink_device(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountDevice { id, .. } = body(&house, sent).await?;
    house.services.accounts.unlink_device(holder.user, id).await?;
    Ok(done())
}

/// Unlinks the e-mail address. The last way to log in stays.
#[utoipa::path(
    post,
    path = "/v2/account/unlink/email",
    tag = "account",
    request_body = AccountEmail,
    responses((status = 200, description = "Unlinked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn unlink_email(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    // What is sent says which, and there is only one.
    let AccountEmail { .. } = body(&house, sent).await?;
    house.services.accounts.unlink_email(holder.user).await?;
    Ok(done())
}

/// Unlinks an id of the studio's own. The last way to log in stays.
#[utoipa::path(
    post,
    path = "/v2/account/unlink/custom",
    tag = "account",
    request_body = AccountCustom,
    responses((status = 200, description = "Unlinked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn unlink_custom(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let AccountCustom { id, .. } = body(&house, sent).await?;
    if let Some(vouched) = house.services.identity.vouch_custom(&id).await {
        let vouched = vouched?;
        let (provider, subject) = (vouched.provider, Some(vouched.subject));
        house.services.accounts.unlink_external(holder.user, provider, subject).await?;
        return Ok(done());
    }
    let id = Some(id).filter(|id| !id.is_empty());
    house.services.accounts.unlink_custom(holder.user, id).await?;
    Ok(done())
}
