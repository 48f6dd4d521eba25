//! Calendars: one appointment as a file, and a provider's coming appointments as a feed that a phone subscribes to with a token of its
//! own. Whoever has the token sees times and clinics, nothing else; the token is kept as its SHA-256 and, for as long as an
//! `Idempotency-Key` lasts, sealed for the same request that comes again.

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
use crate::sealing::{Field, FieldKeys};
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

/// What makes a token, and what seals it where its answer is kept.
type MakeArgs = (UserId, String, FieldKeys);

/// A new token for the provider's feed; the one before opens it no more. A doctor makes the own one. The same request again has the same
/// token, whether or not it still opens the feed.
pub async fn make_token(access: &Access, provider: UserId) -> Result<String> {
    require_own(&access.grant, provider)?;
    let token = URL_SAFE_NO_PAD.encode(access.app.entropy.bytes::<32>());
    let args = (provider, token.clone(), access.app.fields.clone());
    let make = async |mut tx: TenantTx, (provider, token, fields): MakeArgs| {
        set_token(&mut tx, provider, Some(sha256(&token))).await?;
        if tx.grant().origin().idempotency.is_none() {
            return Ok(None);
        }
        Ok(Some(fields.get_or_make(&mut tx).await?.seal(Field::Answer, provider.0, &token)?))
    };
    match access.app.db.create(&access.grant, args, make).await? {
        Some(sealed) => opened(access, provider, sealed).await,
        None => Ok(token),
    }
}

/// The token of an answer that was kept.
async fn opened(access: &Access, provider: UserId, sealed: String) -> Result<String> {
    let args = (provider, sealed, access.app.fields.clone());
    let open =
        async |mut tx: TenantTx, (provider, sealed, fields): MakeArgs| fields.get(&mut tx).await?.open(Field::Answer, provider.0, &sealed);
    access.app.db.read(&access.grant, args, open).await
}

/// Closes the provider's feed.
pub async fn drop_token(access: &Access, provider: UserId) -> Result<()> {
    require_own(&access.grant, provider)?;
    let close = async |mut tx: TenantTx, provider: UserId| set_token(&mut tx, provider, None).await;
    access.app.db.write(&access.grant, provider, close).await
}

fn require_own(grant: &Grant, provider: UserId) -> Result<()> {
    if grant.role() == Some(Role::Doctor) && grant.user_id() != Some(provider) {
        return Err(AppError::forbidden("A doctor has a feed of the own calendar only"));
    }
    Ok(())
}

async fn set_token(tx: &mut TenantTx, provider: UserId, sha256: Option<String>) -> Result<()> {
    let known = doctors::require_provider(tx, provider).await;
    known.map_err(|error| if matches!(error, AppError::Invalid(_)) { AppError::conflict("Provider is not active") } else { error })?;
    store::set_calendar_token(&mut tx.platform(), provider, sha256.as_deref()).await?;
    tx.audit(TrailEntry { resource: Some(("doctor", provider.0)), ..TrailEntry::default() }).await?;
    Ok(())
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
