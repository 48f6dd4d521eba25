//! What can be done with reports and results. Each function is one transaction, but for the upload, which has two (see the files).

use clinichub_api::{Form, check_unversioned, check_version, from_json_field};
use clinichub_core::{
    AppError, FileId, Grant, LabReportId, LabResultId, Page, PageRequest, Patch, PatientId, Permission, Result, Role, TrailEntry, VisitId,
};
use clinichub_db::TenantTx;
use clinichub_files::Stored;

use super::api::{LabReportFilter, LabReportSort, LabReportUpdate};
use super::model::{self, Flag, LabReport, LabResult, MOST_TITLE};
use super::results::{LabResultFilter, LabResultSort, NewLabResult, NewPatientLabResults, ResultsOfReport};
use super::{events, store};
use crate::files::{self, Received, StoredFile, Upload};
use crate::usage::{self, Use};
use crate::{App, patients, visits};

type Access = clinichub_api::Access<App>;
type WithResults = (LabReport, Vec<LabResult>);

/// The fields of an upload beside its file.
const FIELDS: &[&str] = &["title", "results"];
/// The longest name of what is measured.
const MOST_ANALYTE: usize = 200;
/// The most results that a report has.
const MOST_OF_REPORT: i64 = 2000;

/// Takes a report into a visit, with its values where they are given.
pub async fn upload(access: &Access, visit_id: VisitId, form: Form) -> Result<WithResults> {
    let known = async |mut tx: TenantTx, id: VisitId| {
        let found = visits::get_brief(&mut tx, id).await;
        files::before(&mut tx, found).await
    };
    access.app.db.read(&access.grant, visit_id, known).await?;
    let Received { upload, mut fields, grant } = files::receive(access, form, FIELDS).await?;
    let title = fields.take("title").unwrap_or_else(|| upload.name.chars().take(MOST_TITLE).collect());
    model::check_title(&title)?;
    let results = fields
        .take("results")
        .map_or_else(|| Ok(Vec::new()), |text| from_json_field::<ResultsOfReport>("results", &text).map(|new| new.results))?;
    model::check_results(&results, access.grant.at())?;
    let stored = keep(&access.app, &grant, visit_id, &upload, title, results).await?;
    upload.kept_as(stored.0.file_id);
    Ok(stored)
}

type Kept = (VisitId, FileId, Stored, String, Vec<NewLabResult>);

/// The report with this file, or the one that the same request made before.
async fn keep(
    app: &App,
    grant: &Grant,
    visit_id: VisitId,
    upload: &Upload,
    title: String,
    results: Vec<NewLabResult>,
) -> Result<WithResults> {
    let args: Kept = (visit_id, upload.file_id, upload.stored().clone(), title, results);
    let create = async |mut tx: TenantTx, (visit_id, file_id, stored, title, results): Kept| {
        let visit = visits::get_brief(&mut tx, visit_id).await?;
        files::keep_in(&mut tx, file_id, &stored).await?;
        let severity = severity_of(&results);
        let id = store::insert(&mut tx, (visit_id, visit.patient_id), file_id, &title, severity).await?;
        store::insert_results(&mut tx, visit.patient_id, Some(id), &results, None).await?;
        usage::record(&mut tx, Use::LabReport(id)).await?;
        let report = store::find(&mut tx, id).await?.ok_or(AppError::NotFound("Lab report"))?;
        let results = store::results_of_report(&mut tx, id).await?;
        tx.audit(about(&report)).await?;
        tx.emit(events::report("lab_report.created", &report)).await?;
        Ok((report, results))
    };
    app.db.create(grant, args, create).await
}

fn severity_of(results: &[NewLabResult]) -> i64 {
    results.iter().filter_map(NewLabResult::flag).map(Flag::severity).max().unwrap_or(0)
}

async fn get_in(tx: &mut TenantTx, id: LabReportId) -> Result<LabReport> {
    let report = store::find(tx, id).await?.filter(|report| report.is_shown_to(tx.grant()));
    report.ok_or(AppError::NotFound("Lab report"))
}

/// A report with its results.
pub async fn get(access: &Access, id: LabReportId) -> Result<WithResults> {
    let found = access.app.db.read(&access.grant, id, async |mut tx: TenantTx, id: LabReportId| {
        let report = get_in(&mut tx, id).await?;
        let results = store::results_of_report(&mut tx, id).await?;
        Ok((report, results))
    });
    found.await.inspect(|(report, _)| access.grant.look(about(report)))
}

type ListArgs = (store::Wanted, PageRequest<LabReportSort>);

