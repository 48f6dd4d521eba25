//! What we link: licences, bans, sources, known vulnerabilities (`deny.toml`), and nothing that isn't used.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::shell::{Failure, Outcome, ask, call, output, step};
use crate::version::Version;
use crate::workspace;

/// A cargo command of someone else's, at the version that this repository is checked with.
struct Tool {
    name: &'static str,
    version: Version,
}

const DENY: Tool = Tool { name: "cargo-deny", version: Version(0, 20, 2) };
const MACHETE: Tool = Tool { name: "cargo-machete", version: Version(0, 9, 2) };

pub fn unused() -> Outcome {
    let mut machete = Command::new(MACHETE.path()?);
    machete.arg("--with-metadata").current_dir(workspace::root());
    output(&mut machete, "remove what cargo-machete names from the Cargo.toml").map(drop)
}

pub fn policy() -> Outcome {
    let advice = "choose another crate, or write the exception with its reason into deny.toml";
    call(&mut deny(&["check", "--hide-inclusion-graph", "--allow=duplicate", "bans", "licenses", "sources"])?, advice)
}

/// The list of known vulnerabilities is fetched. Where it can't be, that is said, and is no failure of what is checked.
pub fn advisories() -> Outcome {
    let fetched = deny(&["fetch", "db"])?.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !fetched.is_ok_and(|status| status.success()) {
        eprintln!("  skipped: the advisory database can't be reached from here");
        return Ok(());
    }
    call(
        &mut deny(&["check", "--disable-fetch", "advisories"])?,
        "update the crate; if there is no newer one, see the advisory for a way round",
    )
}

fn deny(arguments: &[&str]) -> Outcome<Command> {
    let mut command = Command::new(DENY.path()?);
    command.arg("--workspace").arg("--locked").args(["--log-level", "error"]).args(arguments).current_dir(workspace::root());
    Ok(command)
}

impl Tool {
    /// The one on the PATH if it is at this version, else ours, which is built on first use.
    fn path(&self) -> Outcome<PathBuf> {
        let ours = workspace::cache().join("tools/bin").join(self.name);
        for candidate in [PathBuf::from(self.name), ours.clone()] {
            if self.is(&candidate) {
                return Ok(candidate);
            }
        }
        step(&format!("installing {} {}", self.name, self.version), || self.install())?;
        Ok(ours)
    }

    fn is(&self, path: &std::path::Path) -> bool {
        let subcommand = self.name.trim_start_matches("cargo-");
        let program = path.to_string_lossy();
        [&["--version"][..], &[subcommand, "--version"]]
            .iter()
            .any(|arguments| ask(&program, arguments).as_deref().and_then(Version::find) == Some(self.version))
    }

    /// Unoptimised: it runs for a second and would take minutes to optimise.
    fn install(&self) -> Outcome {
        let mut cargo = workspace::cargo();
        cargo.args(["install", "--quiet", "--locked", "--force", "--debug", "--config", "profile.dev.debug=false"]);
        cargo.args([self.name, "--version", &self.version.to_string(), "--root"]).arg(workspace::cache().join("tools"));
        // In the workspace's own target folder it would wait for, and evict, what the workspace has compiled there.
        cargo.env_remove("CARGO_TARGET_DIR");
        let advice = format!("cargo install --locked {}; does this machine reach the crate registry?", self.name);
        call(&mut cargo, &advice)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string(), "check that the files are there and may be read")
    }
}
