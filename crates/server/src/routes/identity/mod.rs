//! Logins that somebody else vouches for: the client protocol's routes for platforms, and the login of pages.

mod faults;
mod friends;
mod login;
mod pages;
mod proofs;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::house::House;

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().merge(login::routes()).merge(friends::routes()).merge(pages::routes())
}
