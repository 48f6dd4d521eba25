//! What the machine must have: is it there, is it new enough, and how does it get there.

use std::process::{Command, Stdio};

use crate::shell::{self, Failure, Outcome, ask};
use crate::version::Version;
use crate::workspace;

/// The Vite and the router of the web app want this Node.
const NODE: Version = Version(20, 19, 0);

/// What building the program needs.
pub fn check_build_tools() -> Outcome {
    check_cargo()?;
    check_compiler()?;
    if has_web_app() { check_node() } else { Ok(()) }
}

/// Whether there are screens to build.
pub fn has_web_app() -> bool {
    workspace::root().join("web/package.json").exists()
}

/// Makes sure that `is_there`, by installing Debian packages when we may, and otherwise says which line does it.
pub fn need(what: &str, packages: &[&str], is_there: impl Fn() -> bool) -> Outcome {
    if is_there() {
        return Ok(());
    }
    let line = format!("apt-get install -y {}", packages.join(" "));
    if may_install() {
        install(packages)?;
        if is_there() {
            return Ok(());
        }
    }
    Err(Failure::new(format!("{what} is missing"), format!("on Debian and Ubuntu: sudo {line}")))
}

fn check_cargo() -> Outcome {
    let manifest = workspace::read("Cargo.toml")?;
    let wanted =
        manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).and_then(|text| Version::find(text.trim_matches('"')));
    let found = shell::output(workspace::cargo().arg("--version"), "install Rust: https://rustup.rs").map(|text| Version::find(&text))?;
    match (wanted, found) {
        (Some(wanted), Some(found)) if found < wanted => {
            Err(Failure::new(format!("Rust {found} is too old, {wanted} is needed"), "rustup update stable"))
        }
        _ => Ok(()),
    }
}

/// SQLite and the TLS library are built from C.
fn check_compiler() -> Outcome {
    need("a C compiler", &["build-essential"], || ask("cc", &["--version"]).is_some())
}

/// Nodes that count together are tested with it.
pub fn check_redis() -> Outcome {
    need("Redis", &["redis-server"], || ask("redis-server", &["--version"]).is_some())
}

fn check_node() -> Outcome {
    let found = || ask("node", &["--version"]).as_deref().and_then(Version::find);
    need("Node.js with npm", &["nodejs", "npm"], || found().is_some() && ask("npm", &["--version"]).is_some())?;
    match found() {
        Some(found) if found < NODE => Err(Failure::new(
            format!("Node.js {found} is too old, {NODE} is needed"),
            "install a newer one: https://nodejs.org/en/download",
        )),
        _ => Ok(()),
    }
}

/// Only as root, and only where Debian's installer is.
fn may_install() -> bool {
    ask("id", &["-u"]).as_deref() == Some("0") && ask("apt-get", &["--version"]).is_some()
}

fn install(packages: &[&str]) -> Outcome {
    shell::step(&format!("installing {}", packages.join(" ")), || {
        let advice = "read what apt-get said above";
        let quiet = |arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command.args(["-qq", "-o=Dpkg::Use-Pty=0"]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
            command
        };
        shell::call(&mut quiet(&["update"]), advice)?;
        shell::call(quiet(&["install", "-y", "--no-install-recommends"]).args(packages), advice)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_installed() {
        assert!(need("nothing", &["no-such-package"], || true).is_ok());
    }
}
