//! The program: configuration, commands, and the server that wires the slices to the network. No rule of a clinic lives here.

pub mod backup;
pub mod boot;
pub mod cli;
pub mod commands;
pub mod config;
pub mod data_dir;
pub mod demo;
pub mod failure;
pub mod logging;
pub mod serve;
pub mod terminal;
mod web;

use std::process::ExitCode;

use clap::Parser;

/// Reads the command line, does what it says, and turns a failure into one line and an exit code.
pub fn main() -> ExitCode {
    // Only an error when another provider is there already, and there is no other.
    drop(rustls::crypto::ring::default_provider().install_default());
    let cli = cli::Cli::parse();
    match commands::run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::note(format_args!("clinichub: {failure}"));
            failure.exit_code()
        }
    }
}
