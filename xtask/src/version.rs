//! Versions as programs print them.

/// Major, minor and patch; what isn't given counts as zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// The first thing in `text` that looks like a version: `cargo 1.95.0 (f2d3ce0bd …)`, `v20.20.2`, `Python 3.11.7`.
    pub fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::parse)
    }

    fn parse(word: &str) -> Option<Self> {
        let mut parts = word.trim_start_matches('v').split('.').map(leading_number);
        let (major, minor) = (parts.next()??, parts.next()??);
        Some(Self(major, minor, parts.next().flatten().unwrap_or(0)))
    }
}

/// `0` of `0-nightly`.
fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_in_what_programs_print() {
        assert_eq!(Version::find("cargo 1.95.0 (f2d3ce0bd 2026-03-21)"), Some(Version(1, 95, 0)));
        assert_eq!(Version::find("rustc 1.97.0-nightly"), Some(Version(1, 97, 0)));
        assert_eq!(Version::find("v20.20.2\n"), Some(Version(20, 20, 2)));
        assert_eq!(Version::find("1.95"), Some(Version(1, 95, 0)));
        assert_eq!(Version::find("no version"), None);
    }

    #[test]
    fn orders_by_number_not_by_text() {
        assert!(Version(1, 100, 0) > Version(1, 95, 9));
        assert!(Version(20, 9, 0) < Version(20, 19, 0));
    }
}
