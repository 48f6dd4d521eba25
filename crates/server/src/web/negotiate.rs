//! What the client understands (RFC 9110 §12.5) and what it has already (§13.1.2).

use axum::http::{HeaderMap, HeaderName, header};

/// In which form a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
    Brotli,
}

impl Coding {
    /// Best first.
    const PACKED: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// The form that a file of this name holds.
    pub(super) fn of_name(name: &str) -> Self {
        Self::PACKED.into_iter().find(|coding| name.ends_with(coding.suffix())).unwrap_or(Self::Plain)
    }

    /// Where the web build puts this form of a file.
    pub(super) fn name_of(self, name: &str) -> String {
        format!("{name}{}", self.suffix())
    }

    /// The value of `Content-Encoding`.
    pub(super) fn header(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
        }
    }
}

/// The compressed forms that the client takes, best first.
pub(super) fn codings(headers: &HeaderMap) -> impl Iterator<Item = Coding> {
    let takes =
        |coding: &Coding| elements(headers, header::ACCEPT_ENCODING).any(|(name, is_taken)| is_taken && Some(name) == coding.header());
    Coding::PACKED.into_iter().filter(takes)
}

/// Whether the client asks for a page, as a browser does that goes to an address.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    elements(headers, header::ACCEPT).any(|(kind, is_taken)| is_taken && kind == "text/html")
}

/// Whether the client takes a page: it asks for one, or for whatever there is (`curl`, a probe), or doesn't say (RFC 9110 §12.5.1).
pub(super) fn takes_html(headers: &HeaderMap) -> bool {
    let named: Vec<_> = elements(headers, header::ACCEPT).filter(|(kind, _)| !kind.is_empty()).collect();
    if named.is_empty() {
        return true;
    }
    // The most exact range that fits says it, wherever it stands.
    let said = |range: &str| named.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(range)).map(|(_, is_taken)| *is_taken);
    ["text/html", "text/*", "*/*"].into_iter().find_map(said).unwrap_or(false)
}

/// Whether the client has this already.
pub(super) fn is_fresh(headers: &HeaderMap, etag: &str) -> bool {
    elements(headers, header::IF_NONE_MATCH).any(|(known, _)| known == "*" || known.trim_start_matches("W/") == etag)
}

/// The elements of a list header, each with whether its weight lets it be taken.
fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = (&str, bool)> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|element| {
        let mut parts = element.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
        (name, weight.is_some_and(|weight| weight > 0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().expect("a value"))])
    }

    fn taken(value: &'static str) -> Vec<Coding> {
        codings(&with(header::ACCEPT_ENCODING, value)).collect()
    }

    #[test]
    fn the_best_form_comes_first() {
        assert_eq!(taken("gzip, deflate, br, zstd"), [Coding::Brotli, Coding::Gzip]);
        assert_eq!(taken("gzip;q=1.0, br;q=0"), [Coding::Gzip]);
        assert_eq!(taken("identity"), []);
        assert_eq!(codings(&HeaderMap::new()).count(), 0);
    }

    #[test]
    fn a_browser_asks_for_html() {
        assert!(accepts_html(&with(header::ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")));
        assert!(!accepts_html(&with(header::ACCEPT, "*/*")));
        assert!(!accepts_html(&with(header::ACCEPT, "application/json")));
    }

    #[test]
    fn who_takes_anything_takes_a_page() {
        assert!(takes_html(&HeaderMap::new()));
        for accept in ["*/*", "", "text/*", "application/json, */*;q=0.1", "text/html", "application/json;q=0.5, text/html"] {
            assert!(takes_html(&with(header::ACCEPT, accept)), "{accept}");
        }
        for accept in ["application/json", "image/*", "text/html;q=0, */*", "*/*;q=0"] {
            assert!(!takes_html(&with(header::ACCEPT, accept)), "{accept}");
        }
    }

    #[test]
    fn what_is_known_need_not_be_sent() {
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(is_fresh(&with(header::IF_NONE_MATCH, known), "\"a\""), "{known}");
        }
        assert!(!is_fresh(&with(header::IF_NONE_MATCH, "\"b\""), "\"a\""));
        assert!(!is_fresh(&HeaderMap::new(), "\"a\""));
    }
}
