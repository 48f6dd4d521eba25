//! Files on their way out: the whole, a part (RFC 9110, 14), or word that nothing has changed.

use std::ops::Range;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use clinichub_core::AppError;
use futures_util::Stream;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{ApiError, Problem};

/// Which part of a file is asked for, and what of it the client has.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    range: Option<String>,
    if_range: Option<String>,
    if_none_match: Option<String>,
}

/// A file that is handed out.
#[derive(Debug, Clone)]
pub struct Download {
    /// What it is called; people's own words.
    pub name: String,
    /// Its media type.
    pub mime: &'static str,
    /// In bytes.
    pub size: u64,
    /// What its contents are told by, the same for the same contents.
    pub tag: String,
    /// Whether a browser may show it; else it is kept as a file.
    pub is_inline: bool,
}

/// What is to be answered.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Some(Range<u64>),
    Unchanged,
    Outside,
}

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::of(&parts.headers))
    }
}

impl Wanted {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        Self { range: text(header::RANGE), if_range: text(header::IF_RANGE), if_none_match: text(header::IF_NONE_MATCH) }
    }

    fn part(&self, size: u64, tag: &str) -> Part {
        let names = |tags: &str| tags.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*");
        if self.if_none_match.as_deref().is_some_and(names) {
            return Part::Unchanged;
        }
        if self.if_range.as_deref().is_some_and(|wanted| wanted.trim() != tag) {
            return Part::Whole;
        }
        // What is no range of bytes, and several of them, are passed over as the standard allows.
        self.range.as_deref().and_then(|range| parsed(range, size)).unwrap_or(Part::Whole)
    }
}

fn parsed(range: &str, size: u64) -> Option<Part> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number =
        |text: &str| (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u64>().unwrap_or(u64::MAX));
    let part = match (first.trim(), last.trim()) {
        ("", last) => match number(last)? {
            0 => return Some(Part::Outside),
            count => size.saturating_sub(count)..size,
        },
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if part.start >= size { Part::Outside } else { Part::Some(part) })
}

impl Download {
    /// The answer. `open` gives the bytes of a range; what it can't give at all is an error, what fails later breaks the connection off.
    pub async fn answer<F, Fut, S, E>(self, wanted: &Wanted, open: F) -> Result<Response, ApiError>
    where
        F: FnOnce(Range<u64>) -> Fut,
        Fut: Future<Output = Result<S, AppError>>,
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        let tag = format!("\"{}\"", self.tag);
        let (status, range) = match wanted.part(self.size, &tag) {
            Part::Unchanged => return Ok(unchanged(&tag)),
            Part::Outside => return Ok(self.outside()),
            Part::Whole => (StatusCode::OK, 0..self.size),
            Part::Some(range) => (StatusCode::PARTIAL_CONTENT, range),
        };
        let body = Body::from_stream(open(range.clone()).await?);
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        put(headers, header::CONTENT_TYPE, self.mime);
        put(headers, header::CONTENT_LENGTH, &(range.end - range.start).to_string());
        put(headers, header::CONTENT_DISPOSITION, &disposition(&self.name, self.is_inline));
        put(headers, header::ETAG, &tag);
        put(headers, header::ACCEPT_RANGES, "bytes");
        // Whatever is in a file that somebody sent, it runs nothing and loads nothing here.
        put(headers, header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");
        if status == StatusCode::PARTIAL_CONTENT {
            put(headers, header::CONTENT_RANGE, &format!("bytes {}-{}/{}", range.start, range.end - 1, self.size));
        }
        Ok(response)
    }

    fn outside(&self) -> Response {
        let detail = format!("The file has {} bytes; none of them was asked for", self.size);
        let mut response = Problem::plain(StatusCode::RANGE_NOT_SATISFIABLE, "range", "Not in the file", &detail).into_response();
        put(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{}", self.size));
        response
    }
}

fn unchanged(tag: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    put(response.headers_mut(), header::ETAG, tag);
    response
}

fn put(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// RFC 6266: the name in UTF-8 (RFC 8187), and for old clients one in ASCII without what they read in different ways (`\"`, `%22`).
fn disposition(name: &str, is_inline: bool) -> String {
    let kind = if is_inline { "inline" } else { "attachment" };
    let plain: String =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() || " .-_()".contains(letter) { letter } else { '_' }).collect();
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(["%".to_owned(), format!("{byte:02X}")]);
        }
    }
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(range: &str, size: u64) -> Part {
        Wanted { range: Some(range.to_owned()), ..Wanted::default() }.part(size, "\"t\"")
    }

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        assert_eq!(part("bytes=0-0", 10), Part::Some(0..1));
        assert_eq!(part("bytes=5-", 10), Part::Some(5..10));
        assert_eq!(part("bytes=5-99", 10), Part::Some(5..10));
        assert_eq!(part("bytes=-3", 10), Part::Some(7..10));
        assert_eq!(part("bytes=-99", 10), Part::Some(0..10));
        for outside in ["bytes=10-", "bytes=10-11", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(part(outside, 10), Part::Outside, "{outside}");
        }
        for whole in ["bytes=5-4", "bytes=a-b", "pages=1-2", "bytes=0-1,3-4", "bytes=-", "bytes=+1-2"] {
            assert_eq!(part(whole, 10), Part::Whole, "{whole}");
        }
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        let has = |tag: &str| Wanted { if_none_match: Some(tag.to_owned()), ..Wanted::default() }.part(10, "\"t\"");
        assert_eq!((has("\"t\""), has("W/\"t\", \"u\""), has("\"u\"")), (Part::Unchanged, Part::Unchanged, Part::Whole));
        let other = Wanted { range: Some("bytes=1-2".to_owned()), if_range: Some("\"u\"".to_owned()), ..Wanted::default() };
        assert_eq!(other.part(10, "\"t\""), Part::Whole);
    }

    #[test]
    fn a_name_stays_a_name() {
        assert_eq!(disposition("a b.pdf", false), "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf");
        let said = r#"attachment; filename="say _ah__ b__c_.pdf"; filename*=UTF-8''say%20%22ah%22%3B%20b%25%5Cc%27.pdf"#;
        assert_eq!(disposition("say \"ah\"; b%\\c'.pdf", false), said);
        assert_eq!(disposition("é\"\r\n.pdf", true), "inline; filename=\"____.pdf\"; filename*=UTF-8''%C3%A9%22%0D%0A.pdf");
    }
}
