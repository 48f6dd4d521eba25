//! `cargo xtask test`: every test, on both databases.

use std::process::Command;

use crate::database::Database;
use crate::shell::{Outcome, ask, call, step};
use crate::{machine, python, workspace};

const ADVICE: &str = "run the failing one alone: cargo xtask test <part of its name>";

/// Arguments go to the test runner: part of a name, or its options.
pub fn test(arguments: &[String]) -> Outcome {
    step("tools", machine::check_build_tools)?;
    let python = python::environment()?;
    let database = step("PostgreSQL", Database::find)?;
    step("Redis", machine::check_redis)?;
    let prepare = |command: &mut Command| {
        command.env("CLINICHUB_TEST_PYTHON", &python).envs(database.variable());
    };
    step("tests", || {
        let mut runner = runner();
        runner.args(arguments);
        prepare(&mut runner);
        call(&mut runner, ADVICE)
    })?;
    if !arguments.is_empty() {
        return Ok(());
    }
    step("examples in the documentation", || {
        let mut cargo = workspace::cargo();
        cargo.args(["test", "--quiet", "--locked", "--workspace", "--doc"]);
        prepare(&mut cargo);
        call(&mut cargo, "mend the example, or mark it `text` if it isn't code")
    })
}

/// nextest where it is: it runs the tests of all crates side by side and stops one that hangs.
fn runner() -> Command {
    let mut cargo = workspace::cargo();
    if ask("cargo", &["nextest", "--version"]).is_some() {
        cargo.args(["nextest", "run", "--locked", "--workspace", "--no-fail-fast"]);
    } else {
        cargo.args(["test", "--locked", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    }
    cargo
}
