//! Mail: through the configured server, or as files in the data folder where none is configured.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clinichub_core::{AppError, UtcTime};
use clinichub_jobs::JobError;
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use crate::identity::keys::{make_private_folder, write_private};
use crate::{Settings, SmtpSettings};

/// How long the mail server may take; a job is tried again later.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Who mail comes from where no server is configured.
const NOBODY: &str = "ClinicHub <clinichub@localhost>";

/// A mail in plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The recipient's address.
    pub to: String,
    /// The subject; nothing about a person's health stands in it.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Sends mail.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    Server(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// As the configuration says.
    pub fn new(settings: &Settings) -> Result<Self, AppError> {
        let from = settings.smtp.as_ref().map_or(NOBODY, |smtp| smtp.from.as_str());
        let way = match &settings.smtp {
            Some(smtp) => Way::Server(transport(smtp)?),
            None => Way::Folder(settings.data_dir.join("mail")),
        };
        Ok(Self { from: from.parse().map_err(AppError::internal)?, way })
    }

    /// Hands a mail over. `id` makes the mail's id and its file's name; the same mail sent twice keeps it, so that readers can tell.
    pub async fn send(&self, mail: &Mail, id: &str, at: UtcTime) -> Result<(), JobError> {
        let message = self.message(mail, id, at)?;
        match &self.way {
            Way::Server(server) => {
                server.send(message).await.map_err(|error| refused(&error))?;
            }
            Way::Folder(folder) => {
                let path = folder.join(format!("{}-{id}.eml", at.micros()));
                let folder = folder.clone();
                let write = tokio::task::spawn_blocking(move || save(&folder, &path, &message.formatted()));
                write.await.map_err(|error| again(&error))?.map_err(|error| again(&error))?;
                tracing::info!(mail = id, "no mail server is configured; the mail was kept in the data folder");
            }
        }
        Ok(())
    }

    fn message(&self, mail: &Mail, id: &str, at: UtcTime) -> Result<Message, JobError> {
        let unusable = |_| JobError::GiveUp("the address can't be mailed to".to_owned());
        let to: Mailbox = mail.to.parse().map_err(unusable)?;
        let date = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.micros()).unwrap_or(0));
        let message_id = format!("<{id}@{}>", self.from.email.domain());
        let builder = Message::builder().from(self.from.clone()).to(to).subject(mail.subject.as_str()).date(date);
        let builder = builder.message_id(Some(message_id));
        builder.singlepart(SinglePart::plain(mail.text.clone())).map_err(|_| JobError::GiveUp("the mail can't be written".to_owned()))
    }
}

fn again(error: &dyn std::error::Error) -> JobError {
    JobError::Again(format!("the mail could not be kept: {error}"))
}

/// What the server said is not kept: it repeats the address.
fn refused(error: &lettre::transport::smtp::Error) -> JobError {
    let status = error.status().map_or_else(|| "did not answer".to_owned(), |code| format!("answered {code}"));
    let text = format!("the mail server {status}");
    if error.is_permanent() { JobError::GiveUp(text) } else { JobError::Again(text) }
}

fn transport(smtp: &SmtpSettings) -> Result<AsyncSmtpTransport<Tokio1Executor>, AppError> {
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host).port(smtp.port).timeout(Some(TIMEOUT));
    builder = builder.tls(tls(smtp)?);
    if let (Some(user), Some(password)) = (&smtp.username, &smtp.password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
    }
    Ok(builder.build())
}

/// Encrypted from the start on port 465, by STARTTLS on others, and required where the configuration says so.
fn tls(smtp: &SmtpSettings) -> Result<Tls, AppError> {
    if !smtp.tls {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(smtp.host.clone());
    if let Some(path) = &smtp.ca {
        let pem = std::fs::read(path).map_err(|error| AppError::internal(format!("{}: {error}", path.display())))?;
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(AppError::internal)?);
    }
    let parameters = parameters.build().map_err(AppError::internal)?;
    Ok(if smtp.port == 465 { Tls::Wrapper(parameters) } else { Tls::Required(parameters) })
}

fn save(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    make_private_folder(folder)?;
    match write_private(path, bytes) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}
