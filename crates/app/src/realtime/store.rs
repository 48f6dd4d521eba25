//! All SQL of the slice: the outbox, read.

use clinichub_db::{DbError, PlatformTx, Query, TenantTx, params, platform_sql, tenant_sql};

use super::model::Row;

/// How many events are read at a time.
pub const PAGE: usize = 500;

fn page() -> i64 {
    i64::try_from(PAGE).unwrap_or(i64::MAX)
}

/// The newest event's number; 0 where there is none.
pub async fn newest(tx: &mut PlatformTx) -> Result<i64, DbError> {
    tx.one(platform_sql!("SELECT COALESCE(max(event_id), 0) FROM outbox"), params![]).await
}

/// The events after one, of all clinics.
pub async fn after(tx: &mut PlatformTx, event_id: i64) -> Result<Vec<Row>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT event_id, clinic_id, kind, resource, resource_id, needs, patient_id, payload, created_at FROM outbox
             WHERE event_id > $1 ORDER BY event_id LIMIT $2"
        ),
        params![event_id, page()],
    )
    .await
}

/// Those of these events that are there by now.
pub async fn by_ids(tx: &mut PlatformTx, ids: &[i64]) -> Result<Vec<Row>, DbError> {
    let mut query = Query::platform(platform_sql!(
        "SELECT event_id, clinic_id, kind, resource, resource_id, needs, patient_id, payload, created_at FROM outbox"
    ));
    query.list(" WHERE event_id IN (", ids.iter().copied(), ")");
    query.tail(" ORDER BY event_id", params![]);
    tx.all_q(&query).await
}

/// The clinic's events after one, up to [`PAGE`] and one more.
pub async fn missed(tx: &mut TenantTx, since: i64) -> Result<Vec<Row>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT event_id, clinic_id, kind, resource, resource_id, needs, patient_id, payload, created_at FROM outbox
             WHERE clinic_id = $1 AND event_id > $2 ORDER BY event_id LIMIT $3"
        ),
        params![since, page() + 1],
    )
    .await
}

/// The oldest event that is still kept; none where there is none.
pub async fn oldest(tx: &mut PlatformTx) -> Result<Option<i64>, DbError> {
    tx.one(platform_sql!("SELECT min(event_id) FROM outbox"), params![]).await
}
