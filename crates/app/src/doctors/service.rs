//! What can be done with providers. A profile belongs to the person and shows in every clinic they work in, so a clinic may change
//! it only where they work nowhere else; hours and time off belong to the clinic.

use clinichub_core::{AppError, UserId, UtcTime};
use clinichub_db::{DbError, OnConflict, PlatformTx, TenantTx, params};

use super::hours::{Interval, Timetable};
use super::model::{Profile, Provider};
use super::store;
use crate::clinics;

/// Somebody who can be booked in the transaction's clinic. Takes hold of the person, so that the bookings of one provider queue
/// up, whatever the clinic.
pub async fn require_provider(tx: &mut TenantTx, user: UserId) -> Result<Provider, AppError> {
    let lock = tx.dialect().lock_provider();
    tx.platform().opt::<UserId>(lock, params![user]).await?.ok_or(AppError::NotFound("Provider"))?;
    match store::find_provider(tx, user).await?.ok_or(AppError::NotFound("Provider"))? {
        (provider, true) => Ok(provider),
        (_, false) => Err(AppError::field("provider_user_id", "Provider is not active")),
    }
}

/// Whether the provider works in the transaction's clinic during all of this time, and is not away.
pub async fn offered(tx: &mut TenantTx, user: UserId, start: UtcTime, end: UtcTime) -> Result<bool, AppError> {
    let time = Interval { start, end };
    let away = store::time_off(tx, user, time).await?;
    Ok(start < end && away.is_empty() && timetable_in(tx, user, time).await?.covers(time))
}

/// Makes an empty profile where the person has none.
pub async fn create_profile_in(tx: &mut PlatformTx, user: UserId, profile: &Profile) -> Result<bool, AppError> {
    let now = tx.now();
    unique(store::insert(tx, user, profile, now).await)
}

/// The provider's hours in the transaction's clinic on the days around `window`.
pub(super) async fn timetable_in(tx: &mut TenantTx, user: UserId, window: Interval) -> Result<Timetable, AppError> {
    let zone = clinics::get_in(tx).await?.zone();
    let (from, to) = days_around(&zone, window);
    let weekly = store::weekly(tx, user).await?;
    let exceptions = store::exceptions(tx, user, from, to).await?.into_iter().map(|(hours, _)| hours).collect();
    Ok(Timetable { zone, weekly, exceptions })
}

/// The local days that a window touches, and one more on either side.
pub(super) fn days_around(zone: &jiff::tz::TimeZone, window: Interval) -> (jiff::civil::Date, jiff::civil::Date) {
    let (first, last) = (window.start.date_in(zone), window.end.date_in(zone));
    (first.yesterday().unwrap_or(first), last.tomorrow().unwrap_or(last))
}

fn unique<T>(result: Result<T, DbError>) -> Result<T, AppError> {
    result.on_unique("doctors_registration_number", || AppError::conflict("Registration number already exists"))
}
