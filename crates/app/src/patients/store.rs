//! All SQL of the charts.

use clinichub_core::{AppError, Day, Order, PageRequest, PatientId, Result, UtcTime};
use clinichub_db::{
    DbError, FromRow, OnConflict, Params, Query, Row, TenantBulk, TenantTx, bulk_sql, from_row, params, tenant_sql, text_column,
};

use super::api::{PatientSort, Sex};
use super::identifiers::{Marks, Sealed};
use super::model::{Patient, PatientBrief};
use super::search;

/// The chart in the first 17 columns of a row.
fn patient_from(row: &Row<'_>) -> Result<Patient, DbError> {
    Ok(Patient {
        patient_id: row.get(0)?,
        mrn: row.get(1)?,
        first_name: row.get(2)?,
        last_name: row.get(3)?,
        dob: row.get(4)?,
        sex: row.get(5)?,
        email: row.get(6)?,
        phone: row.get(7)?,
        address: row.get(8)?,
        emergency_contact_name: row.get(9)?,
        emergency_contact_phone: row.get(10)?,
        external_reference: row.get(11)?,
        preferred_language: row.get(12)?,
        created_at: row.get(13)?,
        updated_at: row.get(14)?,
        created_by: row.get(15)?,
        version: row.get(16)?,
    })
}

impl FromRow for Patient {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        patient_from(row)
    }
}

text_column!(Sex);
from_row!(PatientBrief { patient_id, first_name, last_name, mrn });

/// Stores a new chart and the words it is found by; gives its id.
pub async fn insert(tx: &mut TenantTx, chart: &Patient) -> Result<PatientId> {
    let inserted = tx.one::<PatientId>(
        tenant_sql!(
            "INSERT INTO patients (clinic_id, mrn, first_name, last_name, name_key, dob, sex, email, email_key, phone, phone_digits, address,
                 emergency_contact_name, emergency_contact_phone, external_reference, preferred_language, created_at, updated_at, created_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
             RETURNING patient_id"
        ),
        columns(chart),
    );
    let patient_id = named_conflicts(inserted.await)?;
    insert_tokens(tx, patient_id, chart).await?;
    Ok(patient_id)
}

/// The chart, if it is there.
pub async fn find(tx: &mut TenantTx, patient_id: PatientId) -> Result<Option<Patient>, DbError> {
    tx.opt(
        tenant_sql!(
            "SELECT patient_id, mrn, first_name, last_name, dob, sex, email, phone, address, emergency_contact_name,
                    emergency_contact_phone, external_reference, preferred_language, created_at, updated_at, created_by, version
             FROM patients WHERE clinic_id = $1 AND patient_id = $2 AND deleted_at IS NULL"
        ),
        params![patient_id],
    )
    .await
}

/// The chart with its sealed identifiers, if it is there.
pub async fn find_full(tx: &mut TenantTx, patient_id: PatientId) -> Result<Option<StoredPatient>, DbError> {
    tx.opt(
        tenant_sql!(
            "SELECT patient_id, mrn, first_name, last_name, dob, sex, email, phone, address, emergency_contact_name,
                    emergency_contact_phone, external_reference, preferred_language, created_at, updated_at, created_by, version,
                    national_id_sealed, insurance_number_sealed
             FROM patients WHERE clinic_id = $1 AND patient_id = $2 AND deleted_at IS NULL"
        ),
        params![patient_id],
    )
    .await
}

/// A chart with its sealed identifiers.
pub struct StoredPatient {
    pub patient: Patient,
    pub sealed: Sealed,
}

impl FromRow for StoredPatient {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self { patient: patient_from(row)?, sealed: Sealed { national_id: row.get(17)?, insurance_number: row.get(18)? } })
    }
}

/// Replaces the identifiers of a chart.
pub async fn set_identifiers(tx: &mut TenantTx, patient_id: PatientId, sealed: &Sealed, marks: &Marks) -> Result<u64, DbError> {
    tx.exec(
        tenant_sql!(
            "UPDATE patients SET national_id_sealed = $3, national_id_mark = $4, insurance_number_sealed = $5, insurance_number_mark = $6
             WHERE clinic_id = $1 AND patient_id = $2"
        ),
        params![patient_id, &sealed.national_id, &marks.national_id, &sealed.insurance_number, &marks.insurance_number],
    )
    .await
}

