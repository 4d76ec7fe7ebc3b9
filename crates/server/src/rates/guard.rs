//! Which rate a request falls under, and what a failed login leads to.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::Query;
use axum::http::{Method, Request, Response, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::{Buckets, Class, Rates, TooMuch, address, now_ns};
use crate::house::House;
use crate::http::{bearer, bytes};

const LOGIN: &str = "/v2/account/authenticate/";
const LOGIN_EMAIL: &str = "/v2/account/authenticate/email";
const REFRESH: &str = "/v2/account/session/refresh";
const RPC: &str = "/v2/rpc/";

/// What a failure of this request counts against: nothing, unless it is a login.
///
/// The address is locked after far fewer failures than the account is, so that nobody who has one address can lock
/// somebody else out.
pub struct Stake {
    home: Option<u64>,
    account: Option<u64>,
}

impl Stake {
    /// Of a request that is no login.
    pub const NONE: Stake = Stake { home: None, account: None };

    /// Counts a login that was refused. Another kind of failure is nobody's guess.
    pub fn settle(self, house: &House, status: StatusCode) {
        let failed =
            matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        let Rates { failures, account_failures, .. } = &house.rates;
        for (failures, key) in [(failures, self.home), (account_failures, self.account)] {
            if let (true, Some(failures), Some(key)) = (failed, failures, key) {
                // The last failure that was allowed may fall together with another one: then both have counted.
                let _ = failures.take(key, now_ns(&*house.clock));
            }
        }
    }
}

/// Lets a request in, or gives the answer that refuses it. A session that was checked on the way goes along with it.
pub async fn admit(
    house: &House,
    client: IpAddr,
    mut request: Request<Body>,
) -> Result<(Request<Body>, Stake), Response<Body>> {
    let rates = &house.rates;
    let now = now_ns(&*house.clock);
    let home = rates.key(address::household(client));
    let refused = |much: TooMuch| much.response();
    let path = request.uri().path();
    if path.starts_with(LOGIN) || path == REFRESH {
        rates.take(Class::Login, home, now).map_err(refused)?;
        unlocked(rates, &rates.failures, home, now).map_err(refused)?;
        let mut stake = Stake { home: Some(home), account: None };
        if path == LOGIN_EMAIL {
            (request, stake.account) = account_of(house, request).await?;
            if let Some(account) = stake.account {
                unlocked(rates, &rates.account_failures, account, now).map_err(refused)?;
            }
        }
        return Ok((request, stake));
    }
    let holder = bearer(request.headers()).and_then(|token| house.services.accounts.holder(token).ok());
    let Some(holder) = holder else {
        rates.take(Class::Address, home, now).map_err(refused)?;
        return Ok((request, Stake::NONE));
    };
    let class = match *request.method() {
        _ if path.starts_with(RPC) => Class::Rpc,
        Method::GET | Method::HEAD => Class::Read,
        _ => Class::Write,
    };
    rates.take(class, rates.key(holder.user.0), now).map_err(refused)?;
    request.extensions_mut().insert(holder);
    Ok((request, Stake::NONE))
}

/// Lets a request for a socket in. Its token is checked by whoever makes the socket.
pub fn admit_socket(house: &House, client: IpAddr) -> Result<(), TooMuch> {
    let key = house.rates.key(address::household(client));
    house.rates.take(Class::Address, key, now_ns(&*house.clock))
}

/// Are there failures left for this key?
fn unlocked(rates: &Rates, failures: &Option<Buckets>, key: u64, now_ns: u64) -> Result<(), TooMuch> {
    let Some(failures) = failures else { return Ok(()) };
    failures.look(key, now_ns).map_err(|wait| rates.refuse(Class::Locked, wait))
}

/// The account that a login with a password names, by its address or without one by its username, whether there is one
/// or not: guesses from many addresses count together. What cannot be read is refused by the route.
async fn account_of(
    house: &House,
    request: Request<Body>,
) -> Result<(Request<Body>, Option<u64>), Response<Body>> {
    #[derive(Deserialize)]
    struct Named {
        email: Option<String>,
    }
    #[derive(Deserialize)]
    struct Ask {
        username: Option<String>,
    }

    let (parts, body) = request.into_parts();
    let body = bytes(house, body).await.map_err(IntoResponse::into_response)?;
    let email = wire::objects::from_slice::<Named>(&body).ok().and_then(|named| named.email);
    let name = || Query::<Ask>::try_from_uri(&parts.uri).ok().and_then(|Query(ask)| ask.username);
    let account = match email.filter(|email| !email.is_empty()) {
        Some(email) => Some(house.rates.key(("email", email.to_lowercase()))),
        None => name().map(|name| house.rates.key(("username", name.to_lowercase()))),
    };
    Ok((Request::from_parts(parts, Body::from(body)), account))
}
