//! What the server has at the end, asked for as any client would.

use super::bot::{LLAMA, Stage, device};
use super::judge::{Evidence, Farm, Home, Player};
use crate::client::{ANSWER_MS_MAX, Heard, Http, Joined, Login, Socket};
use crate::dice::Dice;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;
use wire::envelope::Format;
use wire::payload::{Payload, View};

/// The currency that ledgers move.
const CURRENCY: &str = "coins";

/// Asks for every ledger, wallet and farm.
pub async fn gather(target: &Target, stage: &Stage, players: &[Player]) -> Result<Evidence> {
    let mut evidence = Evidence::default();
    let mut http = Http::connect(target).await?;
    let host = Login::device(&mut http, &stage.keys, &device(&stage.run, players.len())).await?;
    for match_id in &stage.ledgers {
        evidence
            .ledgers
            .push(with_view(target, &host, match_id, |view| Ok((view.seq, balances(view.body)?))).await?);
    }
    for match_id in &stage.wars {
        evidence.wars.push(with_view(target, &host, match_id, |view| Ok(view.seq)).await?);
    }
    for (index, player) in players.iter().enumerate() {
        let login = Login::device(&mut http, &stage.keys, &device(&stage.run, index)).await?;
        match player.home {
            Home::Ledger { .. } => {
                let account = login.account(&mut http).await?;
                evidence.wallets.insert(index, coins(&account.wallet)?);
            }
            Home::Farm => {
                let match_id = login.room(&mut http, "room_mine", "farm", json!({})).await?;
                let farm = with_view(target, &login, &match_id, farm).await?;
                evidence.farms.insert(index, farm);
            }
            Home::War { .. } => {}
        }
    }
    Ok(evidence)
}

/// Joins a room and reads the view that comes with it.
async fn with_view<T>(
    target: &Target,
    login: &Login,
    match_id: &str,
    read: impl Fn(&View<'_>) -> Result<T>,
) -> Result<T> {
    let mut socket = Socket::open(target, &login.token, Format::Protobuf, None, Dice::new(1)).await?;
    if let Joined::Refused(code, why) = socket.join(match_id, BTreeMap::new()).await? {
        bail!("{match_id} may not be joined: {why} (code {code})");
    }
    let looking = async {
        loop {
            if let Heard::Data(data) = socket.next().await?
                && let Payload::View(view) = Payload::decode(&data)?
            {
                return read(&view);
            }
        }
    };
    timeout(Duration::from_millis(ANSWER_MS_MAX), looking)
        .await
        .with_context(|| format!("no view of {match_id}"))?
}

/// A ledger's view: the total, the number of balances, the balances.
fn balances(body: &[u8]) -> Result<Vec<u64>> {
    let (_total, rest) = body.split_first_chunk::<8>().context("a ledger's view is too short")?;
    let (count, rest) = rest.split_first_chunk::<4>().context("a ledger's view is too short")?;
    let (balances, more) = rest.as_chunks::<8>();
    if balances.len() != u32::from_le_bytes(*count) as usize || !more.is_empty() {
        bail!("a ledger's view has {} balances and says {}", balances.len(), u32::from_le_bytes(*count));
    }
    Ok(balances.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect())
}

/// A wallet's coins: amounts are numbers or strings.
fn coins(wallet: &str) -> Result<i128> {
    if wallet.is_empty() {
        return Ok(0);
    }
    let wallet: BTreeMap<String, Value> = serde_json::from_str(wallet).context("the wallet")?;
    match wallet.get(CURRENCY) {
        None => Ok(0),
        Some(Value::String(text)) => Ok(text.parse()?),
        Some(Value::Number(number)) => number.as_i64().map(i128::from).context("coins are an integer"),
        Some(other) => bail!("coins are {other}"),
    }
}

fn farm(view: &View<'_>) -> Result<Farm> {
    let body: Value = rmp_serde::from_slice(view.body).context("a farm's view")?;
    let number =
        |path: &str| body.pointer(path).and_then(Value::as_u64).with_context(|| format!("no {path}"));
    Ok(Farm {
        newest: view.seq,
        shears: number("/farm/stats/shears")?,
        llamas: number(&format!("/farm/buildings/{LLAMA}/count"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallets() {
        let check = |text: &str, expected: Option<i128>| assert_eq!(coins(text).ok(), expected, "{text}");
        check("", Some(0));
        check("{}", Some(0));
        check(r#"{"coins":5,"gems":1}"#, Some(5));
        check(r#"{"coins":"-5"}"#, Some(-5));
        check(r#"{"coins":null}"#, None);
        check("[]", None);
    }

    #[test]
    fn ledger_views() {
        let mut body = [9u64.to_le_bytes().as_slice(), &2u32.to_le_bytes(), &4u64.to_le_bytes()].concat();
        assert!(balances(&body).is_err());
        body.extend_from_slice(&5u64.to_le_bytes());
        assert_eq!(balances(&body).unwrap(), vec![4, 5]);
        body.push(0);
        assert!(balances(&body).is_err());
    }
}