/// Whether a chart has one of these marks.
pub async fn has_marks(tx: &mut TenantTx, marks: &Marks) -> Result<bool, DbError> {
    let found = tx.opt::<i64>(
        tenant_sql!(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM patients WHERE clinic_id = $1 AND national_id_mark = $2 AND deleted_at IS NULL)
                 OR EXISTS (SELECT 1 FROM patients WHERE clinic_id = $1 AND insurance_number_mark = $3 AND deleted_at IS NULL)"
        ),
        params![&marks.national_id, &marks.insurance_number],
    );
    Ok(found.await?.is_some())
}

/// The chart's name, if it is there.
pub async fn find_brief(tx: &mut TenantTx, patient_id: PatientId) -> Result<Option<PatientBrief>, DbError> {
    tx.opt(
        tenant_sql!(
            "SELECT patient_id, first_name, last_name, mrn FROM patients WHERE clinic_id = $1 AND patient_id = $2 AND deleted_at IS NULL"
        ),
        params![patient_id],
    )
    .await
}

/// The name on a chart, deleted or not.
pub async fn find_name(tx: &mut TenantTx, patient_id: PatientId) -> Result<Option<PatientBrief>, DbError> {
    tx.opt(
        tenant_sql!("SELECT patient_id, first_name, last_name, mrn FROM patients WHERE clinic_id = $1 AND patient_id = $2"),
        params![patient_id],
    )
    .await
}

/// Stores what an update changed, if the chart still has the version before it.
pub async fn update(tx: &mut TenantTx, chart: &Patient) -> Result<u64> {
    let updated = tx.exec(
        tenant_sql!(
            "UPDATE patients SET mrn = $3, first_name = $4, last_name = $5, name_key = $6, dob = $7, sex = $8, email = $9, email_key = $10,
                 phone = $11, phone_digits = $12, address = $13, emergency_contact_name = $14, emergency_contact_phone = $15,
                 external_reference = $16, preferred_language = $17, updated_at = $18, version = $19
             WHERE clinic_id = $1 AND patient_id = $2 AND version = $19 - 1 AND deleted_at IS NULL"
        ),
        params![
            chart.patient_id,
            &chart.mrn,
            &chart.first_name,
            &chart.last_name,
            chart.name_key(),
            chart.dob,
            chart.sex,
            &chart.email,
            chart.email_key(),
            &chart.phone,
            chart.phone_digits(),
            &chart.address,
            &chart.emergency_contact_name,
            &chart.emergency_contact_phone,
            &chart.external_reference,
            &chart.preferred_language,
            chart.updated_at,
            chart.version,
        ],
    );
    let rows = named_conflicts(updated.await)?;
    delete_tokens(tx, chart.patient_id).await?;
    insert_tokens(tx, chart.patient_id, chart).await?;
    Ok(rows)
}

/// Takes the chart out of sight. The row stays; the words it is found by go.
pub async fn delete(tx: &mut TenantTx, patient_id: PatientId, at: UtcTime) -> Result<u64> {
    delete_tokens(tx, patient_id).await?;
    let rows = tx.exec(
        tenant_sql!(
            "UPDATE patients SET deleted_at = $3, updated_at = $3, version = version + 1
             WHERE clinic_id = $1 AND patient_id = $2 AND deleted_at IS NULL"
        ),
        params![patient_id, at],
    );
    Ok(rows.await?)
}

/// One page of the charts in order. `only` are the charts a patient may see; `None` means all of the clinic.
pub async fn list(
    tx: &mut TenantTx,
    request: &PageRequest<PatientSort>,
    only: Option<&[PatientId]>,
) -> Result<(Vec<Patient>, i64), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT p.patient_id, p.mrn, p.first_name, p.last_name, p.dob, p.sex, p.email, p.phone, p.address, p.emergency_contact_name,
                p.emergency_contact_phone, p.external_reference, p.preferred_language, p.created_at, p.updated_at, p.created_by, p.version
         FROM patients p WHERE p.clinic_id = $1 AND p.deleted_at IS NULL"
    ));
    restrict(&mut query, only);
    let count = query.under(tenant_sql!("SELECT count(*) FROM patients p WHERE p.clinic_id = $1 AND p.deleted_at IS NULL"));
    let total: i64 = tx.one_q(&count).await?;
    query.tail(order_by(request), params![request.per_page, request.offset()]);
    Ok((tx.all_q(&query).await?, total))
}

