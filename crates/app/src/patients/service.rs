//! What can be done with charts. Each function is one transaction.

use clinichub_api::check_version;
use clinichub_core::{AppError, Page, PageRequest, PatientId, Permission, Result, TrailEntry};
use clinichub_db::{Counter, TenantTx};

use super::api::{NewPatient, PatientSort, PatientSummary, PatientUpdate};
use super::identifiers::{FullPatient, Identifiers};
use super::model::{Patient, PatientBrief};
use super::{events, identifiers, search, store};
use crate::sealing::FieldKeys;
use crate::{App, billing, clinics, scheduling, visits};

type Access = clinichub_api::Access<App>;

/// What a list is made from: the page, the search, whether an order was asked for, the charts that may be seen.
type ListArgs = (PageRequest<PatientSort>, Option<String>, bool, Option<Vec<PatientId>>, FieldKeys);

/// Registers a patient.
pub async fn create(access: &Access, new: NewPatient) -> Result<FullPatient> {
    let number = access.app.db.number_for(&access.grant, Counter::Patient).await?;
    let args = (new.clone(), number, access.app.fields.clone());
    let chart = access
        .app
        .db
        .create(&access.grant, args, async |mut tx: TenantTx, (new, number, fields): (NewPatient, i64, FieldKeys)| {
            let chart = register(&mut tx, &fields, new, number).await?;
            tx.audit(about(chart.patient_id)).await?;
            tx.emit(events::created(chart.patient_id)).await?;
            Ok(chart)
        })
        .await?;
    // What a repeated request is answered with is kept in the clear, so the identifiers come from the request.
    Ok(FullPatient::seen_by(&access.grant, chart, Identifiers::of(&new)))
}

/// Registers a patient inside a transaction that does more; `number` becomes the chart number where none was given.
pub async fn register_in(tx: &mut TenantTx, fields: &FieldKeys, new: NewPatient, number: i64) -> Result<PatientId> {
    let chart = register(tx, fields, new, number).await?;
    tx.emit(events::created(chart.patient_id)).await?;
    Ok(chart.patient_id)
}

async fn register(tx: &mut TenantTx, fields: &FieldKeys, new: NewPatient, number: i64) -> Result<Patient> {
    let clinic = clinics::get_in(tx).await?;
    let identifiers = Identifiers::of(&new);
    let mut chart = Patient::register(new, format!("{}-P{number}", clinic.code), tx.grant().user_id(), tx.now());
    chart.check(&identifiers, tx.now().date_in(&clinic.zone()))?;
    chart.patient_id = store::insert(tx, &chart).await?;
    if identifiers != Identifiers::default() {
        identifiers::store_in(tx, fields, &[(chart.patient_id, identifiers)]).await?;
    }
    Ok(chart)
}

/// One chart.
pub async fn get(access: &Access, patient_id: PatientId) -> Result<FullPatient> {
    access.grant.look_at(patient_id);
    let args = (patient_id, access.app.fields.clone());
    let read = access
        .app
        .db
        .read(&access.grant, args, async |mut tx: TenantTx, (id, fields): (PatientId, FieldKeys)| get_full(&mut tx, &fields, id).await);
    let (chart, identifiers) = read.await?;
    Ok(FullPatient::seen_by(&access.grant, chart, identifiers))
}

async fn get_full(tx: &mut TenantTx, fields: &FieldKeys, patient_id: PatientId) -> Result<(Patient, Identifiers)> {
    let stored = if tx.grant().reaches(patient_id) { store::find_full(tx, patient_id).await? } else { None };
    let stored = stored.ok_or(AppError::NotFound("Patient"))?;
    let identifiers = identifiers::open(tx, fields, patient_id, stored.sealed).await?;
    Ok((stored.patient, identifiers))
}

/// The chart, if it is in this clinic and this grant reaches it.
pub async fn get_in(tx: &mut TenantTx, patient_id: PatientId) -> Result<Patient> {
    let chart = if tx.grant().reaches(patient_id) { store::find(tx, patient_id).await? } else { None };
    chart.ok_or(AppError::NotFound("Patient"))
}

/// Keeps others who lock this chart waiting until the transaction ends: for what is decided by the rest of the chart (whether a visit is
/// open, a drug is taken already, a problem is known). To be followed by reading what was read before.
pub async fn lock_in(tx: &mut TenantTx, patient_id: PatientId) -> Result<()> {
    Ok(store::lock(tx, patient_id).await?)
}

/// That the chart exists and may be seen, for slices that point at one.
pub async fn require(tx: &mut TenantTx, patient_id: PatientId) -> Result<PatientBrief> {
    let brief = if tx.grant().reaches(patient_id) { store::find_brief(tx, patient_id).await? } else { None };
    brief.ok_or(AppError::NotFound("Patient"))
}

/// Whether no chart of the clinic has this e-mail address.
pub async fn is_email_free(tx: &mut TenantTx, email: &str) -> Result<bool> {
    Ok(store::is_email_free(tx, &email.trim().to_lowercase()).await?)
}

/// The name on a chart that a row of this clinic points at, deleted or not.
pub async fn name_of(tx: &mut TenantTx, patient_id: PatientId) -> Result<PatientBrief> {
    store::find_name(tx, patient_id).await?.ok_or(AppError::NotFound("Patient"))
}

