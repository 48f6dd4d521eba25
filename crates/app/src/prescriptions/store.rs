//! All SQL of prescriptions.

use clinichub_core::{AppError, Currency, Day, FavoriteId, PageRequest, PatientId, PrescriptionId, Result, UserId, UtcTime, VisitId};
use clinichub_db::{
    DbError, FromRow, OnConflict, PlatformTx, Query, TenantTx, bulk_sql, from_row, params, platform_sql, tenant_sql, text_column,
};
use jiff::tz::TimeZone;

use super::api::{PrescriptionFilter, PrescriptionSort};
use super::drug;
use super::model::{Item, PrescriptionStatus, Row};
use super::public::Genuine;

text_column!(PrescriptionStatus);

from_row!(Row {
    prescription_id,
    reference,
    status,
    patient_id,
    patient_first_name,
    patient_last_name,
    patient_address,
    visit_id,
    doctor_user_id,
    doctor_first_name,
    doctor_last_name,
    note,
    currency,
    supersedes_id,
    superseded_by_id,
    token,
    reason,
    finalized_at,
    finalized_by,
    created_at,
    updated_at,
    version,
});

/// An item, and whose.
pub struct Line {
    pub of: PrescriptionId,
    pub item: Item,
}

impl FromRow for Line {
    fn from_row(row: &clinichub_db::Row<'_>) -> Result<Self, DbError> {
        let item = Item {
            drug: row.get(1)?,
            strength: row.get(2)?,
            form: row.get(3)?,
            dose: row.get(4)?,
            dose_unit: row.get(5)?,
            route: row.get(6)?,
            frequency: row.get(7)?,
            frequency_code: row.get(8)?,
            duration_days: row.get(9)?,
            quantity: row.get(10)?,
            quantity_unit: row.get(11)?,
            refills: row.get(12)?,
            note: row.get(13)?,
            cost_minor: row.get(14)?,
            record_id: row.get(15)?,
        };
        Ok(Self { of: row.get(0)?, item })
    }
}

/// Prescriptions of the clinic with the names around them. The functions that add to it follow it: the test of all statements prepares a
/// part behind the head that stands before it.
fn prescriptions() -> Query {
    Query::tenant(tenant_sql!(
        "SELECT r.prescription_id, r.reference, r.status, r.patient_id, p.first_name AS patient_first_name,
                p.last_name AS patient_last_name, p.address AS patient_address, r.visit_id, r.doctor_user_id,
                u.first_name AS doctor_first_name, u.last_name AS doctor_last_name, r.note, r.currency, r.supersedes_id,
                s.prescription_id AS superseded_by_id, r.token, r.reason, r.finalized_at, r.finalized_by, r.created_at, r.updated_at,
                r.version
         FROM prescriptions r
              JOIN patients p ON p.clinic_id = r.clinic_id AND p.patient_id = r.patient_id AND p.deleted_at IS NULL
              JOIN users u ON u.user_id = r.doctor_user_id
              LEFT JOIN prescriptions s ON s.clinic_id = r.clinic_id AND s.supersedes_id = r.prescription_id
                                           AND s.status <> 'draft' AND s.deleted_at IS NULL
         WHERE r.clinic_id = $1 AND r.deleted_at IS NULL"
    ))
}

/// One prescription.
pub async fn find(tx: &mut TenantTx, id: PrescriptionId) -> Result<Option<Row>, DbError> {
    let mut query = prescriptions();
    query.part(" AND r.prescription_id = ?", params![id]);
    tx.opt_q(&query).await
}

