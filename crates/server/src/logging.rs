//! The log: one line an event on standard error, with request ids and nothing about a person. JSON for machines, compact
//! lines for a terminal.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;
use crate::failure::Failure;

/// Starts the log. A second call in the same process (tests) changes nothing.
pub fn start(format: LogFormat, filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::usage(format!("log: {error}; write it as \"info\" or \"info,clinichub_db=debug\"")))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format.resolve(std::io::stderr().is_terminal()) {
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
        LogFormat::Auto | LogFormat::Text => builder.compact().with_target(false).with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    drop(started);
    Ok(())
}
