//! The web app's refresh token: in a cookie that scripts can't read and other sites can't send.
//!
//! The cookie alone refreshes nothing: the request must also carry a header that only our own pages can set (a form or an image
//! of another site can't), beside `SameSite=Strict`.

use std::net::Ipv4Addr;

use axum::http::{HeaderMap, HeaderValue, header};
use clinichub_core::AppError;

use super::model::REFRESH_LIFETIME;

/// The header by which the web app says what it is.
const CLIENT: &str = "x-clinichub-client";
/// The cookie.
const NAME: &str = "clinichub_refresh";
/// Where it is sent.
const PATH: &str = "/api/auth";

/// Whether the web app asks: its refresh token goes into the cookie and not into the body.
pub fn is_web(headers: &HeaderMap) -> bool {
    headers.get(CLIENT).is_some_and(|client| client == "web")
}

/// The refresh token in the cookie, if the web app asks.
pub fn token_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter(|_| is_web(headers)).filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME).map(|(_, value)| value.to_owned())
}

/// The header that keeps `token`.
pub fn keep(token: &str, public_url: &str) -> Result<HeaderMap, AppError> {
    set(token, REFRESH_LIFETIME.as_secs(), public_url)
}

/// The header that removes the cookie.
pub fn remove(public_url: &str) -> Result<HeaderMap, AppError> {
    set("", 0, public_url)
}

fn set(value: &str, seconds: i64, public_url: &str) -> Result<HeaderMap, AppError> {
    let secure = if is_plain_loopback(public_url) { "" } else { "; Secure" };
    let cookie = format!("{NAME}={value}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let cookie = HeaderValue::from_str(&cookie).map_err(AppError::internal)?;
    Ok(HeaderMap::from_iter([(header::SET_COOKIE, cookie)]))
}

/// Browsers don't keep a `Secure` cookie from plain HTTP, which is spoken on this machine only.
fn is_plain_loopback(public_url: &str) -> bool {
    let Some(rest) = public_url.strip_prefix("http://") else { return false };
    let host = rest.split('/').next().unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())).map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "[::1]") || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_cookie_counts_only_with_the_header() {
        let cookie = ("cookie", "a=b; clinichub_refresh=secret; c=d");
        assert_eq!(token_of(&request(&[cookie, (CLIENT, "web")])).as_deref(), Some("secret"));
        assert_eq!(token_of(&request(&[cookie])), None);
        assert_eq!(token_of(&request(&[cookie, (CLIENT, "phone")])), None);
        assert_eq!(token_of(&request(&[(CLIENT, "web")])), None);
    }

    #[test]
    fn it_is_secure_but_on_this_machine() {
        let cookie = |url| keep("t", url).expect("headers")[header::SET_COOKIE].to_str().map(str::to_owned).expect("text");
        for url in ["http://localhost:8080", "http://127.0.0.1", "http://[::1]:8080"] {
            assert!(!cookie(url).contains("Secure"), "{url}");
        }
        for url in
            ["https://clinic.example", "http://clinic.example", "https://localhost", "http://localhost.example", "http://127.example", ""]
        {
            assert!(cookie(url).contains("; Secure"), "{url}");
        }
        assert!(cookie("https://clinic.example").contains("Path=/api/auth; Max-Age=604800; HttpOnly; SameSite=Strict"));
    }
}