/// One page of the charts that have a word beginning with `term`, the best match (the word that comes first) first. The words are looked
/// up, never the charts; `shared` lets a chart with several such words pass once. `CROSS JOIN` keeps SQLite from walking through the charts
/// first, which it takes for few after a look at a part of them (`PRAGMA optimize`).
pub async fn search_best(tx: &mut TenantTx, term: &str, request: &PageRequest<PatientSort>) -> Result<(Vec<Patient>, i64), DbError> {
    let rows: Vec<Found> = tx
        .all(
            tenant_sql!(
                "SELECT p.patient_id, p.mrn, p.first_name, p.last_name, p.dob, p.sex, p.email, p.phone, p.address, p.emergency_contact_name,
                        p.emergency_contact_phone, p.external_reference, p.preferred_language, p.created_at, p.updated_at, p.created_by,
                        p.version, (SELECT count(*) FROM patient_tokens c
                                    WHERE c.clinic_id = $1 AND c.token >= $2 AND c.token < $3 AND c.shared < $4) AS total
                 FROM patient_tokens t CROSS JOIN patients p
                 WHERE t.clinic_id = $1 AND t.token >= $2 AND t.token < $3 AND t.shared < $4
                     AND p.clinic_id = t.clinic_id AND p.patient_id = t.patient_id
                 ORDER BY t.token, t.patient_id LIMIT $5 OFFSET $6"
            ),
            params![term, search::after(term), search::length(term), request.per_page, request.offset()],
        )
        .await?;
    let total = match rows.first() {
        Some(row) => row.total,
        None if request.offset() == 0 => 0,
        None => count_best(tx, term).await?,
    };
    Ok((rows.into_iter().map(|row| row.patient).collect(), total))
}

/// How many charts have a word beginning with `term`; for a page beyond the last one, which has no row to say it.
async fn count_best(tx: &mut TenantTx, term: &str) -> Result<i64, DbError> {
    tx.one(
        tenant_sql!("SELECT count(*) FROM patient_tokens WHERE clinic_id = $1 AND token >= $2 AND token < $3 AND shared < $4"),
        params![term, search::after(term), search::length(term)],
    )
    .await
}

/// One page of the charts that have a word beginning with each of `terms`, or one of the marks, in order. What is looked up names the
/// clinic itself and not the chart's: otherwise it is looked up once for each chart.
pub async fn search(
    tx: &mut TenantTx,
    terms: &[String],
    marks: Option<&Marks>,
    request: &PageRequest<PatientSort>,
) -> Result<(Vec<Patient>, i64), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT p.patient_id, p.mrn, p.first_name, p.last_name, p.dob, p.sex, p.email, p.phone, p.address, p.emergency_contact_name,
                p.emergency_contact_phone, p.external_reference, p.preferred_language, p.created_at, p.updated_at, p.created_by, p.version,
                count(*) OVER () AS total
         FROM patients p WHERE p.clinic_id = $1 AND p.deleted_at IS NULL"
    ));
    for term in terms {
        match marks {
            None => query.part(
                " AND p.patient_id IN (SELECT t.patient_id FROM patient_tokens t WHERE t.clinic_id = $1 AND t.token >= ? AND t.token < ?)",
                params![term, search::after(term)],
            ),
            Some(marks) => query.part(
                " AND p.patient_id IN (
                     SELECT t.patient_id FROM patient_tokens t WHERE t.clinic_id = $1 AND t.token >= ? AND t.token < ?
                     UNION ALL SELECT n.patient_id FROM patients n
                         WHERE n.clinic_id = $1 AND n.national_id_mark = ? AND n.deleted_at IS NULL
                     UNION ALL SELECT i.patient_id FROM patients i
                         WHERE i.clinic_id = $1 AND i.insurance_number_mark = ? AND i.deleted_at IS NULL)",
                params![term, search::after(term), &marks.national_id, &marks.insurance_number],
            ),
        };
    }
    let count = query.under(tenant_sql!("SELECT count(*) FROM patients p WHERE p.clinic_id = $1 AND p.deleted_at IS NULL"));
    query.tail(order_found_by(request), params![request.per_page, request.offset()]);
    let rows: Vec<Found> = tx.all_q(&query).await?;
    let total = match rows.first() {
        Some(row) => row.total,
        None if request.offset() == 0 => 0,
        None => tx.one_q(&count).await?,
    };
    Ok((rows.into_iter().map(|row| row.patient).collect(), total))
}

