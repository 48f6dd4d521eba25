//! What the program is told: flags before environment before file before defaults, each setting checked before anything starts.
//! This is the only place that reads the environment.

mod settings;
mod sources;

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use clinichub_app::SmtpSettings;
use clinichub_app::files::{FileSettings, Maker};
use clinichub_app::identity::keys;
use clinichub_files::{S3Settings, Scanner};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::failure::{Context as _, Failure};
pub use settings::{SETTINGS, Setting, reference};
pub use sources::{Environment, Flags, process_environment};

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// A JSON object a line.
    Json,
    /// Compact lines.
    Text,
}

impl LogFormat {
    /// What `Auto` comes to.
    #[must_use]
    pub fn resolve(self, terminal: bool) -> Self {
        match self {
            Self::Auto if terminal => Self::Text,
            Self::Auto => Self::Json,
            other => other,
        }
    }
}

/// Folders as they are written: a list in the file, one text with colons between elsewhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected folders: a list of texts, or a text with colons between")]
enum Folders {
    Text(String),
    List(Vec<PathBuf>),
}

/// The configuration, checked.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// The folder of the database, keys and files.
    pub data_dir: PathBuf,
    /// Address and port to listen on, as written; [`Config::address`] resolves it.
    pub listen: String,
    /// Where people reach this installation; without a slash at the end.
    pub public_url: Option<String>,
    /// Certificate chain, PEM.
    pub tls_cert: Option<PathBuf>,
    /// Private key, PEM.
    pub tls_key: Option<PathBuf>,
    /// Whether a proxy in front does TLS.
    pub behind_proxy: bool,
    /// PostgreSQL; none: SQLite in the data folder.
    pub database_url: Option<SecretString>,
    /// Connections to PostgreSQL at most.
    pub database_connections: usize,
    /// Where all nodes count sign-ins together.
    pub redis_url: Option<SecretString>,
    /// The key that signs access tokens.
    pub jwt_key: Option<SecretString>,
    /// What a password check costs.
    pub bcrypt_cost: u32,
    smtp_host: Option<String>,
    smtp_port: u16,
    smtp_tls: bool,
    smtp_ca: Option<PathBuf>,
    smtp_username: Option<String>,
    smtp_password: Option<SecretString>,
    smtp_from: Option<String>,
    /// The largest file that is taken.
    pub max_upload: u64,
    scanner: Option<String>,
    s3_bucket: Option<String>,
    s3_endpoint: Option<String>,
    s3_region: String,
    s3_access_key: Option<SecretString>,
    s3_secret_key: Option<SecretString>,
    /// The key that wraps the files' keys.
    pub files_key: Option<SecretString>,
    files_key_previous: Option<SecretString>,
    font_dirs: Option<Folders>,
    /// Who asks for `/metrics` must send it.
    pub metrics_token: Option<SecretString>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What is logged.
    pub log: String,
    /// Connections served at once.
    pub max_connections: usize,
    /// How long a stopping server waits.
    pub shutdown_seconds: u64,
}

