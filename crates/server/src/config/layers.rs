//! Reads the layers and lays them over each other.

use std::ffi::OsString;
use std::path::PathBuf;

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Tag, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

use super::{Config, check};

/// Variables begin with this.
const PREFIX: &str = "LONGHOUSE_";
/// The one variable that is no key: where the file is.
const FILE: &str = "LONGHOUSE_CONFIG";

/// Where the layers come from. Given in, so that tests need no process of their own.
#[derive(Default, Debug)]
pub struct Sources {
    /// `--config`; otherwise the variable `LONGHOUSE_CONFIG` names the file, if it is set.
    pub file: Option<PathBuf>,
    /// All environment variables; those of others are passed over.
    pub variables: Vec<(OsString, OsString)>,
    /// Flags as dotted keys with their text and the flag's own name.
    pub flags: Vec<(String, String, String)>,
}

/// The configuration in force.
#[derive(Debug)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// Where each value that is not a default came from, by dotted key.
    pub origins: Vec<(String, String)>,
}

/// What is wrong with a configuration: every fault that was found, each a sentence that names its key.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used:\n{}", .0.iter().map(|fault| format!("  - {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// Lays the layers over each other and checks the result.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut faults = Vec::new();
    let known = keys();
    let mut figment = Figment::from(Serialized::defaults(Config::default()));

    let variable = sources.variables.iter().find(|(name, _)| name == FILE);
    let file = sources.file.clone().or_else(|| variable.map(|(_, path)| PathBuf::from(path)));
    if let Some(path) = file {
        match std::fs::metadata(&path) {
            Ok(meta) if meta.is_file() => figment = figment.merge(Toml::file_exact(&path)),
            Ok(_) => faults.push(format!("the configuration file {} is not a file", path.display())),
            Err(error) => {
                faults.push(format!("the configuration file {} cannot be read: {error}", path.display()))
            }
        }
    }
    for (name, text) in &sources.variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX) && *name != FILE) else {
            continue;
        };
        let origin = format!("the variable {name}");
        let Some(text) = text.to_str() else {
            faults.push(format!("{origin} is not valid UTF-8"));
            continue;
        };
        match key_of_variable(&known, name) {
            Some((key, kind)) => match Layer::new(key, kind, text, origin) {
                Ok(layer) => figment = figment.merge(layer),
                Err(fault) => faults.push(fault),
            },
            None => {
                faults.push(format!("{origin} is not a known key{}", nearest(&known, &name[PREFIX.len()..])))
            }
        }
    }
    for (key, text, flag) in &sources.flags {
        let origin = format!("the flag {flag}");
        match known.iter().find(|(known, _)| known == key).map(|(_, kind)| *kind).or_else(|| free_key(key)) {
            Some(kind) => match Layer::new(key.clone(), kind, text, origin) {
                Ok(layer) => figment = figment.merge(layer),
                Err(fault) => faults.push(fault),
            },
            None => faults.push(format!("{key} ({origin}) is not a known key{}", nearest(&known, key))),
        }
    }

    match figment.extract::<Config>() {
        Ok(config) => {
            let origins = known.iter().map(|(key, _)| key.clone()).chain(free_keys(&config));
            let origins: Vec<_> =
                origins.filter_map(|key| Some((key.clone(), origin(&figment, &key)?))).collect();
            for (key, fault) in check::faults(&config) {
                let from = origins.iter().find(|(known, _)| *known == key);
                faults.push(match from {
                    Some((_, origin)) => format!("{fault} (set in {origin})"),
                    None => fault,
                });
            }
            if faults.is_empty() { Ok(Loaded { config, origins }) } else { Err(ConfigError(faults)) }
        }
        Err(errors) => {
            faults.extend(errors.into_iter().map(|error| sentence(&known, error)));
            Err(ConfigError(faults))
        }
    }
}

/// What a value's text is read as.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Text,
    Number,
    Truth,
}

/// Every fixed key, dotted, as the defaults have it.
fn keys() -> Vec<(String, Kind)> {
    fn walk(prefix: &str, dict: &Dict, keys: &mut Vec<(String, Kind)>) {
        for (name, value) in dict {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                Value::Dict(_, inner) => walk(&key, inner, keys),
                Value::Num(..) => keys.push((key, Kind::Number)),
                Value::Bool(..) => keys.push((key, Kind::Truth)),
                _ => keys.push((key, Kind::Text)),
            }
        }
    }
    let mut keys = Vec::new();
    let defaults = Value::serialize(Config::default()).expect("the defaults are plain texts and numbers");
    walk("", defaults.as_dict().expect("a struct is a table"), &mut keys);
    keys
}

/// Keys with a free part: `games.<name>.content` and all of `identity.<name>`.
fn free_key(key: &str) -> Option<Kind> {
    if let Some(rest) = key.strip_prefix("identity.") {
        let (name, field) = rest.split_once('.')?;
        return issuer_keys()
            .into_iter()
            .find(|(key, _)| key == field && !name.is_empty())
            .map(|(_, kind)| kind);
    }
    let name = key.strip_prefix("games.")?.strip_suffix(".content")?;
    (!name.is_empty() && !name.contains('.')).then_some(Kind::Text)
}

