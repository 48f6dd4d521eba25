//! `cargo xtask build`: the program.

use std::path::PathBuf;

use crate::shell::{Failure, Outcome, call, step};
use crate::{machine, web, workspace};

const ADVICE: &str = "read the compiler's message above; a change of yours, or a tool that is missing";

/// Cargo's profile for what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The quickest to build, and what the tests use.
    Dev,
    /// Quick enough to build.
    Release,
    /// What is published.
    Dist,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
            Self::Dist => "dist",
        }
    }
}

pub fn build(arguments: &[String]) -> Outcome {
    let profile = match arguments {
        [] => Profile::Release,
        [only] if only == "--dist" => Profile::Dist,
        _ => {
            return Err(Failure::new(
                format!("build {} is not known", arguments.join(" ")),
                "`cargo xtask build` or `cargo xtask build --dist`",
            ));
        }
    };
    let program = program(profile)?;
    eprintln!("{}", program.display());
    Ok(())
}

/// Builds the program with everything in it, and says where it is.
pub fn program(profile: Profile) -> Outcome<PathBuf> {
    step("tools", machine::check_build_tools)?;
    web::build()?;
    step(&format!("server ({})", profile.name()), || {
        let mut cargo = workspace::cargo();
        cargo.args(["build", "--locked", "--package", "clinichub-server", "--bin", "clinichub", "--profile", profile.name()]);
        call(&mut cargo, ADVICE)
    })?;
    let folder = if profile == Profile::Dev { "debug" } else { profile.name() };
    Ok(workspace::target().join(folder).join("clinichub"))
}