/// One page of reports. What a filter names and nobody has, or not who asks, has none, as in every list.
pub async fn list(
    access: &Access,
    filter: LabReportFilter,
    search: Option<String>,
    page: PageRequest<LabReportSort>,
) -> Result<Page<LabReport>> {
    let args: ListArgs = (store::Wanted { filter, search, own: access.grant.own_charts() }, page);
    let found = access
        .app
        .db
        .read(&access.grant, args, async |mut tx: TenantTx, (wanted, page): ListArgs| Ok(store::list(&mut tx, &wanted, &page).await?));
    let (items, total) = found.await?;
    access.grant.look_at_listed(filter.patient_id, items.iter().map(|report| report.patient_id));
    Ok(Page::new(items, total, &page))
}

type UpdateArgs = (LabReportId, Option<String>, Option<bool>);

/// Changes the title of a report, and whether the patient sees it.
pub async fn update(access: &Access, id: LabReportId, update: LabReportUpdate) -> Result<LabReport> {
    let title = value("title", update.title)?;
    let released = value("released", update.released)?;
    access
        .app
        .db
        .write(&access.grant, (id, title, released), async |mut tx: TenantTx, (id, title, released): UpdateArgs| {
            let before = get_in(&mut tx, id).await?;
            check_version(tx.grant(), before.version)?;
            let after = before.updated(title, released, tx.now())?;
            store_change(&mut tx, after, "lab_report.updated").await
        })
        .await
}

fn value<T>(field: &str, patch: Patch<T>) -> Result<Option<T>> {
    match patch {
        Patch::Keep => Ok(None),
        Patch::Set(value) => Ok(Some(value)),
        Patch::Clear => Err(AppError::missing(field)),
    }
}

async fn store_change(tx: &mut TenantTx, after: LabReport, kind: &'static str) -> Result<LabReport> {
    if store::update(tx, &after).await? == 0 {
        return Err(AppError::Stale);
    }
    tx.audit(about(&after)).await?;
    tx.emit(events::report(kind, &after)).await?;
    Ok(after)
}

/// A doctor signs a report.
pub async fn sign(access: &Access, id: LabReportId) -> Result<LabReport> {
    access
        .app
        .db
        .write(&access.grant, id, async |mut tx: TenantTx, id: LabReportId| {
            let before = get_in(&mut tx, id).await?;
            check_version(tx.grant(), before.version)?;
            let by = tx.grant().user_id().filter(|_| tx.grant().role() == Some(Role::Doctor));
            let by = by.ok_or_else(|| AppError::forbidden("Only a doctor signs lab reports"))?;
            let after = before.signed(by, tx.now())?;
            store_change(&mut tx, after, "lab_report.signed").await
        })
        .await
}

/// Takes a report out of sight. Nothing is erased.
pub async fn delete(access: &Access, id: LabReportId) -> Result<()> {
    access
        .app
        .db
        .write(&access.grant, id, async |mut tx: TenantTx, id: LabReportId| {
            let report = get_in(&mut tx, id).await?;
            check_version(tx.grant(), report.version)?;
            if store::delete(&mut tx, id, report.version).await? == 0 {
                return Err(AppError::Stale);
            }
            tx.audit(about(&report)).await?;
            tx.emit(events::report("lab_report.deleted", &LabReport { version: report.version + 1, ..report })).await?;
            Ok(())
        })
        .await
}

/// The file of a report, to be handed out.
pub async fn file(access: &Access, id: LabReportId) -> Result<StoredFile> {
    let found = access.app.db.read(&access.grant, id, async |mut tx: TenantTx, id: LabReportId| {
        let report = get_in(&mut tx, id).await?;
        let file = files::find_in(&mut tx, report.file_id).await?;
        Ok((report, file))
    });
    let (report, file) = found.await?;
    access.grant.look(about(&report));
    Ok(file)
}

type AddArgs = (LabReportId, Vec<NewLabResult>);

/// Notes results of a report that no doctor has signed yet; all that it has then, or for who may not read charts those that they noted.
pub async fn add_results(access: &Access, id: LabReportId, results: Vec<NewLabResult>) -> Result<Vec<LabResult>> {
    model::check_results(&results, access.grant.at())?;
    access
        .app
        .db
        .create(&access.grant, (id, results), async |mut tx: TenantTx, (id, results): AddArgs| {
            let before = get_in(&mut tx, id).await?;
            before.require_unsigned()?;
            let known = store::count_of_report(&mut tx, id).await?;
            let count = known + i64::try_from(results.len()).unwrap_or(i64::MAX);
            if count > MOST_OF_REPORT {
                return Err(AppError::field("results", format!("results: a report has at most {MOST_OF_REPORT}")));
            }
            store::insert_results(&mut tx, before.patient_id, Some(id), &results, None).await?;
            let severity = before.severity.max(severity_of(&results));
            let after = LabReport { severity, updated_at: tx.now(), version: before.version + 1, ..before };
            store_change(&mut tx, after, "lab_report.updated").await?;
            let mut all = store::results_of_report(&mut tx, id).await?;
            let reads_charts = tx.grant().may(Permission::ChartRead);
            let hidden = if reads_charts { 0 } else { all.len().min(usize::try_from(known).unwrap_or(usize::MAX)) };
            Ok(all.split_off(hidden))
        })
        .await
}

