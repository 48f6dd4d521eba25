//! Signing in with a password.

use clinichub_core::{AppError, Grant, SessionId, TrailEntry};
use clinichub_db::{AuditOutcome, PlatformTx};

use super::{Me, SignedIn, invalid_credentials, open_session};
use crate::identity::limits::network_of;
use crate::identity::model::{Account, Identifier, Seat, Tried, choose_seat, one_role_a_clinic};
use crate::identity::secret::Secret;
use crate::identity::store;
use crate::{App, audit};

/// A try to sign in.
pub struct Attempt {
    /// Who they say they are.
    pub identifier: Identifier,
    /// What only they should know.
    pub password: String,
    /// The code of the clinic they want to work in.
    pub clinic: Option<String>,
    /// Their program.
    pub user_agent: Option<String>,
}

/// Signs in, or says `Invalid credentials`: with the same work for an account that doesn't exist as for a wrong password.
pub async fn sign_in(app: &App, grant: &Grant, attempt: Attempt) -> Result<SignedIn, AppError> {
    let network = network_of(grant.origin().address.as_deref());
    app.sign_in_limits.attempts.mark(&network, app.clock.now()).await?;
    let find = async |mut tx: PlatformTx, identifier: Identifier| Ok(store::find_account(&mut tx, &identifier).await?);
    let found = app.db.platform_read(grant, attempt.identifier.clone(), find).await?;
    let is_right = verified(app, &attempt, network, found.as_ref()).await?;
    let Some(account) = found.as_ref().filter(|_| is_right) else {
        refuse(app, grant, found.as_ref(), "wrong credentials").await?;
        return Err(invalid_credentials());
    };
    match sit_down(app, grant, account, attempt).await? {
        Ok(signed_in) => Ok(signed_in),
        Err(error) => {
            refuse(app, grant, Some(account), "not active").await?;
            Err(error)
        }
    }
}

/// Whether the password is right. One bcrypt either way; a failure counts against this account from this network only.
async fn verified(app: &App, attempt: &Attempt, network: String, found: Option<&Account>) -> Result<bool, AppError> {
    let tried = found.map_or_else(|| Tried::Nobody(attempt.identifier.clone()), |account| Tried::Account(account.user_id));
    let pair = (tried, network);
    let hash = found.and_then(|account| account.password_hash.clone());
    app.check_password(&pair, &attempt.password, hash).await
}

/// Leaves a refused sign-in in the audit trail.
async fn refuse(app: &App, grant: &Grant, account: Option<&Account>, because: &str) -> Result<(), AppError> {
    let details = Some(serde_json::json!({ "because": because }).to_string());
    grant.look(TrailEntry { resource: account.map(|account| ("user", account.user_id.0)), details, ..TrailEntry::default() });
    audit::record(app, grant, AuditOutcome::Refused).await
}

#[derive(Clone)]
struct Wish {
    account: Account,
    clinic: Option<String>,
    user_agent: Option<String>,
    refresh_sha256: String,
}

async fn sit_down(app: &App, grant: &Grant, account: &Account, attempt: Attempt) -> Result<Result<SignedIn, AppError>, AppError> {
    let refresh = Secret::new(&*app.entropy);
    let wish =
        Wish { account: account.clone(), clinic: attempt.clinic, user_agent: attempt.user_agent, refresh_sha256: refresh.sha256.clone() };
    match app.db.platform_write(grant, wish, take_seat).await? {
        Ok((me, session_id)) => SignedIn::new(app, me, session_id, refresh).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// The inner result is the refusal: it must not undo the transaction's audit row.
async fn take_seat(mut tx: PlatformTx, wish: Wish) -> Result<Result<(Me, SessionId), AppError>, AppError> {
    let tx = &mut tx;
    let now = store::find_account_by_id(tx, wish.account.user_id).await?;
    let Some(account) = now.filter(|account| account.password_hash == wish.account.password_hash) else {
        return Ok(Err(invalid_credentials()));
    };
    if !account.is_active {
        return Ok(Err(AppError::forbidden("This account is not active")));
    }
    let places = one_role_a_clinic(store::list_places(tx, account.user_id).await?);
    let seat = match choose_seat(&account, &places, wish.clinic.as_deref()) {
        Ok(seat) => seat,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let session_id = open_session(tx, account.user_id, &seat, wish.user_agent, &wish.refresh_sha256).await?;
    audit_sign_in(tx, &account, &seat, session_id).await?;
    Ok(Ok((Me { account, seat, places }, session_id)))
}

/// The audit row of a sign-in.
pub(super) async fn audit_sign_in(tx: &mut PlatformTx, account: &Account, seat: &Seat, session_id: SessionId) -> Result<(), AppError> {
    let details = serde_json::json!({ "session_id": session_id, "role": seat.role });
    let resource = Some(("user", account.user_id.0));
    tx.audit(seat.clinic_id(), TrailEntry { resource, details: Some(details.to_string()), ..TrailEntry::default() }).await?;
    Ok(())
}
