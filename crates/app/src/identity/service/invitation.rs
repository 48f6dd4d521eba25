//! Joining a clinic's staff: a link by mail, so that nobody has an account under an address that isn't theirs, and nobody joins a
//! clinic without wanting to.
//!
//! Whoever has shown before that the address is theirs agrees with their own password. Everybody else chooses one: whatever password
//! the account has was chosen by somebody else, and ends here together with its sessions.

use clinichub_core::{AppError, ClinicId, Grant, SessionId, TrailEntry, UserId};
use clinichub_db::{NewJob, PlatformTx};
use clinichub_jobs::{JobContext, JobError};
use serde::{Deserialize, Serialize};

use super::sign_in::audit_sign_in;
use super::{Me, SignedIn, open_session};
use crate::identity::announce;
use crate::identity::cache::Changed;
use crate::identity::limits::network_of;
use crate::identity::model::{Account, INVITATION_LIFETIME, Tried, one_role_a_clinic, seat_at};
use crate::identity::password::{Whose, check_rules};
use crate::identity::secret::{Secret, sha256};
use crate::identity::store::{self, Invitation};
use crate::notifications::Mail;
use crate::{App, staff};

/// The kind of job that mails an invitation.
pub const SEND_INVITATION: &str = "identity.send_invitation";

#[derive(Serialize, Deserialize)]
struct Invited {
    clinic_id: ClinicId,
    user_id: UserId,
}

/// Asks a member of a clinic's staff by mail to accept the membership. The caller audits.
pub async fn invite_in(tx: &mut PlatformTx, clinic_id: ClinicId, user_id: UserId, names: (&str, &str)) -> Result<(), AppError> {
    let expires_at = tx.now().plus(INVITATION_LIFETIME);
    store::put_invitation(tx, clinic_id, user_id, names, expires_at).await?;
    let job = NewJob {
        kind: SEND_INVITATION,
        unique_key: Some(format!("{clinic_id}-{user_id}")),
        payload: serde_json::to_value(Invited { clinic_id, user_id }).map_err(AppError::internal)?,
        run_at: tx.now(),
        max_attempts: 12,
    };
    Ok(tx.enqueue(Some(clinic_id), job).await?)
}

/// Takes back what a member of a clinic's staff was asked. The caller audits.
pub async fn withdraw_invitation_in(tx: &mut PlatformTx, clinic_id: ClinicId, user_id: UserId) -> Result<(), AppError> {
    Ok(store::withdraw_invitation(tx, clinic_id, user_id).await?)
}

/// Takes back what all but one of those were asked who were to run a clinic. The caller audits.
pub async fn withdraw_other_admins_in(tx: &mut PlatformTx, clinic_id: ClinicId, kept: UserId) -> Result<(), AppError> {
    Ok(store::withdraw_other_admins(tx, clinic_id, kept).await?)
}

/// Makes every link worthless that was mailed to a person: their address is another one from now on.
pub async fn forget_links_in(tx: &mut PlatformTx, user_id: UserId) -> Result<(), AppError> {
    store::delete_resets(tx, user_id).await?;
    Ok(store::forget_invitation_tokens(tx, user_id).await?)
}

/// Does a [`SEND_INVITATION`] job. The mail goes first: a link that was mailed and not kept is harmless, a retry mails another.
pub async fn send_invitation(app: &App, job: &JobContext) -> Result<(), JobError> {
    let invited: Invited = job.payload()?;
    let find = async |mut tx: PlatformTx, of: (ClinicId, UserId)| Ok(store::find_invitation(&mut tx, of.0, of.1).await?);
    let found = app.db.platform_read(&job.grant, (invited.clinic_id, invited.user_id), find).await?;
    let Some(invitation) = found else { return Ok(()) };
    let secret = Secret::new(&*app.entropy);
    let mail = invitation_mail(app, &invitation, &secret.token);
    app.mailer.send(&mail, &format!("invitation-{}", &secret.sha256[..16]), app.clock.now()).await?;
    Ok(app.db.platform_write(&job.grant, (invited.clinic_id, invited.user_id, secret.sha256), keep_token).await?)
}

async fn keep_token(mut tx: PlatformTx, (clinic_id, user_id, token_sha256): (ClinicId, UserId, String)) -> Result<(), AppError> {
    let tx = &mut tx;
    let expires_at = tx.now().plus(INVITATION_LIFETIME);
    store::set_invitation_token(tx, clinic_id, user_id, &token_sha256, expires_at).await?;
    tx.audit(Some(clinic_id), TrailEntry { resource: Some(("user", user_id.0)), ..TrailEntry::default() }).await?;
    Ok(())
}

fn invitation_mail(app: &App, invitation: &Invitation, token: &str) -> Mail {
    let Invitation { clinic_name, first_name, role, email, has_own_password, .. } = invitation;
    let (url, days) = (&app.settings.public_url, INVITATION_LIFETIME.as_hours() / 24);
    let what = if *has_own_password {
        "Open this link to accept with the password of your ClinicHub account"
    } else {
        "Open this link to choose your password"
    };
    let text = format!(
        "Hello {first_name},\n\n\
         {clinic_name} invites you to its staff on ClinicHub, as {role}.\n\
         {what}, within {days} days:\n\n\
         {url}/invite#token={token}\n\n\
         The link works once. If you don't know this clinic, do nothing: without the link nothing happens in your name.\n"
    );
    Mail { to: email.clone(), subject: format!("{clinic_name} invites you to ClinicHub"), text }
}

