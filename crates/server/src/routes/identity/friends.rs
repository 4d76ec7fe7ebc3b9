//! `/v2/friend/facebook` and `/v2/friend/steam`: friends there become friends here, as far as they play here.

use std::sync::Arc;

use app::identity::{Platform, Proof};
use app::tokens::Holder;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{AccountFacebook, AccountSteam, ErrorBody};

use super::login::yes;
use super::proofs::Brings;
use crate::house::House;
use crate::http::{Ask, Bearer, Fault, body};
use crate::routes::done;

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(facebook)).routes(routes!(steam))
}

/// What an import may say in its query.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct ImportQuery {
    /// Friends who are not friends there are friends no longer; absent is no.
    #[param(value_type = Option<bool>)]
    reset: String,
}

/// Makes friends of those who are friends at Facebook.
#[utoipa::path(
    post,
    path = "/v2/friend/facebook",
    operation_id = "friends_import_facebook",
    tag = "friends",
    params(ImportQuery),
    request_body = AccountFacebook,
    responses((status = 200, description = "Imported"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn facebook(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<ImportQuery>,
    sent: Body,
) -> Result<Response, Fault> {
    import_from(&house, &holder, body::<AccountFacebook>(&house, sent).await?, &query).await
}

/// Makes friends of those who are friends at Steam.
#[utoipa::path(
    post,
    path = "/v2/friend/steam",
    operation_id = "friends_import_steam",
    tag = "friends",
    params(ImportQuery),
    request_body = AccountSteam,
    responses((status = 200, description = "Imported"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn steam(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<ImportQuery>,
    sent: Body,
) -> Result<Response, Fault> {
    import_from(&house, &holder, body::<AccountSteam>(&house, sent).await?, &query).await
}

async fn import_from<B: Brings>(
    house: &House,
    holder: &Holder,
    brought: B,
    query: &ImportQuery,
) -> Result<Response, Fault> {
    let reset = yes("reset", &query.reset)?.unwrap_or(false);
    import(house, holder, B::PLATFORM, &brought.brings().0, reset).await?;
    Ok(done())
}

async fn import(
    house: &House,
    holder: &Holder,
    platform: Platform,
    proof: &Proof,
    reset: bool,
) -> Result<(), Fault> {
    let friends = house.services.identity.friends(platform, proof).await?;
    house.services.friends.import(holder.user, &holder.username, friends, reset).await?;
    Ok(())
}

/// As a part of a login or a link: where it fails, those stand all the same.
pub(super) async fn sync(house: &House, holder: &Holder, platform: Platform, proof: &Proof) {
    if let Err(fault) = import(house, holder, platform, proof, false).await {
        tracing::warn!(platform = platform.name(), why = fault.message(), "friends were not imported");
    }
}
