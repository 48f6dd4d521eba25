//! All SQL on `audit_events`, `audit_seals` and `audit_gaps`, but for the inserting of events, which is the database layer's; and the look-up
//! whose chart a thing belongs to that was refused.

use clinichub_core::{AuditEventId, Order, Page, PageRequest, PatientId, Role, SessionId, UserId, UtcTime};
use clinichub_db::{DbError, PlatformTx, Query, TenantTx, Value, params, platform_bulk_sql, platform_sql, tenant_sql};

use super::api::AuditSort;
use super::chain::{Event, Found, Head, Plan, Seal};
use crate::like;

/// How many events are read at a time.
pub(super) const PAGE: usize = 5000;
/// How many missing ids are looked for at a time.
const GAPS: usize = 10_000;

/// The newest event's id; 0 where there is none.
pub(super) async fn newest(tx: &mut PlatformTx) -> Result<i64, DbError> {
    tx.one(platform_sql!("SELECT COALESCE(max(event_id), 0) FROM audit_events"), params![]).await
}

/// The ends of all chains. Each is looked up by its key, whatever its length.
pub(super) async fn heads(tx: &mut PlatformTx) -> Result<Vec<Head>, DbError> {
    tx.all(
        platform_sql!(
            "WITH RECURSIVE chains (clinic_id) AS (
                SELECT min(clinic_id) FROM audit_seals
                UNION ALL
                SELECT (SELECT min(n.clinic_id) FROM audit_seals AS n WHERE n.clinic_id > chains.clinic_id)
                FROM chains WHERE chains.clinic_id IS NOT NULL)
             SELECT s.clinic_id, s.seal_no, s.upto_event_id, s.hash
             FROM chains JOIN audit_seals AS s ON s.clinic_id = chains.clinic_id
                AND s.seal_no = (SELECT max(m.seal_no) FROM audit_seals AS m WHERE m.clinic_id = chains.clinic_id)"
        ),
        params![],
    )
    .await
}

/// What there is to be sealed, up to the event `upto`.
pub(super) async fn unsealed(tx: &mut PlatformTx, upto: i64) -> Result<Found, DbError> {
    let mut found = Found { heads: heads(tx).await?, gaps: gaps(tx).await?, ..Found::default() };
    if !found.gaps.is_empty() {
        found.late = late(tx).await?;
    }
    found.page = page(tx, found.position(), upto).await?;
    Ok(found)
}

pub(super) async fn gaps(tx: &mut PlatformTx) -> Result<Vec<(i64, UtcTime)>, DbError> {
    let gaps = platform_sql!("SELECT event_id, seen_at FROM audit_gaps ORDER BY event_id LIMIT $1");
    tx.all(gaps, params![i64::try_from(GAPS).unwrap_or(i64::MAX)]).await
}

/// The events whose ids were missing.
async fn late(tx: &mut PlatformTx) -> Result<Vec<Event>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT e.event_id, e.clinic_id, e.at, e.user_id, e.role, e.action, e.outcome, e.patient_id, e.resource, e.resource_id,
                e.address, e.request_id, e.session_id, e.details
             FROM audit_gaps AS g JOIN audit_events AS e ON e.event_id = g.event_id ORDER BY e.event_id LIMIT 1000"
        ),
        params![],
    )
    .await
}

/// The events after one, up to another, a page of them, in the order of their ids.
pub(super) async fn page(tx: &mut PlatformTx, after: i64, upto: i64) -> Result<Vec<Event>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT event_id, clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id,
                session_id, details
             FROM audit_events WHERE event_id > $1 AND event_id <= $2 ORDER BY event_id LIMIT $3"
        ),
        params![after, upto, i64::try_from(PAGE).unwrap_or(i64::MAX)],
    )
    .await
}

/// The events with these ids, in the order of their ids.
pub(super) async fn by_ids(tx: &mut PlatformTx, ids: &[i64]) -> Result<Vec<Event>, DbError> {
    let mut query = Query::platform(platform_sql!(
        "SELECT event_id, clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id,
            session_id, details
         FROM audit_events"
    ));
    query.list(" WHERE event_id IN (", ids.iter().copied(), ")");
    query.tail(" ORDER BY event_id", params![]);
    tx.all_q(&query).await
}

