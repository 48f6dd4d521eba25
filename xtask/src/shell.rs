//! Running other programs: what a step looks like while it runs, and how it fails.

use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What went wrong, and what to do about it.
#[derive(Debug, Clone)]
pub struct Failure {
    what: String,
    advice: String,
}

pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what: what.into(), advice: advice.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed: {}\n  what to do: {}", self.what, self.advice)
    }
}

/// Does one step, and prints its name before and its time after it.
pub fn step<T>(name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    eprintln!("- {name}");
    let started = Instant::now();
    let outcome = work();
    let word = if outcome.is_ok() { "ok" } else { "FAILED" };
    eprintln!("  {word}, {}", seconds(started.elapsed()));
    outcome
}

pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 { format!("{:.1} s", time.as_secs_f64()) } else { format!("{} min {} s", whole / 60, whole % 60) }
}

/// Runs a program, its output going where ours goes. A refusal to start and a bad end are both failures with `advice`.
pub fn call(command: &mut Command, advice: &str) -> Outcome {
    let shown = show(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("{shown} ({status})"), advice)),
        Err(error) => Err(Failure::new(format!("{shown} ({error})"), advice)),
    }
}

/// What a program prints on its standard output. When it fails, everything that it printed is shown.
pub fn output(command: &mut Command, advice: &str) -> Outcome<String> {
    let shown = show(command);
    let output = command.stdin(Stdio::null()).output().map_err(|error| Failure::new(format!("{shown} ({error})"), advice))?;
    if !output.status.success() {
        eprint!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        return Err(Failure::new(format!("{shown} ({})", output.status), advice));
    }
    String::from_utf8(output.stdout).map_err(|_| Failure::new(format!("{shown} printed something that is not UTF-8"), advice))
}

/// What a program says when asked, or nothing when it isn't there or fails. For questions whose answer may be no.
pub fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn show(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_what_to_do() {
        let failure = call(Command::new("/bin/sh").args(["-c", "exit 3"]), "look at it").unwrap_err().to_string();
        assert!(failure.contains("sh -c exit 3") && failure.contains('3') && failure.ends_with("what to do: look at it"), "{failure}");
    }

    #[test]
    fn an_absent_program_answers_no_question() {
        assert_eq!(ask("/nonexistent/program", &["--version"]), None);
        assert_eq!(ask("/bin/sh", &["-c", "exit 1"]), None);
    }

    #[test]
    fn times_are_short() {
        assert_eq!(seconds(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }
}
