//! `cargo xtask check`: everything that can be judged without running the tests.

mod dependencies;
mod direction;
mod housekeeping;

use crate::shell::{Failure, Outcome, call, step};
use crate::{generate, machine, web, workspace};

/// What a step is called, and what it does.
type Step = (&'static str, fn() -> Outcome);

/// Every step runs, also after one has failed: one run tells all there is to mend.
pub fn check() -> Outcome {
    step("tools", machine::check_build_tools)?;
    let steps: [Step; 9] = [
        ("formatting", formatting),
        ("direction of the crates", direction::check),
        ("housekeeping", housekeeping::check),
        ("lints", lints),
        ("unused dependencies", dependencies::unused),
        ("licences, bans, sources", dependencies::policy),
        ("known vulnerabilities", dependencies::advisories),
        ("generated files", generate::compare),
        ("web app", web::check),
    ];
    let failures: Vec<Failure> = steps.into_iter().filter_map(|(name, work)| step(name, work).err()).collect();
    let Some((last, others)) = failures.split_last() else { return Ok(()) };
    for failure in others {
        eprintln!("\n{failure}");
    }
    Err(last.clone())
}

fn formatting() -> Outcome {
    call(workspace::cargo().args(["fmt", "--all", "--check"]), "cargo fmt")
}

fn lints() -> Outcome {
    let mut cargo = workspace::cargo();
    cargo.args(["clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    call(&mut cargo, "mend what clippy names; an exception is `#[expect(lint, reason = \"…\")]`")
}