/// A clinic's seals after one, up to another, a page of them.
pub(super) async fn seals(tx: &mut PlatformTx, clinic: i64, after: i64, upto: i64, limit: i64) -> Result<Vec<Seal>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT clinic_id, seal_no, after_event_id, upto_event_id, late_ids, events, previous_hash, hash FROM audit_seals
             WHERE clinic_id = $1 AND seal_no > $2 AND seal_no <= $3 ORDER BY seal_no LIMIT $4"
        ),
        params![clinic, after, upto, limit],
    )
    .await
}

/// The ids that were sealed late: clinic, seal, ids.
pub(super) async fn sealed_late(tx: &mut PlatformTx) -> Result<Vec<(i64, i64, String)>, DbError> {
    tx.all(platform_sql!("SELECT clinic_id, seal_no, late_ids FROM audit_seals WHERE late_ids <> ''"), params![]).await
}

/// Writes the seals and what to wait for. A seal that is there already refuses the whole: another node was faster.
pub(super) async fn write(tx: &mut PlatformTx, plan: Plan) -> Result<(), DbError> {
    let now = tx.now();
    let seals = plan.seals.into_iter().map(|seal| {
        let Seal { clinic_id, seal_no, after_event_id, upto_event_id, late_ids, events, previous_hash, hash } = seal;
        params![clinic_id, seal_no, after_event_id, upto_event_id, late_ids, events, previous_hash, hash, now]
    });
    let insert = platform_bulk_sql!(
        "INSERT INTO audit_seals (clinic_id, seal_no, after_event_id, upto_event_id, late_ids, events, previous_hash, hash, sealed_at) VALUES"
    );
    tx.insert_many(insert, seals.collect()).await?;
    let gaps = plan.new_gaps.into_iter().map(|id| params![id, now]).collect();
    tx.insert_many(platform_bulk_sql!("INSERT INTO audit_gaps (event_id, seen_at) VALUES", " ON CONFLICT DO NOTHING"), gaps).await?;
    for ids in plan.closed_gaps.chunks(1000) {
        let mut close = Query::platform(platform_sql!("DELETE FROM audit_gaps"));
        close.list(" WHERE event_id IN (", ids.iter().copied(), ")");
        tx.exec_q(&close).await?;
    }
    Ok(())
}

/// An entry of the trail as it is shown.
#[derive(Debug)]
pub struct EntryRow {
    pub(super) event_id: AuditEventId,
    pub(super) at: UtcTime,
    pub(super) action: String,
    pub(super) outcome: String,
    pub(super) user_id: Option<UserId>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) role: Option<Role>,
    pub(super) patient_id: Option<PatientId>,
    pub(super) patient_first_name: Option<String>,
    pub(super) patient_last_name: Option<String>,
    pub(super) patient_mrn: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) resource_id: Option<i64>,
    pub(super) address: Option<String>,
    pub(super) request_id: String,
    pub(super) session_id: Option<SessionId>,
    pub(super) details: Option<String>,
}

clinichub_db::from_row!(EntryRow {
    event_id,
    at,
    action,
    outcome,
    user_id,
    first_name,
    last_name,
    role,
    patient_id,
    patient_first_name,
    patient_last_name,
    patient_mrn,
    resource,
    resource_id,
    address,
    request_id,
    session_id,
    details,
});

/// Which entries are wanted.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) patient_id: Option<PatientId>,
    pub(super) user_id: Option<UserId>,
    pub(super) action: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) outcome: Option<&'static str>,
    pub(super) from: Option<UtcTime>,
    pub(super) before: Option<UtcTime>,
    pub(super) search: Option<String>,
    /// For a patient: the charts that are theirs.
    pub(super) own: Option<Vec<PatientId>>,
}

/// So many entries are counted; counting millions to show twenty takes too long.
const MOST_COUNTED: i64 = 10_000;

