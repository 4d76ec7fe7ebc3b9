//! The API's description, generated from the routes: served as YAML and JSON, and the ground of the page at
//! `/docs/api/` and of the fuzzer. What every route has in common is added here, so that no route repeats it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::PartialSchema;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, PathItem, Ref, RefOr,
    Required, ResponseBuilder, Server, Tag, Type,
};
use wire::rest::ErrorBody;

use super::yaml;
use crate::house::House;

const BEARER: &str = "bearer";
const SERVER_KEY: &str = "server_key";
const HTTP_KEY: &str = "http_key";

/// What a part of the API is for, in the order of the page.
const TAGS: &[(&str, &str)] = &[
    ("session", "Logging in, refreshing and logging out."),
    ("account", "The own account and what is linked to it."),
    ("users", "Other players."),
    ("friends", "Friends, and whom one wants nothing to do with."),
    ("groups", "Groups and their members."),
    ("governance", "What groups decide by vote."),
    ("chat", "Messages of channels."),
    ("notifications", "News for the player."),
    ("storage", "Stored objects."),
    ("leaderboards", "Scores and ranks."),
    ("tournaments", "Leaderboards with a beginning and an end."),
    ("achievements", "What a player has achieved."),
    ("matches", "Matches, parties and the matchmaker."),
    ("receipts", "Purchases and subscriptions."),
    ("events", "What clients report."),
    ("rpc", "Functions of the game."),
    ("server", "Health and figures, for operators."),
];

/// `/openapi.json` and `/openapi.yaml`.
pub fn routes() -> Router<Arc<House>> {
    Router::new()
        .route("/openapi.json", get(async || text("application/json", &JSON)))
        .route("/openapi.yaml", get(async || text("application/yaml", &YAML)))
}

static JSON: LazyLock<String> =
    LazyLock::new(|| serde_json::to_string(&whole()).expect("a description is plain data"));
static YAML: LazyLock<String> = LazyLock::new(|| {
    let value = serde_json::to_value(whole()).expect("a description is plain data");
    yaml::write(&value)
});

fn text(kind: &'static str, body: &'static LazyLock<String>) -> Response {
    ([(header::CONTENT_TYPE, kind)], body.as_str()).into_response()
}

/// The description of all routes.
pub fn whole() -> OpenApi {
    let mut api = super::documented().into_openapi();
    api.info = InfoBuilder::new()
        .title("Longhouse")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The HTTP side of the client protocol. Sockets are at `/ws`. 64-bit integers are strings, times are \
             RFC 3339, and a field with its default value is left out. Any write takes an `Idempotency-Key`: sent \
             again under the same key, it happens once.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0 OR MIT").identifier(Some("Apache-2.0 OR MIT")).build()))
        .build();
    api.servers = Some(vec![Server::new("/")]);

    let components = api.components.get_or_insert_with(Components::new);
    components.schemas.insert("ErrorBody".into(), ErrorBody::schema());
    let http = |scheme| SecurityScheme::Http(Http::new(scheme));
    components.add_security_scheme(BEARER, http(HttpAuthScheme::Bearer));
    components.add_security_scheme(SERVER_KEY, http(HttpAuthScheme::Basic));
    components.add_security_scheme(
        HTTP_KEY,
        SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::with_description(
            "http_key",
            "For servers, not for players.",
        ))),
    );

    let mut seen = BTreeMap::<String, usize>::new();
    for (path, item) in &mut api.paths.paths {
        for (_, operation) in operations(item) {
            complete(path, operation);
            *seen.entry(operation.operation_id.clone().unwrap_or_default()).or_default() += 1;
        }
    }
    let mut used = Vec::new();
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            name(path, &method, operation, &seen);
            used.extend(operation.tags.iter().flatten().cloned());
        }
    }
    let known = |name: &String| TAGS.iter().position(|(tag, _)| tag == name).unwrap_or(TAGS.len());
    used.sort_by_key(|tag| (known(tag), tag.clone()));
    used.dedup();
    api.tags = Some(used.into_iter().map(tag).collect());
    api
}

fn tag(name: String) -> Tag {
    let about = TAGS.iter().find(|(tag, _)| *tag == name).map(|(_, about)| *about);
    let mut tag = Tag::new(name);
    tag.description = about.map(str::to_owned);
    tag
}

/// The operations of a path, with their methods.
pub fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Delete, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Adds what the route did not say of itself: its tag, who may call it, its path's parameters, its refusals.
fn complete(path: &str, operation: &mut Operation) {
    let stated = operation.tags.as_ref().is_some_and(|tags| tags.iter().any(|tag| !tag.is_empty()));
    if !stated {
        operation.tags = Some(vec![tag_of(path).into()]);
    }
    if operation.summary.is_none() {
        operation.summary = summary_of(path);
    }
    operation.security.get_or_insert_with(|| security_of(path));
    let there = operation.parameters.get_or_insert_default();
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        if !there.iter().any(|one| one.name == name && one.parameter_in == ParameterIn::Path) {
            let text = ObjectBuilder::new().schema_type(Type::String).build();
            let parameter = ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(text));
            there.push(parameter.build());
        }
    }
    let refusal = ResponseBuilder::new()
        .description("Refused: a gRPC code, and a message for a developer")
        .content(
            "application/json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build(),
        )
        .build();
    operation.responses.responses.insert("default".into(), RefOr::T(refusal));
}

