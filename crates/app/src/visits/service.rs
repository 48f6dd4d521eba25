//! What can be done with visits. Each function is one transaction.

use clinichub_core::{AppError, AppointmentId, Page, PageRequest, PatientId, Permission, Result, Role, TrailEntry, UtcTime, VisitId};
use clinichub_db::{Counter, Event, OnConflict, TenantTx};
use serde_json::json;

use super::api::{NewDiagnosis, NewProcedure};
use super::model::{NotesChange, Visit, VisitRow, VisitStatus, VisitSummary};
use super::query::{OpenVisitFilter, PatientVisitQuery, VisitFilter, VisitSort};
use super::{VisitBrief, content, store};
use crate::chart::{VitalsInput, VitalsWarning};
use crate::cursor::{self, Cursor};
use crate::scheduling::WalkIn;
use crate::sealing::FieldKeys;
use crate::{App, chart, clinics, patients, scheduling};

type Access = clinichub_api::Access<App>;

/// What a visit begins with.
#[derive(Debug, Clone)]
pub enum Beginning {
    /// An appointment that is open and no request any more, or completed.
    Appointment(AppointmentId),
    /// Somebody who came without one.
    WalkIn(WalkIn),
}

/// Begins a visit (API.md, rule 5).
pub async fn start(access: &Access, beginning: Beginning) -> Result<Visit> {
    let number = access.app.db.number_for(&access.grant, Counter::Visit).await?;
    let appointment_number = match &beginning {
        Beginning::WalkIn(_) => access.app.db.number_for(&access.grant, Counter::Appointment).await?,
        Beginning::Appointment(_) => 0,
    };
    access
        .app
        .db
        .create(
            &access.grant,
            (beginning, number, appointment_number),
            async |mut tx: TenantTx, (beginning, number, appointment_number): (Beginning, i64, i64)| {
                let appointment = match beginning {
                    Beginning::Appointment(id) => scheduling::begin_visit(&mut tx, id).await?,
                    Beginning::WalkIn(walk_in) => scheduling::book_walk_in(&mut tx, walk_in, appointment_number).await?,
                };
                patients::lock_in(&mut tx, appointment.patient_id).await?;
                patients::require(&mut tx, appointment.patient_id).await?;
                let exists = || AppError::conflict("The appointment has a visit already");
                let id = store::insert(&mut tx, &appointment, number).await.on_unique("visits_appointment", exists)?;
                let row = require(&mut tx, id).await?;
                noted(&mut tx, &row, "visit.started").await?;
                whole(&mut tx, row).await
            },
        )
        .await
}

/// The visit, if it is in this clinic and the grant reaches it: a patient the completed ones of the own charts.
pub(super) async fn require(tx: &mut TenantTx, id: VisitId) -> Result<VisitRow> {
    let is_patient = tx.grant().role() == Some(Role::Patient);
    let found = store::find(tx, id).await?.filter(|row| tx.grant().reaches(row.patient_id));
    found.filter(|row| !is_patient || row.status == VisitStatus::Completed).ok_or(AppError::NotFound("Visit"))
}

/// The same to be written to: whoever else writes to it, or to the chart by what is in it, waits.
pub(super) async fn require_locked(tx: &mut TenantTx, id: VisitId) -> Result<VisitRow> {
    store::lock_chart(tx, id).await?;
    require(tx, id).await
}

/// The visit with everything that belongs to it.
pub(super) async fn whole(tx: &mut TenantTx, row: VisitRow) -> Result<Visit> {
    let patient = chart::header_of(tx, row.patient_id).await?;
    let diagnoses = store::list_diagnoses(tx, &[row.visit_id]).await?.remove(&row.visit_id).unwrap_or_default();
    let performed = store::list_performed(tx, row.visit_id).await?;
    let vitals = chart::vitals_of_visit(tx, row.visit_id).await?;
    let addenda = store::list_addenda(tx, row.visit_id).await?;
    Ok(row.whole(patient, diagnoses, performed, vitals, addenda).seen_by(tx.grant()))
}

/// One visit.
pub async fn get(access: &Access, id: VisitId) -> Result<Visit> {
    access
        .app
        .db
        .read(&access.grant, id, async |mut tx: TenantTx, id: VisitId| {
            let row = require(&mut tx, id).await?;
            tx.grant().look(about(&row));
            whole(&mut tx, row).await
        })
        .await
}

