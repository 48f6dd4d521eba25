//! What a running ClinicHub consists of, handed to every handler, job and command.

use std::path::PathBuf;
use std::sync::Arc;

use clinichub_core::{Clock, Entropy};
use clinichub_db::Db;
use secrecy::SecretString;
use tokio_util::task::TaskTracker;

use crate::audit::AuditWriter;

/// The running program. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub entropy: Arc<dyn Entropy>,
    /// What the configuration says.
    pub settings: Settings,
    /// Work beside the requests; shutdown waits for it.
    pub tasks: TaskTracker,
    /// Writes the audit rows of reads and refusals.
    pub audit: AuditWriter,
}

/// What the configuration says, as far as the slices care.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach this installation, without a slash at the end (`https://clinic.example`); links in mails begin with it.
    pub public_url: String,
    /// The folder of the database, keys and files.
    pub data_dir: PathBuf,
    /// Whether the demonstration data and passwords are allowed.
    pub demo: bool,
    /// Whether `X-Forwarded-For` is believed.
    pub trust_proxy: bool,
    /// bcrypt's cost; 12 in production.
    pub bcrypt_cost: u32,
    /// The key that signs access tokens, at least 32 bytes, and those that are still accepted after a rotation, by key id.
    pub jwt_keys: Vec<(String, SecretString)>,
    /// Where mail goes; `None`: kept in the outbox folder of the data folder as files.
    pub smtp: Option<SmtpSettings>,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Host name.
    pub host: String,
    /// Port; 465 means TLS from the start, else STARTTLS when `tls` says so.
    pub port: u16,
    /// Whether the connection must be encrypted.
    pub tls: bool,
    /// User name, if the server wants one.
    pub username: Option<String>,
    /// Its password.
    pub password: Option<SecretString>,
    /// The address that mail comes from.
    pub from: String,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}
