//! All SQL of reports and results.

use clinichub_core::{FileId, LabReportId, LabResultId, PageRequest, PatientId, UtcTime, VisitId};
use clinichub_db::{DbError, Query, TenantBulk, TenantTx, bulk_sql, from_row, params, tenant_sql, text_column};

use super::api::{LabReportFilter, LabReportSort};
use super::for_others::LabReportBrief;
use super::model::{Flag, LabReport, LabResult, analyte_key};
use super::results::{LabResultFilter, LabResultSort, NewLabResult};

text_column!(Flag);
from_row!(LabReport {
    lab_report_id,
    visit_id,
    patient_id,
    patient_name,
    file_id,
    title,
    severity,
    released_at,
    signed_at,
    signed_by,
    created_at,
    updated_at,
    created_by,
    version,
    file_name,
    mime_type,
    file_size,
    sha256,
});
from_row!(LabReportBrief { lab_report_id, title, severity, signed_at, released_at, created_at });
from_row!(LabResult {
    lab_result_id,
    lab_report_id,
    patient_id,
    panel,
    analyte,
    loinc,
    value,
    value_text,
    unit,
    reference_low,
    reference_high,
    reference_text,
    flag,
    observed_at,
    released_at,
    created_at,
    created_by,
});

/// Stores a new report; gives its id.
pub async fn insert(
    tx: &mut TenantTx,
    (visit_id, patient_id): (VisitId, PatientId),
    file_id: FileId,
    title: &str,
    severity: i64,
) -> Result<LabReportId, DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.one(
        tenant_sql!(
            "INSERT INTO lab_reports (clinic_id, visit_id, patient_id, file_id, title, severity, created_at, updated_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) RETURNING lab_report_id"
        ),
        params![visit_id, patient_id, file_id, title, severity, now, by],
    )
    .await
}

/// A report, if it is there and its chart is.
pub async fn find(tx: &mut TenantTx, lab_report_id: LabReportId) -> Result<Option<LabReport>, DbError> {
    tx.opt(
        tenant_sql!(
            "SELECT r.lab_report_id, r.visit_id, r.patient_id, p.first_name || ' ' || p.last_name AS patient_name, r.file_id, r.title, r.severity,
                    r.released_at, r.signed_at, r.signed_by, r.created_at, r.updated_at, r.created_by, r.version, f.name AS file_name,
                    f.mime AS mime_type, f.size AS file_size, f.sha256
             FROM lab_reports r
                  JOIN files f ON f.clinic_id = r.clinic_id AND f.file_id = r.file_id
                  JOIN patients p ON p.clinic_id = r.clinic_id AND p.patient_id = r.patient_id
             WHERE r.clinic_id = $1 AND r.lab_report_id = $2 AND r.deleted_at IS NULL AND p.deleted_at IS NULL"
        ),
        params![lab_report_id],
    )
    .await
}

/// Which reports are wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub filter: LabReportFilter,
    /// What stands in their titles.
    pub search: Option<String>,
    /// Those only of these charts that their patient may see.
    pub own: Option<Vec<PatientId>>,
}

/// One page of reports.
pub async fn list(tx: &mut TenantTx, wanted: &Wanted, page: &PageRequest<LabReportSort>) -> Result<(Vec<LabReport>, i64), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT r.lab_report_id, r.visit_id, r.patient_id, p.first_name || ' ' || p.last_name AS patient_name, r.file_id, r.title, r.severity,
                r.released_at, r.signed_at, r.signed_by, r.created_at, r.updated_at, r.created_by, r.version, f.name AS file_name,
                f.mime AS mime_type, f.size AS file_size, f.sha256
         FROM lab_reports r
              JOIN files f ON f.clinic_id = r.clinic_id AND f.file_id = r.file_id
              JOIN patients p ON p.clinic_id = r.clinic_id AND p.patient_id = r.patient_id
         WHERE r.clinic_id = $1 AND r.deleted_at IS NULL AND p.deleted_at IS NULL"
    ));
    restrict(&mut query, wanted);
    let count = query.under(tenant_sql!(
        "SELECT count(*) FROM lab_reports r JOIN patients p ON p.clinic_id = r.clinic_id AND p.patient_id = r.patient_id
         WHERE r.clinic_id = $1 AND r.deleted_at IS NULL AND p.deleted_at IS NULL"
    ));
    let total = tx.one_q(&count).await?;
    query.tail(page.sort.order_by(page.order), params![page.per_page, page.offset()]);
    Ok((tx.all_q(&query).await?, total))
}