/// What the link of an invitation is about.
pub async fn invitation(app: &App, grant: &Grant, token: &str) -> Result<Invitation, AppError> {
    let network = network_of(grant.origin().address.as_deref());
    app.sign_in_limits.requests.mark(&network, app.clock.now()).await?;
    let find = async |mut tx: PlatformTx, token: String| open(&mut tx, &token).await.map(|(invitation, _)| invitation);
    app.db.platform_read(grant, sha256(token), find).await
}

async fn open(tx: &mut PlatformTx, token: &str) -> Result<(Invitation, Account), AppError> {
    let invitation = store::find_invitation_by_token(tx, token).await?.ok_or_else(dead_link)?;
    let account = store::find_account_by_id(tx, invitation.user_id).await?.ok_or_else(dead_link)?;
    Ok((invitation, account))
}

/// Somebody accepts.
pub struct Acceptance {
    /// From the link.
    pub token: String,
    /// Their own password, or for those who have none the one that they choose.
    pub password: String,
    /// Their first name, where the clinic had it wrong; for those who choose a password.
    pub first_name: Option<String>,
    /// Their last name, likewise.
    pub last_name: Option<String>,
    /// Their program.
    pub user_agent: Option<String>,
}

/// Accepts an invitation, and signs in to the clinic.
pub async fn accept_invitation(app: &App, grant: &Grant, acceptance: Acceptance) -> Result<SignedIn, AppError> {
    let network = network_of(grant.origin().address.as_deref());
    app.sign_in_limits.requests.mark(&network, app.clock.now()).await?;
    let token_sha256 = sha256(&acceptance.token);
    let open = async |mut tx: PlatformTx, token: String| open(&mut tx, &token).await;
    let (invitation, before) = app.db.platform_read(grant, token_sha256.clone(), open).await?;
    let chosen = if invitation.has_own_password {
        verify(app, &before, network, &acceptance.password).await?;
        None
    } else {
        Some(choose(app, &before, &acceptance).await?)
    };
    let refresh = Secret::new(&*app.entropy);
    let user_agent = acceptance.user_agent;
    let args = Joining { token_sha256, before, chosen, user_agent, refresh_sha256: refresh.sha256.clone() };
    let (me, session_id) = app.db.platform_write(grant, args, join).await?;
    SignedIn::new(app, me, session_id, refresh)
}

/// Limited like a sign-in, and together with it.
async fn verify(app: &App, account: &Account, network: String, password: &str) -> Result<(), AppError> {
    let pair = (Tried::Account(account.user_id), network);
    if app.check_password(&pair, password, account.password_hash.clone()).await? {
        return Ok(());
    }
    Err(AppError::field("password", "This is not the password of your account"))
}

/// What somebody chose who had no password of their own.
#[derive(Clone)]
struct Chosen {
    password_hash: String,
    first_name: String,
    last_name: String,
}

async fn choose(app: &App, account: &Account, acceptance: &Acceptance) -> Result<Chosen, AppError> {
    let name = |given: &Option<String>, before: &str| given.as_deref().map_or(before, str::trim).to_owned();
    let (first_name, last_name) = (name(&acceptance.first_name, &account.first_name), name(&acceptance.last_name, &account.last_name));
    let whose = Whose { first_name: &first_name, last_name: &last_name, ..Whose::of(account) };
    check_rules(&acceptance.password, whose, app.settings.demo)?;
    let password_hash = app.hasher.hash(&acceptance.password).await?;
    Ok(Chosen { password_hash, first_name, last_name })
}

#[derive(Clone)]
struct Joining {
    token_sha256: String,
    before: Account,
    chosen: Option<Chosen>,
    user_agent: Option<String>,
    refresh_sha256: String,
}

async fn join(mut tx: PlatformTx, joining: Joining) -> Result<(Me, SessionId), AppError> {
    let tx = &mut tx;
    let (invitation, account) = open(tx, &joining.token_sha256).await?;
    // Whatever else changed the password in between knew it, or had a link of its own.
    let is_as_judged = account.password_hash == joining.before.password_hash && invitation.has_own_password == joining.chosen.is_none();
    if !is_as_judged || !store::delete_invitation(tx, &joining.token_sha256).await? {
        return Err(dead_link());
    }
    let (clinic_id, user_id) = (invitation.clinic_id, invitation.user_id);
    if let Some(chosen) = joining.chosen {
        own(tx, user_id, &chosen).await?;
    }
    staff::join_in(tx, clinic_id, user_id, invitation.role).await?;
    announce(tx, Changed::User(user_id))?;
    let account = store::find_account_by_id(tx, user_id).await?.ok_or(AppError::NotFound("User"))?;
    let places = one_role_a_clinic(store::list_places(tx, user_id).await?);
    let seat = places.iter().find(|place| place.clinic_id == clinic_id).map(seat_at).ok_or(AppError::NotFound("Clinic"))??;
    let session_id = open_session(tx, user_id, &seat, joining.user_agent, &joining.refresh_sha256).await?;
    audit_sign_in(tx, &account, &seat, session_id).await?;
    Ok((Me { account, seat, places }, session_id))
}

/// Makes an account that of the person who reads the mail of its address.
async fn own(tx: &mut PlatformTx, user_id: UserId, chosen: &Chosen) -> Result<(), AppError> {
    store::update_password(tx, user_id, &chosen.password_hash).await?;
    store::set_names(tx, user_id, &chosen.first_name, &chosen.last_name).await?;
    store::verify_email(tx, user_id).await?;
    store::delete_resets(tx, user_id).await?;
    store::revoke_sessions(tx, user_id, None, None, "the account's owner chose a password").await?;
    Ok(())
}

fn dead_link() -> AppError {
    AppError::field("token", "This link is not valid any more; ask the clinic for a new one")
}
