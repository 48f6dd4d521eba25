//! What the slice does: the transactions of signing in and out, one's own account, and getting in without a password.

mod account;
mod invitation;
mod recovery;
mod refresh;
mod register;
mod setup;
mod sign_in;

use clinichub_core::{AppError, ClinicId, Grant, SessionId, TrailEntry, UserId};
use clinichub_db::PlatformTx;

use super::model::{Account, Place, REFRESH_LIFETIME, SESSION_LIFETIME, Seat, one_role_a_clinic, seat_at};
use super::secret::Secret;
use super::store::{self, NewSession};
use super::token::{Claims, invalid_token};
use crate::App;

pub use account::{ChangeProfile, Target, change_password, end_session, list_sessions, log_out, me, switch_clinic, update_me};
pub use invitation::{
    Acceptance, SEND_INVITATION, accept_invitation, forget_links_in, invitation, invite_in, send_invitation, withdraw_invitation_in,
    withdraw_other_admins_in,
};
pub use recovery::{SEND_RESET, forgot_password, purge, reset_password, send_reset_link};
pub use refresh::refresh;
pub use register::{Newcomer, register};
pub use setup::{Beginning, DoctorPerson, FirstAdmin, FirstDoctor, ensure_setup_token, is_setup_needed, set_up};
pub use sign_in::{Attempt, sign_in};

/// Somebody at their seat, as they see themselves.
#[derive(Debug, Clone)]
pub struct Me {
    /// The person.
    pub account: Account,
    /// Their role and clinic in this session.
    pub seat: Seat,
    /// All their clinics.
    pub places: Vec<Place>,
}

/// What a sign-in hands out.
pub struct SignedIn {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// Whose they are.
    pub me: Me,
}

impl SignedIn {
    fn new(app: &App, me: Me, session_id: SessionId, refresh: Secret) -> Result<Self, AppError> {
        let claims = Claims::new(me.account.user_id, me.seat.role, me.seat.clinic_id(), session_id, app.clock.now());
        Ok(Self { access_token: app.tokens.sign(&claims)?, refresh_token: refresh.token, me })
    }
}

/// Opens a session at a seat, with its first refresh token.
async fn open_session(
    tx: &mut PlatformTx,
    user_id: UserId,
    seat: &Seat,
    user_agent: Option<String>,
    refresh_sha256: &str,
) -> Result<SessionId, AppError> {
    let now = tx.now();
    let address = tx.grant().origin().address.clone();
    let new = NewSession { user_id, clinic_id: seat.clinic_id(), address, user_agent, expires_at: now.plus(SESSION_LIFETIME) };
    let session_id = store::insert_session(tx, &new).await?;
    store::insert_refresh(tx, refresh_sha256, session_id, now.plus(REFRESH_LIFETIME)).await?;
    Ok(session_id)
}

/// Which session goes on with another refresh token, and where it must be.
#[derive(Debug, Clone)]
struct Renewal {
    user_id: UserId,
    session_id: SessionId,
    clinic_id: Option<ClinicId>,
    refresh_sha256: String,
}

/// What follows where a request that handed out tokens comes again with its `Idempotency-Key`. Nobody keeps a token, so the first ones
/// can't be given again: the same session gets others, and of its refresh tokens that nobody used yet none works from here on. A session that
/// has ended or gone on elsewhere since gets nothing.
async fn renew(mut tx: PlatformTx, renewal: Renewal) -> Result<Me, AppError> {
    let tx = &mut tx;
    let Renewal { user_id, session_id, clinic_id, refresh_sha256 } = renewal;
    if store::find_place(tx, session_id, user_id).await? != Some(clinic_id) {
        return Err(invalid_token());
    }
    let account = store::find_account_by_id(tx, user_id).await?.filter(|account| account.is_active).ok_or_else(invalid_token)?;
    let places = one_role_a_clinic(store::list_places(tx, user_id).await?);
    let seat = seat_at(places.iter().find(|place| Some(place.clinic_id) == clinic_id).ok_or_else(invalid_token)?)?;
    store::delete_unspent(tx, session_id).await?;
    store::insert_refresh(tx, &refresh_sha256, session_id, tx.now().plus(REFRESH_LIFETIME)).await?;
    tx.audit(clinic_id, TrailEntry { resource: Some(("session", session_id.0)), ..TrailEntry::default() }).await?;
    Ok(Me { account, seat, places })
}

/// The answer to a wrong password and to an account that doesn't exist.
fn invalid_credentials() -> AppError {
    AppError::Unauthenticated("Invalid credentials".to_owned())
}

/// The person that a guarded route was called by.
fn person(grant: &Grant) -> Result<(UserId, SessionId), AppError> {
    let principal = grant.principal().ok_or_else(invalid_token)?;
    Ok((principal.user_id, principal.session_id))
}
