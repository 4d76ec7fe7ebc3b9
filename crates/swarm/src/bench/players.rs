//! Gets players to their places: logged in, connected, joined.

use crate::client::{Http, Joined, Keys, Login, Socket};
use crate::dice::Dice;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::TcpStream;
use wire::envelope::Format;

/// Accounts of the measured room.
pub const LEDGER_ACCOUNTS: u32 = 1_000;
/// Coins of each: more than any run moves.
const LEDGER_BALANCE: u64 = 1_000_000_000_000;

/// Someone who is logged in and knows the own id.
pub struct Player {
    /// For the `Authorization` header.
    pub bearer: String,
    /// Its id.
    pub user: String,
}

impl Player {
    /// Logs a device in.
    pub async fn log_in(http: &mut Http, keys: &Keys, device: &str) -> Result<Self> {
        let login = Login::device(http, keys, device).await?;
        let user = login.account(http).await?.user.context("an account without a user")?.id;
        Ok(Player { bearer: login.bearer, user })
    }
}

/// Opens a ledger room as a user of its own.
pub async fn open_ledger(target: &Target, keys: &Keys, run: &str) -> Result<String> {
    let mut http = Http::connect(target).await?;
    let login = Login::device(&mut http, keys, &format!("swarm-{run}-host")).await?;
    let setup = json!({ "accounts": LEDGER_ACCOUNTS, "balance": LEDGER_BALANCE });
    login.room(&mut http, "room_open", "ledger", setup).await
}

/// Logs this many players in, connects them, and joins them to one room. With each connection come the bytes that
/// were read and not understood.
pub async fn seat(
    target: &Target,
    keys: &Keys,
    run: &str,
    match_id: &str,
    count: usize,
    format: Format,
) -> Result<Vec<(TcpStream, Vec<u8>)>> {
    let progress = Progress::new("players take their seats", count as u64);
    let mut http = Http::connect(target).await?;
    let mut dice = Dice::new(Dice::seed_of_now());
    let mut seated = Vec::with_capacity(count);
    for index in 0..count {
        let login = Login::device(&mut http, keys, &format!("swarm-{run}-{index:06}")).await?;
        let own = Dice::new(dice.number());
        let mut socket = Socket::open(target, &login.token, format, None, own)
            .await
            .with_context(|| format!("player {index}"))?;
        match socket.join(match_id, BTreeMap::new()).await? {
            Joined::In => {}
            Joined::Refused(code, why) => bail!("player {index} may not join: {why} (code {code})"),
        }
        seated.push(socket);
        progress.step();
    }
    progress.done();
    seated.into_iter().map(Socket::into_parts).collect()
}
