//! What the guard reads from a request's head: where it comes from, which version it means to change, and the key under
//! which a repeated `POST` is recognised.

use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request};
use clinichub_core::{AppError, Grant, Origin, UnfinishedKey};
use http::{HeaderMap, Method, Uri, header};
use http_body_util::Limited;
use sha2::{Digest, Sha256};

use crate::layers::RequestInfo;
use crate::upload::MostBytes;
use crate::{MOST_BODY_BYTES, body};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Where the request comes from, before anything that can be wrong with it is read.
pub(crate) fn begin(request: &Request, action: &str) -> Origin {
    let info = request.extensions().get::<RequestInfo>();
    Origin {
        request_id: info.map(|info| info.request_id.to_string()).unwrap_or_default(),
        address: info.and_then(|info| info.address).map(|address| address.to_string()),
        action: action.to_owned(),
        ..Origin::default()
    }
}

/// Reads `If-Match` and `Idempotency-Key` into `origin` and bounds the body, to the size of a file where it is one. The body is read here
/// only where a key asks for its hash; a file is to be read as it comes, so that its key waits for [`finish_key`].
pub(crate) async fn complete(origin: &mut Origin, request: Request, upload: Option<usize>) -> Result<Request, AppError> {
    let is_change = matches!(*request.method(), Method::PUT | Method::PATCH | Method::DELETE);
    origin.if_match = if is_change { if_match(request.headers())? } else { None };
    let key = if request.method() == Method::POST { idempotency_key(request.headers())? } else { None };
    let request = bounded(request, upload.unwrap_or(MOST_BODY_BYTES))?;
    let Some(key) = key else { return Ok(request) };
    let head = head_of(request.method(), request.uri());
    if upload.is_some() {
        origin.unfinished_key = Some(UnfinishedKey { key, head: hex(&head.finalize()) });
        return Ok(request);
    }
    let (parts, content) = request.into_parts();
    let bytes = body::collect(content).await?;
    origin.idempotency = Some((key, hex(&head.chain_update(&bytes).finalize())));
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// What tells requests with the same body apart.
fn head_of(method: &Method, uri: &Uri) -> Sha256 {
    [method.as_str(), uri.path(), uri.query().unwrap_or_default()]
        .iter()
        .fold(Sha256::new(), |hash, part| hash.chain_update(part).chain_update([0]))
}

/// The grant for a request whose file was read to its end. The `Idempotency-Key` that came with it, if one did, is from here on that of this
/// request with these `contents`, in this order: a large one by its hash.
pub fn finish_key(grant: &Grant, contents: &[&[u8]]) -> Grant {
    grant.with_finished_key(|head| {
        let mut hash = Sha256::new_with_prefix(head);
        for part in contents {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hex(&hash.finalize())
    })
}

/// The limit holds whatever the handler reads the body with, and whatever `Content-Length` says.
fn bounded(mut request: Request, most: usize) -> Result<Request, AppError> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    if request.body().size_hint().lower() > most as u64 {
        return Err(AppError::TooLarge(most));
    }
    request.extensions_mut().insert(MostBytes(most));
    Ok(request.map(|body| Body::new(Limited::new(body, most))))
}

/// The one value of a header; more than one, and one that is no text, are an error.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        _ => Err(()),
    }
}

/// The versions that `If-Match` names: a list of entity tags (`"v3"`, `"3"`; RFC 9110 §13.1.1), or one version bare (`v3`, `3`). `*` asks
/// for no version: what is not there is a 404 whatever is asked (§13.2.1).
fn if_match(headers: &HeaderMap) -> Result<Option<Vec<i64>>, AppError> {
    let wrong = || AppError::field("If-Match", "If-Match: expected ETags of answers, such as \"v3\"");
    let lines: Result<Vec<_>, _> = headers.get_all(header::IF_MATCH).iter().map(http::HeaderValue::to_str).collect();
    let lines = lines.map_err(|_| wrong())?;
    if lines.is_empty() {
        return Ok(None);
    }
    let text = lines.join(",");
    match text.trim() {
        "*" => Ok(None),
        bare => version(bare).map(|version| vec![version]).or_else(|| versions(bare)).map(Some).ok_or_else(wrong),
    }
}

