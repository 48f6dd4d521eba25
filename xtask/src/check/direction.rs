//! Which crate may use which: `core ← db ← jobs ← app ← server`, `core ← api ← app`, `core ← files ← app`, the rest stands alone.

use crate::shell::{Failure, Outcome, output};
use crate::workspace;

/// A crate, and the crates of ours that it may use outside its tests.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("core", &[]),
    ("db", &["core"]),
    ("jobs", &["core", "db"]),
    ("api", &["core"]),
    ("files", &["core"]),
    ("dicom-net", &[]),
    ("pdf", &[]),
    ("app", &["core", "db", "jobs", "api", "files", "dicom-net", "pdf"]),
    ("server", &["core", "db", "jobs", "api", "app", "files", "dicom-net", "pdf"]),
    ("testpg", &[]),
    ("testkit", &["core", "db", "jobs", "api", "app", "server", "files", "dicom-net", "pdf", "testpg"]),
    ("tests", &[]),
    ("xtask", &["testpg"]),
];

/// These must start without compiling anything of somebody else's.
const STANDARD_LIBRARY_ONLY: [&str; 2] = ["testpg", "xtask"];

pub fn check() -> Outcome {
    let mut cargo = workspace::cargo();
    cargo.args(["tree", "--locked", "--workspace", "--target", "all", "--edges", "normal,build", "--depth", "1"]);
    cargo.args(["--prefix", "depth", "--format", " {p}"]);
    let wrong = violations(&output(&mut cargo, "read what cargo said above")?);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::new(wrong.join("; "), "turn the dependency round, or move what both need down into core (docs/ARCHITECTURE.md)"))
}

/// Reads `cargo tree`: `0 clinichub-db v0.1.0 (/path)`, and under it `1 …` for each of its dependencies.
fn violations(tree: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut user = "";
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("0"), Some(package)) => {
                user = short(package);
                if row(user).is_none() {
                    wrong.push(format!("{user} is new: give it a row in xtask/src/check/direction.rs"));
                }
            }
            (Some("1"), Some(package)) => wrong.extend(judge(user, package)),
            _ => {}
        }
    }
    wrong
}

fn judge(user: &str, package: &str) -> Option<String> {
    let used = short(package);
    if used != package || used == "xtask" {
        let allowed = row(user).is_none_or(|uses| uses.contains(&used));
        return (!allowed).then(|| format!("{user} must not use {used}"));
    }
    STANDARD_LIBRARY_ONLY.contains(&user).then(|| format!("{user} must do without {package}"))
}

fn row(name: &str) -> Option<&'static [&'static str]> {
    MAY_USE.iter().find(|(package, _)| *package == name).map(|(_, uses)| *uses)
}

fn short(package: &str) -> &str {
    package.strip_prefix("clinichub-").unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_direction_is_silent() {
        let tree = "0 clinichub-core v0.1.0 (/x)\n1 serde v1.0.0\n\n0 clinichub-db v0.1.0 (/x)\n1 clinichub-core v0.1.0 (/x)\n";
        assert_eq!(violations(tree), [""; 0]);
    }

    #[test]
    fn the_wrong_direction_is_named() {
        let tree = "0 clinichub-api v0.1.0 (/x)\n1 clinichub-core v0.1.0 (/x)\n1 clinichub-db v0.1.0 (/x)\n";
        assert_eq!(violations(tree), ["api must not use db"]);
    }

    #[test]
    fn the_test_kit_stays_out_of_the_program() {
        let tree = "0 clinichub-server v0.1.0 (/x)\n1 clinichub-testkit v0.1.0 (/x)\n";
        assert_eq!(violations(tree), ["server must not use testkit"]);
    }

    #[test]
    fn a_crate_without_a_row_is_named() {
        assert_eq!(violations("0 clinichub-fax v0.1.0 (/x)\n"), ["fax is new: give it a row in xtask/src/check/direction.rs"]);
    }

    #[test]
    fn what_must_start_at_once_takes_no_library() {
        let tree = "0 xtask v0.1.0 (/x)\n1 clinichub-testpg v0.1.0 (/x)\n1 serde v1.0.0\n";
        assert_eq!(violations(tree), ["xtask must do without serde"]);
    }

    #[test]
    fn somebody_elses_crate_of_the_same_name_is_not_ours() {
        assert_eq!(violations("0 clinichub-api v0.1.0 (/x)\n1 db v2.0.0\n"), [""; 0]);
    }

    #[test]
    fn this_workspace_keeps_the_direction() {
        assert!(check().is_ok(), "{:?}", check());
    }
}