/// A chart of a search, and how many there are.
struct Found {
    patient: Patient,
    total: i64,
}

impl FromRow for Found {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self { patient: patient_from(row)?, total: row.get(17)? })
    }
}

fn restrict(query: &mut Query, only: Option<&[PatientId]>) {
    if let Some(charts) = only {
        query.list(" AND p.patient_id IN (", charts.iter().copied(), ")");
    }
}

fn order_by(request: &PageRequest<PatientSort>) -> &'static str {
    match (request.sort, request.order) {
        (PatientSort::LastName, Order::Asc) => " ORDER BY p.name_key, p.patient_id LIMIT ? OFFSET ?",
        (PatientSort::LastName, Order::Desc) => " ORDER BY p.name_key DESC, p.patient_id DESC LIMIT ? OFFSET ?",
        (PatientSort::Dob, Order::Asc) => " ORDER BY p.dob, p.patient_id LIMIT ? OFFSET ?",
        (PatientSort::Dob, Order::Desc) => " ORDER BY p.dob DESC, p.patient_id DESC LIMIT ? OFFSET ?",
        (PatientSort::CreatedAt, Order::Asc) => " ORDER BY p.created_at, p.patient_id LIMIT ? OFFSET ?",
        (PatientSort::CreatedAt, Order::Desc) => " ORDER BY p.created_at DESC, p.patient_id DESC LIMIT ? OFFSET ?",
        (PatientSort::PatientId, Order::Asc) => " ORDER BY p.patient_id LIMIT ? OFFSET ?",
        (PatientSort::PatientId, Order::Desc) => " ORDER BY p.patient_id DESC LIMIT ? OFFSET ?",
    }
}

/// The same for what a search finds, by keys that are no index's: each chart that is found is read to be counted, and PostgreSQL would walk
/// through the clinic in an index's order, hoping to stop early.
fn order_found_by(request: &PageRequest<PatientSort>) -> &'static str {
    match (request.sort, request.order) {
        (PatientSort::LastName, Order::Asc) => " ORDER BY coalesce(p.name_key, ''), p.patient_id LIMIT ? OFFSET ?",
        (PatientSort::LastName, Order::Desc) => " ORDER BY coalesce(p.name_key, '') DESC, p.patient_id DESC LIMIT ? OFFSET ?",
        (PatientSort::Dob, Order::Asc) => " ORDER BY coalesce(p.dob, p.dob), p.patient_id LIMIT ? OFFSET ?",
        (PatientSort::Dob, Order::Desc) => " ORDER BY coalesce(p.dob, p.dob) DESC, p.patient_id DESC LIMIT ? OFFSET ?",
        (PatientSort::CreatedAt, Order::Asc) => " ORDER BY coalesce(p.created_at, p.created_at), p.patient_id LIMIT ? OFFSET ?",
        (PatientSort::CreatedAt, Order::Desc) => " ORDER BY coalesce(p.created_at, p.created_at) DESC, p.patient_id DESC LIMIT ? OFFSET ?",
        (PatientSort::PatientId, Order::Asc) => " ORDER BY coalesce(p.patient_id, 0) LIMIT ? OFFSET ?",
        (PatientSort::PatientId, Order::Desc) => " ORDER BY coalesce(p.patient_id, 0) DESC LIMIT ? OFFSET ?",
    }
}

/// Whether no chart of the clinic has this e-mail address.
pub async fn is_email_free(tx: &mut TenantTx, email_key: &str) -> Result<bool, DbError> {
    let taken = tx.opt::<i64>(
        tenant_sql!("SELECT 1 FROM patients WHERE clinic_id = $1 AND email_key = $2 AND deleted_at IS NULL"),
        params![email_key],
    );
    Ok(taken.await?.is_none())
}

async fn insert_tokens(tx: &mut TenantTx, patient_id: PatientId, chart: &Patient) -> Result<(), DbError> {
    tx.insert_many(TOKENS, token_rows(patient_id, chart).collect()).await?;
    Ok(())
}

const TOKENS: TenantBulk = bulk_sql!("INSERT INTO patient_tokens (clinic_id, token, patient_id, shared) VALUES", " ON CONFLICT DO NOTHING");

