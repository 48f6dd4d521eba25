//! What can be done with prescriptions. Each function is one transaction.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clinichub_api::check_version;
use clinichub_core::{
    AppError, Day, Grant, Page, PageRequest, PatientId, Permission, PrescriptionId, RecordId, Result, Role, TrailEntry, UserId,
};
use clinichub_db::{Counter, Event, TenantTx};
use jiff::ToSpan as _;
use serde_json::json;

use super::api::{PrescriptionFilter, PrescriptionSort};
use super::body::{Finalize, NewPrescription, PrescriptionUpdate};
use super::model::{self, Item, Prescription, PrescriptionStatus, Row, Warning};
use super::{store, warnings};
use crate::chart::{self, NewMedication};
use crate::usage::{self, Use};
use crate::{App, clinics, doctors, patients, visits};

type Access = clinichub_api::Access<App>;

/// One page of the prescriptions with their items; a patient sees the own ones that are signed.
pub async fn list(
    access: &Access,
    filter: PrescriptionFilter,
    search: Option<String>,
    page: PageRequest<PrescriptionSort>,
) -> Result<Page<Prescription>> {
    type Args = (PrescriptionFilter, Option<String>, PageRequest<PrescriptionSort>);
    let list = async |mut tx: TenantTx, (filter, search, page): Args| {
        let (only, zone) = (tx.grant().own_charts(), clinics::zone_in(&mut tx).await?);
        let (rows, total) = store::list(&mut tx, &filter, &zone, search.as_deref(), only.as_deref(), &page).await?;
        Ok(Page::new(with_items(&mut tx, rows).await?, total, &page))
    };
    let asked_for = filter.patient_id;
    let mut found = access.app.db.read(&access.grant, (filter, search, page), list).await?;
    access.grant.look_at_listed(asked_for, found.items.iter().map(|one| one.row.patient_id));
    for one in &mut found.items {
        one.unprintable = access.app.press.lacking(&one.words()).await;
    }
    Ok(found)
}

/// With the letters that its document can't show.
async fn looked_over(access: &Access, found: Prescription) -> Prescription {
    let unprintable = access.app.press.lacking(&found.words()).await;
    Prescription { unprintable, ..found }
}

/// The rows with their items, in one statement for all.
async fn with_items(tx: &mut TenantTx, rows: Vec<Row>) -> Result<Vec<Prescription>> {
    let mut lines = store::items_of(tx, rows.iter().map(|row| row.prescription_id)).await?;
    let whole = rows.into_iter().map(|row| seen_by(tx.grant(), row)).map(|row| {
        let items = lines.extract_if(.., |line| line.of == row.prescription_id).map(|line| line.item).collect();
        Prescription { row, items, warnings: Vec::new(), unprintable: None }
    });
    Ok(whole.collect())
}

/// A patient does not see with what reason a warning was passed over: it is written for colleagues.
fn seen_by(grant: &Grant, row: Row) -> Row {
    if grant.role() == Some(Role::Patient) { Row { reason: None, ..row } } else { row }
}

/// One prescription with what speaks against it: now, or when it was signed.
pub async fn get(access: &Access, id: PrescriptionId) -> Result<Prescription> {
    let found = access
        .app
        .db
        .read(&access.grant, id, async |mut tx: TenantTx, id: PrescriptionId| {
            let found = reached(&mut tx, id).await?;
            warned(&mut tx, found).await
        })
        .await?;
    Ok(looked_over(access, found).await)
}

/// The prescription, if it is in this clinic and this grant reaches it. A patient reaches what is signed.
pub(super) async fn reached(tx: &mut TenantTx, id: PrescriptionId) -> Result<Prescription> {
    let is_patient = tx.grant().role() == Some(Role::Patient);
    let row = store::find(tx, id)
        .await?
        .filter(|row| tx.grant().reaches(row.patient_id) && !(is_patient && row.status == PrescriptionStatus::Draft));
    let row = seen_by(tx.grant(), row.ok_or(AppError::NotFound("Prescription"))?);
    tx.grant().look(about(&row));
    let items = store::items_of(tx, [id]).await?.into_iter().map(|line| line.item).collect();
    Ok(Prescription { row, items, warnings: Vec::new(), unprintable: None })
}