fn free_keys(config: &Config) -> impl Iterator<Item = String> {
    let games = config.games.keys().map(|name| format!("games.{name}.content"));
    let issuers = config.identity.keys();
    let issuers = issuers
        .flat_map(|name| issuer_keys().into_iter().map(move |(key, _)| format!("identity.{name}.{key}")));
    games.chain(issuers)
}

/// What can be set about one issuer.
fn issuer_keys() -> Vec<(String, Kind)> {
    let defaults =
        Value::serialize(super::Issuer::default()).expect("the defaults are plain texts and numbers");
    let fields = defaults.into_dict().expect("a struct is a table").into_iter();
    fields
        .map(|(key, value)| (key, if matches!(value, Value::Num(..)) { Kind::Number } else { Kind::Text }))
        .collect()
}

fn key_of_variable(known: &[(String, Kind)], name: &str) -> Option<(String, Kind)> {
    let name = name.strip_prefix(PREFIX)?;
    let fixed = known.iter().find(|(key, _)| key.replace('.', "_").eq_ignore_ascii_case(name)).cloned();
    fixed.or_else(|| key_of_issuer(name)).or_else(|| {
        let game = name.strip_prefix("GAMES_")?.strip_suffix("_CONTENT")?;
        (!game.is_empty()).then(|| (format!("games.{}.content", game.to_ascii_lowercase()), Kind::Text))
    })
}

/// `IDENTITY_<NAME>_<FIELD>`; a name with a dash is written with an underscore.
fn key_of_issuer(name: &str) -> Option<(String, Kind)> {
    let rest = name.strip_prefix("IDENTITY_")?.to_ascii_lowercase();
    issuer_keys().into_iter().find_map(|(key, kind)| {
        let name = rest.strip_suffix(&key)?.strip_suffix('_').filter(|name| !name.is_empty())?;
        Some((format!("identity.{}.{key}", name.replace('_', "-")), kind))
    })
}

fn origin(figment: &Figment, key: &str) -> Option<String> {
    let metadata = figment.find_metadata(key)?;
    if metadata.name.contains("Config") {
        return None;
    }
    Some(place(metadata))
}

fn place(metadata: &Metadata) -> String {
    match metadata.source.as_ref().and_then(|source| source.file_path()) {
        Some(path) => format!("the file {}", path.display()),
        None => metadata.name.to_string(),
    }
}

/// One of figment's errors as a sentence that names the key, the place and what is allowed.
fn sentence(known: &[(String, Kind)], error: Error) -> String {
    let place =
        error.metadata.as_ref().map(|metadata| format!(" in {}", place(metadata))).unwrap_or_default();
    let path = error.path.join(".");
    match &error.kind {
        figment::error::Kind::UnknownField(field, allowed) => {
            // The path ends with the unknown key itself or with the table that holds it, by where serde noticed.
            let key = match path.as_str() {
                "" => field.clone(),
                path if path == field || path.ends_with(&format!(".{field}")) => path.to_owned(),
                path => format!("{path}.{field}"),
            };
            let here = allowed.join(", ");
            format!("{key} is not a known key{place}{}; known here: {here}", nearest(known, &key))
        }
        figment::error::Kind::InvalidType(found, wanted) => {
            format!("{path}{place} is {found}, but must be {wanted}")
        }
        figment::error::Kind::UnknownVariant(found, allowed) => {
            format!("{path}{place} is \"{found}\", but must be one of: {}", allowed.join(", "))
        }
        other if path.is_empty() => format!("{other}{place}"),
        other => format!("{path}{place}: {other}"),
    }
}

/// A guess at what was meant, if one key has the same last part or nearly the same letters.
fn nearest(known: &[(String, Kind)], wrong: &str) -> String {
    let wrong = wrong.to_ascii_lowercase().replace('.', "_");
    let near = known.iter().map(|(key, _)| (distance(&key.replace('.', "_"), &wrong), key)).min();
    match near {
        Some((steps, key)) if steps <= 3 => format!(" (did you mean {key}?)"),
        _ => String::new(),
    }
}

/// Letters to insert, drop or change to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// One key from a variable or a flag.
struct Layer {
    key: String,
    value: Value,
    origin: String,
}

impl Layer {
    fn new(key: String, kind: Kind, text: &str, origin: String) -> Result<Self, String> {
        let value = match kind {
            Kind::Text => Value::from(text),
            Kind::Truth => match text.trim() {
                "true" => Value::from(true),
                "false" => Value::from(false),
                _ => return Err(format!("{key} is \"{text}\", but must be true or false (set in {origin})")),
            },
            Kind::Number => match text.trim().replace('_', "").parse::<u64>() {
                Ok(number) => Value::from(number),
                Err(_) => {
                    return Err(format!("{key} is \"{text}\", but must be a whole number (set in {origin})"));
                }
            },
        };
        Ok(Self { key, value, origin })
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut parts = self.key.rsplit('.');
        let last = parts.next().unwrap_or_default().to_owned();
        let mut dict = Dict::from([(last, self.value.clone())]);
        for part in parts {
            dict = Dict::from([(part.to_owned(), Value::Dict(Tag::Default, dict))]);
        }
        Ok(Map::from([(Profile::Default, dict)]))
    }
}
