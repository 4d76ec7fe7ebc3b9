//! Prints the configuration in force as TOML that could be read back, but for the secrets.

use std::fmt::Write;

use figment::value::{Dict, Num, Value};

use super::{Keys, Loaded};

/// The values in force, secrets masked, with where each came from.
pub fn show(loaded: &Loaded) -> String {
    let values = Value::serialize(&loaded.config).expect("the configuration is plain texts and numbers");
    let mut out = String::new();
    table(loaded, "", values.as_dict().expect("a struct is a table"), &mut out);
    out
}

/// Writes one table: its own values first, then the tables in it, as TOML needs.
fn table(loaded: &Loaded, path: &str, dict: &Dict, out: &mut String) {
    let dotted = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, value) in dict {
        let key = dotted(name);
        let Some(text) = text(loaded, &key, value) else { continue };
        let origin = loaded.origins.iter().find(|(known, _)| *known == key);
        let origin = origin.map_or("default", |(_, origin)| origin);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:<46} # {origin}", format!("{name} = {text}"));
    }
    for (name, value) in dict {
        if let Value::Dict(_, inner) = value {
            let key = dotted(name);
            if inner.values().any(|value| !matches!(value, Value::Dict(..))) {
                let _ = writeln!(out, "\n[{key}]");
            }
            table(loaded, &key, inner, out);
        }
    }
}

/// A value as TOML writes it; `None` for what is not set, and for tables.
fn text(loaded: &Loaded, key: &str, value: &Value) -> Option<String> {
    let known = Keys::default();
    let mut secrets = loaded.config.keys.named().into_iter().zip(known.named());
    if let Some(((_, set), (_, known))) = secrets.find(|((name, _), _)| *name == key) {
        return Some(quoted(if set == known { "**** (the default that everybody knows)" } else { "****" }));
    }
    match value {
        Value::String(_, text) if is_secret(key) => Some(quoted(if text.is_empty() { "" } else { "****" })),
        Value::String(_, text) => Some(quoted(text)),
        Value::Bool(_, yes) => Some(yes.to_string()),
        Value::Num(_, number) => Some(number_text(*number)),
        _ => None,
    }
}

/// Secrets of services of others; they are named so.
fn is_secret(key: &str) -> bool {
    key.ends_with("_secret") || matches!(key, "login.steam_key" | "keys.personal_old" | "agents.key")
}

fn number_text(number: Num) -> String {
    match (number.to_u128(), number.to_i128()) {
        (Some(number), _) => number.to_string(),
        (None, Some(number)) => number.to_string(),
        (None, None) => number.to_f64().unwrap_or_default().to_string(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
