//! The clinic's providers side by side: who they are, when they are away, when another clinic has them.

use clinichub_core::{ClinicId, TimeOffId, UserId, UtcTime};
use clinichub_db::{DbError, PlatformTx, Query, TenantTx, params, platform_sql, tenant_sql};

use super::{LONGEST, ProviderRow};
use crate::doctors::hours::Interval;
use crate::doctors::model::{Provider, TimeOff};

/// All providers of the clinic and whether they can be booked, in the order in which they became its providers: whoever joins is the last.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<(Provider, bool)>, DbError> {
    let sql = tenant_sql!(
        "SELECT u.user_id, u.first_name, u.last_name, d.specialization, (d.is_active AND m.is_active AND u.is_active) AS is_active
         FROM memberships m JOIN users u ON u.user_id = m.user_id JOIN doctors d ON d.user_id = m.user_id
         WHERE m.clinic_id = $1
         ORDER BY CASE WHEN d.created_at > m.created_at THEN d.created_at ELSE m.created_at END, u.user_id"
    );
    let rows: Vec<ProviderRow> = tx.all(sql, params![]).await?;
    Ok(rows.into_iter().map(ProviderRow::into_provider).collect())
}

/// When these providers are away from the clinic, as far as it touches the period.
pub async fn time_off(tx: &mut TenantTx, users: &[UserId], window: Interval) -> Result<Vec<(UserId, TimeOff)>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT user_id, time_off_id, starts_at, ends_at, reason FROM time_off
         WHERE clinic_id = $1 AND ends_at > $2 AND starts_at < $3"
    ));
    query.bind(params![window.start, window.end]).list(" AND user_id IN (", users.iter().copied(), ")");
    query.tail(" ORDER BY starts_at, time_off_id", ());
    let rows: Vec<(UserId, TimeOffId, UtcTime, UtcTime, Option<String>)> = tx.all_q(&query).await?;
    Ok(rows.into_iter().map(|(user, time_off_id, start, end, reason)| (user, TimeOff { time_off_id, start, end, reason })).collect())
}

/// When these providers have appointments in other clinics: times, nothing else.
pub async fn busy_elsewhere(
    tx: &mut PlatformTx,
    clinic: ClinicId,
    users: &[UserId],
    window: Interval,
) -> Result<Vec<(UserId, Interval)>, DbError> {
    let mut query = Query::platform(platform_sql!(
        "SELECT a.provider_user_id, a.scheduled_start, a.scheduled_end FROM appointments a
         WHERE a.clinic_id <> $1 AND a.scheduled_end > $2 AND a.scheduled_start < $3 AND a.scheduled_start >= $4
               AND a.status NOT IN ('cancelled', 'no_show', 'rejected')"
    ));
    let earliest = window.start.plus(-LONGEST);
    query.bind(params![clinic, window.start, window.end, earliest]).list(" AND a.provider_user_id IN (", users.iter().copied(), ")");
    let rows: Vec<(UserId, UtcTime, UtcTime)> = tx.all_q(&query).await?;
    Ok(rows.into_iter().map(|(user, start, end)| (user, Interval { start, end })).collect())
}
