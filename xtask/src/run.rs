//! `cargo xtask run`: from a fresh checkout to a running ClinicHub.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::build::{self, Profile};
use crate::shell::{Failure, Outcome};
use crate::workspace;

const DEMO: [&str; 6] = ["serve", "--demo", "--data-dir", "data/demo", "--listen", "127.0.0.1:8080"];

pub fn run(arguments: &[String]) -> Outcome {
    let program = build::program(Profile::Dev)?;
    let mut command = Command::new(&program);
    command.current_dir(workspace::root());
    if arguments.is_empty() {
        command.args(DEMO)
    } else {
        command.args(arguments)
    };
    // The program takes our place, so signals and its exit code need nobody to pass them on.
    let error = command.exec();
    Err(Failure::new(format!("cannot start {}: {error}", program.display()), "cargo xtask run"))
}
