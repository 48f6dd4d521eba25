//! Getting in again after forgetting the password: a link by mail that works once, for an hour.
//!
//! The request only queues a job, the same for every address, so that neither the answer nor its time tells who has an account.

use clinichub_core::{AppError, Grant, TrailEntry, UserId};
use clinichub_db::{NewJob, PlatformTx};
use clinichub_jobs::{JobContext, JobError};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::identity::announce;
use crate::identity::cache::Changed;
use crate::identity::limits::network_of;
use crate::identity::model::{Account, Identifier, RESET_LIFETIME, email_key};
use crate::identity::password::{Whose, check_rules};
use crate::identity::secret::{Secret, sha256};
use crate::identity::store::{self, Purpose};
use crate::notifications::Mail;

/// The kind of job that sends a reset link, if the address has an account.
pub const SEND_RESET: &str = "identity.send_reset";
/// How long ended tokens, links and sessions are kept.
const PURGE_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long nobody gets a second link while the first is unused.
const PAUSE: SignedDuration = SignedDuration::from_mins(2);

#[derive(Serialize, Deserialize)]
struct ResetRequest {
    email: String,
}

/// Queues a reset link for whoever has this address.
pub async fn forgot_password(app: &App, grant: &Grant, email: &str) -> Result<(), AppError> {
    let network = network_of(grant.origin().address.as_deref());
    app.sign_in_limits.requests.mark(&network, app.clock.now()).await?;
    app.db.platform_write(grant, email_key(email), queue_reset).await
}

async fn queue_reset(mut tx: PlatformTx, email: String) -> Result<(), AppError> {
    let job = NewJob {
        kind: SEND_RESET,
        unique_key: Some(sha256(&email)),
        payload: serde_json::to_value(ResetRequest { email }).map_err(AppError::internal)?,
        run_at: tx.now(),
        max_attempts: 8,
    };
    tx.enqueue(None, job).await?;
    tx.audit(None, TrailEntry::default()).await?;
    Ok(())
}

/// Does a [`SEND_RESET`] job. The mail goes first: a link that was mailed and not kept is harmless, a retry mails another.
pub async fn send_reset_link(app: &App, job: &JobContext) -> Result<(), JobError> {
    let request: ResetRequest = job.payload()?;
    let Some(account) = app.db.platform_read(&job.grant, request.email.clone(), who_may_reset).await? else { return Ok(()) };
    let secret = Secret::new(&*app.entropy);
    let mail = reset_mail(app, &account, request.email, &secret.token);
    app.mailer.send(&mail, &format!("reset-{}", &secret.sha256[..16]), app.clock.now()).await?;
    Ok(app.db.platform_write(&job.grant, (account.user_id, secret.sha256), keep_link).await?)
}

async fn who_may_reset(mut tx: PlatformTx, email: String) -> Result<Option<Account>, AppError> {
    let tx = &mut tx;
    let found = store::find_account(tx, &Identifier::Email(email)).await?;
    let Some(account) = found.filter(|account| account.is_active) else { return Ok(None) };
    let since = tx.now().plus(-PAUSE);
    let is_early = store::has_fresh_reset(tx, account.user_id, since).await?;
    Ok((!is_early).then_some(account))
}

async fn keep_link(mut tx: PlatformTx, (user_id, token_sha256): (UserId, String)) -> Result<(), AppError> {
    let tx = &mut tx;
    let expires_at = tx.now().plus(RESET_LIFETIME);
    store::delete_resets(tx, user_id).await?;
    store::insert_link_token(tx, &token_sha256, Purpose::PasswordReset, Some(user_id), expires_at).await?;
    tx.audit(None, TrailEntry { resource: Some(("user", user_id.0)), ..TrailEntry::default() }).await?;
    Ok(())
}

fn reset_mail(app: &App, account: &Account, to: String, token: &str) -> Mail {
    let (name, url, minutes) = (&account.first_name, &app.settings.public_url, RESET_LIFETIME.as_secs() / 60);
    let text = format!(
        "Hello {name},\n\n\
         somebody, we hope it was you, asked for a new password for your ClinicHub account.\n\
         Open this link within {minutes} minutes to choose one:\n\n\
         {url}/reset-password#token={token}\n\n\
         The link works once. If you did not ask for it, do nothing: your password stays as it is.\n"
    );
    Mail { to, subject: "Choose a new password for ClinicHub".to_owned(), text }
}

/// Sets a new password with the token of a mailed link, and ends all sessions of its owner.
pub async fn reset_password(app: &App, grant: &Grant, token: &str, password: &str) -> Result<(), AppError> {
    let network = network_of(grant.origin().address.as_deref());
    app.sign_in_limits.requests.mark(&network, app.clock.now()).await?;
    let token = sha256(token);
    let owner = async |mut tx: PlatformTx, token: String| Ok(store::find_reset_owner(&mut tx, &token).await?);
    let account = app.db.platform_read(grant, token.clone(), owner).await?.ok_or_else(dead_link)?;
    check_rules(password, Whose::of(&account), app.settings.demo)?;
    let hash = app.hasher.hash(password).await?;
    app.db.platform_write(grant, (token, hash), use_link).await
}

async fn use_link(mut tx: PlatformTx, (token, hash): (String, String)) -> Result<(), AppError> {
    let tx = &mut tx;
    let owner = store::use_link_token(tx, &token, Purpose::PasswordReset).await?.flatten();
    let user_id = owner.ok_or_else(dead_link)?;
    store::update_password(tx, user_id, &hash).await?;
    store::verify_email(tx, user_id).await?;
    store::delete_resets(tx, user_id).await?;
    store::revoke_sessions(tx, user_id, None, None, "the password was reset").await?;
    announce(tx, Changed::User(user_id))?;
    tx.audit(None, TrailEntry { resource: Some(("user", user_id.0)), ..TrailEntry::default() }).await?;
    Ok(())
}

fn dead_link() -> AppError {
    AppError::field("token", "This link is not valid any more; ask for a new one")
}

/// Forgets tokens, links and sessions that ended long ago; a schedule.
pub async fn purge(app: &App, grant: &Grant) -> Result<(), AppError> {
    let purge = async |mut tx: PlatformTx, ()| {
        let before = tx.now().plus(-PURGE_AFTER);
        tx.unaudited("what is deleted ended long ago and its use was audited");
        Ok(store::delete_expired(&mut tx, before).await?)
    };
    app.db.platform_write(grant, (), purge).await
}