fn restrict(query: &mut Query, wanted: &Wanted) {
    let filter = &wanted.filter;
    if let Some(patient) = filter.patient_id {
        query.part(" AND r.patient_id = ?", params![patient]);
    }
    if let Some(visit) = filter.visit_id {
        query.part(" AND r.visit_id = ?", params![visit]);
    }
    match filter.signed {
        None => {}
        Some(true) => {
            query.part(" AND r.signed_at IS NOT NULL", params![]);
        }
        Some(false) => {
            query.part(" AND r.signed_at IS NULL", params![]);
        }
    }
    match filter.released {
        None => {}
        Some(true) => {
            query.part(" AND r.released_at IS NOT NULL", params![]);
        }
        Some(false) => {
            query.part(" AND r.released_at IS NULL", params![]);
        }
    }
    match filter.abnormal {
        None => {}
        Some(true) => {
            query.part(" AND r.severity > 0", params![]);
        }
        Some(false) => {
            query.part(" AND r.severity = 0", params![]);
        }
    }
    if let Some(search) = &wanted.search {
        query.part(" AND lower(r.title) LIKE ? ESCAPE '!'", params![crate::like::containing(search)]);
    }
    if let Some(own) = &wanted.own {
        query.part(" AND r.released_at IS NOT NULL", params![]);
        query.list(" AND r.patient_id IN (", own.iter().copied(), ")");
    }
}

/// A chart's reports before this place, the latest first; `only_released`: those only that the patient may see.
pub async fn list_before(
    tx: &mut TenantTx,
    patient_id: PatientId,
    before: (UtcTime, i64),
    only_released: bool,
    limit: i64,
) -> Result<Vec<LabReportBrief>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT r.lab_report_id, r.title, r.severity, r.signed_at, r.released_at, r.created_at FROM lab_reports r
         WHERE r.clinic_id = $1 AND r.deleted_at IS NULL"
    ));
    query.part(" AND r.patient_id = ? AND (r.created_at, r.lab_report_id) < (?, ?)", params![patient_id, before.0, before.1]);
    if only_released {
        query.part(" AND r.released_at IS NOT NULL", ());
    }
    query.tail(" ORDER BY r.created_at DESC, r.lab_report_id DESC LIMIT ?", params![limit]);
    tx.all_q(&query).await
}

/// The reports of a chart that nobody has signed, the worst first, and the latest of those that are alike.
pub async fn list_unsigned(tx: &mut TenantTx, patient_id: PatientId, limit: i64) -> Result<Vec<LabReportBrief>, DbError> {
    let sql = tenant_sql!(
        "SELECT r.lab_report_id, r.title, r.severity, r.signed_at, r.released_at, r.created_at FROM lab_reports r
         WHERE r.clinic_id = $1 AND r.patient_id = $2 AND r.deleted_at IS NULL AND r.signed_at IS NULL
         ORDER BY r.severity DESC, r.created_at DESC, r.lab_report_id DESC LIMIT $3"
    );
    tx.all(sql, params![patient_id, limit]).await
}

