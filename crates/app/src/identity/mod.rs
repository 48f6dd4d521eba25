//! Owns who somebody is: accounts, sessions, access and refresh tokens, passwords, the first start.
//!
//! What must never happen here: a password or token in a log, in a table as it is, or in an answer that somebody else gets; a
//! session that goes on after it was ended; an answer, or the time it takes, that tells whether an account exists.

mod api;
mod cache;
mod cookie;
mod guard;
mod hasher;
pub mod keys;
mod limits;
mod model;
mod password;
mod routes;
mod secret;
mod service;
mod store;
mod token;

use clinichub_core::{AppError, ClinicId, UserId};
use clinichub_db::{Dialect, Heard, PlatformTx};
use clinichub_jobs::RunnerBuilder;
use jiff::SignedDuration;

pub use cache::{Changed, SessionCache};
pub use hasher::Hasher;
pub use limits::SignInLimits;
pub use model::{email_key, phone_digits, username_key};
pub use password::{DEMO_PASSWORD, Whose, check_rules};
pub use routes::routes;
pub use service::{
    ChangeProfile, SEND_INVITATION, SEND_RESET, change_password, ensure_setup_token, forget_links_in, invite_in, update_me,
    withdraw_invitation_in, withdraw_other_admins_in,
};
pub use token::Tokens;

use crate::App;

/// The bcrypt hash of a password that passed [`check_rules`].
pub async fn hash_password(app: &App, password: &str) -> Result<String, AppError> {
    app.hasher.hash(password).await
}

/// Adds this slice's jobs and schedules.
pub fn with_jobs(app: &App, builder: RunnerBuilder) -> RunnerBuilder {
    let (mailing, inviting, purging) = (app.clone(), app.clone(), app.clone());
    let builder = builder.job(SEND_RESET, move |job| {
        let app = mailing.clone();
        async move { service::send_reset_link(&app, &job).await }
    });
    let builder = builder.job(SEND_INVITATION, move |job| {
        let app = inviting.clone();
        async move { service::send_invitation(&app, &job).await }
    });
    builder.every(SignedDuration::from_hours(24), "identity.purge", move |grant| {
        let app = purging.clone();
        async move { Ok(service::purge(&app, &grant).await?) }
    })
}

/// Ends all sessions of a person, in one clinic or everywhere, at once when the transaction commits.
pub async fn revoke_sessions_of(tx: &mut PlatformTx, user: UserId, clinic: Option<ClinicId>, because: &str) -> Result<(), AppError> {
    store::revoke_sessions(tx, user, clinic, None, because).await?;
    announce(tx, Changed::User(user))
}

/// Ends all sessions in a clinic, at once when the transaction commits.
pub async fn revoke_sessions_of_clinic(tx: &mut PlatformTx, clinic: ClinicId, because: &str) -> Result<(), AppError> {
    store::revoke_sessions_in(tx, clinic, because).await?;
    announce(tx, Changed::Clinic(clinic))
}

/// Says that what was known of these sessions is no longer true; heard on every node as soon as the transaction commits.
pub fn announce(tx: &mut PlatformTx, changed: Changed) -> Result<(), AppError> {
    Ok(tx.announce(SESSIONS, serde_json::to_string(&changed).map_err(AppError::internal)?)?)
}

/// The channel on which changed sessions are announced.
const SESSIONS: &str = "clinichub_sessions";

/// Makes the app forget the sessions that commits change. Called once, when the app is put together.
pub(crate) fn forget_what_changes(app: &App) {
    // Other nodes' changes are not heard yet; until then every request asks the database.
    app.sessions.trust(app.db.dialect() == Dialect::Sqlite);
    let parts = app.weak();
    app.db.listen(SESSIONS, move |heard| {
        if let Some(parts) = parts.upgrade() {
            forget(&parts.sessions, heard);
        }
    });
}

fn forget(sessions: &SessionCache, heard: Heard<'_>) {
    match heard {
        Heard::Notice(text) => sessions.forget(serde_json::from_str(text).unwrap_or(Changed::Everything)),
        Heard::Listening => sessions.trust(true),
        Heard::Deaf => sessions.trust(false),
    }
}