type CreateArgs = (PatientId, NewPatientLabResults);

/// Notes results that came without a report.
pub async fn create_results(access: &Access, patient_id: PatientId, new: NewPatientLabResults) -> Result<Vec<LabResult>> {
    model::check_results(&new.results, access.grant.at())?;
    access
        .app
        .db
        .create(&access.grant, (patient_id, new), async |mut tx: TenantTx, (patient_id, new): CreateArgs| {
            patients::require(&mut tx, patient_id).await?;
            if new.released && !tx.grant().may(Permission::ChartWrite) {
                return Err(AppError::forbidden("Only who writes in charts shows results to a patient"));
            }
            let released_at = new.released.then(|| tx.now());
            store::insert_results(&mut tx, patient_id, None, &new.results, released_at).await?;
            tx.audit(TrailEntry { patient_id: Some(patient_id), resource: Some(("patient", patient_id.0)), details: None }).await?;
            tx.emit(events::results(patient_id, new.results.len(), new.released)).await?;
            Ok(store::last_results(&mut tx, patient_id, new.results.len()).await?)
        })
        .await
}

/// Takes a result that was noted by mistake out of sight; its report is as urgent as what is left. Nothing is erased.
pub async fn delete_result(access: &Access, id: LabResultId) -> Result<()> {
    access
        .app
        .db
        .write(&access.grant, id, async |mut tx: TenantTx, id: LabResultId| {
            check_unversioned(tx.grant())?;
            let (reads_charts, by) = (tx.grant().may(Permission::ChartRead), tx.grant().user_id());
            let found = store::find_result(&mut tx, id).await?.filter(|result| reads_charts || result.created_by == by);
            let result = found.ok_or(AppError::NotFound("Lab result"))?;
            let report = match result.lab_report_id {
                Some(report) => Some(get_in(&mut tx, report).await?),
                None => None,
            };
            report.as_ref().map_or(Ok(()), LabReport::require_unsigned)?;
            if store::delete_result(&mut tx, id).await? == 0 {
                return Err(AppError::NotFound("Lab result"));
            }
            tx.audit(TrailEntry { patient_id: Some(result.patient_id), resource: Some(("lab_result", id.0)), details: None }).await?;
            let Some(before) = report else {
                tx.emit(events::result_deleted(&result)).await?;
                return Ok(());
            };
            let left = store::results_of_report(&mut tx, before.lab_report_id).await?;
            let severity = left.iter().filter_map(|result| result.flag).map(Flag::severity).max().unwrap_or(0);
            let after = LabReport { severity, updated_at: tx.now(), version: before.version + 1, ..before };
            store_change(&mut tx, after, "lab_report.updated").await.map(drop)
        })
        .await
}

type ResultArgs = (PatientId, LabResultFilter, Option<String>, PageRequest<LabResultSort>);

/// One page of a chart's results.
pub async fn list_results(
    access: &Access,
    patient_id: PatientId,
    filter: LabResultFilter,
    search: Option<String>,
    page: PageRequest<LabResultSort>,
) -> Result<Page<LabResult>> {
    if filter.analyte.as_ref().is_some_and(|analyte| analyte.chars().count() > MOST_ANALYTE) {
        return Err(AppError::field("analyte", format!("analyte: at most {MOST_ANALYTE} characters")));
    }
    access.grant.look_at(patient_id);
    let args: ResultArgs = (patient_id, filter, search, page);
    let found = access.app.db.read(&access.grant, args, async |mut tx: TenantTx, (patient_id, filter, search, page): ResultArgs| {
        patients::require(&mut tx, patient_id).await?;
        let is_patient = tx.grant().role() == Some(Role::Patient);
        Ok(store::list_results(&mut tx, patient_id, &filter, search.as_deref(), is_patient, &page).await?)
    });
    let (items, total) = found.await?;
    Ok(Page::new(items, total, &page))
}

fn about(report: &LabReport) -> TrailEntry {
    TrailEntry { patient_id: Some(report.patient_id), resource: Some(("lab_report", report.lab_report_id.0)), details: None }
}
