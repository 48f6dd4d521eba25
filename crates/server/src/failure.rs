//! How a command fails: one line that says what is wrong and what to do, and an exit code that a script can rely on.

use std::process::ExitCode;

use clinichub_core::AppError;
use clinichub_db::DbError;

/// What went wrong, by what the caller can do about it. The number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The work could not be done.
    Failed = 1,
    /// The command line or the configuration is wrong (clap uses the same number).
    Usage = 2,
    /// It would destroy something or a server is running; `--force` or stopping the server helps.
    Refused = 3,
    /// The database can't be reached.
    Unreachable = 4,
    /// A check was made and something is not as it should be.
    Findings = 5,
}

/// The failure of a command.
#[derive(Debug)]
pub struct Failure {
    /// What it is.
    pub kind: Kind,
    /// One line for the person at the terminal.
    pub message: String,
}

impl Failure {
    /// The work could not be done.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, message: message.into() }
    }

    /// The command line or the configuration is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into() }
    }

    /// Refused, since it would destroy something.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, message: message.into() }
    }

    /// A check found something; the findings are printed already.
    pub fn findings(message: impl Into<String>) -> Self {
        Self { kind: Kind::Findings, message: message.into() }
    }

    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Unavailable(reason) => Self { kind: Kind::Unreachable, message: format!("the database is away: {reason}") },
            AppError::Internal(source) => Self::failed(chain(source.as_ref())),
            AppError::Invalid(errors) => {
                let lines: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
                Self::failed(lines.join("; "))
            }
            other => Self::failed(other.to_string()),
        }
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::from(AppError::from(error))
    }
}

/// An error with its causes in one line.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text.replace('\n', " ")
}

/// Adds what was being done to an error of the operating system.
pub trait Context<T> {
    /// `doing` completes the sentence "could not …".
    fn could_not(self, doing: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T, E: std::error::Error + 'static> Context<T> for Result<T, E> {
    fn could_not(self, doing: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|error| Failure::failed(format!("could not {}: {}", doing(), chain(&error))))
    }
}