/// One page of the prescriptions that match. `only` are the charts of the patient who asks, who sees what is signed.
pub async fn list(
    tx: &mut TenantTx,
    filter: &PrescriptionFilter,
    zone: &TimeZone,
    search: Option<&str>,
    only: Option<&[PatientId]>,
    page: &PageRequest<PrescriptionSort>,
) -> Result<(Vec<Row>, i64), DbError> {
    let mut query = prescriptions();
    if let Some(patient) = filter.patient_id {
        query.part(" AND r.patient_id = ?", params![patient]);
    }
    if let Some(visit) = filter.visit_id {
        query.part(" AND r.visit_id = ?", params![visit]);
    }
    if let Some(doctor) = filter.doctor_id {
        query.part(" AND r.doctor_user_id = ?", params![doctor]);
    }
    if let Some(status) = filter.status {
        query.part(" AND r.status = ?", params![status]);
    }
    if let Some(from) = filter.from {
        query.part(" AND r.created_at >= ?", params![from.start_in(zone)]);
    }
    if let Some(to) = filter.to {
        query.part(" AND r.created_at < ?", params![to.end_in(zone)]);
    }
    if let Some(search) = search {
        look_for(&mut query, search);
    }
    // The page leaves them out by its join; the count must, too.
    query.part(" AND r.patient_id NOT IN (SELECT d.patient_id FROM patients d WHERE d.clinic_id = $1 AND d.deleted_at IS NOT NULL)", ());
    if let Some(charts) = only {
        query.list(" AND r.status <> 'draft' AND r.patient_id IN (", charts.iter().copied(), ")");
    }
    query.tail(page.sort.order_by(page.order), params![page.per_page, page.offset()]);
    let rows = tx.all_q(&query).await?;
    let count = query.under(tenant_sql!("SELECT count(*) FROM prescriptions r WHERE r.clinic_id = $1 AND r.deleted_at IS NULL"));
    Ok((rows, tx.one_q(&count).await?))
}

/// Those with this reference or of such a drug.
fn look_for(query: &mut Query, search: &str) {
    let (reference, drug) = (search.to_uppercase(), drug::key(search));
    if drug.is_empty() {
        query.part(" AND r.reference = ?", params![reference]);
        return;
    }
    query.part(
        " AND (r.reference = ? OR r.prescription_id IN
            (SELECT i.prescription_id FROM prescription_items i WHERE i.clinic_id = $1 AND i.drug_key LIKE ? ESCAPE '!'))",
        params![reference, crate::like::containing(&drug)],
    );
}

/// A chart's prescriptions before this place, the latest first: id, reference, status, time. `only_signed`: no drafts.
pub async fn list_before(
    tx: &mut TenantTx,
    patient: PatientId,
    before: (UtcTime, i64),
    only_signed: bool,
    limit: i64,
) -> Result<Vec<(PrescriptionId, String, PrescriptionStatus, UtcTime)>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT r.prescription_id, r.reference, r.status, r.created_at FROM prescriptions r WHERE r.clinic_id = $1 AND r.deleted_at IS NULL"
    ));
    query.part(" AND r.patient_id = ? AND (r.created_at, r.prescription_id) < (?, ?)", params![patient, before.0, before.1]);
    if only_signed {
        query.part(" AND r.status <> 'draft'", ());
    }
    query.tail(" ORDER BY r.created_at DESC, r.prescription_id DESC LIMIT ?", params![limit]);
    tx.all_q(&query).await
}

/// The items of these prescriptions, in their order.
pub async fn items_of(tx: &mut TenantTx, ids: impl IntoIterator<Item = PrescriptionId>) -> Result<Vec<Line>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT prescription_id, drug, strength, form, dose, dose_unit, route, frequency, frequency_code, duration_days, quantity,
                quantity_unit, refills, note, cost_minor, record_id
         FROM prescription_items WHERE clinic_id = $1"
    ));
    query.list(" AND prescription_id IN (", ids, ")");
    query.tail(" ORDER BY prescription_id, line_no", ());
    tx.all_q(&query).await
}

/// A prescription to be stored.
pub struct New<'a> {
    pub reference: &'a str,
    pub patient_id: PatientId,
    pub visit_id: Option<VisitId>,
    pub doctor_user_id: UserId,
    pub note: Option<&'a str>,
    pub currency: Currency,
    pub supersedes_id: Option<PrescriptionId>,
}

/// Writes a draft; gives its id.
pub async fn insert(tx: &mut TenantTx, new: &New<'_>) -> Result<PrescriptionId> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let inserted = tx.one::<PrescriptionId>(
        tenant_sql!(
            "INSERT INTO prescriptions (clinic_id, reference, patient_id, visit_id, doctor_user_id, note, currency, supersedes_id, created_at,
                 updated_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)
             RETURNING prescription_id"
        ),
        params![new.reference, new.patient_id, new.visit_id, new.doctor_user_id, new.note, new.currency, new.supersedes_id, now, by],
    );
    inserted
        .await
        .on_unique("prescriptions_visit", || AppError::conflict("Visit already has a prescription"))
        .on_unique("prescriptions_supersedes", || AppError::conflict("Prescription is being corrected already"))
}