fn token_rows(patient_id: PatientId, chart: &Patient) -> impl Iterator<Item = Params> {
    let tokens = search::tokens(chart);
    let shared = search::shared(&tokens);
    tokens.into_iter().zip(shared).map(move |(token, shared)| params![token, patient_id, shared])
}

async fn delete_tokens(tx: &mut TenantTx, patient_id: PatientId) -> Result<u64, DbError> {
    tx.exec(tenant_sql!("DELETE FROM patient_tokens WHERE clinic_id = $1 AND patient_id = $2"), params![patient_id]).await
}

/// The values of a row, in the order of the insert.
fn columns(chart: &Patient) -> Params {
    params![
        &chart.mrn,
        &chart.first_name,
        &chart.last_name,
        chart.name_key(),
        chart.dob,
        chart.sex,
        &chart.email,
        chart.email_key(),
        &chart.phone,
        chart.phone_digits(),
        &chart.address,
        &chart.emergency_contact_name,
        &chart.emergency_contact_phone,
        &chart.external_reference,
        &chart.preferred_language,
        chart.created_at,
        chart.updated_at,
        chart.created_by,
        chart.version,
    ]
}

/// The conflicts of charts in the words of the seeds.
fn named_conflicts<T>(result: Result<T, DbError>) -> Result<T> {
    result
        .on_unique("patients_email", || AppError::conflict("Email already exists"))
        .on_unique("patients_mrn", || AppError::conflict("MRN already exists"))
        .on_unique("patients_external_reference", || AppError::conflict("External reference already exists"))
}

/// What a chart is recognised by when others are brought in.
pub struct Identity {
    pub mrn: String,
    pub name_key: String,
    pub dob: Day,
    pub sex: Sex,
    pub email_key: Option<String>,
    pub external_reference: Option<String>,
}
from_row!(Identity { mrn, name_key, dob, sex, email_key, external_reference });

/// What every chart of the clinic is recognised by.
pub async fn identities(tx: &mut TenantTx) -> Result<Vec<Identity>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT mrn, name_key, dob, sex, email_key, external_reference FROM patients WHERE clinic_id = $1 AND deleted_at IS NULL"
        ),
        params![],
    )
    .await
}

/// Charts that are looked up by number at once.
const LOOKUP: usize = 1024;

/// Stores many new charts and the words they are found by; their ids, in order.
pub async fn insert_many(tx: &mut TenantTx, charts: &[Patient]) -> Result<Vec<PatientId>> {
    let insert = bulk_sql!(
        "INSERT INTO patients (clinic_id, mrn, first_name, last_name, name_key, dob, sex, email, email_key, phone, phone_digits, address,
             emergency_contact_name, emergency_contact_phone, external_reference, preferred_language, created_at, updated_at, created_by, version)
         VALUES"
    );
    named_conflicts(tx.insert_many(insert, charts.iter().map(columns).collect()).await)?;
    let mut ids = Vec::with_capacity(charts.len());
    for charts in charts.chunks(LOOKUP) {
        let mut query = Query::tenant(tenant_sql!("SELECT mrn, patient_id FROM patients WHERE clinic_id = $1"));
        query.list(" AND mrn IN (", charts.iter().map(|chart| &chart.mrn), ")");
        let known: std::collections::HashMap<String, PatientId> = tx.all_q::<(String, PatientId)>(&query).await?.into_iter().collect();
        let missing = || AppError::internal("a chart that was just stored is not there");
        let found = charts.iter().map(|chart| known.get(&chart.mrn).copied().ok_or_else(missing)).collect::<Result<Vec<_>>>()?;
        let tokens = charts.iter().zip(&found).flat_map(|(chart, id)| token_rows(*id, chart));
        tx.insert_many(TOKENS, tokens.collect()).await?;
        ids.extend(found);
    }
    Ok(ids)
}

/// Keeps others who lock this chart waiting until the transaction ends. SQLite has one writer anyhow.
pub async fn lock(tx: &mut TenantTx, patient_id: PatientId) -> Result<(), DbError> {
    let mut query = Query::tenant(tenant_sql!("SELECT p.patient_id FROM patients p WHERE p.clinic_id = $1 AND p.patient_id = $2"));
    query.bind(params![patient_id]).tail(tx.dialect().for_update(), ());
    tx.opt_q::<i64>(&query).await.map(drop)
}