/// Stores what was changed, if the report still has the version before it.
pub async fn update(tx: &mut TenantTx, report: &LabReport) -> Result<u64, DbError> {
    tx.exec(
        tenant_sql!(
            "UPDATE lab_reports SET title = $3, released_at = $4, signed_at = $5, signed_by = $6, updated_at = $7, version = $8, severity = $9
             WHERE clinic_id = $1 AND lab_report_id = $2 AND version = $8 - 1 AND deleted_at IS NULL"
        ),
        params![
            report.lab_report_id,
            &report.title,
            report.released_at,
            report.signed_at,
            report.signed_by,
            report.updated_at,
            report.version,
            report.severity,
        ],
    )
    .await
}

/// Takes a report out of sight, and its results with it, if it still has this version.
pub async fn delete(tx: &mut TenantTx, lab_report_id: LabReportId, version: i64) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        tenant_sql!(
            "UPDATE lab_reports SET deleted_at = $3, updated_at = $3, version = version + 1
             WHERE clinic_id = $1 AND lab_report_id = $2 AND version = $4 AND deleted_at IS NULL"
        ),
        params![lab_report_id, now, version],
    )
    .await
}

const RESULTS: TenantBulk = bulk_sql!(
    "INSERT INTO lab_results (clinic_id, lab_report_id, patient_id, panel, analyte, analyte_key, loinc, value, value_text, unit, reference_low,
         reference_high, reference_text, flag, observed_at, released_at, created_at, created_by)
     VALUES"
);

/// Stores new results of a chart.
pub async fn insert_results(
    tx: &mut TenantTx,
    patient_id: PatientId,
    report: Option<LabReportId>,
    results: &[NewLabResult],
    released_at: Option<UtcTime>,
) -> Result<(), DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let row = |result: &NewLabResult| {
        params![
            report,
            patient_id,
            &result.panel,
            result.analyte.trim(),
            analyte_key(&result.analyte),
            &result.loinc,
            result.value,
            result.value_text.as_ref().filter(|_| result.value.is_none()),
            &result.unit,
            result.reference_low,
            result.reference_high,
            &result.reference_text,
            result.flag(),
            result.observed_at.unwrap_or(now),
            released_at,
            now,
            by,
        ]
    };
    tx.insert_many(RESULTS, results.iter().map(row).collect()).await?;
    Ok(())
}

/// The results of a report, as they came.
pub async fn results_of_report(tx: &mut TenantTx, report: LabReportId) -> Result<Vec<LabResult>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT s.lab_result_id, s.lab_report_id, s.patient_id, s.panel, s.analyte, s.loinc, s.value, s.value_text, s.unit, s.reference_low,
                    s.reference_high, s.reference_text, s.flag, s.observed_at, COALESCE(s.released_at, r.released_at) AS released_at,
                    s.created_at, s.created_by
             FROM lab_results s JOIN lab_reports r ON r.clinic_id = s.clinic_id AND r.lab_report_id = s.lab_report_id
             WHERE s.clinic_id = $1 AND s.lab_report_id = $2 AND s.deleted_at IS NULL ORDER BY s.lab_result_id LIMIT 2000"
        ),
        params![report],
    )
    .await
}

/// How many results a report has.
pub async fn count_of_report(tx: &mut TenantTx, report: LabReportId) -> Result<i64, DbError> {
    let sql = tenant_sql!("SELECT count(*) FROM lab_results WHERE clinic_id = $1 AND lab_report_id = $2 AND deleted_at IS NULL");
    tx.one(sql, params![report]).await
}

/// Takes a result out of sight, if it is there still.
pub async fn delete_result(tx: &mut TenantTx, id: LabResultId) -> Result<u64, DbError> {
    let now = tx.now();
    let sql = tenant_sql!("UPDATE lab_results SET deleted_at = $3 WHERE clinic_id = $1 AND lab_result_id = $2 AND deleted_at IS NULL");
    tx.exec(sql, params![id, now]).await
}

