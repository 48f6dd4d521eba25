//! `cargo xtask bench`: the release build, and the scenarios in `bench/`.

use std::process::Command;

use crate::build::{self, Profile};
use crate::shell::{Outcome, call};
use crate::{web, workspace};

/// `bench/run` gets the program's path in `CLINICHUB_BIN` and every argument as it is.
pub fn bench(arguments: &[String]) -> Outcome {
    if arguments.iter().any(|argument| argument == "--web") {
        web::browser()?;
    }
    let program = build::program(Profile::Release)?;
    let mut run = Command::new(workspace::root().join("bench/run"));
    run.args(arguments).env("CLINICHUB_BIN", program).current_dir(workspace::root());
    call(&mut run, "read what it printed above; bench/README.md says what it needs")
}
