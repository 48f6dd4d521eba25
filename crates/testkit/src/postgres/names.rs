//! Names of test databases: `clinichub_test_<machine>_<process>_<number>`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// How the names of this machine's test databases begin. A server may be shared, and another machine's process numbers mean nothing
/// here; the same holds for two containers on one machine.
pub(super) fn ours() -> String {
    let mut hasher = DefaultHasher::new();
    std::fs::read("/etc/hostname").unwrap_or_default().hash(&mut hasher);
    std::fs::read_link("/proc/self/ns/pid").unwrap_or_default().hash(&mut hasher);
    format!("clinichub_test_{:08x}_", hasher.finish() >> 32)
}

pub(super) fn next() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}{}_{}", ours(), std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Whether the process that made the database is gone. Where processes can't be looked up, nothing counts as abandoned.
pub(super) fn is_abandoned(name: &str) -> bool {
    let process = name.strip_prefix(&ours()).and_then(|rest| rest.split('_').next()).and_then(|pid| pid.parse::<u32>().ok());
    process.is_some_and(|pid| Path::new("/proc/self").exists() && !Path::new(&format!("/proc/{pid}")).exists())
}

/// A template's name, from what it is made of.
pub(super) fn template(key: &str) -> String {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    format!("{TEMPLATES}{:016x}", hasher.finish())
}

pub(super) const TEMPLATES: &str = "clinichub_template_";

/// `url` with another database.
pub(super) fn with_database(url: &str, database: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let scheme = address.find("://").map_or(0, |at| at + 3);
    let end = address[scheme..].find('/').map_or(address.len(), |at| scheme + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{database}{query}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_whether_its_process_lives() {
        assert!(!is_abandoned(&next()));
        assert!(is_abandoned(&format!("{}{}_0", ours(), u32::MAX)));
        assert!(!is_abandoned("clinichub_test_elsewhere_4294967295_0"));
        assert!(!is_abandoned("postgres"));
    }

    #[test]
    fn the_database_of_an_address_is_replaced() {
        assert_eq!(with_database("postgres://a:b@h:5432/postgres", "x"), "postgres://a:b@h:5432/x");
        assert_eq!(with_database("postgres://h/old?connect_timeout=2", "x"), "postgres://h/x?connect_timeout=2");
        assert_eq!(with_database("postgresql://h", "x"), "postgresql://h/x");
    }
}