/// What an entity tag of ours says.
fn version(tag: &str) -> Option<i64> {
    let digits = tag.strip_prefix('v').unwrap_or(tag);
    let fits = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| fits)
}

/// The versions in a list of entity tags (RFC 9110 §8.8.3). A tag that is no version of ours matches nothing, and neither does a weak one:
/// `If-Match` compares strongly, and who can't tell two answers apart must not overwrite one of them.
fn versions(list: &str) -> Option<Vec<i64>> {
    let (mut rest, mut versions, mut has_tags) = (list, Vec::new(), false);
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return has_tags.then_some(versions);
        }
        let weak = rest.strip_prefix("W/");
        let (tag, after) = weak.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        if !tag.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        has_tags = true;
        versions.extend(version(tag).filter(|_| weak.is_none()));
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, AppError> {
    let wrong = || AppError::field("Idempotency-Key", "Idempotency-Key: expected 1 to 255 visible ASCII characters");
    let Some(key) = one(headers, IDEMPOTENCY_KEY).map_err(|()| wrong())? else { return Ok(None) };
    let visible = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if visible { Ok(Some(key.to_owned())) } else { Err(wrong()) }
}

/// The peer's address: the connection's or, behind a trusted proxy, the last hop that the proxy wrote down.
pub(crate) fn peer(request: &Request, trust_proxy: bool) -> Option<IpAddr> {
    let connected = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let forwarded = || {
        let hops = request.headers().get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        let hop = hops.rsplit(',').next()?.trim();
        hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip())).ok()
    };
    if trust_proxy { forwarded().or_else(connected) } else { connected() }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_version_is_read_in_every_way_it_is_written() {
        for text in ["\"v3\"", "v3", "3", "\"3\"", " \"v3\" ,"] {
            assert_eq!(if_match(&headers("if-match", &[text])).ok(), Some(Some(vec![3])), "{text}");
        }
        assert_eq!(if_match(&headers("if-match", &["*"])).ok(), Some(None));
        assert_eq!(if_match(&HeaderMap::new()).ok(), Some(None));
        for text in ["", ",", "v", "\"v3", "v3\"", "-3", "v-3", "3.0", "W/v", "W/v3", "1234567890123456789", "\"v 3\"", "\"v3\" \"v4\""] {
            assert!(if_match(&headers("if-match", &[text])).is_err(), "{text}");
        }
        for values in [&["v1", "v2"][..], &["v1, v2"], &["*, \"v1\""], &["*", "*"]] {
            assert!(if_match(&headers("if-match", values)).is_err(), "{values:?}");
        }
    }

    #[test]
    fn any_of_several_versions_will_do() {
        let named = |values: &[&'static str]| if_match(&headers("if-match", values)).ok().flatten();
        assert_eq!(named(&["\"v3\", \"v4\""]), Some(vec![3, 4]));
        assert_eq!(named(&["\"3\",,\"4\"", "\"v5\""]), Some(vec![3, 4, 5]), "several lines are one list");
        assert_eq!(named(&["W/\"v3\", \"v4\""]), Some(vec![4]), "a weak tag never matches");
        assert_eq!(named(&["W/\"v3\""]), Some(Vec::new()));
        assert_eq!(named(&["\"a,b\", \"\", \"v2\""]), Some(vec![2]), "a tag of somebody else's is a tag all the same");
    }

    #[test]
    fn a_key_is_visible_and_alone() {
        assert_eq!(idempotency_key(&headers("idempotency-key", &["a-1"])).ok(), Some(Some("a-1".to_owned())));
        for values in [&[""][..], &["a b"], &["a\tb"], &["a", "b"]] {
            assert!(idempotency_key(&headers("idempotency-key", values)).is_err(), "{values:?}");
        }
    }

    async fn read(key: &str, method: Method, uri: &'static str, body: &'static str, upload: Option<usize>) -> (Origin, usize) {
        let request = Request::builder().method(method).uri(uri).header(IDEMPOTENCY_KEY, key).body(Body::from(body)).expect("a request");
        let mut origin = Origin::default();
        let request = complete(&mut origin, request, upload).await.expect("it is good");
        (origin, body::collect(request.into_body()).await.expect("a body").len())
    }

    async fn key_of_file(uri: &'static str, body: &'static str) -> UnfinishedKey {
        let (origin, left) = read("k", Method::POST, uri, body, Some(1024)).await;
        assert_eq!((origin.idempotency, left), (None, body.len()), "the file is still to be read");
        origin.unfinished_key.expect("a key")
    }

    #[tokio::test]
    async fn the_key_of_a_file_knows_its_head_alone() {
        let first = key_of_file("/files?a=1", "one").await;
        assert_eq!((first.key.as_str(), first.head.len()), ("k", 64));
        assert_eq!(key_of_file("/files?a=1", "another").await, first);
        for uri in ["/files?a=2", "/files", "/other?a=1"] {
            assert_ne!(key_of_file(uri, "one").await.head, first.head, "{uri}");
        }
        let (origin, _) = read("k", Method::PUT, "/files?a=1", "one", Some(1024)).await;
        assert_eq!(origin, Origin::default(), "a key is for a POST");
        let (origin, left) = read("k", Method::POST, "/files?a=1", "one", None).await;
        assert!(origin.unfinished_key.is_none() && origin.idempotency.is_some_and(|(_, hash)| hash != first.head));
        assert_eq!(left, 3);
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "a test makes its own grants")]
    async fn contents_finish_the_key() {
        let grant = async |uri| {
            let (origin, _) = read("k", Method::POST, uri, "", Some(1024)).await;
            clinichub_core::Mint::public(origin, clinichub_core::UtcTime::from_micros(0))
        };
        let files = grant("/files").await;
        let hash = |grant: &Grant, contents: &[&str]| {
            let contents: Vec<&[u8]> = contents.iter().map(|part| part.as_bytes()).collect();
            let (key, hash) = finish_key(grant, &contents).origin().idempotency.clone().expect("a key");
            assert_eq!((key.as_str(), hash.len()), ("k", 64));
            hash
        };
        let first = hash(&files, &["ab", "c"]);
        assert_eq!(hash(&files, &["ab", "c"]), first);
        for other in [&["a", "bc"][..], &["abc"], &["c", "ab"], &["ab", "c", ""], &[]] {
            assert_ne!(hash(&files, other), first, "{other:?}");
        }
        assert_ne!(hash(&grant("/others").await, &["ab", "c"]), first);
        let keyless = clinichub_core::Mint::public(Origin::default(), files.at());
        assert_eq!(finish_key(&keyless, &[b"ab"]).origin(), keyless.origin());
    }

    #[test]
    fn only_a_trusted_proxy_names_the_peer() {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 5000))));
        request.headers_mut().append("x-forwarded-for", http::HeaderValue::from_static("198.51.100.9"));
        request.headers_mut().append("x-forwarded-for", http::HeaderValue::from_static("192.0.2.1, 203.0.113.7:443"));
        assert_eq!(peer(&request, false).map(|address| address.to_string()).as_deref(), Some("10.0.0.1"));
        assert_eq!(peer(&request, true).map(|address| address.to_string()).as_deref(), Some("203.0.113.7"));
        request.headers_mut().insert("x-forwarded-for", http::HeaderValue::from_static("unknown"));
        assert_eq!(peer(&request, true).map(|address| address.to_string()).as_deref(), Some("10.0.0.1"));
    }
}
