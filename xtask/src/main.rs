//! `cargo xtask …`: sets up, builds, runs, tests and checks ClinicHub.
//!
//! It depends on nothing outside this repository, so that the first command of a newcomer starts at once.
//!
//! What must never happen here: a step that fails without saying what to do about it, or one that changes the machine when it may not.

mod bench;
mod build;
mod check;
mod database;
mod generate;
mod machine;
mod python;
mod run;
mod shell;
mod test;
mod version;
mod web;
mod workspace;

use std::process::ExitCode;

use shell::Outcome;

const HELP: &str = "\
cargo xtask <command>

  run [args…]     check the tools, build, and start ClinicHub with demonstration data on 127.0.0.1:8080
                  (args given: `clinichub <args>` instead)
  build [--dist]  build target/release/clinichub (--dist: target/dist/clinichub, slower to build and faster to run)
  test [filter…]  run all tests, on both databases and in the browser (--web [filter…]: those in the browser only)
  check           formatting, lints, dependencies, direction of the crates, generated files
  gen             write the generated files anew
  bench [args…]   measure, beside other stacks (--large: ten times the data; --web: the screens in a browser)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = arguments.split_first().map_or(("help", &[][..]), |(command, rest)| (command.as_str(), rest));
    match dispatch(command, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Outcome {
    match command {
        "run" => run::run(rest),
        "build" => build::build(rest),
        "test" => test::test(rest),
        "check" => check::check(),
        "gen" => generate::write(),
        "bench" => bench::bench(rest),
        "help" | "--help" | "-h" => {
            eprint!("{HELP}");
            Ok(())
        }
        other => Err(shell::Failure::new(format!("there is no command `{other}`"), "see `cargo xtask help`")),
    }
}