impl Config {
    /// Reads and checks everything.
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Self, Failure> {
        let mut config: Self = sources::merge(flags, environment)?;
        config.public_url = config.public_url.map(|url| url.trim_end_matches('/').to_owned());
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Failure> {
        let rules = [
            (self.tls_cert.is_some() != self.tls_key.is_some(), "tls_cert and tls_key belong together; one of them is missing"),
            (!(10..=15).contains(&self.bcrypt_cost), "bcrypt_cost must be between 10 and 15"),
            (self.database_connections == 0, "database_connections must be at least 1"),
            (self.max_connections < 8, "max_connections must be at least 8"),
            (self.smtp_host.is_some() && self.smtp_from.is_none(), "smtp_host needs smtp_from, the address that mails come from"),
            (self.max_upload < 1024, "max_upload must be at least 1024 bytes"),
            (
                self.s3_bucket.is_some() && (self.s3_access_key.is_none() || self.s3_secret_key.is_none()),
                "s3_bucket needs s3_access_key and s3_secret_key",
            ),
            (
                self.s3_endpoint.as_deref().is_some_and(|url| !is_web_address(url) || url.contains('@')),
                "s3_endpoint must begin with http:// or https:// and hold no password",
            ),
            (
                self.files_key_previous.is_some() && self.files_key.is_none(),
                "files_key_previous needs files_key, the key that comes after it",
            ),
            (is_short(self.metrics_token.as_ref(), 16), "metrics_token must have at least 16 characters"),
            (self.public_url.as_deref().is_some_and(|url| !is_web_address(url)), "public_url must begin with http:// or https://"),
            (
                self.database_url.as_ref().is_some_and(|url| !is_postgres(url)),
                "database_url must begin with postgres://; leave it out for SQLite",
            ),
            (
                self.redis_url.as_ref().is_some_and(|url| !url.expose_secret().starts_with("redis://")),
                "redis_url must begin with redis://; TLS to Redis is for a tunnel to do",
            ),
        ];
        match rules.iter().find(|(broken, _)| *broken) {
            Some((_, sentence)) => Err(Failure::usage(*sentence)),
            None => self.check_secrets().and_then(|()| self.scanner().map(drop)),
        }
    }

    /// Refuses keys that somebody could guess, whoever wrote them.
    fn check_secrets(&self) -> Result<(), Failure> {
        let keys = [("jwt_key", &self.jwt_key), ("files_key", &self.files_key), ("files_key_previous", &self.files_key_previous)];
        let weakness = |key: &Option<SecretString>| keys::weakness(key.as_ref()?.expose_secret().trim());
        match keys.into_iter().find_map(|(name, key)| Some((name, weakness(key)?))) {
            Some((name, reason)) => Err(Failure::usage(format!(
                "{name} is refused: {reason}; leave it out and a good one is made, or use openssl rand -base64 32"
            ))),
            None => Ok(()),
        }
    }

    /// The address to listen on.
    pub fn address(&self) -> Result<SocketAddr, Failure> {
        let wrong = || Failure::usage(format!("listen: {:?} is not an address and port; write it as 127.0.0.1:8080", self.listen));
        let mut addresses = self.listen.to_socket_addrs().map_err(|_| wrong())?;
        addresses.next().ok_or_else(wrong)
    }

    /// Refuses what would send passwords and charts over a network in the clear.
    pub fn check_exposure(&self, address: SocketAddr, demo: bool) -> Result<(), Failure> {
        let reachable = !is_loopback(address.ip());
        if demo && (reachable || self.behind_proxy) {
            return Err(Failure::usage(
                "the demonstration has well-known passwords, so it listens on this machine only: leave out --listen and --behind-proxy, or --demo",
            ));
        }
        if reachable && self.tls_cert.is_none() && !self.behind_proxy {
            return Err(Failure::usage(format!(
                "{address} can be reached by others, and plain HTTP would show them passwords and charts: give --tls-cert and --tls-key, or \
                 --behind-proxy when a proxy in front does TLS"
            )));
        }
        Ok(())
    }

    /// Where people reach this installation when it listens on `address`.
    pub fn url(&self, address: SocketAddr) -> String {
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        let here = if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() };
        self.public_url.clone().unwrap_or_else(|| format!("{scheme}://{here}"))
    }

    /// The mail server, if there is one.
    pub fn smtp(&self) -> Option<SmtpSettings> {
        let host = self.smtp_host.clone()?;
        Some(SmtpSettings {
            host,
            port: self.smtp_port,
            tls: self.smtp_tls,
            ca: self.smtp_ca.clone(),
            username: self.smtp_username.clone(),
            password: self.smtp_password.clone(),
            from: self.smtp_from.clone().unwrap_or_default(),
        })
    }

    /// Who is asked about files.
    pub fn scanner(&self) -> Result<Option<Scanner>, Failure> {
        let scanner = self.scanner.as_deref().map(str::parse).transpose();
        scanner.map_err(|wrong: String| Failure::usage(format!("scanner {wrong}")))
    }

    /// Where files are kept and what may come in.
    pub fn files(&self) -> Result<FileSettings, Failure> {
        let keys = self.s3_access_key.clone().zip(self.s3_secret_key.clone());
        let s3 = self.s3_bucket.clone().zip(keys).map(|(bucket, (access_key, secret_key))| S3Settings {
            bucket,
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone(),
            access_key,
            secret_key,
        });
        Ok(FileSettings {
            s3,
            key: self.files_key.clone(),
            previous_key: self.files_key_previous.clone(),
            max_upload: self.max_upload,
            scanner: self.scanner()?,
            small_pictures: std::env::current_exe().map(Maker::Program).could_not(|| "find this program's own file".to_owned())?,
        })
    }

    /// The folders of fonts: those that are named, or what there is of the usual ones.
    pub fn font_dirs(&self) -> Vec<PathBuf> {
        match &self.font_dirs {
            Some(Folders::List(folders)) => folders.clone(),
            Some(Folders::Text(folders)) => std::env::split_paths(folders).filter(|folder| !folder.as_os_str().is_empty()).collect(),
            None => {
                let usual = [self.data_dir.join("fonts"), "/usr/share/fonts".into(), "/usr/local/share/fonts".into()];
                usual.into_iter().filter(|folder| folder.is_dir()).collect()
            }
        }
    }

    /// The SQLite file.
    pub fn sqlite_file(&self) -> PathBuf {
        self.data_dir.join(SQLITE_FILE)
    }
}

/// The name of the SQLite file in the data folder.
pub const SQLITE_FILE: &str = "clinichub.db";

/// The name of the configuration file in the data folder.
pub const CONFIG_FILE: &str = "clinichub.toml";

fn is_short(secret: Option<&SecretString>, least: usize) -> bool {
    secret.is_some_and(|secret| secret.expose_secret().len() < least)
}

fn is_web_address(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

fn is_postgres(url: &SecretString) -> bool {
    let url = url.expose_secret();
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// A path as a person wants to read it.
pub fn shown(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

#[cfg(test)]
mod tests;
