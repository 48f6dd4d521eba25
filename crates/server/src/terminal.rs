//! What commands say to the person at the terminal, and what they ask. Standard output is for results, standard error for
//! everything else, so that a result can be piped.

use std::io::{IsTerminal, Write};

use secrecy::SecretString;

use crate::failure::{Context, Failure};

/// Prints a line of the result. A reader that went away is no error of ours.
pub fn say(line: impl std::fmt::Display) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// Prints a line about the work.
pub fn note(line: impl std::fmt::Display) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// Whether a person is reading standard output.
pub fn is_interactive() -> bool {
    std::io::stdout().is_terminal()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Asks for a password without showing it, twice; from a pipe it is the first line.
pub fn ask_password() -> Result<Option<SecretString>, Failure> {
    if std::io::stdin().is_terminal() {
        return ask_twice();
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).could_not(|| "read the password from standard input".to_owned())?;
    let line = line.trim_end_matches(['\n', '\r']);
    Ok((!line.is_empty()).then(|| SecretString::from(line)))
}

fn ask_twice() -> Result<Option<SecretString>, Failure> {
    let terminal = console::Term::stderr();
    let read = |prompt: &str| -> Result<String, Failure> {
        drop(write!(&terminal, "{prompt}"));
        terminal.read_secure_line().could_not(|| "read the password".to_owned())
    };
    let first = read("Password (empty: one is made): ")?;
    if first.is_empty() {
        return Ok(None);
    }
    if read("The same again: ")? != first {
        return Err(Failure::usage("the two passwords differ"));
    }
    Ok(Some(SecretString::from(first)))
}