/// A page of the clinic's entries.
pub(super) async fn list(tx: &mut TenantTx, wanted: &Wanted, page: &PageRequest<AuditSort>) -> Result<Page<EntryRow>, DbError> {
    let mut rows = Query::tenant(tenant_sql!(
        "SELECT e.event_id, e.at, e.action, e.outcome, e.user_id, u.first_name, u.last_name, e.role, e.patient_id,
            p.first_name AS patient_first_name, p.last_name AS patient_last_name, p.mrn AS patient_mrn, e.resource, e.resource_id,
            e.address, e.request_id, e.session_id, e.details
         FROM audit_events AS e
            LEFT JOIN users AS u ON u.user_id = e.user_id
            LEFT JOIN patients AS p ON p.clinic_id = e.clinic_id AND p.patient_id = e.patient_id
         WHERE e.clinic_id = $1"
    ));
    choose(&mut rows, wanted);
    let total = count(tx, &rows).await?;
    let order = match page.order {
        Order::Asc => " ORDER BY e.at, e.event_id LIMIT ? OFFSET ?",
        Order::Desc => " ORDER BY e.at DESC, e.event_id DESC LIMIT ? OFFSET ?",
    };
    rows.tail(order, params![page.per_page, page.offset()]);
    Ok(Page::new(tx.all_q(&rows).await?, total, page))
}

fn choose(query: &mut Query, wanted: &Wanted) {
    if let Some(patient) = wanted.patient_id {
        query.part(" AND e.patient_id = ?", params![patient]);
    }
    if let Some(own) = &wanted.own {
        query.list(" AND e.patient_id IN (", own.iter().copied(), ")");
    }
    if let Some(user) = wanted.user_id {
        query.part(" AND e.user_id = ?", params![user]);
    }
    if let Some(action) = &wanted.action {
        query.part(" AND e.action = ?", params![action]);
    }
    if let Some(resource) = &wanted.resource {
        query.part(" AND e.resource = ?", params![resource]);
    }
    if let Some(outcome) = wanted.outcome {
        query.part(" AND e.outcome = ?", params![Value::Word(outcome)]);
    }
    if let Some(from) = wanted.from {
        query.part(" AND e.at >= ?", params![from]);
    }
    if let Some(before) = wanted.before {
        query.part(" AND e.at < ?", params![before]);
    }
    if let Some(search) = &wanted.search {
        query.part(" AND lower(e.action) LIKE ? ESCAPE '!'", params![like::containing(search)]);
    }
}

/// How many rows there are, up to [`MOST_COUNTED`].
async fn count(tx: &mut TenantTx, rows: &Query) -> Result<i64, DbError> {
    let mut beyond = rows.under(tenant_sql!("SELECT e.event_id FROM audit_events AS e WHERE e.clinic_id = $1"));
    beyond.tail(" ORDER BY e.at DESC, e.event_id DESC LIMIT 1 OFFSET ?", params![MOST_COUNTED]);
    if tx.opt_q::<i64>(&beyond).await?.is_some() {
        return Ok(MOST_COUNTED);
    }
    tx.one_q(&rows.under(tenant_sql!("SELECT count(*) FROM audit_events AS e WHERE e.clinic_id = $1"))).await
}

/// Whose chart a thing of the clinic belongs to, of the kinds that a path names by an id of their own.
pub(super) async fn find_patient_of(tx: &mut TenantTx, kind: &str, id: i64) -> Result<Option<PatientId>, DbError> {
    let sql = match kind {
        "appointment" => tenant_sql!("SELECT patient_id FROM appointments WHERE clinic_id = $1 AND appointment_id = $2"),
        "visit" => tenant_sql!("SELECT patient_id FROM visits WHERE clinic_id = $1 AND visit_id = $2"),
        "prescription" => tenant_sql!("SELECT patient_id FROM prescriptions WHERE clinic_id = $1 AND prescription_id = $2"),
        "document" => tenant_sql!("SELECT patient_id FROM documents WHERE clinic_id = $1 AND document_id = $2"),
        "lab_report" => tenant_sql!("SELECT patient_id FROM lab_reports WHERE clinic_id = $1 AND lab_report_id = $2"),
        "lab_result" => tenant_sql!("SELECT patient_id FROM lab_results WHERE clinic_id = $1 AND lab_result_id = $2"),
        "invoice" => tenant_sql!("SELECT patient_id FROM invoices WHERE clinic_id = $1 AND invoice_id = $2"),
        _ => return Ok(None),
    };
    tx.opt(sql, params![id]).await
}
