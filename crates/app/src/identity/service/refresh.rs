//! Going on with a session: each refresh token works once, and one that comes back spent ends the session it belongs to.

use clinichub_core::{AppError, Grant, Role, SessionId, TrailEntry, UserId};
use clinichub_db::PlatformTx;

use super::{Me, SignedIn};
use crate::App;
use crate::identity::announce;
use crate::identity::cache::Changed;
use crate::identity::limits::network_of;
use crate::identity::model::{Account, Place, REFRESH_LIFETIME, Seat, one_role_a_clinic, seat_at};
use crate::identity::secret::{Secret, sha256};
use crate::identity::store::{self, RefreshRow};
use crate::identity::token::invalid_token;

/// Spends a refresh token for a new pair.
pub async fn refresh(app: &App, grant: &Grant, token: &str) -> Result<SignedIn, AppError> {
    let network = network_of(grant.origin().address.as_deref());
    app.sign_in_limits.refreshes.mark(&network, app.clock.now()).await?;
    let next = Secret::new(&*app.entropy);
    let args = (sha256(token), next.sha256.clone());
    let (me, session_id) = app.db.platform_write(grant, args, rotate).await?.ok_or_else(invalid_token)?;
    SignedIn::new(app, me, session_id, next)
}

/// `None` is the refusal: it must not undo what the transaction revoked.
async fn rotate(mut tx: PlatformTx, (spent, next): (String, String)) -> Result<Option<(Me, SessionId)>, AppError> {
    let tx = &mut tx;
    let Some(row) = store::find_refresh(tx, &spent).await? else { return Ok(None) };
    let now = tx.now();
    if row.is_revoked || row.expires_at <= now || row.session_expires_at <= now {
        return Ok(None);
    }
    if row.is_spent || !store::spend_refresh(tx, &spent).await? {
        revoke_family(tx, &row).await?;
        return Ok(None);
    }
    let me = still_seated(tx, &row).await?;
    let clinic_id = row.clinic_id;
    let trail = TrailEntry { resource: Some(("session", row.session_id.0)), ..TrailEntry::default() };
    tx.audit(clinic_id, trail).await?;
    let Some(me) = me else { return Ok(None) };
    store::touch_session(tx, row.session_id, clinic_id).await?;
    let expires_at = now.plus(REFRESH_LIFETIME).min(row.session_expires_at);
    store::insert_refresh(tx, &next, row.session_id, expires_at).await?;
    Ok(Some((me, row.session_id)))
}

/// Somebody has a copy of a token: neither they nor the owner goes on without a password.
async fn revoke_family(tx: &mut PlatformTx, row: &RefreshRow) -> Result<(), AppError> {
    store::revoke_session(tx, row.session_id, row.user_id, "a spent refresh token was used again").await?;
    announce(tx, Changed::Session(row.session_id))?;
    let details = Some(r#"{"because":"a spent refresh token was used again"}"#.to_owned());
    tx.audit(row.clinic_id, TrailEntry { resource: Some(("session", row.session_id.0)), details, ..TrailEntry::default() }).await?;
    Ok(())
}

/// Who goes on, where they sat; nobody when the account, the role or the clinic is no longer active.
async fn still_seated(tx: &mut PlatformTx, row: &RefreshRow) -> Result<Option<Me>, AppError> {
    let Some(account) = active_account(tx, row.user_id).await? else { return Ok(None) };
    let places = one_role_a_clinic(store::list_places(tx, row.user_id).await?);
    let seat = seat_in(row, &account, &places);
    Ok(seat.map(|seat| Me { account, seat, places }))
}

async fn active_account(tx: &mut PlatformTx, user_id: UserId) -> Result<Option<Account>, AppError> {
    Ok(store::find_account_by_id(tx, user_id).await?.filter(|account| account.is_active))
}

fn seat_in(row: &RefreshRow, account: &Account, places: &[Place]) -> Option<Seat> {
    match row.clinic_id {
        Some(clinic) => seat_at(places.iter().find(|place| place.clinic_id == clinic)?).ok(),
        None => account.is_platform_admin.then_some(Seat { role: Role::PlatformAdmin, place: None }),
    }
}
