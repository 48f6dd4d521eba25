//! A mail server on loopback, not of our making: aiosmtpd, and Python's own reader of mails.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// More than Python needs to start on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running mail server; it ends when it is dropped.
pub struct MailServer {
    /// Where it listens.
    pub port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl MailServer {
    /// One that takes every mail, on this port; 0 takes a free one.
    pub async fn start(port: u16) -> Self {
        Self::run(port, "take", None).await
    }

    /// One that answers every recipient with this.
    pub async fn refusing(answer: &str) -> Self {
        Self::run(0, answer, None).await
    }

    /// One that takes mails after STARTTLS only, and puts the certificate of the authority that signed its own into this file.
    pub async fn encrypted(authority: &Path) -> Self {
        Self::run(0, "take", Some(authority)).await
    }

    async fn run(port: u16, answer: &str, authority: Option<&Path>) -> Self {
        let python = crate::python().unwrap_or_else(|advice| panic!("{advice}"));
        let mut command = Command::new(python);
        command.args(["-c", include_str!("mail_server.py"), &port.to_string(), answer]).args(authority);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("Python starts");
        let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
        let hello = next(&mut lines).await;
        let port = hello["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
        Self { port, lines, _child: child }
    }

    /// The next mail, as Python reads it.
    pub async fn next(&mut self) -> Value {
        next(&mut self.lines).await
    }
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("the mail server says something").expect("it can be read");
    serde_json::from_str(&line.expect("the mail server runs")).expect("JSON")
}