/// The visit that an appointment became.
pub async fn of_appointment(access: &Access, appointment: AppointmentId) -> Result<VisitBrief> {
    access
        .app
        .db
        .read(&access.grant, appointment, async |mut tx: TenantTx, appointment: AppointmentId| {
            let visit = store::find_brief_of_appointment(&mut tx, appointment).await?.ok_or(AppError::NotFound("Visit"))?;
            tx.grant().look_at(visit.patient_id);
            Ok(visit)
        })
        .await
}

/// What changes of a visit; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub notes: NotesChange,
    /// In the place of all that are there.
    pub diagnoses: Option<Vec<NewDiagnosis>>,
    /// In the place of all that are there.
    pub procedures: Option<Vec<NewProcedure>>,
    /// What was measured besides, and when.
    pub vitals: Option<(VitalsInput, Option<UtcTime>)>,
}

/// Changes a visit that is not completed; gives what of the measurements may be a slip. What changes nothing is not stored, so that a
/// program may save as one types, and for measurements alone the visit keeps its version: they disturb nobody who writes.
pub async fn update(access: &Access, id: VisitId, changes: Changes) -> Result<(Visit, Vec<VitalsWarning>)> {
    let args = (id, changes, access.app.fields.clone());
    access
        .app
        .db
        .write(&access.grant, args, async |mut tx: TenantTx, (id, changes, fields): (VisitId, Changes, FieldKeys)| {
            if changes.procedures.is_some() {
                content::lock_charges(&mut tx, id).await?;
            }
            let row = require_locked(&mut tx, id).await?;
            row.require_open_to(tx.grant())?;
            let (row, warnings) = change(&mut tx, row, changes, &fields).await?;
            Ok((whole(&mut tx, row).await?, warnings))
        })
        .await
}

/// Makes the changes, with their audit rows and events. The visit has another version before anything else is written, so that of two
/// changes that race one is told.
async fn change(tx: &mut TenantTx, before: VisitRow, changes: Changes, fields: &FieldKeys) -> Result<(VisitRow, Vec<VitalsWarning>)> {
    let (id, notes) = (before.visit_id, changes.notes.apply(before.notes()));
    let is_told_anew = notes != before.notes();
    let is_changed = is_told_anew || changes.diagnoses.is_some() || changes.procedures.is_some();
    if is_changed {
        let stored = if is_told_anew {
            store::update_notes(tx, id, before.version, &notes).await?
        } else {
            store::touch(tx, id, before.version).await?
        };
        if stored == 0 {
            return Err(AppError::Stale);
        }
    }
    if let Some(diagnoses) = changes.diagnoses {
        content::replace_diagnoses(tx, &before, diagnoses).await?;
    }
    if let Some(procedures) = changes.procedures {
        content::replace_procedures(tx, &before, procedures).await?;
    }
    let warnings = match changes.vitals {
        Some((vitals, at)) => chart::record_vitals_in(tx, fields, before.patient_id, id, vitals, at).await?.warnings,
        None => Vec::new(),
    };
    if !is_changed {
        return Ok((before, warnings));
    }
    let after = require(tx, id).await?;
    noted(tx, &after, "visit.updated").await?;
    Ok((after, warnings))
}

/// One page of the visits; a patient sees the completed ones of the own charts.
pub async fn list(
    access: &Access,
    filter: VisitFilter,
    search: Option<String>,
    page: PageRequest<VisitSort>,
) -> Result<Page<VisitSummary>> {
    filter.check()?;
    if let Some(patient) = filter.patient_id {
        access.grant.look_at(patient);
    }
    access
        .app
        .db
        .read(
            &access.grant,
            (filter, search, page),
            async |mut tx: TenantTx, (filter, search, page): (VisitFilter, Option<String>, PageRequest<VisitSort>)| {
                let clinic = clinics::get_in(&mut tx).await?;
                let reference = search.map(|text| reference(&clinic.code, &text));
                let charts = tx.grant().own_charts();
                let (rows, total) = store::list(&mut tx, &filter, reference.as_deref(), &clinic.zone(), charts.as_deref(), &page).await?;
                let rows = with_diagnoses(&mut tx, rows).await?;
                tx.grant().look_at_many(rows.iter().map(|row| row.patient_id));
                Ok(Page::new(rows, total, &page))
            },
        )
        .await
}

