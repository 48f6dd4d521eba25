//! `cargo xtask test`: every test, on both databases and in the browser.

use std::process::Command;

use crate::database::Database;
use crate::shell::{Outcome, ask, call, step};
use crate::{generate, machine, python, web, workspace};

const ADVICE: &str = "run the failing one alone: cargo xtask test <part of its name>";

/// Arguments go to the test runner: part of a name, or its options. After `--web` they go to the runner of the browser tests.
pub fn test(arguments: &[String]) -> Outcome {
    step("tools", machine::check_build_tools)?;
    match arguments.split_first() {
        Some((first, filter)) if first == "--web" => in_the_browser(filter),
        Some(_) => of_the_program(arguments),
        None => {
            of_the_program(arguments)?;
            step("tests of the web app", web::test)?;
            in_the_browser(&[])
        }
    }
}

fn in_the_browser(filter: &[String]) -> Outcome {
    generate::build()?;
    step("tests in the browser", || web::browse(&generate::program(), filter))
}

fn of_the_program(arguments: &[String]) -> Outcome {
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
