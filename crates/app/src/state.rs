//! What a running ClinicHub consists of, handed to every handler, job and command.

use std::path::PathBuf;
use std::sync::{Arc, Weak};

use clinichub_core::{AppError, Clock, Entropy};
use clinichub_db::Db;
use clinichub_files::FileStore;
use secrecy::SecretString;
use tokio_util::task::TaskTracker;

use crate::audit::AuditWriter;
use crate::files::FileSettings;
use crate::identity::{Hasher, SessionCache, SignInLimits, Tokens};
use crate::notifications::Mailer;
use crate::press::Press;
use crate::realtime::EventHub;
use crate::sealing::FieldKeys;

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
    /// Signs and checks access tokens.
    pub tokens: Tokens,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// The sessions in use.
    pub sessions: SessionCache,
    /// How often an address may try to sign in.
    pub sign_in_limits: SignInLimits,
    /// Sends mail.
    pub mailer: Mailer,
    /// The store of files.
    pub files: FileStore,
    /// The keys of sealed fields.
    pub fields: FieldKeys,
    /// Writes the audit rows of reads and refusals.
    pub audit: AuditWriter,
    /// Makes documents.
    pub press: Press,
    /// Those who listen to events on this node.
    pub events: EventHub,
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
    /// Where mail goes; `None`: into files in the folder `mail` of the data folder.
    pub smtp: Option<SmtpSettings>,
    /// Where files are kept and what may come in.
    pub files: FileSettings,
    /// The folders of fonts for documents with letters that the embedded ones lack.
    pub font_dirs: Vec<PathBuf>,
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
    /// The authority that the server's certificate may be signed by beside the public ones, a PEM file.
    pub ca: Option<PathBuf>,
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
    /// Puts the parts together and starts what runs beside the requests.
    pub fn start(
        db: Db,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
        tasks: TaskTracker,
    ) -> Result<Self, AppError> {
        let files = crate::files::open(&settings.files, &settings.data_dir, clock.as_ref(), &entropy)?;
        let parts = Parts {
            tokens: Tokens::new(&settings.jwt_keys)?,
            hasher: Hasher::new(settings.bcrypt_cost, entropy.clone()),
            sessions: SessionCache::default(),
            sign_in_limits: SignInLimits::default(),
            mailer: Mailer::new(&settings)?,
            fields: FieldKeys::new(files.keys().clone()),
            files,
            audit: AuditWriter::start(&db, &clock),
            press: Press::new(settings.font_dirs.clone()),
            events: EventHub::default(),
            db,
            clock,
            entropy,
            settings,
            tasks,
        };
        let app = Self(Arc::new(parts));
        crate::identity::forget_what_changes(&app);
        Ok(app)
    }

    /// A handle that doesn't keep the program alive, for what the program itself holds.
    pub(crate) fn weak(&self) -> Weak<Parts> {
        Arc::downgrade(&self.0)
    }

    /// Sixteen unpredictable bytes in hexadecimal, for ids that nobody else must hit upon.
    pub fn random_hex(&self) -> String {
        crate::identity::keys::hex(&self.entropy.bytes::<16>())
    }
}