/// Generated clients name their functions by these, so each is there once.
fn name(path: &str, method: &HttpMethod, operation: &mut Operation, seen: &BTreeMap<String, usize>) {
    let given = operation.operation_id.clone().unwrap_or_default();
    if !given.is_empty() && seen.get(&given) == Some(&1) {
        return;
    }
    let method = match method {
        HttpMethod::Get => "get",
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        _ => "delete",
    };
    let parts = path.split(['/', '{', '}', '-', '.']).filter(|part| !part.is_empty() && *part != "v2");
    operation.operation_id = Some(parts.fold(method.to_owned(), |name, part| format!("{name}_{part}")));
}

/// Ways to log in are many and alike.
fn summary_of(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/v2/account/")?;
    let (verb, way) = rest.split_once('/')?;
    Some(match verb {
        "authenticate" => format!("Logs in by {way}."),
        "link" => format!("Adds a way to log in: {way}."),
        "unlink" => format!("Takes a way to log in away: {way}."),
        _ => return None,
    })
}

fn tag_of(path: &str) -> &'static str {
    let mut parts = path.strip_prefix("/v2/").unwrap_or_default().split('/');
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("account", Some("authenticate" | "session")) | ("session", _) => "session",
        ("account", _) => "account",
        ("user", _) => "users",
        ("friend", _) => "friends",
        ("group", _) if path.contains("/proposal") || path.ends_with("/governance") => "governance",
        ("group", _) => "groups",
        ("channel", _) => "chat",
        ("notification", _) => "notifications",
        ("storage", _) => "storage",
        ("leaderboard", _) => "leaderboards",
        ("tournament", _) => "tournaments",
        ("match" | "party" | "matchmaker", _) => "matches",
        ("iap", _) => "receipts",
        ("event", _) => "events",
        ("rpc", _) => "rpc",
        _ => "server",
    }
}

/// Who may call: before a login the game's client, after it the player; named functions also servers.
fn security_of(path: &str) -> Vec<SecurityRequirement> {
    let one = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    if path.starts_with("/v2/account/authenticate/") || path == "/v2/account/session/refresh" {
        vec![one(SERVER_KEY)]
    } else if path.starts_with("/v2/rpc/") {
        vec![one(BEARER), one(HTTP_KEY)]
    } else if path.starts_with("/v2/") {
        vec![one(BEARER)]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// Every `$ref` below a value.
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    match (name.as_str(), inner) {
                        ("$ref", Value::String(target)) => {
                            found.insert(target.clone());
                        }
                        _ => references(inner, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_operation_is_whole() {
        let mut api = whole();
        let mut ids = BTreeSet::new();
        for (path, item) in &mut api.paths.paths {
            for (_, operation) in operations(item) {
                let id = operation.operation_id.clone().unwrap_or_default();
                assert!(ids.insert(id.clone()), "{path}: {id} is there twice");
                assert!(operation.summary.is_some(), "{path}: {id} does not say what it does");
                assert!(
                    operation
                        .responses
                        .responses
                        .keys()
                        .any(|status| status.starts_with('2') || status.starts_with('3')),
                    "{path}: {id} does not say how it answers"
                );
            }
        }
        assert!(!ids.is_empty());
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let api = serde_json::to_value(whole()).unwrap_or_default();
        let keys = &api["components"]["securitySchemes"];
        for operation in api["paths"].as_object().into_iter().flatten().flat_map(|(_, item)| item.as_object())
        {
            let named = operation.values().flat_map(|one| one["security"].as_array()).flatten();
            for name in named.filter_map(Value::as_object).flat_map(|one| one.keys()) {
                assert!(keys.get(name).is_some(), "no key is called {name}");
            }
        }
        let mut found = BTreeSet::new();
        references(&api, &mut found);
        assert!(found.contains("#/components/schemas/ErrorBody"));
        for target in found {
            let pointer = target.strip_prefix('#').unwrap_or_default();
            assert!(api.pointer(pointer).is_some(), "{target} leads nowhere");
        }
    }

    #[test]
    fn who_may_call() {
        let check = |path: &str, names: &[&str]| {
            let found = serde_json::to_value(security_of(path)).unwrap_or_default();
            let expected: Vec<Value> = names.iter().map(|name| serde_json::json!({ *name: [] })).collect();
            assert_eq!(found, Value::Array(expected), "{path}");
        };
        check("/v2/account/authenticate/device", &[SERVER_KEY]);
        check("/v2/account/session/refresh", &[SERVER_KEY]);
        check("/v2/account", &[BEARER]);
        check("/v2/rpc/{id}", &[BEARER, HTTP_KEY]);
        check("/readyz", &[]);
    }
}