async fn warned(tx: &mut TenantTx, prescription: Prescription) -> Result<Prescription> {
    let warnings = match prescription.row.status {
        PrescriptionStatus::Draft => warnings_of(tx, &prescription.row, &prescription.items).await?,
        _ => stored_warnings(tx, prescription.row.prescription_id).await?,
    };
    Ok(Prescription { warnings, ..prescription })
}

async fn stored_warnings(tx: &mut TenantTx, id: PrescriptionId) -> Result<Vec<Warning>> {
    let stored = store::warnings_of(tx, id).await?;
    stored.map_or(Ok(Vec::new()), |json| serde_json::from_str(&json).map_err(AppError::internal))
}

async fn warnings_of(tx: &mut TenantTx, row: &Row, items: &[Item]) -> Result<Vec<Warning>> {
    let replaced = match row.supersedes_id {
        Some(before) => records_of(tx, before).await?,
        None => Vec::new(),
    };
    let today = today(tx).await?;
    warnings::of(tx, row.patient_id, items, &replaced, today).await
}

/// The entries of the chart that finalizing it made.
async fn records_of(tx: &mut TenantTx, id: PrescriptionId) -> Result<Vec<RecordId>> {
    let lines = store::items_of(tx, [id]).await?;
    Ok(lines.into_iter().filter_map(|line| line.item.record_id).collect())
}

/// The date in the clinic.
async fn today(tx: &mut TenantTx) -> Result<Day> {
    Ok(Day(tx.now().date_in(&clinics::zone_in(tx).await?)))
}

/// Writes a draft.
pub async fn create(access: &Access, new: NewPrescription) -> Result<Prescription> {
    let number = access.app.db.number_for(&access.grant, Counter::Prescription).await?;
    let made = access
        .app
        .db
        .create(&access.grant, (new, number), async |mut tx: TenantTx, (new, number): (NewPrescription, i64)| {
            let id = create_in(&mut tx, new, number).await?;
            changed(&mut tx, id).await
        })
        .await?;
    Ok(looked_over(access, made).await)
}

async fn create_in(tx: &mut TenantTx, mut new: NewPrescription, number: i64) -> Result<PrescriptionId> {
    let clinic = clinics::get_in(tx).await?;
    let (note, items) = new.content(clinic.currency)?;
    if let Some(visit) = new.visit_id {
        visits::lock_chart_in(tx, visit).await?;
    } else if let Some(patient) = new.patient_id {
        patients::lock_in(tx, patient).await?;
    }
    let (patient_id, usual_doctor) = whose(tx, &new).await?;
    let doctor_user_id = signer(tx, new.doctor_id.or(usual_doctor)).await?;
    let reference = format!("{}-R{number}", clinic.code);
    let draft = store::New {
        reference: &reference,
        patient_id,
        visit_id: new.visit_id,
        doctor_user_id,
        note: note.as_deref(),
        currency: clinic.currency,
        supersedes_id: None,
    };
    let id = store::insert(tx, &draft).await?;
    store::insert_items(tx, id, &items).await?;
    Ok(id)
}

/// The patient, and the doctor where the visit names one.
async fn whose(tx: &mut TenantTx, new: &NewPrescription) -> Result<(PatientId, Option<UserId>)> {
    let Some(visit) = new.visit_id else {
        let patient = new.patient_id.ok_or_else(|| AppError::missing("patient_id"))?;
        return Ok((patients::require(tx, patient).await?.patient_id, None));
    };
    let visit = visits::get_brief(tx, visit).await?;
    patients::require(tx, visit.patient_id).await?;
    if new.patient_id.is_some_and(|named| named != visit.patient_id) {
        return Err(AppError::field("patient_id", "The visit is another patient's"));
    }
    Ok((visit.patient_id, Some(visit.provider_user_id)))
}

/// Who is to sign: the one who was named, or the one who asks. A doctor prescribes in the own name only.
async fn signer(tx: &mut TenantTx, named: Option<UserId>) -> Result<UserId> {
    let asking = tx.grant().user_id();
    let doctor = named.or(asking).ok_or_else(|| AppError::missing("doctor_id"))?;
    let provider = doctors::require_provider(tx, doctor).await?;
    if tx.grant().role() == Some(Role::Doctor) && asking != Some(provider.user_id) {
        return Err(AppError::forbidden("A doctor prescribes in the own name only"));
    }
    Ok(provider.user_id)
}

