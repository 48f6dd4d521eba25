//! The commands, one file each.

mod audit;
mod doctor;
mod import;
mod key;
mod migrate;
mod people;
mod picture;
mod print;
mod safekeeping;
mod serve;

use std::future::Future;

use clinichub_db::DbConfig;

use crate::cli::{AuditCommand, Cli, ClinicCommand, Command, ConfigCommand, ImportCommand, KeyCommand, UserCommand};
use crate::config::{self, Config, process_environment};
use crate::failure::{Context, Failure};
use crate::logging;
use crate::terminal::say;

/// Does what the command line says.
pub fn run(cli: &Cli) -> Result<(), Failure> {
    if let Command::Config(ConfigCommand::Reference) = &cli.command {
        say(config::reference().trim_end());
        return Ok(());
    }
    if let Command::SmallPicture { mime } = &cli.command {
        return picture::make(mime);
    }
    let config = Config::load(&cli.flags(), &process_environment())?;
    logging::start(config.log_format, log_filter(cli, &config))?;
    on_runtime(dispatch(cli, &config))
}

async fn dispatch(cli: &Cli, config: &Config) -> Result<(), Failure> {
    match &cli.command {
        Command::Serve(args) => serve::run(config, args).await,
        Command::Migrate => migrate::run(config).await,
        Command::Doctor(args) => doctor::run(config, args.sweep).await,
        Command::Backup { file, force } => safekeeping::back_up(config, file, *force).await,
        Command::Restore { file, force } => safekeeping::restore(config, file, *force).await,
        Command::Clinic(ClinicCommand::Create(args)) => people::create_clinic(config, args).await,
        Command::User(UserCommand::Create(args)) => people::create_user(config, args).await,
        Command::Import(ImportCommand::Patients(args)) => import::patients(config, args).await,
        Command::Import(ImportCommand::Icd10 { file }) => import::icd10(config, file).await,
        Command::Audit(AuditCommand::Verify) => audit::verify(config).await,
        Command::Key(KeyCommand::Rotate(args)) if args.files => key::rotate_files(config, args.prune).await,
        Command::Key(KeyCommand::Rotate(args)) => key::rotate(config, args),
        Command::Openapi => print::openapi().await,
        Command::Access => print::access().await,
        Command::Config(ConfigCommand::Reference) | Command::SmallPicture { .. } => Ok(()),
    }
}

/// A command at the terminal says what it did itself; its log is for what goes wrong.
fn log_filter<'a>(cli: &'a Cli, config: &'a Config) -> &'a str {
    let asked = cli.global.log.is_some() || matches!(cli.command, Command::Serve(_));
    if asked { &config.log } else { "warn" }
}

fn on_runtime<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    // A transaction that reads the embedded database keeps its thread meanwhile; the others go on.
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let threads = cores + DbConfig::readers_for(cores);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    runtime.could_not(|| "start the threads".to_owned())?.block_on(work)
}