/// The last results of a chart that came without a report, in the order in which they came.
pub async fn last_results(tx: &mut TenantTx, patient_id: PatientId, count: usize) -> Result<Vec<LabResult>, DbError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut rows: Vec<LabResult> = tx
        .all(
            tenant_sql!(
                "SELECT lab_result_id, lab_report_id, patient_id, panel, analyte, loinc, value, value_text, unit, reference_low, reference_high,
                        reference_text, flag, observed_at, released_at, created_at, created_by
                 FROM lab_results WHERE clinic_id = $1 AND patient_id = $2 AND lab_report_id IS NULL AND created_at = $3
                 ORDER BY lab_result_id DESC LIMIT $4"
            ),
            params![patient_id, tx.now(), count],
        )
        .await?;
    rows.reverse();
    Ok(rows)
}

/// Results whose reports are there. The functions that add to it follow it: the test of all statements prepares a part behind the head that
/// stands before it.
fn results() -> Query {
    Query::tenant(tenant_sql!(
        "SELECT s.lab_result_id, s.lab_report_id, s.patient_id, s.panel, s.analyte, s.loinc, s.value, s.value_text, s.unit, s.reference_low,
                s.reference_high, s.reference_text, s.flag, s.observed_at, COALESCE(s.released_at, r.released_at) AS released_at,
                s.created_at, s.created_by
         FROM lab_results s LEFT JOIN lab_reports r ON r.clinic_id = s.clinic_id AND r.lab_report_id = s.lab_report_id
         WHERE s.clinic_id = $1 AND s.deleted_at IS NULL AND r.deleted_at IS NULL"
    ))
}

/// A result, if it, its report and its chart are there.
pub async fn find_result(tx: &mut TenantTx, id: LabResultId) -> Result<Option<LabResult>, DbError> {
    let mut query = results();
    query.part(" AND s.lab_result_id = ?", params![id]);
    query.part(" AND s.patient_id NOT IN (SELECT p.patient_id FROM patients p WHERE p.clinic_id = $1 AND p.deleted_at IS NOT NULL)", ());
    tx.opt_q(&query).await
}

/// One page of a chart's results; `search` stands in the name of the analyte or panel; `released`: those only that the patient may see.
pub async fn list_results(
    tx: &mut TenantTx,
    patient_id: PatientId,
    filter: &LabResultFilter,
    search: Option<&str>,
    released: bool,
    page: &PageRequest<LabResultSort>,
) -> Result<(Vec<LabResult>, i64), DbError> {
    let mut query = results();
    query.part(" AND s.patient_id = ?", params![patient_id]);
    if let Some(analyte) = &filter.analyte {
        query.part(" AND (s.analyte_key = ? OR s.loinc = ?)", params![analyte_key(analyte), analyte.trim()]);
    }
    if let Some(search) = search {
        let pattern = crate::like::containing(search);
        query.part(" AND (lower(s.analyte) LIKE ? ESCAPE '!' OR lower(s.panel) LIKE ? ESCAPE '!')", params![&pattern, &pattern]);
    }
    match filter.abnormal {
        None => {}
        Some(true) => {
            query.part(" AND s.flag <> 'normal'", params![]);
        }
        Some(false) => {
            query.part(" AND (s.flag IS NULL OR s.flag = 'normal')", params![]);
        }
    }
    if released {
        query.part(" AND COALESCE(s.released_at, r.released_at) IS NOT NULL", params![]);
    }
    let count = query.under(tenant_sql!(
        "SELECT count(*) FROM lab_results s LEFT JOIN lab_reports r ON r.clinic_id = s.clinic_id AND r.lab_report_id = s.lab_report_id
         WHERE s.clinic_id = $1 AND s.deleted_at IS NULL AND r.deleted_at IS NULL"
    ));
    let total = tx.one_q(&count).await?;
    query.tail(page.sort.order_by(page.order), params![page.per_page, page.offset()]);
    Ok((tx.all_q(&query).await?, total))
}
