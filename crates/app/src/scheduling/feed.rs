//! Calendars: one appointment as a file, and a provider's coming appointments as a feed that a phone subscribes to with a token of its
//! own. Whoever has the token sees times and clinics, nothing else; the token is kept as its SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clinichub_core::{AppError, AppointmentId, Grant, Result, Role, TrailEntry, UserId};
use clinichub_db::{PlatformTx, TenantTx};
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

use super::calendar::{self, Entry};
use super::service::{about, require};
use super::store;
use super::when::Span;
use crate::identity::keys::hex;
use crate::{App, clinics, doctors};

type Access = clinichub_api::Access<App>;

/// How far a feed looks ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One appointment as a calendar file.
pub async fn of_appointment(access: &Access, id: AppointmentId) -> Result<String> {
    access
        .app
        .db
        .read(&access.grant, id, async |mut tx, id| {
            let appointment = require(&mut tx, id).await?;
            tx.grant().look(about(&appointment));
            let clinic = clinics::get_in(&mut tx).await?;
            let entry = Entry {
                reference: appointment.reference,
                clinic_name: clinic.name.clone(),
                clinic_address: clinic.address,
                scheduled_start: appointment.scheduled_start,
                scheduled_end: appointment.scheduled_end,
                status: appointment.status,
                updated_at: appointment.updated_at,
                version: appointment.version,
            };
            Ok(calendar::render(&clinic.name, &[entry], tx.now()))
        })
        .await
}

/// A new token for the provider's feed; the one before opens it no more. A doctor makes the own one.
pub async fn make_token(access: &Access, provider: UserId) -> Result<String> {
    let token = URL_SAFE_NO_PAD.encode(access.app.entropy.bytes::<32>());
    set_token(access, provider, Some(sha256(&token))).await?;
    Ok(token)
}

/// Closes the provider's feed.
pub async fn drop_token(access: &Access, provider: UserId) -> Result<()> {
    set_token(access, provider, None).await
}

async fn set_token(access: &Access, provider: UserId, sha256: Option<String>) -> Result<()> {
    if access.grant.role() == Some(Role::Doctor) && access.grant.user_id() != Some(provider) {
        return Err(AppError::forbidden("A doctor has a feed of the own calendar only"));
    }
    access
        .app
        .db
        .write(&access.grant, (provider, sha256), async |mut tx: TenantTx, (provider, sha256)| {
            let known = doctors::require_provider(&mut tx, provider).await;
            known.map_err(
                |error| if matches!(error, AppError::Invalid(_)) { AppError::conflict("Provider is not active") } else { error },
            )?;
            store::set_calendar_token(&mut tx.platform(), provider, sha256.as_deref()).await?;
            tx.audit(TrailEntry { resource: Some(("doctor", provider.0)), ..TrailEntry::default() }).await?;
            Ok(())
        })
        .await
}

/// The provider's coming appointments in all clinics, for whoever has the token. Without the right one there is no such calendar.
pub async fn of_provider(app: &App, grant: &Grant, provider: UserId, token: &str) -> Result<String> {
    let args = (provider, sha256(token));
    app.db
        .platform_read(grant, args, async |mut tx: PlatformTx, (provider, sha256)| {
            let owner = store::find_calendar_owner(&mut tx, provider, &sha256).await?.ok_or(AppError::NotFound("Calendar"))?;
            let window = Span { start: tx.now().plus(-SignedDuration::from_hours(24)), end: tx.now().plus(AHEAD) };
            let entries = store::list_entries(&mut tx, owner, window).await?;
            Ok(calendar::render("ClinicHub", &entries, tx.now()))
        })
        .await
}

fn sha256(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
