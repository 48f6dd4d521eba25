//! All SQL about clinics and what they changed in the table of permissions.

use clinichub_core::{ClinicId, Order, Page, PageRequest, Permission, Role, UserId, UtcTime};
use clinichub_db::query::Platform;
use clinichub_db::{DbError, PlatformTx, Query, TenantTx, bulk_sql, from_row, params, platform_sql, tenant_sql, text_column};

use super::api::ClinicSort;
use super::model::{Clinic, ClinicStatus, NewClinic, Overrides};
use crate::like;

text_column!(ClinicStatus);

from_row!(Clinic {
    clinic_id,
    code,
    name,
    status,
    time_zone,
    currency,
    phone,
    email,
    address,
    city,
    state,
    country,
    slot_minutes,
    self_registration,
    created_at,
    updated_at,
    version
});

fn clinics() -> Query<Platform> {
    Query::platform(platform_sql!(
        "SELECT c.clinic_id, c.code, c.name, c.status, c.time_zone, c.currency, c.phone, c.email, c.address, c.city, c.state,
                c.country, c.slot_minutes, c.self_registration, c.created_at, c.updated_at, c.version
         FROM clinics c WHERE 1 = 1"
    ))
}

/// Which clinics a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those that this person belongs to.
    pub of: Option<UserId>,
    /// Only those in this state.
    pub status: Option<ClinicStatus>,
    /// Only those whose code, name or city contains this.
    pub search: Option<String>,
}

impl Filter {
    fn apply(&self, query: &mut Query<Platform>) {
        if let Some(user) = self.of {
            query.part(
                " AND (EXISTS (SELECT 1 FROM memberships m WHERE m.clinic_id = c.clinic_id AND m.user_id = ? AND m.is_active)
                       OR EXISTS (SELECT 1 FROM patient_links l WHERE l.user_id = ? AND l.clinic_id = c.clinic_id))",
                params![user, user],
            );
        }
        if let Some(status) = self.status {
            query.part(" AND c.status = ?", params![status]);
        }
        if let Some(search) = &self.search {
            let like = like::containing(search);
            query.part(
                " AND (LOWER(c.code) LIKE ? ESCAPE '!' OR LOWER(c.name) LIKE ? ESCAPE '!' OR LOWER(c.city) LIKE ? ESCAPE '!')",
                params![&like, &like, &like],
            );
        }
    }
}

/// A clinic that `filter` shows.
pub async fn find(tx: &mut PlatformTx, clinic_id: ClinicId, filter: &Filter) -> Result<Option<Clinic>, DbError> {
    let mut query = clinics();
    query.part(" AND c.clinic_id = ?", params![clinic_id]);
    filter.apply(&mut query);
    tx.opt_q(&query).await
}

/// One page of the clinics, and how many there are in all.
pub async fn list(tx: &mut PlatformTx, filter: &Filter, page: &PageRequest<ClinicSort>) -> Result<Page<Clinic>, DbError> {
    let mut query = clinics();
    filter.apply(&mut query);
    let total = tx.one_q(&query.under(platform_sql!("SELECT COUNT(*) FROM clinics c WHERE 1 = 1"))).await?;
    match (page.sort, page.order) {
        (ClinicSort::Code, Order::Asc) => query.tail(" ORDER BY c.code", params![]),
        (ClinicSort::Code, Order::Desc) => query.tail(" ORDER BY c.code DESC", params![]),
        (ClinicSort::Name, Order::Asc) => query.tail(" ORDER BY c.name, c.clinic_id", params![]),
        (ClinicSort::Name, Order::Desc) => query.tail(" ORDER BY c.name DESC, c.clinic_id DESC", params![]),
        (ClinicSort::CreatedAt, Order::Asc) => query.tail(" ORDER BY c.created_at, c.clinic_id", params![]),
        (ClinicSort::CreatedAt, Order::Desc) => query.tail(" ORDER BY c.created_at DESC, c.clinic_id DESC", params![]),
    };
    query.tail(" LIMIT ? OFFSET ?", params![page.per_page, page.offset()]);
    Ok(Page::new(tx.all_q(&query).await?, total, page))
}

/// The clinic of the transaction.
pub async fn own(tx: &mut TenantTx) -> Result<Option<Clinic>, DbError> {
    let sql = tenant_sql!(
        "SELECT c.clinic_id, c.code, c.name, c.status, c.time_zone, c.currency, c.phone, c.email, c.address, c.city, c.state,
                c.country, c.slot_minutes, c.self_registration, c.created_at, c.updated_at, c.version
         FROM clinics c WHERE c.clinic_id = $1"
    );
    tx.opt(sql, params![]).await
}

/// Stores a new clinic.
pub async fn insert(tx: &mut PlatformTx, new: &NewClinic, now: UtcTime) -> Result<ClinicId, DbError> {
    let sql = platform_sql!(
        "INSERT INTO clinics (code, name, time_zone, currency, phone, email, address, city, state, country, slot_minutes,
                              self_registration, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) RETURNING clinic_id"
    );
    let values = params![
        &new.code,
        &new.name,
        &new.time_zone,
        new.currency,
        &new.phone,
        &new.email,
        &new.address,
        &new.city,
        &new.state,
        &new.country,
        new.slot_minutes,
        new.self_registration,
        now
    ];
    tx.one(sql, values).await
}

/// Stores a changed clinic where nobody has changed it since; says whether it did.
pub async fn update(tx: &mut PlatformTx, clinic: &Clinic, now: UtcTime) -> Result<bool, DbError> {
    let sql = platform_sql!(
        "UPDATE clinics SET name = $3, time_zone = $4, currency = $5, phone = $6, email = $7, address = $8, city = $9, state = $10,
                country = $11, slot_minutes = $12, self_registration = $13, status = $14, updated_at = $15, version = version + 1
         WHERE clinic_id = $1 AND version = $2"
    );
    let values = params![
        clinic.clinic_id,
        clinic.version,
        &clinic.name,
        &clinic.time_zone,
        clinic.currency,
        &clinic.phone,
        &clinic.email,
        &clinic.address,
        &clinic.city,
        &clinic.state,
        &clinic.country,
        clinic.slot_minutes,
        clinic.self_registration,
        clinic.status,
        now
    ];
    Ok(tx.exec(sql, values).await? == 1)
}

/// What the clinic changed in the default table.
pub async fn overrides(tx: &mut TenantTx) -> Result<Vec<(Role, Permission, bool)>, DbError> {
    let sql = tenant_sql!("SELECT role, permission, allowed FROM role_permissions WHERE clinic_id = $1 ORDER BY role, permission");
    tx.all(sql, params![]).await
}

/// Puts these in the place of what the clinic had changed.
pub async fn replace_overrides(tx: &mut TenantTx, overrides: &Overrides) -> Result<(), DbError> {
    tx.exec(tenant_sql!("DELETE FROM role_permissions WHERE clinic_id = $1"), params![]).await?;
    let insert = bulk_sql!("INSERT INTO role_permissions (clinic_id, role, permission, allowed) VALUES", "");
    let rows = overrides.iter().map(|((role, permission), allowed)| params![*role, *permission, *allowed]).collect();
    tx.insert_many(insert, rows).await.map(drop)
}
