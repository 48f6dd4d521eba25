//! Small promises of the house that no other tool keeps.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::shell::{self, Failure, Outcome};
use crate::workspace;

/// Where our Rust is.
const FOLDERS: [&str; 3] = ["crates", "tests", "xtask"];

const MIGRATIONS: [&str; 2] = ["crates/db/migrations/sqlite", "crates/db/migrations/postgres"];

pub fn check() -> Outcome {
    let mut wrong = twins()?;
    wrong.extend(strangers()?);
    for path in sources()? {
        let text = std::fs::read_to_string(&path)?;
        let shown = path.strip_prefix(workspace::root()).unwrap_or(&path).display().to_string();
        wrong.extend(complaints(&text).into_iter().map(|complaint| format!("{shown}: {complaint}")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(wrong.join("\n  "), "mend each; CONTRIBUTING.md says how we write")) }
}

/// What is wrong with one source file.
fn complaints(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    if !text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#![")).is_some_and(|line| line.starts_with("//!")) {
        found.push("opens without `//!`: say what it owns, and what must never happen in it");
    }
    if text.lines().any(|line| line.trim_start().starts_with("#[allow(")) {
        found.push("`#[allow]`: write `#[expect(…, reason = \"…\")]`, which tells when it is no longer needed");
    }
    found
}

/// Committed files that are neither text nor a picture of ours: libraries and bundles come in as packages.
fn strangers() -> Outcome<Vec<String>> {
    let root = workspace::root();
    // A tree without a history (an unpacked archive) has nothing committed.
    let listed = shell::ask("git", &["-C", &root.display().to_string(), "ls-files"]).unwrap_or_default();
    let mut found = Vec::new();
    for name in listed.lines().filter(|name| Path::new(name).extension().is_none_or(|extension| extension != "png")) {
        let Ok(file) = std::fs::File::open(root.join(name)) else { continue };
        let mut head = Vec::new();
        file.take(8192).read_to_end(&mut head)?;
        if is_binary(&head) {
            found.push(format!("{name}: is no text; what is not ours is not committed"));
        }
    }
    Ok(found)
}

fn is_binary(head: &[u8]) -> bool {
    head.contains(&0)
}

/// A migration has the same number and name for both databases.
fn twins() -> Outcome<Vec<String>> {
    let (sqlite, postgres) = (names(MIGRATIONS[0])?, names(MIGRATIONS[1])?);
    let alone = |some: &[String], others: &[String], missing: &str| -> Vec<String> {
        some.iter().filter(|name| !others.contains(name)).map(|name| format!("{missing}/{name} is missing")).collect()
    };
    Ok([alone(&sqlite, &postgres, MIGRATIONS[1]), alone(&postgres, &sqlite, MIGRATIONS[0])].concat())
}

fn names(folder: &str) -> Outcome<Vec<String>> {
    let entries = std::fs::read_dir(workspace::root().join(folder))?.flatten();
    Ok(entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

fn sources() -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        collect(&workspace::root().join(folder), &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Outcome {
    for entry in std::fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_it_is() {
        assert!(complaints("//! Owns this.\n").is_empty());
        assert!(complaints("#![cfg_attr(test, allow(clippy::unwrap_used))]\n\n//! Owns this.\n").is_empty());
        assert_eq!(complaints("use std::fs;\n").len(), 1);
    }

    #[test]
    fn an_archive_is_told_from_a_text() {
        assert!(is_binary(b"PK\x03\x04\x14\0\0\0"));
        assert!(!is_binary("José\r\n".as_bytes()));
    }

    #[test]
    fn an_exception_gives_its_reason() {
        let text = format!("//! Owns this.\n    #[{}(dead_code)]\nfn f() {{}}\n", "allow");
        assert_eq!(complaints(&text).len(), 1);
    }
}