/// Writes the items of a prescription that has none.
pub async fn insert_items(tx: &mut TenantTx, id: PrescriptionId, items: &[Item]) -> Result<(), DbError> {
    let row = |(line_no, item): (i64, &Item)| {
        params![
            id,
            line_no,
            &item.drug,
            drug::key(&item.drug),
            &item.strength,
            &item.form,
            &item.dose,
            &item.dose_unit,
            &item.route,
            &item.frequency,
            &item.frequency_code,
            item.duration_days,
            &item.quantity,
            &item.quantity_unit,
            item.refills,
            &item.note,
            item.cost_minor,
            item.record_id,
        ]
    };
    tx.insert_many(
        bulk_sql!(
            "INSERT INTO prescription_items (clinic_id, prescription_id, line_no, drug, drug_key, strength, form, dose, dose_unit, route,
                 frequency, frequency_code, duration_days, quantity, quantity_unit, refills, note, cost_minor, record_id) VALUES"
        ),
        (1..).zip(items).map(row).collect(),
    )
    .await?;
    Ok(())
}

/// Takes the items of a draft away, before others take their place.
pub async fn delete_items(tx: &mut TenantTx, id: PrescriptionId) -> Result<u64, DbError> {
    tx.exec(tenant_sql!("DELETE FROM prescription_items WHERE clinic_id = $1 AND prescription_id = $2"), params![id]).await
}

/// Stores the note of a draft that still has this version, which goes up.
pub async fn update(tx: &mut TenantTx, id: PrescriptionId, version: i64, note: Option<&str>) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        tenant_sql!(
            "UPDATE prescriptions SET note = $4, updated_at = $5, version = version + 1
             WHERE clinic_id = $1 AND prescription_id = $2 AND version = $3 AND status = 'draft' AND deleted_at IS NULL"
        ),
        params![id, version, note, now],
    )
    .await
}

/// Takes a draft that still has this version out of sight.
pub async fn delete(tx: &mut TenantTx, id: PrescriptionId, version: i64) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        tenant_sql!(
            "UPDATE prescriptions SET deleted_at = $4, updated_at = $4, version = version + 1
             WHERE clinic_id = $1 AND prescription_id = $2 AND version = $3 AND status = 'draft' AND deleted_at IS NULL"
        ),
        params![id, version, now],
    )
    .await
}

/// Signs a draft that still has this version. `acknowledged` are the warnings, as JSON, and the reason.
pub async fn finalize(
    tx: &mut TenantTx,
    id: PrescriptionId,
    version: i64,
    token: &str,
    acknowledged: Option<(&str, &str)>,
) -> Result<u64, DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let (warnings, reason) = acknowledged.unzip();
    tx.exec(
        tenant_sql!(
            "UPDATE prescriptions SET status = 'finalized', token = $4, warnings = $5, reason = $6, finalized_at = $7, finalized_by = $8,
                 updated_at = $7, version = version + 1
             WHERE clinic_id = $1 AND prescription_id = $2 AND version = $3 AND status = 'draft' AND deleted_at IS NULL"
        ),
        params![id, version, token, warnings, reason, now, by],
    )
    .await
}

/// Notes that another one has taken its place.
pub async fn supersede(tx: &mut TenantTx, id: PrescriptionId) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        tenant_sql!(
            "UPDATE prescriptions SET status = 'superseded', updated_at = $3, version = version + 1
             WHERE clinic_id = $1 AND prescription_id = $2 AND status = 'finalized'"
        ),
        params![id, now],
    )
    .await
}

/// What was warned of when it was finalized, as JSON.
pub async fn warnings_of(tx: &mut TenantTx, id: PrescriptionId) -> Result<Option<String>, DbError> {
    let found: Option<Option<String>> =
        tx.opt(tenant_sql!("SELECT warnings FROM prescriptions WHERE clinic_id = $1 AND prescription_id = $2"), params![id]).await?;
    Ok(found.flatten())
}

/// The reference of one.
pub async fn reference_of(tx: &mut TenantTx, id: PrescriptionId) -> Result<Option<String>, DbError> {
    tx.opt(tenant_sql!("SELECT reference FROM prescriptions WHERE clinic_id = $1 AND prescription_id = $2"), params![id]).await
}

