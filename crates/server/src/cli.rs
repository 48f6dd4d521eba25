//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clinichub_core::Role;

use crate::config::Flags;

/// Runs a clinic's day: patients, schedule, billing. One program, one data folder.
#[derive(Debug, Parser)]
#[command(name = "clinichub", version, propagate_version = true, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The folder of the database, keys and files [default: clinichub-data].
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The configuration file [default: clinichub.toml in the data folder, if there is one].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What is logged: error, warn, info, debug, or by part (info,clinichub_db=debug).
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// How the log is written: json, text or auto.
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server.
    Serve(Serve),
    /// Bring the database to this version's schema (serve does it too).
    Migrate,
    /// Look for what is wrong with this installation, and say what to do.
    Doctor(Doctor),
    /// Clinics.
    #[command(subcommand)]
    Clinic(ClinicCommand),
    /// People who sign in.
    #[command(subcommand)]
    User(UserCommand),
    /// Take data over from another system.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write everything into one file; a running server may go on working.
    Backup {
        /// The file to write. It holds every chart and the keys: keep it safe.
        file: PathBuf,
        /// Overwrite the file when it is there already.
        #[arg(long)]
        force: bool,
    },
    /// Bring back what a backup holds.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Overwrite what is in the data folder and the database.
        #[arg(long)]
        force: bool,
    },
    /// The audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The keys that sign access tokens.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Make a small picture of the file on standard input; the server calls this for each file.
    #[command(hide = true)]
    SmallPicture {
        /// Its media type.
        mime: String,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Print who may do what, operation by operation (docs/ACCESS.md).
    Access,
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// `clinichub serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port to listen on [default: 127.0.0.1:8080]; port 0 takes a free one.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// Fill an empty data folder with two invented clinics, their staff and patients. This machine only.
    #[arg(long)]
    pub demo: bool,
    /// Certificate chain, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// A proxy in front does TLS: serve plain HTTP on any address and believe X-Forwarded-For.
    #[arg(long)]
    pub behind_proxy: bool,
}

/// `clinichub clinic …`
#[derive(Debug, Subcommand)]
pub enum ClinicCommand {
    /// Create a clinic.
    Create(ClinicCreate),
}

/// `clinichub clinic create`
#[derive(Debug, Args)]
pub struct ClinicCreate {
    /// Short code that references begin with (ABC01).
    #[arg(long)]
    pub code: String,
    /// Name.
    #[arg(long)]
    pub name: String,
    /// IANA time zone (America/Puerto_Rico).
    #[arg(long, value_name = "ZONE")]
    pub time_zone: String,
    /// ISO 4217 currency.
    #[arg(long, default_value = "USD")]
    pub currency: String,
}

/// `clinichub user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create a person who signs in. The password is asked for, read from standard input, or made and shown once.
    Create(UserCreate),
}

/// `clinichub user create`
#[derive(Debug, Args)]
pub struct UserCreate {
    /// E-mail address to sign in with.
    #[arg(long)]
    pub email: String,
    /// First name.
    #[arg(long)]
    pub first_name: String,
    /// Last name.
    #[arg(long)]
    pub last_name: String,
    /// Another name to sign in with.
    #[arg(long)]
    pub username: Option<String>,
    /// What the person is: admin, doctor, nurse, technician or receptionist of a clinic; or platform_admin, who runs the installation and
    /// sees no patient.
    #[arg(long, value_parser = account_role)]
    pub role: Role,
    /// The code of the clinic where the person works.
    #[arg(long, value_name = "CODE", required_if_eq_any = STAFF.map(|role| ("role", role)))]
    pub clinic: Option<String>,
}

/// The roles that belong to a clinic.
const STAFF: [&str; 5] = ["admin", "doctor", "nurse", "technician", "receptionist"];

fn account_role(text: &str) -> Result<Role, String> {
    let role: Role = text.parse()?;
    let known = "it is admin, doctor, nurse, technician, receptionist or platform_admin";
    if role.is_staff() || role == Role::PlatformAdmin { Ok(role) } else { Err(known.to_owned()) }
}

/// `clinichub import …`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Patients from a CSV file with a header line.
    Patients(ImportPatients),
    /// Codes of diagnoses (ICD-10-CM): the order file that is published each year, or lines of code, tab, description.
    Icd10 {
        /// The file.
        file: PathBuf,
    },
}

/// `clinichub import patients`
#[derive(Debug, Args)]
pub struct ImportPatients {
    /// The CSV file.
    pub file: PathBuf,
    /// The code of the clinic that gets them.
    #[arg(long, value_name = "CODE")]
    pub clinic: String,
    /// What happens when rows are refused.
    #[arg(long, value_enum, default_value_t = ImportMode::All)]
    pub mode: ImportMode,
    /// Where the refused rows go, with line and reason (CSV).
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Check everything, keep nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What happens when rows are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportMode {
    /// One refused row, and nothing is kept.
    All,
    /// The good rows are kept.
    Good,
}

/// `clinichub audit …`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check the chain: nothing changed, missing or inserted.
    Verify,
}

/// `clinichub key …`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a new key. A running server takes it over by itself; whoever is signed in notices nothing.
    Rotate(KeyRotate),
}

/// `clinichub key rotate`
#[derive(Debug, Args)]
pub struct KeyRotate {
    /// Wrap the keys of all files by a new key, instead of making one to sign with. What the files hold stays as it is.
    #[arg(long)]
    pub files: bool,
    /// Remove the keys that no good token can be signed with any more; with --files, those that no file needs any more.
    #[arg(long)]
    pub prune: bool,
}

/// `clinichub doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// Remove the stored objects that no row knows.
    #[arg(long)]
    pub sweep: bool,
}

/// `clinichub config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting (docs/CONFIGURATION.md).
    Reference,
}

impl Cli {
    /// What the command line says about settings.
    pub fn flags(&self) -> Flags {
        let mut flags = Flags { config: self.global.config.clone(), ..Flags::default() };
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let mut set = |key: &'static str, value: Option<String>| {
            if let Some(value) = value {
                flags.values.insert(key, value);
            }
        };
        set("data_dir", path(&self.global.data_dir));
        set("log", self.global.log.clone());
        set("log_format", self.global.log_format.clone());
        if let Command::Serve(serve) = &self.command {
            set("listen", serve.listen.clone());
            set("tls_cert", path(&serve.tls_cert));
            set("tls_key", path(&serve.tls_key));
            set("behind_proxy", serve.behind_proxy.then(|| "true".to_owned()));
        }
        flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_role_of_a_staff_needs_a_clinic() {
        assert_eq!(STAFF, Role::STAFF.iter().map(|role| role.as_str()).collect::<Vec<_>>()[..]);
    }

    #[test]
    fn a_user_is_the_operator_or_works_in_a_clinic() {
        let parse = |words: &str| Cli::try_parse_from(words.split(' ')).is_ok();
        let person = "clinichub user create --email a@example.com --first-name A --last-name B";
        assert!(parse(&format!("{person} --role platform_admin")));
        assert!(parse(&format!("{person} --clinic ABC01 --role nurse")));
        assert!(!parse(person));
        assert!(!parse(&format!("{person} --clinic ABC01")));
        assert!(!parse(&format!("{person} --role nurse")));
        assert!(!parse(&format!("{person} --clinic ABC01 --role patient")));
    }
}
