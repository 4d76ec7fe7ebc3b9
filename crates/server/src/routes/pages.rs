//! The pages, from inside the binary: the landing page at `/`, the games at `/farm/` and `/sovereign/`, the documents at
//! `/docs/`.
//!
//! A debug build reads them from `web/dist` at each request, so that a rebuilt page shows without a rebuilt server.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use wire::rest::Code;

use crate::config::DEFAULT_SERVER_KEY;
use crate::house::House;
use crate::http::Fault;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Dist;

/// Pages load what they need from here, talk to this server, and are shown in nobody's frame. Styles are also set by
/// scripts, element by element.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; \
    manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// For files whose name holds a hash of what is in them.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For all others: ask each time whether they changed.
const ASK_AGAIN: &str = "no-cache";

pub fn routes() -> Router<Arc<House>> {
    let mut routes = Router::new();
    // Fixed templates, so that the figures tell the pages apart.
    for path in [
        "/",
        "/farm",
        "/farm/",
        "/farm/{*path}",
        "/sovereign",
        "/sovereign/",
        "/docs",
        "/docs/",
        "/docs/{*path}",
        "/assets/{*path}",
    ] {
        routes = routes.route(path, get(page));
    }
    routes
}

/// Any other path: a file of the pages, or nothing. What programs ask for is answered in the protocol's shape.
pub async fn fallback(
    State(house): State<Arc<House>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    let asked_by_program = uri.path().starts_with("/v2/") || !matches!(method, Method::GET | Method::HEAD);
    if asked_by_program {
        return Fault::new(Code::NotFound, "there is no such route").into_response();
    }
    page(State(house), uri, headers).await
}

async fn page(State(house): State<Arc<House>>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let path = uri.path().trim_start_matches('/');
    let name =
        if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    let key = house.config.keys.server_key.reveal();
    if let Some(response) = with_key(&name, key).or_else(|| file(&name, &headers)) {
        return response;
    }
    // A folder asked for without its slash: relative links need it.
    if !path.is_empty() && Dist::get(&format!("{path}/index.html")).is_some() {
        let place = HeaderValue::try_from(format!("/{path}/")).unwrap_or(HeaderValue::from_static("/"));
        return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, place)]).into_response();
    }
    if Dist::get("index.html").is_none()
        && ["", "farm", "sovereign", "docs"].contains(&path.split('/').next().unwrap_or(""))
    {
        let text = "The pages were not built into this server. `make build` builds both.\n";
        return plain(StatusCode::NOT_FOUND, text);
    }
    let wants_page =
        headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    if wants_page { plain(StatusCode::NOT_FOUND, "There is no such page.\n") } else { no_route() }
}

fn no_route() -> Response<Body> {
    Fault::new(Code::NotFound, "there is no such route").into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response();
    secure(response.headers_mut());
    response
}

/// A file, compressed beforehand if there is such a twin and the client takes it.
fn file(name: &str, asked: &HeaderMap) -> Option<Response<Body>> {
    let plain = Dist::get(name)?;
    let takes = |coding: &str| {
        let values = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        values
            .flat_map(|value| value.split(','))
            .any(|part| part.split(';').next().unwrap_or("").trim() == coding)
    };
    let twin = |coding: &'static str, ending: &str| {
        takes(coding)
            .then(|| Dist::get(&format!("{name}{ending}")))
            .flatten()
            .map(|file| (file, Some(coding)))
    };
    let (file, coding) = twin("br", ".br").or_else(|| twin("gzip", ".gz")).unwrap_or((plain, None));

    let tag = tag(&file);
    let known = asked.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let unchanged = known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag));
    let cache = if is_hashed(name) { FOR_EVER } else { ASK_AGAIN };
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = match file.data {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        };
        let mut response = Response::new(body);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        if let Some(coding) = coding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    secure(headers);
    Some(response)
}

/// A page that logs in, under another server key than the one that it was built with. That key is no secret: every
/// client carries it.
fn with_key(name: &str, key: &str) -> Option<Response<Body>> {
    if key == DEFAULT_SERVER_KEY || !name.ends_with(".html") {
        return None;
    }
    let page = String::from_utf8(Dist::get(name)?.data.into_owned()).ok()?;
    let built = format!("name=\"server-key\" content=\"{DEFAULT_SERVER_KEY}\"");
    let (before, after) = page.split_once(&built)?;
    let key = key.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let page = format!("{before}name=\"server-key\" content=\"{key}\"{after}");
    let mut response = Response::new(Body::from(page));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(ASK_AGAIN));
    secure(headers);
    Some(response)
}

fn tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn secure(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers
        .insert("permissions-policy", HeaderValue::from_static("camera=(), microphone=(), geolocation=()"));
}

/// Is there a hash in the name, as the bundler writes it: `name-<8 letters>.ending` in a folder `assets`?
fn is_hashed(name: &str) -> bool {
    let Some((folder, file)) = name.rsplit_once('/') else { return false };
    let stem = file.split('.').next().unwrap_or_default();
    let hash = stem.len().checked_sub(9).and_then(|at| stem.get(at..));
    let in_assets = folder == "assets" || folder.ends_with("/assets");
    in_assets
        && hash.is_some_and(|hash| {
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            hash.starts_with('-') && hash.bytes().skip(1).all(letter)
        })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::is_hashed;

    #[test]
    fn names_with_hashes() {
        let check = |name: &str, hashed: bool| assert_eq!(is_hashed(name), hashed, "{name}");
        check("assets/index-B1ckq_x9.js", true);
        check("farm/assets/index-B1ckq_x9.css", true);
        check("assets/x-a-b_c-d1.woff2", true);
        check("index.html", false);
        check("farm/index.html", false);
        check("assets/llama.png", false);
        check("docs/some-longname.html", false);
    }
}
