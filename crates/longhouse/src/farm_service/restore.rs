//! `farm_restore`: takes a farm back to a restore point by a logged rewind, and says what that undoes: what the farm has
//! before and after, what goes back in the wallet, and what its ranks become. With `dry_run` it only says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::leaderboards::{Ask, BoardError, Listed};
use app::rooms::{Looked, Viewer};
use app::rpc::{Call, RpcError, payload};
use app::services::Services;
use farm::magnitude;
use kernel::{RoomId, Seq};
use num_bigint::BigUint;
use serde::Deserialize;
use serde_json::{Value, json};
use store::UserId;

use super::boards::{STARS, WEEKLY, week_at};
use super::caller::About;
use super::points::label;
use super::purse;
use super::room::Farms;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    seq: Place,
    #[serde(default)]
    dry_run: bool,
    user_id: Option<String>,
}

/// A place in the log: as text, like all sequence numbers outside, or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Place {
    Text(String),
    Number(u64),
}

impl Place {
    fn read(self) -> Result<Seq, RpcError> {
        match self {
            Place::Number(seq) => Ok(Seq(seq)),
            Place::Text(text) => text
                .parse()
                .map(Seq)
                .map_err(|_| RpcError::Invalid("\"seq\" must be a sequence number as text".into())),
        }
    }
}

/// The caller's farm, or the one that an operator names, back to one of its points.
pub async fn restore(farms: Arc<Farms>, call: Call) -> Result<String, RpcError> {
    let Wanted { seq, dry_run, user_id } = payload(&call)?;
    let about = About::of(&call.caller, user_id.as_deref())?;
    let (services, owner, to) = (&farms.services, about.owner, seq.read()?);
    if !about.operator {
        farms.restores.take(&**services.core.clock(), owner)?;
    }
    let farm = farms.find(owner).await?;
    if !services.rooms.points(farm).await?.iter().any(|point| point.seq == to) {
        return Err(RpcError::Missing("this farm has no such restore point".into()));
    }
    let before = farms.look(farm, None, Viewer::User(owner)).await?;
    let after = farms.look(farm, Some(to), Viewer::User(owner)).await?;
    let mut undone = purse::undone(services, owner, farm, (before.0.seq, to)).await?;
    if !about.operator {
        purse::check(services, owner, &undone.sums).await?;
    }
    let ranks = ranks(services, owner, &after.1["farm"]).await?;
    let mut wallet = undone.sums.clone();
    if !dry_run {
        let rewound = services.rooms.rewind(farm, to).await?;
        // Once more, with what happened while we looked. If it fails, the same restore can be asked for again.
        let head = Seq(rewound.seq.0.saturating_sub(1));
        undone = purse::undone(services, owner, farm, (head, to)).await?;
        wallet = purse::settle(services, owner, farm, &undone, (rewound.seq, to)).await?;
        report(&farms, owner, farm).await?;
        tracing::info!(
            by = about.by(), %owner, %farm, to = %to, seq = %rewound.seq, ?wallet,
            "a farm was taken back to a restore point"
        );
    }
    let standing = undone.standing.iter().map(|entry| {
        json!({
            "seq": entry.key.seq.to_string(),
            "currency": entry.currency,
            "amount": entry.amount.to_string(),
        })
    });
    let wallet: BTreeMap<_, _> =
        wallet.iter().map(|(currency, amount)| (currency, amount.to_string())).collect();
    Ok(json!({
        "before": shape(&before),
        "after": shape(&after),
        "standing": standing.collect::<Vec<_>>(),
        "wallet": wallet,
        "ranks": ranks,
    })
    .to_string())
}

/// Has the farm say anew what it is worth: its ranks follow within a moment.
async fn report(farms: &Farms, owner: UserId, farm: RoomId) -> Result<(), RpcError> {
    farms.command(owner, farm, &json!({ "do": "report" })).await.map(drop)
}

fn shape((looked, view): &(Looked, Value)) -> Value {
    let measures: BTreeMap<_, _> =
        looked.measures.iter().map(|(name, value)| (name, value.to_string())).collect();
    json!({ "seq": looked.seq.to_string(), "label": label(&looked.label), "measures": measures, "farm": view["farm"] })
}

/// What stands on the boards, and what will after the restore.
async fn ranks(services: &Services, owner: UserId, farm: &Value) -> Result<Value, RpcError> {
    let ask = || Ask { owners: vec![owner], ..Ask::default() };
    let stars = standing(services.leaderboards.list(STARS, ask()).await)?;
    let weekly = standing(services.tournaments.records(WEEKLY, ask()).await)?;
    let this_week = week_at(services.core.now_ms());
    let stars_after = farm["prestige"]["stars"].as_str().map(str::to_owned);
    let weekly_after = Some(&farm["week"]).filter(|week| week["index"].as_i64() == Some(this_week));
    let weekly_after = weekly_after.and_then(|week| week["worth"].as_str()?.parse::<BigUint>().ok());
    let weekly_after = weekly_after.map(|worth| magnitude(&worth).to_string());
    Ok(json!([
        { "board": STARS, "before": stars, "after": stars_after },
        { "board": WEEKLY, "before": weekly, "after": weekly_after },
    ]))
}

/// The owner's score on a board, if there is one.
fn standing(listed: Result<Listed, BoardError>) -> Result<Option<String>, RpcError> {
    match listed {
        Ok(listed) => Ok(listed.owner_records.first().map(|record| record.score.to_string())),
        Err(BoardError::NotFound | BoardError::NoTournament) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
