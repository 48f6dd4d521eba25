//! The files that the program writes about itself: `cargo xtask gen` writes them, `cargo xtask check` compares them.

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{Failure, Outcome, call, output, step};
use crate::{web, workspace};

/// A committed file, and the arguments with which `clinichub` prints it.
const FILES: [(&str, &[&str]); 3] =
    [("openapi.json", &["openapi"]), ("docs/ACCESS.md", &["access"]), ("docs/CONFIGURATION.md", &["config", "reference"])];

/// Writes what has changed.
pub fn write() -> Outcome {
    build()?;
    for (path, arguments) in FILES {
        let fresh = generate(arguments)?;
        if current(path) != fresh {
            std::fs::write(workspace::root().join(path), fresh)
                .map_err(|error| Failure::new(format!("cannot write {path}: {error}"), "check that you may write there"))?;
            eprintln!("  {path} written");
        }
    }
    web::generate()
}

/// Fails when a committed file is not what the program would write.
pub fn compare() -> Outcome {
    build()?;
    let mut stale = Vec::new();
    for (path, arguments) in FILES {
        if current(path) != generate(arguments)? {
            stale.push(path);
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(Failure::new(format!("out of date: {}", stale.join(", ")), "cargo xtask gen, and commit")) }
}

/// Of the whole workspace, like the tests, so that both share what is compiled.
pub fn build() -> Outcome {
    step("program (dev)", || {
        call(workspace::cargo().args(["build", "--quiet", "--locked", "--workspace", "--bins"]), "read the compiler's message above")
    })
}

/// What [`build`] makes.
pub fn program() -> PathBuf {
    workspace::target().join("debug/clinichub")
}

fn generate(arguments: &[&str]) -> Outcome<String> {
    let mut program = Command::new(program());
    output(program.args(arguments).current_dir(workspace::root()), "run it by hand to see why")
}

/// What isn't there is as good as empty.
fn current(path: &str) -> String {
    std::fs::read_to_string(workspace::root().join(path)).unwrap_or_default()
}
