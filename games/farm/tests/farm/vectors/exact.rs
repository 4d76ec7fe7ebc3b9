//! A farm's state as exact JSON.

use farm::{Content, State};
use num_bigint::BigUint;
use serde_json::{Map, Value, json};

pub fn exact(content: &Content, state: &State) -> Map<String, Value> {
    let wools = || content.wools.iter().map(|w| w.title.id.clone());
    let buildings = || content.buildings.iter().map(|b| b.title.id.clone());
    let upgrades = content.upgrades.iter().map(|u| u.title.id.clone());
    let wishes = content.wishes.iter().map(|w| w.title.id.clone());
    let amounts = |list: &[BigUint]| -> Value { wools().zip(list).map(|(id, n)| (id, text(n))).collect() };
    let counts = |list: &[u32]| list.iter().copied().map(Value::from).collect::<Vec<_>>();
    let (holdings, rates) = (&state.holdings, &state.rates);
    let stocks = holdings.wools.iter().map(|stock| {
        let (amount, earned) = (text(&stock.amount), text(&stock.earned));
        json!({"amount": amount, "earned": earned})
    });
    let away = state.away.as_ref().map(|away| {
        let (from_ms, to_ms, paid_ms) = (away.from_ms, away.to_ms, away.paid_ms);
        json!({"from_ms": from_ms, "to_ms": to_ms, "paid_ms": paid_ms, "earned": amounts(&away.earned)})
    });
    let devices = state.devices.iter();
    let devices = devices.map(|(id, d)| (id.to_string(), json!({"last_n": d.last_n, "refused": d.refused})));
    let pending: Vec<_> = state.pending.values().map(|p| &p.keepsake).collect();
    let State { opened_ms, run_ms, settled_ms, lit_ms, works_until_ms, hands_free_ms, .. } = *state;
    let Value::Object(exact) = json!({
        "opened_ms": opened_ms,
        "run_ms": run_ms,
        "settled_ms": settled_ms,
        "lit_ms": lit_ms,
        "works_until_ms": works_until_ms,
        "hands_free_ms": hands_free_ms,
        "present": state.present,
        "wools": wools().zip(stocks).collect::<Value>(),
        "buildings": buildings().zip(counts(&holdings.counts)).collect::<Value>(),
        "upgrades": upgrades.zip(counts(&holdings.levels)).collect::<Value>(),
        "wishes": wishes.zip(counts(&holdings.wishes)).collect::<Value>(),
        "stars": text(&holdings.stars),
        "spent": text(&holdings.spent),
        "prestiges": holdings.prestiges,
        "shears": holdings.shears,
        "weaves": holdings.weaves,
        "returns": state.returns,
        "returned": state.returned,
        "imported": state.imported,
        "keepsakes": holdings.keepsakes,
        "pending": pending,
        "away": away,
        "week": {"index": state.week(), "earned": text(&state.week_earned)},
        "devices": devices.collect::<Value>(),
        "rates": {
            "wools": amounts(&rates.wools),
            "buildings": buildings().zip(rates.buildings.iter().map(text)).collect::<Value>(),
            "shear": text(&rates.shear),
            "worth": text(&rates.worth),
            "away_ms": rates.away_ms,
            "until_ms": rates.until_ms,
        },
        "gain": text(&state.gain(content, settled_ms)),
    }) else {
        unreachable!("an object was written above")
    };
    exact
}

fn text(number: &BigUint) -> Value {
    Value::String(number.to_string())
}