/// Changes a draft.
pub async fn update(access: &Access, id: PrescriptionId, update: PrescriptionUpdate) -> Result<Prescription> {
    let updated = access
        .app
        .db
        .write(&access.grant, (id, update), async |mut tx: TenantTx, (id, update): (PrescriptionId, PrescriptionUpdate)| {
            let before = draft(&mut tx, id).await?;
            let (version, currency) = (before.row.version, before.row.currency);
            let (note, items) = update.apply(before.row.note, before.items, currency)?;
            if store::update(&mut tx, id, version, note.as_deref()).await? == 0 {
                return Err(AppError::Stale);
            }
            rewrite(&mut tx, id, &items).await?;
            changed(&mut tx, id).await
        })
        .await?;
    Ok(looked_over(access, updated).await)
}

async fn rewrite(tx: &mut TenantTx, id: PrescriptionId, items: &[Item]) -> Result<()> {
    store::delete_items(tx, id).await?;
    Ok(store::insert_items(tx, id, items).await?)
}

/// The draft of the doctor who asks, in the version they know.
async fn draft(tx: &mut TenantTx, id: PrescriptionId) -> Result<Prescription> {
    let found = reached(tx, id).await?;
    require_own(tx, &found.row)?;
    check_version(tx.grant(), found.row.version)?;
    found.row.require_draft()?;
    Ok(found)
}

fn require_own(tx: &TenantTx, row: &Row) -> Result<()> {
    let is_colleagues = tx.grant().role() == Some(Role::Doctor) && tx.grant().user_id() != Some(row.doctor_user_id);
    if is_colleagues { Err(AppError::forbidden("This prescription is another doctor's")) } else { Ok(()) }
}

/// Takes a draft out of sight.
pub async fn delete(access: &Access, id: PrescriptionId) -> Result<()> {
    access
        .app
        .db
        .write(&access.grant, id, async |mut tx: TenantTx, id: PrescriptionId| {
            let found = draft(&mut tx, id).await?;
            if store::delete(&mut tx, id, found.row.version).await? == 0 {
                return Err(AppError::Stale);
            }
            Ok(tx.audit(about(&found.row)).await?)
        })
        .await
}

/// Signs a draft: it never changes again, and the chart says what the patient takes now.
pub async fn finalize(access: &Access, id: PrescriptionId, how: Finalize) -> Result<Prescription> {
    let token = URL_SAFE_NO_PAD.encode(access.app.entropy.bytes::<16>());
    let args = (id, how.tidy()?, token);
    let signed = access
        .app
        .db
        .write(&access.grant, args, async |mut tx: TenantTx, (id, how, token): (PrescriptionId, Finalize, String)| {
            // Of two prescriptions of one drug the second is warned of the first.
            store::lock_chart(&mut tx, id).await?;
            let found = draft(&mut tx, id).await?;
            require_signer(&tx, &found.row)?;
            sign(&mut tx, found, &how, &token).await?;
            let signed = changed(&mut tx, id).await?;
            tx.emit(finalized(&signed.row)).await?;
            Ok(signed)
        })
        .await?;
    Ok(looked_over(access, signed).await)
}

/// Nobody signs for somebody else, whatever else they may do.
fn require_signer(tx: &TenantTx, row: &Row) -> Result<()> {
    match tx.grant().user_id() {
        Some(user) if user != row.doctor_user_id => Err(AppError::forbidden("Only its doctor can finalize a prescription")),
        _ => Ok(()),
    }
}

