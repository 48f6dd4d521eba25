//! The SQL of the fee schedule.

use clinichub_core::{AppError, ClinicId, Currency, PageRequest, Result, ServiceId};
use clinichub_db::{DbError, OnConflict, PlatformTx, Query, TenantTx, from_row, params, platform_bulk_sql, platform_sql, tenant_sql};

use crate::billing::api::fee_schedule::{ServiceFilter, ServiceSort};
use crate::billing::model::{NewService, ServiceRow};

from_row!(ServiceRow { service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version });

/// Adds a service; gives its id.
pub async fn insert_service(tx: &mut TenantTx, new: &NewService) -> Result<ServiceId> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let inserted = tx.one(
        tenant_sql!(
            "INSERT INTO fee_schedule (clinic_id, code, description, price_minor, currency, duration_minutes, is_default, created_at,
                 updated_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
             RETURNING service_id"
        ),
        params![&new.code, &new.description, new.price.minor, new.price.currency, new.duration_minutes, new.is_default, now, by],
    );
    inserted.await.on_unique("fee_schedule_code", || AppError::conflict("Service code already exists"))
}

/// Adds the service that every clinic begins with.
pub async fn insert_default_service(tx: &mut PlatformTx, clinic_id: ClinicId, currency: Currency) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!(
            "INSERT INTO fee_schedule (clinic_id, code, description, price_minor, currency, is_default, created_at, updated_at)
             VALUES ($1, 'VISIT', 'Visit', 0, $2, TRUE, $3, $3)"
        ),
        params![clinic_id, currency, now],
    )
    .await?;
    Ok(())
}

/// Adds the services that a clinic begins with.
pub async fn insert_first_services(tx: &mut PlatformTx, clinic_id: ClinicId, services: &[NewService]) -> Result<()> {
    let now = tx.now();
    let insert = platform_bulk_sql!(
        "INSERT INTO fee_schedule (clinic_id, code, description, price_minor, currency, duration_minutes, is_default, created_at, updated_at)
         VALUES"
    );
    let row = |new: &NewService| {
        let (price, is_default) = (new.price, new.is_default);
        params![clinic_id, &new.code, &new.description, price.minor, price.currency, new.duration_minutes, is_default, now, now]
    };
    let inserted = tx.insert_many(insert, services.iter().map(row).collect()).await;
    inserted.on_unique("fee_schedule_code", || AppError::conflict("Service code already exists")).map(drop)
}

/// Changes a service that still has the version before.
pub async fn update_service(tx: &mut TenantTx, service: &ServiceRow) -> Result<u64> {
    let now = tx.now();
    let updated = tx.exec(
        tenant_sql!(
            "UPDATE fee_schedule SET code = $3, description = $4, price_minor = $5, duration_minutes = $6, is_active = $7, is_default = $8,
                 updated_at = $9, version = $10
             WHERE clinic_id = $1 AND service_id = $2 AND version = $10 - 1"
        ),
        params![
            service.service_id,
            &service.code,
            &service.description,
            service.price_minor,
            service.duration_minutes,
            service.is_active,
            service.is_default,
            now,
            service.version,
        ],
    );
    updated.await.on_unique("fee_schedule_code", || AppError::conflict("Service code already exists"))
}

/// Takes the mark of the default service from whichever has it but `keep`.
pub async fn clear_default(tx: &mut TenantTx, keep: Option<ServiceId>) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        tenant_sql!(
            "UPDATE fee_schedule SET is_default = FALSE, updated_at = $2, version = version + 1
             WHERE clinic_id = $1 AND is_default AND service_id <> $3"
        ),
        params![now, keep.map_or(0, |id| id.0)],
    )
    .await
}

/// One service.
pub async fn find_service(tx: &mut TenantTx, service_id: ServiceId) -> Result<Option<ServiceRow>, DbError> {
    tx.opt(
        tenant_sql!(
            "SELECT service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version
             FROM fee_schedule WHERE clinic_id = $1 AND service_id = $2"
        ),
        params![service_id],
    )
    .await
}

/// All services of the clinic by code; a fee schedule has hundreds of rows at most.
pub async fn all_services(tx: &mut TenantTx) -> Result<Vec<ServiceRow>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version
             FROM fee_schedule WHERE clinic_id = $1 ORDER BY code"
        ),
        params![],
    )
    .await
}

/// One page of the services that match.
pub async fn list_services(
    tx: &mut TenantTx,
    filter: &ServiceFilter,
    page: &PageRequest<ServiceSort>,
) -> Result<(Vec<ServiceRow>, i64), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version
         FROM fee_schedule WHERE clinic_id = $1"
    ));
    if let Some(is_active) = filter.is_active {
        query.part(" AND is_active = ?", params![is_active]);
    }
    if let Some(search) = &filter.search {
        let pattern = crate::like::containing(search);
        query.part(" AND (lower(code) LIKE ? ESCAPE '!' OR lower(description) LIKE ? ESCAPE '!')", params![&pattern, &pattern]);
    }
    let total = tx.one_q(&query.under(tenant_sql!("SELECT count(*) FROM fee_schedule WHERE clinic_id = $1"))).await?;
    query.tail(page.sort.order_by(page.order), params![page.per_page, page.offset()]);
    Ok((tx.all_q(&query).await?, total))
}

/// What is billed for an appointment of this service: the service, or the clinic's default one.
pub async fn find_billed_service(tx: &mut TenantTx, booked: Option<ServiceId>) -> Result<Option<ServiceRow>, DbError> {
    let sql = tenant_sql!(
        "SELECT service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version
         FROM fee_schedule WHERE clinic_id = $1 AND (service_id = $2 OR is_default)
         ORDER BY CASE WHEN service_id = $2 THEN 0 ELSE 1 END LIMIT 1"
    );
    tx.opt(sql, params![booked]).await
}

/// These services, in no order.
pub async fn list_services_by_id(tx: &mut TenantTx, ids: &[ServiceId]) -> Result<Vec<ServiceRow>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version
         FROM fee_schedule WHERE clinic_id = $1"
    ));
    query.list(" AND service_id IN (", ids.iter().copied(), ")");
    tx.all_q(&query).await
}
