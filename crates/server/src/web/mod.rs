//! The web app's files, embedded in the program: which one answers a path, and with what headers.
//!
//! Never a file that isn't part of the web app, never anything about a person, and no compressing while somebody waits.

mod negotiate;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use rust_embed::{EmbeddedFile, RustEmbed};

use self::negotiate::{Coding, accepts_html, codings, is_fresh, takes_html};
use crate::terminal::hex;

/// What the web app may do: run its own scripts and talk to its own server. The component library writes its variables into a
/// `<style>`, hence inline styles; inline scripts stay forbidden. A frame holds nothing but a document that the app fetched itself (`blob:`).
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; \
     connect-src 'self'; media-src 'self' blob:; frame-src blob:; worker-src 'self'; manifest-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// What is the API's or operations', whether or not there is a route for it.
const NOT_OURS: [&str; 6] = ["/api", "/dicomweb", "/docs", "/healthz", "/readyz", "/metrics"];

/// Files with a hash of their content in the name.
const HASHED: &str = "assets/";

const INDEX: &str = "index.html";

/// In a development build these are read from the folder when they are asked for.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Files;

/// The file at this path, or the page that shows it: the screens have paths of their own, which only the browser knows.
pub fn page(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    if !is_ours(method, uri) {
        return None;
    }
    let name = uri.path().trim_start_matches('/');
    if let Some(found) = find(name, headers) {
        return Some(answer(method, name, found, headers));
    }
    let is_page = is_visit(method, uri, headers) || (is_ours(method, uri) && is_screen(uri.path()) && takes_html(headers));
    let found = is_page.then(|| find(INDEX, headers))??;
    Some(answer(method, INDEX, found, headers))
}

/// Whether somebody goes to a screen with a browser.
pub fn is_visit(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    is_ours(method, uri) && accepts_html(headers) && !uri.path().trim_start_matches('/').starts_with(HASHED)
}

/// Whether this can be the path of a screen. Scripts and pictures are asked for by `*/*`, too: one that is gone is no page.
fn is_screen(path: &str) -> bool {
    !path.trim_start_matches('/').starts_with(HASHED) && !path.rsplit('/').next().unwrap_or_default().contains('.')
}

fn is_ours(method: &Method, uri: &Uri) -> bool {
    matches!(*method, Method::GET | Method::HEAD) && !NOT_OURS.iter().any(|prefix| is_under(uri.path(), prefix))
}

fn is_under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A file as it is sent.
struct Found {
    file: EmbeddedFile,
    coding: Coding,
}

/// The smallest form of a file that the client understands. The compressed forms themselves have no address.
fn find(name: &str, headers: &HeaderMap) -> Option<Found> {
    let plain = Files::get(name).filter(|_| Coding::of_name(name) == Coding::Plain)?;
    let packed = codings(headers).find_map(|coding| Some(Found { file: Files::get(&coding.name_of(name))?, coding }));
    Some(packed.unwrap_or(Found { file: plain, coding: Coding::Plain }))
}

fn answer(method: &Method, name: &str, found: Found, headers: &HeaderMap) -> Response {
    let Found { file, coding } = found;
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let is_fresh = is_fresh(headers, &etag);
    let body = if is_fresh || *method == Method::HEAD { Body::empty() } else { Body::from(file.data.clone()) };
    let mut response = Response::new(body);
    let set = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        set.insert(header::ETAG, etag);
    }
    let caching = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    set.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    set.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    if is_fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    set.insert(header::CONTENT_LENGTH, HeaderValue::from(file.data.len()));
    if let Some(coding) = coding.header() {
        set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