async fn sign(tx: &mut TenantTx, Prescription { row, items, .. }: Prescription, how: &Finalize, token: &str) -> Result<()> {
    model::require_complete(&items)?;
    let warnings = warnings_of(tx, &row, &items).await?;
    model::require_acknowledged(&warnings, how.acknowledge_warnings, how.reason.as_deref())?;
    let written = serde_json::to_string(&warnings).map_err(AppError::internal)?;
    let acknowledged = how.reason.as_deref().filter(|_| !warnings.is_empty()).map(|reason| (written.as_str(), reason));
    if store::finalize(tx, row.prescription_id, row.version, token, acknowledged).await? == 0 {
        return Err(AppError::Stale);
    }
    match row.supersedes_id {
        Some(before) => supersede(tx, before, row.patient_id).await?,
        None => usage::record(tx, Use::Prescription(row.prescription_id)).await?,
    }
    let today = today(tx).await?;
    let medications = items.iter().map(|item| medication(item, today)).collect();
    let details = format!("Prescription {}", row.reference);
    let records = chart::add_medications(tx, row.patient_id, row.visit_id, &details, medications).await?;
    if records.len() != items.len() {
        return Err(AppError::internal("the chart has not as many entries as the prescription has items"));
    }
    let taken: Vec<Item> = items.into_iter().zip(records).map(|(item, id)| Item { record_id: Some(id), ..item }).collect();
    rewrite(tx, row.prescription_id, &taken).await
}

/// What the chart says of an item from today on.
fn medication(item: &Item, today: Day) -> NewMedication {
    let last = item.duration_days.and_then(|days| today.0.checked_add((days - 1).days()).ok());
    NewMedication {
        name: item.title(),
        dose: item.dose_text(),
        route: item.route.clone(),
        frequency: item.frequency_text(),
        started_on: Some(today),
        ended_on: last.map(Day),
    }
}

/// Takes the place of a signed one: it stays, and what it gave ends.
async fn supersede(tx: &mut TenantTx, before: PrescriptionId, patient: PatientId) -> Result<()> {
    if store::supersede(tx, before).await? == 0 {
        return Err(AppError::conflict("The prescription that this one corrects was superseded already"));
    }
    let records = records_of(tx, before).await?;
    chart::stop_medications(tx, patient, records).await
}

/// Writes the draft of a correction, with all that the signed one says.
pub async fn correct(access: &Access, id: PrescriptionId) -> Result<Prescription> {
    let number = access.app.db.number_for(&access.grant, Counter::Prescription).await?;
    let made = access
        .app
        .db
        .create(&access.grant, (id, number), async |mut tx: TenantTx, (id, number): (PrescriptionId, i64)| {
            let before = reached(&mut tx, id).await?;
            require_own(&tx, &before.row)?;
            before.row.require_finalized()?;
            let correction = correct_in(&mut tx, &before, number).await?;
            changed(&mut tx, correction).await
        })
        .await?;
    Ok(looked_over(access, made).await)
}

async fn correct_in(tx: &mut TenantTx, Prescription { row, items, .. }: &Prescription, number: i64) -> Result<PrescriptionId> {
    let reference = format!("{}-R{number}", clinics::get_in(tx).await?.code);
    let draft = store::New {
        reference: &reference,
        patient_id: row.patient_id,
        visit_id: row.visit_id,
        doctor_user_id: row.doctor_user_id,
        note: row.note.as_deref(),
        currency: row.currency,
        supersedes_id: Some(row.prescription_id),
    };
    let id = store::insert(tx, &draft).await?;
    let items: Vec<Item> = items.iter().map(|item| Item { record_id: None, ..item.clone() }).collect();
    store::insert_items(tx, id, &items).await?;
    Ok(id)
}

/// The prescription as it is after a change, with the change's audit row.
async fn changed(tx: &mut TenantTx, id: PrescriptionId) -> Result<Prescription> {
    let found = reached(tx, id).await?;
    tx.audit(about(&found.row)).await?;
    warned(tx, found).await
}

fn about(row: &Row) -> TrailEntry {
    TrailEntry {
        patient_id: Some(row.patient_id),
        resource: Some(("prescription", row.prescription_id.0)),
        details: Some(json!({ "status": row.status }).to_string()),
    }
}

fn finalized(row: &Row) -> Event {
    Event {
        kind: "prescription.finalized",
        resource: ("prescription", row.prescription_id.0),
        needs: Permission::ChartRead,
        patient_id: Some(row.patient_id),
        payload: json!({ "reference": row.reference, "visit_id": row.visit_id }),
    }
}