/// One page of the charts: all in order, or those that a search finds, the best match first unless an order was asked for.
pub async fn list(access: &Access, request: PageRequest<PatientSort>, search_for: Option<String>, sorted: bool) -> Result<Page<Patient>> {
    let only = access.grant.own_charts();
    let (items, total) = access
        .app
        .db
        .read(
            &access.grant,
            (request, search_for, sorted, only, access.app.fields.clone()),
            async |mut tx: TenantTx, (request, search_for, sorted, only, fields): ListArgs| {
                let terms = search_for.as_deref().map(search::terms);
                let marks = match (&search_for, &only) {
                    (Some(query), None) => identifiers::marks_searched(&mut tx, &fields, query).await?,
                    _ => None,
                };
                let found = match (terms.as_deref(), only) {
                    (None, only) => store::list(&mut tx, &request, only.as_deref()).await?,
                    (Some([]), _) => (Vec::new(), 0),
                    (Some(terms), Some(own)) => search_own(&mut tx, terms, &request, &own).await?,
                    (Some([term]), None) if !sorted && marks.is_none() => store::search_best(&mut tx, term, &request).await?,
                    (Some(terms), None) => store::search(&mut tx, terms, marks.as_ref(), &request).await?,
                };
                Ok(found)
            },
        )
        .await?;
    access.grant.look_at_many(items.iter().map(|chart| chart.patient_id));
    Ok(Page::new(items, total, &request))
}

/// A patient has few charts: what a search finds among them is sorted out here.
async fn search_own(
    tx: &mut TenantTx,
    terms: &[String],
    request: &PageRequest<PatientSort>,
    own: &[PatientId],
) -> Result<(Vec<Patient>, i64)> {
    let (charts, _) = store::list(tx, &PageRequest { page: 1, per_page: 100, ..*request }, Some(own)).await?;
    let found: Vec<Patient> = charts.into_iter().filter(|chart| search::is_found(chart, terms)).collect();
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let (skip, take) = (usize::try_from(request.offset()).unwrap_or(usize::MAX), usize::try_from(request.per_page).unwrap_or(0));
    Ok((found.into_iter().skip(skip).take(take).collect(), total))
}

/// Changes a chart; a patient may change the own contact details and nothing else.
pub async fn update(access: &Access, patient_id: PatientId, update: PatientUpdate) -> Result<FullPatient> {
    if access.grant.own_charts().is_some() {
        update.only_contact_details()?;
    }
    let args = (patient_id, update, access.app.fields.clone());
    let written = access.app.db.write(
        &access.grant,
        args,
        async |mut tx: TenantTx, (patient_id, update, fields): (PatientId, PatientUpdate, FieldKeys)| {
            update_in(&mut tx, &fields, patient_id, update).await
        },
    );
    let (chart, identifiers) = written.await?;
    Ok(FullPatient::seen_by(&access.grant, chart, identifiers))
}

async fn update_in(tx: &mut TenantTx, fields: &FieldKeys, patient_id: PatientId, update: PatientUpdate) -> Result<(Patient, Identifiers)> {
    let (before, known) = get_full(tx, fields, patient_id).await?;
    check_version(tx.grant(), before.version)?;
    let today = tx.now().date_in(&clinics::zone_in(tx).await?);
    let identifiers = known.clone().updated(&update);
    let after = before.updated(update, tx.now())?;
    after.check(&identifiers, today)?;
    if store::update(tx, &after).await? == 0 {
        return Err(AppError::Stale);
    }
    if identifiers != known {
        identifiers::store_in(tx, fields, &[(patient_id, identifiers.clone())]).await?;
    }
    tx.audit(about(patient_id)).await?;
    tx.emit(events::updated(patient_id, after.version)).await?;
    Ok((after, identifiers))
}

/// Takes a chart out of sight and gives back the times that were booked for it. Nothing is erased.
pub async fn delete(access: &Access, patient_id: PatientId) -> Result<()> {
    access
        .app
        .db
        .write(&access.grant, patient_id, async |mut tx: TenantTx, patient_id: PatientId| {
            let chart = get_in(&mut tx, patient_id).await?;
            check_version(tx.grant(), chart.version)?;
            // Whoever begins a visit holds its appointment, then the chart: in the other order the two would wait for each other.
            scheduling::cancel_all_of_patient(&mut tx, patient_id, "Patient deleted").await?;
            lock_in(&mut tx, patient_id).await?;
            visits::require_none_open_of_patient(&mut tx, patient_id).await?;
            let at = tx.now();
            if store::delete(&mut tx, patient_id, at).await? == 0 {
                return Err(AppError::NotFound("Patient"));
            }
            tx.audit(about(patient_id)).await?;
            tx.emit(events::deleted(patient_id, chart.version + 1)).await?;
            Ok(())
        })
        .await
}

/// What a receptionist sees at a glance.
pub async fn summary(access: &Access, patient_id: PatientId) -> Result<PatientSummary> {
    access.grant.look_at(patient_id);
    let args = (patient_id, access.app.fields.clone());
    access
        .app
        .db
        .read(&access.grant, args, async |mut tx: TenantTx, (patient_id, fields): (PatientId, FieldKeys)| {
            let (patient, identifiers) = get_full(&mut tx, &fields, patient_id).await?;
            let patient = FullPatient::seen_by(tx.grant(), patient, identifiers);
            let appointments = scheduling::brief_for_patient(&mut tx, patient_id).await?;
            let sees_bills = tx.grant().may(Permission::InvoiceRead);
            let unpaid = if sees_bills { billing::unpaid_of_patient(&mut tx, patient_id).await? } else { Vec::new() };
            Ok(PatientSummary { patient, appointments, unpaid })
        })
        .await
}

fn about(patient_id: PatientId) -> TrailEntry {
    TrailEntry { patient_id: Some(patient_id), resource: Some(("patient", patient_id.0)), details: None }
}
