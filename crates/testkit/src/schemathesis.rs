//! schemathesis: requests made up from the OpenAPI document, good and bad, against a running server.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;

/// More than a run takes on two busy cores; what is not done by then hangs.
const PATIENCE: Duration = Duration::from_mins(20);

/// Tries every operation of the document at `openapi` (a file) against the server at `base_url` with `token` as the Bearer token.
/// What is checked and how much stands in `tests/schemathesis.toml`.
///
/// # Errors
/// What schemathesis found, as it reports it, or why it could not run.
pub async fn run(base_url: &str, token: &str, openapi: &Path) -> Result<(), String> {
    let mut command = Command::new(crate::python()?);
    command.args(["-m", "schemathesis.cli", "--config-file"]).arg(crate::workspace().join("tests/schemathesis.toml"));
    command.arg("run").arg(openapi).args(["--url", base_url]);
    command.env("CLINICHUB_TEST_TOKEN", token).env("PYTHONDONTWRITEBYTECODE", "1");
    command.stdin(Stdio::null()).kill_on_drop(true);
    match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => judge(&output),
        Ok(Err(error)) => Err(format!("cannot run schemathesis: {error}")),
        Err(_) => Err(format!("schemathesis was not done after {} s", PATIENCE.as_secs())),
    }
}

fn judge(output: &Output) -> Result<(), String> {
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}