/// What the public page needs of the prescription with this token.
struct GenuineRow {
    reference: String,
    status: PrescriptionStatus,
    finalized_at: UtcTime,
    clinic_name: String,
    time_zone: String,
    first_name: String,
    last_name: String,
    registration_number: Option<String>,
    items: i64,
    superseded_by: Option<String>,
}

from_row!(GenuineRow {
    reference,
    status,
    finalized_at,
    clinic_name,
    time_zone,
    first_name,
    last_name,
    registration_number,
    items,
    superseded_by,
});

/// The prescription with this token, of whichever clinic; nothing about the patient.
pub async fn find_genuine(tx: &mut PlatformTx, token: &str) -> Result<Option<Genuine>, DbError> {
    let found = tx.opt::<GenuineRow>(
        platform_sql!(
            "SELECT r.reference, r.status, r.finalized_at, c.name AS clinic_name, c.time_zone, u.first_name, u.last_name,
                    d.registration_number,
                    (SELECT count(*) FROM prescription_items i
                     WHERE i.clinic_id = r.clinic_id AND i.prescription_id = r.prescription_id) AS items,
                    s.reference AS superseded_by
             FROM prescriptions r
                  JOIN clinics c ON c.clinic_id = r.clinic_id
                  JOIN users u ON u.user_id = r.doctor_user_id
                  LEFT JOIN doctors d ON d.user_id = r.doctor_user_id
                  LEFT JOIN prescriptions s ON s.clinic_id = r.clinic_id AND s.supersedes_id = r.prescription_id
                                               AND s.status <> 'draft' AND s.deleted_at IS NULL
             WHERE r.token = $1"
        ),
        params![token],
    );
    Ok(found.await?.map(|row| Genuine {
        genuine: true,
        issued_on: Day(row.finalized_at.date_in(&TimeZone::get(&row.time_zone).unwrap_or(TimeZone::UTC))),
        reference: row.reference,
        clinic_name: row.clinic_name,
        doctor: super::public::Signer {
            name: format!("{} {}", row.first_name, row.last_name),
            registration_number: row.registration_number,
        },
        items: row.items,
        status: row.status,
        superseded_by: row.superseded_by,
    }))
}

/// What a doctor prescribes often: id, name, the item as JSON; by name.
pub async fn list_favorites(tx: &mut TenantTx, user: UserId) -> Result<Vec<(FavoriteId, String, String)>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT favorite_id, name, item FROM prescription_favorites WHERE clinic_id = $1 AND user_id = $2 ORDER BY name, favorite_id"
        ),
        params![user],
    )
    .await
}

/// How many favourites a doctor has.
pub async fn count_favorites(tx: &mut TenantTx, user: UserId) -> Result<i64, DbError> {
    tx.one(tenant_sql!("SELECT count(*) FROM prescription_favorites WHERE clinic_id = $1 AND user_id = $2"), params![user]).await
}

/// Adds a favourite; gives its id.
pub async fn insert_favorite(tx: &mut TenantTx, user: UserId, name: &str, item: &str) -> Result<FavoriteId> {
    let now = tx.now();
    let inserted = tx.one(
        tenant_sql!(
            "INSERT INTO prescription_favorites (clinic_id, user_id, name, item, created_at) VALUES ($1, $2, $3, $4, $5)
             RETURNING favorite_id"
        ),
        params![user, name, item, now],
    );
    inserted.await.on_unique("prescription_favorites_name", || AppError::conflict("A favorite of this name exists already"))
}

/// Forgets a favourite of this doctor.
pub async fn delete_favorite(tx: &mut TenantTx, user: UserId, favorite: FavoriteId) -> Result<u64, DbError> {
    tx.exec(
        tenant_sql!("DELETE FROM prescription_favorites WHERE clinic_id = $1 AND user_id = $2 AND favorite_id = $3"),
        params![user, favorite],
    )
    .await
}

/// Locks the chart of a prescription, as `patients::lock_in` does.
pub async fn lock_chart(tx: &mut TenantTx, id: PrescriptionId) -> Result<(), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT p.patient_id FROM patients p
         WHERE p.clinic_id = $1 AND p.patient_id = (SELECT r.patient_id FROM prescriptions r WHERE r.clinic_id = $1 AND r.prescription_id = $2)"
    ));
    query.bind(params![id]).tail(tx.dialect().for_update(), ());
    tx.opt_q::<i64>(&query).await.map(drop)
}