/// A reference as it is stored, from one that may leave out the clinic's code.
fn reference(code: &str, text: &str) -> String {
    let text = text.to_uppercase();
    if text.contains('-') { text } else { format!("{code}-V{}", text.trim_start_matches('V')) }
}

type OpenArgs = (OpenVisitFilter, Option<String>, PageRequest<VisitSort>);

/// One page of the visits that were left open overnight.
pub async fn list_open(
    access: &Access,
    filter: OpenVisitFilter,
    search: Option<String>,
    page: PageRequest<VisitSort>,
) -> Result<Page<VisitSummary>> {
    access
        .app
        .db
        .read(&access.grant, (filter, search, page), async |mut tx: TenantTx, (filter, search, page): OpenArgs| {
            if tx.grant().role() == Some(Role::Patient) {
                return Ok(Page::new(Vec::new(), 0, &page));
            }
            let clinic = clinics::get_in(&mut tx).await?;
            let (zone, reference) = (clinic.zone(), search.map(|text| reference(&clinic.code, &text)));
            let today = clinichub_core::DayOrInstant::Day(tx.now().date_in(&zone)).start_in(&zone);
            let provider = filter.provider_user_id;
            let (rows, total) = store::list_open_before(&mut tx, today, provider, reference.as_deref(), &page).await?;
            let rows = with_diagnoses(&mut tx, rows).await?;
            tx.grant().look_at_many(rows.iter().map(|row| row.patient_id));
            Ok(Page::new(rows, total, &page))
        })
        .await
}

/// A chart's visits, the latest first, and where the next page begins.
pub async fn list_of_patient(access: &Access, patient: PatientId, query: PatientVisitQuery) -> Result<(Vec<VisitSummary>, Option<String>)> {
    access.grant.look_at(patient);
    let (before, limit) = (Cursor::read(query.before.as_deref())?, cursor::limit(query.limit, 20, 100)?);
    access
        .app
        .db
        .read(
            &access.grant,
            (patient, query, before, limit),
            async |mut tx: TenantTx, (patient, query, before, limit): (PatientId, PatientVisitQuery, Cursor, i64)| {
                patients::require(&mut tx, patient).await?;
                let charts = tx.grant().own_charts();
                let rows = store::list_of_patient(&mut tx, patient, &query, before.bound(0), charts.as_deref(), limit + 1).await?;
                let (rows, next) = cursor::page(rows, limit, |row| Cursor::behind(row.started_at, 0, row.visit_id.0));
                Ok((with_diagnoses(&mut tx, rows).await?, next))
            },
        )
        .await
}

/// The visits with their diagnoses, which one statement gives.
pub(super) async fn with_diagnoses(tx: &mut TenantTx, rows: Vec<VisitSummary>) -> Result<Vec<VisitSummary>> {
    let ids: Vec<VisitId> = rows.iter().map(|row| row.visit_id).collect();
    let mut diagnoses = store::list_diagnoses(tx, &ids).await?;
    Ok(rows.into_iter().map(|row| row.with(&mut diagnoses, tx.grant())).collect())
}

/// What the audit trail says about it.
pub(super) fn about(row: &VisitRow) -> TrailEntry {
    TrailEntry { patient_id: Some(row.patient_id), resource: Some(("visit", row.visit_id.0)), details: None }
}

/// The audit row and the event of a change. Those who write in the chart hear of it; a patient of a visit that is completed.
pub(super) async fn noted(tx: &mut TenantTx, row: &VisitRow, event: &'static str) -> Result<()> {
    tx.audit(about(row)).await?;
    let payload = json!({
        "status": row.status,
        "version": row.version,
        "appointment_id": row.appointment_id,
        "chart_id": row.patient_id,
        "provider_user_id": row.provider_user_id,
        "by_user_id": tx.grant().user_id(),
    });
    let patient_id = Some(row.patient_id).filter(|_| row.status == VisitStatus::Completed);
    tx.emit(Event { kind: event, resource: ("visit", row.visit_id.0), needs: Permission::ChartRead, patient_id, payload }).await?;
    Ok(())
}
